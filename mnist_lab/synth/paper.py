"""What is written on and with: paper and its ruling, a pen and its ink."""

from dataclasses import dataclass
from typing import Literal

from mnist_lab.synth.options import Colour, check_choice, check_colours, check_ranges, within


@dataclass(frozen=True, kw_only=True)
class Paper:
    """What is written on.

    Attributes
    ----------
    colour : (float, float, float)
        Red, green and blue, as shares 0 to 1 of full brightness on a screen.
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
    grain: float = within(0, 0.5, default=0.015)
    ruling: Literal["none", "lines", "squares"] = "none"
    spacing: float = within(1, 100, default=8.0)
    ruling_colour: Colour = (0.68, 0.77, 0.9)
    specks: int = within(0, 10_000, default=0)

    def __post_init__(self) -> None:
        check_ranges(self)
        check_colours(self, "colour", "ruling_colour")
        check_choice(self, "ruling", "none", "lines", "squares")


@dataclass(frozen=True, kw_only=True)
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
    width: float = within(0.05, 50, default=0.45)
    tooth: float = within(0, 1, default=0.15)
    fade: float = within(0, 1, default=0.12)
    opaque: bool = False

    def __post_init__(self) -> None:
        check_ranges(self)
        check_colours(self, "colour")


PLAIN = Paper()
RULED = Paper(ruling="lines")
SQUARED = Paper(ruling="squares", spacing=5.0, ruling_colour=(0.76, 0.8, 0.86))
RECYCLED = Paper(colour=(0.86, 0.83, 0.76), grain=0.035, specks=250)
BLACKBOARD = Paper(colour=(0.17, 0.23, 0.2), grain=0.08)

BALLPOINT = Pen()
PENCIL = Pen(colour=(0.36, 0.36, 0.38), width=0.5, tooth=0.4, fade=0.25)
FELT = Pen(colour=(0.08, 0.08, 0.09), width=1.3, tooth=0.03, fade=0.03)
CHALK = Pen(colour=(0.88, 0.88, 0.84), width=2.2, tooth=0.5, fade=0.2, opaque=True)
