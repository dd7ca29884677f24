"""A page drawn flat, before any camera: paper and its ruling, what is printed, ink."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from mnist_lab import strokes
from mnist_lab.arrays import Stroke
from mnist_lab.synth.options import Paper, Pen, generator
from mnist_lab.synth.page import Page

ColourImage = NDArray[np.uint8]  # (height, width, 3), red, green and blue, 0 to 255
Outline = NDArray[np.float64]  # (n, 2), mm on the page

TILE_PIXELS = 512  # after which the paper's grain repeats
FIBRE_MM = 0.12
RULING_MM = 0.2  # width of a ruled line
SPECK_MM = 0.25  # the largest speck's radius
INKED = 0.4  # share of a pixel that ink covers, from which on the pixel is the digit's
SWELL_SPREAD = 0.1  # of the logarithm of a pen's width along a stroke
SWELL_KNOTS = 5  # widths that a stroke runs through


def draw_flat(
    page: Page, paper: Paper, pen: Pen, *, scale: float, seed: int
) -> tuple[ColourImage, list[Outline]]:
    """Draw a page at `scale` pixels a millimetre; also give the outline of each digit's ink."""
    width, height = (max(1, round(side * scale)) for side in page.size)
    grain = _grain(scale, seed)
    flat = _bare(paper, (height, width), grain, scale, seed)
    if page.printed is not None:
        shrink = cv2.INTER_AREA if page.printed.shape[1] > width else cv2.INTER_LINEAR
        printed = cv2.resize(page.printed, (width, height), interpolation=shrink)
        printed = printed if printed.ndim == 3 else cv2.cvtColor(printed, cv2.COLOR_GRAY2RGB)
        flat = np.asarray(cv2.multiply(flat, printed, scale=1 / 255), np.uint8)
    rng = generator(seed, "pen")
    outlines = [
        _write(flat, digit.strokes, pen, grain=grain, scale=scale, rng=rng)
        if len(digit.strokes)
        else digit.outline()
        for digit in page.digits
    ]
    if len(page.marks):
        _write(flat, page.marks, pen, grain=grain, scale=scale, rng=rng)
    return flat, outlines


def _grain(scale: float, seed: int) -> NDArray[np.float32]:
    """The relief of paper (TILE_PIXELS, TILE_PIXELS): mean 0, spread 1 close by."""
    fibre = FIBRE_MM * scale
    relief = generator(seed, "grain").standard_normal((TILE_PIXELS, TILE_PIXELS), np.float32)
    seen = min(1.0, 2 * fibre)  # a coarse pixel is the mean of many fibres
    if fibre <= 0.3:
        return seen * relief
    edge = int(4 * fibre) + 1
    wide = cv2.copyMakeBorder(relief, edge, edge, edge, edge, cv2.BORDER_WRAP)
    soft = np.asarray(cv2.GaussianBlur(wide, (0, 0), fibre), np.float32)[edge:-edge, edge:-edge]
    return soft * np.float32(seen / soft.std())


def _bare(
    paper: Paper, shape: tuple[int, int], grain: NDArray[np.float32], scale: float, seed: int
) -> ColourImage:
    """Paper (height, width, 3): its colour, its grain, its ruling, dust."""
    colour = np.array(paper.colour, np.float32)
    rough = 1 + paper.grain * grain[..., None]
    tile = np.clip(rough * colour * 255, 0, 255).astype(np.uint8)
    height, width = shape
    repeats = -(-height // TILE_PIXELS), -(-width // TILE_PIXELS), 1
    flat = np.tile(tile, repeats)[:height, :width].copy()
    if paper.ruling != "none":
        _rule(flat, paper, scale)
    if paper.ruling == "squares":
        _rule(flat.transpose(1, 0, 2), paper, scale)
    rng = generator(seed, "specks")
    for _ in range(int(paper.specks)):
        x, y, radius = rng.random(3) * (width, height, SPECK_MM * scale)
        dark = (rng.uniform(0.3, 0.8) * np.array(paper.colour) * 255).tolist()
        centre = round(x * 16), round(y * 16)
        cv2.circle(flat, centre, round(radius * 16), dark, -1, cv2.LINE_AA, 4)
    return flat


def _rule(flat: ColourImage, paper: Paper, scale: float) -> None:
    """Draw lines from left to right, in place, antialiased."""
    at = (np.arange(len(flat) * 8) + 0.5) / 8 / scale  # mm, at eight places in each pixel
    line = (at % paper.spacing < RULING_MM) & (at >= paper.spacing)
    share = line.reshape(-1, 8).mean(axis=1)
    rows = np.flatnonzero(share)
    left = 1 - share[rows, None, None] * (1 - np.array(paper.ruling_colour))
    flat[rows] = (flat[rows] * left.astype(np.float32)).astype(np.uint8)


def _write(
    flat: ColourImage,
    lines: Sequence[Stroke],
    pen: Pen,
    *,
    grain: NDArray[np.float32],
    scale: float,
    rng: np.random.Generator,
) -> Outline:
    """Draw strokes on a page, in place, and give the outline of their ink."""
    points = np.concatenate(lines).astype(np.float64) * scale
    edge = pen.width * scale * 1.5 + 2  # pixels, with room for a pen that swells
    low = np.maximum(points.min(axis=0) - edge, 0).astype(int)
    high = np.minimum(np.ceil(points.max(axis=0) + edge), flat.shape[1::-1]).astype(int)
    (left, top), (right, bottom) = low.tolist(), high.tolist()
    height, width = bottom - top, right - left
    local = [(np.asarray(line, np.float64) * scale - low) / height for line in lines]
    pens = [pen.width * scale / height * _swell(len(line), rng) for line in lines]
    cover = strokes.rasterise(local, size=(height, width), pen=pens).astype(np.float32) / 255
    rows, columns = np.arange(top, bottom) % TILE_PIXELS, np.arange(left, right) % TILE_PIXELS
    tooth = grain[np.ix_(rows, columns)]
    share = (cover * _strength(pen, tooth, rng))[..., None]
    bare = flat[top:bottom, left:right].astype(np.float32)
    inked = np.array(pen.colour, np.float32) * (255 if pen.opaque else bare)
    flat[top:bottom, left:right] = np.clip(bare + share * (inked - bare) + 0.5, 0, 255)
    return _hull(cover > INKED, (left, top)) / scale


def _swell(points: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Factors (points,) near 1 by which a line is wider, more here, less there."""
    along = np.linspace(0, SWELL_KNOTS - 1, points)
    knots = rng.standard_normal(SWELL_KNOTS)
    return np.exp(SWELL_SPREAD * np.interp(along, np.arange(SWELL_KNOTS), knots))


def _strength(
    pen: Pen, tooth: NDArray[np.float32], rng: np.random.Generator
) -> NDArray[np.float32]:
    """How much ink the pen leaves in each pixel of a patch where it passes, 0 to 1."""
    press = rng.standard_normal((6, 6), np.float32)
    smooth = cv2.resize(press, tooth.shape[::-1], interpolation=cv2.INTER_CUBIC)
    strength = 1 - pen.fade * np.abs(smooth) - pen.tooth * np.maximum(0, tooth + 0.3)
    return np.clip(strength, 0.1, 1).astype(np.float32)


def _hull(ink: NDArray[np.bool_], corner: tuple[int, int]) -> NDArray[np.float64]:
    """The corners (n, 2), in pixels, of the convex hull of ink."""
    found = cv2.findNonZero(ink.astype(np.uint8))
    if found is None:
        return np.array([corner], np.float64)
    pixels = cv2.convexHull(found)[:, 0].astype(np.float64)
    corners = pixels[:, None] + np.array([[0, 0], [1, 0], [1, 1], [0, 1]])
    return corners.reshape(-1, 2) + corner
