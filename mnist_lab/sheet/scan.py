"""A filled-in sheet back to digits: find its marks, straighten the page, cut out the boxes.

No network is asked. What a box holds is known from the sheet's code; the printed digit above
the box must be there to be seen, or the box is left out: a label is never guessed.
"""

from dataclasses import dataclass
from itertools import product

import cv2
import numpy as np
from numpy.typing import NDArray

from mnist_lab import images
from mnist_lab.arrays import Digits, Image, Labels
from mnist_lab.sheet.boxes import ink_thresholds, read_boxes
from mnist_lab.sheet.layout import (
    BOX_MM,
    BOXES,
    COLUMNS,
    CORNERS,
    LABEL_HEIGHT,
    LABEL_LIFT,
    LABEL_SIDE,
    PITCH,
    PLATE,
    ROWS,
    Sheet,
    box_corner,
    box_middles,
    label_box,
    mark_corners,
)
from mnist_lab.sheet.printing import printed_digit
from mnist_lab.sheet.view import (
    BORDER,
    PIXELS_PER_MM,
    Located,
    NoSheet,
    Points,
    is_blurred,
    locate,
    project,
    warp,
)

LIGHT_WINDOW = 6.0  # mm; light that changes more slowly is taken away
FRAME = 0.7  # mm inside a box's frame that are not looked at
SEARCH = 3.0  # mm that the print may lie from where the marks say it is
LABEL_TO_MIDDLE = BOX_MM / 2 + LABEL_LIFT + LABEL_HEIGHT / 2  # mm down from a printed digit
MAX_LOOKS = 12  # at a curled page, each further from where the marks are
MIN_STRETCH = 0.3  # mm by which half a box is out of shape, from which on it is put right
MAX_STRETCH = 0.2, 0.12  # mm a mm of a curled page, across and down; more is a fold
MIN_CORRELATION = 0.6  # from which a printed digit is the one that should be there
MAX_OFFSET = 1.0  # mm that a box may be out of line with its neighbours
MIN_LABELS = 30  # printed digits that must be seen, of 100
MIN_HIDDEN_TO_NOTE = 10  # boxes not seen, from which on that is said


@dataclass(frozen=True, eq=False)
class SheetReading:
    """A sheet as it was read."""

    sheet: Sheet  # which one, by its marks
    digits: Digits  # (n, 28, 28), of the boxes that hold one, in their order
    labels: Labels  # (n,), what was to be written in them
    boxes: NDArray[np.uint8]  # (n,), which boxes, 0 to 99, row by row
    left_out: dict[int, str]  # the other boxes: "empty", "scribbled out" or "not seen"
    cells: NDArray[np.uint8]  # (100, side, side), every box as it looks, dark on white
    middles: Points  # (100, 2), where each box's middle lies in the picture, in its pixels
    notes: tuple[str, ...]  # of a mark that is covered, a page that lay upside down

    def __len__(self) -> int:
        return len(self.labels)

    def summary(self) -> str:
        """Which sheet it is, how many digits were read, and what of the rest, in one line."""
        reasons = [*self.left_out.values()]
        counts = [f"{reasons.count(reason)} {reason}" for reason in sorted(set(reasons))]
        others = [f"of the other boxes {', '.join(counts)}"] if counts else []
        digits = f"sheet {self.sheet.number:05d}, {len(self)} digits"
        return "; ".join([digits, *others, *self.notes])


def read_sheet(image: Image) -> SheetReading:
    """Read one picture of a filled-in sheet: its digits, and why other boxes were left out.

    `image` is a scan or a photo, uint8 (height, width), dark ink on light, at any angle.

    Raises
    ------
    NoSheet
        Fewer than three marks are seen, or they do not agree, or the print is not where the
        marks say: the text names the marks and the likely cause.
    ArrayError
        `image` is not one.
    """
    found = locate(image)
    sheet = found.sheet
    window = round(LIGHT_WINDOW * PIXELS_PER_MM)
    flat = images.flatten_light(warp(found.image, found.view), window=window)
    levels = images.invert(flat)
    moves, stretch, sure = _find_moves(levels, sheet)
    if sure.sum() < MIN_LABELS:
        raise NoSheet(
            f"only {sure.sum()} of its 100 printed digits are seen where they should be: "
            + (
                "the picture is too blurred"
                if is_blurred(image)
                else "it is curled, folded or covered: lay it flat"
            )
        )
    middles = moves + stretch @ (0, LABEL_TO_MIDDLE)
    cells = [_cut(levels, box, middles[box], stretch[box]) for box in range(BOXES)]
    labels = [_label_patch(levels, box, moves[box]) for box in range(BOXES)]
    thresholds = ink_thresholds(levels, labels)
    digits, left_out = read_boxes(cells, sure, thresholds)
    boxes = np.array([*digits], np.uint8)
    return SheetReading(
        sheet=sheet,
        digits=Digits(np.array([*digits.values()], np.uint8).reshape(-1, 28, 28)),
        labels=Labels(sheet.labels[boxes]),
        boxes=boxes,
        left_out=left_out,
        cells=np.stack([images.invert(cell) for cell in cells]),
        middles=project(found.view, box_middles() + middles),
        notes=tuple(_notes(found, hidden=BOXES - int(sure.sum()))),
    )


def _find_moves(levels: Image, sheet: Sheet) -> tuple[Points, Points, NDArray[np.bool_]]:
    """How far each printed digit lies from where the marks say, (100, 2) in mm.

    Also gives how the page is stretched there, (100, 2, 2), mm of move a mm across and down,
    and whether that is sure, (100,). A box moves as its neighbours do: where a page is curled,
    each is looked for where those that are found already say.
    """
    sure = np.zeros((ROWS, COLUMNS), bool)
    own, near = np.zeros((*sure.shape, 2)), ~sure
    looks = []
    for _ in range(MAX_LOOKS):
        guess, _, _ = _smooth(own, sure, reach=2)
        seen = sure.copy()
        for row, column in np.argwhere(near & ~sure):
            box = COLUMNS * row + column
            move, score = _match_label(levels, box, int(sheet.labels[box]), guess[row, column])
            own[row, column], seen[row, column] = move, score >= MIN_CORRELATION
        before = sure
        expected, stretch, share = _smooth(own, seen, reach=1)
        sure = seen & (share >= 0.5) & (np.abs(own - expected).max(axis=2) <= MAX_OFFSET)
        looks.append((expected.reshape(-1, 2), stretch.reshape(-1, 2, 2), sure.ravel()))
        if (sure == before).all() or sure.all():
            break
        near = cv2.dilate(sure.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    return looks[0 if _is_torn(expected, sure) else -1]


def _is_torn(moves: Points, sure: NDArray[np.bool_]) -> bool:
    """Whether a page is folded: moves (10, 10, 2) differ by more than a curl can bring about.

    A fold may bring a printed digit above another's box; then the marks alone are believed.
    """
    known = np.where(sure[..., np.newaxis], moves, np.nan)
    for axis, apart in product((0, 1), range(1, ROWS)):
        steps = np.take(known, range(apart, ROWS), axis) - np.take(known, range(ROWS - apart), axis)
        if (np.abs(steps) > MAX_STRETCH[1 - axis] * apart * PITCH[1 - axis]).any():
            return True
    return False


def _smooth(
    own: Points, seen: NDArray[np.bool_], *, reach: int
) -> tuple[Points, Points, NDArray[np.float64]]:
    """What the neighbours of each box, and it, say of its move: medians of slopes and of moves.

    `own` is (10, 10, 2), where `seen`; neighbours are `reach` boxes away at the most. Gives their
    moves, their stretch (10, 10, 2, 2) a mm, and which share of them is seen (10, 10).
    """
    moves, stretch, share = np.zeros_like(own), np.zeros((*own.shape, 2)), np.zeros(seen.shape)
    known = np.where(seen[..., np.newaxis], own, np.nan)
    for row, column in np.ndindex(ROWS, COLUMNS):
        top, left = max(0, row - reach), max(0, column - reach)
        here = slice(top, row + reach + 1), slice(left, column + reach + 1)
        share[row, column] = seen[here].mean()
        slopes = [_median(np.diff(known[here], axis=axis)) for axis in (1, 0)]
        down, across = np.indices(seen[here].shape)[..., np.newaxis]
        apart = slopes[0] * (across - column + left) + slopes[1] * (down - row + top)
        moves[row, column] = _median(known[here] - apart)
        stretch[row, column] = np.stack(slopes, axis=1) / PITCH
    return moves, stretch, share


def _median(moves: Points) -> Points:
    """The median of some moves (..., 2), those not known left out; 0 of none."""
    known = moves[~np.isnan(moves).any(axis=-1)]
    return np.median(known, axis=0) if len(known) else np.zeros(2)


def _label_patch(levels: Image, box: int, move: Points, *, around: float = 0.0) -> Image:
    """Where the printed digit of a box should be, with some room around, in mm."""
    x, y, width, height = label_box(box)
    corner = np.array((x, y)) + move + BORDER - around
    size = round((width + 2 * around) * PIXELS_PER_MM), round((height + 2 * around) * PIXELS_PER_MM)
    return _part(levels, np.rint(corner * PIXELS_PER_MM).astype(int), size)


def _match_label(levels: Image, box: int, label: int, move: Points) -> tuple[Points, float]:
    """How far a printed digit lies from its place, in mm, and with what correlation.

    It is looked for around a `move`. Far from where the marks say, it must look more like itself
    than like any other digit: there the print alone says what a box is for.
    """
    patch = _label_patch(levels, box, move, around=SEARCH)
    scores = cv2.matchTemplate(patch, printed_digit(label, PIXELS_PER_MM), cv2.TM_CCOEFF_NORMED)
    _, score, _, best = cv2.minMaxLoc(scores)
    moved = np.rint(move * PIXELS_PER_MM) / PIXELS_PER_MM + np.array(best) / PIXELS_PER_MM - SEARCH
    if np.abs(moved).max() > SEARCH:
        side = round(LABEL_SIDE * PIXELS_PER_MM)
        here = _part(patch, np.array(best) - 1, (side + 2, side + 2))
        others = [printed_digit(digit, PIXELS_PER_MM) for digit in range(10) if digit != label]
        rivals = [cv2.matchTemplate(here, each, cv2.TM_CCOEFF_NORMED).max() for each in others]
        score = min(score, 0.0 if max(rivals) > score else 1.0)
    return moved, float(score)


def _cut(levels: Image, box: int, move: Points, stretch: Points) -> Image:
    """What is inside a box's frame: bright ink. `move` is that of its middle."""
    side = round((BOX_MM - 2 * FRAME) * PIXELS_PER_MM)
    middle = np.array(box_corner(box)) + BOX_MM / 2 + move + BORDER
    if np.abs(stretch).max() * BOX_MM / 2 < MIN_STRETCH:
        corner = np.rint((middle - BOX_MM / 2 + FRAME) * PIXELS_PER_MM).astype(int)
        return _part(levels, corner, (side, side))
    inner = np.eye(2) + stretch
    start = middle * PIXELS_PER_MM - 0.5 - inner @ np.full(2, (side - 1) / 2)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    cell = cv2.warpAffine(levels, np.c_[inner, start], (side, side), flags=flags)
    return Image(np.asarray(cell, np.uint8))


def _part(levels: Image, corner: NDArray[np.int64], size: tuple[int, int]) -> Image:
    """A part of a picture from a corner (x, y) on, width and height; 0 beyond it."""
    (left, top), (width, height) = corner.tolist(), size
    part = np.zeros((height, width), np.uint8)
    y, x = max(0, -top), max(0, -left)
    inside = levels[max(0, top) : max(0, top + height), max(0, left) : max(0, left + width)]
    part[y : y + inside.shape[0], x : x + inside.shape[1]] = inside
    return Image(part)


def _notes(found: Located, *, hidden: int) -> list[str]:
    notes = []
    view, agree, shape = found.view, found.agree, found.image.shape
    if found.inverted:
        notes.append("it was bright on dark, and was inverted")
    if found.mirrored:
        notes.append("it was mirrored in the picture, and was turned round")
    across = np.diff(project(view, np.array([[0.0, 128], [PLATE[0], 128]])), axis=0)[0]
    rotation = float(np.degrees(np.arctan2(across[1], across[0] * (-1) ** found.mirrored)))
    if abs(rotation) > 135:
        notes.append("it lay upside down in the picture, and was turned")
    for corner in sorted(set(range(4)) - agree):
        middle = project(view, mark_corners(corner)).mean(axis=0)
        inside = bool(((middle > 0) & (middle < shape[::-1])).all())
        notes.append(
            f"its {CORNERS[corner]} mark is {'covered' if inside else 'cut off'}; three are enough"
        )
    if hidden >= MIN_HIDDEN_TO_NOTE:
        notes.append(
            "it is curled, folded or covered in part: lay it flat, and take another picture"
        )
    return notes
