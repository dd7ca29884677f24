"""A sheet to print and write on: four marks that name it, and a hundred boxes for digits.

All that stands on the sheet is measured from the upper left corner of the plate, which is the
same on every paper: x to the right, y down, in millimetres. The corner marks are ArUco marks
(Garrido-Jurado 2014), and each says which corner it is. Together they say the sheet's code:
the values of corners 0 to 3 lie on a line modulo a prime (Reed and Solomon 1960), so that any
two give the code, and a third must agree. Sheets lie in drawers: nothing here may ever change.
"""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

import cv2
import numpy as np
from numpy.typing import NDArray

from mnist_lab.arrays import Labels, OptionError
from mnist_lab.synth import A4, LETTER

PAPERS = {"A4": A4, "Letter": LETTER}  # mm, width and height
ORDERS = "mixed", "rows"
CORNERS = "upper left", "upper right", "lower right", "lower left"

PLATE = 186.0, 255.0  # mm, width and height
MARK = 16.0  # mm, a mark's side
ROWS, COLUMNS = 10, 10
BOXES = ROWS * COLUMNS
PITCH = 18.6, 21.5  # mm, from box to box, across and down
FIRST_BOX = 1.8, 24.6  # mm, the upper left corner of the first box
BOX_MM = 15.0  # mm, a box's side
LABEL_LIFT = 1.3  # mm, from the top of a box up to the foot of its printed digit
LABEL_HEIGHT = 2.9  # mm, the printed digit
LABEL_MARGIN = 0.5  # mm around it that are its own
LABEL_SIDE = LABEL_HEIGHT + 2 * LABEL_MARGIN  # mm

MARK_DICTIONARY = cv2.aruco.DICT_6X6_1000  # marks differ in 9 of 36 cells or more
PRIME = 241  # values of a mark; four times as many are in the dictionary
NUMBERS = PRIME * PRIME // len(ORDERS)  # sheets that have a code


@dataclass(frozen=True)
class Sheet:
    """One page to write on; OptionError if there is no such number, or no such order."""

    number: int  # its name, 0 to 29,039
    order: str = "mixed"  # in an order of its own; "rows": ten zeros, ten ones, and so on

    def __post_init__(self) -> None:
        if not isinstance(self.number, int | np.integer) or not 0 <= self.number < NUMBERS:
            raise OptionError(
                f"expected a sheet's number from 0 to {NUMBERS - 1}, got {self.number!r}"
            )
        if self.order not in ORDERS:
            raise OptionError(f"expected an order mixed or rows, got {self.order!r}")

    @property
    def labels(self) -> Labels:
        """What to write in each box, row by row: uint8 (100,), ten of each digit."""
        if self.order == "rows":
            return Labels(np.repeat(np.arange(10, dtype=np.uint8), COLUMNS))
        # by a hash, not by a random generator: a sheet in a drawer must mean the same for ever
        keys = [hashlib.sha256(f"{self.number}/{box}".encode()).digest() for box in range(BOXES)]
        order = np.array(sorted(range(BOXES), key=keys.__getitem__))
        return Labels((order % 10).astype(np.uint8))

    @property
    def marks(self) -> tuple[int, ...]:
        """The ArUco number of each corner's mark, in the order of `CORNERS`."""
        start, step = divmod(len(ORDERS) * self.number + ORDERS.index(self.order), PRIME)
        return tuple(PRIME * corner + (start + step * corner) % PRIME for corner in range(4))


def random_number() -> int:
    """A sheet's number by chance, so that no two classes have the same."""
    return secrets.randbelow(NUMBERS)


def sheet_series(first: int, copies: int, *, order: str = "mixed") -> list[Sheet]:
    """Sheets with numbers that follow each other; after the last comes 0 again.

    OptionError if there is no such sheet, or there are fewer numbers than `copies`.
    """
    if not 1 <= copies <= NUMBERS:
        raise OptionError(f"expected 1 to {NUMBERS} copies, got {copies}")
    Sheet(first, order)
    return [Sheet((first + more) % NUMBERS, order) for more in range(copies)]


def decode_marks(marks: Mapping[int, int]) -> tuple[Sheet, set[int]] | None:
    """Say which sheet has these marks, and which corners say so; None if fewer than three agree.

    `marks` are the ArUco numbers seen at the corners, 0 to 3.
    """
    values = {corner: number - PRIME * corner for corner, number in marks.items()}
    for one, other in combinations(sorted(values), 2):
        step = (values[other] - values[one]) * pow(other - one, -1, PRIME) % PRIME
        start = (values[one] - step * one) % PRIME
        agree = {k for k, value in values.items() if value == (start + step * k) % PRIME}
        number, order = divmod(start * PRIME + step, len(ORDERS))
        if len(agree) >= 3 and number < NUMBERS:
            return Sheet(number, ORDERS[order]), agree
    return None


def mark_corners(corner: int) -> NDArray[np.float64]:
    """Where the corners of a mark lie on the plate: (4, 2) in mm, clockwise from upper left."""
    x = (PLATE[0] - MARK) * (corner in {1, 2})
    y = (PLATE[1] - MARK) * (corner in {2, 3})
    return np.array([[x, y], [x + MARK, y], [x + MARK, y + MARK], [x, y + MARK]])


def box_corner(box: int) -> tuple[float, float]:
    """The upper left corner of a box, 0 to 99, on the plate: x and y in mm."""
    row, column = divmod(box, COLUMNS)
    return FIRST_BOX[0] + PITCH[0] * column, FIRST_BOX[1] + PITCH[1] * row


def box_middles() -> NDArray[np.float64]:
    """Where the middle of every box lies on the plate: (100, 2) in mm."""
    return np.array([box_corner(box) for box in range(BOXES)]) + BOX_MM / 2


def label_box(box: int) -> tuple[float, float, float, float]:
    """Where the printed digit of a box lies on the plate, in mm: x, y, width and height."""
    x, y = box_corner(box)
    top = y - LABEL_LIFT - LABEL_HEIGHT - LABEL_MARGIN
    return x + (BOX_MM - LABEL_SIDE) / 2, top, LABEL_SIDE, LABEL_SIDE


def plate_corner(paper: str) -> tuple[float, float]:
    """Where the plate's upper left corner lies on the paper: x and y in mm."""
    width, height = paper_size(paper)
    return (width - PLATE[0]) / 2, (height - PLATE[1]) / 2


def paper_size(paper: str) -> tuple[float, float]:
    """Width and height of ``"A4"`` or ``"Letter"``, in mm; OptionError if it is neither."""
    if paper not in PAPERS:
        raise OptionError(f"expected a paper A4 or Letter, got {paper!r}")
    return PAPERS[paper]
