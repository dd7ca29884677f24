"""What the finder sees of a window, and what it should answer."""

import numpy as np
from numpy.typing import NDArray

from mnist_lab.reading.views import BOX_UNIT, STRIDE, local_contrast
from tools.scene import SIDE, PlacedDigit
from tools.windows import Window

Map = NDArray[np.float32]  # (rows, columns), a value a cell

CELLS = SIDE // STRIDE
SMALLEST, LARGEST = 12.0, 44.0  # pixels; the longer side of a digit that is to be found
NEARLY_SMALL, NEARLY_LARGE = 0.65 * SMALLEST, 1.45 * LARGEST  # up to these, finding it is no fault
WHOLE, PART = 0.86, 0.3  # of a digit's ink in the picture: to be found from, no fault from
NEAR = 0.35  # of the heat's peak, from which on a cell answers for the digit
HEAT, CARE, LABEL, BOX = 0, 1, 2, slice(3, 7)  # channels of targets
NO_LABEL = -1


def view(window: Window) -> NDArray[np.float32]:
    """What the network sees of a window (SIDE, SIDE): 0 where there is no picture."""
    seen = np.zeros((SIDE, SIDE), np.float32)
    (x, y), (height, width) = window.corner, window.image.shape
    seen[y : y + height, x : x + width] = local_contrast(window.image)
    return seen


def is_target(digit: PlacedDigit) -> bool:
    """Whether a digit is to be found: readable, whole, of the right size, its middle in view."""
    x, y = digit.middle
    return (
        digit.readable
        and digit.seen > WHOLE
        and SMALLEST <= digit.size <= LARGEST
        and 0 <= x < SIDE
        and 0 <= y < SIDE
    )


def targets(window: Window) -> NDArray[np.float32]:
    """What the network should answer to a window (CELLS, CELLS, 7), a cell every 4 pixels.

    Channel HEAT is how near a digit's middle is, 1 in the cell that holds it; CARE is 0 where
    any answer is right, else 1; LABEL is the digit near by, or NO_LABEL; BOX is how far left,
    up, right and down of the cell's middle its box ends, in units of 16 pixels.

    References
    ----------
    Zhou, Wang and Krähenbühl 2019, *Objects as points* (CenterNet).
    """
    wanted = np.zeros((CELLS, CELLS, 7), np.float32)
    wanted[..., LABEL], wanted[..., CARE] = NO_LABEL, 1
    for digit in window.digits:
        if is_target(digit):
            near = _nearness(digit)
            own = (near > wanted[..., HEAT]) & (near > NEAR)
            wanted[own, LABEL] = digit.label
            wanted[own, BOX] = _sides(digit)[own]
            wanted[..., HEAT] = np.maximum(wanted[..., HEAT], near)
        elif NEARLY_SMALL < digit.size < NEARLY_LARGE and digit.seen > PART:
            wanted[_inside(digit), CARE] = 0
    wanted[wanted[..., HEAT] > NEAR, CARE] = 1
    return wanted


def _nearness(digit: PlacedDigit) -> Map:
    """A bell around a digit's middle, 1 in the cell that holds it."""
    (x, y), at = digit.middle, _middles()
    width = 2 * max(2.6, 0.13 * digit.size) ** 2
    near = np.exp(-((at - x) ** 2 + (at[:, None] - y) ** 2) / width)
    near[int(y // STRIDE), int(x // STRIDE)] = 1
    return near.astype(np.float32)


def _sides(digit: PlacedDigit) -> NDArray[np.float32]:
    """How far each cell's middle is from a box's sides (CELLS, CELLS, 4), in BOX_UNIT."""
    left, top, right, bottom = digit.box
    x, y = np.meshgrid(_middles(), _middles())
    sides = np.stack([x - left, y - top, right - x, bottom - y], axis=-1)
    return (sides / BOX_UNIT).astype(np.float32)


def _inside(digit: PlacedDigit) -> NDArray[np.bool_]:
    """Which cells have their middle in a digit's box (CELLS, CELLS)."""
    return np.all(_sides(digit) > 0, axis=-1)


def _middles() -> NDArray[np.float32]:
    """Of the cells of a row or a column, in pixels."""
    return ((np.arange(CELLS) + 0.5) * STRIDE).astype(np.float32)
