"""Which way is up: pictures turned, and boxes on a turned picture turned back."""

import cv2
import numpy as np
from numpy.typing import NDArray

from mnist_lab.arrays import Image
from mnist_lab.reading.find import (
    INSIDE,
    MOST_ENLARGED,
    SAME,
    SAME_DIGIT,
    Looked,
    best_of_same,
    look_again,
    look_at,
)
from mnist_lab.reading.views import DIGIT_SIDE, Boxes, resize

PART = 448  # pixels of the square of a picture that tells which way it lies
COMPARED = 40  # candidates in it
UPRIGHT = 1.1  # times surer that digits are some, another way up, for a picture to be turned
MIN_SURE = 0.5  # that they are, on average, in that other way
MAX_GROWTH = 3.0  # times as many pixels in a turned picture: a page has no more, a strip might


def can_turn(shape: tuple[int, ...], degrees: float) -> bool:
    """Whether a picture of some shape is not much larger once it is turned by some degrees."""
    return bool(np.prod(_room(shape, degrees)) <= MAX_GROWTH * np.prod(shape))


def turn_back(image: Image, degrees: float) -> tuple[Image, NDArray[np.float64]]:
    """Turn a picture whose writing is turned by some degrees, clockwise, so that it is upright.

    Also gives the matrix (2, 3) from places in the new picture to places in the old one.
    """
    angle = np.deg2rad(degrees)
    cos, sin = np.cos(angle), np.sin(angle)
    back = np.array([[cos, -sin], [sin, cos]])
    height, width = image.shape
    size = np.maximum(1, np.rint(_room(image.shape, degrees))).astype(int)
    shift = np.array([width, height]) / 2 - back @ size / 2
    # places are of pixels' corners; OpenCV's are of their middles
    middles = np.c_[back, shift + back @ (0.5, 0.5) - 0.5]
    paper = int(np.median(image[::8, ::8]))
    turned = cv2.warpAffine(
        image, middles, size.tolist(), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderValue=(paper,),
    )  # fmt: skip
    return Image(np.asarray(turned, np.uint8)), np.c_[back, shift]


def _room(shape: tuple[int, ...], degrees: float) -> NDArray[np.float64]:
    """The width and the height that a turned picture takes."""
    angle = np.deg2rad(degrees)
    cos, sin = abs(np.cos(angle)), abs(np.sin(angle))
    return np.array([[cos, sin], [sin, cos]]) @ shape[1::-1]


def boxes_in_picture(boxes: Boxes, matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """Boxes on a turned picture as boxes (left, top, right, bottom) on the old one.

    Digits are taken for ellipses: a slanting box's corners are empty.
    """
    middles = (boxes[:, :2] + boxes[:, 2:]) / 2 @ matrix[:, :2].T + matrix[:, 2]
    reach = np.sqrt(((boxes[:, 2:] - boxes[:, :2]) / 2) ** 2 @ (matrix[:, :2] ** 2).T)
    return np.concatenate([middles - reach, middles + reach], axis=1)


def quarter_turn(image: Image, looked: Looked) -> float:
    """By how many degrees, clockwise, a picture's writing is turned: a multiple of 90.

    A part of the picture, where most of what looks like digits is, is searched in all four
    ways. The more the ink of what is surely a certain digit stands out, the more it counts. A
    way in which most of what is found is not sure is none: turned letters look like digits.
    """
    if not _weights(looked).any():
        return 0.0
    part, best = _part(image, looked), (0.0, 0.0)
    for quarters in range(4):
        turned = Image(np.ascontiguousarray(np.rot90(part, quarters)))  # anticlockwise
        found, _ = look_at(turned)
        found = look_again(turned, found.take(best_of_same(found, SAME)[:COMPARED]))
        found = found.take(best_of_same(found, SAME_DIGIT, INSIDE))
        weights = _weights(found)
        evidence = found.heat * np.exp(2 * found.classes.max(axis=1, initial=-np.inf)) * weights
        if not quarters:
            best = UPRIGHT * float(evidence.sum()), 0.0
        elif evidence.sum() > MIN_SURE * weights.sum():
            best = max(best, (float(evidence.sum()), 90.0 * quarters))
    return best[1]


def _weights(looked: Looked) -> NDArray[np.float32]:
    """How much each counts (n,): surely a digit, and of ink that stands out."""
    return np.asarray(looked.heat * np.abs(looked.contrast), np.float32)


def _part(image: Image, looked: Looked) -> Image:
    """A square of a picture, as large as the finder likes: where most digits of weight are."""
    boxes, weights = looked.boxes, _weights(looked)
    order = np.argsort((boxes[:, 2:] - boxes[:, :2]).max(axis=1))
    climb = np.cumsum(weights[order])
    usual = boxes[order[np.searchsorted(climb, climb[-1] / 2)]]
    scale = min(DIGIT_SIDE / float((usual[2:] - usual[:2]).max()), MOST_ENLARGED)
    middles = (boxes[:, :2] + boxes[:, 2:]) / 2
    near = np.abs(middles[:, np.newaxis] - middles).max(axis=2) < PART / 2 / scale
    x, y = middles[int((near @ weights).argmax())]
    side = int(PART / scale)
    top, left = (
        int(np.clip(at - side / 2, 0, max(0, whole - side)))
        for at, whole in ((y, image.shape[0]), (x, image.shape[1]))
    )
    return resize(Image(image[top : top + side, left : left + side]), scale)
