"""Paper, pen and camera: the options of a picture of a page, and the chance of its parts.

Lengths are millimetres on the page. A colour is red, green and blue, as shares 0 to 1 of full
brightness on a screen. `within` holds an option to a range, both ends included.
"""

from dataclasses import dataclass, field, fields
from typing import Any, Literal, get_args, get_origin
from zlib import crc32

import numpy as np

from mnist_lab.arrays import OptionError, describe

Colour = tuple[float, float, float]


def within(low: float, high: float, *, default: Any) -> Any:
    """A field that is held to a range; one that is None by default may be None."""
    return field(default=default, metadata={"range": (low, high)})


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What holds the fields of a dataclass to their ranges, their words, and colours."""

    def __post_init__(self) -> None:
        for each in fields(self):
            name, value = each.name, getattr(self, each.name)
            if each.type == Colour and not _is_colour(value):
                raise OptionError(
                    f"expected {name} as red, green and blue from 0 to 1, got {_shown(value)}: "
                    "divide levels up to 255 by 255"
                )
            words = get_args(each.type) if get_origin(each.type) is Literal else ()
            if words and not (isinstance(value, str) and value in words):
                choices = f"{', '.join(words[:-1])} or {words[-1]}"
                raise OptionError(f"expected a {name} {choices}, got {_shown(value)}")
            if "range" not in each.metadata or (value is None and each.default is None):
                continue
            low, high = each.metadata["range"]
            if not _is_between(value, low, high):
                raise OptionError(f"expected {name} from {low:g} to {high:g}, got {_shown(value)}")


@dataclass(frozen=True, kw_only=True)
class Paper(Checked):
    """What is written on; OptionError if an option is out of its range."""

    colour: Colour = (0.96, 0.96, 0.95)
    grain: float = within(0, 0.5, default=0.015)  # how rough it looks: spread of its brightness
    ruling: Literal["none", "lines", "squares"] = "none"
    spacing: float = within(1, 100, default=8.0)  # mm from line to line
    ruling_colour: Colour = (0.68, 0.77, 0.9)  # multiplies the paper's
    specks: int = within(0, 10_000, default=0)  # of dust on the page


@dataclass(frozen=True, kw_only=True)
class Pen(Checked):
    """What is written with; OptionError if an option is out of its range."""

    colour: Colour = (0.13, 0.17, 0.5)  # what is left of the light where ink lies thick
    width: float = within(0.05, 50, default=0.45)  # mm, of the line
    tooth: float = within(0, 1, default=0.15)  # how much of the paper's grain shows in the line
    fade: float = within(0, 1, default=0.12)  # how much it pales where the pen is pressed less
    opaque: bool = False  # whether it covers the paper's own colour, as chalk does, or tints it


@dataclass(frozen=True, kw_only=True)
class Camera(Checked):
    """How the page is lit and seen; OptionError if an option is out of its range.

    The side from which the camera looks, and from which the lamp shines, is the seed's.
    """

    dpi: float = within(10, 1200, default=150.0)  # pixels per inch in the middle of the page
    tilt: float = within(0, 60, default=0.0)  # degrees between the line of sight and upright
    rotation: float = within(-360, 360, default=0.0)  # degrees, clockwise, in the picture
    framing: Literal["page", "digits"] = "page"  # what fills the picture; "digits": the ink
    margin: float = within(0, 1000, default=0.0)  # mm seen around that
    table: Colour = (0.36, 0.27, 0.2)  # what the page lies on
    exposure: float = within(0.05, 2, default=1.0)  # how bright white is; overexposed above 1
    tint: Colour = (1.0, 1.0, 1.0)  # of the light
    uneven: float = within(0, 0.95, default=0.0)  # how much darker where the lamp shines least
    vignette: float = within(0, 0.95, default=0.0)  # how much darker the corners are
    shadow: float = within(0, 0.95, default=0.0)  # how dark a shadow falls on the page; 0: none
    shadow_edge: float = within(0.5, 500, default=15.0)  # mm, width of its edge; 0.5 is hard
    blur: float = within(0, 20, default=0.0)  # pixels over which the lens spreads a point
    noise: float = within(0, 60, default=0.0)  # of the sensor: spread of the levels, of 255
    jpeg: int | None = within(1, 100, default=None)  # quality; None for no loss
    inverted: bool = False  # whether dark and bright are swapped, as in a negative


def check_label(label: Any) -> int:
    """Give a digit's label back if it is one: 0 to 9."""
    if not isinstance(label, int | np.integer) or not 0 <= label <= 9:
        raise OptionError(f"expected a label from 0 to 9, got {_shown(label)}")
    return int(label)


def generator(seed: int, part: str) -> np.random.Generator:
    """Give each part of a picture its own random numbers: no change of one disturbs another."""
    if not isinstance(seed, int | np.integer) or seed < 0:
        raise OptionError(f"expected a seed that is a whole number from 0 on, got {_shown(seed)}")
    return np.random.default_rng((seed, crc32(part.encode())))


def _is_between(value: Any, low: float, high: float) -> bool:
    return isinstance(value, int | float | np.number) and bool(low <= value <= high)


def _is_colour(value: Any) -> bool:
    three = isinstance(value, tuple | list | np.ndarray) and len(value) == 3
    return three and all(_is_between(part, 0, 1) for part in value)


def _shown(value: Any) -> str:
    """A value for an error's one line."""
    return describe(value) if isinstance(value, np.ndarray) else repr(value)


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
