"""The recipes beside the course's program as it stands: time in training, and accuracy."""

import importlib.util
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.command import make_parser, measure
from mnist_lab.arrays import DataError, Digits, Split
from mnist_lab.cli.arguments import positive
from mnist_lab.data import load_mnist
from mnist_lab.progress import Progress

TRAINING_PROGRAM = Path(__file__).with_name("training_program.py")
RECORD_PROGRAM = Path(__file__).with_name("record_program.py")
ASKED = 1000  # times for one digit, and digits at once


def bench_train(*, data: str | None, seeds: int, long: bool, progress: Progress) -> dict[str, Any]:
    """Train by each recipe in turn, for each seed, and measure on the test part at the end.

    Each training has a process of its own, as one that a student starts. Only time in training
    counts, what TensorFlow does to compile included. Where PyTorch is installed, a public
    record in one epoch is trained beside them.

    Parameters
    ----------
    data : str or None
        As for `mnist.load_mnist`.
    seeds : int
        Trainings of each, from seeds 0, 1, ...
    long : bool
        Whether to train by the strong recipe in float32, too, as it is where the processor
        is not made for bfloat16; and a network twice as wide, for longer.
    progress : Progress
        Takes each line of what was measured.

    Returns
    -------
    dict
        For each way of training its seconds, its accuracies (0 to 1), their mean, median and
        range, and the median of its time divided by the course's of the same round; how long
        the answers of the network that ships take; and what determinism costs.
    """
    train, test = load_mnist(data)
    assert train.provenance
    ways = ["course", "fast", "strong"] + ["full", "long"] * long
    if not train.provenance.verified or importlib.util.find_spec("torch") is None:
        progress.say(
            "The public record, which needs PyTorch and real MNIST, is not trained beside them"
        )
    else:
        ways.append("record")
    found: dict[str, Any] = {way: {"seconds": [], "accuracy": []} for way in ways}
    for seed in range(seeds):
        for way in ways:
            if way == "record":
                printed = _printed(str(RECORD_PROGRAM), str(seed), train.provenance.place)
            else:
                printed = _printed(str(TRAINING_PROGRAM), way, str(seed), data or "")
            seconds, right = map(float, printed)
            found[way]["seconds"].append(seconds)
            found[way]["accuracy"].append(right)
            progress.say(f"{way:<7} seed {seed}: {seconds:6.1f} s, accuracy {right:.2%}")
    for way, each in found.items():
        pairs = zip(each["seconds"], found["course"]["seconds"], strict=True)
        each["ratio"] = statistics.median(one / course for one, course in pairs)
        each["mean_accuracy"] = statistics.mean(each["accuracy"])
        each["lowest"], each["highest"] = min(each["accuracy"]), max(each["accuracy"])
        each["median_seconds"], each["seeds"] = statistics.median(each["seconds"]), seeds
        progress.say(
            f"{way:<7} {each['median_seconds']:6.1f} s (median), "
            f"{each['ratio']:.3f} of the course's time, accuracy {each['mean_accuracy']:.2%} "
            f"({each['lowest']:.2%} to {each['highest']:.2%}, {seeds} seeds)"
        )
    found["answers"] = _answers(test, progress)
    found["determinism"] = _determinism(data, progress)
    return found


def _determinism(data: str | None, progress: Progress) -> dict[str, float]:
    """What it costs that the same seed gives the same network: ratios of time, by way."""
    found = {}
    for way in ("course", "fast"):
        program = str(TRAINING_PROGRAM), way, "0", data or ""
        ratios = []
        for _ in range(3):
            on, off = (float(_printed(*program, *how)[0]) for how in ([], ["free"]))
            ratios.append(on / off)
        found[way] = statistics.median(ratios)
        progress.say(f"determinism, {way}: {found[way]:.2f} times as long as without (of 3 pairs)")
    return found


def _printed(*program: str) -> list[str]:
    """Run Python in a process of its own, and give the words it prints."""
    done = subprocess.run(
        [sys.executable, *program], capture_output=True, check=False, encoding="utf-8"
    )
    if done.returncode:
        raise DataError(f"{program[0]} failed:\n{done.stderr[-2000:]}")
    return done.stdout.split()


def _answers(test: Split, progress: Progress) -> dict[str, float]:
    """How long one digit takes the pretrained network; all, beside a bare forward pass."""
    from mnist_lab import network

    model = network.load_pretrained()
    one = [
        _time(lambda: network.predict_probabilities(model, Digits(test.images[:1])))
        for _ in range(ASKED)
    ]
    import tensorflow as tf  # after the room that silences what it says as it starts

    bare = tf.function(partial(model, training=False))
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
    progress.say(
        f"one digit: {found['one_digit_ms']:.2f} ms (median of {ASKED:,}); {len(batch):,} digits: "
        f"{found['many_ratio']:.2f} times a bare compiled forward pass"
    )
    return found


def _time(do: Callable[[], Any]) -> float:
    start = time.perf_counter()
    np.asarray(do())
    return time.perf_counter() - start


def main() -> None:
    """Measure, from the command line."""
    parser = make_parser("train", "Train by each recipe in turn: time and accuracy.", data=True)
    parser.add_argument("--seeds", type=positive, default=3, metavar="N", help="default: 3")
    parser.add_argument(
        "--long", action="store_true",
        help="train by the strong recipe in float32, too, and a wider network for longer",
    )  # fmt: skip
    args = parser.parse_args()
    measure(bench_train, args, data=args.data, seeds=args.seeds, long=args.long)


if __name__ == "__main__":
    main()
