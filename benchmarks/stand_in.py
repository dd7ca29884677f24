"""What networks trained on written digits alone make of the real MNIST test part."""

import statistics
import time
from dataclasses import replace
from typing import Any

from benchmarks.command import make_parser, measure
from mnist_lab import synth
from mnist_lab.arrays import DataError
from mnist_lab.data import load_mnist
from mnist_lab.evaluate import accuracy
from mnist_lab.progress import Progress

SEEDS = 0, 1, 2
MANY = 240_000


def bench_stand_in(*, data: str | None, progress: Progress) -> dict[str, Any]:
    """Train on digits written by the program, and on nothing else; read real MNIST's test part.

    Parameters
    ----------
    data : str or None
        Where real MNIST is; as for `mnist.load_mnist`.
    progress : Progress
        Takes each line of what was measured.

    Returns
    -------
    dict
        Accuracies on MNIST's test part, 0 to 1, and seconds of writing.

    Raises
    ------
    DataError
        The data is not the real MNIST.
    """
    from mnist_lab.network import RECIPES, predict_probabilities

    real, test = load_mnist(data)
    if not (real.provenance and real.provenance.verified):
        raise DataError("benchmarks.stand_in measures on real MNIST: mnist-lab data --download")
    found: dict[str, Any] = {}
    start, start_cpu = time.perf_counter(), time.process_time()
    written, _ = synth.make_split()
    found["seconds_for_70_000"] = time.perf_counter() - start
    found["cpu_seconds_for_70_000"] = time.process_time() - start_cpu
    progress.say(
        f"70,000 digits written in {found['seconds_for_70_000']:.1f} s "
        f"({found['cpu_seconds_for_70_000']:.1f} s of processor time, all cores together)"
    )
    many, _ = synth.make_split(MANY, 10, seed=1)
    fast, course = RECIPES["fast"], RECIPES["course"]
    distorted = replace(fast, augment_strength=0.5)
    for key, what, train, recipe, epochs, seeds in (
        ("fast", "the fast network, 4 epochs", written, fast, 4, SEEDS),
        ("course", "the course network, 5 epochs as it stands", written, course, 5, SEEDS),
        ("many", f"the fast network on {MANY:,} digits, distorted", many, distorted, 6, SEEDS[:1]),
    ):
        found[key] = []
        for seed in seeds:
            model = recipe.fit(train, seed=seed, epochs=epochs)
            answers = predict_probabilities(model, test.images)
            found[key].append(accuracy(test.labels, answers))
            progress.say(f"{what}, seed {seed}: {found[key][-1]:.2%}")
        found[f"{key}_mean"] = statistics.mean(found[key])
        if len(seeds) > 1:
            progress.say(f"{what}: {found[f'{key}_mean']:.2%}, the mean of {len(seeds)}")
    return found


def main() -> None:
    """Measure, from the command line."""
    parser = make_parser(
        "stand_in", "Read real MNIST after training on written digits alone.", data=True
    )
    args = parser.parse_args()
    measure(bench_stand_in, args, data=args.data)


if __name__ == "__main__":
    main()
