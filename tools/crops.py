"""Crops with the truth about them: what the segmenter of digits learns from."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from mnist_lab.reading.views import CROP_SIDE, DIGIT_SIDE, crop
from tools.material import Material
from tools.scene import PlacedDigit, log_uniform
from tools.windows import Window, WindowMaker

BATCH = 128  # crops
NO_DIGIT = 10  # the class of what is none
WHOLE = 0.86  # of a digit's ink in the picture, to be called by its label
SIZES = 9.0, 80.0  # pixels of a digit's longer side
MOVED, RESIZED = 0.05, 0.09  # spread of a found box's error, in sizes, and of its logarithm
LOOKS = 2  # at each digit, its box off in another way
OTHERS = 1.6  # crops of no digit, for each window, on average
OFF = 0.45  # of a digit's size, from which on a crop beside its middle does not show it

TURNED = 0.2  # of digits are shown again, turned by quarters
NO_DIGIT_TURNED = {1: {*range(1, 10)}, 2: {3, 4, 7}, 3: {*range(1, 10)}}  # the others may be one


class CropBatch(NamedTuple):
    """Crops, the digit's own ink in each, and what it is.

    Attributes
    ----------
    crops : float16 (n, 48, 48)
        Local contrast.
    ink : float16 (n, 48, 48)
        0 to 1; none where there is no digit.
    labels : uint8 (n,)
        0 to 9, or NO_DIGIT.
    """

    crops: NDArray[np.floating]
    ink: NDArray[np.floating]
    labels: NDArray[np.integer]


def draw_crops(material: Material, seed: int, numbers: Iterable[int]) -> Iterator[CropBatch]:
    """Draw the batches of these numbers; each depends on its number and the seed alone."""
    for number in numbers:
        maker, rng = WindowMaker(material, (seed, 1, number)), np.random.default_rng((seed, number))
        drawn: list[tuple[NDArray[np.float32], NDArray[np.float32], int]] = []
        while len(drawn) < BATCH:
            drawn += window_crops(maker.window(), rng)
        crops, ink, labels = zip(
            *(drawn[at] for at in rng.permutation(len(drawn))[:BATCH]), strict=True
        )
        yield CropBatch(
            np.stack(crops).astype(np.float16), np.stack(ink).astype(np.float16),
            np.array(labels, np.uint8),
        )  # fmt: skip


def window_crops(
    window: Window, rng: Generator
) -> list[tuple[NDArray[np.float32], NDArray[np.float32], int]]:
    """Each readable digit of a window, its box a little off, and some of what is none."""
    drawn: list[tuple[NDArray[np.float32], NDArray[np.float32], int]] = []
    for digit in window.digits:
        if digit.readable and digit.seen > WHOLE and SIZES[0] < digit.size < SIZES[1]:
            for _ in range(LOOKS):
                box = _jitter(digit.box, digit.size, rng)
                seen = _crop(window, box)
                drawn.append((seen, ink_in(digit, box), digit.label))
            quarters = int(rng.integers(1, 4))
            if rng.random() < TURNED and digit.label in NO_DIGIT_TURNED[quarters]:
                drawn.append((np.rot90(seen, quarters), _no_ink(), NO_DIGIT))
    for _ in range(rng.poisson(OTHERS)):
        nothing = _elsewhere(window, rng)
        if nothing is not None:
            drawn.append((_crop(window, nothing), _no_ink(), NO_DIGIT))
    return drawn


def ink_in(digit: PlacedDigit, box: NDArray[np.floating]) -> NDArray[np.float32]:
    """A digit's own ink, 0 to 1, where a crop of a box shows it: float32 (48, 48)."""
    scale = DIGIT_SIDE / max(box[2] - box[0], box[3] - box[1], 1.0)
    x, y = (float(box[at] + box[at + 2]) / 2 for at in (0, 1))
    left, top = digit.corner
    move = np.array([
        [scale, 0, (left + 0.5 - x) * scale + CROP_SIDE / 2 - 0.5],
        [0, scale, (top + 0.5 - y) * scale + CROP_SIDE / 2 - 0.5],
    ])  # fmt: skip
    ink = digit.ink
    if scale < 1:
        soft = max(1, round(0.7 / scale))
        ink = np.asarray(cv2.blur(ink, (soft, soft)), np.float32)
    moved = cv2.warpAffine(ink, move, (CROP_SIDE, CROP_SIDE), flags=cv2.INTER_LINEAR)
    return np.clip(moved, 0, 1).astype(np.float32)


def _no_ink() -> NDArray[np.float32]:
    return np.zeros((CROP_SIDE, CROP_SIDE), np.float32)


def _crop(window: Window, box: NDArray[np.floating]) -> NDArray[np.float32]:
    x, y = window.corner
    return crop(window.image, box - np.array([x, y, x, y], np.float32))[0]


def _jitter(box: NDArray[np.floating], size: float, rng: Generator) -> NDArray[np.float32]:
    middle = np.array([box[0] + box[2], box[1] + box[3]]) / 2 + rng.normal(0, MOVED, 2) * size
    half = np.array([box[2] - box[0], box[3] - box[1]]) / 2 * np.exp(rng.normal(0, RESIZED))
    return np.concatenate([middle - half, middle + half]).astype(np.float32)


def _elsewhere(window: Window, rng: Generator) -> NDArray[np.float32] | None:
    """A box on something that is seen, and on no digit: on words, lines, edges, between digits."""
    steep = cv2.morphologyEx(window.image, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    ys, xs = np.nonzero(steep >= max(8, np.percentile(steep, 80)))
    if not len(ys):
        return None
    usual = [digit.size for digit in window.digits] or [24.0]
    for _ in range(4):
        at = int(rng.integers(len(ys)))
        middle = np.array([xs[at] + window.corner[0], ys[at] + window.corner[1]], float)
        size = float(rng.choice(usual)) if rng.random() < 0.5 else log_uniform(rng, 12, 48)
        middle += rng.normal(0, 0.2, 2) * size
        if all(
            np.abs(middle - digit.middle).max() > OFF * max(digit.size, size)
            or digit.size < size / 3
            for digit in window.digits
        ):
            half = size / 2 * np.array([rng.uniform(0.4, 1), 1])
            return np.concatenate([middle - half, middle + half]).astype(np.float32)
    return None
