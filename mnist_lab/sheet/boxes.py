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
    """

    x: int
    y: int
    mask: NDArray[np.bool_]
    stroke_width: float

    @property
    def area(self) -> int:
        """In pixels."""
        return int(np.count_nonzero(self.mask))

    def digit(self, cell: Image) -> Digit:
        """The ink of a box in MNIST's form: its grey edges kept, its strokes evened."""
        mask = np.pad(self.mask.astype(np.uint8), ROOM)
        near = cv2.dilate(mask, np.ones((3, 3), np.uint8))
        height, width = mask.shape
        around = np.pad(cell, ROOM)[self.y : self.y + height, self.x : self.x + width]
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
    written = {box: ink for box, ink in inked.items() if ink is not None}
    pen = float(np.median([ink.stroke_width for ink in written.values()] or [1]))
    digits: dict[int, Digit] = {}
    left_out: dict[int, str] = {}
    for box, cell in enumerate(cells):
        ink = written.get(box)
        if ink is None:
            left_out[box] = EMPTY if sure[box] else HIDDEN
        elif _is_scribble(ink, pen):
            left_out[box] = STRUCK
        else:
            digits[box] = ink.digit(cell)
    return digits, left_out


def _is_scribble(ink: Ink, pen: float) -> bool:
    """Whether there is far more line than a digit has, and not round an empty middle."""
    height, width = ink.mask.shape
    middle = ink.mask[height // 4 : height - height // 4, width // 4 : width - width // 4]
    filled = bool(np.count_nonzero(middle) > SCRIBBLE_FILL * ink.area)
    return filled and ink.area / pen > MAX_LINE * (width + height)


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
    if darkness < line_ink * max(1.0, stroke / PIXELS_PER_MM):
        return None
    return Ink(x, y, mask[y : y + height, x : x + width], stroke)


def _without_specks(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    large = np.asarray(stats[:, cv2.CC_STAT_AREA] >= MIN_SPECK * PIXELS_PER_MM**2)
    large[0] = False
    return large[labels]
