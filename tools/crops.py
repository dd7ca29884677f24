"""Crops with the truth about them: what the segmenter of digits learns from."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from mnist_lab.arrays import Image
from mnist_lab.files import StrPath
from mnist_lab.reading.find import to_candidates
from mnist_lab.reading.views import CROP_SIDE, DIGIT_SIDE, Boxes, crop
from tools.material import Material
from tools.scene import SIDE, PlacedDigit, log_uniform
from tools.targets import view
from tools.windows import Window, WindowMaker

BATCH = 128  # crops
WINDOWS = 16  # that the finder is asked about at once
NO_DIGIT = 10  # the class of what is none
WHOLE = 0.86  # of a digit's ink in the picture, to be called by its label
SIZES = 9.0, 80.0  # pixels of a digit's longer side
MOVED, RESIZED = 0.05, 0.09  # spread of a found box's error, in sizes, and of its logarithm
FOUND, APART = 0.5, 0.2  # intersection over union: from which on a box is a digit's, or may be
AS_FOUND = 0.6  # of digits are seen in the box that the finder gives
OTHERS = 0.7  # crops of anything but a digit, for each window, on average
OFF = 0.45  # of a digit's size, from which on a crop beside its middle does not show it
TURNED = 0.5  # of windows are searched again, turned by quarters
NO_DIGIT_TURNED = {1: {*range(1, 10)}, 2: {3, 4, 7}, 3: {*range(1, 10)}}  # the others may be one

Crop = tuple[NDArray[np.float32], NDArray[np.float32], int]  # what is seen, its ink, what it is


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


def draw_crops(
    material: Material, seed: int, numbers: Iterable[int], *, finder: StrPath
) -> Iterator[CropBatch]:
    """Draw the batches of these numbers, where the finder of a file looks for digits in windows.

    Each depends on its number, the seed and the finder alone.
    """
    from mnist_lab.network import load_network

    find = load_network(finder).predict_on_batch
    for number in numbers:
        maker = WindowMaker(material, (seed, 1, number), lookalikes=1)
        rng = np.random.default_rng((seed, number))
        drawn: list[Crop] = []
        while len(drawn) < BATCH:
            drawn += _crops_of([maker.window() for _ in range(WINDOWS)], find, rng)
        crops, ink, labels = zip(
            *(drawn[at] for at in rng.permutation(len(drawn))[:BATCH]), strict=True
        )
        yield CropBatch(
            np.stack(crops).astype(np.float16), np.stack(ink).astype(np.float16),
            np.array(labels, np.uint8),
        )  # fmt: skip


def _crops_of(windows: list[Window], find: Callable[[Any], Any], rng: Generator) -> list[Crop]:
    """Each readable digit of some windows, and what is none though the finder thinks so."""
    quarters = np.where(rng.random(len(windows)) < TURNED, rng.integers(1, 4, len(windows)), 0)
    turned = [_turn(each, k) for each, k in zip(windows, quarters, strict=True) if k]
    views = np.stack([view(window) for window in windows + turned])
    found = [to_candidates(answers)[0].boxes for answers in find(views[..., np.newaxis])]
    drawn = []
    for window, boxes in zip(windows, found, strict=False):
        drawn += _digits(window, boxes, rng) + _false_digits(window, boxes, 0)
        for _ in range(rng.poisson(OTHERS)):
            nothing = _elsewhere(window, rng)
            if nothing is not None:
                drawn.append((_crop(window, nothing), _no_ink(), NO_DIGIT))
    for window, boxes, k in zip(turned, found[len(windows) :], quarters[quarters > 0], strict=True):
        drawn += _false_digits(window, boxes, int(k))
    return drawn


def _digits(window: Window, boxes: Boxes, rng: Generator) -> list[Crop]:
    """Each readable digit, in a box as it is found, if it is, or in one that is a little off."""
    drawn = []
    for digit in window.digits:
        if digit.readable and digit.seen > WHOLE and SIZES[0] < digit.size < SIZES[1]:
            box, shares = _jitter(digit.box, digit.size, rng), _shares(boxes, digit)
            if shares.max(initial=0) > FOUND and rng.random() < AS_FOUND:
                box = boxes[shares.argmax()]
            drawn.append((_crop(window, box), ink_in(digit, box), digit.label))
    return drawn


def _false_digits(window: Window, boxes: Boxes, quarters: int) -> list[Crop]:
    """What was found in a window that is turned so often, and is no digit."""
    perhaps = np.zeros(len(boxes), bool)
    for digit in window.digits:
        if not quarters or digit.label not in NO_DIGIT_TURNED[quarters]:
            perhaps |= _shares(boxes, digit) > APART
    return [(_crop(window, box), _no_ink(), NO_DIGIT) for box in boxes[~perhaps]]


def _turn(window: Window, quarters: int) -> Window:
    """A window turned anticlockwise; of its digits the boxes are, and nothing else."""
    for _ in range(quarters):
        (x, y), width = window.corner, window.image.shape[1]
        digits = tuple(
            replace(digit, box=digit.box[[1, 2, 3, 0]] * (1, -1, 1, -1) + (0, SIDE, 0, SIDE))
            for digit in window.digits
        )
        image = Image(np.ascontiguousarray(np.rot90(window.image)))
        window = Window(image, (y, SIDE - x - width), digits)
    return window


def _shares(boxes: Boxes, digit: PlacedDigit) -> NDArray[np.floating]:
    """Intersection over union of each box (n,) with a digit's."""
    low, high = np.maximum(boxes[:, :2], digit.box[:2]), np.minimum(boxes[:, 2:], digit.box[2:])
    common = np.maximum(high - low, 0).prod(axis=1)
    own = (digit.box[2:] - digit.box[:2]).prod()
    return np.asarray(common / ((boxes[:, 2:] - boxes[:, :2]).prod(axis=1) + own - common))


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
