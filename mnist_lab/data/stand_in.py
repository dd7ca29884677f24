"""The stand-in for MNIST: digits that a program wrote, kept for the next time."""

import hashlib
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from mnist_lab import synth
from mnist_lab.arrays import DataError, Split
from mnist_lab.data import download
from mnist_lab.data.formats import NPZ_NAMES, Parts, idx_sha256, open_npz, to_splits
from mnist_lab.files import CannotWrite, atomic_write
from mnist_lab.progress import SILENT, Progress

STAND_IN = "stand-in"  # the word that asks for it, where a folder could stand
NOTICE = (
    "THIS IS NOT MNIST. It is the built-in stand-in: 70,000 digits written by a program, not "
    "one by a person. A figure made from it says how well a network reads the program's "
    "digits, not people's. On another kind of machine a pixel of it may differ here and there. "
    "To get MNIST:  mnist-lab data --download"
)


def load_stand_in(*, progress: Progress = SILENT) -> tuple[Split, Split]:
    """Give the built-in stand-in for MNIST: 60,000 and 10,000 digits, written by a program.

    It is written once, in seconds, kept in the user's cache, and verified when it is read. The
    test part is by other writers. `progress` is told how many digits are written, and says so if
    they could not be kept.
    """
    path = stand_in_file()
    parts = _kept(path)
    if not parts:
        train, test = synth.make_split(progress=progress)
        parts = [train.images, train.labels, test.images, test.labels]
        try:
            with atomic_write(path) as draft:
                arrays: dict[str, Any] = dict(zip(NPZ_NAMES, parts, strict=True))
                np.savez(draft, **arrays, sha256=_sums(parts))
        except CannotWrite as error:
            progress.say(f"The stand-in is not kept for the next time: {error}")
    return to_splits(parts, "the program in mnist_lab", name="Built-in stand-in", notice=NOTICE)


def stand_in_file() -> Path:
    """Where the stand-in is kept for this user: another writer, NumPy or OpenCV has another."""
    digest = hashlib.sha256(f"{np.__version__} {cv2.__version__}".encode())
    for file in synth.WRITER_FILES:
        digest.update(file.read_bytes())
    return download.cache_folder().parent / f"{STAND_IN}-{digest.hexdigest()[:12]}.npz"


def _kept(path: Path) -> Parts | None:
    """The stand-in as it was kept, if it is there and whole."""
    try:
        with open_npz(path) as file:
            parts = [file[name] for name in NPZ_NAMES]
            return parts if np.array_equal(file["sha256"], _sums(parts)) else None
    except (DataError, KeyError):
        return None


def _sums(parts: Parts) -> list[str]:
    return [idx_sha256(array) for array in parts]
