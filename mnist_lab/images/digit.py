"""Ink to a digit, as MNIST's makers did it: the one way in this package."""

import cv2
import numpy as np

from mnist_lab.arrays import ArrayError, Digit, Image, check_image

BOX = 20  # pixels; the longer side of the ink in an MNIST digit
CENTRE = 14  # pixels; where its centre of mass lies, in x and in y, within half a pixel
MAX_SIDE = 10_000  # pixels of ink, beyond which it is made smaller first
MARGIN = 6  # pixels around the digit, for a box that reaches over its edge


def to_digit(ink: Image) -> Digit:
    """Bring ink to the form of MNIST: a 20-pixel box, its centre of mass at (14, 14).

    The proportions stay. Where the ink stood in the picture makes no difference. The ink is
    moved by whole pixels, as MNIST's was, and so stays as sharp as it is.

    `ink` is uint8 (height, width) of any size, bright on a background of 0; the digit is uint8
    (28, 28). ArrayError if it is no image, or holds no ink, or none that is left after shrinking.

    References
    ----------
    LeCun, Cortes and Burges, *The MNIST database of handwritten digits*: "size
    normalized to fit in a 20x20 pixel box while preserving their aspect ratio" and
    centred "by computing the center of mass of the pixels".
    """
    x, y, width, height = cv2.boundingRect(check_image(ink))
    if not width:
        raise ArrayError("expected ink to make a digit of, got an image that is 0 everywhere")
    inside, side = ink[y : y + height, x : x + width], max(width, height)
    if side > MAX_SIDE:  # the square of a line that goes on for ever would fill the memory
        width, height = (max(1, length * MAX_SIDE // side) for length in (width, height))
        inside = np.asarray(
            cv2.resize(inside, (width, height), interpolation=cv2.INTER_AREA), np.uint8
        )
        side = MAX_SIDE
    square = np.zeros((side, side), np.uint8)  # so that both axes shrink alike
    top, left = (side - height) // 2, (side - width) // 2
    square[top : top + height, left : left + width] = inside
    interpolation = cv2.INTER_AREA if side > BOX else cv2.INTER_CUBIC
    small = cv2.resize(square, (BOX, BOX), interpolation=interpolation)
    moments = cv2.moments(small)
    if not moments["m00"]:
        raise ArrayError(
            f"expected ink that is seen when it is {BOX} pixels high, got only specks, "
            f"{ink.max()} of 255 at their brightest: clear the page of dust first"
        )
    right = MARGIN + round(CENTRE - moments["m10"] / moments["m00"])  # whole pixels, as MNIST
    down = MARGIN + round(CENTRE - moments["m01"] / moments["m00"])
    paper = np.zeros((28 + 2 * MARGIN, 28 + 2 * MARGIN), np.uint8)
    paper[down : down + BOX, right : right + BOX] = small
    return Digit(paper[MARGIN:-MARGIN, MARGIN:-MARGIN].copy())
