"""What stands on a page: digits in lines, as unevenly as by hand.

Lengths on a page are millimetres, x to the right and y down from its upper left corner.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
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
    """One digit on a page.

    Attributes
    ----------
    label : int
        Which digit, 0 to 9.
    strokes : list of float32 (points, 2)
        Where the pen went, in millimetres on the page. Empty for a digit that stands on
        the printed page already.
    line : int
        Which line it is on; the digits of a line stand in reading order.
    box : (float, float, float, float), optional
        x, y, width, height in millimetres: where a digit without strokes stands.
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
    """What is on a page.

    Attributes
    ----------
    digits : sequence of PageDigit
        In reading order.
    size : (float, float)
        Width and height in millimetres.
    printed : uint8 (h, w) or (h, w, 3), optional
        What was on the page before the pen came, 255 where there is bare paper; it is
        stretched over the whole page.
    marks : list of float32 (points, 2)
        Strokes that are no digit, in millimetres: a crossing-out, a letter.
    """

    digits: Sequence[PageDigit]
    size: tuple[float, float] = A4
    printed: NDArray[np.uint8] | None = None
    marks: Sequence[Stroke] = ()

    def __post_init__(self) -> None:
        width, height = self.size
        if not (width > 0 and height > 0):
            raise OptionError(f"expected a page wider and higher than 0 mm, got {self.size}")
        if self.printed is not None:
            _check_printed(self.printed)
        if [digit.line for digit in self.digits] != sorted(digit.line for digit in self.digits):
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
        numbers = sorted({digit.line for digit in self.digits})
        return tuple(
            tuple(at for at, digit in enumerate(self.digits) if digit.line == number)
            for number in numbers
        )


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
    r"""Write lines of digits on a page, as unevenly as by hand.

    Parameters
    ----------
    text : str
        Digits, spaces and line breaks: ``"2026\n0123456789"``.
    write : callable (label, rng) -> list of float32 (points, 2)
        A hand, in any unit: ``write_strokes``, or
        ``functools.partial(write_strokes, writer=Writer(3))``.
    seed : int
        The same text, hand and seed give the same page.
    height : float
        Of a digit, in millimetres.
    gap : float
        Between digits, as a share of their height; below 0 they run into each other.
    leading : float
        From line to line, as a share of the height.
    margin : float
        Around what is written, in millimetres.
    size : (float, float), optional
        Width and height of the page in millimetres; by default as large as the text needs.
    tidy : float
        0 for how hands usually stray in size, place and spacing, 1 for not at all.

    Returns
    -------
    Page
        The digits in reading order, without the spaces; blank lines are left out of the
        count of lines.

    Raises
    ------
    OptionError
        `text` holds something else than digits, or more than the page has room for.
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
    lines = [_fluent(line) for line in lines]
    points = np.concatenate(lines)
    low, high = points.min(axis=0), points.max(axis=0)
    zoom = np.float32(tall / max(high[1] - low[1], 1e-3))
    corner = np.array([x, base - tall], np.float32)
    return [Stroke((line - low) * zoom + corner) for line in lines]


def _fluent(line: Stroke) -> Stroke:
    """Round the corners that a stroke of few points would show when it is drawn large."""
    return Stroke(strokes.smooth(line) if 2 < len(line) < 200 else np.asarray(line, np.float32))


def _check_strokes(lines: Sequence[Any]) -> None:
    for line in lines:
        if not isinstance(line, np.ndarray) or line.shape[1:] != (2,) or not line.size:
            raise ArrayError(f"expected a stroke (points, 2) in millimetres, got {describe(line)}")


def _check_printed(printed: Any) -> None:
    right = isinstance(printed, np.ndarray) and printed.dtype == np.uint8 and printed.size
    if not (right and (printed.ndim == 2 or printed.shape[2:] == (3,))):
        raise ArrayError(
            "expected a printed page uint8 (height, width) or (height, width, 3), "
            f"got {describe(printed)}"
        )
