"""Which way is up: pictures turned, and boxes on a turned picture turned back."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from mnist_lab.arrays import Image
from mnist_lab.reading.find import SAME, Scale, best_of_same, log_softmax, look_at
from mnist_lab.reading.views import STRIDE, Boxes, crops

PART = 560  # pixels of the square of a picture that tells which way it lies
COMPARED = 60  # candidates in it
# A picture is turned if the digits in it are surer to be some by so much; these are sums
UPRIGHT, LEAST_SURE = 1.15, 0.2


def turn_back(image: Image, degrees: float) -> tuple[Image, NDArray[np.float64]]:
    """Turn a picture whose writing is turned by some degrees, clockwise, so that it is upright.

    Also gives the matrix (2, 3) from places in the new picture to places in the old one.
    """
    angle = np.deg2rad(degrees)
    cos, sin = np.cos(angle), np.sin(angle)
    back = np.array([[cos, -sin], [sin, cos]])
    height, width = image.shape
    room = np.abs(back).T @ (width, height)
    size = np.maximum(1, np.rint(room)).astype(int)
    shift = np.array([width, height]) / 2 - back @ size / 2
    # places are of pixels' corners; OpenCV's are of their middles
    middles = np.c_[back, shift + back @ (0.5, 0.5) - 0.5]
    paper = int(np.median(image[::8, ::8]))
    turned = cv2.warpAffine(
        image, middles, size.tolist(), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderValue=(paper,),
    )  # fmt: skip
    return Image(np.asarray(turned, np.uint8)), np.c_[back, shift]


def boxes_in_picture(boxes: Boxes, matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """Boxes on a turned picture as boxes (left, top, right, bottom) around them on the old one."""
    corners = boxes[:, [[0, 1], [2, 1], [2, 3], [0, 3]]]  # (n, 4, 2)
    old = corners @ matrix[:, :2].T + matrix[:, 2]
    return np.concatenate([old.min(axis=1), old.max(axis=1)], axis=1)


def quarter_turn(image: Image, scales: Sequence[Scale]) -> int:
    """By how many degrees, clockwise, a picture's writing is turned: a multiple of 90.

    A part of it, at the size at which most digits seem to be found, is searched as it is and
    turned by a quarter; what is found, the segmenter sees upright and on its head.
    """
    from mnist_lab import network

    part = _part(image, max(scales, key=lambda each: float((each.heat**2).sum())))
    sure = {}
    for degrees in (0, 90):
        turned = Image(np.ascontiguousarray(np.rot90(part, degrees // 90)))  # anticlockwise
        found = look_at(turned)[0]
        found = found.take(best_of_same(found, SAME)[:COMPARED])
        shown = crops(turned, found.boxes)
        for more in (0, 180):
            ways = np.ascontiguousarray(np.rot90(shown, more // 90, axes=(1, 2)))
            digits = np.exp(log_softmax(network.ask_segmenter(ways)[1])[:, :10])
            sure[degrees + more] = float((found.heat * digits.max(axis=1, initial=0)).sum())
    sure[0] = UPRIGHT * sure[0] + LEAST_SURE
    return max(sure, key=lambda degrees: sure[degrees])


def _part(image: Image, scale: Scale) -> Image:
    """A square of a picture at some size: where most heat is."""
    height, width = scale.view.shape
    way = cv2.INTER_AREA if scale.scale < 1 else cv2.INTER_CUBIC
    small = np.asarray(cv2.resize(image, (width, height), interpolation=way), np.uint8)
    cells = PART // STRIDE
    around = cv2.blur(scale.heat**2, (cells, cells), borderType=cv2.BORDER_CONSTANT)
    row, column = np.unravel_index(int(around.argmax()), around.shape)
    top, left = (
        int(np.clip(STRIDE * at - PART // 2, 0, max(0, side - PART)))
        for at, side in ((row, height), (column, width))
    )
    return Image(small[top : top + PART, left : left + PART])
