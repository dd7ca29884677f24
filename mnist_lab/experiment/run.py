"""The course's experiment from beginning to end: load, prepare, train, measure."""

import os
import platform
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from importlib.metadata import version
from typing import TYPE_CHECKING

import numpy as np

from mnist_lab.arrays import Digits, Image, Labels, MnistLabError, Probabilities, Split
from mnist_lab.data import load_demonstration, load_mnist
from mnist_lab.evaluate import evaluate
from mnist_lab.experiment.result import ExperimentResult, InversionSample
from mnist_lab.experiment.trials import Trial, try_pages
from mnist_lab.files import StrPath
from mnist_lab.images import invert
from mnist_lab.progress import SILENT, Progress

if TYPE_CHECKING:
    import keras

PACKAGES = ["tensorflow", "keras", "numpy", "pandas", "matplotlib", "scikit-learn", "mnist-lab"]


def run_experiment(
    *,
    data: StrPath | None = None,
    epochs: int = 5,
    seed: int = 0,
    validate_on_test: bool = False,
    pages: StrPath | None = None,
    progress: Progress = SILENT,
) -> "tuple[ExperimentResult, keras.Model]":
    """Do the experiment of the course.

    After each epoch the network is measured on up to 5,000 training digits that are held
    back; the test part is read once, at the end.

    Parameters
    ----------
    data : path, optional
        Where the digits are; see `data.load_mnist`, also for its DataError.
    validate_on_test : bool
        Whether to learn from all training digits and measure on the test part after each
        epoch, as many a first program does: a leak, see lesson 2.
    pages : path, optional
        The folder of the demonstration pages; without, none are read.

    Returns
    -------
    ExperimentResult, keras.Model
        What was found, and the trained network.
    """
    seconds: dict[str, float] = {}
    with _timed(seconds, "load"):
        train, test = load_mnist(data, progress=progress)
    progress.say("Starting TensorFlow ...")
    with _timed(seconds, "start TensorFlow"):
        from mnist_lab import network
    validation = test
    if not validate_on_test:
        train, validation = network.hold_back(train, seed=seed)
    network.set_seed(seed)
    model = network.course_cnn()
    width = min(76, shutil.get_terminal_size().columns)
    model.summary(print_fn=progress.say, line_length=width)
    with _timed(seconds, "train"):
        history = network.fit(model, train, validation=validation, epochs=epochs, progress=progress)
    predict = partial(network.predict_probabilities, model)
    with _timed(seconds, "measure"):
        probabilities = predict(test.images)
        evaluation = evaluate(test.labels, probabilities)
        sample = try_inversion(predict, test)
    with _timed(seconds, "read the pages"):
        trials = _try_pages(pages, predict, progress) if pages else []
    result = ExperimentResult(
        epochs=epochs,
        seed=seed,
        batch_size=network.BATCH_SIZE,
        train=train,
        validation=validation,
        test=test,
        validated_on_test=validate_on_test,
        layers=network.describe_layers(model),
        history=history,
        probabilities=probabilities,
        evaluation=evaluation,
        sample=sample,
        seconds=seconds,
        environment=_environment(network.backend()),
        trials=trials,
    )
    return result, model


def _try_pages(
    folder: StrPath, predict: Callable[[Digits], Probabilities], progress: Progress
) -> list[Trial]:
    """Read the demonstration pages; without them an experiment goes on, and says so."""
    try:
        return try_pages(load_demonstration(folder), predict)
    except MnistLabError as error:
        progress.say(f"No demonstration pages are read: {error}")
        return []


def try_inversion(
    predict: Callable[[Digits], Probabilities], test: Split, *, count: int = 1000
) -> InversionSample:
    """Show what polarity is worth: test digits as a scanner gives them, then inverted.

    The sample is the first of them that is read wrong as it is and right once inverted, or
    the very first if there is no such digit.
    """
    digits, labels = Digits(test.images[:count]), Labels(test.labels[:count])
    scans = invert(digits)
    before, after = predict(scans), predict(invert(scans))
    right_before, right_after = before.argmax(1) == labels, after.argmax(1) == labels
    at = int(np.argmax(right_after & ~right_before))
    return InversionSample(
        scan=Image(scans[at]),
        label=int(labels[at]),
        before=before[at],
        after=after[at],
        counted=len(labels),
        accuracy_before=float(right_before.mean()),
        accuracy_after=float(right_after.mean()),
    )


def _environment(backend: str) -> dict[str, str]:
    """What a reader needs to run it again: versions and machine."""
    return {
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        "backend": backend,
        **{name: version(name) for name in PACKAGES},
    }


@contextmanager
def _timed(seconds: dict[str, float], name: str) -> Iterator[None]:
    """Note the seconds that a block took, under its name."""
    start = time.perf_counter()
    yield
    seconds[name] = round(time.perf_counter() - start, 3)
