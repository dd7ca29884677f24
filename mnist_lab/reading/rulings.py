"""The printed lines of ruled and squared paper, and of tables: found, and taken away."""

import cv2
import numpy as np
from numpy.typing import NDArray

from mnist_lab.arrays import Image

STEEPEST = 0.21  # slope of rulings that are looked for
PEAKED = 4.0  # times the usual that rulings stand out by when summed along them
UNBROKEN = 0.75  # share of a short run of it that must be ink
WHOLE = 0.85  # share of a ruling that is ink and not a gap
ACROSS = 0.85  # share of the paper's side that a ruling runs along
RULING = 0.5  # share of the paper's longer side that is long enough, too


def find_tilt(seen: Image) -> float:
    """Measure by how many degrees rulings are turned clockwise; 0 where there are none.

    Summed along rulings, ink comes in peaks; along any other direction it is spread out.
    """
    steps = int(np.clip(max(seen.shape) // 100, 10, 20))  # a longer line shows a finer slope
    slopes = np.linspace(-STEEPEST, STEEPEST, 2 * steps + 1)
    peaks = _peaks(seen, slopes) + _peaks(np.ascontiguousarray(seen.T), -slopes)
    best = int(peaks.argmax())
    if peaks[best] < PEAKED * float(np.median(peaks)):
        return 0.0
    return float(np.degrees(np.arctan(slopes[best])))


def _peaks(seen: Image, slopes: NDArray[np.float64]) -> NDArray[np.float64]:
    """How much the sums along lines of each slope differ from one line to the next."""
    height, width = seen.shape
    strips = 16
    ink = cv2.resize(seen * 255, (strips, height), interpolation=cv2.INTER_AREA)
    ink = ink.astype(np.float32)
    middle = (np.arange(strips) + 0.5) / strips * width - width / 2
    sums = []
    for slope in slopes:
        shift = np.rint(slope * middle).astype(int)
        rows = (np.arange(height)[:, None] + shift) % height
        profile = ink[rows, np.arange(strips)].sum(axis=1)
        sums.append(float(np.square(np.diff(profile)).sum()))
    return np.array(sums)


def find_rulings(seen: Image, inside: Image) -> tuple[Image, Image]:
    """Find where rulings run across and down, without the strokes that cross them.

    Parameters
    ----------
    seen : uint8 (height, width)
        1 where there is ink, also pale.
    inside : uint8 (height, width)
        1 where there is paper.

    Returns
    -------
    across, down : uint8 (height, width)
        1 where such a line runs.
    """
    wide, high = (
        int(np.median(cv2.reduce(inside, axis, cv2.REDUCE_SUM, dtype=cv2.CV_32S)))
        for axis in (1, 0)
    )
    across, thick = _lines_across(seen, wide, max(wide, high))
    down, broad = _lines_across(np.ascontiguousarray(seen.T), high, max(wide, high))
    if thick == broad == 0:
        return across, across
    down = np.ascontiguousarray(down.T)
    upright = cv2.morphologyEx(seen & ~down, cv2.MORPH_OPEN, np.ones((max(1, thick), 1), np.uint8))
    lying = cv2.morphologyEx(seen & ~across, cv2.MORPH_OPEN, np.ones((1, max(1, broad)), np.uint8))
    return across & seen & ~upright, down & seen & ~lying


def take_away(levels: Image, across: Image, down: Image, floor: float, strong: int) -> Image:
    """Ink above a floor, without the lines that run through the picture.

    Strokes that cross a line stay: they are darker than it, or go on on both sides.
    """
    mask = (levels > floor).astype(np.uint8)
    either: Image = across | down
    if not either.any():
        return mask
    pale = 1.6 * float(np.percentile(levels[either > 0], 80))
    if pale < 0.8 * strong:
        across, down, either = (a & (levels < pale) for a in (across, down, either))
    clean = np.where(either > 0, np.uint8(0), mask)
    crossed = _crossed(clean, across, (0, 1)) | _crossed(clean, down, (1, 0))
    mended = np.where(crossed > 0, mask, clean)
    return mended if mended.any() else mask


def _lines_across(seen: Image, width: int, longer: int) -> tuple[Image, int]:
    """Lines across a mask, level to a few degrees and broken here and there: 1 where one runs.

    Also give how thick they are at the most, 0 where there are none. One alone must run from
    side to side; three or more, each through half the picture, may have shorter ones beside.
    """
    run = max(15, width // 24)
    thick = cv2.dilate(seen, np.ones((3, 1), np.uint8))
    inked = cv2.boxFilter(thick * 100, -1, (run, 1), borderType=cv2.BORDER_REPLICATE)
    level = (inked > 100 * UNBROKEN).astype(np.uint8)
    longest = cv2.countNonZero(cv2.reduce(level, 0, cv2.REDUCE_MAX))
    if longest < min(ACROSS * width, RULING * longer):
        return np.zeros_like(level), 0
    joined = cv2.morphologyEx(level, cv2.MORPH_CLOSE, np.ones((1, run), np.uint8))
    joined = cv2.morphologyEx(joined, cv2.MORPH_OPEN, np.ones((1, 2 * run), np.uint8))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    long, area = stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_AREA]
    whole = np.bincount(labels[level > 0], minlength=len(stats))
    line = (area < long * (longer / 80 + 3)) & (whole > WHOLE * area)
    line[0] = False
    across = line & (long >= 0.95 * width)
    many = line & (long >= min(ACROSS * width, RULING * longer))
    keep = many | across if many.sum() >= 3 else across
    if not keep.any():
        return np.zeros_like(level), 0
    usual = float(np.median(area[keep] / long[keep]))
    if many.sum() >= 3:  # a shadow's edge may have cut others
        keep |= line & (long >= width / 3) & (area < 1.5 * usual * long)
    thick = int(usual) + 2
    return cv2.dilate(keep[labels].astype(np.uint8), np.ones((3, 1), np.uint8)), thick


def _crossed(clean: Image, ruling: Image, way: tuple[int, int]) -> Image:
    """The parts of a ruling that have ink on both sides of it: a stroke goes through there."""
    if not ruling.any():
        return ruling
    rows = ruling if way == (0, 1) else ruling.T
    lengths = np.count_nonzero(rows, axis=0)
    runs = np.count_nonzero(np.diff(rows.astype(np.int8), axis=0) == 1, axis=0) + rows[0]
    thick = int(np.ceil(lengths.sum() / max(1, runs.sum()))) + 2
    reach = np.ones((thick + 1, 1) if way == (0, 1) else (1, thick + 1), np.uint8)
    first = (0, thick) if way == (0, 1) else (thick, 0)
    before = cv2.dilate(clean, reach, anchor=first)
    after = cv2.dilate(clean, reach, anchor=(0, 0))
    return ruling & before & after
