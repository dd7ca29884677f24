"""The way of the pen: an allograph's control points, missed, bent and slanted as hands do."""

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mnist_lab import strokes
from mnist_lab.arrays import Labels
from mnist_lab.synth.glyphs import Allograph, Value, allographs
from mnist_lab.synth.writer import HabitSampler

PenPoints = NDArray[np.float32]  # (n, points, 2): x and y, of n digits at a time

# A pair is the mean and spread of a normal number; what has no unit is a share of the digit's
# height.
SLANT = 0.18, 0.22  # to the right, as the tangent of the angle
ROTATION = 0.0, 0.14  # of the whole digit, in radians
STRETCH_SPREAD = 0.09  # of the logarithm of width to height
TAPER_SPREAD = 0.1  # how much wider the digit is at the bottom, and narrower at the top
SAG_SPREAD = 0.06  # bends the height: how much taller one half is than the other
UNSTEADY = 0.006, 0.022  # by how much control points miss their place: least, and spread
WAVES = 4  # sine waves that bend the paper under the digit ...
WAVE_HEIGHT = 0.05  # ... each by about this much ...
WAVE_NUMBERS = 2.0, 9.0  # ... in radians per height, from and to
TRIM_SPREAD = 0.015  # share of a stroke that is missing at either end


class Trace(NamedTuple):
    """Where the pen goes for n digits that are written in the same way."""

    points: PenPoints  # all strokes, one after the other; y runs from about 0 to 1
    in_air: NDArray[np.bool_]  # (points - 1,): whether the pen is up on the way to the next
    ink: Value  # by how much the pen is wider than usual


def choose_allographs(
    labels: Labels, sampler: HabitSampler
) -> Iterator[tuple[Allograph, NDArray[np.intp]]]:
    """Choose an allograph for each label: give the allographs, and where each is used."""
    for digit in np.unique(labels):
        ways = [allograph for allograph in allographs() if allograph.digit == digit]
        shares = np.array([way.share for way in ways])
        upto = np.cumsum(np.sqrt(np.maximum(shares, 1)) if sampler.even else shares)
        at = np.flatnonzero(labels == digit)
        chance = sampler.select(at).uniform(f"{digit}")
        choice = np.searchsorted(upto / upto[-1], chance, side="right")
        for number, way in enumerate(ways):
            if (choice == number).any():
                yield way, at[choice == number]


def trace(allograph: Allograph, sampler: HabitSampler) -> Trace:
    """Move the pen for n digits."""
    lines, in_air = [], []
    miss = UNSTEADY[0] + UNSTEADY[1] * np.abs(sampler.normal("unsteady"))
    for curves in allograph.place(sampler):
        shaken = [_shake(curve, miss, sampler) for curve in curves]
        for curve, following in pairwise(shaken):
            following[:, 0] = curve[:, -1]
        line = np.concatenate([strokes.smooth(curve) for curve in shaken], axis=1)
        lines.append(_trim(line, sampler))
        in_air += [False] * (line.shape[1] - 1) + [True]
    lean = allograph.measure("lean", 0, sampler)
    stretch = allograph.measure("stretch", 1, sampler)
    points = _bend(np.concatenate(lines, axis=1), lean, stretch, sampler)
    return Trace(points, np.array(in_air[:-1]), allograph.measure("ink", 1, sampler))


def _shake(curve: PenPoints, miss: NDArray[np.floating], sampler: HabitSampler) -> PenPoints:
    """Let control points miss their places; many points less, lest the line be rough."""
    calm = np.float32(min(1, (6 / curve.shape[1]) ** 0.5))
    return curve + calm * miss[:, None, None] * sampler.rng.standard_normal(curve.shape, np.float32)


def _trim(line: PenPoints, sampler: HabitSampler) -> PenPoints:
    """Leave out a little at both ends: the pen comes down late and leaves early."""
    last = line.shape[1] - 1
    missing = np.abs(sampler.rng.standard_normal((2, sampler.n, 1), np.float32))
    early, late = np.minimum(missing * TRIM_SPREAD * last, 0.2 * last).round().astype(np.intp)
    kept = np.clip(np.arange(last + 1), early, last - late)
    return np.take_along_axis(line, kept[..., None], axis=1)


def _bend(points: PenPoints, lean: Value, stretch: Value, sampler: HabitSampler) -> PenPoints:
    """Bend, stretch, slant and turn n digits, each as a whole, about its middle."""

    def normal(mean: float, spread: float, habit: str) -> NDArray[np.float32]:
        return (mean + spread * sampler.normal(habit))[:, None]

    x = points[..., 0] - points[..., 0].mean(axis=1, keepdims=True)
    y = points[..., 1] - 0.5
    x = x * (1 + 2 * normal(0, TAPER_SPREAD, "taper") * y)
    y = y + normal(0, SAG_SPREAD, "sag") * y * y
    x, y = _warp(x, y, sampler)
    x = x * np.exp(normal(0, STRETCH_SPREAD, "stretch")) * np.reshape(stretch, (-1, 1))
    x = x - (normal(*SLANT, "slant") + np.reshape(lean, (-1, 1))) * y
    turn = normal(*ROTATION, "turn")
    cos, sin = np.cos(turn), np.sin(turn)
    return np.stack([cos * x - sin * y, sin * x + cos * y], axis=-1).astype(np.float32)


def _warp(
    x: NDArray[np.float32], y: NDArray[np.float32], sampler: HabitSampler
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Bend the paper under n digits with random sine waves."""
    rng, n = sampler.rng, sampler.n
    for _ in range(WAVES):
        wave = rng.standard_normal((2, n, 1), np.float32)
        wave *= rng.uniform(*WAVE_NUMBERS, (n, 1)) / np.sqrt((wave**2).sum(axis=0))
        push = rng.standard_normal((2, n, 1), np.float32)
        push *= WAVE_HEIGHT / 2 * np.abs(rng.standard_normal((2, n, 1), np.float32))
        phase = rng.uniform(0, 2 * np.pi, (2, n, 1))
        bend = push * np.sin((wave[0] * x + wave[1] * y + phase).astype(np.float32))
        x, y = x + bend[0], y + bend[1]
    return x, y
