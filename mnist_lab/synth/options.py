"""What the options of a written page are held to, and the random numbers of its parts."""

from dataclasses import field, fields
from typing import Any
from zlib import crc32

import numpy as np

from mnist_lab.arrays import OptionError, describe

Colour = tuple[float, float, float]  # red, green and blue, 0 to 1


def within(low: float, high: float, *, default: Any) -> Any:
    """A dataclass' field that `check_ranges` holds to a range, both ends included."""
    return field(default=default, metadata={"range": (low, high)})


def check_ranges(options: Any) -> None:
    """Hold the fields of a dataclass to their ranges; one that may be None may be so."""
    for each in fields(options):
        value = getattr(options, each.name)
        if "range" not in each.metadata or value is each.default is None:
            continue
        low, high = each.metadata["range"]
        if not _is_between(value, low, high):
            raise OptionError(f"expected {each.name} from {low:g} to {high:g}, got {_shown(value)}")


def check_colours(options: Any, *names: str) -> None:
    """Hold attributes of `options` to three numbers from 0 to 1."""
    for name in names:
        colour = getattr(options, name)
        three = isinstance(colour, tuple | list | np.ndarray) and len(colour) == 3
        if not (three and all(_is_between(part, 0, 1) for part in colour)):
            raise OptionError(
                f"expected {name} as red, green and blue from 0 to 1, got {_shown(colour)}: "
                "divide levels up to 255 by 255"
            )


def check_choice(options: Any, name: str, *choices: str) -> None:
    """Hold an attribute of `options` to one of some words."""
    value = getattr(options, name)
    if not isinstance(value, str) or value not in choices:
        words = f"{', '.join(choices[:-1])} or {choices[-1]}"
        raise OptionError(f"expected a {name} {words}, got {_shown(value)}")


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


def _shown(value: Any) -> str:
    """A value for an error's one line."""
    return describe(value) if isinstance(value, np.ndarray) else repr(value)
