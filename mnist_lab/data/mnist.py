"""Find and read MNIST, and say which data you got."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from mnist_lab.arrays import DataError, Split
from mnist_lab.data import download, stand_in
from mnist_lab.data.collection import load_collection
from mnist_lab.data.formats import (
    NPZ_NAMES,
    OWN_NAME,
    SHA256,
    Parts,
    open_npz,
    read_idx,
    to_splits,
)
from mnist_lab.data.places import find_data, holds_any
from mnist_lab.data.tables import NoLabels, read_table
from mnist_lab.files import StrPath
from mnist_lab.progress import Printed, Progress

PROJECT = Path(__file__).parents[2]  # of a checkout
HOLD_BACK_EVERY = 7  # of a table without a test part, one digit of so many: MNIST's own share


def load_mnist(
    source: StrPath | None = None,
    *,
    progress: Progress = Printed(),  # noqa: B008 - it holds nothing between two calls
) -> tuple[Split, Split]:
    """Load the handwritten digits, and say which they are.

    Looks in `source`, else in the folder that the environment variable ``MNIST_LAB_DATA``
    names, and nowhere else if there is one; else in ``data/mnist`` of the project, the
    user's cache and Keras' cache. Failing these it downloads MNIST into the user's cache;
    and failing that it makes the stand-in, with a notice. `progress` is told which data was found
    and what was passed over, and how far a download or the writing of the stand-in is.

    Parameters
    ----------
    source : path, optional
        A folder with MNIST under any of its names (IDX, ``mnist.npz``, CSV, Parquet), one of
        these files, or the word ``"stand-in"``.

    Returns
    -------
    train, test : Split
        Each has ``images`` uint8 (n, 28, 28), bright ink on 0, ``labels`` uint8 (n,) and its
        ``provenance``, and unpacks: ``(x_train, y_train), (x_test, y_test) = load_mnist()``.
        MNIST has 60,000 and 10,000.

    Raises
    ------
    DataError
        `source` cannot be read.
    CannotWrite
        A download has no place to be kept.
    """
    train, test = _find(source or os.environ.get("MNIST_LAB_DATA"), progress)
    assert train.provenance
    progress.say(describe_data(train, test))
    if train.provenance.notice:
        progress.say(train.provenance.notice)
    return train, test


def describe_data(train: Split, test: Split) -> str:
    """One line: which data, how many, from where, and whether it verifies."""
    origin = train.provenance
    assert origin
    verified = " (verified)" if origin.verified else ""
    return (
        f"{origin.name}: {len(train):,} digits to learn from and {len(test):,} to test on, "
        f"from {origin.place}{verified}"
    )


def read_data(source: StrPath) -> tuple[Split, Split]:
    """Read digits from one place: a folder with MNIST under any of its names, or such a file.

    The files are those of `find_data`. An ``.npz`` file holds ``x_train``, ``y_train``,
    ``x_test``, ``y_test``, or a `Collection`, whose digits that are held back are the test
    part. Of a table without a labelled one to test on every seventh digit is held back, and
    the `Provenance` says so. DataError if there are no digits, they are damaged, or they
    disagree with each other.
    """
    place = Path(source).expanduser()
    try:
        found = find_data(place)
    except OSError as error:
        raise DataError(f"{place}: cannot be read ({error.strerror})") from None
    if len(found.files) == len(SHA256):
        with ThreadPoolExecutor() as pool:
            return to_splits(list(pool.map(read_idx, found.files)), found.place)
    if found.place.suffix == ".npz":
        return to_splits(_read_npz(found.place), found.place)
    return _read_tables(*found.files)


def _read_tables(path: Path, test_path: Path | None = None) -> tuple[Split, Split]:
    images, labels = read_table(path)
    reason = "no table of digits to test on is beside it"
    if test_path:
        try:
            parts = [images, labels, *read_table(test_path)]
            return to_splits(parts, path)
        except NoLabels:
            reason = f"{test_path.name} has no labels"
    if len(labels) < HOLD_BACK_EVERY:
        raise DataError(f"{path}: {reason}, and it has too few digits to hold some back")
    test = np.arange(len(labels)) % HOLD_BACK_EVERY == HOLD_BACK_EVERY // 2
    notice = (
        f"{path}: {reason}, so every seventh of its digits is held back to test on; no figure here "
        "is one of MNIST."
    )
    parts = [images[~test], labels[~test], images[test], labels[test]]
    return to_splits(parts, path, name=OWN_NAME, notice=notice)


def _read_npz(path: Path) -> Parts:
    with open_npz(path) as file:
        if "images" in file:
            own = load_collection(path)
            train, test = own.train, own.held_back
            return [train.images, train.labels, test.images, test.labels]
        missing = [name for name in NPZ_NAMES if name not in file]
        if missing:
            raise DataError(
                f"{path}: has no {', '.join(missing)}; expected the arrays {', '.join(NPZ_NAMES)}"
            )
        return [file[name] for name in NPZ_NAMES]


def _find(source: StrPath | None, progress: Progress) -> tuple[Split, Split]:
    if source == stand_in.STAND_IN:
        return stand_in.load_stand_in(progress=progress)
    if source:
        return read_data(source)
    for place in usual_places():
        try:
            splits = read_data(place)
        except DataError as error:
            progress.say(f"Passed over: {error}")
            continue
        if splits[0].provenance and splits[0].provenance.verified:
            return splits
        progress.say(f"Passed over: {place}: these are not MNIST's own bytes")
    try:
        return read_data(download.download_mnist(progress=progress))
    except DataError as error:
        progress.say(str(error))
        return stand_in.load_stand_in(progress=progress)


def usual_places() -> Iterator[Path]:
    """Where MNIST may lie: ``data/mnist`` of the project, the user's cache, Keras' cache."""
    keras_home = Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras")
    keras = keras_home / "datasets" / "mnist.npz"
    for folder in (PROJECT / "data" / "mnist", download.cache_folder()):
        if holds_any(folder):
            yield folder
    if keras.is_file():
        yield keras
