"""The sheet of paper in a picture, told from the table that it lies on."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mnist_lab import images
from mnist_lab.arrays import Image
from mnist_lab.reading.pixels import Mask, as_image, resize

OVERVIEW_PIXELS = 256 * 256  # of the small copy that a picture is judged by as a whole
MIN_FRAME_CONTRAST = 0.25  # share of the sheet's brightness by which the picture's frame is darker
THRESHOLDS = 0.1, 0.15, 0.2, 0.25, 0.32, 0.4, 0.55, 0.7  # shares of the way from table to sheet
EDGE_RATIO = 1.3  # times as bright as the table beside it a sheet is
MIN_SHARP_EDGE = 0.8  # share of its edge along which it must be
MIN_AREA = 0.1  # share of the picture that a sheet takes
MIN_SHEET_SIDE = 0.2  # share of the picture's shorter side that a sheet is wide
MIN_RECTANGULARITY = 0.95  # share of its hull that a sheet fills
MAX_CORNER_ERROR = 0.02  # share of its outline's length by which four straight sides may miss it
MIN_FREE_CORNERS = 3  # that do not lie on the picture's frame
MIN_BARE = 0.6  # share of a sheet that nothing is written on


def find_sheet(image: Image) -> NDArray[np.int32]:
    """The corners of the sheet that lies on a table, int32 (n, 2); of the picture, if none does.

    A sheet differs in brightness from what is round it and has straight sides. It must
    take a good part of the picture, and be bare for the most part.
    """
    height, width = image.shape
    small, zoom = resize(image, max_pixels=OVERVIEW_PIXELS)
    best, largest = np.array([[0, 0], [width - 1, height - 1]], np.int32), 0.0
    for bright in (small, images.invert(small)):
        found = _bright_sheet(bright)
        area = cv2.contourArea(found) if found is not None else 0.0
        if found is not None and area > largest:
            best, largest = np.rint(found / zoom).astype(np.int32), area
    return best


def _bright_sheet(small: Image) -> NDArray[np.int32] | None:
    """The outline of a bright and mostly bare rectangle on something darker all round."""
    bare = as_image(cv2.medianBlur(small, 5))
    frame = np.concatenate([bare[0], bare[-1], bare[:, 0], bare[:, -1]])
    low, high = float(np.median(frame)), float(np.percentile(bare, 95))
    if high - low < MIN_FRAME_CONTRAST * high:
        return None
    near = np.ones((7, 7), np.uint8)
    steep = cv2.dilate(bare, near) > EDGE_RATIO * cv2.erode(bare, near).astype(np.float32)
    best, largest = None, 0.0
    for share in THRESHOLDS:
        level = low + share * (high - low)
        hull = _sheet_above(level, bare, steep)
        if hull is None or cv2.contourArea(hull) <= largest:
            continue
        inside = cv2.fillPoly(np.zeros_like(small), [hull], 1)
        inside = cv2.erode(inside, np.ones((5, 5), np.uint8))
        if cv2.mean((small > level).astype(np.uint8), inside)[0] > MIN_BARE:
            best, largest = hull[:, 0].astype(np.int32), cv2.contourArea(hull)
    return best


def _sheet_above(level: float, bare: Image, steep: NDArray[np.bool_]) -> NDArray[np.int32] | None:
    """The hull, int32 (n, 1, 2), of what is brighter than a level, if its shape is a sheet's."""
    height, width = bare.shape
    bright = (bare > level).astype(np.uint8)
    bright = as_image(cv2.morphologyEx(bright, cv2.MORPH_OPEN, np.ones((5, 5), np.uint8)))
    outlines, _ = cv2.findContours(bright, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    outline = max(outlines, key=cv2.contourArea, default=None)
    if outline is None or cv2.contourArea(outline) < MIN_AREA * bare.size:
        return None
    hull = cv2.convexHull(outline)
    corners = cv2.approxPolyDP(hull, MAX_CORNER_ERROR * cv2.arcLength(hull, True), True)
    free = (corners > 1) & (corners < (width - 2, height - 2))
    is_sheet = (
        len(corners) == 4
        and free.all(axis=2).sum() >= MIN_FREE_CORNERS
        and min(cv2.minAreaRect(hull)[1]) > MIN_SHEET_SIDE * min(height, width)
        and cv2.contourArea(outline) > MIN_RECTANGULARITY * cv2.contourArea(hull)
        and np.mean(steep[outline[:, 0, 1], outline[:, 0, 0]]) > MIN_SHARP_EDGE
    )
    return hull.astype(np.int32) if is_sheet else None


def without_table(image: Image, outline: NDArray[np.int32]) -> Image:
    """A small picture of a sheet, what is round it as bright as bare paper."""
    small, zoom = resize(image, max_pixels=OVERVIEW_PIXELS)
    if len(outline) == 2:
        return small
    paper = inside_of(outline * zoom, small.shape)
    return Image(np.where(paper > 0, small, np.uint8(np.median(small[paper > 0]))))


def inside_of(outline: NDArray[Any], shape: tuple[int, ...]) -> Mask:
    """1 within a sheet, and 0 on its edge and around it."""
    mask = np.zeros(shape, np.uint8)
    cv2.fillPoly(mask, [np.rint(outline).astype(np.int32)], 1)
    edge = max(shape) // 60 | 1
    return as_image(cv2.erode(mask, np.ones((edge, edge), np.uint8), borderValue=0))


def without_overhang(mask: Mask, inside: Mask) -> Mask:
    """A mask without what reaches over the edge of a sheet: rests of rulings, the table."""
    edge = mask & as_image(cv2.dilate(1 - inside, np.ones((5, 5), np.uint8)))
    if not edge.any():
        return mask
    _, labels = cv2.connectedComponents(mask, connectivity=8)
    kept = np.ones(labels.max() + 1, np.uint8)
    kept[labels[edge > 0]] = 0
    return mask * kept[labels]
