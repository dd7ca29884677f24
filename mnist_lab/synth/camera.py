"""A scanner or a phone: how it stands to the page, what light there is, what its sensor loses."""

from dataclasses import dataclass
from typing import Literal

from mnist_lab.synth.options import Colour, check_choice, check_colours, check_ranges, within


@dataclass(frozen=True, kw_only=True)
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

    dpi: float = within(10, 1200, default=150.0)
    tilt: float = within(0, 60, default=0.0)
    rotation: float = within(-360, 360, default=0.0)
    framing: Literal["page", "digits"] = "page"
    margin: float = within(0, 1000, default=0.0)
    table: Colour = (0.36, 0.27, 0.2)
    exposure: float = within(0.05, 2, default=1.0)
    tint: Colour = (1.0, 1.0, 1.0)
    uneven: float = within(0, 0.95, default=0.0)
    vignette: float = within(0, 0.95, default=0.0)
    shadow: float = within(0, 0.95, default=0.0)
    shadow_edge: float = within(0.5, 500, default=15.0)
    blur: float = within(0, 20, default=0.0)
    noise: float = within(0, 60, default=0.0)
    jpeg: int | None = within(1, 100, default=None)
    inverted: bool = False

    def __post_init__(self) -> None:
        check_ranges(self)
        check_colours(self, "table", "tint")
        check_choice(self, "framing", "page", "digits")


SCANNER = Camera(
    dpi=200, rotation=0.6, table=(0.96, 0.96, 0.96), exposure=1.05, uneven=0.02, blur=0.6,
    noise=1.5, jpeg=85,
)  # fmt: skip
PHONE = Camera(
    tilt=9, rotation=-2.0, framing="digits", margin=14, exposure=0.8, tint=(1.0, 0.98, 0.94),
    uneven=0.25, vignette=0.12, blur=0.9, noise=2.5, jpeg=80,
)  # fmt: skip
