"""A picture to digits in reading order, with every step kept for looking at.

Nothing here knows what a digit means. Ink is told from paper by its darkness, a digit from
a speck, a ruling or a word by its shape, a line of digits from the next by where they
stand. What each digit is, a network may say afterwards.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from mnist_lab import images
from mnist_lab.arrays import ArrayError, Digits, Image, MnistLabError, check_image

PAGE = 2_200_000  # pixels that a page is worked on with, at the most
DETAIL = 200_000  # pixels that it is blown up to, when it has fewer
BLOWN_UP = 6  # times, at the most
DIGIT = 512  # pixels; the longer side of a picture of one digit as it is worked on
FAINTEST = 12  # levels of 255 that ink must stand out from the paper by
NOISE = 4.5  # times the paper's own spread that ink must stand out by
PALE = 0.2  # share of the darkest ink's darkness below which nothing is ink
EDGE = 0.35  # share of a piece's own darkness at which its edge is drawn
WHOLE = 0.85  # share of a ruling that is ink and not a gap
RULING = 0.5  # share of the picture's longer side that a ruling runs through
TALLEST = 8.5  # times the smallest digit's height that the tallest may have
LEAST = 7  # pixels, as worked on, below which nothing has a shape


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
    """Bright ink on 0 and how it came about; `zoom` is its pixels a pixel of the picture."""

    levels: Image
    mask: Image
    zoom: float
    polarity: str
    strong: int
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

    @property
    def area(self) -> int:
        return int(self.mask.sum())

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
    pieces = _digits_of(_pieces(ink), ink)
    lines = _lines(pieces)
    return _reading(image, ink, lines, 0.0)


# From a picture to ink


def _find_ink(image: Image, *, most: int, least: int) -> _Ink:
    check_image(image)
    polarity = images.polarity(_resize(image, most=256 * 256, least=0)[0])
    dark = image if polarity == images.DARK_ON_LIGHT else images.invert(image)
    grey, zoom = _resize(dark, most=most, least=least)
    steps = [Step("polarity", f"The picture is {polarity}; from here on ink is dark.", grey)]
    even = images.invert(images.flatten_light(grey, window=_window(grey)))
    even = cv2.GaussianBlur(even, (0, 0), 0.8)
    levels, faintest = _clear_paper(even)
    steps.append(Step("even light", "Divided by the paper's brightness; ink is bright.", levels))
    strong = _strong(levels, faintest)
    faint = (levels > max(faintest, PALE * strong)).astype(np.uint8) if strong else levels * 0
    clean = _without_rulings(faint)
    mask = _sharpen(levels, clean)
    steps.append(Step("ink", "What is half as dark as the darkest ink it hangs on.", mask * 255))
    return _Ink(levels, mask, zoom, polarity, strong, steps)


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


def _window(grey: Image) -> int:
    """A window six strokes wide, by what a first look says of the strokes."""
    small, zoom = _resize(grey, most=256 * 256, least=0)
    ink = images.invert(images.flatten_light(small))
    mask = images.binarise(ink)
    deep = cv2.distanceTransform(mask, cv2.DIST_L2, 3)
    ridge = (deep == cv2.dilate(deep, np.ones((3, 3)))) & (mask > 0)
    stroke = 2 * float(np.median(deep[ridge])) if ridge.any() else 0.0
    longer = max(small.shape)
    return round(float(np.clip(7 * stroke, longer / 16, longer * 0.4)) / zoom)


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


def _without_rulings(mask: Image) -> Image:
    """Take away lines that run through the picture, and leave the strokes that cross them."""
    across = _rulings(mask)
    down = np.ascontiguousarray(_rulings(np.ascontiguousarray(mask.T)).T)
    if not (across.any() or down.any()):
        return mask
    clean = mask & ~(across | down) & 1
    mended = clean | _crossed(clean, across, (0, 1)) | _crossed(clean, down, (1, 0))
    return mended if mended.any() else mask


def _rulings(mask: Image) -> Image:
    """Lines across the mask, level to about two degrees: 1 where one runs.

    One alone must run from side to side; of three or more, each through half the picture.
    """
    height, width = mask.shape
    run = max(15, max(mask.shape) // 24)
    thick = cv2.dilate(mask, np.ones((3, 1), np.uint8))
    level = cv2.morphologyEx(thick, cv2.MORPH_OPEN, np.ones((1, run), np.uint8))
    if not level.any():
        return level
    joined = cv2.morphologyEx(level, cv2.MORPH_CLOSE, np.ones((1, run), np.uint8))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    long, area = stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_AREA]
    inked = np.bincount(labels.ravel(), level.ravel(), len(stats))
    line = (area < long * max(5, max(mask.shape) / 120)) & (inked > WHOLE * area)
    line[0] = False
    across = line & (long >= 0.95 * width)
    many = line & (long >= RULING * max(mask.shape))
    keep = many | across if many.sum() >= 3 else across
    return mask & keep[labels].astype(np.uint8) & level


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
    """The connected pieces of ink that are large enough to have a shape."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(ink.mask, connectivity=8)
    least = max(LEAST, LEAST / 2 * ink.zoom)
    large = 1 + np.flatnonzero(stats[1:, 2:4].max(axis=1) >= least)
    deep = cv2.distanceTransform(ink.mask, cv2.DIST_L2, 3)
    pieces = []
    for k in large[np.argsort(-stats[large, cv2.CC_STAT_AREA])][:2000]:
        x, y, width, height = (int(v) for v in stats[k, :4])
        here = slice(y, y + height), slice(x, x + width)
        mask = labels[here] == k
        stroke = max(1.0, 4 * float(deep[here][mask].mean()) - 1)
        level = int(np.percentile(ink.levels[here][mask], 75))
        pieces.append(_Piece(x, y, width, height, mask, stroke, level))
    return pieces


def _could_be_digit(piece: _Piece) -> bool:
    """A pen's line, several times as long as it is wide, and not lying down."""
    return piece.length >= 2.2 * piece.stroke and piece.width <= 2.2 * piece.height


def _touches(piece: _Piece, shape: tuple[int, ...]) -> int:
    """How many sides of the picture it touches."""
    height, width = shape
    return (
        (piece.x <= 0) + (piece.y <= 0) + (piece.right >= width) + (piece.bottom >= height)
    )


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


def _digits_of(pieces: list[_Piece], ink: _Ink) -> list[_Piece]:
    """Pieces to digits: specks and edges dropped, what is broken joined, what touches split."""
    pieces = [p for p in pieces if not _is_edge(p, ink.levels.shape)]
    if not pieces:
        return []
    tall = _typical_height(pieces)
    pieces = _joined(pieces, tall)
    tall = _typical_height(pieces)
    whole = [part for piece in pieces for part in _split(piece, tall)]
    return [p for p in whole if _is_digit(p, tall, ink.strong)]


def _is_edge(piece: _Piece, shape: tuple[int, ...]) -> bool:
    """The edge of the paper or the table: along a side of the picture, or round it."""
    height, width = shape
    sides = _touches(piece, shape)
    if sides >= 3 or (sides and not _could_be_digit(piece)):
        return True
    return piece.width > 0.6 * width and piece.height > 0.6 * height and sides >= 2


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
        and piece.height > tall / TALLEST
        and piece.height < 3.5 * max(tall, 1)
        and (piece.height > 0.45 * tall or piece.length > 4 * piece.stroke)
        and piece.level > 0.25 * strong
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
    overlap = min(part.right, main.right) - max(part.x, main.x)
    union = max(part.bottom, main.bottom) - min(part.y, main.y)
    small = part.height < 0.5 * main.height
    close = max(apart_x, apart_y) < 0.12 * main.height
    under = overlap > 0.5 * min(part.width, main.width) and union < 1.25 * max(main.height, tall)
    like = 0.4 < part.stroke / main.stroke < 2.5 and part.level > 0.35 * main.level
    drawn = part.length > 1.2 * part.stroke and part.area > 0.02 * main.area
    wide = max(part.right, main.right) - min(part.x, main.x) < 1.3 * main.height
    if like and drawn and wide and ((small and close) or (under and apart_y < 0.25 * main.height)):
        return float(max(apart_x, apart_y, 0))
    return float("inf")


def _split(piece: _Piece, tall: float) -> list[_Piece]:
    """Cut digits that touch."""
    return [piece]


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


# Digits


def _reading(
    image: Image, ink: _Ink, lines: list[list[_Piece]], rotation: float
) -> Reading:
    pieces = [piece for line in lines for piece in line]
    made = [_to_digit(piece, ink.levels) for piece in pieces]
    starts = np.cumsum([0] + [len(line) for line in lines])
    boxes = np.array([_box(p, ink.zoom, image.shape) for p in pieces], np.int64).reshape(-1, 4)
    return Reading(
        digits=np.stack(made) if made else np.zeros((0, 28, 28), np.uint8),
        boxes=boxes,
        lines=tuple(tuple(range(a, b)) for a, b in zip(starts[:-1], starts[1:], strict=True)),
        polarity=ink.polarity,
        rotation=rotation,
        steps=tuple(ink.steps),
    )


def _to_digit(piece: _Piece, levels: Image) -> Digits:
    """A piece to a digit: its grey edges kept, its strokes evened, centred as MNIST's are."""
    room = 2
    mask = cv2.copyMakeBorder(piece.mask.astype(np.uint8), *[room] * 4, cv2.BORDER_CONSTANT)
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


def _box(piece: _Piece, zoom: float, shape: tuple[int, ...]) -> tuple[int, int, int, int]:
    """A piece's box in the picture's own pixels."""
    left, top = int(piece.x / zoom), int(piece.y / zoom)
    right = min(shape[1], int(np.ceil(piece.right / zoom)))
    bottom = min(shape[0], int(np.ceil(piece.bottom / zoom)))
    return left, top, max(1, right - left), max(1, bottom - top)
