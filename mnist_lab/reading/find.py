"""Where the digits of a picture are: the finder slid over it, from large scales to small."""

from dataclasses import dataclass, fields, replace
from typing import Self

import cv2
import numpy as np
from numpy.typing import NDArray

from mnist_lab.arrays import Image
from mnist_lab.reading.views import (
    BOX_UNIT,
    STRIDE,
    Boxes,
    Greys,
    crops,
    local_contrast,
    resize,
    slide_finder,
)

# Of the pyramid; the finder knows digits of 12 to 44 pixels
FACTOR = 1.65  # from one scale to the next
MOST_PIXELS = 2_200_000  # of the largest scale
FEW_PIXELS = 600_000  # up to which a picture is enlarged as well
MOST_ENLARGED = 6.6  # times
LONGEST_SIDE = 34_000  # pixels of the largest scale: a thin line is padded to a broad one
LEAST_SIDE = 30  # pixels of the longer side, below which there is no smaller scale
LEAST_SIZE, MOST_SIZE = 9.0, 62.0  # pixels of a found digit, at its scale

# Of what is found; the heat is how much a place looks like a digit's middle, 0 to 1
LEAST_HEAT = 0.3  # of a candidate
SAME, SAME_DIGIT = 0.6, 0.35  # intersection over union of two boxes on one thing
INSIDE = 0.6  # share of the smaller of two boxes, within the other


@dataclass(frozen=True, eq=False)
class Scale:
    """A picture at one size, and how much each place in it looks like a digit's middle.

    Attributes
    ----------
    scale : float
        Its size beside the picture's.
    view : float32 (height, width)
        Its local contrast.
    heat : float32 (rows, columns)
        0 to 1, for every 4 pixels of it.
    """

    scale: float
    view: NDArray[np.float32]
    heat: NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Candidates:
    """What may be digits.

    Attributes
    ----------
    boxes : float32 (n, 4)
        Left, top, right, bottom, in the picture's pixels.
    heat : float32 (n,)
        The finder's, 0 to 1; after a second look, its geometric mean with how surely each is a
        digit.
    classes : float32 (n, 10)
        Logarithms of the probabilities of the ten digits.
    """

    boxes: Boxes
    heat: NDArray[np.float32]
    classes: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.boxes)

    def take(self, which: NDArray[np.generic]) -> Self:
        """Some of them, in this order."""
        return type(self)(*(getattr(self, field.name)[which] for field in fields(self)))


@dataclass(frozen=True, eq=False)
class Looked(Candidates):
    """What may be digits, after a second look.

    Attributes
    ----------
    ink : float32 (n, 48, 48)
        How surely each pixel of its crop is its own ink, 0 to 1.
    levels : float32 (n, 48, 48)
        By how many grey levels each pixel is brighter than what is around the ink.
    contrast : float32 (n,)
        The mean of that where its ink is; below 0 if it is darker.
    """

    ink: NDArray[np.float32]
    levels: NDArray[np.float32]
    contrast: NDArray[np.float32]


def find_candidates(image: Image, *, single: bool = False) -> tuple[Candidates, list[Scale]]:
    """Slide the finder over a picture at every scale.

    Of boxes on the same thing the one with the most heat stays. A single digit is a tenth of
    its picture at the least.

    References
    ----------
    LeCun, Bottou, Bengio and Haffner 1998, *Gradient-based learning applied to document
    recognition*: the space displacement network.
    """
    found, scales = [], []
    smaller, at = image, 1.0
    for scale in _scales(image.shape, single=single):
        if scale < at:
            smaller, at = resize(smaller, scale / at), scale
        here = resize(image, scale) if scale > 1 else smaller
        candidates, seen = look_at(here, scale)
        zoom = image.shape[1] / here.shape[1]
        found.append(replace(candidates, boxes=candidates.boxes * np.float32(zoom)))
        scales.append(seen)
    candidates = Candidates(
        *(
            np.concatenate([getattr(each, field.name) for each in found])
            for field in fields(Candidates)
        )
    )
    return candidates.take(best_of_same(candidates, SAME)), scales


def look_at(image: Image, scale: float = 1.0) -> tuple[Candidates, Scale]:
    """Slide the finder over a picture of some size as it is; boxes are in its own pixels."""
    view = local_contrast(image)
    candidates, heat = to_candidates(slide_finder(view))
    return candidates, Scale(scale, view, heat)


def to_candidates(answers: NDArray[np.float32]) -> tuple[Candidates, NDArray[np.float32]]:
    """Candidates where the finder's answers (rows, columns, 15) are hottest, and all the heat."""
    heat = np.asarray(1 / (1 + np.exp(-answers[..., 0])), np.float32)
    hottest = cv2.dilate(heat, np.ones((3, 3), np.uint8)).reshape(heat.shape)
    rows, columns = np.nonzero((heat >= hottest) & (heat > LEAST_HEAT))
    middle = STRIDE * (np.stack([columns, rows], axis=1) + 0.5)
    reach = BOX_UNIT * answers[rows, columns, 11:]
    boxes = np.concatenate([middle - reach[:, :2], middle + reach[:, 2:]], axis=1)
    size = (boxes[:, 2:] - boxes[:, :2]).max(axis=1, initial=0)
    # cells next to the hottest have an opinion on the class, too
    weighted = cv2.blur(heat[..., np.newaxis] * answers[..., 1:11], (3, 3)).reshape(*heat.shape, 10)
    classes = weighted[rows, columns] / cv2.blur(heat, (3, 3))[rows, columns, np.newaxis]
    candidates = Candidates(boxes.astype(np.float32), heat[rows, columns], log_softmax(classes))
    return candidates.take((size > LEAST_SIZE) & (size < MOST_SIZE)), heat


def look_again(image: Image, candidates: Candidates) -> Looked:
    """Ask the segmenter about each candidate: its own ink, and whether it is a digit."""
    from mnist_lab import network

    views, greys = crops(image, candidates.boxes)
    logits, answers = network.ask_segmenter(views)
    classes, ink = log_softmax(answers), np.asarray(1 / (1 + np.exp(-logits)), np.float32)
    levels = greys - _means(greys, 1 - ink)[:, np.newaxis, np.newaxis]
    return Looked(
        candidates.boxes,
        np.sqrt(candidates.heat * (1 - np.exp(classes[:, 10]))),
        log_softmax((log_softmax(classes[:, :10]) + candidates.classes) / 2),
        ink,
        levels,
        _means(levels, ink),
    )


def _means(greys: Greys, weights: NDArray[np.float32]) -> NDArray[np.float32]:
    """The weighted mean of each (n,); of no weight at all, 0."""
    sums = (greys * weights).sum(axis=(1, 2)) / (weights.sum(axis=(1, 2)) + 1e-3)
    return np.asarray(sums, np.float32)


def best_of_same(candidates: Candidates, same: float, inside: float = 1.1) -> NDArray[np.intp]:
    """Which stay where several boxes are on one thing, the one with the most heat first.

    Boxes are on one thing from some intersection over union on (`same`), or if so much of the
    smaller lies in the larger (`inside`).
    """
    order = np.argsort(-candidates.heat, kind="stable")
    low, high = candidates.boxes[order, :2], candidates.boxes[order, 2:]
    area = np.maximum(high - low, 1e-3).prod(axis=1)
    stays, left = [], np.ones(len(order), bool)
    for at in range(len(order)):
        if not left[at]:
            continue
        stays.append(order[at])
        common = np.maximum(np.minimum(high[at], high) - np.maximum(low[at], low), 0).prod(axis=1)
        union = common / (area[at] + area - common)
        left &= (union <= same) & (common <= inside * np.minimum(area, area[at]))
    return np.array(stays, np.intp)


def log_softmax(logits: NDArray[np.number]) -> NDArray[np.float32]:
    """Logits to logarithms of probabilities, along the last axis."""
    shifted = logits - logits.max(axis=-1, keepdims=True, initial=-np.inf)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True)), np.float32)


def _scales(shape: tuple[int, ...], *, single: bool) -> list[float]:
    """Sizes beside the picture's, from large to small."""
    area, longer, shorter = shape[0] * shape[1], max(shape), min(shape)
    scale = min(1.0, (MOST_PIXELS / area) ** 0.5)
    enlarged = round(np.log(FEW_PIXELS / area) / np.log(FACTOR) / 2)
    scale *= FACTOR ** max(0, enlarged)
    if single:  # no smaller than 20 pixels at the first
        scale = min(scale, 200 / shorter)
    scales = [min(scale, MOST_ENLARGED, LONGEST_SIDE / longer)]
    while scales[-1] / FACTOR * longer >= LEAST_SIDE:
        scales.append(scales[-1] / FACTOR)
    return scales
