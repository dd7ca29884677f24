"""Find and read MNIST, and say which data you got."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from mnist_lab.arrays import DataError, Split
from mnist_lab.data import download, stand_in
from mnist_lab.data.collection import load_collection
from mnist_lab.data.formats import NPZ_NAMES, SHA256, Parts, open_npz, read_idx, to_splits
from mnist_lab.files import StrPath
from mnist_lab.progress import Printed, Progress

PROJECT = Path(__file__).parents[2]  # of a checkout


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
        A folder with the four IDX files (plain or gzip) or ``mnist.npz``, an ``.npz``
        file, or the word ``"stand-in"``.

    Returns
    -------
    train, test : Split
        Each with ``images`` uint8 (n, 28, 28), bright ink on 0, ``labels`` uint8 (n,) and
        its ``provenance``. MNIST has 60,000 and 10,000.

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
    """Read digits from one place: a folder of IDX files or ``mnist.npz``, or an ``.npz``.

    An ``.npz`` file holds ``x_train``, ``y_train``, ``x_test``, ``y_test``, or a `Collection`,
    whose digits that are held back are the test part. DataError if there are none, they are
    damaged, or they disagree with each other.
    """
    place = Path(source).expanduser()
    if place.suffix == ".npz" and place.is_file():
        return to_splits(_read_npz(place), place)
    if not place.is_dir():
        raise DataError(f"{place}: no such folder or .npz file; give --data one that is there")
    files = {name: _idx_file(place, name) for name in SHA256}
    if any(files.values()):
        for name, file in files.items():
            if file is None:
                raise DataError(f"{place}: has no {name}(.gz), and all four files are needed")
        with ThreadPoolExecutor() as pool:
            return to_splits(list(pool.map(read_idx, filter(None, files.values()))), place)
    if (place / "mnist.npz").is_file():
        return to_splits(_read_npz(place / "mnist.npz"), place / "mnist.npz")
    raise DataError(
        f"{place}: holds neither the four MNIST files (train-images-idx3-ubyte.gz, ...) "
        "nor mnist.npz; get them with  mnist-lab data --download"
    )


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
        if any(_idx_file(folder, name) for name in SHA256) or (folder / "mnist.npz").is_file():
            yield folder
    if keras.is_file():
        yield keras


def _idx_file(folder: Path, name: str) -> Path | None:
    return next((p for p in (folder / name, folder / f"{name}.gz") if p.is_file()), None)
