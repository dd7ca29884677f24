"""A sheet in a picture: whose its four marks are, and how it looks from right above."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from itertools import product

import cv2
import numpy as np
from numpy.typing import NDArray

from mnist_lab import images
from mnist_lab.arrays import Image, MnistLabError, check_image
from mnist_lab.sheet.layout import (
    CORNERS,
    MARK_DICTIONARY,
    PLATE,
    PRIME,
    Sheet,
    decode_marks,
    mark_corners,
)

SEARCH_SIZES = 1600, 3200  # pixels of the longer side in which marks are looked for, in turn
EDGE = 0.04  # of a picture's longer side, laid around it in white: a mark may begin where it does
MIN_MIRRORED_CONTRAST = 0.5  # of white, of a mirrored mark; one that shines through has less
MIN_DARKNESS, MAX_DARK_SHARE = 64, 5e-4  # levels below white, on so much of a page that is blank
BLANK_SIDE, BLANK_MARGIN = 800, 0.05  # pixels of the longer side, and what scanners blacken of it
MIN_SHARPNESS = 0.25  # of an edge's contrast within three pixels; below, a picture is blurred
MIN_EDGE_CONTRAST = 30  # levels; with less there is no edge to judge by
PIXELS_PER_MM = 6  # of the straightened sheet
BORDER = 2.0  # mm around the plate that are straightened with it
MAX_MISFIT = 3.0  # mm by which the marks may lie out of one plane

Points = NDArray[np.float64]  # (n, 2), x and y
Homography = NDArray[np.floating]  # (3, 3), mm on the plate to pixels of the picture


class NoSheet(MnistLabError):
    """A picture holds no sheet that can be read; the text says why."""


class BlankPage(NoSheet):
    """A picture shows an empty page, as the backs in a pile are."""


@dataclass(frozen=True, eq=False)
class Located:
    """Where a sheet lies in a picture."""

    sheet: Sheet  # which one, by its marks
    agree: set[int]  # the corners that say so
    view: Homography
    image: Image  # the picture, dark ink on light
    inverted: bool  # whether it had to be inverted for that
    mirrored: bool  # whether it is seen as in a mirror


def find_marks(image: Image) -> dict[int, tuple[int, Points]]:
    """Find the corner marks of a sheet in an image, uint8 (height, width), at any angle.

    The ink is dark. Gives for each corner seen, 0 to 3, its ArUco number, and its mark's corners
    in pixels, float64 (4, 2); NoSheet if one is there twice.
    """
    found: dict[int, tuple[int, Points]] = {}
    for size in SEARCH_SIZES:
        zoom = min(1.0, size / max(image.shape))
        edge = round(EDGE * zoom * max(image.shape))
        framed = cv2.copyMakeBorder(
            _resize(image, zoom), edge, edge, edge, edge, cv2.BORDER_CONSTANT, value=(255,)
        )
        marks, numbers, _ = _detector().detectMarkers(framed)
        for number, points in zip([] if numbers is None else numbers.ravel(), marks, strict=True):
            corner = int(number) // PRIME
            if corner not in range(4):  # it is not a sheet's
                continue
            place = (np.asarray(points, np.float64).reshape(4, 2) - edge + 0.5) / zoom
            if corner in found and not _same_place(found[corner][1], place):
                raise NoSheet(
                    f"two marks of a sheet's {CORNERS[corner]} corner are in the picture: "
                    "photograph each sheet by itself"
                )
            found.setdefault(corner, (int(number), place))
        if len(found) == 4 or zoom == 1:
            break
    return found


def is_blurred(image: Image) -> bool:
    """Whether even the hardest edges of a picture are spread wide, across or down."""
    small = _resize(image, min(1.0, SEARCH_SIZES[0] / max(image.shape)))
    calm = np.asarray(cv2.medianBlur(small, 3), np.uint8)
    return any(_sharpness(each) < MIN_SHARPNESS for each in (calm, np.ascontiguousarray(calm.T)))


def straighten(image: Image) -> Image:
    """Show a photographed sheet as it is seen from right above, `PIXELS_PER_MM`.

    Its upper left pixel is `BORDER` mm left of and above the first mark; `image` and errors
    are those of `read_sheet`.
    """
    found = locate(image)
    return warp(found.image, found.view)


def locate(image: Image) -> Located:
    """Which sheet it is, and where the plate lies in the picture: as it is, inverted, mirrored.

    NoSheet if fewer than three marks are seen, or they do not agree; BlankPage if nothing is.
    """
    at_first = find_marks(check_image(image))
    for mirrored, inverted in product((False, True), repeat=2):
        dark_on_light = images.invert(image) if inverted else image
        find = _find_mirrored if mirrored else find_marks
        seen = find(dark_on_light) if mirrored or inverted else at_first
        if len(seen) >= 3:
            break
    else:
        if not at_first and is_blank(image):
            raise BlankPage("no mark of a sheet is seen: the page is blank")
        raise NoSheet(_explain_too_few(at_first, image))
    named = decode_marks({corner: number for corner, (number, _) in seen.items()})
    if named is None:
        raise NoSheet("its marks belong to different sheets: photograph each sheet by itself")
    sheet, agree = named
    in_picture = np.concatenate([seen[corner][1] for corner in sorted(agree)])
    on_plate = np.concatenate([mark_corners(corner) for corner in sorted(agree)])
    found, _ = cv2.findHomography(on_plate, in_picture)
    if found is None:
        raise NoSheet("its marks lie on one line: take the picture from above")
    view = np.asarray(found, np.float64)
    misfit = np.abs(project(np.linalg.inv(view), in_picture) - on_plate).max()
    if misfit > MAX_MISFIT:
        raise NoSheet(f"its marks lie {misfit:.0f} mm out of one plane: lay the page flat")
    return Located(sheet, agree, view, dark_on_light, inverted, mirrored)


def is_blank(image: Image) -> bool:
    """Whether hardly anything on a page is dark: what shines through from its front is not."""
    small = _resize(image, min(1.0, BLANK_SIDE / max(image.shape)))
    calm = Image(np.asarray(cv2.medianBlur(small, 3), np.uint8))
    y, x = (round(BLANK_MARGIN * side) for side in calm.shape)
    levels = images.flatten_light(calm)[y : calm.shape[0] - y, x : calm.shape[1] - x]
    return bool((levels < 255 - MIN_DARKNESS).mean() < MAX_DARK_SHARE)


def _find_mirrored(image: Image) -> dict[int, tuple[int, Points]]:
    """The marks of a sheet that is seen as in a mirror; not those that shine through a page."""
    mirrored = np.ascontiguousarray(image[:, ::-1])
    seen = {}
    for corner, (number, place) in find_marks(Image(mirrored)).items():
        x, y, width, height = cv2.boundingRect(place.astype(np.float32))
        part = mirrored[max(0, y) : y + height, max(0, x) : x + width]
        dark, bright = np.percentile(part, [10, 90])
        if bright - dark > MIN_MIRRORED_CONTRAST * bright:
            seen[corner] = number, np.array([image.shape[1], 0]) + place * (-1, 1)
    return seen


def warp(image: Image, view: Homography) -> Image:
    """The plate and a little around it, from right above."""
    across = np.linalg.norm(np.diff(project(view, np.array([[0, 0], [PLATE[0], 0]])), axis=0))
    zoom = min(1.0, 1.5 * PIXELS_PER_MM * PLATE[0] / float(across))  # so that no pixel is skipped
    small = _resize(image, zoom) if zoom < 0.7 else image
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


def _resize(image: Image, zoom: float) -> Image:
    """Make a picture smaller; one that would become larger stays as it is."""
    if zoom >= 1:
        return image
    size = [max(1, round(side * zoom)) for side in image.shape[::-1]]
    return Image(np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8))


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
    edges = wide >= max(MIN_EDGE_CONTRAST, 0.6 * strongest)
    return (
        float(np.percentile(near[edges] / wide[edges], 95))
        if strongest > MIN_EDGE_CONTRAST
        else 1.0
    )
