"""Ink to pieces, and pieces to digits: what is broken joined, what touches cut apart."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

import cv2
import numpy as np
from numpy.typing import NDArray

from mnist_lab import images
from mnist_lab.arrays import Digits, Image
from mnist_lab.reading.ink import Ink, haze

GAP = 0.7  # of a stroke's width, over which a broken line goes on
LEAST = 7  # pixels, as worked on, below which nothing has a shape
SMALLEST = 11  # pixels, as worked on, that a digit is high
PALEST = 0.35  # share of the darkest ink's darkness that a digit must have
ALL_ROUND = 0.8  # share of what is round a piece that must be brighter
ASIDE = 0.1  # pixels of ink that a step aside of a cut is worth
DIM = 8.0  # levels, in the dark, that make no difference
SURELY_TWO = 1.6  # times as wide as high, and more than one way to cut is tried
HAZE = 0.2  # share of a piece's darkness that is blur, as in the loops of small digits
FAINT = 45  # level below which straight lines are rests of rulings, grain or dust
STRAIGHT = 1.2  # bend below which a piece is a straight line, a speck or a blot
GRAIN = 3.0  # times the spread of the paper that ink must be darker by


@dataclass(eq=False)
class Piece:
    """Ink that hangs together: its box, its mask in that box, how wide its stroke is."""

    x: int
    y: int
    width: int
    height: int
    mask: NDArray[np.bool_]
    stroke: float
    level: int

    @property
    def right(self) -> int:
        return self.x + self.width

    @property
    def bottom(self) -> int:
        return self.y + self.height

    @property
    def middle(self) -> tuple[float, float]:
        return self.x + self.width / 2, self.y + self.height / 2

    @cached_property
    def area(self) -> int:
        return int(np.count_nonzero(self.mask))

    @property
    def length(self) -> float:
        """Of the line that a pen has drawn, in pixels."""
        return self.area / self.stroke

    @property
    def bend(self) -> float:
        """How much longer its line is than its box's diagonal: a straight one's is 1."""
        return self.length / float(np.hypot(self.width, self.height))


def find_pieces(ink: Ink) -> list[Piece]:
    """The pieces of ink that are large enough to have a shape; small gaps are stepped over."""
    step = 2 * round(GAP * ink.stroke / 2) + 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (step, step))
    wide = cv2.dilate(ink.mask, disc) if step > 1 else ink.mask
    _, labels, stats, _ = cv2.connectedComponentsWithStats(wide, connectivity=8)
    large = 1 + np.flatnonzero(stats[1:, 2:4].max(axis=1) >= LEAST + step)
    deep = images.ink_depth(ink.mask)
    pieces = []
    for k in large[np.argsort(-stats[large, cv2.CC_STAT_AREA])][:2000]:
        x, y, width, height = (int(v) for v in stats[k, :4])
        here = slice(y, y + height), slice(x, x + width)
        mask = (labels[here] == k) & (ink.mask[here] > 0)
        left, top, width, height = cv2.boundingRect(mask.astype(np.uint8))
        if max(width, height) < LEAST:
            continue
        stroke = max(1.0, 4 * float(deep[here][mask].mean()) - 1)
        level = int(np.percentile(ink.levels[here][mask], 75))
        mask = mask[top : top + height, left : left + width]
        pieces.append(Piece(x + left, y + top, width, height, mask, stroke, level))
    return pieces


def drawn(pieces: Sequence[Piece], shape: tuple[int, ...]) -> Image:
    """A mask, 1 where there is a piece."""
    mask = np.zeros(shape, np.uint8)
    for piece in pieces:
        mask[piece.y : piece.bottom, piece.x : piece.right][piece.mask] = 1
    return mask


def could_be_digit(piece: Piece) -> bool:
    """A pen's line, several times as long as it is wide, and not lying down."""
    return piece.length >= 2.2 * piece.stroke and piece.width <= 2.2 * piece.height


def touches(piece: Piece, shape: tuple[int, ...]) -> int:
    """How many sides of the picture it touches."""
    height, width = shape
    return (piece.x <= 0) + (piece.y <= 0) + (piece.right >= width) + (piece.bottom >= height)


def is_edge(piece: Piece, shape: tuple[int, ...]) -> bool:
    """The edge of the paper or the table: along a side of the picture, or round it."""
    height, width = shape
    sides = touches(piece, shape)
    if sides >= 2 or (sides and not could_be_digit(piece)):
        return True
    beside = piece.x <= 0 or piece.right >= width
    if sides and (piece.width if beside else piece.height) < 1.5 * piece.stroke:
        return True
    return piece.width > 0.6 * width and piece.height > 0.6 * height


def prominence(piece: Piece, shape: tuple[int, ...]) -> float:
    """How much a piece looks like what the picture was taken for."""
    size = np.sqrt(piece.area * max(piece.width, piece.height)) * piece.level
    inside = (1.0, 0.5, 0.2, 0.1, 0.05)[touches(piece, shape)]
    shaped = 1 if could_be_digit(piece) else 0.2
    return float(size * inside * shaped)


def typical_height(pieces: Sequence[Piece]) -> float:
    """The height of most of the ink that could be digits, 0 without any."""
    heights = np.array([p.height for p in pieces if could_be_digit(p)], float)
    areas = np.array([p.area for p in pieces if could_be_digit(p)], float)
    if not len(heights):
        return 0.0
    order = np.argsort(heights)
    climb = np.cumsum(areas[order])
    return float(heights[order][np.searchsorted(climb, climb[-1] / 2)])


def is_trace(piece: Piece) -> bool:
    """Whether it is faint and without a bend: a rest of a ruling, grain, dust."""
    return piece.level < FAINT and piece.bend < STRAIGHT


def is_digit(piece: Piece, tall: float, ink: Ink) -> bool:
    return (
        could_be_digit(piece)
        and piece.height >= SMALLEST
        and (piece.height > max(0.45 * tall, 2 * SMALLEST) or piece.length > 4 * piece.stroke)
        and piece.level > PALEST * ink.strong
        and stands_out(piece, ink.grey)
    )


def stands_out(piece: Piece, grey: Image) -> bool:
    """Whether it is darker than what is round it on all sides, as ink is.

    A corner that a hard shadow leaves is not, nor is the edge of a table; grain is, but
    hardly more than the paper round it varies.
    """
    reach = max(2, round(piece.stroke))
    room = 2 * reach
    top, left = max(0, piece.y - room), max(0, piece.x - room)
    around = grey[top : piece.bottom + room, left : piece.right + room]
    around = cv2.GaussianBlur(around, (0, 0), haze(piece.stroke)).astype(np.float32)
    around = np.log(around + DIM)  # so that a shadow that falls on a part of it makes no difference
    mask = np.zeros(around.shape, np.uint8)
    mask[piece.y - top :, piece.x - left :][: piece.height, : piece.width] = piece.mask
    near, far = (
        cv2.dilate(mask, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)))
        for size in (2 * (reach // 2) + 1, 2 * room - 1)
    )
    ring = (near == 0) & (far > 0)
    size = (2 * room + 1, 2 * room + 1)
    here = cv2.boxFilter(around * mask, -1, size, normalize=False)
    count = cv2.boxFilter(mask.astype(np.float32), -1, size, normalize=False)
    ring &= count > 0.5
    if not ring.any():
        return True
    brighter = around[ring] - here[ring] / count[ring]  # than the ink close by
    low, middle, high = np.percentile(brighter, [16, 50, 84])
    clear = np.mean(brighter > 0.4 * middle)
    return bool(clear > ALL_ROUND and middle > GRAIN * min(high - middle, middle - low))


# Parts of one digit


def with_its_parts(main: Piece, pieces: Sequence[Piece], shape: tuple[int, ...]) -> Piece:
    """Join to a digit what was written with it: near it, large enough, not of the edge."""
    near = 0.5 * main.height
    whole = main
    for piece in pieces:
        apart_x = max(piece.x - main.right, main.x - piece.right)
        apart_y = max(piece.y - main.bottom, main.y - piece.bottom)
        if (
            piece is not main
            and piece.area > 0.03 * main.area
            and max(apart_x, apart_y) < near
            and piece.level > 0.4 * main.level
            and not touches(piece, shape)
        ):
            whole = _join(whole, piece)
    return whole


def whole_digits(pieces: list[Piece]) -> list[Piece]:
    """Pieces to digits: specks and edges dropped, what is broken joined, what touches split."""
    if not pieces:
        return []
    tall = typical_height(pieces)
    pieces = [part for piece in pieces for part in _apart(piece, tall)]
    pieces = _joined(pieces, tall)
    tall = typical_height(pieces)
    return [part for piece in pieces for part in _split(piece, tall)]


def _joined(pieces: list[Piece], tall: float) -> list[Piece]:
    """Join what is one digit in pieces: a small part close to or above a larger one."""
    pieces = sorted(pieces, key=lambda p: -p.height)
    done: list[Piece] = []
    for piece in pieces:
        best, nearest = -1, np.inf
        for k, main in enumerate(done):
            gap = _belongs(piece, main, tall)
            if gap < nearest:
                best, nearest = k, gap
        if best >= 0:
            done[best] = _join(done[best], piece)
        else:
            done.append(piece)
    return done


def _belongs(part: Piece, main: Piece, tall: float) -> float:
    """How far a part is from the digit that it is a part of; infinite if it is none."""
    apart_x = max(part.x - main.right, main.x - part.right)
    apart_y = max(part.y - main.bottom, main.y - part.bottom)
    size = max(main.height, tall)
    if max(apart_x, apart_y) > 0.25 * size:
        return float("inf")
    overlap = min(part.right, main.right) - max(part.x, main.x)
    union = max(part.bottom, main.bottom) - min(part.y, main.y)
    small = part.height < 0.5 * size
    close = max(apart_x, apart_y) < 0.12 * size
    under = overlap > 0.5 * min(part.width, main.width) and union < 1.25 * size
    like = 0.4 < part.stroke / main.stroke < 2.5 and part.level > 0.35 * main.level
    drawn = part.length > 1.2 * part.stroke and part.area > 0.02 * main.area
    wide = max(part.right, main.right) - min(part.x, main.x) < 1.45 * size
    if like and drawn and wide and ((small and close) or under):
        return float(max(apart_x, apart_y, 0))
    return float("inf")


def _join(one: Piece, other: Piece) -> Piece:
    """Two pieces as one."""
    x, y = min(one.x, other.x), min(one.y, other.y)
    width, height = max(one.right, other.right) - x, max(one.bottom, other.bottom) - y
    mask = np.zeros((height, width), bool)
    for part in (one, other):
        top, left = part.y - y, part.x - x
        mask[top : top + part.height, left : left + part.width] |= part.mask
    areas = one.area, other.area
    stroke = float(np.average((one.stroke, other.stroke), weights=areas))
    return Piece(x, y, width, height, mask, stroke, max(one.level, other.level))


# Digits that touch


def _apart(piece: Piece, tall: float) -> list[Piece]:
    """Undo a step over a gap where it led from one line to the next."""
    if piece.height < 1.5 * tall:
        return [piece]
    count, labels = cv2.connectedComponents(piece.mask.astype(np.uint8), connectivity=8)
    parts = [_cropped(piece, labels == k) for k in range(1, min(count, 20))]
    return [part for part in parts if max(part.width, part.height) >= LEAST]


def _split(piece: Piece, tall: float) -> list[Piece]:
    """Cut digits that touch, where little ink is to be cut and both sides stay tall."""
    if piece.width < 1.15 * piece.height or piece.height < 0.6 * tall:
        return [piece]
    if piece.width > 12 * piece.height or piece.length > 40 * piece.height:
        return [piece]
    tries = None if piece.width > SURELY_TWO * piece.height else 1
    for seam in islice(_seams(piece), tries):
        left = piece.mask & (np.arange(piece.width) < seam[:, None])
        parts = [_cropped(piece, left), _cropped(piece, piece.mask & ~left)]
        if min(part.height for part in parts) >= 0.78 * piece.height:
            return [small for part in parts for small in _split(part, tall)]
    return [piece]


def _seams(piece: Piece) -> Iterator[NDArray[np.int64]]:
    """Ways from top to bottom through a piece, the cheapest first: a column for each row.

    Each may cut one stroke only, and no more of it than a stroke is wide.

    References
    ----------
    Congedo, Dimauro, Impedovo and Pirlo 1995, *Segmentation of numeric strings*; the way
    is found by dynamic programming as in Avidan and Shamir 2007, *Seam carving*.
    """
    shrink = max(1, piece.height // 32)
    ink = piece.mask[::shrink, ::shrink].astype(np.float32)
    height, width = ink.shape
    edge = max(1, round(0.2 * height))
    if width <= 2 * edge + 1:
        return
    entry = height / 3  # for it may cut one stroke only
    cost, came = ink * (1 + entry * (np.arange(height) == 0)[:, None]), np.zeros(ink.shape, int)
    beside = np.arange(width) + np.array([[0], [1], [2]])  # from the left, above, the right
    for row in range(1, height):
        above = np.pad(cost[row - 1], 1, constant_values=np.inf)[beside]
        entered = np.maximum(ink[row] - np.pad(ink[row - 1], 1)[beside], 0)
        ways = above + entry * entered + [[ASIDE], [0], [ASIDE]]
        came[row] = ways.argmin(axis=0) - 1
        cost[row] += ways.min(axis=0)
    ways_down = np.zeros((height, width - 2 * edge), np.int64)
    ways_down[-1] = np.arange(edge, width - edge)
    for row in range(height - 1, 0, -1):
        ways_down[row - 1] = ways_down[row] + came[row, ways_down[row]]
    crossed = ink[np.arange(height)[:, None], ways_down]
    cuts = np.count_nonzero(np.diff(crossed, prepend=0, axis=0) == 1, axis=0)
    widest = max(1.8 * piece.stroke, 0.4 * piece.height) + shrink
    few = (cuts <= 1) & (crossed.sum(axis=0) * shrink <= widest)
    price = np.where(few, cost[-1, edge : width - edge], np.inf)
    while np.isfinite(price).any():
        at = int(price.argmin())
        yield np.repeat(ways_down[:, at] * shrink, shrink)[: piece.height]
        price[max(0, at - edge) : at + edge + 1] = np.inf  # those beside it cut the same


def _cropped(piece: Piece, mask: NDArray[np.bool_]) -> Piece:
    """What is left of a piece."""
    x, y, width, height = cv2.boundingRect(mask.astype(np.uint8))
    inner = mask[y : y + height, x : x + width]
    return Piece(piece.x + x, piece.y + y, width, height, inner, piece.stroke, piece.level)


# To the form of MNIST


def to_digit(piece: Piece, levels: Image) -> Digits:
    """A piece to a digit: its grey edges kept, its strokes evened, centred as MNIST's are."""
    room = 2
    mask = np.pad(piece.mask.astype(np.uint8), room)
    near = cv2.dilate(mask, np.ones((3, 3), np.uint8))
    height, width = levels.shape
    around = np.zeros(mask.shape, np.float32)
    top, left = max(0, piece.y - room), max(0, piece.x - room)
    bottom, right = min(height, piece.bottom + room), min(width, piece.right + room)
    dy, dx = top - piece.y + room, left - piece.x + room
    around[dy : dy + bottom - top, dx : dx + right - left] = levels[top:bottom, left:right]
    full = float(np.percentile(around[mask > 0], 60))
    clear = (around / max(full, 1) - HAZE) / (1 - HAZE) * (near > 0)
    ink = (255 * np.clip(clear, 0, 1)).astype(np.uint8)
    return images.to_digit(images.even_stroke(ink))
