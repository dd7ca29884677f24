"""How a picture was read, step by step: what the networks saw, and what they made of it."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from mnist_lab.arrays import Image
from mnist_lab.reading.find import Candidates, Looked, Scale
from mnist_lab.reading.page import Step
from mnist_lab.reading.views import CROP_SIDE, DIGIT_SIDE

GREY_OF_PAPER, GREY_STEP = 128, 60  # of local contrast 0, and how far 1 is from it
SMALLEST, LARGEST = 12, 44  # pixels of a digit that the finder knows
DIMMED = 0.35  # of a view's brightness, where there is no heat


def tell_steps(
    image: Image,
    rotation: float,
    scales: Sequence[Scale],
    candidates: Candidates,
    found: Looked,
) -> tuple[Step, ...]:
    """What was done, in order, each with a picture of what came of it."""
    steps = []
    if rotation:
        sentence = f"Turned back by {rotation:.0f} degrees: this way it holds the surest digits."
        steps.append(Step("upright", sentence, image))
    steps.append(
        Step(
            "contrast",
            "Each pixel less the mean around it, over how much it varies there: light and "
            "shadow are gone, and bright ink or dark makes no difference.",
            _grey(scales[0].view),
        )
    )
    steps += [
        Step(
            f"heat at {scale.scale:.2g}",
            f"The finder, slid over the picture at {scale.scale:.2g} of its size, where it can see "
            f"digits of {SMALLEST / scale.scale:.0f} to {LARGEST / scale.scale:.0f} pixels: bright "
            "is what looks like the middle of one.",
            _glowing(scale),
        )
        for scale in scales
    ]
    steps.append(
        Step(
            "candidates",
            "A box around each hot place; of boxes on the same thing the hottest stays.",
            _boxed(image, candidates.boxes),
        )
    )
    steps.append(
        Step(
            "digits",
            "What the segmenter takes, at a second look, for digits: their own ink alone.",
            _own_ink(image.shape, found),
        )
    )
    return tuple(steps)


def _grey(view: NDArray[np.float32]) -> Image:
    return Image(np.clip(GREY_OF_PAPER + GREY_STEP * view, 0, 255).astype(np.uint8))


def _glowing(scale: Scale) -> Image:
    """A view, dimmed, and bright where there is heat."""
    height, width = scale.view.shape
    heat = cv2.resize(scale.heat, (width, height), interpolation=cv2.INTER_LINEAR)
    dim = DIMMED * _grey(scale.view)
    return Image(np.clip(dim + 255 * heat, 0, 255).astype(np.uint8))


def _boxed(image: Image, boxes: NDArray[np.floating]) -> Image:
    drawn = image.copy()
    thick = max(1, round(max(image.shape) / 400))
    for left, top, right, bottom in np.rint(boxes).astype(int).tolist():
        cv2.rectangle(drawn, (left, top), (right, bottom), 128, thick)
    return Image(drawn)


def _own_ink(shape: tuple[int, ...], found: Looked) -> Image:
    """Every digit's ink where it stands: bright on black."""
    canvas = np.zeros(shape, np.uint8)
    for (left, top, right, bottom), ink in zip(found.boxes, found.ink, strict=True):
        scale = max(right - left, bottom - top, 1.0) / DIGIT_SIDE
        side = max(1, round(CROP_SIDE * scale))
        patch = cv2.resize(255 * ink, (side, side), interpolation=cv2.INTER_AREA).astype(np.uint8)
        x, y = round((left + right - side) / 2), round((top + bottom - side) / 2)
        x0, y0 = max(0, x), max(0, y)
        here = canvas[y0 : y + side, x0 : x + side]
        inside = patch[y0 - y : y0 - y + here.shape[0], x0 - x : x0 - x + here.shape[1]]
        np.maximum(here, inside, out=here)
    return Image(canvas)
