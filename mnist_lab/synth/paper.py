"""Digits on a page as a scanner or a phone would see it, with the truth beside the picture.

What happens to light happens here in the same order: paper has a colour and a grain, ink
takes its share away, a lamp and a shadow multiply both, the lens blurs, the sensor adds
noise, JPEG forgets. `lay_out` puts digits on a page, `photograph` takes the picture.

Lengths on the page are millimetres, x to the right and y down from its upper left corner.
Colours are shares (red, green, blue) of full brightness on a screen, 0 to 1.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from zlib import crc32

import cv2
import numpy as np
from numpy.typing import NDArray

from mnist_lab import strokes
from mnist_lab.arrays import ArrayError, Labels, Stroke, describe

Colour = tuple[float, float, float]
Picture = NDArray[np.uint8]  # (height, width, 3), red, green, blue
Hand = Callable[[int, np.random.Generator], Sequence[Stroke]]

A4 = 210.0, 297.0
LETTER = 215.9, 279.4
INCH = 25.4
BIGGEST = 100_000_000  # pixels of a picture, above which one is refused

# How a hand strays from what it means to do, as shares of a digit's height.
SIZE = 0.06  # spread of the logarithm of the height
LIFT = 0.035  # spread of the place above or below the line
CLIMB = 0.012  # spread of the slope of a line
INDENT = 0.12  # spread of where a line begins
LOOSE = 0.25  # spread of the logarithm of a gap

SWELL = 0.1  # spread of the logarithm of a pen's width along a stroke
KNOTS = 5  # widths that a stroke runs through
DISTANCE = 1.4  # of the camera, in diagonals of the page
TILE = 512  # pixels after which the paper's grain repeats
LAMP_STEP = 4  # pixels: light is smooth, and is worked out this much coarser
BAND = 64  # rows that are lit at a time, to save memory


def _hold(options: Any, **ranges: tuple[float, float]) -> None:
    """Hold numbers to their ranges."""
    for name, (low, high) in ranges.items():
        value = getattr(options, name)
        if not isinstance(value, int | float | np.number) or not low <= value <= high:
            raise ArrayError(f"expected {name} from {low:g} to {high:g}, got {value!r}")


def _hold_colours(**colours: Colour) -> None:
    for name, colour in colours.items():
        if len(colour) != 3 or not all(0 <= part <= 1 for part in colour):
            raise ArrayError(
                f"expected {name} as red, green and blue from 0 to 1, got {colour}: "
                "divide levels up to 255 by 255"
            )


@dataclass(frozen=True, eq=False)
class Written:
    """One digit on a page.

    Attributes
    ----------
    label : int
        Which digit, 0 to 9.
    strokes : list of float32 (points, 2)
        Where the pen went, in millimetres on the page. Empty for a digit that stands on
        the printed page already.
    line : int
        Which line it is on; the digits of a line stand in reading order.
    box : (float, float, float, float), optional
        x, y, width, height in millimetres: where a digit without strokes stands.
    """

    label: int
    strokes: Sequence[Stroke] = ()
    line: int = 0
    box: tuple[float, float, float, float] | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.label, int | np.integer) or not 0 <= self.label <= 9:
            raise ArrayError(f"expected a label from 0 to 9, got {self.label!r}")
        if bool(len(self.strokes)) == (self.box is not None):
            raise ArrayError(
                f"expected strokes to draw the {self.label} with, or the box in which the "
                f"printed page shows it, got {'both' if self.box else 'neither'}"
            )
        _check_strokes(self.strokes)

    def outline(self) -> NDArray[np.float64]:
        """Points (n, 2) in millimetres between which the digit lies, the pen's width aside."""
        if self.box:
            x, y, width, height = self.box
            return np.array([[x, y], [x + width, y], [x + width, y + height], [x, y + height]])
        return np.concatenate(self.strokes).astype(np.float64)


@dataclass(frozen=True, eq=False)
class Drawing:
    """What is on a page.

    Attributes
    ----------
    digits : sequence of Written
        In reading order.
    size : (float, float)
        Width and height of the page in millimetres.
    printed : uint8 (h, w) or (h, w, 3), optional
        What was on the page before the pen came, 255 where there is bare paper; it is
        stretched over the whole page.
    marks : list of float32 (points, 2)
        Strokes that are no digit, in millimetres: a crossing-out, a letter.
    """

    digits: Sequence[Written]
    size: tuple[float, float] = A4
    printed: NDArray[np.uint8] | None = None
    marks: Sequence[Stroke] = ()

    def __post_init__(self) -> None:
        width, height = self.size
        if not (width > 0 and height > 0):
            raise ArrayError(f"expected a page wider and higher than 0 mm, got {self.size}")
        if self.printed is not None:
            _check_printed(self.printed)
        if [digit.line for digit in self.digits] != sorted(digit.line for digit in self.digits):
            raise ArrayError("expected the digits line after line: sort them by their `line`")
        _check_strokes(self.marks)
        things = [(f"a {digit.label}", digit.outline()) for digit in self.digits]
        things += [("a mark", np.asarray(mark, np.float64)) for mark in self.marks]
        for name, points in things:
            if not ((points >= 0) & (points <= self.size)).all():
                low, high = points.min(axis=0).round(1), points.max(axis=0).round(1)
                raise ArrayError(
                    f"expected everything on the page of {width:g} x {height:g} mm, got "
                    f"{name} from {low} to {high}: move it, or take a larger page"
                )


@dataclass(frozen=True)
class Paper:
    """What is written on.

    Attributes
    ----------
    colour : (float, float, float)
        Red, green and blue, 0 to 1.
    grain : float
        How rough it looks: the spread of its brightness, 0 to 0.5.
    ruling : str
        ``"none"``, ``"lines"`` or ``"squares"``.
    spacing : float
        From line to line, 1 to 100 mm.
    ruling_colour : (float, float, float)
        Of the ruling, 0 to 1; multiplies the paper's.
    specks : int
        Specks of dust on the page, 0 to 10,000.
    """

    colour: Colour = (0.96, 0.96, 0.95)
    grain: float = 0.015
    ruling: str = "none"
    spacing: float = 8.0
    ruling_colour: Colour = (0.68, 0.77, 0.9)
    specks: int = 0

    def __post_init__(self) -> None:
        _hold(self, grain=(0, 0.5), spacing=(1, 100), specks=(0, 10_000))
        _hold_colours(colour=self.colour, ruling_colour=self.ruling_colour)
        if self.ruling not in {"none", "lines", "squares"}:
            raise ArrayError(f"expected a ruling none, lines or squares, got {self.ruling!r}")


@dataclass(frozen=True)
class Pen:
    """What is written with.

    Attributes
    ----------
    colour : (float, float, float)
        What is left of the light where ink lies thick, 0 to 1.
    width : float
        Of the line, 0.05 to 50 mm.
    tooth : float
        How much of the paper's grain shows in the line, 0 to 1: much with a pencil.
    fade : float
        How much the line pales where the pen is pressed less, 0 to 1.
    opaque : bool
        Whether it covers the paper's own colour, as chalk does, or tints it.
    """

    colour: Colour = (0.13, 0.17, 0.5)
    width: float = 0.45
    tooth: float = 0.15
    fade: float = 0.12
    opaque: bool = False

    def __post_init__(self) -> None:
        _hold(self, width=(0.05, 50), tooth=(0, 1), fade=(0, 1))
        _hold_colours(colour=self.colour)


@dataclass(frozen=True)
class Camera:
    """How the page is lit and seen.

    Attributes
    ----------
    dpi : float
        Pixels per inch in the middle of the page, 10 to 1200.
    tilt : float
        Angle between the line of sight and the upright on the page, 0 to 60 degrees. From
        which side, the seed says.
    rotation : float
        By how much the page is turned in the picture, clockwise, -360 to 360 degrees.
    framing : str
        What fills the picture: ``"page"``, or ``"digits"`` for a picture close to the ink.
    margin : float
        What is seen around that, 0 to 1000 mm.
    table : (float, float, float)
        Colour of what the page lies on, 0 to 1.
    exposure : float
        How bright a white page becomes, 0.05 to 2; above 1 it is overexposed.
    tint : (float, float, float)
        Colour of the light, 0 to 1.
    uneven : float
        How much darker it is where the lamp shines least, 0 to 0.95. From which side it
        shines, the seed says.
    vignette : float
        How much darker the corners are, 0 to 0.95.
    shadow : float
        How dark a shadow falls on the page, 0 (none) to 0.95.
    shadow_edge : float
        Width of the shadow's edge, 0.5 (hard) to 500 mm.
    blur : float
        Of the lens: spread of a point, 0 to 20 pixels.
    noise : float
        Of the sensor: spread of the grey levels, 0 to 60 of 255.
    jpeg : int or None
        Quality, 1 to 100; None for no loss.
    inverted : bool
        Whether dark and bright are swapped, as in a negative.
    """

    dpi: float = 150.0
    tilt: float = 0.0
    rotation: float = 0.0
    framing: str = "page"
    margin: float = 0.0
    table: Colour = (0.36, 0.27, 0.2)
    exposure: float = 1.0
    tint: Colour = (1.0, 1.0, 1.0)
    uneven: float = 0.0
    vignette: float = 0.0
    shadow: float = 0.0
    shadow_edge: float = 15.0
    blur: float = 0.0
    noise: float = 0.0
    jpeg: int | None = None
    inverted: bool = False

    def __post_init__(self) -> None:
        _hold(
            self,
            dpi=(10, 1200),
            tilt=(0, 60),
            rotation=(-360, 360),
            margin=(0, 1000),
            exposure=(0.05, 2),
            uneven=(0, 0.95),
            vignette=(0, 0.95),
            shadow=(0, 0.95),
            shadow_edge=(0.5, 500),
            blur=(0, 20),
            noise=(0, 60),
        )
        _hold_colours(table=self.table, tint=self.tint)
        if self.jpeg is not None:
            _hold(self, jpeg=(1, 100))
        if self.framing not in {"page", "digits"}:
            raise ArrayError(f"expected a framing page or digits, got {self.framing!r}")


@dataclass(frozen=True, eq=False)
class Truth:
    """What a picture shows.

    Attributes
    ----------
    labels : uint8 (n,)
        In reading order.
    boxes : int64 (n, 4)
        x, y, width and height in pixels: the ink of each digit as it lies on the paper,
        before the lens blurs it over the edge.
    lines : tuple of tuple of int
        Line by line, which digits stand on it.
    transform : float64 (3, 3)
        The perspective, from millimetres on the page to pixels of the picture; pixel
        (0, 0) reaches from 0 to 1.
    polarity : str
        ``"dark-on-light"`` or ``"light-on-dark"``.
    """

    labels: Labels
    boxes: NDArray[np.int64]
    lines: tuple[tuple[int, ...], ...]
    transform: NDArray[np.float64]
    polarity: str

    @property
    def text(self) -> str:
        """The digits, a row for each line."""
        return "\n".join("".join(str(self.labels[at]) for at in line) for line in self.lines)

    def where(self, points: NDArray[np.floating]) -> NDArray[np.float64]:
        """Say where points (n, 2) of the page, in mm, lie in the picture, in pixels (n, 2)."""
        return _project(points, self.transform)


PLAIN = Paper()
RULED = Paper(ruling="lines")
SQUARED = Paper(ruling="squares", spacing=5.0, ruling_colour=(0.76, 0.8, 0.86))
RECYCLED = Paper(colour=(0.86, 0.83, 0.76), grain=0.035, specks=250)
BLACKBOARD = Paper(colour=(0.17, 0.23, 0.2), grain=0.08)

BALLPOINT = Pen()
PENCIL = Pen(colour=(0.36, 0.36, 0.38), width=0.5, tooth=0.4, fade=0.25)
FELT = Pen(colour=(0.08, 0.08, 0.09), width=1.3, tooth=0.03, fade=0.03)
CHALK = Pen(colour=(0.88, 0.88, 0.84), width=2.2, tooth=0.5, fade=0.2, opaque=True)

SCANNER = Camera(
    dpi=200, rotation=0.6, table=(0.96, 0.96, 0.96), exposure=1.05, uneven=0.02, blur=0.6,
    noise=1.5, jpeg=85,
)  # fmt: skip
PHONE = Camera(
    tilt=9, rotation=-2.0, framing="digits", margin=14, exposure=0.8, tint=(1.0, 0.98, 0.94),
    uneven=0.25, vignette=0.12, blur=0.9, noise=2.5, jpeg=80,
)  # fmt: skip


def lay_out(
    text: str,
    write: Hand,
    *,
    seed: int,
    height: float = 12.0,
    gap: float = 0.4,
    leading: float = 1.7,
    margin: float = 15.0,
    size: tuple[float, float] | None = None,
    tidy: float = 0.0,
) -> Drawing:
    """Write lines of digits on a page, as unevenly as by hand.

    Parameters
    ----------
    text : str
        Digits, spaces and line breaks: ``"2026\\n0123456789"``.
    write : callable (label, rng) -> list of float32 (points, 2)
        A hand, in any unit: ``handwriting.write_strokes``, or
        ``functools.partial(handwriting.write_strokes, writer=writer)``.
    seed : int
        The same text, hand and seed give the same drawing.
    height : float
        Of a digit, in millimetres.
    gap : float
        Between digits, as a share of their height; below 0 they run into each other.
    leading : float
        From line to line, as a share of the height.
    margin : float
        Around what is written, in millimetres.
    size : (float, float), optional
        Width and height of the page in millimetres; by default as large as the text needs.
    tidy : float
        0 for how hands usually stray in size, place and spacing, 1 for not at all.

    Returns
    -------
    Drawing
        The digits in reading order, without the spaces; blank lines are left out of the
        count of lines.

    Raises
    ------
    ArrayError
        `text` holds something else than digits, or more than the page has room for.
    """
    if not text.strip() or not set(text) <= set("0123456789 \n"):
        raise ArrayError(f"expected digits, spaces and line breaks to write, got {text!r}")
    if not (height > 0 and leading > 0 and 0 <= tidy <= 1):
        raise ArrayError(
            "expected a height and a leading above 0 and tidy from 0 to 1, "
            f"got {height}, {leading} and {tidy}"
        )
    rng = _chance(seed, "hand")
    digits: list[Written] = []
    rows = [row for row in text.split("\n") if row.strip()]
    for line, row in enumerate(rows):
        stray = (1 - tidy) * height
        x, climb = margin + abs(rng.normal(0, INDENT)) * stray, rng.normal(0, CLIMB) * (1 - tidy)
        for character in row:
            if character == " ":
                x += 0.6 * height
                continue
            tall = height * np.exp(rng.normal(0, SIZE) * (1 - tidy))
            base = margin + height * (1.1 + line * leading) + climb * (x - margin)
            base += rng.normal(0, LIFT) * stray
            placed = stand(write(int(character), rng), x, base, tall)
            digits.append(Written(int(character), placed, line))
            x = digits[-1].outline()[:, 0].max()
            x += gap * height * np.exp(rng.normal(0, LOOSE) * (1 - tidy))
    if size is None:
        far = np.max([digit.outline().max(axis=0) for digit in digits], axis=0) + margin
        size = float(far[0]), float(far[1])
    return Drawing(tuple(digits), size)


def stand(lines: Sequence[Stroke], x: float, base: float, tall: float) -> list[Stroke]:
    """Scale strokes to stand on `base`, `tall` high, from `x` to the right; all in mm."""
    lines = [_fluent(line) for line in lines]
    points = np.concatenate(lines)
    low, high = points.min(axis=0), points.max(axis=0)
    zoom = np.float32(tall / max(high[1] - low[1], 1e-3))
    return [(line - low) * zoom + np.array([x, base - tall], np.float32) for line in lines]


def _fluent(stroke: Stroke) -> Stroke:
    """Round the corners that a stroke of few points would show when it is drawn large."""
    return strokes.smooth(stroke) if 2 < len(stroke) < 200 else np.asarray(stroke, np.float32)


def photograph(
    drawing: Drawing,
    *,
    seed: int,
    paper: Paper = PLAIN,
    pen: Pen = BALLPOINT,
    camera: Camera = PHONE,
) -> tuple[Picture, Truth]:
    """Take a picture of a page.

    Parameters
    ----------
    drawing : Drawing
        What is on the page.
    seed : int
        Chance: the grain, where the lamp stands, what the shadow looks like, the noise.
        Each has its own share of it, so that a change of one option leaves the rest as it
        was. The same seed gives the same bytes with the same NumPy and OpenCV; other
        builds of OpenCV may round, and other builds of libjpeg compress, a little
        differently.
    paper : Paper
        ``PLAIN``, ``RULED``, ``SQUARED``, ``RECYCLED``, ``BLACKBOARD``, or your own:
        ``dataclasses.replace(RULED, spacing=10)``.
    pen : Pen
        ``BALLPOINT``, ``PENCIL``, ``FELT``, ``CHALK``, or your own.
    camera : Camera
        ``SCANNER``, ``PHONE``, or your own.

    Returns
    -------
    picture : uint8 (height, width, 3)
        Red, green and blue, 0 to 255.
    truth : Truth
        Labels, boxes and lines, and the perspective.

    Raises
    ------
    ArrayError
        The picture would have more than 100 million pixels.
    """
    scale = camera.dpi / INCH  # pixels per millimetre in the middle of the page
    _check_size(drawing.size, scale)
    page, hulls = _ink(drawing, paper, pen, scale, seed)
    view, (height, width) = _view(drawing, camera, hulls, seed)
    picture = _see(page, view, (height, width), camera, scale=scale, seed=seed)
    _expose(picture, camera, scale, seed)
    if camera.jpeg is not None:
        picture = _compress(picture, camera.jpeg)
    brighter = pen.opaque and sum(pen.colour) > sum(paper.colour)
    polarity = "light-on-dark" if brighter != camera.inverted else "dark-on-light"
    boxes = [_box(_project(hull, view), (height, width)) for hull in hulls]
    return picture, Truth(
        labels=np.array([digit.label for digit in drawing.digits], np.uint8),
        boxes=np.array(boxes, np.int64).reshape(-1, 4),
        lines=_lines(drawing.digits),
        transform=view,
        polarity=polarity,
    )


def _ink(
    drawing: Drawing, paper: Paper, pen: Pen, scale: float, seed: int
) -> tuple[Picture, list[NDArray[np.float64]]]:
    """Draw the page flat: the picture, and the outline (n, 2) of each digit's ink in mm."""
    width, height = (max(1, round(side * scale)) for side in drawing.size)
    page = _bare(paper, (height, width), scale, seed)
    if drawing.printed is not None:
        shrink = cv2.INTER_AREA if drawing.printed.shape[1] > width else cv2.INTER_LINEAR
        printed = cv2.resize(drawing.printed, (width, height), interpolation=shrink)
        printed = printed if printed.ndim == 3 else cv2.cvtColor(printed, cv2.COLOR_GRAY2RGB)
        page = np.asarray(cv2.multiply(page, printed, scale=1 / 255), np.uint8)
    grain = _grain(scale, seed)
    rng = _chance(seed, "pen")
    hulls = []
    for digit in drawing.digits:
        hull = digit.outline()
        if len(digit.strokes):
            hull = _put(page, digit.strokes, pen, grain=grain, scale=scale, rng=rng)
        hulls.append(hull)
    if len(drawing.marks):
        _put(page, drawing.marks, pen, grain=grain, scale=scale, rng=rng)
    return page, hulls


def _bare(paper: Paper, shape: tuple[int, int], scale: float, seed: int) -> Picture:
    """Make paper (height, width, 3): its colour, its grain, its ruling."""
    rough = 1 + paper.grain * _grain(scale, seed)[..., None]
    tile = np.clip(rough * np.array(paper.colour, np.float32) * 255, 0, 255).astype(np.uint8)
    height, width = shape
    page = np.tile(tile, (-(-height // TILE), -(-width // TILE), 1))[:height, :width].copy()
    if paper.ruling != "none":
        _rule(page, paper, scale)
    if paper.ruling == "squares":
        _rule(page.transpose(1, 0, 2), paper, scale)
    rng = _chance(seed, "specks")
    for _ in range(paper.specks):
        x, y, radius = rng.random(3) * (width, height, 0.25 * scale)
        dark = (rng.uniform(0.3, 0.8) * np.array(paper.colour) * 255).tolist()
        centre = round(x * 16), round(y * 16)
        cv2.circle(page, centre, round(radius * 16), dark, -1, cv2.LINE_AA, 4)
    return page


def _rule(page: Picture, paper: Paper, scale: float) -> None:
    """Draw lines from left to right, in place, antialiased."""
    at = (np.arange(len(page) * 8) + 0.5) / 8 / scale  # mm, at eight places in each pixel
    line = (at % paper.spacing < 0.2) & (at >= paper.spacing)
    share = line.reshape(-1, 8).mean(axis=1)
    rows = np.flatnonzero(share)
    left = 1 - share[rows, None, None] * (1 - np.array(paper.ruling_colour))
    page[rows] = (page[rows] * left.astype(np.float32)).astype(np.uint8)


def _grain(scale: float, seed: int) -> NDArray[np.float32]:
    """Make the relief of paper (TILE, TILE): fibres 0.12 mm wide, mean 0, spread 1 close by."""
    fibre = 0.12 * scale
    relief = _chance(seed, "grain").standard_normal((TILE, TILE), np.float32)
    seen = min(1.0, 2 * fibre)  # a coarse pixel is the mean of many fibres
    if fibre <= 0.3:
        return seen * relief
    edge = int(4 * fibre) + 1
    wide = cv2.copyMakeBorder(relief, edge, edge, edge, edge, cv2.BORDER_WRAP)
    soft = np.asarray(cv2.GaussianBlur(wide, (0, 0), fibre), np.float32)[edge:-edge, edge:-edge]
    return soft * np.float32(seen / soft.std())


def _put(
    page: Picture,
    lines: Sequence[Stroke],
    pen: Pen,
    *,
    grain: NDArray[np.float32],
    scale: float,
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """Draw strokes on a page, in place, and give the outline (n, 2) of their ink in mm."""
    points = np.concatenate(lines).astype(np.float64) * scale
    edge = pen.width * scale * 1.5 + 2  # pixels, with room for a pen that swells
    low = np.maximum(points.min(axis=0) - edge, 0).astype(int)
    high = np.minimum(np.ceil(points.max(axis=0) + edge), page.shape[1::-1]).astype(int)
    (left, top), (right, bottom) = low.tolist(), high.tolist()
    height, width = bottom - top, right - left
    local = [(np.asarray(line, np.float64) * scale - low) / height for line in lines]
    pens = [pen.width * scale / height * _swell(len(line), rng) for line in lines]
    cover = strokes.rasterise(local, size=(height, width), pen=pens).astype(np.float32) / 255
    tooth = grain[np.ix_(np.arange(top, bottom) % TILE, np.arange(left, right) % TILE)]
    share = (cover * _strength(pen, tooth, rng))[..., None]
    bare = page[top:bottom, left:right].astype(np.float32)
    inked = np.array(pen.colour, np.float32) * (255 if pen.opaque else bare)
    page[top:bottom, left:right] = np.clip(bare + share * (inked - bare) + 0.5, 0, 255)
    return _hull(cover > 0.4, (left, top)) / scale


def _strength(
    pen: Pen, tooth: NDArray[np.float32], rng: np.random.Generator
) -> NDArray[np.float32]:
    """Say how much ink the pen leaves in each pixel of a patch where it passes, 0 to 1."""
    press = rng.standard_normal((6, 6), np.float32)
    smooth = cv2.resize(press, tooth.shape[::-1], interpolation=cv2.INTER_CUBIC)
    strength = 1 - pen.fade * np.abs(smooth) - pen.tooth * np.maximum(0, tooth + 0.3)
    return np.clip(strength, 0.1, 1).astype(np.float32)


def _swell(points: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Give factors (points,) near 1 by which a line is wider, more here, less there."""
    along = np.linspace(0, KNOTS - 1, points)
    return np.exp(SWELL * np.interp(along, np.arange(KNOTS), rng.standard_normal(KNOTS)))


def _hull(ink: NDArray[np.bool_], corner: tuple[int, int]) -> NDArray[np.float64]:
    """Give the corners (n, 2), in pixels, of the convex hull of ink."""
    found = cv2.findNonZero(ink.astype(np.uint8))
    if found is None:
        return np.array([corner], np.float64)
    pixels = cv2.convexHull(found)[:, 0].astype(np.float64)
    corners = pixels[:, None] + np.array([[0, 0], [1, 0], [1, 1], [0, 1]])
    return corners.reshape(-1, 2) + corner


def _view(
    drawing: Drawing, camera: Camera, hulls: list[NDArray[np.float64]], seed: int
) -> tuple[NDArray[np.float64], tuple[int, int]]:
    """Place a pinhole camera: the perspective (3, 3) from mm to pixels, and the picture's size."""
    width, height = drawing.size
    away = DISTANCE * np.hypot(width, height)
    side = _chance(seed, "tilt").uniform(0, 2 * np.pi)
    turn = np.deg2rad(camera.rotation)
    axis = np.array([[np.cos(side), np.sin(side), 0]]).T
    tilt = cv2.Rodrigues(axis * np.deg2rad(camera.tilt))[0]
    spin = np.array([[np.cos(turn), -np.sin(turn), 0], [np.sin(turn), np.cos(turn), 0], [0, 0, 1]])
    pose = spin @ tilt
    pose[:, 2] = 0, 0, away  # the page is flat; its middle is straight ahead
    focal = away * camera.dpi / INCH
    middle = np.array([[1, 0, -width / 2], [0, 1, -height / 2], [0, 0, 1]])
    view = np.diag([focal, focal, 1]) @ pose @ middle
    seen = np.array([[0, 0], [width, 0], [width, height], [0, height]])
    if camera.framing == "digits" and hulls:
        seen = np.concatenate(hulls)
    room = camera.margin * camera.dpi / INCH
    corners = _project(seen, view)
    low, high = np.rint(corners.min(axis=0) - room), np.rint(corners.max(axis=0) + room)
    view = np.array([[1, 0, -low[0]], [0, 1, -low[1]], [0, 0, 1]]) @ view
    columns, rows = np.maximum(1, high - low).astype(int).tolist()
    _check_size((columns, rows), 1)
    return view / view[2, 2], (rows, columns)


def _see(
    page: Picture,
    view: NDArray[np.float64],
    size: tuple[int, int],
    camera: Camera,
    *,
    scale: float,
    seed: int,
) -> Picture:
    """Lay the page on the table, look at it from the camera, and blur."""
    height, width = size
    small = -(-height // 8), -(-width // 8)
    colour = np.array(camera.table, np.float32)
    coarse = _chance(seed, "table").standard_normal((*small, 1), np.float32)
    coarse *= 0.08 * (1 - colour.max())  # a white lid is smooth, dark wood is not
    table = np.clip((1 + coarse) * colour * 255, 0, 255).astype(np.uint8)
    picture = cv2.resize(table, (width, height), interpolation=cv2.INTER_LINEAR)
    half = np.array([[1, 0, -0.5], [0, 1, -0.5], [0, 0, 1]])  # OpenCV: a pixel's middle is whole
    pixels = half @ view @ np.diag([1 / scale, 1 / scale, 1]) @ np.linalg.inv(half)
    cv2.warpPerspective(
        page, pixels, (width, height), picture, cv2.INTER_LINEAR, cv2.BORDER_TRANSPARENT
    )
    if camera.blur:
        cv2.GaussianBlur(picture, (0, 0), camera.blur, picture)
    return picture


def _expose(picture: Picture, camera: Camera, scale: float, seed: int) -> None:
    """Light a picture and add noise, in place."""
    height, width = picture.shape[:2]
    lamp = _lamp((height, width), camera, scale, seed)
    rng = _chance(seed, "noise")
    need = BAND * width * 3
    noise = np.float32(camera.noise) * rng.standard_normal(2 * need, np.float32)
    white = np.array(camera.tint, np.float32) * np.float32(camera.exposure)
    for top in range(0, height, BAND):
        band = picture[top : top + BAND]
        # the lamp's light at the middle of each pixel of these rows
        move = np.array([[1, 0, 0.5], [0, 1, top + 0.5]], np.float32) / LAMP_STEP
        move[:, 2] -= 0.5
        light = cv2.warpAffine(
            lamp,
            move,
            (width, len(band)),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        )
        grey = band * (white * light[..., None])
        if camera.noise:
            first = rng.integers(need)  # each band from another place: to draw all anew is slow
            grey += noise[first : first + grey.size].reshape(grey.shape)
        if camera.inverted:
            grey = 255 - grey
        picture[top : top + BAND] = np.clip(grey + np.float32(0.5), 0, 255, dtype=np.float32)


def _compress(picture: Picture, quality: int) -> Picture:
    """Give back what JPEG leaves of a picture."""
    blue_first = cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)
    _, data = cv2.imencode(".jpg", blue_first, [cv2.IMWRITE_JPEG_QUALITY, int(quality)])
    lossy = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)
    return np.asarray(cv2.cvtColor(lossy, cv2.COLOR_BGR2RGB), np.uint8)


def _lamp(size: tuple[int, int], camera: Camera, scale: float, seed: int) -> NDArray[np.float32]:
    """Work out how much light falls where, 0 to 1, LAMP_STEP times coarser than the picture."""
    height, width = (-(-side // LAMP_STEP) + 1 for side in size)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    diagonal = np.float32(np.hypot(height, width))
    x, y = (x - width / 2) / diagonal * 2, (y - height / 2) / diagonal * 2  # -1 to 1
    light = 1 - camera.vignette * (x * x + y * y)
    if camera.uneven:
        light = light * (1 - camera.uneven * _falloff(x, y, _chance(seed, "lamp")))
    if camera.shadow:
        soft = camera.shadow_edge * scale / LAMP_STEP / 2
        light = light * (1 - camera.shadow * _shade((height, width), soft, _chance(seed, "shadow")))
    return light.astype(np.float32)


def _falloff(
    x: NDArray[np.float32], y: NDArray[np.float32], rng: np.random.Generator
) -> NDArray[np.float32]:
    """Say how far each place is from the lamp, 0 to 1; the paper is not quite flat either."""
    angle = rng.uniform(0, 2 * np.pi)
    far = np.cos(angle) * x + np.sin(angle) * y
    bumps = cv2.resize(
        rng.standard_normal((5, 5), np.float32), x.shape[::-1], interpolation=cv2.INTER_CUBIC
    )
    far = far + 0.12 * bumps
    return (far - far.min()) / max(float(np.ptp(far)), 1e-6)


def _shade(size: tuple[int, int], soft: float, rng: np.random.Generator) -> NDArray[np.float32]:
    """Draw the shadow of a hand or a phone that reaches in from the edge, 0 to 1."""
    height, width = size
    mask = np.zeros(size, np.float32)
    angle = rng.uniform(0, 2 * np.pi)
    centre = np.array([width, height]) * (0.5 + 0.55 * np.array([np.cos(angle), np.sin(angle)]))
    around = (np.arange(9) + rng.uniform(0.1, 0.9, 9)) * 2 * np.pi / 9
    reach = np.hypot(height, width) * rng.uniform(0.2, 0.5, 9)
    corners = centre + reach[:, None] * np.stack([np.cos(around), np.sin(around)], axis=1)
    cv2.fillPoly(mask, [np.rint(corners).astype(np.int32)], 1.0)
    return np.asarray(cv2.GaussianBlur(mask, (0, 0), max(soft, 0.4)), np.float32)


def _project(points: NDArray[np.floating], view: NDArray[np.float64]) -> NDArray[np.float64]:
    """Bring points (n, 2) through a perspective (3, 3)."""
    seen = np.c_[np.asarray(points, np.float64), np.ones(len(points))] @ view.T
    return seen[:, :2] / seen[:, 2:]


def _box(points: NDArray[np.float64], size: tuple[int, int]) -> tuple[int, int, int, int]:
    """Give the whole pixels x, y, width, height that hold points (n, 2) and are in the picture."""
    height, width = size
    low = np.clip(np.floor(points.min(axis=0) + 0.25), 0, (width - 1, height - 1)).astype(int)
    high = np.clip(np.ceil(points.max(axis=0) - 0.25), low + 1, (width, height)).astype(int)
    return int(low[0]), int(low[1]), int(high[0] - low[0]), int(high[1] - low[1])


def _lines(digits: Sequence[Written]) -> tuple[tuple[int, ...], ...]:
    numbers = sorted({digit.line for digit in digits})
    return tuple(
        tuple(at for at, digit in enumerate(digits) if digit.line == number) for number in numbers
    )


def _chance(seed: int, what: str) -> np.random.Generator:
    """Give each part of the picture its own chance, so that one does not disturb another."""
    if not isinstance(seed, int | np.integer) or seed < 0:
        raise ArrayError(f"expected a seed that is a whole number from 0 on, got {seed!r}")
    return np.random.default_rng((seed, crc32(what.encode())))


def _check_strokes(lines: Sequence[Any]) -> None:
    for line in lines:
        if np.ndim(line) != 2 or np.shape(line)[1] != 2 or not len(line):
            raise ArrayError(f"expected a stroke (points, 2) in millimetres, got {describe(line)}")


def _check_printed(printed: Any) -> None:
    right = isinstance(printed, np.ndarray) and printed.dtype == np.uint8 and printed.size
    if right and (printed.ndim == 2 or (printed.ndim == 3 and printed.shape[2] == 3)):
        return
    raise ArrayError(
        "expected a printed page uint8 (height, width) or (height, width, 3), "
        f"got {describe(printed)}"
    )


def _check_size(size: tuple[float, float], scale: float) -> None:
    width, height = size
    if width * height * scale * scale > BIGGEST:
        raise ArrayError(
            f"expected a picture of at most {BIGGEST:,} pixels, got "
            f"{width * scale:.0f} x {height * scale:.0f}: lower the dpi or take a smaller page"
        )
