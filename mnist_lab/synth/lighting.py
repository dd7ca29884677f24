"""Light on a picture: a lamp, the lens' dark corners, a shadow, and the sensor's noise."""

import cv2
import numpy as np
from numpy.typing import NDArray

from mnist_lab.synth.flat_page import ColourImage
from mnist_lab.synth.options import Camera, generator

LIGHT_STEP = 4  # pixels: light is smooth, and is worked out this much coarser
BAND_ROWS = 64  # that are lit at a time, to save memory


def expose(picture: ColourImage, camera: Camera, *, scale: float, seed: int) -> None:
    """Light a picture and add noise, in place."""
    height, width = picture.shape[:2]
    coarse = _light((height, width), camera, scale, seed)
    rng = generator(seed, "noise")
    need = BAND_ROWS * width * 3
    noise = np.float32(camera.noise) * rng.standard_normal(2 * need, np.float32)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    white = np.array(camera.tint, np.float32) * np.float32(camera.exposure)
    for top in range(0, height, BAND_ROWS):
        band = picture[top : top + BAND_ROWS]
        # the light at the middle of each pixel of these rows
        move = np.array([[1, 0, 0.5], [0, 1, top + 0.5]], np.float32) / LIGHT_STEP
        move[:, 2] -= 0.5
        size = width, len(band)
        light = cv2.warpAffine(coarse, move, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
        grey = band * (white * light[..., None])
        if camera.noise:
            first = rng.integers(need)  # each band from another place: to draw all anew is slow
            grey += noise[first : first + grey.size].reshape(grey.shape)
        if camera.inverted:
            grey = 255 - grey
        picture[top : top + BAND_ROWS] = np.clip(grey + np.float32(0.5), 0, 255, dtype=np.float32)


def _light(size: tuple[int, int], camera: Camera, scale: float, seed: int) -> NDArray[np.float32]:
    """How much light falls where, 0 to 1, LIGHT_STEP times coarser than the picture."""
    height, width = (-(-side // LIGHT_STEP) + 1 for side in size)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    diagonal = np.float32(np.hypot(height, width))
    x, y = (x - width / 2) / diagonal * 2, (y - height / 2) / diagonal * 2  # -1 to 1
    light = 1 - camera.vignette * (x * x + y * y)
    if camera.uneven:
        light = light * (1 - camera.uneven * _falloff(x, y, generator(seed, "lamp")))
    if camera.shadow:
        soft = camera.shadow_edge * scale / LIGHT_STEP / 2
        shadow = _shadow((height, width), soft, generator(seed, "shadow"))
        light = light * (1 - camera.shadow * shadow)
    return light.astype(np.float32)


def _falloff(
    x: NDArray[np.float32], y: NDArray[np.float32], rng: np.random.Generator
) -> NDArray[np.float32]:
    """How far each place is from the lamp, 0 to 1; the paper is not quite flat either."""
    angle = rng.uniform(0, 2 * np.pi)
    far = np.cos(angle) * x + np.sin(angle) * y
    bumps = rng.standard_normal((5, 5), np.float32)
    far = far + 0.12 * cv2.resize(bumps, x.shape[::-1], interpolation=cv2.INTER_CUBIC)
    return (far - far.min()) / max(float(np.ptp(far)), 1e-6)


def _shadow(size: tuple[int, int], soft: float, rng: np.random.Generator) -> NDArray[np.float32]:
    """The shadow of a hand or a phone that reaches in from the edge, 0 to 1."""
    height, width = size
    mask = np.zeros(size, np.float32)
    angle = rng.uniform(0, 2 * np.pi)
    centre = np.array([width, height]) * (0.5 + 0.55 * np.array([np.cos(angle), np.sin(angle)]))
    around = (np.arange(9) + rng.uniform(0.1, 0.9, 9)) * 2 * np.pi / 9
    reach = np.hypot(height, width) * rng.uniform(0.2, 0.5, 9)
    corners = centre + reach[:, None] * np.stack([np.cos(around), np.sin(around)], axis=1)
    cv2.fillPoly(mask, [np.rint(corners).astype(np.int32)], 1.0)
    return np.asarray(cv2.GaussianBlur(mask, (0, 0), max(soft, 0.4)), np.float32)
