"""Scans of sheets to a collection: every page of every file, what was left out, and why."""

from collections.abc import Collection as Numbers
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count

import numpy as np

from mnist_lab import images
from mnist_lab.arrays import DataError, Digits, Labels, MnistLabError
from mnist_lab.data import Collection, join
from mnist_lab.files import StrPath
from mnist_lab.names import readable
from mnist_lab.reading import find_files
from mnist_lab.sheet.layout import BOXES
from mnist_lab.sheet.scan import SheetReading, read_sheet
from mnist_lab.sheet.view import BlankPage


@dataclass(frozen=True, eq=False)
class ScannedFile:
    """One page of a file: what was read on it, or why nothing was, or that it is blank."""

    name: str  # of the file, and which page of it if there are more
    reading: SheetReading | None = None
    error: str | None = None
    blank: bool = False  # as the backs in a pile are; that is no error


def read_scans(names: Sequence[StrPath]) -> Iterator[ScannedFile]:
    """Read the pages of files one by one; one that cannot be read gives its error.

    `names` are pictures and PDFs, folders of them, and patterns such as ``scans/*.png``. A
    sheet that was read already is left out.
    """
    owner: dict[int, str] = {}
    for file in find_files(names):
        for scanned in _read_pages(file):
            name, reading = scanned.name, scanned.reading
            if reading is not None and reading.sheet.number in owner:
                number = reading.sheet.number
                error = (
                    f"{name}: sheet {number:05d} was read already, from {owner[number]}; if the "
                    "page was copied for two people, read each into a file of its own with "
                    "--writer NAME"
                )
                yield ScannedFile(name, error=error)
            else:
                if reading:  # has digits; a bare sheet may lie beside it
                    owner[reading.sheet.number] = name
                yield scanned


def _read_pages(file: str) -> Iterator[ScannedFile]:
    pages, file = images.load_pages(file), readable(file)
    for number in count(1):
        name = file if number == 1 else f"{file}, page {number}"
        try:
            yield ScannedFile(name, read_sheet(next(pages)))
        except StopIteration:
            return
        except images.PictureError as error:
            yield ScannedFile(file, error=str(error))
            return
        except BlankPage:
            yield ScannedFile(name, blank=True)
        except MnistLabError as error:
            yield ScannedFile(name, error=f"{name}: {error}")


def gather(
    readings: Sequence[SheetReading], *, writer: str = "", drop: Numbers[int] = ()
) -> Collection:
    """Make a collection of sheets that were read, a fifth of it held back.

    Parameters
    ----------
    readings : sequence of SheetReading
        In the order of the contact sheet.
    writer : str
        Who wrote them all; by default each sheet is by another, named by the sheet's number.
    drop : collection of int
        Digits to leave out, by their numbers on the contact sheet: 1 to 100 are the boxes of
        the first sheet, 101 to 200 those of the second.

    Raises
    ------
    DataError
        A number to drop is not there, or nothing is left.
    """
    numbers = [BOXES * at + 1 + reading.boxes.astype(int) for at, reading in enumerate(readings)]
    missing = sorted(set(drop) - {int(number) for each in numbers for number in each})
    if missing:
        raise DataError(
            f"expected digits to drop by their numbers on the contact sheet, got {missing[0]}, "
            "which holds none"
        )
    parts = []
    for reading, own in zip(readings, numbers, strict=True):
        kept = ~np.isin(own, [*drop])
        size = int(kept.sum())
        parts.append(
            Collection(
                images=Digits(reading.digits[kept]),
                labels=Labels(reading.labels[kept]),
                sheet=np.full(size, reading.sheet.number, np.uint16),
                box=reading.boxes[kept],
                writer=np.full(size, readable(writer) or f"sheet {reading.sheet.number:05d}"),
                test=np.zeros(size, bool),
            )
        )
    if not any(map(len, parts)):
        raise DataError("no digit is left to keep")
    return join(parts).split()
