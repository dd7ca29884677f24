"""A procedural writer: digits written by a program, the built-in stand-in for MNIST.

A digit is one of the ways of writing it (`skeletons.toml`), thrown with chance, bent and
slanted as hands do, drawn with a pen (`strokes`) and brought to MNIST's form
(`images.to_digit`). No image of MNIST is in it; its numbers were set by looking at
MNIST's training images beside written ones.

The same seed gives the same bytes on the same kind of machine with the same NumPy and
OpenCV. Elsewhere a sine or an exponential may be rounded otherwise, and here and there a
pixel differ.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from zlib import crc32

import cv2
import numpy as np
from numpy.typing import NDArray

from mnist_lab import images, strokes
from mnist_lab.arrays import ArrayError, Digits, Image, Labels, Split, Stroke, check_labels
from mnist_lab.synth import glyphs as skeletons
from mnist_lab.synth.glyphs import Value, Variant

# The hand. A pair is the mean and spread of a normal number; what has no unit is a share of
# the digit's height.
SLANT = 0.18, 0.22  # to the right, as the tangent of the angle
TURN = 0.0, 0.14  # of the whole digit, in radians
STRETCH = 0.09  # spread of the logarithm of width to height
TAPER = 0.1  # how much wider the digit is at the bottom, and narrower at the top
SAG = 0.06  # bends the height: how much taller one half is than the other
UNSTEADY = 0.006, 0.022  # by how much control points miss their place: least, and spread
WARPS = 4  # sine waves that bend the paper under the digit ...
WARP = 0.05  # ... each by about this much ...
WARP_LENGTH = 2.0, 9.0  # ... in radians per height, from and to
TRIM = 0.015  # of a stroke that is missing at either end

# The pen, in pixels of a 28-pixel digit.
PEN = 1.95, 0.33  # median width, and spread of its logarithm
PEN_LIMITS = 1.2, 5.5
PRESSURE = 0.12  # spread of the logarithm of the width along the stroke
PRESSURE_KNOTS = 4  # widths a stroke runs through
SKIP = 0.04  # share of strokes in which the pen leaves a gap
TREMOR = 0.17  # by how much the hand trembles, from point to point

# The scanner, in grey levels of 255.
SOFT = 0.0, 0.08  # share of a pixel that runs over into each of its neighbours
PAPER = 2.0, 25.0
GAIN = 1.0, 1.15  # above 1 the strokes' edges are as bright as their middle

# The paper, on a canvas FINER than a digit: ink bleeds, and stays where it beats the grain.
BLEED = 5  # pixels of the canvas over which ink spreads
GRAIN = 4, 12, 24, 40  # roughness, in grey levels: as many kinds of paper, equally common
FIBRE = 1.2  # pixels of the canvas, the size of the grain
SHEET = 256  # pixels of paper, each way; a digit is written anywhere on it

HABITS = 251  # numbers that make up a writer; a habit's name picks one
REGULAR = 0.5, 0.85  # how much of a digit is its writer's habit, from careless to regular
DIGITS_PER_WRITER = 10  # in a split
FINER = 3  # times finer than a digit is the canvas on which the pen draws ...
CANVAS = 30 * FINER  # ... pixels high and wide, room for a box of 20 and a thick pen


@dataclass(frozen=True, eq=False)
class Writer:
    """A person with habits: the slant, the pen, the ways of writing each digit.

    Over many writers the digits vary as widely as without any: a habit is a number that a
    digit would otherwise draw for itself, drawn once.

    Parameters
    ----------
    seed : int or tuple of int
        The same seed is the same person.
    """

    seed: int | tuple[int, ...]
    normals: NDArray[np.float32] = field(init=False, repr=False)  # (HABITS,)
    uniforms: NDArray[np.float32] = field(init=False, repr=False)  # (HABITS,)
    regular: float = field(init=False)

    def __post_init__(self) -> None:
        rng = np.random.default_rng(self.seed)
        object.__setattr__(self, "regular", rng.uniform(*REGULAR))
        object.__setattr__(self, "normals", rng.standard_normal(HABITS, np.float32))
        object.__setattr__(self, "uniforms", rng.random(HABITS, np.float32))


class Crowd:
    """Writers side by side, so that many digits by many people are written at once."""

    def __init__(self, writers: Sequence[Writer]) -> None:
        self.normals = np.stack([writer.normals for writer in writers])
        self.uniforms = np.stack([writer.uniforms for writer in writers])
        self.regular = np.array([writer.regular for writer in writers], np.float32)


@dataclass(frozen=True, eq=False)
class Dice:
    """Chance for n digits at a time, each bent towards the habits of who writes it.

    Attributes
    ----------
    rng : numpy.random.Generator
    who : int (n,)
        The writer of each digit, as a place in `crowd`.
    crowd : Crowd or None
        None where every digit is by somebody else.
    even : bool
        Whether rare ways of writing a digit are less rare than in MNIST.
    """

    rng: np.random.Generator
    who: NDArray[np.intp]
    crowd: Crowd | None = None
    even: bool = False

    @property
    def n(self) -> int:
        return len(self.who)

    def normal(self, habit: str) -> NDArray[np.float32]:
        """Give normal numbers (n,), cut off at twice their spread."""
        numbers = self.rng.standard_normal(self.n, np.float32)
        if self.crowd:
            regular = self.crowd.regular[self.who]
            usual = self.crowd.normals[self.who, _column(habit)]
            numbers = regular * usual + np.sqrt(1 - regular**2) * numbers
        return np.clip(numbers, -2, 2)

    def uniform(self, habit: str) -> NDArray[np.float32]:
        """Give numbers (n,) from 0 to 1."""
        numbers = self.rng.random(self.n, np.float32)
        if self.crowd:
            as_usual = self.rng.random(self.n, np.float32) < self.crowd.regular[self.who]
            usual = self.crowd.uniforms[self.who, _column(habit)]
            numbers = np.where(as_usual, usual, numbers)
        return numbers

    def of(self, digits: NDArray[np.intp]) -> "Dice":
        """Give the dice of some of the digits."""
        return Dice(self.rng, self.who[digits], self.crowd, self.even)


def write(labels: Labels, *, seed: int, writer: Writer | None = None) -> Digits:
    """Write digits in the form of MNIST.

    Parameters
    ----------
    labels : uint8 (n,)
        Which digits, 0 to 9.
    seed : int
        The same labels, seed and writer give the same digits.
    writer : Writer, optional
        In whose hand; by default each digit is by somebody else.

    Returns
    -------
    uint8 (n, 28, 28)
        Digits, bright ink on dark.

    Raises
    ------
    ArrayError
        `labels` are not labels.
    """
    who = np.zeros(len(check_labels(labels)), np.intp)
    crowd = Crowd([writer]) if writer else None
    return _write(labels, Dice(np.random.default_rng(seed), who, crowd))


def write_strokes(
    label: int, rng: np.random.Generator, writer: Writer | None = None
) -> list[Stroke]:
    """Write one digit as the way of the pen.

    Parameters
    ----------
    label : int
        Which digit, 0 to 9.
    rng : numpy.random.Generator
        Where chance comes from.
    writer : Writer, optional
        In whose hand; by default anybody's.

    Returns
    -------
    list of float32 (points, 2)
        One to three strokes, x and y in units of the digit's height: y from 0 to 1, x from 0.

    Raises
    ------
    ArrayError
        `label` is not a digit.
    """
    crowd = Crowd([writer]) if writer else None
    dice = Dice(rng, np.zeros(1, np.intp), crowd)
    [(variant, _)] = _choose(_label(label), dice)
    points, in_air, _ = _trace(variant, dice)
    drawing = points[0] - points[0].min(axis=0)
    drawing /= drawing[:, 1].max()
    return np.split(drawing, np.flatnonzero(in_air) + 1)


def make_split(
    train: int = 60_000,
    test: int = 10_000,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
    *,
    even: bool = False,
) -> tuple[Split, Split]:
    """Make a data set shaped like MNIST; nobody who wrote for the test wrote for the training.

    Parameters
    ----------
    train, test : int
        How many digits. The ten classes are as equal as can be, in random order.
    seed : int
        The same seed gives the same digits.
    progress : callable (done, total), optional
        Called now and then with the number of digits written and to be written.
    even : bool
        Whether rare ways of writing a digit are less rare than in MNIST (by the square roots
        of their shares), and those written, too, that MNIST does not have.

    Returns
    -------
    train, test : Split
        uint8 (n, 28, 28) and uint8 (n,).
    """
    if min(train, test) < 1:
        raise ArrayError(f"expected at least one digit in each part, got {train} and {test}")
    total = train + test

    def part(number: int, size: int, before: int) -> Split:
        rng = np.random.default_rng((seed, number))
        people = -(-size // DIGITS_PER_WRITER)
        crowd = Crowd([Writer((seed, number, person)) for person in range(people)])
        labels = rng.permutation(np.arange(size) % 10).astype(np.uint8)

        def tell(done: int) -> None:
            if progress:
                progress(before + done, total)

        return Split(_write(labels, Dice(rng, np.arange(size) % people, crowd, even), tell), labels)

    return part(0, train, 0), part(1, test, train)


def variants() -> tuple[Variant, ...]:
    """Give every way of writing a digit: its `digit`, `name` and `share` among its digit's."""
    return skeletons.variants()


def draw_variants(*, columns: int = 16, seed: int = 0) -> Image:
    """Draw a sheet of every way of writing a digit: one row each, in the order of `variants`.

    Parameters
    ----------
    columns : int
        How many digits of each, every one by somebody else.
    seed : int
        The same seed gives the same sheet.

    Returns
    -------
    uint8 (variants * 28, 140 + columns * 28)
        Bright ink on dark: the variant's name and its share in 140 pixels, then its digits.
    """
    dice = Dice(np.random.default_rng(seed), np.zeros(columns, np.intp))
    rows = []
    for variant in variants():
        name = np.zeros((28, 140), np.uint8)
        text = f"{variant} {variant.share:g}"
        cv2.putText(name, text, (4, 18), cv2.FONT_HERSHEY_SIMPLEX, 0.4, 160, 1, cv2.LINE_AA)
        rows.append(np.hstack([name, *_draw(*_trace(variant, dice), dice)]))
    return np.vstack(rows)


def _write(labels: Labels, dice: Dice, tell: Callable[[int], None] | None = None) -> Digits:
    digits = np.empty((len(labels), 28, 28), np.uint8)
    done = 0
    for variant, at in _choose(labels, dice):
        these = dice.of(at)
        digits[at] = _draw(*_trace(variant, these), these)
        done += len(at)
        if tell:
            tell(done)
    return digits


def _choose(labels: Labels, dice: Dice) -> Iterator[tuple[Variant, NDArray[np.intp]]]:
    """Choose a way of writing for each label: the variants, and where each is used."""
    for digit in np.unique(labels):
        ways = [variant for variant in variants() if variant.digit == digit]
        shares = np.array([way.share for way in ways])
        upto = np.cumsum(np.sqrt(np.maximum(shares, 1)) if dice.even else shares)
        at = np.flatnonzero(labels == digit)
        choice = np.searchsorted(upto / upto[-1], dice.of(at).uniform(f"{digit}"), side="right")
        for number, way in enumerate(ways):
            if (choice == number).any():
                yield way, at[choice == number]


def _trace(variant: Variant, dice: Dice) -> tuple[NDArray[np.float32], NDArray[np.bool_], Value]:
    """Move the pen: points (n, points, 2) of n digits, where it is in the air, and the ink."""
    lines, in_air = [], []
    miss = UNSTEADY[0] + UNSTEADY[1] * np.abs(dice.normal("unsteady"))
    for curves in variant.place(dice):
        shaken = [_shake(curve, miss, dice) for curve in curves]
        for curve, following in pairwise(shaken):
            following[:, 0] = curve[:, -1]
        line = np.concatenate([strokes.smooth(curve) for curve in shaken], axis=1)
        lines.append(_trim(line, dice))
        in_air += [False] * (line.shape[1] - 1) + [True]
    lean, stretch = variant.measure("lean", 0, dice), variant.measure("stretch", 1, dice)
    points = _bend(np.concatenate(lines, axis=1), lean, stretch, dice)
    return points, np.array(in_air[:-1]), variant.measure("ink", 1, dice)


def _shake(
    curve: NDArray[np.float32], miss: NDArray[np.floating], dice: Dice
) -> NDArray[np.float32]:
    """Let control points miss their places; many points less, lest the line be rough."""
    calm = np.float32(min(1, (6 / curve.shape[1]) ** 0.5))
    return curve + calm * miss[:, None, None] * dice.rng.standard_normal(curve.shape, np.float32)


def _trim(line: NDArray[np.float32], dice: Dice) -> NDArray[np.float32]:
    """Leave out a little at both ends: the pen comes down late and leaves early."""
    last = line.shape[1] - 1
    missing = np.abs(dice.rng.standard_normal((2, dice.n, 1), np.float32)) * TRIM * last
    early, late = np.minimum(missing, 0.2 * last).round().astype(np.intp)
    kept = np.clip(np.arange(last + 1), early, last - late)
    return np.take_along_axis(line, kept[..., None], axis=1)


def _bend(
    points: NDArray[np.float32], lean: Value, stretch: Value, dice: Dice
) -> NDArray[np.float32]:
    """Bend, stretch, slant and turn n digits, each as a whole, about its middle."""

    def hand(mean: float, spread: float, habit: str) -> NDArray[np.float32]:
        return (mean + spread * dice.normal(habit))[:, None]

    x = points[..., 0] - points[..., 0].mean(axis=1, keepdims=True)
    y = points[..., 1] - 0.5
    x, y = x * (1 + 2 * hand(0, TAPER, "taper") * y), y + hand(0, SAG, "sag") * y * y
    x, y = _warp(x, y, dice)
    x = x * np.exp(hand(0, STRETCH, "stretch")) * np.reshape(stretch, (-1, 1))
    x = x - (hand(*SLANT, "slant") + np.reshape(lean, (-1, 1))) * y
    turn = hand(*TURN, "turn")
    cos, sin = np.cos(turn), np.sin(turn)
    return np.stack([cos * x - sin * y, sin * x + cos * y], axis=-1).astype(np.float32)


def _warp(
    x: NDArray[np.float32], y: NDArray[np.float32], dice: Dice
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Bend the paper under n digits with random sine waves."""
    rng, n = dice.rng, dice.n
    for _ in range(WARPS):
        wave = rng.standard_normal((2, n, 1), np.float32)
        wave *= rng.uniform(*WARP_LENGTH, (n, 1)) / np.sqrt((wave**2).sum(axis=0))
        push = rng.standard_normal((2, n, 1), np.float32)
        push *= WARP / 2 * np.abs(rng.standard_normal((2, n, 1), np.float32))
        phase = rng.uniform(0, 2 * np.pi, (2, n, 1))
        bend = push * np.sin((wave[0] * x + wave[1] * y + phase).astype(np.float32))
        x, y = x + bend[0], y + bend[1]
    return x, y


def _pen(dice: Dice) -> NDArray[np.float32]:
    """Width (n,) of the pen, in pixels of a digit."""
    median, spread = PEN
    return np.clip(median * np.exp(spread * dice.normal("pen")), *PEN_LIMITS)


def _draw(points: NDArray[np.float32], in_air: NDArray[np.bool_], ink: Value, dice: Dice) -> Digits:
    """Draw n digits with a pen and bring them to MNIST's form."""
    pen = _pen(dice) * ink * FINER
    fixed = strokes.fixed_point(_fit(_tremble(points, dice), pen))
    thickness = _thickness(pen, in_air, dice)
    canvas = np.empty((CANVAS, CANVAS), np.uint8)
    digits = np.empty((dice.n, 28, 28), np.uint8)
    kinds = dice.rng.integers(0, len(GRAIN), dice.n)
    places = dice.rng.integers(0, SHEET - CANVAS, (dice.n, 2))
    for number, (kind, (top, left)) in enumerate(zip(kinds, places, strict=True)):
        canvas[:] = 0
        strokes.draw(canvas, fixed[number], thickness[number])
        paper = _grain()[kind, top : top + CANVAS, left : left + CANVAS]
        marks = cv2.compare(cv2.blur(canvas, (BLEED, BLEED)), paper, cv2.CMP_GT)
        digits[number] = images.to_digit(marks)
    return _scan(digits, dice)


@cache
def _grain() -> NDArray[np.uint8]:
    """Sheets of paper (kinds, SHEET, SHEET): how much ink it takes to leave a mark."""
    noise = np.random.default_rng(0).standard_normal((len(GRAIN), SHEET, SHEET), np.float32)
    fibres = np.stack([cv2.GaussianBlur(sheet, None, FIBRE) for sheet in noise])
    fibres *= np.array(GRAIN, np.float32)[:, None, None] / fibres.std()
    return np.clip(127.5 + fibres, 1, 254).astype(np.uint8)


def _tremble(points: NDArray[np.float32], dice: Dice) -> NDArray[np.float32]:
    n, count, _ = points.shape
    shake = dice.rng.standard_normal((n, count + 2, 2), np.float32)
    shake = shake[:, :-2] + shake[:, 1:-1] + shake[:, 2:]  # a hand is not that quick
    size = np.ptp(points, axis=1).max(axis=1)[:, None, None]
    return points + shake * (TREMOR / 3 / images.BOX) * size


def _fit(points: NDArray[np.float32], pen: NDArray[np.float32]) -> NDArray[np.float32]:
    """Place n digits in the middle of the canvas, as large as MNIST's box, pen included."""
    low, high = points.min(axis=1), points.max(axis=1)
    box = images.BOX * FINER
    scale = (box - np.minimum(pen, box / 4)) / (high - low).max(axis=1)
    return (points - (low + high)[:, None] / 2) * scale[:, None, None] + CANVAS / 2


def _thickness(
    pen: NDArray[np.float32], in_air: NDArray[np.bool_], dice: Dice
) -> NDArray[np.int64]:
    """Thickness (n, points - 1) of the line to each next point; 0 where there is none."""
    thickness = np.zeros((dice.n, len(in_air)), np.int64)
    lifts = np.flatnonzero(in_air)
    for begin, end in zip([0, *(lifts + 1)], [*lifts, len(in_air)], strict=True):
        along = np.linspace(0, PRESSURE_KNOTS - 1, end - begin)
        ramp = np.maximum(0, 1 - np.abs(along - np.arange(PRESSURE_KNOTS)[:, None]))
        press = dice.rng.standard_normal((dice.n, PRESSURE_KNOTS), np.float32)
        swell = np.exp(PRESSURE * press @ ramp.astype(np.float32))
        thickness[:, begin:end] = np.maximum(2, np.rint(pen[:, None] * swell))
        skips = np.flatnonzero(dice.rng.random(dice.n) < SKIP)
        at = begin + dice.rng.integers(0, end - begin - 1, len(skips))
        thickness[skips, at] = thickness[skips, at + 1] = 0
    return thickness


def _scan(digits: Digits, dice: Dice) -> Digits:
    """Set black and white points, as a scanner does: faint edges vanish, ink is full bright."""
    grey = digits.astype(np.float32)
    soft = dice.rng.uniform(*SOFT, (dice.n, 1, 1)).astype(np.float32)
    for axis in (1, 2):
        across = np.moveaxis(grey, axis, 0)
        across[1:-1] += soft[:, 0] * (across[:-2] + across[2:] - 2 * across[1:-1])
    paper = dice.rng.uniform(*PAPER, (dice.n, 1, 1)).astype(np.float32)
    gain = dice.rng.uniform(*GAIN, (dice.n, 1, 1)).astype(np.float32)
    brightest = grey.max(axis=(1, 2), keepdims=True)
    grey = (grey - paper) * (gain * 255 / np.maximum(brightest - paper, 60))
    return np.clip(grey, 0, 255).astype(np.uint8)


def _column(habit: str) -> int:
    return crc32(habit.encode()) % HABITS


def _label(label: int) -> Labels:
    if not isinstance(label, int | np.integer) or not 0 <= label <= 9:
        raise ArrayError(f"expected a label from 0 to 9, got {label!r}")
    return np.array([label], np.uint8)
