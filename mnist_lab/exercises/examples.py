"""A counterexample: a call small enough to do by hand, what it gave, and what was wanted."""

from typing import Any

import numpy as np

from mnist_lab.exercises.answers import Answer
from mnist_lab.exercises.cards import Example
from mnist_lab.exercises.comparing import alike, first_difference, to_numbers
from mnist_lab.exercises.exercise import Case, Exercise

MAX_CHARACTERS = 160  # of a value that is shown whole
SHAPE = "an array of shape"
ORDINALS = ("1st", "2nd", "3rd", "4th", "5th")


def counterexample(exercise: Exercise, at: int, got: Answer, wanted: Any) -> Example:
    """Show the case at a position, one that the answer gets wrong."""
    if exercise.cases is None:
        return Example(wanted=exercise.example)
    given = _call(exercise, list(exercise.cases(0))[at])
    if any(not each.isdecimal() for each in got.changed):  # what it left outside matters
        given += f", its call number {at + 1},"
    same = got.kind == "value" and alike(got.value, wanted, tolerance=exercise.tolerance)
    if same and not exercise.exact:
        return Example(given, "what is wanted, and changes what it was given on the way")
    if got.kind == "value":
        gave, right = _both(got.value, wanted, exercise.tolerance)
        return Example(given, gave, right)
    return Example(given, "an error" if got.kind == "error" else "", _show(wanted))


def _call(exercise: Exercise, case: Case) -> str:
    shown = [_text(each) for each in case.arguments]
    if max(map(len, shown)) > MAX_CHARACTERS:
        return case.note
    pairs = zip(exercise.parameters, shown, strict=True)
    *first, last = [f"`{name} = {text}`" for name, text in pairs]
    return f"{', '.join(first)} and {last}" if first else last


def _both(got: Any, wanted: Any, tolerance: float) -> tuple[str, str]:
    """Words for an answer and for what was wanted, where they differ if they are too large."""
    if isinstance(wanted, list) and isinstance(got, list) and len(got) == len(wanted):
        for at, (one, other) in enumerate(zip(got, wanted, strict=True)):
            if not alike(one, other, tolerance=tolerance):
                gave, right = _both(one, other, tolerance)
                return f"{gave} as its {ORDINALS[at]} part", right
    numbers, right_numbers = to_numbers(got), to_numbers(wanted)
    whole = max(len(_text(got)), len(_text(wanted))) <= MAX_CHARACTERS
    if whole or numbers is None or right_numbers is None or numbers.shape != right_numbers.shape:
        gave, right = _show(got), _show(wanted)
        if gave.startswith(SHAPE):
            right = right.replace(SHAPE, "one of shape")
        return (gave, right) if gave != right else _types(numbers, right_numbers)
    place = first_difference(numbers, right_numbers, tolerance=tolerance)
    if place is None:
        return _types(numbers, right_numbers)
    brackets = f"`[{', '.join(map(str, place))}]`"
    return f"{_show(numbers[place])} at {brackets}", f"{_show(right_numbers[place])} there"


def _types(numbers: Any, wanted: Any) -> tuple[str, str]:
    """Words where the numbers look the same: their types differ, or their last places."""
    if numbers is None or wanted is None or numbers.dtype == wanted.dtype or numbers.ndim == 0:
        return f"`{numbers}`", f"`{wanted}`"
    return f"the right numbers as `{numbers.dtype}`", f"`{wanted.dtype}`"


def _show(value: Any) -> str:
    """A value, or its shape where that would be too long."""
    text, numbers = _text(value), to_numbers(value)
    empty = numbers is not None and numbers.ndim > 1 and not numbers.size
    if len(text) <= MAX_CHARACTERS and not empty:
        return f"`{text}`"
    if numbers is not None:
        return f"{SHAPE} `{numbers.shape}`"
    if isinstance(value, list) and len(value) <= len(ORDINALS):
        return ", ".join(map(_show, value))
    return f"{len(value)} things" if isinstance(value, list) else "a long text"


def _text(value: Any) -> str:
    """A value as one would type it, with four digits behind the point at most."""
    size = len(value) if isinstance(value, list | tuple | str) else np.size(value)
    if size > MAX_CHARACTERS:
        return " " * size  # too long, whatever it is
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_text, value))}]"
    return f"{value:.4g}" if isinstance(value, float) else repr(value)
