"""Traces to digits: a pen on rough paper, MNIST's form, a scanner."""

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from mnist_lab import images, strokes
from mnist_lab.arrays import Digits, Image
from mnist_lab.synth.tracing import PenPoints, Trace
from mnist_lab.synth.writer import HabitSampler

# The pen, in pixels of a 28-pixel digit.
MNIST_PEN_WIDTH = 1.95, 0.33  # median, and spread of the logarithm
PEN_LIMITS = 1.2, 5.5
PRESSURE_SPREAD = 0.12  # of the logarithm of the width along the stroke
PRESSURE_KNOTS = 4  # widths a stroke runs through
SKIP_SHARE = 0.04  # of strokes in which the pen leaves a gap
TREMOR_PIXELS = 0.17  # by which the hand trembles, from point to point

# The paper, on a canvas finer than a digit: ink bleeds, and stays where it beats the grain.
CANVAS_SCALE = 3  # times finer than a digit is the canvas on which the pen draws ...
CANVAS_PIXELS = 30 * CANVAS_SCALE  # ... each way, room for a box of 20 and a thick pen
BLEED_PIXELS = 5  # of the canvas, over which ink spreads
FIBRE_PIXELS = 1.2  # of the canvas, the size of the grain
GRAIN_LEVELS = 4, 12, 24, 40  # roughness of as many kinds of paper, equally common
PAPER_PIXELS = 256  # of a sheet, each way; a digit is written anywhere on it

# The scanner, in grey levels of 255.
SOFT_SHARES = 0.0, 0.08  # of a pixel, that run over into each of its neighbours
BLACK_LEVELS = 2.0, 25.0  # below which it is paper
GAIN = 1.0, 1.15  # above 1 the strokes' edges are as bright as their middle


def draw_trace(trace: Trace, sampler: HabitSampler) -> Digits:
    """Draw n digits with a pen and bring them to MNIST's form: uint8 (n, 28, 28)."""
    median, spread = MNIST_PEN_WIDTH
    pen = np.clip(median * np.exp(spread * sampler.normal("pen")), *PEN_LIMITS)
    pen = pen * trace.ink * CANVAS_SCALE
    points = strokes.fixed_point(_fit(_tremble(trace.points, sampler), pen))
    thickness = _thickness(pen, trace.in_air, sampler)
    canvas = Image(np.empty((CANVAS_PIXELS, CANVAS_PIXELS), np.uint8))
    digits = np.empty((sampler.n, 28, 28), np.uint8)
    kinds = sampler.rng.integers(0, len(GRAIN_LEVELS), sampler.n)
    places = sampler.rng.integers(0, PAPER_PIXELS - CANVAS_PIXELS, (sampler.n, 2))
    for number, (kind, (top, left)) in enumerate(zip(kinds, places, strict=True)):
        canvas[:] = 0
        strokes.draw(canvas, points[number], thickness[number])
        paper = _grain()[kind, top : top + CANVAS_PIXELS, left : left + CANVAS_PIXELS]
        ink = cv2.compare(cv2.blur(canvas, (BLEED_PIXELS, BLEED_PIXELS)), paper, cv2.CMP_GT)
        digits[number] = images.to_digit(Image(ink.astype(np.uint8, copy=False)))
    return _scan(digits, sampler)


@cache
def _grain() -> NDArray[np.uint8]:
    """Sheets of paper (kinds, PAPER_PIXELS, PAPER_PIXELS): how much ink it takes to show."""
    shape = len(GRAIN_LEVELS), PAPER_PIXELS, PAPER_PIXELS
    noise = np.random.default_rng(0).standard_normal(shape, np.float32)
    fibres = np.stack([cv2.GaussianBlur(sheet, (0, 0), FIBRE_PIXELS) for sheet in noise])
    fibres = fibres * (np.array(GRAIN_LEVELS, np.float32)[:, None, None] / fibres.std())
    return np.clip(127.5 + fibres, 1, 254).astype(np.uint8)


def _tremble(points: PenPoints, sampler: HabitSampler) -> PenPoints:
    n, count, _ = points.shape
    shake = sampler.rng.standard_normal((n, count + 2, 2), np.float32)
    shake = shake[:, :-2] + shake[:, 1:-1] + shake[:, 2:]  # a hand is not that quick
    size = np.ptp(points, axis=1).max(axis=1)[:, None, None]
    return points + shake * (TREMOR_PIXELS / 3 / images.BOX) * size


def _fit(points: PenPoints, pen: NDArray[np.floating]) -> NDArray[np.floating]:
    """Place n digits in the middle of the canvas, as large as MNIST's box, pen included."""
    low, high = points.min(axis=1), points.max(axis=1)
    box = images.BOX * CANVAS_SCALE
    scale = (box - np.minimum(pen, box / 4)) / (high - low).max(axis=1)
    return (points - (low + high)[:, None] / 2) * scale[:, None, None] + CANVAS_PIXELS / 2


def _thickness(
    pen: NDArray[np.floating], in_air: NDArray[np.bool_], sampler: HabitSampler
) -> NDArray[np.int64]:
    """Thickness (n, points - 1) of the line to each next point; 0 where there is none."""
    rng, n = sampler.rng, sampler.n
    thickness = np.zeros((n, len(in_air)), np.int64)
    lifts = np.flatnonzero(in_air)
    for begin, end in zip([0, *(lifts + 1)], [*lifts, len(in_air)], strict=True):
        along = np.linspace(0, PRESSURE_KNOTS - 1, end - begin)
        ramp = np.maximum(0, 1 - np.abs(along - np.arange(PRESSURE_KNOTS)[:, None]))
        press = rng.standard_normal((n, PRESSURE_KNOTS), np.float32)
        swell = np.exp(PRESSURE_SPREAD * press @ ramp.astype(np.float32))
        thickness[:, begin:end] = np.maximum(2, np.rint(pen[:, None] * swell))
        skips = np.flatnonzero(rng.random(n) < SKIP_SHARE)
        at = begin + rng.integers(0, end - begin - 1, len(skips))
        thickness[skips, at] = thickness[skips, at + 1] = 0
    return thickness


def _scan(digits: NDArray[np.uint8], sampler: HabitSampler) -> Digits:
    """Set black and white points, as a scanner does: faint edges vanish, ink is full bright."""

    def levels(low: float, high: float) -> NDArray[np.float32]:
        return sampler.rng.uniform(low, high, (sampler.n, 1, 1)).astype(np.float32)

    grey = digits.astype(np.float32)
    soft = levels(*SOFT_SHARES)
    for axis in (1, 2):
        across = np.moveaxis(grey, axis, 0)
        across[1:-1] += soft[:, 0] * (across[:-2] + across[2:] - 2 * across[1:-1])
    black = levels(*BLACK_LEVELS)
    gain = levels(*GAIN)
    brightest = grey.max(axis=(1, 2), keepdims=True)
    grey = (grey - black) * (gain * 255 / np.maximum(brightest - black, 60))
    return Digits(np.clip(grey, 0, 255).astype(np.uint8))
