"""A picture to digits in reading order, with every step kept for looking at.

Nothing here knows what a digit means. A digit is told from a speck, a ruling or a word by
its shape, a line of digits from the next by where they stand. What each digit is, a network
may say afterwards.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from mnist_lab.arrays import Digits, Image, MnistLabError
from mnist_lab.reading.components import (
    FAINT,
    STRAIGHT,
    Piece,
    could_be_digit,
    drawn,
    find_pieces,
    is_digit,
    is_trace,
    prominence,
    stands_out,
    to_digit,
    touches,
    typical_height,
    whole_digits,
    with_its_parts,
)  # fmt: skip
from mnist_lab.reading.deskew import stand_upright
from mnist_lab.reading.ink import Ink, Step, find_ink

PAGE = 2_200_000  # pixels that a page is worked on with, at the most
DETAIL = 200_000  # pixels that it is blown up to, when it has fewer
DIGIT = 400  # pixels; the longer side of a picture of one digit as it is worked on
MOST = 0.6  # share of the ink that a digit is which reaches over two sides of the picture
FEW = 0.2  # share of what is found faint that must be bent, for any of it to be digits
LIKE = 0.7  # share of the usual level of digits that a straight one has as well
TALLEST = 8.5  # times the smallest digit's height that the tallest may have

FOUND = "What is shaped like digits; specks, edges, rulings and words are left out."


class NoDigit(MnistLabError):
    """A picture was asked for its digit, and holds none."""


@dataclass(frozen=True, eq=False)
class Reading:
    """What was found in a picture.

    Attributes
    ----------
    digits : uint8 (n, 28, 28)
        In reading order.
    boxes : int64 (n, 4)
        x, y, width, height of each one's ink in the picture, in its pixels.
    lines : tuple of tuple of int
        Line by line, which digits stand on it.
    polarity : str
        ``"dark-on-light"`` or ``"light-on-dark"``.
    rotation : float
        By how many degrees the writing is turned in the picture, clockwise, -180 to 180.
    steps : tuple of Step
        What was done, in order.
    """

    digits: Digits
    boxes: NDArray[np.int64]
    lines: tuple[tuple[int, ...], ...]
    polarity: str
    rotation: float
    steps: tuple[Step, ...] = field(repr=False)

    def __len__(self) -> int:
        return len(self.digits)

    def only(self, which: NDArray[np.bool_]) -> "Reading":
        """The same with some of its digits alone: those where `which`, bool (n,), is true."""
        place = np.cumsum(which) - 1
        lines = (tuple(int(place[at]) for at in line if which[at]) for line in self.lines)
        return replace(
            self,
            digits=self.digits[which],
            boxes=self.boxes[which],
            lines=tuple(line for line in lines if line),
        )


def read_digit(image: Image) -> Digits:
    """Make a digit of the one that a picture shows.

    Parameters
    ----------
    image : uint8 (height, width)
        0 to 255, either polarity.

    Returns
    -------
    uint8 (28, 28)
        The digit.

    Raises
    ------
    NoDigit
        The picture holds no ink, or nothing shaped like a digit.
    ArrayError
        `image` is not one.
    """
    reading = read_one(image)
    if not len(reading):
        raise NoDigit("expected a picture that holds a digit, found none in it")
    return reading.digits[0]


def read_one(image: Image) -> Reading:
    """Find the digit of a picture that holds one, however large: a `Reading` of one or none."""
    ink = find_ink(image, most=DIGIT**2, least=DIGIT**2 // 8)
    pieces = find_pieces(ink)
    shape = ink.levels.shape
    main = max(pieces, key=lambda piece: prominence(piece, shape), default=None)
    if main is None or not could_be_digit(main) or not stands_out(main, ink.grey):
        return _reading(image, ink, [])
    whole = with_its_parts(main, pieces, shape)
    rim = touches(main, shape) > 1 and main.bend < STRAIGHT
    some = whole.area < MOST * np.count_nonzero(ink.mask)
    if (rim and some) or is_trace(main):
        return _reading(image, ink, [])
    return _reading(image, ink, [[whole]])


def read_page(image: Image) -> Reading:
    """Find the digits of a page, in reading order.

    Parameters
    ----------
    image : uint8 (height, width)
        0 to 255, either polarity, at least 3 pixels high and wide.

    Returns
    -------
    Reading
        With no digits, where there are none.

    Raises
    ------
    ArrayError
        `image` is not one.
    """
    ink = find_ink(image, most=PAGE, least=DETAIL)
    ink, pieces = stand_upright(ink)
    found = whole_digits(pieces)
    tall = typical_height(found)
    found = [p for p in found if tall / TALLEST < p.height < 3.5 * tall]
    digits = {p for p in found if is_digit(p, tall, ink)}
    lines = _without_words(_lines([p for p in found if p in digits or _is_word(p, tall)]), tall)
    lines = [[p for p in line if p in digits] for line in lines]
    pen = float(np.median([p.stroke for line in lines for p in line] or [0]))
    lines = [_alike(line, tall, pen) for line in lines]
    lines = _without_traces(lines)
    if _is_dust(lines, pieces, int(ink.mask.sum())):
        lines = []
    return _reading(image, ink, [line for line in lines if line])


# Lines


def _lines(pieces: list[Piece]) -> list[list[Piece]]:
    """Digits to lines, each from left to right, the lines from top to bottom."""
    lines: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda p: p.x + p.width / 2):
        best, most = None, 0.0
        for line in lines:
            share = _alongside(piece, line)
            if share > most:
                best, most = line, share
        if best is not None and most > 0.4:
            best.append(piece)
        else:
            lines.append([piece])
    return sorted(lines, key=lambda line: float(np.mean([p.middle[1] for p in line])))


def _alongside(piece: Piece, line: Sequence[Piece]) -> float:
    """The share of its height that a piece has in common with the end of a line."""
    last = line[-3:]
    top = float(np.mean([p.y for p in last]))
    bottom = float(np.mean([p.bottom for p in last]))
    common = min(bottom, piece.bottom) - max(top, piece.y)
    return common / min(bottom - top, piece.height)


def _alike(line: Sequence[Piece], tall: float, pen: float) -> list[Piece]:
    """A line without what is small beside the rest of the page, unless three go together.

    A blot, short for its width and wider than the pen, goes as well.
    """
    return [
        piece
        for piece in line
        if (
            piece.height > 0.4 * tall
            or sum(0.6 < other.height / piece.height < 1.7 for other in line) >= 3
        )
        and (piece.stroke < 2.2 * pen or piece.length > 4 * piece.stroke)
    ]


def _without_words(lines: list[list[Piece]], tall: float) -> list[list[Piece]]:
    """Lines without those of letters, and without the odd letter beside one."""
    words = [line for line in lines if _is_words(line, tall)]
    bands = [(min(p.y for p in line), max(p.bottom for p in line)) for line in words]
    return [
        line
        for line in lines
        if line not in words
        and not (
            len(line) < 3 and any(low < p.middle[1] < high for low, high in bands for p in line)
        )
    ]


def _is_words(line: Sequence[Piece], tall: float) -> bool:
    """Whether a line is writing in letters: much of it hangs together, wider than digits."""
    wide = [piece.width for piece in line if _is_word(piece, tall)]
    return len(wide) > 1 and sum(wide) > 0.3 * sum(piece.width for piece in line)


def _is_word(piece: Piece, tall: float) -> bool:
    """Whether a piece is long and low, and more than a straight line: joined letters."""
    return (
        piece.width > 1.8 * piece.height
        and piece.length > 1.1 * piece.width
        and piece.height > 0.6 * tall
    )


def _without_traces(lines: list[list[Piece]]) -> list[list[Piece]]:
    """Lines without faint straight pieces, but where most of what is as faint is bent."""
    found = [piece for line in lines for piece in line]
    drawn = [piece.level for piece in found if not is_trace(piece)]
    usual = float(np.median(drawn or [0]))
    if len(drawn) < FEW * len(found) and usual < FAINT:
        return []
    floor = LIKE * usual if len(drawn) > len(found) / 2 else FAINT
    return [[p for p in line if not is_trace(p) or p.level > floor] for line in lines]


def _is_dust(lines: list[list[Piece]], pieces: list[Piece], ink: int) -> bool:
    """Whether more of the ink, in pixels, is in specks than in digits: grain and dust."""
    digits = [piece for line in lines for piece in line]
    tall = float(np.median([piece.height for piece in digits] or [0]))
    large = sum(p.area for p in pieces if max(p.width, p.height) >= 0.5 * tall)
    return sum(piece.area for piece in digits) < ink - large


# What was found


def _reading(image: Image, ink: Ink, lines: list[list[Piece]]) -> Reading:
    pieces = [piece for line in lines for piece in line]
    if pieces:
        ink = ink.then("digits", FOUND, 255 * drawn(pieces, ink.levels.shape))
    made = [to_digit(piece, ink.levels) for piece in pieces]
    starts = np.cumsum([0] + [len(line) for line in lines])
    boxes = np.array([_box(p, ink.back, image.shape) for p in pieces], np.int64).reshape(-1, 4)
    return Reading(
        digits=np.stack(made) if made else np.zeros((0, 28, 28), np.uint8),
        boxes=boxes,
        lines=tuple(tuple(range(a, b)) for a, b in pairwise(starts)),
        polarity=ink.polarity,
        rotation=(ink.rotation + 180) % 360 - 180,
        steps=ink.steps,
    )


def _box(
    piece: Piece, back: NDArray[np.float64], shape: tuple[int, ...]
) -> tuple[int, int, int, int]:
    """A piece's box in the picture's own pixels."""
    y, x = np.nonzero(piece.mask)
    centres = np.stack([x + piece.x + 0.5, y + piece.y + 0.5, np.ones(len(x))])
    along, down = back @ centres
    half = np.abs(back[:, :2]).sum(axis=1) / 2  # of a pixel of the ink
    left, top = max(0, int(along.min() - half[0] + 1e-6)), max(0, int(down.min() - half[1] + 1e-6))
    right = min(shape[1], int(np.ceil(along.max() + half[0] - 1e-6)))
    bottom = min(shape[0], int(np.ceil(down.max() + half[1] - 1e-6)))
    return left, top, max(1, right - left), max(1, bottom - top)
