"""A picture to ink: bright strokes on 0, without light, table and rulings.

Nothing here knows what a digit is. Ink is told from paper by its darkness.
"""

from dataclasses import dataclass, field, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from mnist_lab import images
from mnist_lab.arrays import Image, check_image
from mnist_lab.reading import rulings

LOOK = 256 * 256  # pixels that a picture is looked at with as a whole
BLOWN_UP = 6  # times, at the most
FAINTEST = 12  # levels of 255 that ink must stand out from the paper by
NOISE = 4.5  # times the paper's own spread that ink must stand out by
PALE = 0.2  # share of the darkest ink's darkness below which nothing is ink
DARK_RIM = 0.2  # share of the sides above which what is dark there is no ink
EDGE = 0.35  # share of a piece's own darkness at which its edge is drawn
WEAK, CROWDED = 60, 0.12  # level of ink, and share of the picture, that make it grain
FEW = 7  # pixels of ink, below which there is none
LEVEL = 0.6  # degrees within which rulings are level
SHARES = 0.1, 0.15, 0.2, 0.25, 0.32, 0.4, 0.55, 0.7  # of the way from table to sheet
STEEP = 1.3  # times as bright as the table beside it a sheet is
SHARP = 0.8  # share of its edge along which it must be
RECTANGULAR = 0.95  # share of its hull that a sheet of paper fills
BARE = 0.6  # share of a sheet that nothing is written on


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
class Ink:
    """What is written in a picture, and how it came about.

    Attributes
    ----------
    grey : uint8 (height, width)
        The picture as it is worked on, its ink dark.
    levels : uint8 (height, width)
        Its ink bright, on 0.
    mask : uint8 (height, width)
        1 where there is ink.
    inside : uint8 (height, width)
        1 where there is paper, and no table.
    back : float64 (2, 3)
        Takes a place in it to the place in the picture.
    polarity : str
        Of the picture.
    strong : int
        The level of dark ink, 0 to 255.
    stroke : float
        About how wide the strokes are, in pixels.
    rotation : float
        By how many degrees it has been turned anticlockwise.
    steps : tuple of Step
        What was done, in order.
    """

    grey: Image
    levels: Image
    mask: Image
    inside: Image
    back: NDArray[np.float64]
    polarity: str
    strong: int
    stroke: float
    rotation: float = 0.0
    steps: tuple[Step, ...] = field(default=(), repr=False)

    def then(self, name: str, sentence: str, image: Image) -> "Ink":
        """Note a step."""
        return replace(self, steps=(*self.steps, Step(name, sentence, image)))

    def turned(self, degrees: float) -> "Ink":
        """Turn it anticlockwise by some degrees, on as large a canvas as it needs."""
        height, width = self.levels.shape
        turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1)
        cos, sin = abs(turn[0, 0]), abs(turn[0, 1])
        size = (
            int(np.ceil(width * cos + height * sin - 1e-9)),
            int(np.ceil(width * sin + height * cos - 1e-9)),
        )
        turn[:, 2] += (size[0] - width) / 2, (size[1] - height) / 2
        undo = np.vstack([cv2.invertAffineTransform(turn), [0, 0, 1]])
        turn[:, 2] += turn[:, :2] @ (0.5, 0.5) - 0.5  # OpenCV counts from the middle of a pixel

        def warped(image: Image, border: int = cv2.BORDER_CONSTANT) -> Image:
            return cv2.warpAffine(image, turn, size, borderMode=border)

        return replace(
            self,
            grey=warped(self.grey, cv2.BORDER_REPLICATE),
            levels=warped(self.levels),
            mask=(warped(self.mask * 255) > 127).astype(np.uint8),
            inside=warped(self.inside),
            back=self.back @ undo,
            rotation=self.rotation + degrees,
        )


def find_ink(image: Image, *, most: int, least: int) -> Ink:
    """Find the ink of a picture, worked on with about `least` to `most` pixels.

    Parameters
    ----------
    image : uint8 (height, width)
        0 to 255, either polarity.
    most, least : int
        Pixels above which it is shrunk, and below which it is blown up.

    Raises
    ------
    ArrayError
        `image` is not one.
    """
    outline = _sheet(check_image(image))
    x, y, width, height = cv2.boundingRect(outline)
    cut = image[y : y + height, x : x + width]
    polarity = images.find_polarity(_without_table(cut, outline - (x, y)))
    dark = cut if polarity == images.DARK_ON_LIGHT else images.invert(cut)
    grey, zoom = _resize(dark, most=most, least=least)
    whole = cut.shape == image.shape
    inside = np.ones_like(grey) if whole else _inside((outline - (x, y)) * zoom, grey.shape)
    stroke = _first_look(grey)
    window = round(float(np.clip(5 * stroke, max(grey.shape) / 20, max(grey.shape) * 0.4)))
    even = images.invert(images.flatten_light(grey, window=window))
    even = cv2.GaussianBlur(even, (0, 0), haze(stroke))
    levels, faintest = _clear_paper(even, inside)
    strong = _strong(_thin(levels, window), faintest)
    floor = max(faintest, PALE * strong) if strong else 255
    seen = (levels > floor / 2).astype(np.uint8)
    back = np.array([[1 / zoom, 0, x], [0, 1 / zoom, y]])
    ink = Ink(grey, levels, seen, inside, back, polarity, strong, stroke)
    ink = ink.then("polarity", f"The picture is {polarity}; from here on ink is dark.", grey)
    ink = ink.then("even light", "Divided by the paper's brightness; ink is bright.", levels)
    return _cleaned(ink, floor)


def haze(stroke: float) -> float:
    """By how much the paper's grain is blurred, in pixels, for strokes of a width."""
    return float(np.clip(0.15 * stroke, 0.8, 3))


def _cleaned(ink: Ink, floor: float) -> Ink:
    """Ink above a floor, without rulings, grain and what hangs over the edge of the sheet."""
    ink, across, down = _levelled(ink)
    clean = rulings.take_away(ink.levels, across, down, floor, ink.strong)
    if ink.strong < WEAK and clean.mean() > CROWDED:
        clean[:] = 0  # pale and everywhere: the paper's grain, not ink
    ink = ink.then("ink", "Darker than the paper's grain; rulings are taken away.", clean * 255)
    mask = _off_the_edge(_sharpen(ink.levels, clean), ink.inside)
    ink = ink.then("edges", "Each piece's edge, by how dark that piece is.", mask * 255)
    return replace(ink, mask=mask)


def _levelled(ink: Ink) -> tuple[Ink, Image, Image]:
    """Ink turned so that its rulings are level, and where these run across and down."""
    tilt = rulings.find_tilt(ink.mask)
    if abs(tilt) < LEVEL:
        return ink, *rulings.find_rulings(ink.mask, ink.inside)
    level = ink.turned(tilt)
    across, down = rulings.find_rulings(level.mask, level.inside)
    if not (across.any() or down.any()):
        none = np.zeros_like(ink.mask)
        return ink, none, none
    sentence = f"Turned back by {tilt:.1f} degrees, along its rulings."
    return level.then("level", sentence, level.levels), across, down


# The sheet


def _sheet(image: Image) -> NDArray[np.int32]:
    """The corners of the sheet that lies on a table, int32 (n, 2); of the picture, if none does.

    A sheet differs in brightness from what is round it and has straight sides. It must
    take a good part of the picture, and be bare for the most part.
    """
    height, width = image.shape
    small, zoom = _resize(image, most=LOOK, least=0)
    best, largest = np.array([[0, 0], [width - 1, height - 1]], np.int32), 0.0
    for bright in (small, images.invert(small)):
        found = _bright_sheet(bright)
        area = cv2.contourArea(found) if found is not None else 0.0
        if found is not None and area > largest:
            best, largest = np.rint(found / zoom).astype(np.int32), area
    return best


def _bright_sheet(small: Image) -> NDArray[np.int32] | None:
    """The outline of a bright and mostly bare rectangle on something darker all round."""
    height, width = small.shape
    bare = cv2.medianBlur(small, 5)
    frame = np.concatenate([bare[0], bare[-1], bare[:, 0], bare[:, -1]])
    low, high = float(np.median(frame)), float(np.percentile(bare, 95))
    if high - low < 0.25 * high:
        return None
    near = np.ones((7, 7), np.uint8)
    steep = cv2.dilate(bare, near) > STEEP * cv2.erode(bare, near).astype(np.float32)
    best, largest = None, 0.0
    for share in SHARES:
        level = low + share * (high - low)
        bright = (bare > level).astype(np.uint8)
        bright = cv2.morphologyEx(bright, cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
        outlines, _ = cv2.findContours(bright, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        outline = max(outlines, key=cv2.contourArea, default=None)
        if outline is None or cv2.contourArea(outline) < 0.1 * small.size:
            continue
        hull = cv2.convexHull(outline)
        corners = cv2.approxPolyDP(hull, 0.02 * cv2.arcLength(hull, True), True)
        sides = cv2.minAreaRect(hull)[1]
        filled = cv2.contourArea(outline) / cv2.contourArea(hull)
        free = (corners > 1) & (corners < (width - 2, height - 2))
        if (
            len(corners) == 4
            and free.all(axis=2).sum() >= 3
            and min(sides) > 0.2 * min(height, width)
            and filled > RECTANGULAR
            and cv2.contourArea(hull) > largest
            and np.mean(steep[outline[:, 0, 1], outline[:, 0, 0]]) > SHARP
        ):
            inside = cv2.fillPoly(np.zeros_like(small), [hull], 1)
            inside = cv2.erode(inside, np.ones((5, 5), np.uint8))
            if cv2.mean((small > level).astype(np.uint8), inside)[0] > BARE:
                best, largest = hull[:, 0].astype(np.int32), cv2.contourArea(hull)
    return best


def _without_table(image: Image, outline: NDArray[np.int32]) -> Image:
    """A small picture of a sheet, what is round it as bright as bare paper."""
    small, zoom = _resize(image, most=LOOK, least=0)
    if len(outline) == 2:
        return small
    paper = _inside(np.multiply(outline, zoom, dtype=np.float64), small.shape)
    return np.where(paper > 0, small, np.uint8(np.median(small[paper > 0])))


def _inside(outline: NDArray[np.float64], shape: tuple[int, ...]) -> Image:
    """1 within a sheet, and 0 on its edge and around it."""
    mask = np.zeros(shape, np.uint8)
    cv2.fillPoly(mask, [np.rint(outline).astype(np.int32)], 1)
    edge = max(shape) // 60 | 1
    return cv2.erode(mask, np.ones((edge, edge), np.uint8), borderValue=0)


def _off_the_edge(mask: Image, inside: Image) -> Image:
    """A mask without what reaches over the edge of a sheet: rests of rulings, the table."""
    edge = mask & cv2.dilate(1 - inside, np.ones((5, 5), np.uint8))
    if not edge.any():
        return mask
    _, labels = cv2.connectedComponents(mask, connectivity=8)
    gone = np.zeros(labels.max() + 1, np.uint8)
    gone[labels[edge > 0]] = 1
    return mask * (1 - gone[labels])


# Light and paper


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
    small, zoom = _resize(grey, most=LOOK, least=0)
    mask = images.binarise(images.invert(images.flatten_light(small)))
    if _rim(mask) > DARK_RIM:  # a table or a shadow: look for what is thinner
        window = max(small.shape) // 10
        mask = images.binarise(images.invert(images.flatten_light(small, window=window)))
    deep = images.ink_depth(mask)
    ridge = (deep == cv2.dilate(deep, np.ones((3, 3)))) & (mask > 0)
    return 2 * float(np.median(deep[ridge])) / zoom if ridge.any() else 0.0


def _rim(mask: Image) -> float:
    """The share of ink along the four sides of a picture."""
    sides = mask[0], mask[-1], mask[:, 0], mask[:, -1]
    return float(np.concatenate(sides).mean()) / 255


def _clear_paper(even: Image, inside: Image) -> tuple[Image, float]:
    """Take the paper's own level away; also give by how much ink must stand out from it."""
    coarse = np.s_[:: max(1, even.shape[0] // 200), :: max(1, even.shape[1] // 200)]
    sample = even[coarse][inside[coarse] > 0]
    low, middle = np.percentile(sample, [5, 30])  # ink and its haze may be most of a picture
    levels = cv2.multiply(cv2.subtract(even, int(middle)), inside)
    return levels, max(float(FAINTEST), NOISE * (middle - low) / 1.12)  # of a normal spread


def _strong(levels: Image, faintest: float) -> int:
    """The level of dark ink; 0 where nothing stands out."""
    counts = np.bincount(levels.ravel(), minlength=256)
    counts[: int(faintest) + 1] = 0
    total = counts.sum()
    if total < FEW:
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
