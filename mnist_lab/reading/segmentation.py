"""Components to digits: what is broken is joined, what touches is cut apart."""

from collections.abc import Iterator, Sequence
from itertools import islice

import cv2
import numpy as np
from numpy.typing import NDArray

from mnist_lab.reading.components import MIN_SIZE, Component, sides_touched, typical_height

# A part beside the one digit of a picture belongs to it
PART_AREA = 0.03  # share of the digit's area, at least
PART_GAP = 0.5  # share of its height, at most
PART_LEVEL = 0.4  # share of its level, at least

# A part of a digit on a page; sizes are shares of the digit's height or the page's typical one
MAX_PART_GAP = 0.25
SMALL_PART = 0.5  # high
CLOSE = 0.12  # that a small part is away, at most
MAX_JOINED_WIDTH, MAX_JOINED_HEIGHT = 1.45, 1.25
MIN_WIDTH_OVERLAP = 0.5  # share of the narrower one's width that stands above or below the other
STROKE_RATIOS = 0.4, 2.5  # times the digit's stroke width, from and to
MIN_PART_LEVEL = 0.35  # share of the digit's level
MIN_PART_LENGTH = 1.2  # of its line, in stroke widths
MIN_PART_AREA = 0.02  # share of the digit's area

# Digits that touch
TALL = 1.5  # times the typical height, from which gaps are no longer stepped over
MAX_PARTS = 20  # that such a component falls into
MIN_CUT_ASPECT = 1.15  # times as wide as high, from which a component is cut
MIN_CUT_HEIGHT = 0.6  # of the typical height
MAX_CUT_ASPECT, MAX_CUT_LENGTH = 12, 40  # times its height, beyond which it is no row of digits
SURELY_TWO = 1.6  # times as wide as high, from which more than one way to cut is tried
MIN_SIDE_HEIGHT = 0.78  # share of its height that both sides of a cut keep
SEAM_ROWS = 32  # to which a component is shrunk before ways through it are looked for
SEAM_MARGIN = 0.2  # of its height: how near its ends, and one another, seams are not tried
STEP_ASIDE = 0.1  # pixels of ink that a step aside of a seam is worth
MAX_CUT = 1.8, 0.4  # stroke widths, or share of the height, of the ink that a seam goes through


def join_parts(
    main: Component, components: Sequence[Component], shape: tuple[int, ...]
) -> Component:
    """Join to a digit what was written with it: near it, large enough, not of the edge."""
    whole = main
    for each in components:
        if (
            each is not main
            and each.area > PART_AREA * main.area
            and each.gap(main) < PART_GAP * main.height
            and each.level > PART_LEVEL * main.level
            and not sides_touched(each, shape)
        ):
            whole = _join(whole, each)
    return whole


def whole_digits(components: Sequence[Component]) -> list[Component]:
    """Components as digits: what is broken joined, what touches split."""
    if not components:
        return []
    typical = typical_height(components)
    parts = [part for each in components for part in _unbridge(each, typical)]
    joined = _join_broken(parts, typical)
    typical = typical_height(joined)
    return [part for each in joined for part in _split(each, typical)]


def _join_broken(components: Sequence[Component], typical: float) -> list[Component]:
    """Join what is one digit in pieces: a small part close to or above a larger one."""
    done: list[Component] = []
    for part in sorted(components, key=lambda each: -each.height):
        gaps = [_part_gap(part, main, typical) for main in done]
        nearest = int(np.argmin(gaps)) if gaps else 0
        if gaps and np.isfinite(gaps[nearest]):
            done[nearest] = _join(done[nearest], part)
        else:
            done.append(part)
    return done


def _part_gap(part: Component, main: Component, typical: float) -> float:
    """How far a part is from the digit that it is a part of; infinite if it is none."""
    size = max(main.height, typical)
    gap = part.gap(main)
    if gap > MAX_PART_GAP * size:
        return float("inf")
    overlap = min(part.right, main.right) - max(part.x, main.x)
    width = max(part.right, main.right) - min(part.x, main.x)
    height = max(part.bottom, main.bottom) - min(part.y, main.y)
    close = part.height < SMALL_PART * size and gap < CLOSE * size
    stacked = (
        overlap > MIN_WIDTH_OVERLAP * min(part.width, main.width)
        and height < MAX_JOINED_HEIGHT * size
    )
    thinnest, thickest = STROKE_RATIOS
    belongs = (
        thinnest < part.stroke_width / main.stroke_width < thickest
        and part.level > MIN_PART_LEVEL * main.level
        and part.length > MIN_PART_LENGTH * part.stroke_width
        and part.area > MIN_PART_AREA * main.area
        and width < MAX_JOINED_WIDTH * size
        and (close or stacked)
    )
    return float(max(gap, 0)) if belongs else float("inf")


def _join(one: Component, other: Component) -> Component:
    """Two components as one."""
    x, y = min(one.x, other.x), min(one.y, other.y)
    width, height = max(one.right, other.right) - x, max(one.bottom, other.bottom) - y
    mask = np.zeros((height, width), bool)
    for part in (one, other):
        top, left = part.y - y, part.x - x
        mask[top : top + part.height, left : left + part.width] |= part.mask
    widths = one.stroke_width, other.stroke_width
    stroke_width = float(np.average(widths, weights=(one.area, other.area)))
    return Component(x, y, width, height, mask, stroke_width, max(one.level, other.level))


def _unbridge(component: Component, typical: float) -> list[Component]:
    """Undo a step over a gap where it led from one line to the next."""
    if component.height < TALL * typical:
        return [component]
    count, labels = cv2.connectedComponents(component.mask.astype(np.uint8), connectivity=8)
    parts = [component.cropped(labels == k) for k in range(1, min(count, MAX_PARTS))]
    return [part for part in parts if max(part.width, part.height) >= MIN_SIZE]


def _split(component: Component, typical: float) -> list[Component]:
    """Cut digits that touch, where little ink is to be cut and both sides stay tall."""
    height, width = component.height, component.width
    if width < MIN_CUT_ASPECT * height or height < MIN_CUT_HEIGHT * typical:
        return [component]
    if width > MAX_CUT_ASPECT * height or component.length > MAX_CUT_LENGTH * height:
        return [component]
    for seam in islice(_seams(component), None if width > SURELY_TWO * height else 1):
        left = component.mask & (np.arange(width) < seam[:, None])
        parts = [component.cropped(left), component.cropped(component.mask & ~left)]
        if min(part.height for part in parts) >= MIN_SIDE_HEIGHT * height:
            return [small for part in parts for small in _split(part, typical)]
    return [component]


def _seams(component: Component) -> Iterator[NDArray[np.int64]]:
    """Ways from top to bottom through a component, the cheapest first: a column for each row.

    Each may cut one stroke only, and no more of it than a stroke is wide.

    References
    ----------
    Congedo, Dimauro, Impedovo and Pirlo 1995, *Segmentation of numeric strings*; the way
    is found by dynamic programming as in Avidan and Shamir 2007, *Seam carving*.
    """
    shrink = max(1, component.height // SEAM_ROWS)
    ink = component.mask[::shrink, ::shrink].astype(np.float32)
    height, width = ink.shape
    margin = max(1, round(SEAM_MARGIN * height))
    if width <= 2 * margin + 1:
        return
    entry = height / 3  # for it may cut one stroke only
    cost, came = ink * (1 + entry * (np.arange(height) == 0)[:, None]), np.zeros(ink.shape, int)
    beside = np.arange(width) + np.array([[0], [1], [2]])  # from the left, above, the right
    for row in range(1, height):
        above = np.pad(cost[row - 1], 1, constant_values=np.inf)[beside]
        entered = np.maximum(ink[row] - np.pad(ink[row - 1], 1)[beside], 0)
        ways = above + entry * entered + [[STEP_ASIDE], [0], [STEP_ASIDE]]
        came[row] = ways.argmin(axis=0) - 1
        cost[row] += ways.min(axis=0)
    seams = np.zeros((height, width - 2 * margin), np.int64)
    seams[-1] = np.arange(margin, width - margin)
    for row in range(height - 1, 0, -1):
        seams[row - 1] = seams[row] + came[row, seams[row]]
    crossed = ink[np.arange(height)[:, None], seams]
    cuts = np.count_nonzero(np.diff(crossed, prepend=0, axis=0) == 1, axis=0)
    most = max(MAX_CUT[0] * component.stroke_width, MAX_CUT[1] * component.height) + shrink
    allowed = (cuts <= 1) & (crossed.sum(axis=0) * shrink <= most)
    price = np.where(allowed, cost[-1, margin : width - margin], np.inf)
    while np.isfinite(price).any():
        at = int(price.argmin())
        yield np.repeat(seams[:, at] * shrink, shrink)[: component.height]
        price[max(0, at - margin) : at + margin + 1] = np.inf  # those beside it cut the same
