"""Pictures: turn their polarity round, and make a digit out of ink."""

import cv2
import numpy as np

from mnist_lab.arrays import ArrayError, Digits, Image, check_image

BOX = 20  # pixels; the longer side of the ink in an MNIST digit
CENTRE = 14  # where its centre of mass lies, in x and in y


def invert(image: Image) -> Image:
    """Swap dark and bright: what was 0 is 255, what was 255 is 0.

    Parameters
    ----------
    image : uint8, any shape
        Grey levels, 0 to 255.

    Returns
    -------
    uint8, the same shape
        ``255 - image``.
    """
    return 255 - np.asarray(image, np.uint8)


def to_digit(ink: Image) -> Digits:
    """Bring ink to the form of MNIST: a 20-pixel box, its centre of mass at (14, 14).

    The proportions stay. Where the ink stood in the picture makes no difference.

    Parameters
    ----------
    ink : uint8 (height, width)
        Bright ink on a background of 0, any size, 0 to 255.

    Returns
    -------
    uint8 (28, 28)
        The digit.

    Raises
    ------
    ArrayError
        `ink` is not an image, or holds no ink.

    References
    ----------
    LeCun, Cortes and Burges, *The MNIST database of handwritten digits*: "size
    normalized to fit in a 20x20 pixel box while preserving their aspect ratio" and
    centred "by computing the center of mass of the pixels".
    """
    x, y, width, height = cv2.boundingRect(check_image(ink))
    if not width:
        raise ArrayError("expected ink to make a digit of, got an image that is 0 everywhere")
    scale = BOX / max(width, height)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    shrink = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    small = cv2.resize(ink[y : y + height, x : x + width], size, interpolation=shrink)
    moments = cv2.moments(small)
    shift = CENTRE - moments["m10"] / moments["m00"], CENTRE - moments["m01"] / moments["m00"]
    move = np.array([[1, 0, shift[0]], [0, 1, shift[1]]])
    return cv2.warpAffine(small, move, (28, 28)).astype(np.uint8)
