"""Connected components of ink: found, measured, and judged by their shape.

Lengths are in pixels as the picture is worked on, or in a component's own stroke widths;
levels are of 255. How well the thresholds do is measured by ``benchmarks/scans.py``.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from mnist_lab import images
from mnist_lab.arrays import Digit, Image
from mnist_lab.reading.ink import Ink, grain_sigma
from mnist_lab.reading.pixels import Mask, as_image

MAX_GAP = 0.7  # stroke widths over which a broken line goes on
MIN_SIZE = 7  # pixels of the longer side, below which nothing has a shape
MAX_COMPONENTS = 2000  # the largest are kept
BLUR_SHARE = 0.2  # share of a component's level that is blur, as in the loops of small digits

MIN_LENGTH = 2.2  # stroke widths that a digit's line is long
MAX_ASPECT = 2.2  # times as wide as high a digit may be
MIN_HEIGHT = 11  # pixels of a digit
MIN_RELATIVE_HEIGHT = 0.45  # of a page's digits, below which a digit needs a long line
LONG_LINE = 4.0  # stroke widths of a long line
MIN_RELATIVE_LEVEL = 0.35  # share of dark ink's level that a digit must have
FAINT_LEVEL = 45  # below it straight lines are rests of rulings, grain or dust
STRAIGHT_TORTUOSITY = 1.2  # below it a component is a straight line, a speck or a blot

EDGE_SIDES = 2  # of the picture, touched by what is no digit but the edge of paper or table
MAX_EDGE_WIDTH = 1.5  # stroke widths of what runs along one side of the picture
MAX_EXTENT = 0.6  # share of the picture's width and height that a digit may take

MIN_BRIGHTER_AROUND = 0.8  # share of what is round a component that must be brighter
MIN_BRIGHTER_BY = 0.4  # of the usual difference, for this to count as brighter
MIN_GRAIN_SIGMAS = 3.0  # times the spread of the paper that ink must be darker by
LOG_OFFSET = 8.0  # levels, in the dark, that make no difference


@dataclass(eq=False)
class Component:
    """Ink that hangs together.

    Attributes
    ----------
    x, y, width, height : int
        Its box, in pixels.
    mask : bool (height, width)
        Where in its box there is ink.
    stroke_width : float
        In pixels.
    level : int
        How dark it is, 0 to 255.
    """

    x: int
    y: int
    width: int
    height: int
    mask: NDArray[np.bool_]
    stroke_width: float
    level: int

    @property
    def right(self) -> int:
        return self.x + self.width

    @property
    def bottom(self) -> int:
        return self.y + self.height

    @property
    def centre(self) -> tuple[float, float]:
        return self.x + self.width / 2, self.y + self.height / 2

    @cached_property
    def area(self) -> int:
        return int(np.count_nonzero(self.mask))

    @property
    def length(self) -> float:
        """Of the line that a pen has drawn, in pixels."""
        return self.area / self.stroke_width

    @property
    def tortuosity(self) -> float:
        """How much longer its line is than its box's diagonal: a straight one's is 1."""
        return self.length / float(np.hypot(self.width, self.height))

    @property
    def is_faint_line(self) -> bool:
        """Whether it is faint and straight: a rest of a ruling, grain, dust."""
        return self.level < FAINT_LEVEL and self.tortuosity < STRAIGHT_TORTUOSITY

    @property
    def is_digit_shaped(self) -> bool:
        """A pen's line, several times as long as it is wide, and not lying down."""
        long = self.length >= MIN_LENGTH * self.stroke_width
        return long and self.width <= MAX_ASPECT * self.height

    def gap(self, other: "Component") -> int:
        """Pixels between its box and another's, across or down; below 0 they overlap."""
        across = max(self.x - other.right, other.x - self.right)
        return max(across, self.y - other.bottom, other.y - self.bottom)

    def cropped(self, mask: NDArray[np.bool_]) -> "Component":
        """What of it lies in a mask of its box."""
        x, y, width, height = cv2.boundingRect(mask.astype(np.uint8))
        inner = mask[y : y + height, x : x + width]
        place = self.x + x, self.y + y, width, height
        return Component(*place, inner, self.stroke_width, self.level)

    def digit(self, levels: Image) -> Digit:
        """The ink of a picture, in MNIST's form: its grey edges kept, its strokes evened."""
        room = 2
        mask = np.pad(self.mask.astype(np.uint8), room)
        near = cv2.dilate(mask, np.ones((3, 3), np.uint8))
        height, width = levels.shape
        around = np.zeros(mask.shape, np.float32)
        top, left = max(0, self.y - room), max(0, self.x - room)
        bottom, right = min(height, self.bottom + room), min(width, self.right + room)
        dy, dx = top - self.y + room, left - self.x + room
        around[dy : dy + bottom - top, dx : dx + right - left] = levels[top:bottom, left:right]
        full = float(np.percentile(around[mask > 0], 60))
        clear = (around / max(full, 1) - BLUR_SHARE) / (1 - BLUR_SHARE) * (near > 0)
        ink = Image((255 * np.clip(clear, 0, 1)).astype(np.uint8))
        return images.to_digit(images.even_stroke(ink))


def find_components(ink: Ink) -> list[Component]:
    """Those that are large enough to have a shape, the largest first; gaps are stepped over."""
    step = 2 * round(MAX_GAP * ink.stroke_width / 2) + 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (step, step))
    wide = cv2.dilate(ink.mask, disc) if step > 1 else ink.mask
    _, labels, stats, _ = cv2.connectedComponentsWithStats(wide, connectivity=8)
    large = 1 + np.flatnonzero(stats[1:, 2:4].max(axis=1) >= MIN_SIZE + step)
    depth = images.ink_depth(Image(ink.mask))
    components = []
    for k in large[np.argsort(-stats[large, cv2.CC_STAT_AREA])][:MAX_COMPONENTS]:
        x, y, width, height = (int(v) for v in stats[k, :4])
        here = slice(y, y + height), slice(x, x + width)
        mask = (labels[here] == k) & (ink.mask[here] > 0)
        left, top, width, height = cv2.boundingRect(mask.astype(np.uint8))
        if max(width, height) < MIN_SIZE:
            continue
        stroke_width = max(1.0, 4 * float(depth[here][mask].mean()) - 1)
        level = int(np.percentile(ink.levels[here][mask], 75))
        mask = mask[top : top + height, left : left + width]
        box = x + left, y + top, width, height
        components.append(Component(*box, mask, stroke_width, level))
    return components


def mask_of(components: Iterable[Component], shape: tuple[int, ...]) -> Mask:
    """A mask, 1 where there is a component."""
    mask = np.zeros(shape, np.uint8)
    for each in components:
        mask[each.y : each.bottom, each.x : each.right][each.mask] = 1
    return mask


def sides_touched(component: Component, shape: tuple[int, ...]) -> int:
    """How many sides of the picture it touches."""
    height, width = shape
    left, top = component.x <= 0, component.y <= 0
    return left + top + (component.right >= width) + (component.bottom >= height)


def is_edge(component: Component, shape: tuple[int, ...]) -> bool:
    """The edge of the paper or the table: along a side of the picture, or round it."""
    height, width = shape
    sides = sides_touched(component, shape)
    if sides >= EDGE_SIDES or (sides and not component.is_digit_shaped):
        return True
    beside = component.x <= 0 or component.right >= width
    thickness = component.width if beside else component.height
    if sides and thickness < MAX_EDGE_WIDTH * component.stroke_width:
        return True
    return component.width > MAX_EXTENT * width and component.height > MAX_EXTENT * height


def prominence(component: Component, shape: tuple[int, ...]) -> float:
    """How much a component looks like what the picture was taken for."""
    longer = max(component.width, component.height)
    size = np.sqrt(component.area * longer) * component.level
    inside = (1.0, 0.5, 0.2, 0.1, 0.05)[sides_touched(component, shape)]
    return float(size * inside * (1 if component.is_digit_shaped else 0.2))


def typical_height(components: Sequence[Component]) -> float:
    """The height of most of the ink that could be digits, 0 without any."""
    shaped = [each for each in components if each.is_digit_shaped]
    if not shaped:
        return 0.0
    heights, areas = np.array([(each.height, each.area) for each in shaped], float).T
    order = np.argsort(heights)
    climb = np.cumsum(areas[order])
    return float(heights[order][np.searchsorted(climb, climb[-1] / 2)])


def is_digit(component: Component, typical: float, ink: Ink) -> bool:
    """Whether it is one by its shape, its size beside the page's typical height, and its ink."""
    tall = max(MIN_RELATIVE_HEIGHT * typical, 2 * MIN_HEIGHT)
    return (
        component.is_digit_shaped
        and component.height >= MIN_HEIGHT
        and (component.height > tall or component.length > LONG_LINE * component.stroke_width)
        and component.level > MIN_RELATIVE_LEVEL * ink.dark_level
        and stands_out(component, ink.grey)
    )


def stands_out(component: Component, grey: Image) -> bool:
    """Whether it is darker than what is round it on all sides, as ink is.

    A corner that a hard shadow leaves is not, nor is the edge of a table; grain is, but
    hardly more than the paper round it varies.
    """
    reach = max(2, round(component.stroke_width))
    room = 2 * reach
    top, left = max(0, component.y - room), max(0, component.x - room)
    blurred = cv2.GaussianBlur(
        grey[top : component.bottom + room, left : component.right + room],
        (0, 0),
        grain_sigma(component.stroke_width),
    )
    # in logarithms, so that a shadow that falls on a part of it makes no difference
    around = np.log(blurred.astype(np.float32) + LOG_OFFSET)
    mask = np.zeros(around.shape, np.uint8)
    y, x = component.y - top, component.x - left
    mask[y : y + component.height, x : x + component.width] = component.mask
    near, far = (
        as_image(cv2.dilate(mask, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))))
        for size in (2 * (reach // 2) + 1, 2 * room - 1)
    )
    window = 2 * room + 1, 2 * room + 1
    here = cv2.boxFilter(around * mask, -1, window, normalize=False)
    count = cv2.boxFilter(mask.astype(np.float32), -1, window, normalize=False)
    ring = (near == 0) & (far > 0) & (count > 0.5)
    if not ring.any():
        return True
    brighter = around[ring] - here[ring] / count[ring]  # than the ink close by
    low, middle, high = np.percentile(brighter, [16, 50, 84])
    clear = np.mean(brighter > MIN_BRIGHTER_BY * middle)
    spread = min(high - middle, middle - low)
    return bool(clear > MIN_BRIGHTER_AROUND and middle > MIN_GRAIN_SIGMAS * spread)
