"""The four marks of a sheet in a picture: which are there, and whose they are."""

from collections.abc import Collection
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from mnist_lab.arrays import Image, MnistLabError
from mnist_lab.sheet.layout import CORNERS, MARK_DICTIONARY, Sheet, corner_of, decode_marks

SEARCH_SIZES = 1600, 3200  # pixels of the longer side in which marks are looked for, in turn
MIN_SHARPNESS = 0.25  # of an edge's contrast within three pixels; below, a picture is blurred
MIN_CONTRAST = 30  # levels; with less there is no edge to judge by

Points = NDArray[np.float64]  # (n, 2), x and y


class NoSheet(MnistLabError):
    """A picture holds no sheet that can be read; the text says why."""


def find_marks(image: Image) -> dict[int, tuple[int, Points]]:
    """Find the corner marks of a sheet.

    Parameters
    ----------
    image : uint8 (height, width)
        A scan or a photo, dark ink on light, at any angle.

    Returns
    -------
    dict of int to (int, float64 (4, 2))
        For each corner seen, 0 to 3, its ArUco number, and its mark's corners in pixels.

    Raises
    ------
    NoSheet
        One corner is there twice.
    """
    found: dict[int, tuple[int, Points]] = {}
    for size in SEARCH_SIZES:
        zoom = min(1.0, size / max(image.shape))
        for number, points in _detect(resize(image, zoom)):
            corner = corner_of(number)
            if corner is None:
                continue
            place = (points + 0.5) / zoom
            if corner in found and not _same_place(found[corner][1], place):
                raise NoSheet(
                    f"two marks of a sheet's {CORNERS[corner]} corner are in the picture: "
                    "photograph each sheet by itself"
                )
            found.setdefault(corner, (number, place))
        if len(found) == 4 or zoom == 1:
            break
    return found


def name_sheet(seen: dict[int, tuple[int, Points]], image: Image) -> tuple[Sheet, set[int]]:
    """The sheet that the marks name, and the corners that say so; an error where none is named."""
    if len(seen) < 3:
        raise NoSheet(_explain_too_few(seen, image))
    named = decode_marks({corner: number for corner, (number, _) in seen.items()})
    if named is None:
        raise NoSheet("its marks belong to different sheets: photograph each sheet by itself")
    return named


def is_blurred(image: Image) -> bool:
    """Whether even the hardest edges of a picture are spread wide, across or down."""
    small = resize(image, min(1.0, SEARCH_SIZES[0] / max(image.shape)))
    calm = np.asarray(cv2.medianBlur(small, 3), np.uint8)
    return any(_sharpness(each) < MIN_SHARPNESS for each in (calm, np.ascontiguousarray(calm.T)))


def resize(image: Image, zoom: float) -> Image:
    """Make a picture smaller; one that would become larger stays as it is."""
    if zoom >= 1:
        return image
    size = round(image.shape[1] * zoom), round(image.shape[0] * zoom)
    return Image(np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8))


def _detect(image: Image) -> list[tuple[int, Points]]:
    corners, numbers, _ = _detector().detectMarkers(image)
    if numbers is None:
        return []
    return [
        (int(number), np.asarray(points, np.float64).reshape(4, 2))
        for number, points in zip(numbers.ravel(), corners, strict=True)
    ]


@cache
def _detector() -> cv2.aruco.ArucoDetector:
    options = cv2.aruco.DetectorParameters()
    options.cornerRefinementMethod = cv2.aruco.CORNER_REFINE_SUBPIX
    options.adaptiveThreshWinSizeMin, options.adaptiveThreshWinSizeMax = 5, 45
    options.adaptiveThreshWinSizeStep = 20
    options.minMarkerPerimeterRate = 0.05
    return cv2.aruco.ArucoDetector(cv2.aruco.getPredefinedDictionary(MARK_DICTIONARY), options)


def _same_place(one: Points, other: Points) -> bool:
    apart = np.linalg.norm(one.mean(axis=0) - other.mean(axis=0))
    return bool(apart < np.linalg.norm(one[2] - one[0]) / 2)


def _explain_too_few(seen: Collection[int], image: Image) -> str:
    if not seen:
        what = "no mark of a sheet is seen"
        remedy = "is it the sheet's printed side, whole and not too far away?"
    else:
        there, gone = (
            " and the ".join(CORNERS[k] for k in range(4) if (k in seen) == is_there)
            for is_there in (True, False)
        )
        marks = "mark is" if len(seen) == 1 else "marks are"
        what = f"only the {there} {marks} seen, not the {gone}"
        remedy = "the others are cut off, covered or folded over; three are needed"
    return f"{what}: " + ("the picture is too blurred" if is_blurred(image) else remedy)


def _sharpness(image: NDArray[np.uint8]) -> float:
    """How much of an edge's contrast from left to right lies within three pixels, 0 to 1."""
    near, wide = (
        cv2.morphologyEx(image, cv2.MORPH_GRADIENT, np.ones((1, side), np.uint8)).ravel()
        for side in (3, 21)
    )
    strongest = float(np.percentile(wide, 99.5))
    edges = wide >= max(MIN_CONTRAST, 0.6 * strongest)
    return float(np.percentile(near[edges] / wide[edges], 95)) if strongest > MIN_CONTRAST else 1.0
