"""What is no digit, in the form of one: letters, scribbles, rulings, blots, two digits in one.

A network that has only ever seen digits is sure of everything it is shown. One that has
also seen these, with the answer "all ten are as likely", has learnt to doubt.

References
----------
Hendrycks, Mazeika, Dietterich (2019), *Deep anomaly detection with outlier exposure*.
"""

from collections.abc import Sequence

import cv2
import numpy as np

from mnist_lab import images, strokes
from mnist_lab.arrays import Digits, Image, Stroke
from mnist_lab.synth.augment import distort
from mnist_lab.synth.handwriting import write_strokes

SIDE_PIXELS = 120  # of the square that each is drawn on
LETTERS = "ABCEFGHKLMNPQRTUVWXYacdefhkmnprtuvwxy+=?%&#@*<>"  # but those that pass for digits
FONTS = cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_DUPLEX, cv2.FONT_HERSHEY_SCRIPT_SIMPLEX


def non_digits(n: int, *, seed: int) -> Digits:
    """Draw what is no digit in the form of digits: uint8 (n, 28, 28), bright ink on dark.

    Each is in a 20-pixel box, its centre of mass in the middle. The same seed gives the same.
    """
    rng = np.random.default_rng(seed)
    digits = np.zeros((n, 28, 28), np.uint8)
    for at, kind in enumerate(rng.integers(len(_KINDS), size=n)):
        digits[at] = images.to_digit(images.even_stroke(_KINDS[kind](rng)))
    return distort(Digits(digits), rng)


def _letter(rng: np.random.Generator) -> Image:
    ink = np.zeros((SIDE_PIXELS, SIDE_PIXELS), np.uint8)
    letter, font = LETTERS[rng.integers(len(LETTERS))], FONTS[rng.integers(len(FONTS))]
    cv2.putText(ink, letter, (20, 95), font, 3, 255, int(rng.integers(4, 14)), cv2.LINE_AA)
    return Image(ink)


def _scribble(rng: np.random.Generator) -> Image:
    return _ink([_curve(rng, int(rng.integers(5, 12))) for _ in range(rng.integers(1, 4))], rng)


def _lines(rng: np.random.Generator) -> Image:
    """Corners of squares, crossings of rulings, the legs of letters."""
    ends = rng.uniform(0.1, 0.9, (int(rng.integers(2, 5)), 2, 2))
    level = rng.random(len(ends)) < 0.5
    ends[level, 1, 1] = ends[level, 0, 1]
    return _ink([Stroke(line) for line in ends.astype(np.float32)], rng)


def _blot(rng: np.random.Generator) -> Image:
    points = SIDE_PIXELS / 2 + _curve(rng, int(rng.integers(4, 9))) * SIDE_PIXELS / 2
    points -= SIDE_PIXELS / 4
    ink = np.zeros((SIDE_PIXELS, SIDE_PIXELS), np.uint8)
    cv2.fillPoly(ink, [points.astype(np.int32)], 255)
    return Image(np.maximum(ink, _ink([_curve(rng, 3)], rng)))


def _two(rng: np.random.Generator) -> Image:
    """Two digits taken for one."""
    first, second = (write_strokes(int(rng.integers(10)), rng) for _ in range(2))
    right = max(stroke[:, 0].max() for stroke in first) + rng.uniform(-0.1, 0.15)
    both = [*first, *(stroke + np.array([right, 0], np.float32) for stroke in second)]
    return _ink([Stroke(0.05 + 0.45 * stroke) for stroke in both], rng)


_KINDS = _letter, _letter, _scribble, _lines, _blot, _two


def _curve(rng: np.random.Generator, knots: int) -> Stroke:
    return Stroke(strokes.smooth(rng.uniform(0.1, 0.9, (knots, 2)).astype(np.float32)))


def _ink(curves: Sequence[Stroke], rng: np.random.Generator) -> Image:
    return strokes.rasterise(curves, size=SIDE_PIXELS, pen=float(rng.uniform(0.04, 0.14)))
