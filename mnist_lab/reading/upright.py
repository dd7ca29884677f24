"""Which way is up: pictures turned, and boxes on a turned picture turned back."""

import cv2
import numpy as np
from numpy.typing import NDArray

from mnist_lab.arrays import Image
from mnist_lab.reading.find import Candidates, log_softmax
from mnist_lab.reading.views import Boxes, crops

QUARTERS = 0, 90, 180, 270  # degrees
COMPARED = 40  # candidates that tell which way a picture lies
MIN_GAIN = 0.1  # mean logarithm by which digits must be surer to be some, for a quarter turn


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


def quarter_turn(image: Image, candidates: Candidates) -> int:
    """By how many degrees, clockwise, a picture's writing is turned: a multiple of 90.

    The segmenter is shown the best candidates in each of the four ways, and says in which they
    are digits.
    """
    from mnist_lab import network

    best = np.argsort(-candidates.heat)[:COMPARED]
    shown = crops(image, candidates.boxes[best])
    sure = []
    for degrees in QUARTERS:
        upright = np.rot90(shown, degrees // 90, axes=(1, 2))  # anticlockwise
        _, logits = network.ask_segmenter(np.ascontiguousarray(upright))
        sure.append(log_softmax(logits)[:, :10].max(axis=1))
    means = np.mean(sure, axis=1)
    means[0] += MIN_GAIN
    return QUARTERS[int(means.argmax())]
