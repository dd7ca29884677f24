"""What is no digit, in the form of one: letters, scribbles, rulings, blots, two digits in one.

A network that has only ever seen digits is sure of everything it is shown. One that has
also seen these, with the answer "all ten are as likely", has learnt to doubt.

References
----------
Hendrycks, Mazeika, Dietterich (2019), *Deep anomaly detection with outlier exposure*.
"""

from collections.abc import Callable

import cv2
import numpy as np

from mnist_lab import images, strokes
from mnist_lab.arrays import Digits, Image
from mnist_lab.synth import handwriting
from mnist_lab.synth.augment import distort

SIDE = 120  # pixels of the canvas that each is drawn on
LETTERS = "ABCEFGHKLMNPQRTUVWXYacdefhkmnprtuvwxy+=?%&#@*<>"  # but those that pass for digits
FONTS = cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_DUPLEX, cv2.FONT_HERSHEY_SCRIPT_SIMPLEX


def clutter(n: int, *, seed: int) -> Digits:
    """Draw what is no digit.

    Parameters
    ----------
    n : int
        How many.
    seed : int
        The same seed gives the same.

    Returns
    -------
    uint8 (n, 28, 28)
        In the form of digits: bright ink on dark, a 20-pixel box, its centre of mass in the
        middle.
    """
    rng = np.random.default_rng(seed)
    kinds = [KINDS[number] for number in rng.integers(len(KINDS), size=n)]
    drawn = [images.to_digit(images.even_stroke(kind(rng))) for kind in kinds]
    digits = np.stack(drawn) if drawn else np.zeros((0, 28, 28), np.uint8)
    return distort(digits, rng)


def _letter(rng: np.random.Generator) -> Image:
    ink = np.zeros((SIDE, SIDE), np.uint8)
    letter, font = LETTERS[rng.integers(len(LETTERS))], FONTS[rng.integers(len(FONTS))]
    cv2.putText(ink, letter, (20, 95), font, 3, 255, int(rng.integers(4, 14)), cv2.LINE_AA)
    return ink


def _scribble(rng: np.random.Generator) -> Image:
    return _ink([_curve(rng, int(rng.integers(5, 12))) for _ in range(rng.integers(1, 4))], rng)


def _lines(rng: np.random.Generator) -> Image:
    """Corners of squares, crossings of rulings, the legs of letters."""
    ends = rng.uniform(0.1, 0.9, (int(rng.integers(2, 5)), 2, 2))
    level = rng.random(len(ends)) < 0.5
    ends[:, 1] = np.where(level[:, None], ends[:, 1] * [1, 0] + ends[:, 0] * [0, 1], ends[:, 1])
    return _ink([line.astype(np.float32) for line in ends], rng)


def _blot(rng: np.random.Generator) -> Image:
    points = SIDE / 2 + _curve(rng, int(rng.integers(4, 9))) * SIDE / 2 - SIDE / 4
    ink = np.zeros((SIDE, SIDE), np.uint8)
    cv2.fillPoly(ink, [points.astype(np.int32)], 255)
    return np.maximum(ink, _ink([_curve(rng, 3)], rng))


def _two(rng: np.random.Generator) -> Image:
    """Two digits taken for one."""
    first, second = (handwriting.write_strokes(int(rng.integers(10)), rng) for _ in range(2))
    right = max(stroke[:, 0].max() for stroke in first) + rng.uniform(-0.1, 0.15)
    both = first + [stroke + np.array([right, 0], np.float32) for stroke in second]
    return _ink([0.05 + 0.45 * stroke for stroke in both], rng)


KINDS: tuple[Callable[[np.random.Generator], Image], ...] = (
    _letter, _letter, _scribble, _lines, _blot, _two,
)  # fmt: skip


def _curve(rng: np.random.Generator, knots: int) -> np.ndarray:
    return strokes.smooth(rng.uniform(0.1, 0.9, (knots, 2)).astype(np.float32))


def _ink(curves: list[np.ndarray], rng: np.random.Generator) -> Image:
    return strokes.rasterise(curves, size=SIDE, pen=float(rng.uniform(0.04, 0.14)))
