"""A filled-in sheet back to digits: find its marks, straighten the page, cut out the boxes.

No network is asked. What a box holds is known from the sheet's code; the printed digit above
the box must be there to be seen, or the box is left out: a label is never guessed.
"""

from dataclasses import dataclass

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
    Homography,
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
    sheet, agree, view = locate(image)
    window = round(LIGHT_WINDOW * PIXELS_PER_MM)
    levels = images.invert(images.flatten_light(warp(image, view), window=window))
    moves, sure = _find_moves(levels, sheet)
    if sure.sum() < MIN_LABELS:
        raise NoSheet(
            f"only {sure.sum()} of its 100 printed digits are seen where they should be: "
            + ("the picture is too blurred" if is_blurred(image) else "it is folded or covered")
        )
    cells = [_cut(levels, box, move) for box, move in enumerate(moves)]
    thresholds = ink_thresholds(levels, [_label_patch(levels, box) for box in range(BOXES)])
    digits, left_out = read_boxes(cells, sure, thresholds)
    boxes = np.array([*digits], np.uint8)
    return SheetReading(
        sheet=sheet,
        digits=Digits(np.array([*digits.values()], np.uint8).reshape(-1, 28, 28)),
        labels=Labels(sheet.labels[boxes]),
        boxes=boxes,
        left_out=left_out,
        cells=np.stack([images.invert(cell) for cell in cells]),
        middles=project(view, box_middles() + moves),
        notes=tuple(_notes(view, agree, image.shape, hidden=BOXES - int(sure.sum()))),
    )


def _find_moves(levels: Image, sheet: Sheet) -> tuple[Points, NDArray[np.bool_]]:
    """How far each box lies from where the marks say, (100, 2) in mm, and whether that is sure.

    The printed digit above each box is looked for; a box moves as its neighbours do.
    """
    found = [_match_label(levels, box, int(label)) for box, label in enumerate(sheet.labels)]
    own = np.array([move for move, _ in found]).reshape(ROWS, COLUMNS, 2)
    seen = np.array([score for _, score in found]).reshape(ROWS, COLUMNS) >= MIN_CORRELATION
    moves, sure = np.zeros_like(own), np.zeros_like(seen)
    for row, column in np.ndindex(ROWS, COLUMNS):
        near = slice(max(0, row - 1), row + 2), slice(max(0, column - 1), column + 2)
        if seen[near].any():
            moves[row, column] = np.median(own[near][seen[near]], axis=0)
        offset = abs(own[row, column] - moves[row, column]).max()
        sure[row, column] = seen[row, column] and seen[near].mean() >= 0.5 and offset <= MAX_OFFSET
    return moves.reshape(BOXES, 2), sure.ravel()


def _label_patch(levels: Image, box: int, *, around: float = 0.0) -> Image:
    """Where the printed digit of a box should be, with some room around, in mm."""
    x, y, width, height = label_box(box)
    left, top = (round((BORDER + side - around) * PIXELS_PER_MM) for side in (x, y))
    right = left + round((width + 2 * around) * PIXELS_PER_MM)
    bottom = top + round((height + 2 * around) * PIXELS_PER_MM)
    return Image(levels[max(0, top) : bottom, max(0, left) : right])


def _match_label(levels: Image, box: int, label: int) -> tuple[Points, float]:
    """How far a printed digit lies from its place, in mm, and with what correlation."""
    patch = _label_patch(levels, box, around=SEARCH)
    expected = printed_digit(label, PIXELS_PER_MM)
    scores = cv2.matchTemplate(patch, expected, cv2.TM_CCOEFF_NORMED)
    _, score, _, best = cv2.minMaxLoc(scores)
    return np.array(best) / PIXELS_PER_MM - SEARCH, float(score)


def _cut(levels: Image, box: int, move: Points) -> Image:
    """What is inside a box's frame: bright ink."""
    x, y = np.array(box_corner(box)) + move + BORDER + FRAME
    side = round((BOX_MM - 2 * FRAME) * PIXELS_PER_MM)
    left, top = max(0, round(x * PIXELS_PER_MM)), max(0, round(y * PIXELS_PER_MM))
    cell = np.zeros((side, side), np.uint8)
    part = levels[top : top + side, left : left + side]
    cell[: part.shape[0], : part.shape[1]] = part
    return Image(cell)


def _notes(view: Homography, agree: set[int], shape: tuple[int, ...], *, hidden: int) -> list[str]:
    notes = []
    across = np.diff(project(view, np.array([[0.0, 128], [PLATE[0], 128]])), axis=0)[0]
    rotation = float(np.degrees(np.arctan2(across[1], across[0])))
    if abs(rotation) > 135:
        notes.append("it lay upside down in the picture, and was turned")
    for corner in sorted(set(range(4)) - agree):
        middle = project(view, mark_corners(corner)).mean(axis=0)
        inside = bool(((middle > 0) & (middle < shape[::-1])).all())
        notes.append(
            f"its {CORNERS[corner]} mark is {'covered' if inside else 'cut off'}; three are enough"
        )
    if hidden >= MIN_HIDDEN_TO_NOTE:
        notes.append("it is bent, folded or covered in part: lay it flat, and take another picture")
    return notes
