"""Windows of messy pages with the truth about them: what the finder of digits learns from.

A page is never drawn whole: a network that slides over it sees a window at a time. Each window
is a scene (rows, a table, scattered digits, one digit alone, digits too large, words, nothing)
on some paper, in some light, through some camera.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from mnist_lab.arrays import Image
from tools.exposure import Exposure, Look, expose
from tools.material import Material
from tools.scene import INKED, SIDE, PlacedDigit, Scene, lay

SCENES = {  # and how often each is drawn
    "rows": 0.3, "table": 0.16, "scattered": 0.11, "alone": 0.15, "huge": 0.07,
    "words": 0.13, "empty": 0.08,
}  # fmt: skip
CLUTTER = {"words": (2.2, 1.5), "empty": (0.15, 0.5)}  # words and scribbles more, on average
USUAL_CLUTTER = 0.4, 0.5
RULED = 0.3  # of windows
PASTED = 0.25  # of pictures that end within the window: a cutting on a blank sheet
SMALLEST_PICTURE = 16  # pixels of a side
READABLE = 2.5  # times the noise close by that a digit's ink must stand out, to be truth
COVERED = 0.2  # of a digit's ink that may lie on another digit's
LEAST_NOISE = 3.0  # of 255; an eye sees no less than some grey levels either


@dataclass(frozen=True, eq=False)
class Window:
    """A window and the truth about it.

    Attributes
    ----------
    image : uint8 (height, width)
        As a camera saw it; smaller than a full window where the picture ends.
    corner : tuple of int
        Where the picture's first pixel lies in the window: x, y.
    digits : tuple of PlacedDigit
        In the window's coordinates.
    """

    image: Image
    corner: tuple[int, int]
    digits: tuple[PlacedDigit, ...]


class Frame(NamedTuple):
    """Where the picture ends, in the window's pixels."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def pixels(self) -> tuple[slice, slice]:
        """Of an array, those within."""
        return slice(self.top, self.bottom), slice(self.left, self.right)


WHOLE = Frame(0, 0, SIDE, SIDE)


class WindowMaker:
    """Draws windows, one after the other; the same material and seed give the same.

    `lookalikes` is how many times as often as others a word holds a letter that, alone, could as
    well be a digit.
    """

    def __init__(
        self, material: Material, seed: int | tuple[int, ...], *, lookalikes: int = 3
    ) -> None:
        self._material = material
        self._lookalikes = lookalikes
        self._rng = np.random.default_rng(seed)

    def window(self) -> Window:
        """Draw the next window."""
        rng = self._rng
        scene = Scene(self._material, rng, lookalikes=self._lookalikes)
        kind = str(rng.choice(list(SCENES), p=list(SCENES.values())))
        getattr(scene, kind)()
        scene.add_clutter(*CLUTTER.get(kind, USUAL_CLUTTER))
        scene.add_others()
        if not scene.digits:  # then words run any way
            scene.ink = np.ascontiguousarray(np.rot90(scene.ink, int(rng.integers(4))))
        look = Look.choose(rng)
        if rng.random() < RULED:
            scene.rule()
        exposure = expose(scene.ink, scene.rulings, look, scene.size, rng)
        alone = kind == "alone" and bool(scene.digits)
        frame = _frame_alone(scene, rng) if alone else _frame(rng)
        digits = tuple(
            replace(
                digit,
                seen=_seen(digit, frame),
                readable=covered <= COVERED and _stands_out(digit, exposure) > READABLE,
            )
            for digit, covered in zip(scene.digits, _covered(scene.digits), strict=True)
        )
        if frame != WHOLE and rng.random() < PASTED:
            return Window(_paste(exposure.image, frame, rng), (0, 0), digits)
        cut = np.ascontiguousarray(exposure.image[frame.pixels])
        return Window(Image(cut), (frame.left, frame.top), digits)


def _frame_alone(scene: Scene, rng: Generator) -> Frame:
    """Mostly a picture that ends close to the first digit."""
    if rng.random() >= 0.8:
        return WHOLE
    margin = rng.uniform(-0.04, 0.7, 4) * scene.size * (-1, -1, 1, 1)
    return _large_enough(np.clip(scene.digits[0].box + margin, 0, SIDE))


def _frame(rng: Generator) -> Frame:
    """Mostly the whole window, else one that a page's edge goes through."""
    if rng.random() >= 0.3:
        return WHOLE
    cut = rng.integers(0, 50, 4) * (rng.random(4) < 0.6)
    return _large_enough(cut * (1, 1, -1, -1) + WHOLE)


def _large_enough(sides: NDArray[np.generic]) -> Frame:
    frame = Frame(*(int(side) for side in sides))
    smaller = min(frame.right - frame.left, frame.bottom - frame.top)
    return frame if smaller >= SMALLEST_PICTURE else WHOLE


def _paste(image: Image, frame: Frame, rng: Generator) -> Image:
    """What is within a frame, on a blank sheet (SIDE, SIDE)."""
    sheet = np.full_like(image, rng.choice([0, 255, 255, int(rng.integers(256))]))
    sheet[frame.pixels] = image[frame.pixels]
    return Image(sheet)


def _seen(digit: PlacedDigit, frame: Frame) -> float:
    """The share of a digit's ink that is within a frame."""
    inked = digit.ink > INKED
    x, y = digit.corner
    rows = slice(max(0, frame.top - y), max(0, frame.bottom - y))
    columns = slice(max(0, frame.left - x), max(0, frame.right - x))
    return float(inked[rows, columns].sum() / inked.sum())


def _stands_out(digit: PlacedDigit, exposure: Exposure) -> float:
    """How many times the noise close by a digit's ink stands out, in the picture as it is.

    The noise is what the camera did (grain, a smaller picture, JPEG), and what of the paper
    varies within the digit's size.
    """
    x0, y0, x1, y1 = (int(np.clip(side, 0, SIDE)) for side in digit.box)
    if x1 - x0 < 3 or y1 - y0 < 3:
        return 0.0
    here = slice(y0, y1), slice(x0, x1)
    bare, image = exposure.bare[here], exposure.image[here]
    drawn, shown = exposure.inked[here] - bare, image - bare
    kept = float((drawn * shown).sum() / max((drawn**2).sum(), 1e-6))  # of the ink's contrast
    strong = np.abs(drawn) >= 0.5 * np.abs(drawn).max()
    window = max(9, round(digit.size / 2))
    paper = bare - cv2.blur(bare, (window, window))
    noise = np.sqrt(LEAST_NOISE**2 + ((shown - kept * drawn) ** 2).mean() + paper.var())
    return float(kept * np.abs(drawn[strong]).mean() / noise)


def _covered(digits: Sequence[PlacedDigit]) -> list[float]:
    """The share of each digit's ink in the window that lies on another digit's."""
    inked = []
    for digit in digits:
        ink = np.zeros((SIDE, SIDE), np.float32)
        lay(ink, digit.ink, *digit.corner)
        inked.append(ink > INKED)
    layers = np.sum(inked, axis=0)
    return [float((layers[ink] > 1).mean()) if ink.any() else 0.0 for ink in inked]
