"""Picture files to what is written in them: find them, read them, ask the network, tell."""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from glob import glob
from itertools import takewhile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_lab import images
from mnist_lab.arrays import Image, MnistLabError, Probabilities
from mnist_lab.reading import scan

ENDINGS = {
    ".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".gif", ".webp", ".heic", ".heif",
    ".pdf", ".ppm", ".pgm",
}  # fmt: skip

NONE = 0.25  # confidence in its best answer below which a network takes a thing for no digit

Page = tuple[Image, scan.Reading, Probabilities]  # what is seen, found in it, and answered


@dataclass(frozen=True, eq=False)
class Found:
    """What was read in one file: a page or more, or an error and none.

    Attributes
    ----------
    file : str
        Its path, as it was given or found.
    pages : tuple of (uint8 (height, width), Reading, float32 (n, 10))
        Each page's image, what was found on it, and what the network answered.
    error : str or None
        What is wrong with it.
    place : str
        Where below a folder what is written about it goes: its path without the folders that
        all files of the call have in common.
    """

    file: str
    pages: tuple[Page, ...] = ()
    error: str | None = None
    place: str = ""

    def as_text(self, min_confidence: float) -> str:
        """The file's name and its digits, line by line; doubtful ones with a question mark."""
        rows = [
            " ".join(_digit(probabilities[at], min_confidence) for at in line)
            for _, reading, probabilities in self.pages
            for line in reading.lines
        ]
        return "\n".join([f"{self.file}:", *(rows or ["no digit found"])])

    def as_json(self) -> dict[str, Any]:
        """An object for ``--json``."""
        lines = [
            [_as_json(reading.boxes[at], probabilities[at]) for at in line]
            for _, reading, probabilities in self.pages
            for line in reading.lines
        ]
        first = self.pages[0][1] if self.pages else None
        return {
            "file": self.file,
            "text": "\n".join("".join(str(each["digit"]) for each in line) for line in lines),
            "lines": lines,
            "polarity": first.polarity if first else None,
            "rotation": first.rotation if first else None,
            "error": self.error,
        }


def find_files(names: Iterable[str]) -> list[str]:
    """Files for names: a folder stands for the pictures below it, a pattern for what matches."""
    files: list[str] = []
    for name in names:
        if Path(name).is_dir():
            inside = sorted(Path(name).rglob("*"))
            files += [str(path) for path in inside if path.suffix.lower() in ENDINGS]
        elif any(sign in name for sign in "*?[") and not Path(name).exists():
            files += sorted(glob(name, recursive=True)) or [name]  # noqa: PTH207
        else:
            files.append(name)
    return files


def read_files(names: Sequence[str], model: Any, *, single: bool = False) -> Iterator[Found]:
    """Read files one by one; one that cannot be read gives its error, and the rest are read.

    Parameters
    ----------
    names : sequence of str
        Files, folders and patterns.
    model : keras.Model
        From (28, 28, 1) to (10,).
    single : bool
        Whether each picture holds one digit.
    """
    files = find_files(names)
    for file, place in zip(files, _places(files), strict=True):
        try:
            yield Found(file, _read_file(file, model, single=single), place=place)
        except MnistLabError as error:
            yield Found(file, error=str(error), place=place)


def _read_file(file: str, model: Any, *, single: bool) -> tuple[Page, ...]:
    from mnist_lab import network

    read = scan.read_one if single else scan.read_page
    pages = []
    for image in images.load_pages(file):
        reading = read(image)
        probabilities = network.predict_probabilities(model, reading.digits)
        if not single:  # there the user has said that it is one
            which = are_digits(probabilities)
            reading, probabilities = reading.only(which), probabilities[which]
        pages.append((image, reading, probabilities))
    return tuple(pages)


def are_digits(probabilities: Probabilities) -> NDArray[np.bool_]:
    """Whether each thing found is a digit to the network: bool (n,).

    The network that ships has learnt to call all ten answers equally likely where there is none.
    """
    return np.max(probabilities, axis=1) >= NONE


def _places(files: Sequence[str]) -> list[str]:
    """Each file's path without the folders that all have in common."""
    paths = [Path(os.path.abspath(file)) for file in files]  # noqa: PTH100, for it drops ".."
    folders = zip(*(path.parent.parts for path in paths), strict=False)
    shared = len(list(takewhile(lambda names: len(set(names)) == 1, folders)))
    return ["/".join(part.strip(":\\/") for part in path.parts[shared:]) for path in paths]


def write_overlay(found: Found, folder: Path, *, min_confidence: float) -> None:
    """Write each picture with boxes and answers as a PNG file at the file's place in a folder.

    Raises
    ------
    CannotWrite
        The folder cannot be written.
    """
    from mnist_lab import plots

    for number, (image, reading, probabilities) in enumerate(found.pages, 1):
        ax = plots.show_page(image, reading, probabilities, doubtful=min_confidence)
        which = f"-{number}" if len(found.pages) > 1 else ""
        plots.save(ax, folder / f"{found.place}{which}.png")


def _digit(probabilities: Probabilities, min_confidence: float) -> str:
    sure = probabilities.max() >= min_confidence
    return f"{probabilities.argmax()}{'' if sure else '?'} ({probabilities.max():.0%})"


def _as_json(box: Any, probabilities: Probabilities) -> dict[str, Any]:
    return {
        "digit": int(probabilities.argmax()),
        "confidence": float(probabilities.max()),
        "box": [int(side) for side in box],
        "probabilities": [float(each) for each in probabilities],
    }
