"""`mnist-lab run` beside the same Keras calls in a bare script, in turn."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.command import make_parser, measure
from mnist_lab.arrays import DataError
from mnist_lab.cli.arguments import positive
from mnist_lab.data import load_mnist
from mnist_lab.progress import Progress

COURSE_PROGRAM = Path(__file__).with_name("course_program.py")


def bench_run(*, data: str | None, epochs: int, rounds: int, progress: Progress) -> dict[str, Any]:
    """Time `mnist-lab run` and the same Keras calls in a bare script, in turn.

    Whole processes, from start to exit, the report included.

    Parameters
    ----------
    data : str or None
        As for `mnist.load_mnist`; both read the same files.
    epochs, rounds : int
        Epochs of training in each; pairs to run.
    progress : Progress
        Takes each line of what was measured.

    Returns
    -------
    dict
        Seconds of every run, the medians, median and range of the ratios pair by pair, and both
        accuracies: the same calls from the same seed give the same.
    """
    train, _ = load_mnist(data)
    assert train.provenance
    place = train.provenance.place
    if not Path(place).is_dir():
        raise DataError("benchmarks.run needs a folder of MNIST files: mnist-lab data --download")
    progress.say(f"{rounds} rounds, each as long as two trainings ...")
    ours: list[float] = []
    bare: list[float] = []
    ratios: list[float] = []
    for number in range(1, rounds + 1):
        with tempfile.TemporaryDirectory() as out:
            here = [sys.executable, "-m", "mnist_lab", "run", "--json", "--data", place]
            here += ["--validate-on-test"]  # as the bare script does
            seconds, text = _time([*here, "--epochs", str(epochs), "--out", out])
            accuracy = json.loads(text)["test_accuracy"]
            other = [sys.executable, str(COURSE_PROGRAM), place, str(epochs), out]
            bare_seconds, text = _time(other)
        bare_accuracy = float(text.split()[-1])
        ours.append(seconds)
        bare.append(bare_seconds)
        ratios.append(seconds / bare_seconds)
        progress.say(
            f"round {number}/{rounds}  mnist-lab run {seconds:.1f} s ({accuracy:.2%})  "
            f"bare script {bare_seconds:.1f} s ({bare_accuracy:.2%})  ratio {ratios[-1]:.3f}"
        )
    found = {
        "accuracy": accuracy,
        "bare_accuracy": bare_accuracy,
        "seconds": ours,
        "bare_seconds": bare,
        "median_seconds": statistics.median(ours),
        "median_bare_seconds": statistics.median(bare),
        "ratio": statistics.median(ratios),
        "lowest_ratio": min(ratios),
        "highest_ratio": max(ratios),
    }
    progress.say(
        f"mnist-lab run takes {found['ratio']:.3f} times as long as the bare script (median)"
    )
    return found


def _time(command: list[str]) -> tuple[float, str]:
    start = time.perf_counter()
    done = subprocess.run(
        command,
        capture_output=True,
        check=False,
        encoding="utf-8",
        env={**os.environ, "NO_COLOR": "1", "PYTHONIOENCODING": "utf-8"},
    )
    seconds = time.perf_counter() - start
    if done.returncode:
        raise DataError(f"{' '.join(command[:4])} ... failed:\n{done.stderr[-2000:]}")
    return seconds, done.stdout


def main() -> None:
    """Measure, from the command line."""
    parser = make_parser(
        "run", "Time mnist-lab run beside its Keras calls in a bare script.", data=True
    )
    parser.add_argument("--epochs", type=positive, default=5, metavar="N", help="default: 5")
    parser.add_argument("--rounds", type=positive, default=3, metavar="N", help="pairs; default: 3")
    args = parser.parse_args()
    measure(bench_run, args, data=args.data, epochs=args.epochs, rounds=args.rounds)


if __name__ == "__main__":
    main()
