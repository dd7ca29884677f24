"""Digits to lines, and which way the lines run."""

import numpy as np

from mnist_lab.reading.views import Boxes

MIN_SHARED_HEIGHT = 0.4  # share of its height that a digit has in common with its line's end
MIN_DIGITS = 4  # that tell how a page slants
# Of two digits, that they are neighbours on a line; lengths in heights of the first
HEIGHT_RATIO = 1.8  # at most
MIN_STEP, MAX_STEP = 0.3, 6.0  # to the right
MAX_SLOPE = 0.5  # down for each step to the right


def into_lines(boxes: Boxes) -> list[list[int]]:
    """Put boxes (left, top, right, bottom) into lines, each from left to right, from the top.

    A box belongs to the line with whose last three it has most of its height in common.
    """
    lines: list[list[int]] = []
    for at in np.argsort(boxes[:, 0] + boxes[:, 2]):
        best, most = None, MIN_SHARED_HEIGHT
        for line in lines:
            top, bottom = boxes[line[-3:]][:, [1, 3]].mean(axis=0)
            common = min(bottom, boxes[at, 3]) - max(top, boxes[at, 1])
            share = common / max(1e-3, min(bottom - top, boxes[at, 3] - boxes[at, 1]))
            if share > most:
                best, most = line, share
        if best is None:
            lines.append([int(at)])
        else:
            best.append(int(at))
    return sorted(lines, key=lambda line: float(boxes[line][:, [1, 3]].mean()))


def slant(boxes: Boxes) -> float:
    """By how many degrees lines run down to the right: of neighbours, the median; 0 of few."""
    if len(boxes) < MIN_DIGITS:
        return 0.0
    x, y = (boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 1] + boxes[:, 3]) / 2
    height = boxes[:, 3] - boxes[:, 1]
    right, down = x - x[:, None], y - y[:, None]
    alike = np.abs(np.log(height / height[:, None])) < np.log(HEIGHT_RATIO)
    beside = (right > MIN_STEP * height[:, None]) & (right < MAX_STEP * height[:, None])
    right = np.where(beside & alike & (np.abs(down) < MAX_SLOPE * right), right, np.inf)
    nearest = right.argmin(axis=1)
    each = np.arange(len(x))
    has = np.isfinite(right[each, nearest])
    if np.count_nonzero(has) < MIN_DIGITS - 1:
        return 0.0
    angles = np.arctan2(down[each, nearest][has], right[each, nearest][has])
    return float(np.degrees(np.median(angles)))
