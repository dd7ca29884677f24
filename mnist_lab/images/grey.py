"""Colours to one grey channel, by what tells ink from paper."""

from typing import Any

import cv2
import numpy as np
import PIL.Image
from numpy.typing import NDArray

from mnist_lab.arrays import Image, PictureError

THUMBNAIL_SIDE = 128  # pixels; light, colours and polarity are judged on a picture this small
BAND_ROWS = 256  # that become grey at a time: a large picture is held in colours once only
BRIGHTNESS = 0.299, 0.587, 0.114  # of red, green and blue (ITU-R BT.601)
CHANNELS = [(1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)]


def to_grey(picture: PIL.Image.Image) -> Image:
    """Reduce a Pillow image of any mode to one channel of 8 bits: uint8 (height, width).

    What is transparent is laid on white, or, where all that shows is white, on black.
    """
    if picture.mode in {"I", "F"} or picture.mode.startswith("I;16"):
        return to_8_bits(np.asarray(picture))
    if picture.mode in {"L", "1"} and "transparency" not in picture.info:
        return Image(np.array(picture.convert("L")))
    clear = picture.mode in {"RGBA", "LA", "PA", "RGBa", "La"} or "transparency" in picture.info
    mode = "RGBA" if clear else "RGB"
    width, height = picture.size
    picture.load()
    small = np.asarray(picture.resize(thumbnail_size(width, height)).convert(mode))
    paper = 0 if clear and not _lay_on(small, 255).std() else 255
    weights = _weigh_channels(_lay_on(small, paper))
    grey = np.empty((height, width), np.uint8)
    for top in range(0, height, BAND_ROWS):
        bottom = min(top + BAND_ROWS, height)
        band = np.asarray(picture.crop((0, top, width, bottom)).convert(mode))
        grey[top:bottom] = _mix(_lay_on(band, paper), weights)
    return Image(grey)


def to_8_bits(levels: NDArray[Any]) -> Image:
    """Scale levels of any range to 0 to 255, the brightest 255."""
    levels = np.asarray(levels, np.float32)
    if not np.isfinite(levels).all():
        raise PictureError("the picture holds NaN or infinite levels")
    levels = levels - min(0.0, float(levels.min()))
    return Image(np.rint(levels * (255 / max(1.0, float(levels.max())))).astype(np.uint8))


def thumbnail_size(width: int, height: int) -> tuple[int, int]:
    """Width and height at which a picture is judged as a whole."""
    shrink = min(1, THUMBNAIL_SIDE / max(width, height))
    return max(1, round(width * shrink)), max(1, round(height * shrink))


def _lay_on(colours: NDArray[np.uint8], paper: int) -> NDArray[np.uint8]:
    """Lay RGBA (h, w, 4) on paper of one grey level; RGB stays as it is."""
    if colours.shape[2] == 3:
        return colours
    alpha = colours[..., 3:].astype(np.uint16)
    mixed = colours[..., :3] * alpha + np.uint16(paper) * (255 - alpha)
    return ((mixed + 127) // 255).astype(np.uint8)


def _weigh_channels(colours: NDArray[np.uint8]) -> tuple[float, float, float]:
    """How much of red, green and blue goes into grey: a channel alone if it shows far more."""
    usual, *alone = (_contrast(_mix(colours, weights)) for weights in (BRIGHTNESS, *CHANNELS))
    return CHANNELS[int(np.argmax(alone))] if max(alone) > max(10, 3 * usual) else BRIGHTNESS


def _contrast(image: Image) -> float:
    """How much a picture's thin parts stand out: the spread of what a median takes away."""
    return float(cv2.absdiff(image, cv2.medianBlur(image, 31)).astype(np.float32).std())


def _mix(colours: NDArray[np.uint8], weights: tuple[float, float, float]) -> Image:
    if weights == BRIGHTNESS:
        grey = cv2.cvtColor(np.ascontiguousarray(colours), cv2.COLOR_RGB2GRAY)
        return Image(np.asarray(grey, np.uint8))
    return Image(colours[..., weights.index(1)].copy())
