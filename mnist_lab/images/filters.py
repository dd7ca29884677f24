"""What is done to an image's pixels: polarity, light, ink or paper, and the width of strokes."""

from typing import Any, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from mnist_lab.arrays import ArrayError, Image, Polarity, check_image, describe
from mnist_lab.images.digit import BOX
from mnist_lab.images.grey import THUMBNAIL_SIDE, thumbnail_size

Levels = TypeVar("Levels", bound=NDArray[Any])

DARK_ON_LIGHT: Polarity = "dark-on-light"
LIGHT_ON_DARK: Polarity = "light-on-dark"
MEDIAN_WINDOWS = 5, 9, 21, 51  # pixels, through which ink is looked for when judging polarity
EDGE_LEVELS = 30.0  # light that changes by more than this close by is an edge
MIN_PAPER_LEVEL = 40  # the darkest that paper is taken for; below it is only noise
MIN_SHADOW = 0.35  # share of the bright paper's brightness; what is darker is a table, no shadow


def invert(image: Levels) -> Levels:
    """Swap dark and bright: black becomes white, white becomes black.

    Grey levels of any shape keep it and their dtype: uint8 becomes ``255 - image``, and floats
    from 0 to 1 become ``1 - image``. Another dtype, and floats out of [0, 1], are an ArrayError.
    """
    span = ""
    if isinstance(image, np.ndarray):
        white = 255 if image.dtype == np.uint8 else 1
        if white == 255 or (image.dtype.kind == "f" and ((image >= 0) & (image <= 1)).all()):
            return np.subtract(white, image, dtype=image.dtype)
        if image.dtype.kind in "iuf" and image.size:
            span = f" from {image.min():g} to {image.max():g}"
    raise ArrayError(
        "expected grey levels, uint8 from 0 to 255 or float from 0 to 1, "
        f"got {describe(image)}{span}: images.load_image makes them uint8"
    )


def find_polarity(image: Image) -> Polarity:
    """Say whether the ink of an image is darker or brighter than what it is written on.

    A median over a window sees nothing of ink that is thin for it. What differs from that
    median, more to the dark or more to the bright, is the ink; how wide it is, one does not
    know, and so the window is taken that is surest. The edges of paper and of shadows are
    left out: the median itself is steep there. Where nothing stands out, it is
    ``"dark-on-light"``. ArrayError if `image` is not uint8 (height, width).
    """
    height, width = check_image(image).shape
    small = cv2.resize(image, thumbnail_size(width, height), interpolation=cv2.INTER_AREA)
    largest = max(3, max(small.shape) * 2 // 5 | 1)
    shrunk = max(height, width) > 2 * THUMBNAIL_SIDE  # else no ink is so thin
    windows = MEDIAN_WINDOWS[0 if shrunk else 1 :]
    excess = [_bright_excess(np.asarray(small, np.uint8), min(w, largest)) for w in windows]
    return LIGHT_ON_DARK if max(excess, key=abs) > 0 else DARK_ON_LIGHT


def _bright_excess(image: NDArray[np.uint8], window: int) -> float:
    """By how much thin bright parts outdo thin dark ones, -1 to 1."""
    around = cv2.medianBlur(image, window)
    near = np.ones((window // 8 * 2 + 5, window // 8 * 2 + 5), np.uint8)
    steep = (cv2.dilate(around, near) - cv2.erode(around, near)).astype(np.float32)
    apart = (image.astype(np.float32) - around) ** 3 / (1 + (steep / EDGE_LEVELS) ** 4)
    return float(apart.sum()) / (float(np.abs(apart).sum()) + 1)


def flatten_light(image: Image, *, window: int | None = None) -> Image:
    """Even out the light on dark ink: bare paper becomes white, in the sun and in a shadow.

    Each pixel of an image, uint8 (height, width), is divided by the paper's brightness there,
    which is what is left when everything darker and thinner than a window is filled in (a
    morphological closing). `window` is in pixels, wider than any stroke of the ink; by default
    two fifths of the longer side. The closer it is to a stroke's width, the harder a shadow may
    be. ArrayError if `image` is not one.

    References
    ----------
    Serra 1982, *Image analysis and mathematical morphology*: the closing by a square.
    """
    height, width = check_image(image).shape
    window = window or max(height, width) * 2 // 5
    step = max(1, window // 16)  # light is smooth, and is worked out this much coarser
    coarse = max(1, round(width / step)), max(1, round(height / step))
    paper = cv2.resize(image, coarse, interpolation=cv2.INTER_AREA)
    side = max(3, round(window / step)) | 1
    paper = cv2.morphologyEx(paper, cv2.MORPH_CLOSE, np.ones((side, side), np.uint8))
    paper = cv2.resize(paper, (width, height), interpolation=cv2.INTER_LINEAR)
    darkest = max(MIN_PAPER_LEVEL, MIN_SHADOW * float(np.percentile(paper[::8, ::8], 90)))
    flat = cv2.divide(image, np.maximum(paper, np.uint8(darkest)), scale=255)
    return Image(np.asarray(flat, np.uint8))


def binarise(ink: Image) -> Image:
    """Decide for each pixel whether it is ink, 255, or not, 0, by one threshold (Otsu's).

    `ink`, uint8 (height, width), is bright on a dark and even background; ArrayError if it is no
    image.

    References
    ----------
    Otsu 1979, *A threshold selection method from gray-level histograms*.
    """
    mask = cv2.threshold(check_image(ink), 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)[1]
    return Image(np.asarray(mask, np.uint8))


def stroke_width(ink: Image) -> float:
    """Measure how wide the strokes are, in pixels; 0 where there is no ink.

    A pixel in a stroke of width w is w / 4 from its edge on average. `ink`, uint8 (height,
    width), is bright on dark, and half as bright as its brightest is ink; ArrayError if it is
    no image.
    """
    mask = Image((check_image(ink) > int(ink.max()) // 2).astype(np.uint8))
    return 4 * float(ink_depth(mask)[mask > 0].mean()) - 1 if mask.any() else 0.0


def ink_depth(mask: Image) -> NDArray[np.float32]:
    """Measure how far each pixel of ink is from the nearest that is none: float32, in pixels.

    Beyond the picture there is none. `mask` is uint8 (height, width), 0 where there is no
    ink; anything else is an ArrayError.
    """
    framed = cv2.copyMakeBorder(check_image(mask), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    return np.asarray(cv2.distanceTransform(framed, cv2.DIST_L2, 3)[1:-1, 1:-1], np.float32)


def even_stroke(ink: Image, *, thinnest: float = 2.2, thickest: float = 4.4) -> Image:
    """Bring strokes to a width that MNIST has: thin ones are thickened, thick ones thinned.

    `ink`, uint8 (height, width), is bright on a background of 0, and may grow by what its strokes
    do; ArrayError if it is no image. `thinnest` and `thickest` are the width that a stroke may
    have once the ink is 20 pixels large, in those pixels. Ink that would vanish stays as it is.
    """
    longer = max(cv2.boundingRect(check_image(ink))[2:])
    width = stroke_width(ink)
    want = float(np.clip(width, thinnest * longer / BOX, thickest * longer / BOX))
    radius = round(abs(want - width) / 2)
    if not longer or not radius:
        return ink
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
    changed = cv2.erode(ink, disc) if want < width else cv2.dilate(np.pad(ink, radius), disc)
    return Image(np.asarray(changed, np.uint8)) if changed.any() else ink
