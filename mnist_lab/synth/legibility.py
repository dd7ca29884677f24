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

MIN_MARGIN = 4.0  # logarithm: by its shape, a digit is 50 times likelier its own than another
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
    likelihood = describe(written) @ judge.weights + judge.offsets
    own = judge.digits == allograph.digit
    itself = np.arange(len(own)) == allographs().index(allograph)
    own_best: NDArray[np.float32] = likelihood[:, own & judge.common | itself].max(axis=1)
    return own_best - likelihood[:, ~own & judge.common].max(axis=1)


def describe(written: Trace) -> NDArray[np.float32]:
    """Say how much line runs in which of four directions in each cell: (n, 4 * CELLS * CELLS).

    Directions are level, upright, falling and rising; what lies between two counts for both.
    Positions are relative to the centre of mass, lengths to the digit's longer side, and the
    numbers are square roots, for a long line weighs more than it says.
    """
    points, n = written.points, len(written.points)
    across, down = np.moveaxis(np.diff(points, axis=1), 2, 0)
    length = np.hypot(across, down) * ~written.in_air
    middles = (points[:, 1:] + points[:, :-1]) / 2
    centre = (middles * length[..., None]).sum(axis=1) / length.sum(axis=1, keepdims=True)
    size = np.ptp(points, axis=1).max(axis=1)[:, None]
    place = (middles - centre[:, None]) / size[..., None]
    cell = ((place + REACH) * (FINE_CELLS / (2 * REACH))).astype(np.intp)
    column, row = np.moveaxis(np.clip(cell, 0, FINE_CELLS - 1), 2, 0)
    cells = (np.arange(n)[:, None] * FINE_CELLS + row) * FINE_CELLS + column

    scale = ~written.in_air / (np.maximum(length, 1e-9) * size)
    level = (across**2 - down**2) * scale  # length times the cosine of twice the angle ...
    falling = 2 * across * down * scale  # ... and its sine
    lines = np.empty((n, 4, FINE_CELLS, FINE_CELLS), np.float32)
    for number, line in enumerate((level, -level, falling, -falling)):
        total = np.bincount(cells.ravel(), np.maximum(line, 0).ravel(), n * FINE_CELLS**2)
        lines[:, number] = total.reshape(n, FINE_CELLS, FINE_CELLS)
    return np.sqrt(_triangles() @ lines @ _triangles().T).reshape(n, -1)


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
    samples = np.stack([describe(trace(way, sampler)) for way in allographs()]).astype(float)
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
