"""Scans of sheets to a collection: every page of every file, what was left out, and why."""

from collections.abc import Collection as Numbers
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from mnist_lab import images
from mnist_lab.arrays import DataError, MnistLabError
from mnist_lab.data import Collection, join
from mnist_lab.reading.files import find_files
from mnist_lab.sheet import BOXES
from mnist_lab.sheet.scan import Page, read_sheet


@dataclass(frozen=True, eq=False)
class Scanned:
    """One page of a file: what was read, or an error.

    Attributes
    ----------
    name : str
        The file, and which page of it if there are more.
    page : Page or None
        What was read on it.
    error : str or None
        Why nothing was.
    """

    name: str
    page: Page | None = None
    error: str | None = None

    def in_words(self) -> str:
        """What was read, in one line."""
        assert self.page is not None
        why = [*self.page.left_out.values()]
        counts = [f"{why.count(reason)} {reason}" for reason in sorted(set(why))]
        left = f"; of the other boxes {', '.join(counts)}" if counts else ""
        notes = "".join(f"; {note}" for note in self.page.notes)
        return (
            f"{self.name}: sheet {self.page.sheet.number:05d}, {len(self.page)} digits{left}{notes}"
        )


def read_files(names: Sequence[str]) -> Iterator[Scanned]:
    """Read the pages of files one by one; one that cannot be read gives its error.

    A sheet that was read already is left out.
    """
    owner: dict[int, str] = {}
    for file in find_files(names):
        number = 0
        pages = images.load_pages(file)
        while True:
            number += 1
            name = file if number == 1 else f"{file}, page {number}"
            try:
                image = next(pages, None)
                if image is None:
                    break
                page = read_sheet(image)
            except images.PictureError as error:
                yield Scanned(file, error=str(error))
                break
            except MnistLabError as error:
                yield Scanned(name, error=f"{name}: {error}")
                continue
            if page.sheet.number in owner:
                again = _again(name, page.sheet.number, owner[page.sheet.number])
                yield Scanned(name, error=again)
                continue
            if len(page):  # a bare one may lie beside it
                owner[page.sheet.number] = name
            yield Scanned(name, page)


def _again(name: str, number: int, before: str) -> str:
    return (
        f"{name}: sheet {number:05d} was read already, from {before}; if the page was copied for "
        "two people, read each into a file of its own with --writer NAME"
    )


def gather(pages: Sequence[Page], *, writer: str = "", drop: Numbers[int] = ()) -> Collection:
    """Make a collection of pages, a fifth of it held back.

    Parameters
    ----------
    pages : sequence of Page
        In the order of the contact sheet.
    writer : str
        Who wrote them all; by default each sheet is by a writer of its own, whose name is the
        sheet's number.
    drop : collection of int
        Digits to leave out, by their numbers on the contact sheet: 1 to 100 are the boxes of
        the first page, 101 to 200 those of the second.

    Raises
    ------
    DataError
        A number to drop is not there, or nothing is left.
    """
    there = {BOXES * k + int(box) + 1 for k, page in enumerate(pages) for box in page.boxes}
    missing = sorted(set(drop) - there)
    if missing:
        raise DataError(
            f"expected digits to drop by their numbers on the contact sheet, got {missing[0]}, "
            "which holds none"
        )
    parts = []
    for k, page in enumerate(pages):
        numbers = BOXES * k + 1 + page.boxes.astype(int)
        kept = ~np.isin(numbers, [*drop])
        name = writer or f"sheet {page.sheet.number:05d}"
        count = int(kept.sum())
        parts.append(
            Collection(
                images=page.digits[kept],
                labels=page.labels[kept],
                sheet=np.full(count, page.sheet.number, np.uint16),
                box=page.boxes[kept],
                writer=np.full(count, name),
                test=np.zeros(count, bool),
            )
        )
    if not sum(len(part) for part in parts):
        raise DataError("no digit is left to keep")
    return join(parts).split()
