"""A picture of a page as a scanner or a phone would take it, with the truth beside it.

What happens to light happens here in the same order: paper has a colour and a grain, ink
takes its share away (`flat_page`), the page is seen in perspective and the lens blurs, a lamp
and a shadow multiply, the sensor adds noise, JPEG forgets.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from mnist_lab.arrays import Labels, OptionError, Polarity
from mnist_lab.images import MAX_PIXELS
from mnist_lab.synth.flat_page import ColourImage, Outline, draw_flat
from mnist_lab.synth.options import BALLPOINT, PHONE, PLAIN, Camera, Paper, Pen, generator
from mnist_lab.synth.page import MM_PER_INCH, Page

DISTANCE_DIAGONALS = 1.4  # of the camera from the page, in the page's diagonals
LIGHT_STEP = 4  # pixels: light is smooth, and is worked out this much coarser
LIT_ROWS = 64  # that are lit at a time, to save memory


@dataclass(frozen=True, eq=False)
class Truth:
    """What a picture shows, digit by digit in reading order.

    `labels` is uint8 (n,); `boxes`, int64 (n, 4), is x, y, width and height in pixels of each
    digit's ink as it lies on the paper, before the lens blurs it over the edge; `lines` is, line
    by line, which digits stand on it; `transform`, float64 (3, 3), is the perspective from
    millimetres on the page to pixels of the picture, where pixel (0, 0) reaches from 0 to 1.
    """

    labels: Labels
    boxes: NDArray[np.int64]
    lines: tuple[tuple[int, ...], ...]
    transform: NDArray[np.float64]
    polarity: Polarity

    @property
    def text(self) -> str:
        """The digits, a row for each line."""
        return "\n".join("".join(str(self.labels[at]) for at in line) for line in self.lines)

    def where(self, points: NDArray[np.floating]) -> NDArray[np.float64]:
        """Say where points (n, 2) of the page, in mm, lie in the picture, in pixels (n, 2)."""
        return _project(points, self.transform)


def photograph(
    page: Page, *, seed: int, paper: Paper = PLAIN, pen: Pen = BALLPOINT, camera: Camera = PHONE
) -> tuple[ColourImage, Truth]:
    """Take a picture of a page: uint8 (height, width, 3), red, green, blue, and what it shows.

    The grain, the place of the lamp, the look of the shadow and the noise each have their own
    share of the seed's chance, so that a change of one option leaves the rest as it was. The
    same seed gives the same bytes with the same NumPy and OpenCV; other builds of OpenCV may
    round, and other builds of libjpeg compress, a little differently. A picture of more than
    100 million pixels is an OptionError, and so is a seed that is none.

    Parameters
    ----------
    paper : Paper
        ``PLAIN``, ``RULED``, ``SQUARED``, ``RECYCLED``, ``BLACKBOARD``, or your own:
        ``dataclasses.replace(RULED, spacing=10)``.
    pen : Pen
        ``BALLPOINT``, ``PENCIL``, ``FELT``, ``CHALK``, or your own.
    camera : Camera
        ``SCANNER``, ``PHONE``, or your own.
    """
    scale = camera.dpi / MM_PER_INCH  # pixels per millimetre in the middle of the page
    _check_size(page.size[0] * scale, page.size[1] * scale)
    flat, outlines = draw_flat(page, paper, pen, scale=scale, seed=seed)
    view, (height, width) = _view(page, camera, outlines, seed)
    picture = _see(flat, view, (height, width), camera, seed)
    _expose(picture, camera, scale=scale, seed=seed)
    if camera.jpeg is not None:
        blue_first = cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)
        data = cv2.imencode(".jpg", blue_first, [cv2.IMWRITE_JPEG_QUALITY, int(camera.jpeg)])[1]
        picture = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR_RGB), np.uint8)
    brighter = pen.opaque and sum(pen.colour) > sum(paper.colour)
    boxes = [_box(_project(outline, view), (height, width)) for outline in outlines]
    return picture, Truth(
        labels=Labels(np.array([digit.label for digit in page.digits], np.uint8)),
        boxes=np.array(boxes, np.int64).reshape(-1, 4),
        lines=page.lines,
        transform=view,
        polarity="light-on-dark" if brighter != camera.inverted else "dark-on-light",
    )


def _view(
    page: Page, camera: Camera, outlines: list[Outline], seed: int
) -> tuple[NDArray[np.float64], tuple[int, int]]:
    """Place a pinhole camera: the perspective (3, 3) from mm to pixels, and the picture's size."""
    width, height = page.size
    away = DISTANCE_DIAGONALS * np.hypot(width, height)
    side = generator(seed, "tilt").uniform(0, 2 * np.pi)
    turn = np.deg2rad(camera.rotation)
    axis = np.array([[np.cos(side), np.sin(side), 0]]).T
    tilt = cv2.Rodrigues(axis * np.deg2rad(camera.tilt))[0]
    spin = np.array([[np.cos(turn), -np.sin(turn), 0], [np.sin(turn), np.cos(turn), 0], [0, 0, 1]])
    pose = spin @ tilt
    pose[:, 2] = 0, 0, away  # the page is flat; its middle is straight ahead
    focal = away * camera.dpi / MM_PER_INCH
    view = np.diag([focal, focal, 1]) @ pose @ _shift(-width / 2, -height / 2)
    seen = np.array([[0, 0], [width, 0], [width, height], [0, height]])
    if camera.framing == "digits" and outlines:
        seen = np.concatenate(outlines)
    room = camera.margin * camera.dpi / MM_PER_INCH
    corners = _project(seen, view)
    low, high = np.rint(corners.min(axis=0) - room), np.rint(corners.max(axis=0) + room)
    view = _shift(*-low) @ view
    columns, rows = np.maximum(1, high - low).astype(int).tolist()
    _check_size(columns, rows)
    return view / view[2, 2], (rows, columns)


def _see(
    flat: ColourImage, view: NDArray[np.float64], size: tuple[int, int], camera: Camera, seed: int
) -> ColourImage:
    """Lay the page on the table, look at it from the camera, and blur."""
    height, width = size
    small = -(-height // 8), -(-width // 8)
    colour = np.array(camera.table, np.float32)
    coarse = generator(seed, "table").standard_normal((*small, 1), np.float32)
    coarse *= 0.08 * (1 - colour.max())  # a white lid is smooth, dark wood is not
    table = np.clip((1 + coarse) * colour * 255, 0, 255).astype(np.uint8)
    picture = cv2.resize(table, (width, height), interpolation=cv2.INTER_LINEAR)
    scale = camera.dpi / MM_PER_INCH
    half = _shift(-0.5, -0.5)  # OpenCV: a pixel's middle is whole
    pixels = half @ view @ np.diag([1 / scale, 1 / scale, 1]) @ np.linalg.inv(half)
    cv2.warpPerspective(
        flat, pixels, (width, height), picture, cv2.INTER_LINEAR, cv2.BORDER_TRANSPARENT
    )
    if camera.blur:
        cv2.GaussianBlur(picture, (0, 0), camera.blur, picture)
    return picture


def _expose(picture: ColourImage, camera: Camera, *, scale: float, seed: int) -> None:
    """Light a picture and add noise, in place."""
    height, width = picture.shape[:2]
    coarse = _light((height, width), camera, scale, seed)
    rng = generator(seed, "noise")
    need = LIT_ROWS * width * 3
    noise = np.float32(camera.noise) * rng.standard_normal(2 * need, np.float32)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    white = np.array(camera.tint, np.float32) * np.float32(camera.exposure)
    for top in range(0, height, LIT_ROWS):
        band = picture[top : top + LIT_ROWS]
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
        picture[top : top + LIT_ROWS] = np.clip(grey + np.float32(0.5), 0, 255, dtype=np.float32)


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


def _shift(x: float, y: float) -> NDArray[np.float64]:
    """A translation as a perspective (3, 3)."""
    return np.array([[1, 0, x], [0, 1, y], [0, 0, 1]])


def _project(points: NDArray[np.floating], view: NDArray[np.float64]) -> NDArray[np.float64]:
    """Bring points (n, 2) through a perspective (3, 3)."""
    seen = np.c_[np.asarray(points, np.float64), np.ones(len(points))] @ view.T
    return seen[:, :2] / seen[:, 2:]


def _box(points: NDArray[np.float64], size: tuple[int, int]) -> tuple[int, int, int, int]:
    """The whole pixels x, y, width, height that hold points (n, 2) and are in the picture."""
    height, width = size
    low = np.clip(np.floor(points.min(axis=0) + 0.25), 0, (width - 1, height - 1)).astype(int)
    high = np.clip(np.ceil(points.max(axis=0) - 0.25), low + 1, (width, height)).astype(int)
    return int(low[0]), int(low[1]), int(high[0] - low[0]), int(high[1] - low[1])


def _check_size(width: float, height: float) -> None:
    if width * height > MAX_PIXELS:
        raise OptionError(
            f"expected a picture of at most {MAX_PIXELS:,} pixels, got {width:.0f} x "
            f"{height:.0f}: lower the dpi or take a smaller page"
        )
