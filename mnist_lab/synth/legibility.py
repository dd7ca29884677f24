"""Legible digits: what comes nearer to another digit's ways than to its own is written again.

The judge knows this writer's ways of writing and nothing else: no picture, and no digit by a
person. For each allograph it writes a few digits, describes the way of the pen in each by how
much line of which direction lies where, and takes their mean. A digit is then as likely to be
one way or another as its distance from their means says: a linear discriminant, the spread
about the means being the same for all.

References
----------
Fisher 1936, *The use of multiple measurements in taxonomic problems*. Kimura et al. 1987,
*Modified quadratic discriminant functions and the application to Chinese character
recognition*, for counts of directions and their square roots.
"""

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from mnist_lab.synth.glyphs import Allograph, allographs
from mnist_lab.synth.tracing import Trace, trace
from mnist_lab.synth.writer import HabitSampler

# As a logarithm: by its shape, a digit is 50 times likelier its own than another. At less,
# benchmarks.stand_in counts more wrong labels (at 3, 0.32 % in place of 0.29 %).
MIN_MARGIN = 4.0
HABITUAL_ATTEMPTS = 3  # to write a digit legibly in its writer's hand, then ...
ATTEMPTS = 40  # ... in anybody's, at most so often in all

# How the way of the pen is described.
CELLS = 6  # each way: a digit is covered with as many triangles, which overlap ...
FINE_CELLS = 2 * CELLS  # ... and stand on as many steps
REACH = 0.6  # of the digit's longer side, from its centre of mass to the edge of the cells
SAMPLES = 100  # digits of each allograph, of which the mean is taken
RIDGE = 0.1  # of the mean variance, added to all: a few samples say little about the least


def trace_legible(allograph: Allograph, sampler: HabitSampler) -> Trace:
    """Move the pen for n digits, and again for those that could be taken for another digit."""
    written = trace(allograph, sampler)
    unclear = np.arange(sampler.n)
    for attempt in range(ATTEMPTS):
        again = written._replace(points=written.points[unclear])
        unclear = unclear[margin(allograph, again) < MIN_MARGIN]
        if not len(unclear):
            break
        writers = sampler.select(unclear)
        if attempt >= HABITUAL_ATTEMPTS:
            writers = replace(writers, crowd=None)
        written.points[unclear] = trace(allograph, writers).points
    return written


def margin(allograph: Allograph, written: Trace) -> NDArray[np.float32]:
    """How much likelier n digits are their own than any other, by their shape: logarithms (n,)."""
    judge = _judge()
    likelihood = count_directions(written) @ judge.weights + judge.offsets
    own = judge.digits == allograph.digit
    itself = np.arange(len(own)) == allographs().index(allograph)
    own_best: NDArray[np.float32] = likelihood[:, own & judge.common | itself].max(axis=1)
    return own_best - likelihood[:, ~own & judge.common].max(axis=1)


def count_directions(written: Trace) -> NDArray[np.float32]:
    """Say how much line runs in which of four directions in each cell: (n, 4 * CELLS * CELLS).

    Directions are level, upright, falling and rising; what lies between two counts for both.
    Positions are relative to the centre of mass, lengths to the digit's longer side, and the
    numbers are square roots, for a long line weighs more than it says.
    """
    x, y = np.ascontiguousarray(np.moveaxis(written.points, 2, 0))
    across, down = np.diff(x), np.diff(y)
    length = np.hypot(across, down) * ~written.in_air
    size = np.maximum(np.ptp(x, axis=1), np.ptp(y, axis=1))[:, None]
    place = _cell(y, length, size) * FINE_CELLS + _cell(x, length, size)

    scale = ~written.in_air / (np.maximum(length, np.float32(1e-9)) * size)
    level = (across**2 - down**2) * scale  # length times the cosine of twice the angle ...
    falling = 2 * across * down * scale  # ... and its sine
    direction = np.stack([level < 0, 2 + (falling < 0)])  # 0 level, 1 upright, 2 falling, 3 rising
    number = 4 * np.arange(len(x))[:, None] + direction
    where, lengths = number * FINE_CELLS**2 + place, np.abs(np.stack([level, falling]))
    totals = np.bincount(where.ravel(), lengths.ravel(), len(x) * 4 * FINE_CELLS**2)
    lines = totals.astype(np.float32).reshape(len(x), 4, FINE_CELLS, FINE_CELLS)
    return np.sqrt(_triangles() @ lines @ _triangles().T).reshape(len(x), -1)


def _cell(
    along: NDArray[np.float32], length: NDArray[np.float32], size: NDArray[np.float32]
) -> NDArray[np.int32]:
    """In which fine cell the middle of each line lies, of n digits, along one of the axes."""
    middle = (along[:, 1:] + along[:, :-1]) / 2
    centre = (middle * length).sum(axis=1, keepdims=True) / length.sum(axis=1, keepdims=True)
    cell = ((middle - centre) / size + REACH) * (FINE_CELLS / (2 * REACH))
    return np.clip(cell, 0, FINE_CELLS - 1).astype(np.int32)


@cache
def _triangles() -> NDArray[np.float32]:
    """How much each fine cell counts for each cell: (CELLS, FINE_CELLS)."""
    width = FINE_CELLS / CELLS
    middles = (np.arange(CELLS) + 0.5) * width - 0.5
    away = np.abs(np.arange(FINE_CELLS) - middles[:, None]) / (1.5 * width)
    return np.maximum(0, 1 - away).astype(np.float32)


@dataclass(frozen=True, eq=False)
class _Judge:
    """How likely a description is under each allograph: a linear function of it."""

    weights: NDArray[np.float32]  # (4 * CELLS * CELLS, allographs)
    offsets: NDArray[np.float32]  # (allographs,)
    digits: NDArray[np.intp]  # (allographs,)
    common: NDArray[np.bool_]  # (allographs,): whether MNIST has it


@cache
def _judge() -> _Judge:
    """Learn the writer's ways from what it writes in them, each digit by somebody else."""
    sampler = HabitSampler(np.random.default_rng(0), np.zeros(SAMPLES, np.intp))
    samples = np.array([count_directions(trace(way, sampler)) for way in allographs()], float)
    shares = np.array([max(way.share, 1) for way in allographs()])
    means = samples.mean(axis=1)
    spread = (samples - means[:, None]) * np.sqrt(shares / shares.sum() / SAMPLES)[:, None, None]
    flat = spread.reshape(-1, spread.shape[-1])
    covariance = flat.T @ flat
    covariance += RIDGE * covariance.trace() / len(covariance) * np.eye(len(covariance))
    weights = np.linalg.solve(covariance, means.T)
    offsets = np.log(shares) - (means.T * weights).sum(axis=0) / 2
    return _Judge(
        weights=weights.astype(np.float32),
        offsets=offsets.astype(np.float32),
        digits=np.array([way.digit for way in allographs()]),
        common=np.array([way.share > 0 for way in allographs()]),
    )
