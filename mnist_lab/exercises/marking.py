"""Mark an answer that is plain data: the clean half of a check, which runs no student's code."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from mnist_lab.exercises.answers import Answer, take
from mnist_lab.exercises.cards import Feedback
from mnist_lab.exercises.exercise import Case, Exercise, Mark, written

CLOSE = 1e-4  # relative difference of two numbers that count as the same
LEAST_OF_CASES = 0.5  # share of its cases above which a function is partly right
PRINTS = "It gives None, and prints instead: use `return`."
NONE = "It is None: is a `return` missing, or did you keep what an in-place method gives?"
TEXT = "It is a text; numbers are asked for."
TYPE = "It is not yet what was asked for: look at its type."
NAN = "There is NaN in it, which is what 0 / 0 gives: look for a division."
NUMBERS = "Its shape is right; the numbers in it are not."
NUMBER = "It is a number, as it should be, but not the right one."
QUOTE_NOTHING = (PRINTS, NONE, TEXT, TYPE, NAN, NUMBERS, NUMBER)  # of an answer


def mark(exercise: Exercise, answers: Sequence[Answer], *, seed: int = 0) -> Feedback:
    """Say what an answer is worth, and why.

    Parameters
    ----------
    exercise : Exercise
        What was asked for.
    answers : sequence of Answer
        From `take`, with the same seed.
    seed : int
        What a function's inputs were made from.
    """
    kinds = {answer.kind for answer in answers}
    if kinds <= {"blank"}:
        return _feedback(
            exercise, "not attempted", 0, f"Put your answer where ____ stands{_in(exercise)}."
        )
    expected = answers_of(exercise, exercise.solution, seed)
    good = [_is(exercise, a, b) for a, b in zip(answers, expected, strict=True)]
    found = _judged(exercise, answers, seed)
    if found is None and all(good):
        found = Mark(1)
    found = found or _slip(exercise, answers, seed)
    if found is not None:
        return _marked(exercise, found)
    wrong = [at for at, each in enumerate(good) if not each]
    share = sum(good) / len(good)
    if exercise.cases and share <= LEAST_OF_CASES:  # a constant may be right once by chance
        share = 0
    first = answers[wrong[0]]
    if first.kind == "error":
        where = f" {_where(exercise, wrong)}" if share else ""
        return _feedback(exercise, "raised an error", share, f"{first.says}{where}")
    says = _diagnose(first, expected[wrong[0]].value, exercise)
    if share:
        return _feedback(exercise, "partly right", share, f"{_where(exercise, wrong)} {says}")
    return _feedback(exercise, "wrong", 0, says)


def answers_of(exercise: Exercise, source: str, seed: int = 0) -> list[Answer]:
    """What a text of ours, the solution or a slip, answers."""
    names = written(source)
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
    one, other = numbers(one), np.asarray(other)
    if one is None or one.shape != other.shape or (exact and one.dtype != other.dtype):
        return False
    return bool(np.allclose(one.astype(float), other.astype(float), rtol=CLOSE, atol=1e-7))


def numbers(value: Any) -> Any:
    """Plain data as an array of numbers, or None where it is something else."""
    try:
        array = np.asarray(value)
    except (ValueError, TypeError, OverflowError):  # a list of uneven lists
        return None
    return array if array.dtype.kind in "biuf" else None


def _is(exercise: Exercise, answer: Answer, expected: Answer) -> bool:
    return answer.kind == "value" and alike(answer.value, expected.value, exact=exercise.exact)


def _judged(exercise: Exercise, answers: Sequence[Answer], seed: int) -> Mark | None:
    if exercise.judge is None or any(answer.kind != "value" for answer in answers):
        return None
    cases: Sequence[Case] = exercise.cases(seed) if exercise.cases else ()
    return exercise.judge([answer.value for answer in answers], cases)


def _slip(exercise: Exercise, answers: Sequence[Answer], seed: int) -> Mark | None:
    for slip in exercise.slips:
        slipped = answers_of(exercise, slip.source, seed)
        if all(_same(a, b) for a, b in zip(answers, slipped, strict=True)):
            return Mark(slip.share, slip.says)
    return None


def _same(answer: Answer, slipped: Answer) -> bool:
    if answer.kind != slipped.kind:
        return False
    if answer.kind != "value":
        return answer.says == slipped.says
    same = alike(answer.value, slipped.value)
    return same and _dtype(answer.value) == _dtype(slipped.value)


def _dtype(value: Any) -> Any:
    return value.dtype.kind if isinstance(value, np.ndarray) else None


def _marked(exercise: Exercise, found: Mark) -> Feedback:
    if found.share >= 1:
        return _feedback(exercise, "right", 1, found.says)
    return _feedback(exercise, "partly right" if found.share else "wrong", found.share, found.says)


def _where(exercise: Exercise, wrong: list[int]) -> str:
    """Which parts are not right yet, without what is in them."""
    parts = [exercise.notes[at] for at in wrong]
    if exercise.cases is None:
        parts = [f"`{part}`" for part in parts]
    return f"Right but for: {'; '.join(parts)}."


def _diagnose(answer: Answer, expected: Any, exercise: Exercise) -> str:
    """Say what is wrong with an answer that is no known slip."""
    if answer.kind != "value":
        return answer.says or "A ____ is still there."
    if answer.value is None:
        if answer.printed:
            return PRINTS
        return NONE
    if isinstance(answer.value, str) and not isinstance(expected, str):
        return TEXT
    if isinstance(expected, list) and numbers(expected) is None:
        many = isinstance(answer.value, list) and len(answer.value) == len(expected)
        rule = f"It should be {len(expected)} things, separated by commas."
        return "It is not yet what was asked for." if many else rule
    return _compare(numbers(answer.value), numbers(expected), exercise)


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
    if got.ndim:
        return NUMBERS
    return NUMBER


def _in(exercise: Exercise) -> str:
    return f" in `{'`, `'.join(exercise.names)}`"


def _feedback(exercise: Exercise, verdict: Any, share: float, says: str) -> Feedback:
    earned = round(exercise.points * share, 2)
    return Feedback(exercise.id, verdict, earned, exercise.points, says)
