"""The recipes beside the course's program as it stands: time in training, and accuracy."""

import importlib.util
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from mnist_lab.arrays import DataError, Split
from mnist_lab.evaluate import accuracy
from mnist_lab.mnist import load_mnist

RECORD_PROGRAM = Path(__file__).with_name("record_program.py")
DETERMINISM_PROGRAM = Path(__file__).with_name("determinism_program.py")
LONG = 10  # times as many epochs
ASKED = 1000  # times for one digit, and digits at once


def bench_train(
    *, data: str | None, seeds: int, long: bool, say: Callable[[str], None]
) -> dict[str, Any]:
    """Train by each recipe in turn, for each seed, and measure on the test part at the end.

    Only time in training counts, what TensorFlow does to compile included. Where PyTorch is
    installed, a public record in one epoch is trained beside them.

    Parameters
    ----------
    data : str or None
        As for `mnist.load_mnist`.
    seeds : int
        Trainings of each, from seeds 0, 1, ...
    long : bool
        Whether to train the strong network ten times as long, too (once).
    say : callable
        Takes each line of what was measured.

    Returns
    -------
    dict
        For each way of training its seconds, its accuracies (0 to 1) and the median of its
        time divided by the course's of the same round; how long answers take; and what
        determinism costs.
    """
    from mnist_lab import network

    train, test = load_mnist(data, say=say)
    ways: dict[str, Callable[[int], Any]] = {
        "course": lambda seed: _course_program(train, test, seed),
        "fast": lambda seed: network.RECIPES["fast"].fit(train, seed=seed),
        "strong": lambda seed: network.RECIPES["strong"].fit(train, seed=seed),
    }
    found: dict[str, Any] = {way: {"seconds": [], "accuracy": []} for way in ways}
    torch = importlib.util.find_spec("torch") is not None and train.provenance
    if torch:
        found["record"] = {"seconds": [], "accuracy": []}
    else:
        say("PyTorch is not installed: the public record is not trained beside the recipes")

    def note(way: str, seed: int, seconds: float, right: float) -> None:
        found[way]["seconds"].append(seconds)
        found[way]["accuracy"].append(right)
        say(f"{way:<7} seed {seed}: {seconds:6.1f} s, accuracy {right:.2%}")

    for seed in range(seeds):
        for way, learn in ways.items():
            start = time.perf_counter()
            model = learn(seed)
            seconds = time.perf_counter() - start
            answers = network.predict_probabilities(model, test.images)
            note(way, seed, seconds, accuracy(test.labels, answers))
        if torch:
            assert train.provenance
            note("record", seed, *_record(train.provenance.place, seed))
    for way, each in found.items():
        pairs = zip(each["seconds"], found["course"]["seconds"], strict=True)
        each["ratio"] = statistics.median(one / course for one, course in pairs)
        each["mean_accuracy"] = statistics.mean(each["accuracy"])
        say(
            f"{way:<7} {statistics.median(each['seconds']):6.1f} s (median), "
            f"{each['ratio']:.3f} of the course's time, accuracy {each['mean_accuracy']:.2%} "
            f"({min(each['accuracy']):.2%} to {max(each['accuracy']):.2%}, {seeds} seeds)"
        )
    if long:
        strong = network.RECIPES["strong"]
        start = time.perf_counter()
        model = strong.fit(train, seed=0, epochs=LONG * strong.epochs)
        seconds = time.perf_counter() - start
        right = accuracy(test.labels, network.predict_probabilities(model, test.images))
        found["strong_long"] = {"seconds": seconds, "accuracy": right}
        say(f"strong, {LONG} times as many epochs: {seconds:.1f} s, accuracy {right:.2%}")
    found["answers"] = _answers(model, test, say)
    if train.provenance:
        found["determinism"] = _determinism(train.provenance.place, say)
    return found


def _course_program(train: Split, test: Split, seed: int) -> Any:
    """The course's Keras calls, as they stand in its program."""
    from mnist_lab import network

    network.set_seed(seed)
    model = network.course_cnn()
    model.compile(optimizer="adam", loss="categorical_crossentropy", metrics=["accuracy"])
    model.fit(
        network.to_batch(train.images),
        network.one_hot(train.labels),
        epochs=5,
        batch_size=64,
        validation_data=(network.to_batch(test.images), network.one_hot(test.labels)),
        verbose=0,
    )
    return model


def _record(place: str, seed: int) -> tuple[float, float]:
    seconds, right = _printed(str(RECORD_PROGRAM), place, str(seed))
    return float(seconds), float(right)


def _determinism(place: str, say: Callable[[str], None]) -> dict[str, float]:
    """What it costs that the same seed gives the same network: ratios of time, by recipe."""
    found = {}
    for recipe in ("course", "fast"):
        ratios = []
        for _ in range(3):
            on, off = (
                float(_printed(str(DETERMINISM_PROGRAM), recipe, how, place)[0])
                for how in ("on", "off")
            )
            ratios.append(on / off)
        found[recipe] = statistics.median(ratios)
        say(f"determinism, {recipe}: {found[recipe]:.2f} times as long as without (of 3 pairs)")
    return found


def _printed(*program: str) -> list[str]:
    """Run Python in a process of its own, and give the words it prints."""
    done = subprocess.run(
        [sys.executable, *program], capture_output=True, check=False, encoding="utf-8"
    )
    if done.returncode:
        raise DataError(f"{program[0]} failed:\n{done.stderr[-2000:]}")
    return done.stdout.split()


def _answers(model: Any, test: Split, say: Callable[[str], None]) -> dict[str, float]:
    """How long the network takes for one digit, and for all beside a bare forward pass."""
    from mnist_lab import network

    one = [
        _time(lambda: network.predict_probabilities(model, test.images[:1])) for _ in range(ASKED)
    ]
    bare = network.bare_forward(model)
    batch = network.to_batch(test.images)
    pairs = [
        (
            _time(lambda: network.predict_probabilities(model, test.images)),
            _time(lambda: bare(batch)),
        )
        for _ in range(7)
    ][1:]
    found = {
        "one_digit_ms": 1000 * statistics.median(one),
        "many_ratio": statistics.median(ours / plain for ours, plain in pairs),
    }
    say(
        f"one digit: {found['one_digit_ms']:.2f} ms (median of {ASKED:,}); {len(batch):,} digits: "
        f"{found['many_ratio']:.2f} times a bare compiled forward pass"
    )
    return found


def _time(do: Callable[[], Any]) -> float:
    start = time.perf_counter()
    np.asarray(do())
    return time.perf_counter() - start
