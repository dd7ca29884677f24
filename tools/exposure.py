"""How a window is seen: ink on some paper, in some light, through some camera."""

from dataclasses import dataclass
from typing import NamedTuple, Self

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from mnist_lab.arrays import Image

Plane = NDArray[np.float32]  # (height, width), of a whole window

LIGHT_ON_DARK = 0.35  # of windows
CONTRAST = 0.09, 0.95  # of the paper's brightness that ink takes away, from and to
ROUGHNESS = 2.5  # times the ink's contrast: paper is no rougher than ink is dark
SHRUNK = 0.15  # of windows were once a smaller picture
COMPRESSED = 0.45  # of windows were JPEG


@dataclass(frozen=True)
class Look:
    """How well ink stands out: its contrast, 0 to 1, and whether paper and camera are spotless."""

    contrast: float
    clean: bool

    @classmethod
    def choose(cls, rng: Generator) -> Self:
        """A quarter is clean: a drawing on a screen, a good scan."""
        clean = bool(rng.random() < 0.25)
        contrast = rng.uniform(0.5, 1) if clean else np.exp(rng.uniform(*np.log(CONTRAST)))
        return cls(float(contrast), clean)

    @property
    def roughness(self) -> float:
        """Of the paper, 0 to 1."""
        return 0.0 if self.clean else min(1.0, ROUGHNESS * self.contrast)


class Exposure(NamedTuple):
    """What a camera made of a window, and what it would have been without its faults."""

    image: Image
    bare: Plane  # the paper with its rulings, in this light, 0 to 255
    inked: Plane  # the same with the ink on it


def expose(ink: Plane, rulings: Plane, look: Look, size: float, rng: Generator) -> Exposure:
    """Take a picture of ink and rulings (side, side), 0 to 1; `size` is a digit's, in pixels."""
    paper = _paper(len(ink), look.roughness, rng)
    bare = paper * (1 - min(0.95, look.contrast * rng.uniform(0.3, 1.3)) * rulings)
    inked = bare * (1 - look.contrast * _uneven(ink, rng))
    if rng.random() < 0.25:
        light = _light_beside_shadow(len(ink), rng)
        bare, inked = bare * light, inked * light
    if rng.random() < LIGHT_ON_DARK:
        bare, inked = 255 - bare, 255 - inked
    blur = rng.choice([0, 0.4, 0.7, 1, 1.5], p=[0.25, 0.25, 0.25, 0.17, 0.08])
    if 0 < blur < size / 14:
        bare, inked = (cv2.GaussianBlur(each, (0, 0), blur) for each in (bare, inked))
    spotless = look.clean or rng.random() < 0.3
    grain = 0.0 if spotless else min(rng.exponential(4), 50 * look.contrast)
    image = np.clip(inked + grain * _noise(len(ink), rng), 0, 255).astype(np.uint8)
    return Exposure(Image(_stored(image, rng)), np.clip(bare, 0, 255), np.clip(inked, 0, 255))


def _paper(side: int, rough: float, rng: Generator) -> Plane:
    """Brightness (side, side): a level, light from one side, stains, fibres, streaks."""
    y, x = np.mgrid[0:side, 0:side].astype(np.float32) / side - 0.5
    paper = np.full((side, side), rng.uniform(90, 250), np.float32)
    if rng.random() < 0.7:
        angle = rng.uniform(0, 2 * np.pi)
        paper *= 1 + rng.uniform(0, 0.5) * (np.cos(angle) * x + np.sin(angle) * y)
    if rng.random() < 0.4:
        paper *= 1 + rng.uniform(0, 0.2) * rough * _cloud(side, int(rng.integers(3, 14)), rng)
    if rng.random() < 0.3:
        fibres = cv2.GaussianBlur(_noise(side, rng), (0, 0), rng.uniform(0.5, 2.5))
        paper *= 1 + rng.uniform(0.01, 0.12) * rough * fibres
    if rng.random() < 0.05:
        streaks = cv2.resize(rng.standard_normal((side // 2, 2), np.float32), (side, side))
        paper *= 1 + 0.1 * rng.random() * rough * streaks
    if rng.random() < 0.12:
        paper *= 1 - rng.uniform(0.1, 0.7) * rough * _specks(side, rng)
    return paper


def _specks(side: int, rng: Generator) -> Plane:
    """Specks and short fibres (side, side), 0 to 1, as in recycled paper."""
    specks = np.zeros((side, side), np.uint8)
    longest = rng.uniform(2, 14)
    for _ in range(int(rng.integers(5, 150))):
        at, bend = rng.uniform(0, side, 2), rng.normal(0, longest / 3, (2, 2))
        curve = np.rint(16 * (at + np.stack([bend[0], 0 * at, bend[1]]))).astype(np.int32)
        level = int(rng.integers(60, 256))
        cv2.polylines(specks, [curve], False, level, int(rng.integers(1, 3)), cv2.LINE_AA, 4)
    return (specks / 255).astype(np.float32)


def _uneven(ink: Plane, rng: Generator) -> Plane:
    """Ink that pales here and there, or is chalk's and pencil's."""
    side = len(ink)
    if rng.random() < 0.3:
        ink = ink * np.clip(1 - rng.uniform(0.1, 0.6) * np.abs(_cloud(side, 12, rng)), 0.25, 1)
    if rng.random() < 0.15:
        ink = ink * (1 - rng.uniform(0.2, 0.8) * rng.random((side, side), np.float32))
    return ink


def _light_beside_shadow(side: int, rng: Generator) -> Plane:
    """What is left of the light (side, side) beside a hand, or past the edge of a sheet."""
    mask = np.zeros((side, side), np.uint8)
    if rng.random() < 0.5:
        corners = side / 2 + rng.normal(0, 0.8, (3, 2)) * side
        cv2.fillPoly(mask, [corners.astype(np.int32)], 255)
    else:
        low, high = np.sort(rng.uniform(-0.3 * side, 1.3 * side, (2, 2)), axis=0).astype(int)
        cv2.rectangle(mask, low.tolist(), high.tolist(), 255, cv2.FILLED)
    soft = cv2.GaussianBlur(mask, (0, 0), rng.choice([0.6, 1.5, 6])).astype(np.float32)
    return (1 - rng.uniform(0.1, 0.8) * soft / 255).astype(np.float32)


def _stored(image: NDArray[np.uint8], rng: Generator) -> NDArray[np.uint8]:
    """What is left of a picture that was once smaller, or JPEG."""
    if rng.random() < SHRUNK:
        share, size = rng.uniform(0.5, 0.9), image.shape[::-1]
        small = cv2.resize(image, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
        image = cv2.resize(small, size, interpolation=cv2.INTER_CUBIC).astype(np.uint8)
    if rng.random() < COMPRESSED:
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(25, 95))]
        coded = cv2.imencode(".jpg", image, quality)[1]
        image = np.asarray(cv2.imdecode(coded, cv2.IMREAD_GRAYSCALE), np.uint8)
    return image


def _noise(side: int, rng: Generator) -> Plane:
    return rng.standard_normal((side, side), np.float32)


def _cloud(side: int, values: int, rng: Generator) -> Plane:
    """Smooth noise (side, side): `values` across, in between interpolated."""
    cloud = cv2.resize(_noise(values, rng), (side, side), interpolation=cv2.INTER_CUBIC)
    return cloud.astype(np.float32)
