"""What stands on a page: digits in lines, as unevenly as by hand.

Lengths on a page are millimetres, x to the right and y down from its upper left corner.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_lab import strokes
from mnist_lab.arrays import ArrayError, OptionError, Stroke, describe
from mnist_lab.synth.options import check_label, generator

Hand = Callable[[int, np.random.Generator], Sequence[Stroke]]  # a label's strokes, in any unit

A4 = 210.0, 297.0  # mm
LETTER = 215.9, 279.4  # mm
MM_PER_INCH = 25.4

# How a hand strays from what it means to do, as shares of a digit's height.
SIZE_SPREAD = 0.06  # of the logarithm of the height
LIFT_SPREAD = 0.035  # of the place above or below the line
SLOPE_SPREAD = 0.012  # of the slope of a line
INDENT_SPREAD = 0.12  # of where a line begins
GAP_SPREAD = 0.25  # of the logarithm of a gap


@dataclass(frozen=True, eq=False)
class PageDigit:
    """One digit on a page, 0 to 9: its strokes, in mm, or where the printed page shows it.

    `line` is which line it is on; the digits of a line stand in reading order. `box` is x, y,
    width and height in mm of a digit without strokes. OptionError or ArrayError if the label,
    the strokes or the choice between them and a box is wrong.
    """

    label: int
    strokes: Sequence[Stroke] = ()
    line: int = 0
    box: tuple[float, float, float, float] | None = None

    def __post_init__(self) -> None:
        check_label(self.label)
        if bool(len(self.strokes)) == (self.box is not None):
            raise OptionError(
                f"expected strokes to draw the {self.label} with, or the box in which the "
                f"printed page shows it, got {'both' if self.box else 'neither'}"
            )
        _check_strokes(self.strokes)

    def outline(self) -> NDArray[np.float64]:
        """Points (n, 2) in millimetres between which the digit lies, the pen's width aside."""
        if self.box:
            x, y, width, height = self.box
            return np.array([[x, y], [x + width, y], [x + width, y + height], [x, y + height]])
        return np.concatenate(self.strokes).astype(np.float64)


@dataclass(frozen=True, eq=False)
class Page:
    """What is on a page of `size`, width and height in mm: digits in reading order, and marks.

    `printed`, uint8 (h, w) or (h, w, 3), is what was on the page before the pen came, 255 where
    there is bare paper; it is stretched over the whole page. `marks` are strokes in mm that are
    no digit: a crossing-out, a letter. What is not on the page or not in order is an
    OptionError, and arrays of another form are an ArrayError.
    """

    digits: Sequence[PageDigit]
    size: tuple[float, float] = A4
    printed: NDArray[np.uint8] | None = None
    marks: Sequence[Stroke] = ()

    def __post_init__(self) -> None:
        width, height = self.size
        if not (width > 0 and height > 0):
            raise OptionError(f"expected a page wider and higher than 0 mm, got {self.size}")
        if self.printed is not None and not _is_printed(self.printed):
            raise ArrayError(
                "expected a printed page uint8 (height, width) or (height, width, 3), "
                f"got {describe(self.printed)}"
            )
        lines = [digit.line for digit in self.digits]
        if lines != sorted(lines):
            raise OptionError("expected the digits line after line: sort them by their `line`")
        _check_strokes(self.marks)
        things = [(f"a {digit.label}", digit.outline()) for digit in self.digits]
        things += [("a mark", np.asarray(mark, np.float64)) for mark in self.marks]
        for name, points in things:
            if not ((points >= 0) & (points <= self.size)).all():
                low, high = points.min(axis=0).round(1), points.max(axis=0).round(1)
                raise OptionError(
                    f"expected everything on the page of {width:g} x {height:g} mm, got "
                    f"{name} from {low} to {high}: move it, or take a larger page"
                )

    @property
    def lines(self) -> tuple[tuple[int, ...], ...]:
        """Line by line, which digits stand on it."""
        runs = groupby(range(len(self.digits)), key=lambda at: self.digits[at].line)
        return tuple(tuple(run) for _, run in runs)


def lay_out(
    text: str,
    write: Hand,
    *,
    seed: int,
    height: float = 12.0,
    gap: float = 0.4,
    leading: float = 1.7,
    margin: float = 15.0,
    size: tuple[float, float] | None = None,
    tidy: float = 0.0,
) -> Page:
    r"""Write lines of digits on a page, as unevenly as by hand; blank lines do not count.

    Parameters
    ----------
    text : str
        Digits, spaces and line breaks: ``"2026\n0123456789"``. Anything else, or more than
        the page has room for, is an OptionError.
    write : callable (label, rng) -> list of float32 (points, 2)
        A hand, in any unit: ``write_strokes``, or
        ``functools.partial(write_strokes, writer=Writer(3))``.
    seed : int
        The same text, hand and seed give the same page.
    height, margin : float
        Of a digit, and around what is written, in millimetres.
    gap, leading : float
        Between digits (below 0 they run into each other), and from line to line, as shares of
        the height.
    size : (float, float), optional
        Width and height of the page in millimetres; by default as large as the text needs.
    tidy : float
        0 for how hands usually stray in size, place and spacing, 1 for not at all.
    """
    if not text.strip() or not set(text) <= set("0123456789 \n"):
        raise OptionError(f"expected digits, spaces and line breaks to write, got {text!r}")
    if not (height > 0 and leading > 0 and 0 <= tidy <= 1):
        raise OptionError(
            "expected a height and a leading above 0 and tidy from 0 to 1, "
            f"got {height}, {leading} and {tidy}"
        )
    rng = generator(seed, "hand")
    loose = 1 - tidy
    digits: list[PageDigit] = []
    rows = [row for row in text.split("\n") if row.strip()]
    for line, row in enumerate(rows):
        x = margin + abs(rng.normal(0, INDENT_SPREAD)) * (loose * height)
        slope = rng.normal(0, SLOPE_SPREAD) * loose
        for character in row:
            if character == " ":
                x += 0.6 * height
                continue
            tall = height * np.exp(rng.normal(0, SIZE_SPREAD) * loose)
            base = margin + height * (1.1 + line * leading) + slope * (x - margin)
            base += rng.normal(0, LIFT_SPREAD) * (loose * height)
            placed = on_baseline(write(int(character), rng), x, base, tall)
            digits.append(PageDigit(int(character), placed, line))
            x = digits[-1].outline()[:, 0].max()
            x += gap * height * np.exp(rng.normal(0, GAP_SPREAD) * loose)
    if size is None:
        far = np.max([digit.outline().max(axis=0) for digit in digits], axis=0) + margin
        size = float(far[0]), float(far[1])
    return Page(tuple(digits), size)


def on_baseline(lines: Sequence[Stroke], x: float, base: float, tall: float) -> list[Stroke]:
    """Scale strokes to stand on `base`, `tall` high, from `x` to the right; all in mm."""
    # a stroke of few points would show its corners when it is drawn large
    fluent = [strokes.smooth(line) if 2 < len(line) < 200 else np.float32(line) for line in lines]
    points = np.concatenate(fluent)
    low, high = points.min(axis=0), points.max(axis=0)
    zoom = np.float32(tall / max(high[1] - low[1], 1e-3))
    corner = np.array([x, base - tall], np.float32)
    return [Stroke((line - low) * zoom + corner) for line in fluent]


def _check_strokes(lines: Sequence[Any]) -> None:
    for line in lines:
        if not isinstance(line, np.ndarray) or line.shape[1:] != (2,) or not line.size:
            raise ArrayError(f"expected a stroke (points, 2) in millimetres, got {describe(line)}")


def _is_printed(page: Any) -> bool:
    right = isinstance(page, np.ndarray) and page.dtype == np.uint8 and page.size > 0
    return right and (page.ndim == 2 or page.shape[2:] == (3,))
