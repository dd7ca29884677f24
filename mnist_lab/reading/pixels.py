"""Pixels as the steps pass them on: masks, and pictures made smaller or larger in whole steps."""

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

from mnist_lab.arrays import Image

Mask = NDArray[np.uint8]  # (height, width), 1 where something is and 0 elsewhere

MAX_UPSCALE = 6  # times a side


def as_image(pixels: MatLike) -> Image:
    """What OpenCV gives for a uint8 image, which its types leave open; nothing is copied."""
    return Image(np.asarray(pixels, np.uint8))


def resize(image: Image, *, max_pixels: int, min_pixels: int = 0) -> tuple[Image, float]:
    """Make an image of about `min_pixels` to `max_pixels` pixels; also give the factor."""
    height, width = image.shape
    area = height * width
    if area > max_pixels:
        n = int(np.ceil(np.sqrt(area / max_pixels)))  # n x n pixels become one: exact, and fast
        n = min(n, height, width)
        whole = image[: height // n * n, : width // n * n]
        size = width // n, height // n
        return as_image(cv2.resize(whole, size, interpolation=cv2.INTER_AREA)), 1 / n
    n = int(min(MAX_UPSCALE, np.ceil(np.sqrt(min_pixels / area))))
    if n <= 1:
        return image, 1.0
    size = width * n, height * n
    return as_image(cv2.resize(image, size, interpolation=cv2.INTER_CUBIC)), float(n)
