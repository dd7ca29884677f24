"""The course's experiment from beginning to end: load, prepare, train, measure."""

import os
import platform
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pandas as pd

from mnist_lab.arrays import Digits, Image, MnistLabError, Probabilities, Provenance, Split
from mnist_lab.data import demonstration
from mnist_lab.data.mnist import load_mnist
from mnist_lab.evaluate import Evaluation, evaluate
from mnist_lab.images import invert

if TYPE_CHECKING:
    import keras

    from mnist_lab.network import Layer

PACKAGES = ["tensorflow", "keras", "numpy", "pandas", "matplotlib", "scikit-learn", "mnist-lab"]


class Watcher(Protocol):
    """Who is told how a run goes."""

    def say(self, line: str) -> None:
        """Take a line of what was found or done."""

    def step(self, done: int, total: int | None, what: str = "") -> None:
        """Take how many steps of the training are done."""

    def epoch(self, number: int, figures: Mapping[str, float]) -> None:
        """Take an epoch's accuracy, loss, val_accuracy and val_loss."""


@dataclass(frozen=True, eq=False)
class Sample:
    """One new digit as a scanner gives it, dark on white, and what the network made of it.

    Attributes
    ----------
    scan : uint8 (28, 28)
        Dark ink on white.
    label : int
        What it is.
    before, after : float32 (10,)
        Probabilities for the scan as it is, and for the scan inverted.
    counted : int
        Test digits turned to dark on white to measure the two shares below.
    accuracy_before, accuracy_after : float
        The share of those read right as they are, and inverted.
    """

    scan: Image
    label: int
    before: Probabilities
    after: Probabilities
    counted: int
    accuracy_before: float
    accuracy_after: float


@dataclass(frozen=True, eq=False)
class Run:
    """What a run did and found."""

    epochs: int
    seed: int
    batch_size: int
    train: Split
    test: Split
    layers: "list[Layer]"
    history: pd.DataFrame
    probabilities: Probabilities
    evaluation: Evaluation
    sample: Sample
    seconds: dict[str, float]
    environment: dict[str, str] = field(default_factory=dict)
    trials: Sequence[demonstration.Trial] = ()

    @property
    def provenance(self) -> Provenance:
        """Which data this was."""
        assert self.train.provenance
        return self.train.provenance

    @property
    def parameters(self) -> int:
        """Numbers that training set."""
        return sum(layer.parameters for layer in self.layers)

    def figures(self) -> dict[str, Any]:
        """Every figure in plain numbers, for JSON."""
        found = self.evaluation
        last = self.history.iloc[-1]
        wrong = found.mistakes
        return {
            "test_accuracy": found.accuracy,
            "test_loss": last["val_loss"],
            "train_accuracy": last["accuracy"],
            "train_loss": last["loss"],
            "data": {
                **asdict(self.provenance),
                "train": len(self.train),
                "test": len(self.test),
            },
            "settings": {
                "epochs": self.epochs,
                "seed": self.seed,
                "batch_size": self.batch_size,
                "optimizer": "adam",
                "loss": "categorical_crossentropy",
            },
            "network": {
                "parameters": self.parameters,
                "layers": [asdict(layer) for layer in self.layers],
            },
            "history": {
                "epoch": self.history.index.tolist(),
                **{name: column.tolist() for name, column in self.history.items()},
            },
            "classification_report": found.report.to_dict(orient="index"),
            "confusion_matrix": found.confusion.tolist(),
            "mistakes": [
                {
                    "position": int(at),
                    "label": int(self.test.labels[at]),
                    "read_as": int(self.probabilities[at].argmax()),
                    "confidence": float(self.probabilities[at].max()),
                }
                for at in wrong
            ],
            "calibration": {
                "expected_calibration_error": found.calibration.error,
                "confidence": _plain(found.calibration.confidence),
                "accuracy": _plain(found.calibration.accuracy),
                "count": found.calibration.count.tolist(),
            },
            "inversion": {
                "label": self.sample.label,
                "before": self.sample.before.tolist(),
                "after": self.sample.after.tolist(),
                "counted": self.sample.counted,
                "accuracy_before": self.sample.accuracy_before,
                "accuracy_after": self.sample.accuracy_after,
            },
            "scans": demonstration.figures(self.trials),
            "seconds": self.seconds,
            "environment": self.environment,
        }


def run(
    *,
    watcher: Watcher,
    data: str | None = None,
    epochs: int = 5,
    seed: int = 0,
    pages: Path | None = None,
) -> "tuple[Run, keras.Model]":
    """Do the experiment of the course.

    Parameters
    ----------
    watcher : Watcher
        Is told what happens as it does.
    data : str, optional
        Where the digits are; see `mnist.load_mnist`.
    epochs, seed : int
        Rounds of training; where chance starts from.
    pages : Path, optional
        The folder of the demonstration pages; without, none are read.

    Returns
    -------
    Run, keras.Model
        What was found, and the trained network.
    """
    seconds: dict[str, float] = {}
    with _Clock(seconds, "load"):
        train, test = load_mnist(data, say=watcher.say)
    watcher.say("Starting TensorFlow ...")
    with _Clock(seconds, "start TensorFlow"):
        from mnist_lab import network
    network.set_seed(seed)
    model = network.course_cnn()
    network.RECIPES["course"].compile(model, len(train))
    layers = network.describe_layers(model)
    width = min(76, shutil.get_terminal_size().columns)
    model.summary(print_fn=watcher.say, line_length=width)
    with _Clock(seconds, "train"):
        history = network.fit(
            model,
            train,
            validation=test,
            epochs=epochs,
            progress=watcher,
        )
    predict = partial(network.predict_probabilities, model)
    with _Clock(seconds, "measure"):
        probabilities = predict(test.images)
        evaluation = evaluate(test.labels, probabilities)
        sample = try_inversion(predict, test)
    with _Clock(seconds, "read the pages"):
        trials = _try_pages(pages, predict, watcher) if pages else []
    found = Run(
        epochs,
        seed,
        network.BATCH_SIZE,
        train,
        test,
        layers,
        history,
        probabilities,
        evaluation,
        sample,
        seconds,
        environment(network.backend()),
        trials,
    )
    return found, model


def _try_pages(
    folder: Path, predict: Callable[[Digits], Probabilities], watcher: Watcher
) -> list[demonstration.Trial]:
    """Read the demonstration pages; without them a run goes on, and says so."""
    try:
        return demonstration.try_pages(demonstration.load_pages(folder), predict)
    except MnistLabError as error:
        watcher.say(f"No demonstration pages are read: {error}")
        return []


def try_inversion(
    predict: Callable[[Image], Probabilities], test: Split, *, count: int = 1000
) -> Sample:
    """Show what polarity is worth: test digits as a scanner gives them, then inverted.

    The sample is the first of them that is read wrong as it is and right once inverted, or
    the very first if there is no such digit.
    """
    scans = invert(test.images[:count])
    labels = test.labels[:count]
    before, after = predict(scans), predict(invert(scans))
    right_before, right_after = before.argmax(1) == labels, after.argmax(1) == labels
    at = int(np.argmax(right_after & ~right_before))
    return Sample(
        scans[at],
        int(labels[at]),
        before[at],
        after[at],
        len(labels),
        float(right_before.mean()),
        float(right_after.mean()),
    )


def environment(backend: str) -> dict[str, str]:
    """What a reader needs to run it again: versions and machine."""
    return {
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        "backend": backend,
        **{name: version(name) for name in PACKAGES},
    }


def _plain(values: np.ndarray) -> list[float | None]:
    return [None if np.isnan(value) else float(value) for value in values]


class _Clock:
    """Note the seconds a block took, under its name."""

    def __init__(self, seconds: dict[str, float], name: str) -> None:
        self._seconds, self._name = seconds, name

    def __enter__(self) -> None:
        self._start = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        self._seconds[self._name] = round(time.perf_counter() - self._start, 3)
