"""What networks trained on written digits alone make of the real MNIST test part."""

import statistics
import time
from collections.abc import Callable
from typing import Any

from mnist_lab import handwriting
from mnist_lab.arrays import DataError, Split
from mnist_lab.evaluate import accuracy
from mnist_lab.mnist import load_mnist

SEEDS = 0, 1, 2
FAST_EPOCHS = 4
SMOOTHING = 0.1
MANY = 240_000


def bench_stand_in(*, data: str | None, say: Callable[[str], None]) -> dict[str, Any]:
    """Train on digits written by the program, and on nothing else; read real MNIST's test part.

    Parameters
    ----------
    data : str or None
        Where real MNIST is; as for `mnist.load_mnist`.
    say : callable
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
    real, test = load_mnist(data, say=say)
    if not (real.provenance and real.provenance.verified):
        raise DataError("bench stand-in measures on real MNIST: mnist-lab data --download")
    found: dict[str, Any] = {}
    start, start_cpu = time.perf_counter(), time.process_time()
    written, _ = handwriting.make_split()
    found["seconds_for_70_000"] = time.perf_counter() - start
    found["cpu_seconds_for_70_000"] = time.process_time() - start_cpu
    say(
        f"70,000 digits written in {found['seconds_for_70_000']:.1f} s "
        f"({found['cpu_seconds_for_70_000']:.1f} s of processor time, all cores together)"
    )
    many, _ = handwriting.make_split(MANY, 10, seed=1)
    for key, what, train, learn, seeds in (
        ("fast", f"the fast network, {FAST_EPOCHS} epochs", written, _fast, SEEDS),
        ("course", "the course network, 5 epochs as it stands", written, _course, SEEDS),
        ("fast_240_000", f"the fast network on {MANY:,} digits", many, _fast, SEEDS[:1]),
    ):
        found[key] = []
        for seed in seeds:
            found[key].append(learn(train, test, seed))
            say(f"{what}, seed {seed}: {found[key][-1]:.2%}")
        found[f"{key}_mean"] = statistics.mean(found[key])
        say(f"{what}: {found[f'{key}_mean']:.2%}, the mean of {len(seeds)}")
    return found


def _fast(train: Split, test: Split, seed: int) -> float:
    from mnist_lab import network

    network.set_seed(seed)
    steps = -(-len(train) // 128) * FAST_EPOCHS
    model = network.compile_fast(network.fast_cnn(), steps=steps, label_smoothing=SMOOTHING)
    network.fit(model, train, epochs=FAST_EPOCHS, batch_size=128)
    return accuracy(test.labels, network.predict_probabilities(model, test.images))


def _course(train: Split, test: Split, seed: int) -> float:
    from mnist_lab import network

    network.set_seed(seed)
    model = network.course_cnn()
    network.fit(model, train)
    return accuracy(test.labels, network.predict_probabilities(model, test.images))
