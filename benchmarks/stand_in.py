"""The stand-in: how many of its labels are wrong, and what networks learn from it alone."""

import statistics
import time
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from benchmarks.command import make_parser, measure
from mnist_lab import synth
from mnist_lab.arrays import DataError, Split
from mnist_lab.data import load_mnist
from mnist_lab.evaluate import accuracy
from mnist_lab.progress import Progress

SEEDS = 0, 1, 2
MANY = 240_000
CERTAIN = 0.95  # above which a network that names another digit contradicts a label


def bench_stand_in(*, data: str | None, progress: Progress) -> dict[str, Any]:
    """Train on digits written by the program, and on nothing else; read real MNIST's test part.

    Each network reads the stand-in's own test part, too. The pretrained network, which has learnt
    from MNIST, says how many labels are wrong: nothing else is done with its answers.

    Parameters
    ----------
    data : str or None
        Where real MNIST is; as for `mnist.load_mnist`.
    progress : Progress
        Takes each line of what was measured.

    Returns
    -------
    dict
        Accuracies on MNIST's test part and (``_own``) on the stand-in's, 0 to 1; the shares of
        labels that the pretrained network contradicts; and seconds of writing.

    Raises
    ------
    DataError
        The data is not the real MNIST.
    """
    from mnist_lab.network import RECIPES, predict_probabilities

    real, test = load_mnist(data, progress=progress)
    if not (real.provenance and real.provenance.verified):
        raise DataError("benchmarks.stand_in measures on real MNIST: mnist-lab data --download")
    found: dict[str, Any] = {}
    start, start_cpu = time.perf_counter(), time.process_time()
    written, own = synth.make_split()
    found["seconds_for_70_000"] = time.perf_counter() - start
    found["cpu_seconds_for_70_000"] = time.process_time() - start_cpu
    progress.say(
        f"70,000 digits written in {found['seconds_for_70_000']:.1f} s "
        f"({found['cpu_seconds_for_70_000']:.1f} s of processor time, all cores together)"
    )
    for key, what, parts in (
        ("contradicted", "the stand-in's 70,000", (written, own)),
        ("mnist_contradicted", "MNIST's test part", (test,)),
    ):
        found[key] = _contradicted(parts)
        progress.say(f"labels that the pretrained network contradicts, of {what}: {found[key]:.2%}")
    many, _ = synth.make_split(MANY, 10, seed=1)
    fast, course = RECIPES["fast"], RECIPES["course"]
    distorted = replace(fast, augment_strength=0.5)
    for key, what, train, recipe, epochs, seeds in (
        ("fast", "the fast network, 4 epochs", written, fast, 4, SEEDS),
        ("course", "the course network, 5 epochs as it stands", written, course, 5, SEEDS),
        ("many", f"the fast network on {MANY:,} digits, distorted", many, distorted, 6, SEEDS[:1]),
    ):
        found[key], found[f"{key}_own"] = [], []
        for seed in seeds:
            model = recipe.fit(train, seed=seed, epochs=epochs)
            for name, part in ((key, test), (f"{key}_own", own)):
                answers = predict_probabilities(model, part.images)
                found[name].append(accuracy(part.labels, answers))
            both = f"{found[key][-1]:.2%}, of the stand-in's {found[f'{key}_own'][-1]:.2%}"
            progress.say(f"{what}, seed {seed}: {both}")
        for name in (key, f"{key}_own"):
            found[f"{name}_mean"] = statistics.mean(found[name])
        if len(seeds) > 1:
            means = f"{found[f'{key}_mean']:.2%}, of the stand-in's {found[f'{key}_own_mean']:.2%}"
            progress.say(f"{what}: {means}, the mean of {len(seeds)}")
    return found


def _contradicted(parts: Iterable[Split]) -> float:
    """The share of digits that the pretrained network takes for another, and is certain."""
    from mnist_lab.network import predict_probabilities

    wrong = []
    for part in parts:
        answers = predict_probabilities(None, part.images)
        wrong.append((answers.argmax(axis=1) != part.labels) & (answers.max(axis=1) > CERTAIN))
    return float(np.concatenate(wrong).mean())


def main() -> None:
    """Measure, from the command line."""
    parser = make_parser(
        "stand_in",
        "Check the written digits, and train on them alone to read MNIST.",
        data=True,
    )
    args = parser.parse_args()
    measure(bench_stand_in, args, data=args.data)


if __name__ == "__main__":
    main()
