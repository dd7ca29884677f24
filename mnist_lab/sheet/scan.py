"""A filled-in sheet back to digits: find its marks, straighten the page, cut out the boxes.

No network is asked. What a box holds is known from the sheet's code; the printed digit above
the box must be there to be seen, or the box is left out: a label is never guessed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from mnist_lab import images
from mnist_lab.arrays import Digits, Image, Labels, MnistLabError, check_image
from mnist_lab.reading import Component
from mnist_lab.sheet import (
    BOX,
    BOXES,
    COLUMNS,
    CORNERS,
    MARKS,
    PLATE,
    Sheet,
    box_corner,
    corner_of,
    label_place,
    mark_corners,
    printed_digit,
    which_sheet,
)  # fmt: skip

FINE = 6  # pixels of the straightened page for a millimetre
LOOKS = 1600, 3200  # pixels of the longer side in which marks are looked for, in turn
ROUND = 2.0  # mm around the plate that are straightened with it
EDGE = 0.7  # mm inside a box's frame that are not looked at
FAR = 3.0  # mm that the print may lie from where the marks say it is
LIKE = 0.6  # correlation from which a printed digit is the one that should be there
TORN = 1.0  # mm that a box may be out of line with its neighbours
MANY = 10  # boxes not seen, from which on that is said
SEEN = 30  # printed digits that must be seen, of 100
BENT = 3.0  # mm by which the marks may lie out of one plane
LIGHT = 6.0  # mm; light that changes more slowly is taken away
FAINTEST, NOISE = 14.0, 5.0  # levels, and times the paper's own spread, that ink is darker by
PALE = 0.28  # of the print's darkness, for each mm of width: a shadow's corner is paler
SHARE = 0.35  # of a digit's own darkness at which its edge is drawn
SPECK = 0.3  # mm2 of ink, below which it is a speck
LEAST = 1.6  # mm2 of ink, below which a box is empty
LONGEST = 1.75  # times its width and height together may a digit's line be long
EMPTY, STRUCK, HIDDEN = "empty", "scribbled out", "not seen"
FILLED = 0.12  # share of a scribble's ink, at the least, in the middle quarter of its box
BLURRED = 0.25  # of an edge's contrast within three pixels; below it a picture is blurred
PLAIN = 30  # levels; with less contrast there is no edge to judge by

Points = NDArray[np.float64]  # (n, 2), x and y


class NoSheet(MnistLabError):
    """A picture holds no sheet that can be read; the text says why."""


@dataclass(frozen=True, eq=False)
class Page:
    """A sheet as it was read.

    Attributes
    ----------
    sheet : Sheet
        Which one, by its marks.
    digits : uint8 (n, 28, 28)
        Of the boxes that hold one, in their order.
    labels : uint8 (n,)
        What was to be written in them.
    boxes : uint8 (n,)
        Which boxes, 0 to 99, row by row.
    left_out : dict of int to str
        The other boxes, each with its reason: ``"empty"``, ``"scribbled out"`` or
        ``"not seen"``.
    cells : uint8 (100, side, side)
        Every box as it looks, dark on white.
    middles : float64 (100, 2)
        Where the middle of every box lies in the picture, x and y in its pixels.
    notes : tuple of str
        What a reader should know: a mark that is covered, a page that lay upside down.
    """

    sheet: Sheet
    digits: Digits
    labels: Labels
    boxes: NDArray[np.uint8]
    left_out: dict[int, str]
    cells: NDArray[np.uint8]
    middles: Points
    notes: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.labels)


def read_sheet(image: Image) -> Page:
    """Read one picture of a filled-in sheet.

    Parameters
    ----------
    image : uint8 (height, width)
        A scan or a photo, dark ink on light, at any angle; 0 to 255.

    Returns
    -------
    Page
        Its digits, and why the other boxes were left out.

    Raises
    ------
    NoSheet
        Fewer than three marks are seen, or they do not agree, or the print is not where the
        marks say: the text names the marks and the likely cause.
    ArrayError
        `image` is not one.
    """
    sheet, agree, view = _located(image)
    flat = _straightened(image, view)
    levels = images.invert(images.flatten_light(flat, window=round(LIGHT * FINE)))
    moves, sure = _moves(levels, sheet)
    if sure.sum() < SEEN:
        raise NoSheet(
            f"only {sure.sum()} of its 100 printed digits are seen where they should be: "
            + ("the picture is too blurred" if _is_blurred(image) else "it is folded or covered")
        )
    cells = [_cut(levels, box, move) for box, move in enumerate(moves)]
    found, left_out = _digits(cells, sure, _faintest(levels))
    middles = np.array([box_corner(box) for box in range(BOXES)]) + BOX / 2 + moves
    return Page(
        sheet=sheet,
        digits=np.stack([*found.values()]) if found else np.zeros((0, 28, 28), np.uint8),
        labels=sheet.labels[[*found]],
        boxes=np.array([*found], np.uint8),
        left_out=left_out,
        cells=images.invert(np.stack(cells)),
        middles=_through(view, middles),
        notes=tuple(_notes(view, agree, image.shape, hidden=BOXES - int(sure.sum()))),
    )


def straighten(image: Image) -> Image:
    """Show a photographed sheet as it is seen from right above: `FINE` pixels a millimetre.

    Its upper left pixel is `ROUND` mm left of and above the first mark; errors are those of
    `read_sheet`.
    """
    return _straightened(image, _located(image)[2])


# Marks


def find_marks(image: Image) -> dict[int, tuple[int, Points]]:
    """Find the corner marks: for each corner seen its ArUco number, and its corners (4, 2).

    Raises
    ------
    NoSheet
        One corner is there twice.
    """
    found: dict[int, tuple[int, Points]] = {}
    longer = max(image.shape)
    for look in LOOKS:
        zoom = min(1.0, look / longer)
        small = _resized(image, zoom)
        for number, points in _aruco(small):
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


def _aruco(image: Image) -> list[tuple[int, Points]]:
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
    return cv2.aruco.ArucoDetector(cv2.aruco.getPredefinedDictionary(MARKS), options)


def _same_place(one: Points, other: Points) -> bool:
    apart = np.linalg.norm(one.mean(axis=0) - other.mean(axis=0))
    return bool(apart < np.linalg.norm(one[2] - one[0]) / 2)


def _named(seen: dict[int, tuple[int, Points]], image: Image) -> tuple[Sheet, set[int]]:
    """The sheet that the marks name, and the corners that say so."""
    if len(seen) < 3:
        raise NoSheet(_too_few(sorted(seen), image))
    named = which_sheet({corner: number for corner, (number, _) in seen.items()})
    if named is None:
        raise NoSheet("its marks belong to different sheets: photograph each sheet by itself")
    return named


def _too_few(seen: Sequence[int], image: Image) -> str:
    if not seen:
        what = "no mark of a sheet is seen"
        cure = "is it the sheet's printed side, whole and not too far away?"
    else:
        there, gone = (
            " and the ".join(CORNERS[k] for k in range(4) if (k in seen) == is_there)
            for is_there in (True, False)
        )
        marks = "mark is" if len(seen) == 1 else "marks are"
        what = f"only the {there} {marks} seen, not the {gone}"
        cure = "the others are cut off, covered or folded over; three are needed"
    return f"{what}: " + ("the picture is too blurred" if _is_blurred(image) else cure)


def _is_blurred(image: Image) -> bool:
    """Whether even the hardest edges of a picture are spread wide, across or down."""
    calm = cv2.medianBlur(_resized(image, min(1.0, LOOKS[0] / max(image.shape))), 3)
    return any(_sharpness(each) < BLURRED for each in (calm, np.ascontiguousarray(calm.T)))


def _sharpness(image: Image) -> float:
    """How much of an edge's contrast from left to right lies within three pixels, 0 to 1."""
    near, wide = (
        cv2.morphologyEx(image, cv2.MORPH_GRADIENT, np.ones((1, side), np.uint8)).ravel()
        for side in (3, 21)
    )
    strong = float(np.percentile(wide, 99.5))
    edges = wide >= max(PLAIN, 0.6 * strong)
    return float(np.percentile(near[edges] / wide[edges], 95)) if strong > PLAIN else 1.0


# The page


def _located(image: Image) -> tuple[Sheet, set[int], NDArray[np.float64]]:
    """Which sheet it is, the corners that say so, and the perspective (3, 3) from mm to pixels."""
    seen = find_marks(check_image(image))
    sheet, agree = _named(seen, image)
    here = np.concatenate([seen[corner][1] for corner in sorted(agree)])
    there = np.concatenate([mark_corners(corner) for corner in sorted(agree)])
    view, error = _plane(there, here)
    if error > BENT:
        raise NoSheet(f"its marks lie {error:.0f} mm out of one plane: lay the page flat")
    return sheet, agree, view


def _plane(there: Points, here: Points) -> tuple[NDArray[np.float64], float]:
    """The perspective (3, 3) from mm on the plate to the picture; by how many mm it is missed."""
    view, _ = cv2.findHomography(there, here)
    if view is None:
        raise NoSheet("its marks lie on one line: take the picture from above")
    missed = _through(np.linalg.inv(view), here) - there
    return view, float(np.abs(missed).max())


def _straightened(image: Image, view: NDArray[np.float64]) -> Image:
    """The plate and a little around it, FINE pixels a millimetre."""
    across = np.linalg.norm(np.diff(_through(view, np.array([[0, 0], [PLATE[0], 0]])), axis=0))
    zoom = min(1.0, 1.5 * FINE * PLATE[0] / float(across))  # or a fine picture would be sampled
    small = _resized(image, zoom) if zoom < 0.7 else image
    zoom = small.shape[1] / image.shape[1]
    half = np.array([[1, 0, -0.5], [0, 1, -0.5], [0, 0, 1]])  # OpenCV: a pixel's middle is whole
    to_page = np.array([[FINE, 0, ROUND * FINE], [0, FINE, ROUND * FINE], [0, 0, 1]])
    change = half @ to_page @ np.linalg.inv(np.diag([zoom, zoom, 1]) @ view) @ np.linalg.inv(half)
    size = tuple(round((side + 2 * ROUND) * FINE) for side in PLATE)
    return cv2.warpPerspective(
        small, change, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )


def _moves(levels: Image, sheet: Sheet) -> tuple[Points, NDArray[np.bool_]]:
    """How far each box lies from where the marks say, (100, 2) in mm, and whether that is sure.

    The printed digit above each box is looked for; a box moves as its neighbours do.
    """
    found = [_look_for(levels, box, int(label)) for box, label in enumerate(sheet.labels)]
    own = np.array([move for move, _ in found])
    like = np.array([score for _, score in found]) >= LIKE
    moves, sure = np.zeros_like(own), np.zeros_like(like)
    for box in range(BOXES):
        row, column = divmod(box, COLUMNS)
        rows, columns = slice(max(0, row - 1), row + 2), slice(max(0, column - 1), column + 2)
        near = like.reshape(-1, COLUMNS)[rows, columns].ravel()
        around = own.reshape(-1, COLUMNS, 2)[rows, columns].reshape(-1, 2)
        if near.any():
            moves[box] = np.median(around[near], axis=0)
        sure[box] = like[box] and near.mean() >= 0.5 and (abs(own[box] - moves[box]) <= TORN).all()
    return moves, sure


def _patch(levels: Image, box: int, room: float = 0.0) -> Image:
    """Where the printed digit of a box should be, with some room around, in mm."""
    x, y, width, height = label_place(box)
    left, top = round((ROUND + x - room) * FINE), round((ROUND + y - room) * FINE)
    right, bottom = left + round((width + 2 * room) * FINE), top + round((height + 2 * room) * FINE)
    return levels[max(0, top) : bottom, max(0, left) : right]


def _look_for(levels: Image, box: int, label: int) -> tuple[Points, float]:
    """How far a printed digit lies from its place, in mm, and how like it what is there is."""
    patch = _patch(levels, box, FAR)
    like = cv2.matchTemplate(patch, printed_digit(label, FINE), cv2.TM_CCOEFF_NORMED)
    _, score, _, (across, down) = cv2.minMaxLoc(like)
    return np.array([across, down]) / FINE - FAR, float(score)


def _cut(levels: Image, box: int, move: Points) -> Image:
    """What is inside a box's frame: bright ink."""
    x, y = np.array(box_corner(box)) + move + ROUND + EDGE
    side = round((BOX - 2 * EDGE) * FINE)
    left, top = max(0, round(x * FINE)), max(0, round(y * FINE))
    cell = np.zeros((side, side), np.uint8)
    part = levels[top : top + side, left : left + side]
    cell[: part.shape[0], : part.shape[1]] = part
    return cell


def _notes(
    view: NDArray[np.float64], agree: set[int], shape: tuple[int, ...], *, hidden: int
) -> list[str]:
    notes = []
    along = np.diff(_through(view, np.array([[0.0, 128], [PLATE[0], 128]])), axis=0)[0]
    turn = float(np.degrees(np.arctan2(along[1], along[0])))
    if abs(turn) > 135:
        notes.append("it lay upside down in the picture, and was turned")
    for corner in sorted(set(range(4)) - agree):
        middle = _through(view, mark_corners(corner)).mean(axis=0)
        inside = bool(((middle > 0) & (middle < shape[::-1])).all())
        notes.append(
            f"its {CORNERS[corner]} mark is {'covered' if inside else 'cut off'}; three are enough"
        )
    if hidden >= MANY:
        notes.append("it is bent, folded or covered in part: lay it flat, and take another picture")
    return notes


# A box


def _faintest(levels: Image) -> tuple[float, float]:
    """How dark a place must be to be ink, by the paper's grain; how dark a line, by the print."""
    low, middle = np.percentile(levels[::5, ::5], [5, 30])
    printed = np.median([_patch(levels, box).max() for box in range(BOXES)])
    return max(FAINTEST, float(middle + NOISE * (middle - low))), PALE * float(printed)


def _digits(
    cells: Sequence[Image], sure: NDArray[np.bool_], faintest: tuple[float, float]
) -> tuple[dict[int, Digits], dict[int, str]]:
    """The digits by their boxes, and why the other boxes hold none."""
    inked = {box: _ink(cell, *faintest) for box, cell in enumerate(cells) if sure[box]}
    written = {box: ink for box, ink in inked.items() if ink is not None}
    pen = float(np.median([ink.stroke_width for ink in written.values()] or [1]))
    found: dict[int, Digits] = {}
    left_out: dict[int, str] = {}
    for box, cell in enumerate(cells):
        ink = written.get(box)
        if ink is None:
            left_out[box] = EMPTY if sure[box] else HIDDEN
        elif _is_scribble(ink, pen):
            left_out[box] = STRUCK
        else:
            found[box] = ink.digit(cell)
    return found, left_out


def _is_scribble(ink: Component, pen: float) -> bool:
    """Whether there is far more line than a digit has, and not round an empty middle."""
    high, wide = ink.mask.shape
    middle = ink.mask[high // 4 : high - high // 4, wide // 4 : wide - wide // 4]
    filled = bool(np.count_nonzero(middle) > FILLED * ink.area)
    return filled and ink.area / pen > LONGEST * (ink.width + ink.height)


def _ink(cell: Image, faintest: float, pale: float) -> Component | None:
    """All the ink in a box, as one piece; None where there is none."""
    calm = cv2.GaussianBlur(cell, (0, 0), 0.8)
    mask = _without_specks(calm > faintest)
    if np.count_nonzero(mask) < LEAST * FINE**2:
        return None
    dark = float(np.percentile(calm[mask], 90))
    mask = _without_specks(mask & (calm > SHARE * dark))
    shape = mask.astype(np.uint8)
    x, y, width, height = cv2.boundingRect(shape)
    if not width:
        return None
    stroke = max(1.0, 4 * float(images.depth(shape)[mask].mean()) - 1)
    if dark < pale * max(1.0, stroke / FINE):
        return None
    level = int(np.percentile(calm[mask], 75))
    return Component(x, y, width, height, mask[y : y + height, x : x + width], stroke, level)


def _without_specks(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    large = stats[:, cv2.CC_STAT_AREA] >= SPECK * FINE**2
    large[0] = False
    return large[labels]


def _through(view: NDArray[np.float64], points: Points) -> Points:
    return cv2.perspectiveTransform(np.asarray(points, np.float64)[:, None], view)[:, 0]


def _resized(image: Image, zoom: float) -> Image:
    if zoom >= 1:
        return image
    size = round(image.shape[1] * zoom), round(image.shape[0] * zoom)
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA)
