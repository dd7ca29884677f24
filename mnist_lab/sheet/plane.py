"""The sheet as a plane in the picture: where it lies, and how it looks from right above."""

import cv2
import numpy as np
from numpy.typing import NDArray

from mnist_lab.arrays import Image, check_image
from mnist_lab.sheet.layout import PLATE, Sheet, mark_corners
from mnist_lab.sheet.marks import NoSheet, Points, find_marks, name_sheet, resize

PIXELS_PER_MM = 6  # of the straightened sheet
BORDER = 2.0  # mm around the plate that are straightened with it
MAX_MISFIT = 3.0  # mm by which the marks may lie out of one plane

Homography = NDArray[np.floating]  # (3, 3), mm on the plate to pixels of the picture


def straighten(image: Image) -> Image:
    """Show a photographed sheet as it is seen from right above, `PIXELS_PER_MM`.

    Its upper left pixel is `BORDER` mm left of and above the first mark; `image` and errors
    are those of `read_sheet`.
    """
    return warp(image, locate(image)[2])


def locate(image: Image) -> tuple[Sheet, set[int], Homography]:
    """Which sheet it is, the corners that say so, and where the plate lies in the picture."""
    seen = find_marks(check_image(image))
    sheet, agree = name_sheet(seen, image)
    in_picture = np.concatenate([seen[corner][1] for corner in sorted(agree)])
    on_plate = np.concatenate([mark_corners(corner) for corner in sorted(agree)])
    found, _ = cv2.findHomography(on_plate, in_picture)
    if found is None:
        raise NoSheet("its marks lie on one line: take the picture from above")
    view = np.asarray(found, np.float64)
    misfit = np.abs(project(np.linalg.inv(view), in_picture) - on_plate).max()
    if misfit > MAX_MISFIT:
        raise NoSheet(f"its marks lie {misfit:.0f} mm out of one plane: lay the page flat")
    return sheet, agree, view


def warp(image: Image, view: Homography) -> Image:
    """The plate and a little around it, from right above."""
    across = np.linalg.norm(np.diff(project(view, np.array([[0, 0], [PLATE[0], 0]])), axis=0))
    zoom = min(1.0, 1.5 * PIXELS_PER_MM * PLATE[0] / float(across))  # so that no pixel is skipped
    small = resize(image, zoom) if zoom < 0.7 else image
    zoom = small.shape[1] / image.shape[1]
    half = np.array([[1, 0, -0.5], [0, 1, -0.5], [0, 0, 1]])  # OpenCV: a pixel's middle is whole
    shift = BORDER * PIXELS_PER_MM
    to_page = np.array([[PIXELS_PER_MM, 0, shift], [0, PIXELS_PER_MM, shift], [0, 0, 1]])
    change = half @ to_page @ np.linalg.inv(np.diag([zoom, zoom, 1]) @ view) @ np.linalg.inv(half)
    width, height = (round((side + 2 * BORDER) * PIXELS_PER_MM) for side in PLATE)
    flat = cv2.warpPerspective(
        small, change, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return Image(np.asarray(flat, np.uint8))


def project(view: Homography, points: Points) -> Points:
    """Points (n, 2) on the plate, in mm, to pixels of the picture."""
    moved = cv2.perspectiveTransform(np.asarray(points, np.float64)[:, None], view)
    return np.asarray(moved, np.float64)[:, 0]
