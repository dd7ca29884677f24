"""What is in a box: a digit, nothing, or a scribble.

How well the thresholds do is measured by ``python -m benchmarks.sheet``.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from mnist_lab import images
from mnist_lab.arrays import Digit, Image
from mnist_lab.sheet.view import PIXELS_PER_MM

EMPTY, STRUCK, HIDDEN = "empty", "scribbled out", "not seen"

MIN_DARKNESS = 14.0  # levels that ink is darker by than the paper
GRAIN_FACTOR = 5.0  # times the paper's own spread that ink is darker by
MIN_PRINT_SHARE = 0.28  # of the print's darkness, for a line 1 mm wide: a shadow's edge is paler
DIGIT_EDGE_SHARE = 0.35  # of a digit's own darkness at which its edge is drawn
MIN_SPECK = 0.3  # mm2 of ink, below which it is a speck
MIN_INK = 1.6  # mm2 of ink, below which a box is empty
MAX_LINE = 1.75  # times its width and height together may a digit's line be long
SCRIBBLE_FILL = 0.12  # share of a scribble's ink, at the least, in the middle quarter of its box
MAX_FELT = 3.5  # mm, of a felt pen's line, which is as wide all along:
THIN_SHARE = 0.6  # of a line's width, below which a part of it is thin
MAX_THIN, MAX_THIN_LOOPED = 0.05, 0.005  # share of thin parts, of any digit and of one with loops
MAX_FELT_LINE, MAX_LOOPED_LINE = 1.7, 2.1  # its length in width and height together, and its fill
MIN_LOOP = 0.35  # of the line's width is the radius of one or two open loops, as in an 8
NARROW = 1.7  # times its line may a digit be wide that fills its box: a 1
MAX_PALE_LINE = 2.0  # mm; wider ink than that need not be darker still
STAIN = 2.2  # mm; what is wider, pale and goes over the box's edge is a stain
MAX_STAIN_SHARE, MIN_PEN_SHARE = 0.8, 0.5  # of the usual ink's darkness: a stain's, a pen's on it
BLUR_SHARE = 0.2  # share of the ink's level that is blur, as in the loops of small digits
ROOM = 2  # pixels around the ink


@dataclass(frozen=True, eq=False)
class Ink:
    """All the ink in a box.

    Attributes
    ----------
    x, y : int
        Where it begins in the box, in pixels.
    mask : bool (height, width)
        Where from there on there is ink.
    stroke_width : float
        In pixels.
    darkness : float
        In grey levels, of its darker parts.
    cell : uint8 (height, width)
        The box, bright ink.
    """

    x: int
    y: int
    mask: NDArray[np.bool_]
    stroke_width: float
    darkness: float
    cell: Image

    @property
    def area(self) -> int:
        """In pixels."""
        return int(np.count_nonzero(self.mask))

    def digit(self) -> Digit:
        """The ink in MNIST's form: its grey edges kept, its strokes evened."""
        mask = np.pad(self.mask.astype(np.uint8), ROOM)
        near = cv2.dilate(mask, np.ones((3, 3), np.uint8))
        height, width = mask.shape
        around = np.pad(self.cell, ROOM)[self.y : self.y + height, self.x : self.x + width]
        full = float(np.percentile(around[mask > 0], 60))
        clear = (around / max(full, 1) - BLUR_SHARE) / (1 - BLUR_SHARE) * (near > 0)
        ink = Image((255 * np.clip(clear, 0, 1)).astype(np.uint8))
        return images.to_digit(images.even_stroke(ink))


def ink_thresholds(levels: Image, labels: Sequence[Image]) -> tuple[float, float]:
    """How dark ink must be: any pixel, by the paper's grain; a line 1 mm wide, by the print.

    `levels` is the straightened sheet, bright ink; `labels` are its parts with the printed digits.
    """
    low, middle = np.percentile(levels[::5, ::5], [5, 30])
    printed = float(np.median([label.max() for label in labels]))
    by_grain = float(middle + GRAIN_FACTOR * (middle - low))
    return max(MIN_DARKNESS, by_grain), MIN_PRINT_SHARE * printed


def read_boxes(
    cells: Sequence[Image], sure: NDArray[np.bool_], thresholds: tuple[float, float]
) -> tuple[dict[int, Digit], dict[int, str]]:
    """The digits by their boxes, and why the other boxes hold none.

    `cells` hold the inside of every box, bright ink; `sure`, bool (n,), says where it is known
    what was to be written; `thresholds` are those of `ink_thresholds`.
    """
    inked = {box: _find_ink(cell, *thresholds) for box, cell in enumerate(cells) if sure[box]}
    written = [ink for ink in inked.values() if ink is not None]
    pen = float(np.median([ink.stroke_width for ink in written] or [1]))
    darkness = float(np.median([ink.darkness for ink in written] or [255]))
    digits: dict[int, Digit] = {}
    left_out: dict[int, str] = {}
    for box, cell in enumerate(cells):
        ink = inked.get(box)
        if sure[box] and (ink is None or _is_scribble(ink, pen)):
            clean = _without_stain(cell, darkness, thresholds[0])
            on_stain = None if clean is None else _find_ink(clean, *thresholds)
            if on_stain is not None and on_stain.darkness > MIN_PEN_SHARE * darkness:
                ink = on_stain
        if ink is None:
            left_out[box] = EMPTY if sure[box] else HIDDEN
        elif _is_scribble(ink, pen):
            left_out[box] = STRUCK
        else:
            digits[box] = ink.digit()
    return digits, left_out


def _is_scribble(ink: Ink, pen: float) -> bool:
    """Whether there is far more line than a digit has, and not round an empty middle."""
    height, width = ink.mask.shape
    middle = ink.mask[height // 4 : height - height // 4, width // 4 : width - width // 4]
    filled = bool(np.count_nonzero(middle) > SCRIBBLE_FILL * ink.area)
    long = ink.area / pen > MAX_LINE * (width + height)
    return filled and long and not _is_felt_digit(ink)


def _is_felt_digit(ink: Ink) -> bool:
    """Whether it may be a digit in a thicker pen: one short line, as wide all along."""
    height, width = ink.mask.shape
    line = ink.stroke_width
    side = round(THIN_SHARE * line) | 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    mask = np.pad(ink.mask.astype(np.uint8), side)
    thin = 1 - np.count_nonzero(cv2.morphologyEx(mask, cv2.MORPH_OPEN, disc)) / ink.area
    length = ink.area / line / (width + height) + ink.area / (width * height)
    if line > MAX_FELT * PIXELS_PER_MM or thin > MAX_THIN:
        return False
    if length < MAX_FELT_LINE or min(width, height) < NARROW * line:
        return True
    count, parts = cv2.connectedComponents(1 - mask, connectivity=4)
    inside = (parts > 0) & (parts != parts[0, 0])
    open_loops = images.ink_depth(Image(inside.astype(np.uint8))).max() > MIN_LOOP * line
    looped = count in {3, 4} and open_loops  # the ink, what is around it, a loop or two
    return bool(looped and thin < MAX_THIN_LOOPED and length < MAX_LOOPED_LINE)


def _without_stain(cell: Image, darkness: float, any_ink: float) -> Image | None:
    """A box without the wide and pale parts that go over its edge; None if there are none."""
    side = round(STAIN * PIXELS_PER_MM) | 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    stain = np.asarray(cv2.morphologyEx(cell, cv2.MORPH_OPEN, disc), np.uint8)
    edges = np.concatenate([stain[[0, -1]].ravel(), stain[:, [0, -1]].ravel()])
    if not any_ink < edges.max() or stain.max() > MAX_STAIN_SHARE * darkness:
        return None
    return Image(np.asarray(cv2.subtract(cell, stain), np.uint8))


def _find_ink(cell: Image, any_ink: float, line_ink: float) -> Ink | None:
    """All the ink in a box; None where there is none."""
    calm = np.asarray(cv2.GaussianBlur(cell, (0, 0), 0.8), np.uint8)
    mask = _without_specks(calm > any_ink)
    if np.count_nonzero(mask) < MIN_INK * PIXELS_PER_MM**2:
        return None
    darkness = float(np.percentile(calm[mask], 90))
    mask = _without_specks(mask & (calm > DIGIT_EDGE_SHARE * darkness))
    shape = Image(mask.astype(np.uint8))
    x, y, width, height = cv2.boundingRect(shape)
    if not width:
        return None
    stroke = max(1.0, 4 * float(images.ink_depth(shape)[mask].mean()) - 1)
    if darkness < line_ink * np.clip(stroke / PIXELS_PER_MM, 1, MAX_PALE_LINE):
        return None
    return Ink(x, y, mask[y : y + height, x : x + width], stroke, darkness, cell)


def _without_specks(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    large = np.asarray(stats[:, cv2.CC_STAT_AREA] >= MIN_SPECK * PIXELS_PER_MM**2)
    large[0] = False
    return large[labels]
