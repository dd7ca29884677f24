"""Which way is up: pages stored sideways are turned by a quarter, slanting ones deskewed."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mnist_lab import images
from mnist_lab.arrays import Digit, Digits
from mnist_lab.reading.components import (
    LONG_LINE,
    Component,
    find_components,
    is_edge,
    mask_of,
    sides_touched,
)
from mnist_lab.reading.ink import Ink
from mnist_lab.reading.segmentation import whole_digits

MIN_GAIN = 0.05  # correlation by which a page must look more like digits for a quarter turn
MIN_SLANT_DEGREES = 1.2  # from which on a page is deskewed
MIN_COMPONENTS = 3  # that tell which way a page lies, or by how much it slants
MAX_COMPARED = 40  # that are compared with digits

# Of components, which way they lie
SIZES = 0.4, 2.5  # times the median of the longer sides, from and to
MIN_TORTUOSITY = 1.15  # a straight line lies in any way
MAX_LOG_ASPECT = 1.0  # of width to height, counted for one component
SIDEWAYS_LOG_ASPECT = -0.1  # mean, above which a page may lie on its side

# Of two components, that they are neighbours on a line; lengths in heights of the first
HEIGHT_RATIO = 1.8  # at most
MIN_STEP, MAX_STEP = 0.3, 6.0  # to the right
MAX_SLOPE = 0.5  # down for each step to the right

MEAN_DIGITS = "mean_digits.png"  # ten side by side, written by tools/make_mean_digits.py
BLUR_SIGMA = 1.5  # pixels by which digits are blurred before they are compared


def deskew(ink: Ink) -> tuple[Ink, list[Component]]:
    """Turn ink that lies on its side or slants; also give its components, without edges."""
    shape = ink.levels.shape
    components = [each for each in find_components(ink) if not is_edge(each, shape)]
    ink = replace(ink, mask=mask_of(components, ink.mask.shape))
    lines = [each for each in components if each.length > LONG_LINE * each.stroke_width]
    if _is_sideways([each for each in lines if not sides_touched(each, shape)]):
        ink, components = _turn_upright(ink, components)
    slant = _slant([each for each in components if each.is_digit_shaped])
    if abs(slant) > MIN_SLANT_DEGREES:
        ink = ink.rotate(slant)
        sentence = f"Turned back by {slant:.1f} degrees, along its lines."
        ink = ink.with_step("upright", sentence, ink.levels)
        components = find_components(ink)
    return ink, components


def _is_sideways(components: Sequence[Component]) -> bool:
    """Whether most components are wider than high, which written digits are not."""
    longer = [max(each.width, each.height) for each in components]
    smallest, largest = (share * float(np.median(longer or [0])) for share in SIZES)
    aspects = [
        np.clip(np.log(each.width / each.height), -MAX_LOG_ASPECT, MAX_LOG_ASPECT)
        for each, size in zip(components, longer, strict=True)
        if smallest < size < largest and each.tortuosity > MIN_TORTUOSITY
    ]
    return len(aspects) >= MIN_COMPONENTS and float(np.mean(aspects)) > SIDEWAYS_LOG_ASPECT


def _turn_upright(ink: Ink, components: list[Component]) -> tuple[Ink, list[Component]]:
    """The best of three: as it lies, or turned by a quarter either way."""
    choices = []
    for degrees in (0, 90, -90):
        turned = ink.rotate(degrees) if degrees else ink
        found = find_components(turned) if degrees else components
        whole = whole_digits(found[:MAX_COMPARED])
        digits = [each.digit(turned.levels) for each in whole if each.is_digit_shaped]
        likeness = _likeness(digits) - (MIN_GAIN if degrees else 0)
        choices.append((likeness, turned, found))
    _, best, found = max(choices, key=lambda choice: choice[0])
    return best, found


def _slant(components: Sequence[Component]) -> float:
    """The angle of the lines of writing, in degrees clockwise: of neighbours, the median."""
    if len(components) < MIN_COMPONENTS:
        return 0.0
    x, y = np.array([each.centre for each in components]).T
    height = np.array([each.height for each in components], float)
    right, down = x[None] - x[:, None], y[None] - y[:, None]
    alike = np.abs(np.log(height[None] / height[:, None])) < np.log(HEIGHT_RATIO)
    beside = (right > MIN_STEP * height[:, None]) & (np.abs(down) < MAX_SLOPE * right) & alike
    right = np.where(beside & (right < MAX_STEP * height[:, None]), right, np.inf)
    nearest = right.argmin(axis=1)
    step = right[np.arange(len(x)), nearest]
    has = np.isfinite(step)
    if np.count_nonzero(has) < MIN_COMPONENTS:
        return 0.0
    angles = np.degrees(np.arctan2(down[np.arange(len(x)), nearest][has], step[has]))
    return float(np.median(angles))


def _likeness(digits: Sequence[Digit]) -> float:
    """Their mean correlation with the most like of ten mean digits: highest when upright."""
    if not digits:
        return 0.0
    found = _normalised(np.stack(digits))
    return float((found @ _normalised(mean_digits()).T).max(axis=1).mean())


def _normalised(digits: NDArray[Any]) -> NDArray[np.float32]:
    """Blurred, float32 (n, 784), each of mean 0 and length 1."""
    soft = np.stack([cv2.GaussianBlur(d.astype(np.float32), (0, 0), BLUR_SIGMA) for d in digits])
    flat = soft.reshape(len(soft), -1)
    flat = flat - flat.mean(axis=1, keepdims=True)
    return flat / np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-6)


@cache
def mean_digits() -> Digits:
    """The mean of 60 written digits of each kind: uint8 (10, 28, 28)."""
    row = images.load_image(Path(__file__).with_name(MEAN_DIGITS))
    return Digits(np.stack(np.split(row, 10, axis=1)))
