"""What stands on paper, as patches of ink: digits at their true size, words, scribbles.

A patch is float32 (height, width), 0 where there is no ink and 1 where the pen was; `windows`
lays it on a page.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from mnist_lab.arrays import Digit, Stroke

Patch = NDArray[np.float32]
Pixels = NDArray[np.uint8]  # ink, 0 to 255
ImageLike = NDArray[Any]  # what OpenCV gives

LETTERS = "ACDEFGHJKLMNPQRTUVWXYacdefhijkmnprtuvwxyßäüéñç&@#%?+=*[]{}<>$€§-.,:;\"'~^_"
LOOKALIKES = "IlOoSsZzBgqb|!/\\()Øö"  # in a word only: alone, each could as well be a digit
SUBPIXEL = 4  # bits of a fraction of a pixel, for OpenCV
FINE = 3  # times finer a small stroke is drawn
FAINT = 60  # of 255, up to which an MNIST pixel is no ink
MARGIN = 3  # pixels around an MNIST digit, for a thicker pen
PRESSES = 6  # parts of a stroke that are each pressed in their own way
THICK = 110  # of 255, from which on a pixel of a grown one is in its stroke
GROWN = 4  # times larger an MNIST digit is when its pen is thinned or thickened
PEN_SHARE = 0.075, 0.5  # of a digit's height: the pen's width, median and spread of its logarithm


def pen_width(size: float, rng: Generator) -> float:
    """A pen's width in pixels, for digits `size` pixels high: from a hair to a felt tip."""
    median, spread = PEN_SHARE
    width = size * np.exp(rng.normal(np.log(median), spread))
    return float(np.clip(width, 0.8, max(1.6, 0.26 * size)))


def scanned_digit(digit: Digit, size: float, rng: Generator) -> Patch:
    """An MNIST digit, its longer side `size` pixels, in the middle of a square patch.

    It is slanted and turned a little; its strokes are thinned or thickened more often than not.
    """
    y, x = np.nonzero(digit > FAINT)
    cut = digit[y.min() : y.max() + 1, x.min() : x.max() + 1]
    cut = np.pad(cut, MARGIN)
    grown = cv2.resize(cut, None, fx=GROWN, fy=GROWN, interpolation=cv2.INTER_CUBIC)
    inked = _other_pen(as_bytes(grown), rng)
    height, width = grown.shape
    scale = size / (max(height, width) - 2 * MARGIN * GROWN)
    side = int(1.7 * size) + 6
    move = _affine(rng, turn=7, slant=0.12, stretch=0.1, scale=scale)
    middle = np.array([width, height]) / 2
    move = np.c_[move, side / 2 - move @ middle]
    if scale < 0.5:  # else pixels between those that are taken would not count
        inked = as_bytes(cv2.blur(inked, (max(1, round(0.7 / scale)),) * 2))
    return _patch(cv2.warpAffine(inked, move, (side, side)))


def written_digit(strokes: Sequence[Stroke], size: float, pen: float, rng: Generator) -> Patch:
    """A digit of strokes, its longer side `size` pixels, in the middle of a square patch.

    The strokes' own longer side is 1; the pen is `pen` pixels wide, and now and then pressed
    unevenly.
    """
    fine = FINE if size < 80 else 1
    move = _affine(rng, turn=5, slant=0.0, stretch=0.1, scale=size * fine).astype(np.float32)
    side = int(1.5 * size + 2 * pen) + 6
    placed = [stroke @ move.T for stroke in strokes]
    every = np.concatenate(placed)
    off = side * fine / 2 - (every.min(axis=0) + every.max(axis=0)) / 2
    lines = [np.rint((stroke + off) * 2**SUBPIXEL).astype(np.int32) for stroke in placed]
    pressed = rng.random() < 0.35
    phase, turns = rng.uniform(0, 6.3), rng.uniform(3, 9)
    canvas = np.zeros((side * fine, side * fine), np.uint8)
    for line in lines:
        parts = PRESSES if pressed and len(line) >= 8 else 1
        swell = 0.45 * np.sin(phase + np.linspace(0, turns, parts)) if pressed else np.zeros(parts)
        _draw_in_parts(canvas, line, pen * fine * np.exp(swell))
    if fine > 1:
        return _patch(cv2.resize(canvas, (side, side), interpolation=cv2.INTER_AREA))
    return _patch(canvas)


def word(text: str, font: str, size: float, rng: Generator) -> Patch:
    """A text in a real font, its letters about `size` pixels high, slanted and thickened a bit."""
    drawn = _typeset(text, font, max(6, round(size * rng.uniform(0.9, 1.5))))
    if rng.random() < 0.4 and drawn.size:  # by a hand that is not so steady
        height, width = drawn.shape
        slant, rise = rng.normal(0, 0.18), rng.normal(0, 0.04)
        move = np.array([[1, slant, max(0, -slant * height)], [rise, 1, max(0, -rise * width)]])
        room = (int(width + abs(slant) * height) + 1, int(height + abs(rise) * width) + 1)
        drawn = as_bytes(cv2.warpAffine(drawn, move, room))
    if rng.random() < 0.3:
        drawn = as_bytes(cv2.dilate(drawn, np.ones((2, 2), np.uint8)))
    return _patch(drawn)


def joined_writing(letters: int, size: float, pen: float, rng: Generator) -> Patch:
    """A running line of loops and arcs, as joined handwriting looks from afar.

    Each letter is one of a few movements of the pen: an arch or a few, a bowl, a loop up or
    down, in a random hand's slant, width and height; `size` pixels are a capital's height.
    """
    wide, tall = rng.uniform(0.35, 0.8) * size, 0.5 * size
    up, down = rng.uniform(1.6, 2.6) * tall, rng.uniform(1.4, 2.4) * tall
    points = [(0.0, 0.0)]
    for _ in range(letters):
        x, kind = points[-1][0], int(rng.integers(7))
        step = wide * rng.uniform(0.7, 1.3)
        if kind in {0, 5}:
            points += _arches(x, step, tall, int(rng.integers(1, 4)) if kind == 5 else 1)
        elif kind in {1, 4}:
            points += _bowl(x, step, tall, closed=kind == 1)
        else:
            points += _loop(x, step, -down if kind == 3 else up)
        points.append((points[-1][0] + 0.3 * step, 0.05 * tall))
    path = _curve(np.array(points) + rng.normal(0, 0.05 * tall, (len(points), 2)))
    path[:, 1] *= -1
    path[:, 0] -= rng.normal(0.3, 0.25) * path[:, 1]
    return _inked([path], pen)


def _arches(x: float, step: float, top: float, bumps: int) -> list[tuple[float, float]]:
    """The way of the pen through an n or an m, from x on; y runs upwards from the baseline."""
    starts = [x + 0.8 * step * bump for bump in range(bumps)]
    ways = [
        [(at + 0.15 * step, top), (at + 0.6 * step, top), (at + 0.7 * step, 0)] for at in starts
    ]
    return [point for way in ways for point in way]


def _bowl(x: float, step: float, top: float, *, closed: bool) -> list[tuple[float, float]]:
    """An a or a c."""
    return [
        (x + 0.8 * step, top), (x + 0.1 * step, 0.9 * top), (x, 0.1 * top), (x + 0.6 * step, 0),
        (x + (0.9 if closed else 0.3) * step, 0.8 * top),
    ]  # fmt: skip


def _loop(x: float, step: float, top: float) -> list[tuple[float, float]]:
    """An l; a g's tail, where `top` is below the line."""
    lean = 0.3 * step * np.sign(top)
    return [
        (x + 0.5 * step + lean, 0.7 * top), (x + 0.3 * step + lean, top),
        (x + 0.15 * step, 0.6 * top), (x + 0.3 * step, 0),
    ]  # fmt: skip


def scribble(size: float, pen: float, rng: Generator) -> Patch:
    """What is neither digit nor letter: a doodle, a tick, a dash, a cross, a blot, an arc, specks.

    It is about `size` pixels large.
    """
    kinds = _doodle, _tick, _dash, _cross, _blot, _arc, _specks
    return kinds[int(rng.integers(len(kinds)))](size, pen, rng)


def _doodle(size: float, pen: float, rng: Generator) -> Patch:
    steps = np.cumsum(rng.normal(0, 0.3, (int(rng.integers(4, 14)), 2)), axis=0) * size
    return _inked([_curve(steps)], pen)


def _tick(size: float, pen: float, rng: Generator) -> Patch:
    return _inked([rng.normal(0, 0.4, (3, 2)) * size], pen)


def _dash(size: float, pen: float, rng: Generator) -> Patch:
    end = [size * rng.uniform(0.3, 3), rng.normal(0, 0.06) * size]
    return _inked([np.array([[0, 0], end])], pen)


def _cross(size: float, pen: float, rng: Generator) -> Patch:
    """A cross or an equals sign, turned."""
    turn = rng.uniform(0, np.pi)
    one = np.array([[-1, 0], [1, 0]]) * size / 2
    shift = np.array([0, rng.choice([0, 0.35]) * size])
    other = one @ _rotation(np.pi / 2 if not shift.any() else 0) + shift
    return _inked([each @ _rotation(turn) for each in (one, other)], pen)


def _blot(size: float, pen: float, rng: Generator) -> Patch:  # noqa: ARG001 - as its siblings
    corners = rng.normal(0, 0.25, (int(rng.integers(3, 9)), 2)) * size
    low = corners.min(axis=0) - 1
    width, height = np.ceil(np.ptp(corners, axis=0)).astype(int) + 3
    canvas = np.zeros((height, width), np.uint8)
    cv2.fillPoly(canvas, [np.rint(corners - low).astype(np.int32)], 255, cv2.LINE_AA)
    return _patch(canvas)


def _arc(size: float, pen: float, rng: Generator) -> Patch:
    """A part of a large circle or ellipse, as of a stamp or a cup."""
    angles = np.linspace(0, rng.uniform(1, 6.3), 40)
    radii = size * 2, size * rng.uniform(0.7, 2)
    return _inked([np.c_[np.cos(angles), np.sin(angles)] * radii], pen)


def _specks(size: float, pen: float, rng: Generator) -> Patch:  # noqa: ARG001 - as its siblings
    side = max(4, int(size))
    canvas = np.zeros((side, side), np.uint8)
    for x, y in rng.integers(0, side, (int(rng.integers(2, 25)), 2)):
        cv2.circle(canvas, (int(x), int(y)), int(rng.integers(0, 2)), 255, -1, cv2.LINE_AA)
    return _patch(canvas)


def _other_pen(grown: Pixels, rng: Generator) -> Pixels:
    """Strokes thinned or thickened; no thinner than hangs together."""
    chance = rng.random()
    if chance < 0.45:
        mask = (grown > THICK).astype(np.uint8)
        thin = cv2.erode(mask, _disc(int(rng.integers(1, 5))))
        whole = cv2.connectedComponents(thin)[0] <= cv2.connectedComponents(mask)[0]
        return as_bytes(255 * thin) if whole and thin.sum() > 0.22 * mask.sum() else grown
    return as_bytes(cv2.dilate(grown, _disc(int(rng.integers(1, 4))))) if chance < 0.6 else grown


def as_bytes(image: ImageLike) -> Pixels:
    """The same, to a type checker: what OpenCV makes of bytes are bytes."""
    return np.asarray(image, np.uint8)


def _patch(canvas: ImageLike) -> Patch:
    """Ink of 0 to 255 as a patch."""
    return np.divide(canvas, 255, dtype=np.float32)


def _disc(radius: int) -> Pixels:
    return as_bytes(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1,) * 2))


def _rotation(angle: float) -> NDArray[np.float64]:
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


def _affine(
    rng: Generator, *, turn: float, slant: float, stretch: float, scale: float
) -> NDArray[np.float64]:
    """A matrix (2, 2): turned by some degrees, slanted, stretched sideways, and scaled."""
    wide = np.exp(rng.normal(0, stretch))
    shape = np.array([[wide, -rng.normal(0, slant)], [0, 1]]) if slant else np.diag([wide, 1])
    return scale * _rotation(np.deg2rad(rng.normal(0, turn))) @ shape


def _draw_in_parts(canvas: Pixels, line: NDArray[np.int32], pens: NDArray[np.floating]) -> None:
    """Draw a line (points, 2) in as many parts as there are pens' widths."""
    for part, pen in zip(np.array_split(np.arange(len(line) - 1), len(pens)), pens, strict=True):
        piece = line[part[0] : part[-1] + 2] if len(part) else line
        thick = max(1, round(float(pen)))
        cv2.polylines(canvas, [piece], False, 255, thick, cv2.LINE_AA, SUBPIXEL)


def _curve(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """A smooth line near points (n, 2): corners cut twice (Chaikin 1974)."""
    for _ in range(3):
        ends = points[[0]], points[[-1]]
        near = 0.75 * points[:-1] + 0.25 * points[1:]
        far = 0.25 * points[:-1] + 0.75 * points[1:]
        points = np.concatenate([ends[0], np.stack([near, far], axis=1).reshape(-1, 2), ends[1]])
    return points


def _inked(lines: Sequence[NDArray[np.float64]], pen: float) -> Patch:
    """Lines of any size on a canvas that just holds them."""
    every = np.concatenate(lines)
    room = pen + 2
    low = every.min(axis=0) - room
    width, height = np.ceil(every.max(axis=0) + room - low).astype(int)
    canvas = np.zeros((min(height, 600), min(width, 900)), np.uint8)
    moved = [np.rint((line - low) * 2**SUBPIXEL).astype(np.int32) for line in lines]
    cv2.polylines(canvas, moved, False, 255, max(1, round(pen)), cv2.LINE_AA, SUBPIXEL)
    return _patch(canvas)


@lru_cache(maxsize=400)
def _font(path: str, pixels: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path, pixels)


def _typeset(text: str, font: str, pixels: int) -> Pixels:
    """A text in a font, on a canvas that just holds it; empty where the font lacks it."""
    face = _font(font, pixels)
    left, top, right, bottom = face.getbbox(text)
    if right <= left or bottom <= top:
        return np.zeros((1, 1), np.uint8)
    canvas = Pillow.new("L", (int(right - left) + 2, int(bottom - top) + 2))
    ImageDraw.Draw(canvas).text((1 - left, 1 - top), text, 255, face)
    return np.array(canvas)
