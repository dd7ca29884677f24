"""The printed lines of ruled and squared paper, and of tables: found, and taken away."""

import cv2
import numpy as np
from numpy.typing import NDArray

from mnist_lab.arrays import Image
from mnist_lab.reading.pixels import Mask, as_image

MAX_RULING_SLOPE = 0.21  # of rulings that are looked for
SLOPE_STEPS = 10, 20  # slopes tried either way, at least and at most
MIN_PEAK = 4.0  # times the usual that rulings stand out by when summed along them
MIN_RUN_INK = 0.75  # share of a short run of a ruling that must be ink
MIN_LINE_INK = 0.85  # share of a ruling that is ink and not a gap
MIN_ALONE = 0.95  # share of the paper's side that one ruling alone runs along
MIN_ACROSS = 0.85  # share of the paper's side that a ruling among others runs along
MIN_RULING_LENGTH = 0.5  # share of the paper's longer side that is long enough, too
MIN_RULINGS = 3  # from which on some are among others
MIN_CUT_LENGTH = 1 / 3  # share of the side that one of these may be cut to, by a shadow's edge
MAX_CUT_WIDTH = 1.5  # times the others' that it may be wide
PALE = 1.6  # times the rulings' own level that ink over them is darker by
MAX_PALE_SHARE = 0.8  # share of dark ink's level that this may reach, to tell them apart


def find_tilt(mask: Mask) -> float:
    """Measure by how many degrees rulings are turned clockwise; 0 where there are none.

    Summed along rulings, ink comes in peaks; along any other direction it is spread out.
    """
    steps = int(np.clip(max(mask.shape) // 100, *SLOPE_STEPS))  # a longer line shows finer slopes
    slopes = np.linspace(-MAX_RULING_SLOPE, MAX_RULING_SLOPE, 2 * steps + 1)
    peaks = np.add(_peaks(mask, slopes), _peaks(np.ascontiguousarray(mask.T), -slopes))
    best = int(peaks.argmax())
    if peaks[best] < MIN_PEAK * float(np.median(peaks)):
        return 0.0
    return float(np.degrees(np.arctan(slopes[best])))


def _peaks(mask: Mask, slopes: NDArray[np.float64]) -> list[float]:
    """How much the sums along lines of each slope differ from one line to the next."""
    height, width = mask.shape
    strips = 16
    ink = cv2.resize(mask * 255, (strips, height), interpolation=cv2.INTER_AREA)
    ink = ink.astype(np.float32)
    middle = (np.arange(strips) + 0.5) / strips * width - width / 2
    sums = []
    for slope in slopes:
        shift = np.rint(slope * middle).astype(int)
        rows = (np.arange(height)[:, None] + shift) % height
        profile = ink[rows, np.arange(strips)].sum(axis=1)
        sums.append(float(np.square(np.diff(profile)).sum()))
    return sums


def find_rulings(mask: Mask, inside: Mask) -> tuple[Mask, Mask]:
    """Find where rulings run across and down, without the strokes that cross them.

    Parameters
    ----------
    mask : uint8 (height, width)
        1 where there is ink, also pale.
    inside : uint8 (height, width)
        1 where there is paper.

    Returns
    -------
    across, down : uint8 (height, width)
        1 where such a line runs.
    """
    width, height = (
        int(np.median(cv2.reduce(inside, axis, cv2.REDUCE_SUM, dtype=cv2.CV_32S)))
        for axis in (1, 0)
    )
    across, thick = _lines_across(mask, width, max(width, height))
    down, broad = _lines_across(np.ascontiguousarray(mask.T), height, max(width, height))
    if thick == broad == 0:
        return across, across
    down = np.ascontiguousarray(down.T)
    upright = _opened(mask & ~down, max(1, thick), 1)
    lying = _opened(mask & ~across, 1, max(1, broad))
    return across & mask & ~upright, down & mask & ~lying


def remove_rulings(levels: Image, across: Mask, down: Mask, floor: float, dark_level: int) -> Mask:
    """Ink above a floor, 1 in a mask, without the lines that run through the picture.

    Strokes that cross a line stay: they are darker than it, or go on on both sides.
    """
    mask = (levels > floor).astype(np.uint8)
    either = across | down
    if not either.any():
        return mask
    pale = PALE * float(np.percentile(levels[either > 0], 80))
    if pale < MAX_PALE_SHARE * dark_level:
        across, down, either = (a & (levels < pale) for a in (across, down, either))
    clean = np.where(either > 0, np.uint8(0), mask)
    crossed = _crossed(clean, across) | _crossed(clean.T, down.T).T
    mended = np.where(crossed > 0, mask, clean)
    return mended if mended.any() else mask


def _lines_across(mask: Mask, width: int, longer: int) -> tuple[Mask, int]:
    """Lines across a mask, level to a few degrees and broken here and there: 1 where one runs.

    Also give how thick they are at the most, 0 where there are none. One alone must run from
    side to side; three or more, each through half the picture, may have shorter ones beside.
    """
    run = max(15, width // 24)
    thick = cv2.dilate(mask, np.ones((3, 1), np.uint8))
    inked = cv2.boxFilter(thick * 100, -1, (run, 1), borderType=cv2.BORDER_REPLICATE)
    level = (inked > 100 * MIN_RUN_INK).astype(np.uint8)
    long_enough = min(MIN_ACROSS * width, MIN_RULING_LENGTH * longer)
    if cv2.countNonZero(cv2.reduce(level, 0, cv2.REDUCE_MAX)) < long_enough:
        return np.zeros_like(level), 0
    joined = cv2.morphologyEx(level, cv2.MORPH_CLOSE, np.ones((1, run), np.uint8))
    joined = _opened(as_image(joined), 1, 2 * run)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    length, area = stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_AREA]
    inked_area = np.bincount(labels[level > 0], minlength=len(stats))
    line = (area < length * (longer / 80 + 3)) & (inked_area > MIN_LINE_INK * area)
    line[0] = False
    keep = line & (length >= MIN_ALONE * width)
    many = line & (length >= long_enough)
    among_others = many.sum() >= MIN_RULINGS
    if among_others:
        keep |= many
    if not keep.any():
        return np.zeros_like(level), 0
    usual = float(np.median(area[keep] / length[keep]))
    if among_others:
        keep |= line & (length >= MIN_CUT_LENGTH * width) & (area < MAX_CUT_WIDTH * usual * length)
    found = cv2.dilate(keep[labels].astype(np.uint8), np.ones((3, 1), np.uint8))
    return as_image(found), int(usual) + 2


def _opened(mask: Mask, height: int, width: int) -> Mask:
    """What of a mask is as high and as wide."""
    return as_image(cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((height, width), np.uint8)))


def _crossed(clean: Mask, ruling: Mask) -> Mask:
    """The parts of a ruling that have ink above and below: a stroke goes through there."""
    if not ruling.any():
        return ruling
    lengths = np.count_nonzero(ruling, axis=0)
    runs = np.count_nonzero(np.diff(ruling.astype(np.int8), axis=0) == 1, axis=0) + ruling[0]
    thick = int(np.ceil(lengths.sum() / max(1, runs.sum()))) + 2
    reach = np.ones((thick + 1, 1), np.uint8)
    clean = np.ascontiguousarray(clean)
    before = as_image(cv2.dilate(clean, reach, anchor=(0, thick)))
    after = as_image(cv2.dilate(clean, reach, anchor=(0, 0)))
    return ruling & before & after
