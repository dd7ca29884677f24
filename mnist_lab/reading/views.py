"""What the networks are shown: a picture's local contrast, and digits cut out of it."""

import cv2
import numpy as np
from numpy.typing import NDArray

from mnist_lab.arrays import Image

MEAN_WINDOW, SPREAD_WINDOW = 41, 61  # pixels, of local contrast
STRIDE = 4  # pixels of a view between two of the finder's answers
BOX_UNIT = 16.0  # pixels of a view that a box's side of 1 means
PADDING, MULTIPLE = 16, 64  # pixels around a view; its sides are padded to multiples
CROP_SIDE = 48  # pixels of a crop
DIGIT_SIDE = 28  # pixels of the longer side of its digit's box

Boxes = NDArray[np.floating]  # (n, 4): left, top, right, bottom, in a picture's pixels
Views = NDArray[np.float32]  # (height, width) or (n, height, width), -2 to 2
Greys = NDArray[np.float32]  # (height, width) or (n, height, width), 0 to 255


def local_contrast(image: Image) -> Views:
    """Grey levels to local contrast (height, width), -2 to 2, whatever the light.

    About 0 on bare paper; ink is some way off, to either side.

    References
    ----------
    Jarrett, Kavukcuoglu, Ranzato and LeCun 2009, *What is the best multi-stage architecture
    for object recognition?*: local contrast normalisation.
    """
    grey = image.astype(np.float32)
    edge = cv2.BORDER_REFLECT_101 if min(grey.shape) > SPREAD_WINDOW // 2 else cv2.BORDER_REPLICATE
    apart = grey - cv2.blur(grey, (MEAN_WINDOW, MEAN_WINDOW), borderType=edge)
    variance = cv2.blur(apart * apart, (SPREAD_WINDOW, SPREAD_WINDOW), borderType=edge)
    spread = np.sqrt(np.maximum(variance, 0))
    return np.clip(apart / (2 * spread + 4), -2, 2).astype(np.float32)


def resize(image: Image, scale: float) -> Image:
    """A picture smaller, each pixel the mean of those it covers, or larger."""
    height, width = (max(1, round(side * scale)) for side in image.shape)
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return Image(np.asarray(cv2.resize(image, (width, height), interpolation=way), np.uint8))


def slide_finder(view: Views) -> NDArray[np.float32]:
    """The finder's answers (rows, columns, 15) to a view, one every 4 pixels from its corner on."""
    from mnist_lab import network

    height, width = view.shape
    canvas = np.zeros([-(-(side + 2 * PADDING) // MULTIPLE) * MULTIPLE for side in view.shape])
    canvas[PADDING : PADDING + height, PADDING : PADDING + width] = view
    first, rows, columns = PADDING // STRIDE, -(-height // STRIDE), -(-width // STRIDE)
    answers = network.ask_finder(canvas.astype(np.float32))
    return answers[first : first + rows, first : first + columns]


def crops(image: Image, boxes: Boxes) -> tuple[Views, Greys]:
    """Cut digits out: views and greys, float32 (n, 48, 48) both, each as `crop` does."""
    cut = [crop(image, box) for box in boxes]
    empty = np.zeros((0, CROP_SIDE, CROP_SIDE), np.float32)
    views, greys = (np.stack(each) for each in zip(*cut, strict=True)) if cut else (empty, empty)
    return views, greys


def crop(image: Image, box: NDArray[np.floating]) -> tuple[Views, Greys]:
    """Cut a digit out with what is around it, (48, 48), its box 28 long.

    Gives its local contrast, 0 where there is no picture, and its grey levels, their mean there.
    """
    left, top, right, bottom = (float(side) for side in box)
    scale = DIGIT_SIDE / max(right - left, bottom - top, 1.0)
    reach = CROP_SIDE / 2 / scale
    x, y = (left + right) / 2 - reach, (top + bottom) / 2 - reach
    first = max(0, int(x)), max(0, int(y))
    part = image[first[1] : int(y + 2 * reach) + 1, first[0] : int(x + 2 * reach) + 1]
    view, grey = np.zeros((2, CROP_SIDE, CROP_SIDE), np.float32)
    if not part.size:
        return view, grey
    levels = resize(Image(part), scale)
    column, row = round((first[0] - x) * scale), round((first[1] - y) * scale)
    shown = slice(max(0, -row), CROP_SIDE - row), slice(max(0, -column), CROP_SIDE - column)
    row, column = max(0, row), max(0, column)
    here = slice(row, row + len(levels[shown])), slice(column, column + levels[shown].shape[1])
    grey += levels.mean()
    view[here], grey[here] = local_contrast(levels)[shown], levels[shown]
    return view, grey
