"""The demonstration pages: pictures of handwriting with the truth about each."""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mnist_lab import images
from mnist_lab.arrays import DataError, Image
from mnist_lab.files import StrPath

LIST_NAME = "labels.csv"
LIST_COLUMNS = {"file", "label", "layout", "boxes", "made"}


@dataclass(frozen=True, eq=False)
class DemonstrationPage:
    """A picture and what it shows."""

    file: str  # its name
    made: str  # how it came about, in words
    image: Image  # either polarity
    rows: tuple[str, ...]  # its digits, line by line
    boxes: NDArray[np.int64]  # (n, 4): x, y, width, height of each digit, in reading order
    single: bool  # whether it shows one digit alone


def load_demonstration(folder: StrPath | None = None) -> list[DemonstrationPage]:
    """Load the pages that a folder's list, labels.csv, names; without one, the kit's own.

    DataError if the list is missing, or is not one; PictureError if a picture cannot be read.
    """
    folder = Path(folder) if folder else demonstration_folder()
    return [_page(folder, row) for row in read_list(folder / LIST_NAME, LIST_COLUMNS)]


def demonstration_folder() -> Path:
    """The kit's own pages: where a wheel has put them, else in the project."""
    here = Path(__file__).parent
    return here / "pages" if (here / "pages").is_dir() else here.parents[1] / "data" / "pages"


def read_list(path: StrPath, columns: set[str]) -> list[dict[str, str]]:
    """Read a CSV list of pictures: a dict of its columns for each.

    DataError if it is not there, or lacks one of `columns`.
    """
    try:
        with Path(path).open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path}: cannot be read ({error})") from None
    missing = columns - set(rows[0] if rows else ())
    if missing:
        raise DataError(f"{path}: expected the columns {', '.join(sorted(missing))}")
    return rows


def _page(folder: Path, row: dict[str, str]) -> DemonstrationPage:
    lines = tuple(row["label"].split("/"))
    try:
        boxes = np.array([box.split() for box in row["boxes"].split(";")], np.int64)
    except ValueError:
        boxes = np.empty((0, 4), np.int64)
    if boxes.shape != (sum(map(len, lines)), 4):
        raise DataError(
            f"{folder / LIST_NAME}: expected a box, x y width height, for each digit of "
            f"{row['file']}, with semicolons between them"
        )
    image = images.load_image(folder / row["file"])
    return DemonstrationPage(
        row["file"], row["made"], image, lines, boxes, row["layout"] == "single"
    )
