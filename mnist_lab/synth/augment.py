"""New digits from old ones: turned, slanted, scaled, shifted, bent, drawn with another pen.

What a person would still read as the same digit is shown to the network as one more
example of it. The whole epoch is changed at once: the places that all pixels are taken
from are one matrix product, and the taking is one call a thousand digits.

References
----------
Simard, Steinkraus, Platt (2003), *Best practices for convolutional neural networks applied
to visual document analysis*: the elastic warp.
"""

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from mnist_lab.arrays import Digits, check_digits

# The spreads of normal numbers, cut off at twice themselves.
TURN_SPREAD = 0.1  # radians
SLANT_SPREAD = 0.12  # tangent of the angle
SCALE_SPREAD = 0.08  # of the logarithm, of width and height each
SHIFT_SPREAD = 0.8  # pixels, each way
WARP_SPREAD = 0.6  # pixels by which the elastic warp moves a place, each way
PEN_SPREAD = 0.25  # share of the way to a stroke a pixel thicker or thinner on each side

WARP_KNOTS = 5  # the elastic warp is smooth between as many knots each way
GUTTER_ROWS = 2  # empty rows between digits on a strip
STRIP_DIGITS = 1000  # digits; OpenCV takes pictures of less than 32,768 rows


def distort(digits: Digits, rng: np.random.Generator, *, strength: float = 1.0) -> Digits:
    """Give every digit, uint8 (n, 28, 28), another look that leaves it the digit it is.

    They come back in the same order and form; ArrayError if these are no digits. `strength` is
    how far from the original they go: at 0 nothing changes.
    """
    check_digits(digits)
    changed = np.empty_like(digits)
    for at in range(0, len(digits), STRIP_DIGITS):
        strip = slice(at, at + STRIP_DIGITS)
        changed[strip] = _distort_strip(digits[strip], rng, strength)
    return Digits(changed)


def _distort_strip(
    digits: NDArray[np.uint8], rng: np.random.Generator, strength: float
) -> NDArray[np.uint8]:
    n = len(digits)
    pitch = 28 + GUTTER_ROWS
    strip = np.zeros((n, pitch, 28), np.uint8)
    strip[:, :28] = digits
    pen = np.repeat(_normal(rng, n) * PEN_SPREAD * strength, pitch)
    strip = _redraw(strip.reshape(-1, 28), pen)
    across, down = (_moves(rng, n, strength) @ _basis()).reshape(2, n, 28, 28)
    columns, rows = np.meshgrid(np.arange(28, dtype=np.float32), np.arange(28, dtype=np.float32))
    from_x = columns + across
    from_y = np.clip(rows + down, -1, 28) + pitch * np.arange(n, dtype=np.float32)[:, None, None]
    moved = cv2.remap(strip, from_x.reshape(-1, 28), from_y.reshape(-1, 28), cv2.INTER_LINEAR)
    return moved.reshape(n, 28, 28).astype(np.uint8, copy=False)


def _redraw(strip: NDArray[np.uint8], pen: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Make strokes thicker where `pen`, of each row, is above 0, and thinner where below."""
    cross = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
    share = np.abs(pen)[:, None]
    other = np.where(pen[:, None] > 0, cv2.dilate(strip, cross), cv2.erode(strip, cross))
    return (strip + share * (other - strip.astype(np.float32))).astype(np.uint8)


def _moves(rng: np.random.Generator, n: int, strength: float) -> NDArray[np.float32]:
    """How far the places are moved, of which basis picture how much: (2 * n, 3 + WARP_KNOTS**2)."""
    turn, slant, wide, high = (
        strength * spread * _normal(rng, n)
        for spread in (TURN_SPREAD, SLANT_SPREAD, SCALE_SPREAD, SCALE_SPREAD)
    )
    shift = strength * SHIFT_SPREAD * _normal(rng, 2 * n).reshape(2, n)
    bend = strength * WARP_SPREAD * _normal(rng, 2 * n * WARP_KNOTS**2).reshape(2 * n, -1)
    across = np.stack([np.cos(turn) * np.exp(wide) - 1, slant - np.sin(turn), shift[0]], axis=1)
    down = np.stack([np.sin(turn), np.cos(turn) * np.exp(high) - 1, shift[1]], axis=1)
    return np.hstack([np.vstack([across, down]), bend])


@cache
def _basis() -> NDArray[np.float32]:
    """Pictures of x, y, 1 and each knot's smooth hill: float32 (3 + WARP_KNOTS**2, 784)."""
    middle = np.arange(28, dtype=np.float32) - 13.5
    plain = np.stack([*np.meshgrid(middle, middle), np.ones((28, 28))])
    knots = np.eye(WARP_KNOTS**2, dtype=np.float32).reshape(-1, WARP_KNOTS, WARP_KNOTS)
    hills = np.stack([cv2.resize(knot, (28, 28), interpolation=cv2.INTER_CUBIC) for knot in knots])
    hills = hills / np.sqrt((hills**2).sum(axis=0)).mean()  # a unit knot moves by 1, mostly
    return np.concatenate([plain, hills]).reshape(-1, 784).astype(np.float32)


def _normal(rng: np.random.Generator, n: int) -> NDArray[np.float32]:
    return np.clip(rng.standard_normal(n, np.float32), -2, 2)
