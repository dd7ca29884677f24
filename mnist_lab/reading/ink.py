"""A picture to ink: bright strokes on 0, without light, table and rulings.

Nothing here knows what a digit is. Ink is told from paper by its darkness. How well the
thresholds do is measured by ``benchmarks/scans.py``; levels are of 255.
"""

from dataclasses import dataclass, field, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from mnist_lab import images
from mnist_lab.arrays import Image, Polarity, check_image
from mnist_lab.reading import rulings
from mnist_lab.reading.background import (
    OVERVIEW_PIXELS,
    find_sheet,
    inside_of,
    without_overhang,
    without_table,
)
from mnist_lab.reading.pixels import Mask, as_image, resize

WINDOW_STROKES = 5  # strokes' widths of the window that light is evened in
WINDOW_SIDES = 0.05, 0.4  # shares of the longer side that the window is, at least and at most
GRAIN_SIGMA = 0.15  # strokes' widths by which the paper's grain is blurred
GRAIN_SIGMA_PIXELS = 0.8, 3.0  # at least and at most
MIN_INK_LEVEL = 12  # levels that ink must stand out from the paper by
MIN_INK_SIGMAS = 4.5  # times the paper's own spread that ink must stand out by
MIN_INK_SHARE = 0.2  # share of the darkest ink's level below which nothing is ink
MIN_INK_PIXELS = 7  # above the lowest level, below which there is none
DARK_INK_QUANTILE = 0.9  # of the levels of what stands out, or of a component: its darkness
GRAIN_LEVEL, GRAIN_SHARE = 60, 0.12  # ink paler than this, and on more of the picture, is grain
EDGE_SHARE = 0.35  # share of its own darkness at which a component's edge is drawn
MAX_BORDER_INK = 0.2  # share of the sides above which what is dark there is no ink
MIN_TILT_DEGREES = 0.6  # below it rulings are level


@dataclass(frozen=True, eq=False)
class Step:
    """One thing that was done to a picture: its name, what was done and why, what came of it."""

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
    to_picture : float64 (2, 3)
        The affine map from a place in it to the place in the picture.
    polarity : str
        Of the picture.
    dark_level : int
        The level of dark ink, 0 to 255.
    stroke_width : float
        About how wide the strokes are, in pixels.
    rotation : float
        By how many degrees it has been turned anticlockwise.
    steps : tuple of Step
        What was done, in order.
    """

    grey: Image
    levels: Image
    mask: Mask
    inside: Mask
    to_picture: NDArray[np.float64]
    polarity: Polarity
    dark_level: int
    stroke_width: float
    rotation: float = 0.0
    steps: tuple[Step, ...] = field(default=(), repr=False)

    def with_step(self, name: str, sentence: str, pixels: NDArray[np.uint8]) -> "Ink":
        """Note what was done."""
        return replace(self, steps=(*self.steps, Step(name, sentence, Image(pixels))))

    def rotate(self, degrees: float) -> "Ink":
        """Turn it anticlockwise by some degrees, on as large a canvas as it needs."""
        height, width = self.levels.shape
        turn = np.asarray(cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1), np.float64)
        cos, sin = abs(turn[0, 0]), abs(turn[0, 1])
        size = (
            int(np.ceil(width * cos + height * sin - 1e-9)),
            int(np.ceil(width * sin + height * cos - 1e-9)),
        )
        turn[:, 2] += (size[0] - width) / 2, (size[1] - height) / 2
        undo = np.vstack([cv2.invertAffineTransform(turn), [0, 0, 1]])
        turn[:, 2] += turn[:, :2] @ (0.5, 0.5) - 0.5  # OpenCV counts from the middle of a pixel

        def warp(pixels: NDArray[np.uint8], border: int = cv2.BORDER_CONSTANT) -> Image:
            return as_image(cv2.warpAffine(pixels, turn, size, borderMode=border))

        return replace(
            self,
            grey=warp(self.grey, cv2.BORDER_REPLICATE),
            levels=warp(self.levels),
            mask=(warp(self.mask * 255) > 127).astype(np.uint8),
            inside=warp(self.inside),
            to_picture=self.to_picture @ undo,
            rotation=self.rotation + degrees,
        )


def find_ink(image: Image, *, max_pixels: int, min_pixels: int) -> Ink:
    """Find the ink of a picture, worked on with about `min_pixels` to `max_pixels` pixels.

    Parameters
    ----------
    image : uint8 (height, width)
        0 to 255, either polarity.
    max_pixels, min_pixels : int
        Above and below which it is made smaller or larger.

    Raises
    ------
    ArrayError
        `image` is not one.
    """
    outline = find_sheet(check_image(image))
    x, y, width, height = cv2.boundingRect(outline)
    cut = Image(image[y : y + height, x : x + width])
    polarity = images.find_polarity(without_table(cut, outline - (x, y)))
    dark = cut if polarity == images.DARK_ON_LIGHT else images.invert(cut)
    grey, zoom = resize(dark, max_pixels=max_pixels, min_pixels=min_pixels)
    whole = cut.shape == image.shape
    inside = np.ones_like(grey) if whole else inside_of((outline - (x, y)) * zoom, grey.shape)
    stroke_width = _estimate_stroke_width(grey)
    narrowest, widest = (share * max(grey.shape) for share in WINDOW_SIDES)
    window = round(float(np.clip(WINDOW_STROKES * stroke_width, narrowest, widest)))
    even = images.invert(images.flatten_light(grey, window=window))
    even = as_image(cv2.GaussianBlur(even, (0, 0), grain_sigma(stroke_width)))
    levels, lowest = _subtract_paper(even, inside)
    dark_level = _dark_level(_thin(levels, window), lowest)
    floor = max(lowest, MIN_INK_SHARE * dark_level) if dark_level else 255
    mask = (levels > floor / 2).astype(np.uint8)
    to_picture = np.array([[1 / zoom, 0, x], [0, 1 / zoom, y]])
    ink = Ink(grey, levels, mask, inside, to_picture, polarity, dark_level, stroke_width)
    ink = ink.with_step("polarity", f"The picture is {polarity}; from here on ink is dark.", grey)
    ink = ink.with_step("even light", "Divided by the paper's brightness; ink is bright.", levels)
    return _clean(ink, floor)


def grain_sigma(stroke_width: float) -> float:
    """By how much the paper's grain is blurred, in pixels, for strokes of a width in pixels."""
    return float(np.clip(GRAIN_SIGMA * stroke_width, *GRAIN_SIGMA_PIXELS))


def _clean(ink: Ink, floor: float) -> Ink:
    """Ink above a floor, without rulings, grain and what hangs over the edge of the sheet."""
    ink, across, down = _level_rulings(ink)
    clean = rulings.remove_rulings(ink.levels, across, down, floor, ink.dark_level)
    if ink.dark_level < GRAIN_LEVEL and clean.mean() > GRAIN_SHARE:
        clean[:] = 0
    ink = ink.with_step(
        "ink", "Darker than the paper's grain; rulings are taken away.", clean * 255
    )
    mask = without_overhang(_sharpen(ink.levels, clean), ink.inside)
    ink = ink.with_step(
        "edges", "Each component's edge, by how dark that component is.", mask * 255
    )
    return replace(ink, mask=mask)


def _level_rulings(ink: Ink) -> tuple[Ink, Mask, Mask]:
    """Ink turned so that its rulings are level, and where these run across and down."""
    tilt = rulings.find_tilt(ink.mask)
    if abs(tilt) < MIN_TILT_DEGREES:
        return ink, *rulings.find_rulings(ink.mask, ink.inside)
    level = ink.rotate(tilt)
    across, down = rulings.find_rulings(level.mask, level.inside)
    if not (across.any() or down.any()):
        none = np.zeros_like(ink.mask)
        return ink, none, none
    sentence = f"Turned back by {tilt:.1f} degrees, along its rulings."
    return level.with_step("level", sentence, level.levels), across, down


def _estimate_stroke_width(grey: Image) -> float:
    """About how wide the strokes are, in pixels: twice the depth of their middle lines."""
    small, zoom = resize(grey, max_pixels=OVERVIEW_PIXELS)
    mask = images.binarise(images.invert(images.flatten_light(small)))
    border = np.concatenate([mask[0], mask[-1], mask[:, 0], mask[:, -1]])
    if border.mean() > 255 * MAX_BORDER_INK:  # a table or a shadow: look for what is thinner
        window = max(small.shape) // 10
        mask = images.binarise(images.invert(images.flatten_light(small, window=window)))
    depth = images.ink_depth(mask)
    ridge = (depth == cv2.dilate(depth, np.ones((3, 3)))) & (mask > 0)
    return 2 * float(np.median(depth[ridge])) / zoom if ridge.any() else 0.0


def _subtract_paper(even: Image, inside: Mask) -> tuple[Image, float]:
    """Take the paper's own level away; also give the lowest level of ink."""
    coarse = np.s_[:: max(1, even.shape[0] // 200), :: max(1, even.shape[1] // 200)]
    sample = even[coarse][inside[coarse] > 0]
    low, middle = np.percentile(sample, [5, 30])  # ink and its blur may be most of a picture
    paper = np.uint8(middle)
    levels = Image((np.maximum(even, paper) - paper) * inside)
    sigma = (middle - low) / 1.12  # of a normal spread
    return levels, max(float(MIN_INK_LEVEL), MIN_INK_SIGMAS * sigma)


def _dark_level(levels: Image, lowest: float) -> int:
    """The level of dark ink; 0 where nothing stands out."""
    counts = np.bincount(levels.ravel(), minlength=256)
    counts[: int(lowest) + 1] = 0
    total = counts.sum()
    if total < MIN_INK_PIXELS:
        return 0
    return int(np.searchsorted(np.cumsum(counts), DARK_INK_QUANTILE * total))


def _thin(levels: Image, window: int) -> Image:
    """What is thinner than a window: ink, not a table or a shadow (Serra's top-hat)."""
    small, zoom = resize(levels, max_pixels=512 * 512)
    side = max(3, round(window * zoom)) | 1
    return as_image(cv2.morphologyEx(small, cv2.MORPH_TOPHAT, np.ones((side, side), np.uint8)))


def _sharpen(levels: Image, mask: Mask) -> Mask:
    """Draw each component's edge at a share of its own darkness, so that faint ink stays."""
    at = np.flatnonzero(mask)
    if not len(at):
        return mask
    count, labels = cv2.connectedComponents(mask, connectivity=8)
    component, level = labels.ravel()[at], levels.ravel()[at]
    # that quantile of each component's levels, to 4 levels, by one count for all
    counts = np.bincount(component.astype(np.int64) * 64 + (level >> 2), minlength=count * 64)
    climb = np.cumsum(counts.reshape(count, 64), axis=1)
    darkness = 4.0 * (climb < DARK_INK_QUANTILE * climb[:, -1:]).sum(axis=1) + 2
    sharp = np.zeros_like(mask)
    sharp.ravel()[at] = level > EDGE_SHARE * darkness[component]
    return sharp
