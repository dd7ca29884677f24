"""Mark an answer that is plain data: the clean half of a check, which runs no student's code."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from mnist_lab.exercises.answers import Answer, take
from mnist_lab.exercises.cards import Feedback, Verdict
from mnist_lab.exercises.exercise import Exercise, Mark, names_set_by

RELATIVE_TOLERANCE, ABSOLUTE_TOLERANCE = 1e-4, 1e-7  # of numbers that count as the same
MIN_SHARE_OF_CASES = 0.5  # above which a function is partly right
PRINTS = "It gives None, and prints instead: use `return`."
NONE = "It is None: is a `return` missing, or did you keep what an in-place method gives?"
TEXT = "It is a text; numbers are asked for."
TYPE = "It is not yet what was asked for: look at its type."
NAN = "There is NaN in it, which is what 0 / 0 gives: look for a division."
NUMBERS_DIFFER = "Its shape is right; the numbers in it are not."
NUMBER = "It is a number, as it should be, but not the right one."
QUOTE_NOTHING = (PRINTS, NONE, TEXT, TYPE, NAN, NUMBERS_DIFFER, NUMBER)  # of an answer


def mark(exercise: Exercise, answers: Sequence[Answer], *, seed: int = 0) -> Feedback:
    """Say what an answer, from `take` with the same seed, is worth, and why."""
    if all(answer.kind == "blank" for answer in answers):
        names = "`, `".join(exercise.names)
        message = f"Put your answer where ____ stands in `{names}`."
        return _feedback(exercise, 0, message, "not attempted")
    expected = answers_of(exercise, exercise.solution, seed)
    right = [
        got.kind == "value" and alike(got.value, wanted.value, exact=exercise.exact)
        for got, wanted in zip(answers, expected, strict=True)
    ]
    found = _judged(exercise, answers, seed)
    if found is None:
        found = Mark(1) if all(right) else _find_misconception(exercise, answers, seed)
    if found is not None:
        return _feedback(exercise, found.share, found.message)
    wrong = [at for at, each in enumerate(right) if not each]
    share = sum(right) / len(right)
    if exercise.cases and share <= MIN_SHARE_OF_CASES:  # a constant may be right once by chance
        share = 0
    where, first = _where(exercise, wrong) if share else "", answers[wrong[0]]
    if first.kind == "error":
        return _feedback(exercise, share, f"{first.message} {where}".rstrip(), "raised an error")
    message = _diagnose(first, expected[wrong[0]].value, exercise)
    return _feedback(exercise, share, f"{where} {message}".lstrip())


def answers_of(exercise: Exercise, source: str, seed: int = 0) -> list[Answer]:
    """What a text of ours, the solution or a misconception, answers."""
    names = names_set_by(source)
    return take(exercise, [names[name] for name in exercise.names], seed=seed)


def alike(one: Any, other: Any, *, exact: bool = False) -> bool:
    """Whether two pieces of plain data say the same.

    Numbers may differ by 0.01 %, and a list of numbers is as good as an array; shapes may
    not differ. With `exact` the dtypes of arrays may not, either.
    """
    if isinstance(other, dict):
        return (
            isinstance(one, dict)
            and one.keys() == other.keys()
            and all(alike(one[key], other[key], exact=exact) for key in other)
        )
    if isinstance(other, str) or other is None:
        return type(one) is type(other) and bool(one == other)
    if isinstance(other, list):
        if isinstance(one, np.ndarray) and one.shape[:1] == (len(other),):
            one = list(one)
        return (
            isinstance(one, list)
            and len(one) == len(other)
            and all(alike(a, b, exact=exact) for a, b in zip(one, other, strict=True))
        )
    one, other = to_numbers(one), np.asarray(other)
    if one is None or one.shape != other.shape or (exact and one.dtype != other.dtype):
        return False
    one, other = one.astype(float), other.astype(float)
    return bool(np.allclose(one, other, rtol=RELATIVE_TOLERANCE, atol=ABSOLUTE_TOLERANCE))


def to_numbers(value: Any) -> Any:
    """Plain data as an array of numbers, or None where it is something else."""
    try:
        array = np.asarray(value)
    except (ValueError, TypeError, OverflowError):  # a list of uneven lists
        return None
    return array if array.dtype.kind in "biuf" else None


def _judged(exercise: Exercise, answers: Sequence[Answer], seed: int) -> Mark | None:
    if exercise.judge is None or any(answer.kind != "value" for answer in answers):
        return None
    cases = exercise.cases(seed) if exercise.cases else iter(())
    return exercise.judge([answer.value for answer in answers], cases)


def _find_misconception(exercise: Exercise, answers: Sequence[Answer], seed: int) -> Mark | None:
    for each in exercise.misconceptions:
        mistaken = answers_of(exercise, each.source, seed)
        if all(_same(a, b) for a, b in zip(answers, mistaken, strict=True)):
            return Mark(each.share, each.message)
    return None


def _same(answer: Answer, mistaken: Answer) -> bool:
    if answer.kind != mistaken.kind:
        return False
    if answer.kind != "value":
        return answer.message == mistaken.message
    got, expected = answer.value, mistaken.value
    kinds = {each.dtype.kind if isinstance(each, np.ndarray) else "" for each in (got, expected)}
    return len(kinds) == 1 and alike(got, expected)


def _where(exercise: Exercise, wrong: list[int]) -> str:
    """Which parts are not right yet, without what is in them."""
    parts = [exercise.notes[at] for at in wrong]
    if exercise.cases is None:
        parts = [f"`{part}`" for part in parts]
    return f"Right but for: {'; '.join(parts)}."


def _diagnose(answer: Answer, expected: Any, exercise: Exercise) -> str:
    """Say what is wrong with an answer that is no known misconception."""
    if answer.kind != "value":
        return answer.message or "A ____ is still there."
    if answer.value is None:
        return PRINTS if answer.printed else NONE
    if isinstance(answer.value, str) and not isinstance(expected, str):
        return TEXT
    if isinstance(expected, list) and to_numbers(expected) is None:
        many = isinstance(answer.value, list) and len(answer.value) == len(expected)
        rule = f"It should be {len(expected)} things, separated by commas."
        return "It is not yet what was asked for." if many else rule
    return _compare(to_numbers(answer.value), to_numbers(expected), exercise)


def _compare(got: Any, wanted: Any, exercise: Exercise) -> str:
    if got is None or wanted is None:
        return TYPE
    if got.dtype.kind == "f" and np.isnan(got).any():
        return NAN
    if got.shape != wanted.shape:
        shape = f"an array of shape {got.shape}" if got.ndim else "a single number"
        return f"It is {shape}, and that is not the shape asked for."
    if exercise.exact and alike(got, wanted):
        return f"The numbers are right, but they are {got.dtype}: is that the kind asked for?"
    return NUMBERS_DIFFER if got.ndim else NUMBER


def _feedback(
    exercise: Exercise, share: float, message: str, verdict: Verdict | None = None
) -> Feedback:
    if verdict is None:
        verdict = "right" if share >= 1 else "partly right" if share else "wrong"
    earned = round(exercise.points * share, 2)
    return Feedback(exercise.id, verdict, earned, exercise.points, message)
