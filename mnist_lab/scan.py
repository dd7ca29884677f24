"""A picture to digits in reading order, with every step kept for looking at.

Nothing here knows what a digit means. Ink is told from paper by its darkness, a digit from
a speck, a ruling or a word by its shape, a line of digits from the next by where they
stand. What each digit is, a network may say afterwards.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from itertools import pairwise
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mnist_lab import images
from mnist_lab.arrays import Digits, Image, MnistLabError, check_image

PAGE = 2_200_000  # pixels that a page is worked on with, at the most
DETAIL = 200_000  # pixels that it is blown up to, when it has fewer
BLOWN_UP = 6  # times, at the most
DIGIT = 400  # pixels; the longer side of a picture of one digit as it is worked on
FAINTEST = 12  # levels of 255 that ink must stand out from the paper by
NOISE = 4.5  # times the paper's own spread that ink must stand out by
PALE = 0.2  # share of the darkest ink's darkness below which nothing is ink
DARK_RIM = 0.2  # share of the sides above which what is dark there is no ink
GAP = 0.7  # of a stroke's width, over which a broken line goes on
PALEST = 0.35  # share of the darkest ink's darkness that a digit must have
EDGE = 0.35  # share of a piece's own darkness at which its edge is drawn
UNBROKEN = 0.75  # share of a short run of it that must be ink
WHOLE = 0.85  # share of a ruling that is ink and not a gap
RULING = 0.5  # share of the picture's longer side that a ruling runs through
TALLEST = 8.5  # times the smallest digit's height that the tallest may have
WEAK, CROWDED = 60, 0.12  # level of ink, and share of the picture, that make it grain
SIDEWAYS = 0.05  # by how much more like digits a page must look before it is turned a quarter
SLANT = 1.2  # degrees from which on a page is turned upright
SMALLEST = 11  # pixels, as worked on, that a digit is high
LEAST = 7  # pixels, as worked on, below which nothing has a shape


FOUND = "What is shaped like digits; specks, edges, rulings and words are left out."


# From the row above a way comes from the left, from straight above, or from the right.
STEPS = (np.s_[1:], np.s_[:-1]), (np.s_[:], np.s_[:]), (np.s_[:-1], np.s_[1:])


class NoDigit(MnistLabError):
    """A picture was asked for its digit, and holds none."""


@dataclass(frozen=True, eq=False)
class Step:
    """One thing that was done to a picture.

    Attributes
    ----------
    name : str
        In a word or two.
    sentence : str
        What was done, and why.
    image : uint8 (height, width)
        What came of it.
    """

    name: str
    sentence: str
    image: Image


@dataclass(frozen=True, eq=False)
class Reading:
    """What was found in a picture.

    Attributes
    ----------
    digits : uint8 (n, 28, 28)
        In reading order.
    boxes : int64 (n, 4)
        x, y, width, height of each one's ink in the picture, in its pixels.
    lines : tuple of tuple of int
        Line by line, which digits stand on it.
    polarity : str
        ``"dark-on-light"`` or ``"light-on-dark"``.
    rotation : float
        By how many degrees the writing is turned in the picture, clockwise, -180 to 180.
    steps : tuple of Step
        What was done, in order.
    """

    digits: Digits
    boxes: NDArray[np.int64]
    lines: tuple[tuple[int, ...], ...]
    polarity: str
    rotation: float
    steps: tuple[Step, ...] = field(repr=False)

    def __len__(self) -> int:
        return len(self.digits)


@dataclass(frozen=True, eq=False)
class _Ink:
    """Bright ink on 0 and how it came about.

    `zoom` is its pixels a pixel of the picture; `back`, float (2, 3), takes a place in it
    to the place in the picture.
    """

    levels: Image
    mask: Image
    zoom: float
    back: NDArray[np.float64]
    polarity: str
    strong: int
    stroke: float
    steps: list[Step]


@dataclass(eq=False)
class _Piece:
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


def read_digit(image: Image) -> Digits:
    """Make a digit of the one that a picture shows.

    Parameters
    ----------
    image : uint8 (height, width)
        0 to 255, either polarity.

    Returns
    -------
    uint8 (28, 28)
        The digit.

    Raises
    ------
    NoDigit
        The picture holds no ink, or nothing shaped like a digit.
    ArrayError
        `image` is not one.
    """
    reading = read_one(image)
    if not len(reading):
        raise NoDigit("expected a picture that holds a digit, found none in it")
    return reading.digits[0]


def read_one(image: Image) -> Reading:
    """Find the digit of a picture that holds one, however large: a `Reading` of one or none."""
    ink = _find_ink(image, most=DIGIT**2, least=DIGIT**2 // 8)
    pieces = _pieces(ink)
    shape = ink.levels.shape
    main = max(pieces, key=lambda piece: _prominence(piece, shape), default=None)
    if main is None or not _could_be_digit(main):
        return _reading(image, ink, [], 0.0)
    whole = _with_its_parts(main, pieces, shape)
    return _reading(image, ink, [[whole]], 0.0)


def read_page(image: Image) -> Reading:
    """Find the digits of a page, in reading order.

    Parameters
    ----------
    image : uint8 (height, width)
        0 to 255, either polarity, at least 3 pixels high and wide.

    Returns
    -------
    Reading
        With no digits, where there are none.

    Raises
    ------
    ArrayError
        `image` is not one.
    """
    ink = _find_ink(image, most=PAGE, least=DETAIL)
    ink, found, rotation = _upright(ink, _pieces(ink))
    found = _digits_of(found)
    tall = _typical_height(found)
    found = [p for p in found if tall / TALLEST < p.height < 3.5 * tall]
    lines = _without_words(_lines(found), tall)
    lines = [[p for p in line if _is_digit(p, tall, ink.strong)] for line in lines]
    pen = float(np.median([p.stroke for line in lines for p in line] or [0]))
    lines = [_alike(line, tall, pen) for line in lines]
    return _reading(image, ink, [line for line in lines if line], rotation)


# From a picture to ink


def _find_ink(image: Image, *, most: int, least: int) -> _Ink:
    check_image(image)
    polarity = images.polarity(_resize(image, most=256 * 256, least=0)[0])
    dark = image if polarity == images.DARK_ON_LIGHT else images.invert(image)
    grey, zoom = _resize(dark, most=most, least=least)
    steps = [Step("polarity", f"The picture is {polarity}; from here on ink is dark.", grey)]
    stroke = _first_look(grey)
    window = round(float(np.clip(5 * stroke, max(grey.shape) / 20, max(grey.shape) * 0.4)))
    even = images.invert(images.flatten_light(grey, window=window))
    even = cv2.GaussianBlur(even, (0, 0), float(np.clip(0.15 * stroke, 0.8, 3)))
    levels, faintest = _clear_paper(even)
    steps.append(Step("even light", "Divided by the paper's brightness; ink is bright.", levels))
    strong = _strong(_thin(levels, window), faintest)
    floor = max(faintest, PALE * strong) if strong else 255
    clean = _without_rulings(levels, floor, strong)
    if strong < WEAK and clean.mean() > CROWDED:
        clean[:] = 0  # pale and everywhere: the paper's grain, not ink
    steps.append(Step("ink", "Darker than the paper's grain; rulings are taken away.", clean * 255))
    mask = _sharpen(levels, clean)
    steps.append(Step("edges", "Each piece's edge, by how dark that piece is.", mask * 255))
    back = np.array([[1 / zoom, 0, 0], [0, 1 / zoom, 0]])
    return _Ink(levels, mask, zoom, back, polarity, strong, stroke, steps)


def _resize(image: Image, *, most: int, least: int) -> tuple[Image, float]:
    """Make an image of about `least` to `most` pixels; also give the factor."""
    height, width = image.shape
    area = height * width
    if area > most:
        n = int(np.ceil(np.sqrt(area / most)))  # n x n pixels become one: exact, and fast
        n = min(n, height, width) if min(height, width) < n else n
        whole = image[: height // n * n, : width // n * n]
        size = width // n, height // n
        return cv2.resize(whole, size, interpolation=cv2.INTER_AREA), 1 / n
    n = int(min(BLOWN_UP, np.ceil(np.sqrt(least / area))))
    if n <= 1:
        return image, 1.0
    return cv2.resize(image, (width * n, height * n), interpolation=cv2.INTER_CUBIC), float(n)


def _first_look(grey: Image) -> float:
    """About how wide the strokes are, in pixels: twice the depth of their middle lines."""
    small, zoom = _resize(grey, most=256 * 256, least=0)
    mask = images.binarise(images.invert(images.flatten_light(small)))
    if _rim(mask) > DARK_RIM:  # a table or a shadow: look for what is thinner
        window = max(small.shape) // 10
        mask = images.binarise(images.invert(images.flatten_light(small, window=window)))
    deep = images.depth(mask)
    ridge = (deep == cv2.dilate(deep, np.ones((3, 3)))) & (mask > 0)
    return 2 * float(np.median(deep[ridge])) / zoom if ridge.any() else 0.0


def _rim(mask: Image) -> float:
    """The share of ink along the four sides of a picture."""
    sides = mask[0], mask[-1], mask[:, 0], mask[:, -1]
    return float(np.concatenate(sides).mean()) / 255


def _clear_paper(even: Image) -> tuple[Image, float]:
    """Take the paper's own level away; also give by how much ink must stand out from it."""
    sample = even[:: max(1, even.shape[0] // 400), :: max(1, even.shape[1] // 400)]
    low, middle = np.percentile(sample, [5, 30])  # ink and its haze may be most of a picture
    levels = np.maximum(even, np.uint8(middle)) - np.uint8(middle)
    return levels, max(float(FAINTEST), NOISE * (middle - low) / 1.12)  # of a normal spread


def _strong(levels: Image, faintest: float) -> int:
    """The level of dark ink; 0 where nothing stands out."""
    counts = np.bincount(levels.ravel(), minlength=256)
    counts[: int(faintest) + 1] = 0
    total = counts.sum()
    if total < LEAST:
        return 0
    return int(np.searchsorted(np.cumsum(counts), 0.9 * total))


def _thin(levels: Image, window: int) -> Image:
    """What is thinner than a window: ink, not a table or a shadow (Serra's top-hat)."""
    small, zoom = _resize(levels, most=512 * 512, least=0)
    side = max(3, round(window * zoom)) | 1
    return cv2.morphologyEx(small, cv2.MORPH_TOPHAT, np.ones((side, side), np.uint8))


def _sharpen(levels: Image, mask: Image) -> Image:
    """Draw the edge of every piece at a share of its own darkness, so that faint ink stays."""
    count, labels = cv2.connectedComponents(mask, connectivity=8)
    at = np.flatnonzero(mask)
    if not len(at):
        return mask
    of, level = labels.ravel()[at], levels.ravel()[at]
    top = _percentile_of_each(of, level, count, 0.9)
    sharp = np.zeros_like(mask)
    sharp.ravel()[at] = level > EDGE * top[of]
    return sharp


def _percentile_of_each(
    group: NDArray[np.int32], level: NDArray[np.uint8], groups: int, share: float
) -> NDArray[np.float64]:
    """A percentile of the levels of each group, to 4 levels."""
    counts = np.bincount(group.astype(np.int64) * 64 + (level >> 2), minlength=groups * 64)
    climb = np.cumsum(counts.reshape(groups, 64), axis=1)
    return 4.0 * (climb < share * climb[:, -1:]).sum(axis=1) + 2


# Rulings


def _without_rulings(levels: Image, floor: float, strong: int) -> Image:
    """Ink above a floor, without the lines that run through the picture.

    Strokes that cross a line stay: they are darker than it, or go on on both sides.
    """
    mask = (levels > floor).astype(np.uint8)
    seen = (levels > floor / 2).astype(np.uint8)
    across = _rulings(seen)
    down = np.ascontiguousarray(_rulings(np.ascontiguousarray(seen.T)).T)
    either: Image = (across | down) & seen
    if not either.any():
        return mask
    pale = 1.6 * float(np.percentile(levels[either > 0], 80))
    if pale < 0.8 * strong:
        across, down, either = (a & (levels < pale) for a in (across, down, either))
    clean = np.where(either > 0, np.uint8(0), mask)
    crossed = _crossed(clean, across, (0, 1)) | _crossed(clean, down, (1, 0))
    mended = np.where(crossed > 0, mask, clean)
    return mended if mended.any() else mask


def _rulings(seen: Image) -> Image:
    """Lines across a mask, level to a few degrees and broken here and there: 1 where one runs.

    One alone must run from side to side; of three or more, each through half the picture.
    """
    width = seen.shape[1]
    run, longer = max(15, max(seen.shape) // 24), max(seen.shape)
    thick = cv2.dilate(seen, np.ones((3, 1), np.uint8))
    inked = cv2.boxFilter(thick * 100, -1, (run, 1), borderType=cv2.BORDER_REPLICATE)
    level = (inked > 100 * UNBROKEN).astype(np.uint8)
    longest = cv2.countNonZero(cv2.reduce(level, 0, cv2.REDUCE_MAX))
    if longest < min(0.95 * width, RULING * longer):
        return np.zeros_like(level)
    joined = cv2.morphologyEx(level, cv2.MORPH_CLOSE, np.ones((1, run), np.uint8))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    long, area = stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_AREA]
    whole = np.bincount(labels.ravel(), level.ravel(), len(stats))
    line = (area < long * (longer / 80 + 3)) & (whole > WHOLE * area)
    line[0] = False
    across = line & (long >= 0.95 * width)
    many = line & (long >= RULING * longer)
    keep = many | across if many.sum() >= 3 else across
    if not keep.any():
        return np.zeros_like(level)
    thick = int(np.median(area[keep] / long[keep])) + 2
    upright = cv2.morphologyEx(seen, cv2.MORPH_OPEN, np.ones((thick, 1), np.uint8))
    band = cv2.dilate(keep[labels].astype(np.uint8), np.ones((3, 1), np.uint8))
    return band & ~upright & 1  # without what is higher than a line is thick: a stroke


def _crossed(clean: Image, ruling: Image, way: tuple[int, int]) -> Image:
    """The parts of a ruling that have ink on both sides of it: a stroke goes through there."""
    if not ruling.any():
        return ruling
    rows = ruling if way == (0, 1) else ruling.T
    lengths = np.count_nonzero(rows, axis=0)
    runs = np.count_nonzero(np.diff(rows.astype(np.int8), axis=0) == 1, axis=0) + rows[0]
    thick = int(np.ceil(lengths.sum() / max(1, runs.sum()))) + 2
    reach = np.ones((thick + 1, 1) if way == (0, 1) else (1, thick + 1), np.uint8)
    first = (0, thick) if way == (0, 1) else (thick, 0)
    before = cv2.dilate(clean, reach, anchor=first)
    after = cv2.dilate(clean, reach, anchor=(0, 0))
    return ruling & before & after


# Pieces


def _pieces(ink: _Ink) -> list[_Piece]:
    """The pieces of ink that are large enough to have a shape; small gaps are stepped over."""
    step = 2 * round(GAP * ink.stroke / 2) + 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (step, step))
    wide = cv2.dilate(ink.mask, disc) if step > 1 else ink.mask
    _, labels, stats, _ = cv2.connectedComponentsWithStats(wide, connectivity=8)
    large = 1 + np.flatnonzero(stats[1:, 2:4].max(axis=1) >= LEAST + step)
    deep = images.depth(ink.mask)
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
        pieces.append(_Piece(x + left, y + top, width, height, mask, stroke, level))
    return pieces


def _drawn(pieces: Sequence[_Piece], shape: tuple[int, ...]) -> Image:
    """A mask, 1 where there is a piece."""
    mask = np.zeros(shape, np.uint8)
    for piece in pieces:
        mask[piece.y : piece.bottom, piece.x : piece.right][piece.mask] = 1
    return mask


def _could_be_digit(piece: _Piece) -> bool:
    """A pen's line, several times as long as it is wide, and not lying down."""
    return piece.length >= 2.2 * piece.stroke and piece.width <= 2.2 * piece.height


def _touches(piece: _Piece, shape: tuple[int, ...]) -> int:
    """How many sides of the picture it touches."""
    height, width = shape
    return (piece.x <= 0) + (piece.y <= 0) + (piece.right >= width) + (piece.bottom >= height)


def _prominence(piece: _Piece, shape: tuple[int, ...]) -> float:
    """How much a piece looks like what the picture was taken for."""
    size = np.sqrt(piece.area * max(piece.width, piece.height)) * piece.level
    inside = (1.0, 0.5, 0.2, 0.1, 0.05)[_touches(piece, shape)]
    shaped = 1 if _could_be_digit(piece) else 0.2
    return float(size * inside * shaped)


def _with_its_parts(main: _Piece, pieces: Sequence[_Piece], shape: tuple[int, ...]) -> _Piece:
    """Join to a digit what was written with it: near it, large enough, not of the edge."""
    near = 0.25 * main.height
    whole = main
    for piece in pieces:
        apart_x = max(piece.x - main.right, main.x - piece.right)
        apart_y = max(piece.y - main.bottom, main.y - piece.bottom)
        if (
            piece is not main
            and piece.area > 0.03 * main.area
            and max(apart_x, apart_y) < near
            and piece.level > 0.4 * main.level
            and not _touches(piece, shape)
        ):
            whole = _join(whole, piece)
    return whole


def _join(one: _Piece, other: _Piece) -> _Piece:
    """Two pieces as one."""
    x, y = min(one.x, other.x), min(one.y, other.y)
    width, height = max(one.right, other.right) - x, max(one.bottom, other.bottom) - y
    mask = np.zeros((height, width), bool)
    for part in (one, other):
        top, left = part.y - y, part.x - x
        mask[top : top + part.height, left : left + part.width] |= part.mask
    areas = one.area, other.area
    stroke = float(np.average((one.stroke, other.stroke), weights=areas))
    return _Piece(x, y, width, height, mask, stroke, max(one.level, other.level))


def _digits_of(pieces: list[_Piece]) -> list[_Piece]:
    """Pieces to digits: specks and edges dropped, what is broken joined, what touches split."""
    if not pieces:
        return []
    tall = _typical_height(pieces)
    pieces = [part for piece in pieces for part in _apart(piece, tall)]
    pieces = _joined(pieces, tall)
    tall = _typical_height(pieces)
    return [part for piece in pieces for part in _split(piece, tall)]


def _is_edge(piece: _Piece, shape: tuple[int, ...]) -> bool:
    """The edge of the paper or the table: along a side of the picture, or round it."""
    height, width = shape
    sides = _touches(piece, shape)
    if sides >= 2 or (sides and not _could_be_digit(piece)):
        return True
    beside = piece.x <= 0 or piece.right >= width
    if sides and (piece.width if beside else piece.height) < 1.5 * piece.stroke:
        return True
    return piece.width > 0.6 * width and piece.height > 0.6 * height


def _typical_height(pieces: Sequence[_Piece]) -> float:
    """The height of most of the ink that could be digits, 0 without any."""
    heights = np.array([p.height for p in pieces if _could_be_digit(p)], float)
    areas = np.array([p.area for p in pieces if _could_be_digit(p)], float)
    if not len(heights):
        return 0.0
    order = np.argsort(heights)
    climb = np.cumsum(areas[order])
    return float(heights[order][np.searchsorted(climb, climb[-1] / 2)])


def _is_digit(piece: _Piece, tall: float, strong: int) -> bool:
    return (
        _could_be_digit(piece)
        and piece.height >= SMALLEST
        and (piece.height > max(0.45 * tall, 2 * SMALLEST) or piece.length > 4 * piece.stroke)
        and piece.level > PALEST * strong
    )


def _joined(pieces: list[_Piece], tall: float) -> list[_Piece]:
    """Join what is one digit in pieces: a small part close to or above a larger one."""
    pieces = sorted(pieces, key=lambda p: -p.height)
    done: list[_Piece] = []
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


def _belongs(part: _Piece, main: _Piece, tall: float) -> float:
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
    wide = max(part.right, main.right) - min(part.x, main.x) < 1.3 * size
    if like and drawn and wide and ((small and close) or under):
        return float(max(apart_x, apart_y, 0))
    return float("inf")


def _apart(piece: _Piece, tall: float) -> list[_Piece]:
    """Undo a step over a gap where it led from one line to the next."""
    if piece.height < 1.5 * tall:
        return [piece]
    count, labels = cv2.connectedComponents(piece.mask.astype(np.uint8), connectivity=8)
    parts = [_cropped(piece, labels == k) for k in range(1, min(count, 20))]
    return [part for part in parts if max(part.width, part.height) >= LEAST]


def _split(piece: _Piece, tall: float) -> list[_Piece]:
    """Cut digits that touch, where little ink is to be cut and both sides stay tall."""
    if piece.width < 1.15 * piece.height or piece.height < 0.6 * tall:
        return [piece]
    if piece.width > 12 * piece.height or piece.length > 40 * piece.height:
        return [piece]
    seam = _seam(piece)
    if seam is None:
        return [piece]
    left = piece.mask & (np.arange(piece.width) < seam[:, None])
    parts = [_cropped(piece, left), _cropped(piece, piece.mask & ~left)]
    if min(part.height for part in parts) < 0.6 * piece.height:
        return [piece]
    return [small for part in parts for small in _split(part, tall)]


def _seam(piece: _Piece) -> NDArray[np.int64] | None:
    """The cheapest way from top to bottom through a piece: a column for each row, or None.

    Ink costs 1 a pixel, a step aside 0.1, and to enter a stroke a third of the height, for
    the way may cut one stroke only.

    References
    ----------
    Congedo, Dimauro, Impedovo and Pirlo 1995, *Segmentation of numeric strings*; the way
    is found by dynamic programming as in Avidan and Shamir 2007, *Seam carving*.
    """
    shrink = max(1, piece.height // 32)
    small = piece.mask[::shrink, ::shrink].astype(np.float32)
    height, width = small.shape
    edge = max(1, round(0.2 * height))
    if width <= 2 * edge + 1:
        return None
    cost, came = np.zeros((height, width), np.float32), np.zeros((height, width), np.int64)
    ways = np.full((3, width), np.inf, np.float32)
    cost[0] = small[0] * height / 3
    for row in range(1, height):
        for way, (to, of) in enumerate(STEPS):
            enter = np.maximum(small[row, to] - small[row - 1, of], 0) * height / 3
            ways[way, to] = cost[row - 1, of] + enter + 0.1 * (way != 1)
        came[row] = ways.argmin(axis=0) - 1
        cost[row] = ways.min(axis=0) + small[row]
    ends = cost[-1].copy()
    ends[:edge] = ends[width - edge :] = np.inf
    at = int(ends.argmin())
    seam = np.empty(height, np.int64)
    for row in range(height - 1, -1, -1):
        seam[row] = at
        at += came[row, at]
    crossed = small[np.arange(height), seam]
    cuts = np.count_nonzero(np.diff(crossed, prepend=0) == 1)
    if cuts > 1 or crossed.sum() * shrink > max(1.8 * piece.stroke, 0.4 * piece.height) + shrink:
        return None
    return np.repeat(seam * shrink, shrink)[: piece.height] if shrink > 1 else seam


def _cropped(piece: _Piece, mask: NDArray[np.bool_]) -> _Piece:
    """What is left of a piece."""
    x, y, width, height = cv2.boundingRect(mask.astype(np.uint8))
    inner = mask[y : y + height, x : x + width]
    return _Piece(piece.x + x, piece.y + y, width, height, inner, piece.stroke, piece.level)


# Which way is up


def _upright(ink: _Ink, pieces: list[_Piece]) -> tuple[_Ink, list[_Piece], float]:
    """Turn ink that lies on its side or slants; also give by how much the writing was turned."""
    turned = 0
    pieces = [p for p in pieces if not _is_edge(p, ink.levels.shape)]
    ink = replace(ink, mask=_drawn(pieces, ink.mask.shape))
    shaped = [p for p in pieces if p.length > 4 * p.stroke and not _touches(p, ink.levels.shape)]
    if _lies_down(shaped):
        ink, pieces, turned = _stood_up(ink, pieces)
    slope = _slope([p for p in pieces if _could_be_digit(p)])
    if abs(slope) > SLANT:
        ink = _rotated(ink, slope)
        pieces = _pieces(ink)
    else:
        slope = 0.0
    return ink, pieces, float((turned + slope + 180) % 360 - 180)


def _lies_down(pieces: Sequence[_Piece]) -> bool:
    """Whether most pieces are wider than high, which written digits are not."""
    tall = float(np.median([max(p.width, p.height) for p in pieces])) if pieces else 0
    aspects = [
        np.clip(np.log(p.width / p.height), -1, 1)
        for p in pieces
        if 0.4 * tall < max(p.width, p.height) < 2.5 * tall
    ]
    return len(aspects) >= 3 and float(np.mean(aspects)) > -0.1


def _stood_up(ink: _Ink, pieces: list[_Piece]) -> tuple[_Ink, list[_Piece], int]:
    """The best of three: as it lies, or turned by a quarter either way."""
    choices = []
    for quarters in (0, 1, 3):
        other = _quarter(ink, quarters)
        found = _pieces(other) if quarters else pieces
        digits = [_to_digit(p, other.levels) for p in found[:40] if _could_be_digit(p)]
        likeness = _looks_upright(digits) - (SIDEWAYS if quarters else 0)
        choices.append((likeness, other, found, quarters * 90))
    _, best, found, turned = max(choices, key=lambda choice: choice[0])
    return best, found, turned


def _quarter(ink: _Ink, quarters: int) -> _Ink:
    """Turn ink anticlockwise by quarters."""
    height, width = ink.levels.shape
    ways = {  # from places in the turned ink to places in the ink
        0: [[1, 0, 0], [0, 1, 0]],
        1: [[0, -1, width], [1, 0, 0]],
        3: [[0, 1, 0], [-1, 0, height]],
    }
    levels = np.ascontiguousarray(np.rot90(ink.levels, quarters))
    mask = np.ascontiguousarray(np.rot90(ink.mask, quarters))
    return replace(ink, levels=levels, mask=mask, back=_after(ink.back, ways[quarters]))


def _rotated(ink: _Ink, degrees: float) -> _Ink:
    """Turn ink anticlockwise by a few degrees, on as large a canvas as it needs."""
    height, width = ink.levels.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1)
    cos, sin = abs(turn[0, 0]), abs(turn[0, 1])
    size = int(np.ceil(width * cos + height * sin)), int(np.ceil(width * sin + height * cos))
    turn[:, 2] += (size[0] - width) / 2, (size[1] - height) / 2
    levels = cv2.warpAffine(ink.levels, turn, size, flags=cv2.INTER_LINEAR)
    mask = (cv2.warpAffine(ink.mask * 255, turn, size, flags=cv2.INTER_LINEAR) > 127).astype(
        np.uint8
    )
    back = _after(ink.back, cv2.invertAffineTransform(turn))
    step = Step("upright", f"Turned back by {degrees:.1f} degrees, along its lines.", levels)
    return replace(ink, levels=levels, mask=mask, back=back, steps=[*ink.steps, step])


def _after(outer: NDArray[np.float64], inner: Any) -> NDArray[np.float64]:
    """One affine map after another, each float (2, 3)."""
    return outer @ np.vstack([np.asarray(inner, float), [0, 0, 1]])


def _slope(pieces: Sequence[_Piece]) -> float:
    """The angle of the lines of writing, in degrees clockwise: of neighbours, the median."""
    if len(pieces) < 3:
        return 0.0
    x, y = np.array([p.middle for p in pieces]).T
    tall = np.array([p.height for p in pieces], float)
    right, down = x[None] - x[:, None], y[None] - y[:, None]
    like = np.abs(np.log(tall[None] / tall[:, None])) < np.log(1.8)
    beside = (right > 0.3 * tall[:, None]) & (np.abs(down) < 0.5 * right) & like
    right = np.where(beside & (right < 6 * tall[:, None]), right, np.inf)
    nearest = right.argmin(axis=1)
    near = right[np.arange(len(x)), nearest]
    has = np.isfinite(near)
    if np.count_nonzero(has) < 3:
        return 0.0
    angles = np.degrees(np.arctan2(down[np.arange(len(x)), nearest][has], near[has]))
    return float(np.median(angles))


def _looks_upright(digits: Sequence[Digits]) -> float:
    """How like they are, on average, to one of ten mean digits: highest when upright."""
    if not digits:
        return 0.0
    found = _unit(np.stack(digits))
    return float((found @ _unit(_mean_digits()).T).max(axis=1).mean())


def _unit(digits: NDArray[Any]) -> NDArray[np.float32]:
    soft = np.stack([cv2.GaussianBlur(d.astype(np.float32), (0, 0), 1.5) for d in digits])
    flat = soft.reshape(len(soft), -1)
    flat = flat - flat.mean(axis=1, keepdims=True)
    return flat / np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-6)


@cache
def _mean_digits() -> NDArray[np.float32]:
    """The mean of 60 written digits of each kind: float32 (10, 28, 28)."""
    from mnist_lab import handwriting

    labels = np.repeat(np.arange(10, dtype=np.uint8), 60)
    return handwriting.write(labels, seed=0).reshape(10, 60, 28, 28).mean(axis=1, dtype=np.float32)


# Lines


def _lines(pieces: list[_Piece]) -> list[list[_Piece]]:
    """Digits to lines, each from left to right, the lines from top to bottom."""
    lines: list[list[_Piece]] = []
    for piece in sorted(pieces, key=lambda p: p.x + p.width / 2):
        best, most = None, 0.0
        for line in lines:
            share = _alongside(piece, line)
            if share > most:
                best, most = line, share
        if best is not None and most > 0.4:
            best.append(piece)
        else:
            lines.append([piece])
    return sorted(lines, key=lambda line: float(np.mean([p.middle[1] for p in line])))


def _alongside(piece: _Piece, line: Sequence[_Piece]) -> float:
    """The share of its height that a piece has in common with the end of a line."""
    last = line[-3:]
    top = float(np.mean([p.y for p in last]))
    bottom = float(np.mean([p.bottom for p in last]))
    common = min(bottom, piece.bottom) - max(top, piece.y)
    return common / min(bottom - top, piece.height)


def _alike(line: Sequence[_Piece], tall: float, pen: float) -> list[_Piece]:
    """A line without what is small beside the rest of the page, unless three go together.

    A blot, short for its width and wider than the pen, goes as well.
    """
    return [
        piece
        for piece in line
        if (
            piece.height > 0.4 * tall
            or sum(0.6 < other.height / piece.height < 1.7 for other in line) >= 3
        )
        and (piece.stroke < 2.2 * pen or piece.length > 4 * piece.stroke)
    ]


def _without_words(lines: list[list[_Piece]], tall: float) -> list[list[_Piece]]:
    """Lines without those of letters, and without the odd letter beside one."""
    words = [line for line in lines if _is_words(line, tall)]
    bands = [(min(p.y for p in line), max(p.bottom for p in line)) for line in words]
    return [
        line
        for line in lines
        if line not in words
        and not (
            len(line) < 3 and any(low < p.middle[1] < high for low, high in bands for p in line)
        )
    ]


def _is_words(line: Sequence[_Piece], tall: float) -> bool:
    """Whether a line is writing in letters: much of it hangs together, wider than digits."""
    wide = [
        piece.width
        for piece in line
        if piece.width > 1.8 * piece.height
        and piece.length > 1.1 * piece.width
        and piece.height > 0.6 * tall
    ]
    return len(wide) > 1 and sum(wide) > 0.3 * sum(piece.width for piece in line)


# Digits


def _reading(image: Image, ink: _Ink, lines: list[list[_Piece]], rotation: float) -> Reading:
    pieces = [piece for line in lines for piece in line]
    if pieces:
        ink.steps.append(Step("digits", FOUND, 255 * _drawn(pieces, ink.levels.shape)))
    made = [_to_digit(piece, ink.levels) for piece in pieces]
    starts = np.cumsum([0] + [len(line) for line in lines])
    boxes = np.array([_box(p, ink.back, image.shape) for p in pieces], np.int64).reshape(-1, 4)
    return Reading(
        digits=np.stack(made) if made else np.zeros((0, 28, 28), np.uint8),
        boxes=boxes,
        lines=tuple(tuple(range(a, b)) for a, b in pairwise(starts)),
        polarity=ink.polarity,
        rotation=rotation,
        steps=tuple(ink.steps),
    )


def _to_digit(piece: _Piece, levels: Image) -> Digits:
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
    ink = np.where(near > 0, np.clip(around * (255 / max(full, 1)), 0, 255), 0).astype(np.uint8)
    ink[ink < 40] = 0
    return images.to_digit(images.even_stroke(ink))


def _box(
    piece: _Piece, back: NDArray[np.float64], shape: tuple[int, ...]
) -> tuple[int, int, int, int]:
    """A piece's box in the picture's own pixels."""
    y, x = np.nonzero(piece.mask)
    centres = np.stack([x + piece.x + 0.5, y + piece.y + 0.5, np.ones(len(x))])
    along, down = back @ centres
    half = np.abs(back[:, :2]).sum(axis=1) / 2  # of a pixel of the ink
    left, top = max(0, int(along.min() - half[0] + 1e-6)), max(0, int(down.min() - half[1] + 1e-6))
    right = min(shape[1], int(np.ceil(along.max() + half[0] - 1e-6)))
    bottom = min(shape[0], int(np.ceil(down.max() + half[1] - 1e-6)))
    return left, top, max(1, right - left), max(1, bottom - top)
