"""Whether two pieces of plain data say the same, whatever their types."""

from typing import Any

import numpy as np

RELATIVE_TOLERANCE, ABSOLUTE_TOLERANCE = 1e-4, 1e-7  # of numbers that count as the same
COUNT_TOLERANCE = 1e-9  # relative, where whole numbers are wanted


def alike(one: Any, other: Any, *, exact: bool = False, tolerance: float = 0.0) -> bool:
    """Whether two pieces of plain data say the same.

    Numbers may differ by 0.01 % (whole ones may not), or by `tolerance`, and a list of numbers is
    as good as an array; shapes may not differ, nor texts but in spaces and capitals. With `exact`
    the dtypes of arrays may not, either.
    """

    def all_alike(some: Any, others: Any) -> bool:
        pairs = zip(some, others, strict=True)
        return all(alike(a, b, exact=exact, tolerance=tolerance) for a, b in pairs)

    if isinstance(other, dict):
        return (
            isinstance(one, dict)
            and one.keys() == other.keys()
            and all_alike(one.values(), (other[key] for key in one))
        )
    if isinstance(other, list):
        if isinstance(one, np.ndarray) and one.ndim:
            one = list(one)
        return isinstance(one, list) and len(one) == len(other) and all_alike(one, other)
    if isinstance(other, str):
        return isinstance(one, str) and one.strip().casefold() == other.strip().casefold()
    if other is None:
        return one is None
    one, other = to_numbers(one), to_numbers(other)
    same_type = one is not None and other is not None and (not exact or one.dtype == other.dtype)
    return same_type and _same_numbers(one, other, tolerance)


def _same_numbers(one: Any, other: Any, tolerance: float) -> bool:
    if one.shape == other.shape:
        return first_difference(one, other, tolerance=tolerance) is None
    return one.size == other.size == 0 and len(one) == len(other)  # no rows, so no columns


def first_difference(one: Any, other: Any, *, tolerance: float = 0.0) -> tuple[int, ...] | None:
    """The first place at which an array differs from another of its shape, or None."""
    relative = RELATIVE_TOLERANCE if other.dtype.kind == "f" else COUNT_TOLERANCE
    absolute, relative = (tolerance, 0) if tolerance else (ABSOLUTE_TOLERANCE, relative)
    near = np.isclose(
        one.astype(float), other.astype(float), rtol=relative, atol=absolute, equal_nan=True
    )
    places = np.argwhere(~near)
    return tuple(map(int, places[0])) if len(places) else None


def to_numbers(value: Any) -> Any:
    """Plain data as an array of numbers, or None where it is something else."""
    try:
        array = np.asarray(value)
    except (ValueError, TypeError, OverflowError):  # a list of uneven lists
        return None
    return array if array.dtype.kind in "biuf" else None
