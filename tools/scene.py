"""What is written in a window of a page: digits with the truth about them, and all else."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from mnist_lab.arrays import Digit
from tools import marks
from tools.exposure import Plane
from tools.marks import Patch
from tools.material import Material

SIDE = 128  # pixels of a window
SIZES = 11.0, 52.0  # pixels; the longer side of a digit in a row or a table
SCANNED_UP_TO = 60  # pixels; a larger MNIST digit would show its pixels
INKED = 0.3  # of full ink, from which on a pixel belongs to a digit's box
IN_FONTS = 0.65  # of words; the others are joined writing
CLEARANCE = 2  # pixels between a digit's box and what is no digit


@dataclass(frozen=True, eq=False)
class PlacedDigit:
    """A digit in a window.

    Attributes
    ----------
    label : int
        0 to 9.
    box : float32 (4,)
        Left, top, right, bottom of its ink, in the window's pixels; may reach beyond it.
    ink : float32 (side, side)
        Its ink, 0 to 1, and nothing else's.
    corner : tuple of int
        Where `ink` lies: x and y of its first pixel; may be outside the window.
    seen : float
        The share of its ink that is in the picture, 0 to 1.
    readable : bool
        Whether a person could: its ink stands out, and no other digit's covers it.
    """

    label: int
    box: NDArray[np.float32]
    ink: Patch
    corner: tuple[int, int]
    seen: float = 1.0
    readable: bool = True

    @property
    def size(self) -> float:
        """The longer side of its box, in pixels."""
        return float(max(self.width, self.box[3] - self.box[1]))

    @property
    def width(self) -> float:
        """Of its box, in pixels."""
        return float(self.box[2] - self.box[0])

    @property
    def middle(self) -> tuple[float, float]:
        """Of its box: x and y, in the window's pixels."""
        left, top, right, bottom = self.box
        return float(left + right) / 2, float(top + bottom) / 2


class Scene:
    """A window that is being written: a method of `SCENES` fills it.

    Attributes
    ----------
    ink, rulings : float32 (SIDE, SIDE)
        What was written, and the lines on the paper before, 0 to 1.
    digits : list of PlacedDigit
        As they were written.
    size, pen : float
        Of its usual digit, in pixels.
    """

    def __init__(self, material: Material, rng: Generator, *, lookalikes: int = 3) -> None:
        self._material, self._rng, self._lookalikes = material, rng, lookalikes
        self.ink = np.zeros((SIDE, SIDE), np.float32)
        self.rulings = np.zeros((SIDE, SIDE), np.float32)
        self.digits: list[PlacedDigit] = []
        self._others: list[tuple[Patch, int, int]] = []
        self.size = log_uniform(rng, *SIZES)
        self.pen = marks.pen_width(self.size, rng)
        self._scanned = rng.choice([0.0, 0.5, 1.0])  # the share of digits by people

    # What scenes are made of

    def add_digit(
        self, x: float, y: float, size: float, pen: float | None = None
    ) -> PlacedDigit | None:
        """Write a digit of `size` pixels, its middle at x, y; None if its pen left no ink."""
        rng, label = self._rng, int(self._rng.integers(10))
        if size < SCANNED_UP_TO and rng.random() < self._scanned:
            people = self._material.scanned[label]
            ink = marks.scanned_digit(Digit(people[rng.integers(len(people))]), size, rng)
        else:
            ways = self._material.written[label]
            pen = pen or marks.pen_width(size, rng)
            ink = marks.written_digit(ways[int(rng.integers(len(ways)))], size, pen, rng)
        if not (ink > INKED).any():
            return None
        ys, xs = np.nonzero(ink > INKED)
        left, top = round(x - ink.shape[1] / 2), round(y - ink.shape[0] / 2)
        box = [left + xs.min(), top + ys.min(), left + xs.max() + 1, top + ys.max() + 1]
        digit = PlacedDigit(label, np.array(box, np.float32), ink, (left, top))
        self.digits.append(digit)
        lay(self.ink, ink, left, top)
        return digit

    def add_others(self) -> None:
        """Lay down all words and scribbles, once every digit is there: none may be over one."""
        layer = np.zeros_like(self.ink)
        for patch, left, top in self._others:
            lay(layer, patch, left, top)
        for digit in self.digits:
            x0, y0 = (max(0, int(v) - CLEARANCE) for v in digit.box[:2])
            x1, y1 = (max(0, int(v) + CLEARANCE + 1) for v in digit.box[2:])
            layer[y0:y1, x0:x1] = 0
        np.maximum(self.ink, layer, out=self.ink)

    def add_text(self, x: float, y: float, size: float, letters: int | None = None) -> float:
        """Other people's words from x on, half above and half below y; in a font, or joined.

        Gives where they end. They are laid down by `add_others`, as are scribbles.
        """
        rng, fonts = self._rng, self._material.fonts
        letters = letters or int(rng.integers(1, 10))
        if fonts and rng.random() < IN_FONTS:
            lookalikes = self._lookalikes if letters > 2 else 0  # known by the letters beside it
            signs = marks.LETTERS + marks.LOOKALIKES * lookalikes
            text = "".join(rng.choice(list(signs), letters))
            patch = marks.word(text, fonts[int(rng.integers(len(fonts)))], size, rng)
        else:
            pen = self.pen if rng.random() < 0.5 else marks.pen_width(size, rng)
            patch = marks.joined_writing(max(2, letters), size, pen, rng)
        self._others.append((patch, round(x), round(y - patch.shape[0] / 2)))
        return x + patch.shape[1]

    def add_scribble(self) -> None:
        """What is neither digit nor letter, anywhere."""
        rng = self._rng
        size = log_uniform(rng, 6, 90)
        patch = marks.scribble(size, marks.pen_width(min(size, 40), rng), rng)
        x, y = rng.uniform(-0.2, 1, 2) * SIDE
        self._others.append((patch, round(x), round(y)))

    def add_clutter(self, words: float, scribbles: float) -> None:
        """Words and scribbles anywhere, as many as these on average."""
        rng = self._rng
        for _ in range(rng.poisson(words)):
            self.add_text(rng.uniform(-10, SIDE), rng.uniform(0, SIDE), rng.uniform(8, 50))
        for _ in range(rng.poisson(scribbles)):
            self.add_scribble()

    def add_lines(
        self, axis: int, at: Sequence[float] | NDArray[np.floating], *,
        wide: float, level: float, tilt: float = 0,
    ) -> None:  # fmt: skip
        """Lines on the paper at some y (axis 0) or x (axis 1), `wide` pixels.

        `level` is how dark they are, 0 to 1; a line thinner than a pixel is paler. They end
        `tilt` pixels further on than they begin.
        """
        pale = level * (max(0.35, wide) if wide < 1 else 1)
        for place in at:
            canvas = np.zeros((SIDE, SIDE), np.uint8)
            ends = np.array([[-5, place], [SIDE + 5, place + tilt]])
            ends = np.rint(ends[:, :: -1 if axis else 1] * 2**marks.SUBPIXEL).astype(int)
            thick = max(1, round(wide))
            cv2.line(canvas, ends[0], ends[1], 255, thick, cv2.LINE_AA, marks.SUBPIXEL)
            line = canvas.astype(np.float32) * (pale / 255)
            np.maximum(self.rulings, line, out=self.rulings)

    def rule(self) -> None:
        """Lines, squares or columns across the window."""
        rng = self._rng
        step, level, tilt = rng.uniform(8, 70), rng.uniform(0.12, 1), rng.normal(0, 0.03) * SIDE
        wide = rng.choice([0.6, 1, 1, 1.5, 2, 3])
        kind = rng.choice(["lines", "squares", "columns"], p=[0.45, 0.4, 0.15])
        across = step * (rng.uniform(0.8, 1.3) if rng.random() < 0.4 else 1)
        if kind != "columns":
            at = np.arange(rng.uniform(-step, step) - 20, SIDE + 20, step)
            self.add_lines(0, at, wide=wide, level=level, tilt=tilt)
        if kind != "lines":
            at = np.arange(rng.uniform(-step, step) - 20, SIDE + 20, across)
            self.add_lines(1, at, wide=wide, level=level, tilt=-tilt)

    # The scenes

    def rows(self) -> None:
        """Lines of digits, near to each other or far, now and then a word among them."""
        rng, size = self._rng, self.size
        leading, tilt = size * rng.uniform(1.15, 2.6), rng.normal(0, 0.05)
        gap = rng.uniform(-0.12, 0.25) if rng.random() < 0.5 else rng.uniform(0.2, 1.4)
        worded = rng.random() < 0.25
        y = rng.uniform(-0.3, 0.8) * size
        while y < SIDE + 0.4 * size:
            x = rng.uniform(-1, 0.8) * size if rng.random() < 0.8 else rng.uniform(0, SIDE)
            if worded and rng.random() < 0.5:
                x = self.add_text(x, y, size) + rng.uniform(0.3, 2) * size
            self._row(x, y, gap, tilt)
            y += leading * np.exp(rng.normal(0, 0.05))

    def _row(self, x: float, y: float, gap: float, tilt: float) -> None:
        """Digits from x, y on, `gap` times their size apart; y grows by `tilt` a pixel."""
        rng, size = self._rng, self.size
        stop = min(rng.uniform(0.3, 1.3) * SIDE, SIDE + size)
        while x < stop:
            drop = tilt * x + rng.normal(0, 0.04) * size
            digit = self.add_digit(x, y + drop, size * np.exp(rng.normal(0, 0.09)), self.pen)
            x += (digit.width if digit else size / 2) / 2
            x += size * (max(gap + rng.normal(0, 0.06), -0.14) + 0.3)
            x += rng.uniform(0.5, 1.5) * size if rng.random() < 0.06 else 0

    def table(self) -> None:
        """A table or a form: cells of a digit or a few, some of which cross its lines."""
        rng, size = self._rng, self.size
        number = int(rng.choice([1, 1, 1, 2, 3]))
        wide, tall = size * rng.uniform(1.05, 2.4, 2) * (number, 1)
        left, top = rng.uniform(-wide, 0), rng.uniform(-tall, 0)
        level, thick = rng.uniform(0.2, 1), rng.choice([0.7, 1, 1, 2, 3])
        self.add_lines(0, np.arange(top, SIDE + tall, tall), wide=thick, level=level)
        self.add_lines(1, np.arange(left, SIDE + wide, wide), wide=thick, level=level)
        full, stray, lettered = rng.uniform(0.3, 1), rng.uniform(0.02, 0.3), rng.uniform(0, 0.4)
        for y in np.arange(top + tall / 2, SIDE + tall, tall):
            for x in np.arange(left + wide / number / 2, SIDE + wide, wide / number):
                dx, dy = rng.normal(0, stray, 2) * size / 2
                if rng.random() < full:
                    self.add_digit(x + dx, y + dy, size * np.exp(rng.normal(0, 0.1)), self.pen)
                elif rng.random() < lettered:
                    self.add_text(x - size / 3, y, size, int(rng.integers(1, 3)))

    def scattered(self) -> None:
        """Digits of any size anywhere, apart from each other."""
        rng = self._rng
        for _ in range(int(rng.integers(1, 9))):
            size = log_uniform(rng, 11, 56)
            x, y = rng.uniform(-0.1 * SIDE, 1.1 * SIDE, 2)
            if all(
                max(abs(np.subtract((x, y), digit.middle))) > 0.45 * (size + digit.size)
                for digit in self.digits
            ):
                self.add_digit(x, y, size)

    def alone(self) -> None:
        """One digit in the middle, perhaps with neighbours that the picture's edge cuts off."""
        rng = self._rng
        self.size = size = rng.uniform(15, 46)
        self.pen = marks.pen_width(size, rng)
        x, y = SIDE / 2 + rng.normal(0, 8, 2)
        self.add_digit(x, y, size, self.pen)
        apart, crowded = rng.uniform(0.62, 1.1) * size, rng.choice([0, 0.3, 0.6])
        for right, down in ((-1, 0), (1, 0), (0, -1.3), (0, 1.3), (-2, 0), (2, 0)):
            if rng.random() < crowded:
                neighbour = size * np.exp(rng.normal(0, 0.1))
                self.add_digit(x + right * apart, y + down * apart, neighbour, self.pen)

    def huge(self) -> None:
        """Digits too large for this scale, in parts: none is to be found here."""
        rng, size = self._rng, float(self._rng.uniform(70, 260))
        for _ in range(int(rng.integers(1, 3))):
            pen = size * np.exp(rng.normal(np.log(0.07), 0.5))
            x, y = SIDE / 2 + rng.normal(0, 0.4, 2) * size
            self.add_digit(x, y, size, pen)

    def words(self) -> None:
        """Lines of text of one size, as on a printed page or in a letter."""
        rng, size = self._rng, log_uniform(self._rng, 8, 40)
        for y in np.arange(rng.uniform(0, size), SIDE + size, size * rng.uniform(1.2, 2.2)):
            x = rng.uniform(-SIDE / 2, SIDE / 4)
            while x < SIDE:
                letters = int(rng.integers(1, 11))
                self.add_text(x, y, size, letters)
                x += size * (0.55 * letters + rng.uniform(0.3, 1))

    def empty(self) -> None:
        """Bare paper."""


def lay(canvas: Plane, patch: Patch, left: int, top: int) -> None:
    """Lay ink on a canvas where it is inside; the darker of both stays."""
    height, width = patch.shape
    x0, y0 = max(0, left), max(0, top)
    x1, y1 = min(canvas.shape[1], left + width), min(canvas.shape[0], top + height)
    if x0 < x1 and y0 < y1:
        part = patch[y0 - top : y1 - top, x0 - left : x1 - left]
        np.maximum(canvas[y0:y1, x0:x1], part, out=canvas[y0:y1, x0:x1])


def log_uniform(rng: Generator, low: float, high: float) -> float:
    """A number from low to high, as often under their geometric mean as above."""
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))
