"""Mark an answer that is plain data: the clean half of a check, which runs no student's code."""

import warnings
from collections.abc import Sequence
from copy import deepcopy
from itertools import zip_longest
from typing import Any

import numpy as np

from mnist_lab.exercises.answers import TOO_LONG, Answer, take
from mnist_lab.exercises.building import Task
from mnist_lab.exercises.cards import Example, Feedback, Verdict
from mnist_lab.exercises.comparing import alike, to_numbers
from mnist_lab.exercises.errors import explain
from mnist_lab.exercises.examples import counterexample
from mnist_lab.exercises.exercise import Exercise, Mark, Range, names_set_by

PUBLIC_SEED = 0  # of the inputs that a student's own `check` uses, and that a card may show
MOST_CASES = 0.5  # share of the points for what is right in more than half of the cases
PRINTS = "It gives None, and prints instead: use `return`."
NONE = "It is None: is a `return` missing, or did you keep what an in-place method gives?"
TEXT = "It is a text; numbers are asked for."
TYPE = "It is not yet what was asked for: look at its type."
NAN = "There is NaN in it, which is what 0 / 0 gives: look for a division."
NUMBERS_DIFFER = "Its shape is right; the numbers in it are not."
NUMBER = "It is a number, as it should be, but not the right one."
QUOTE_NOTHING = (PRINTS, NONE, TEXT, TYPE, NAN, NUMBERS_DIFFER, NUMBER)  # of an answer
CHANGES = (
    "It changes `{}` itself, which whoever calls it may still need: work on a copy of it, which "
    "`.copy()` makes."
)
ALSO_CHANGES = "It also changes `{}`, which is not its own."
CHANGED = (CHANGES, ALSO_CHANGES)
CHANGES_OUTSIDE = (
    "It changes `{}`, which stands outside of the function: each call goes on from what the last "
    "one left there. Make it anew inside."
)
UNREAD = (
    "It never looks at `{}`, which it is given: does it take a variable of the notebook, or always "
    "the same number?"
)


def mark(exercise: Exercise, answers: Sequence[Answer], *, seed: int = 0) -> Feedback:
    """Say what an answer, from `take` with the same seed, is worth, and why."""
    if all(answer.kind == "blank" for answer in answers):
        names = "`, `".join(exercise.names)
        message = f"Put your answer where ____ stands in `{names}`."
        return Feedback(exercise.id, "not attempted", 0, exercise.points, message)
    if exercise.task:
        return _mark_model(exercise, exercise.task, answers[0], seed)
    expected = answers_of(exercise, exercise.solution, seed)
    pairs = list(zip(answers, expected, strict=True))
    right = [_is_right(exercise, got, wanted) for got, wanted in pairs]
    judged = _judged(exercise, answers)
    if judged is None and all(right):
        judged = Mark(1, _also_changes(exercise, answers))
    if judged and judged.share >= 1:
        return _feedback(exercise, judged)
    at = right.index(False) if False in right else 0
    example = Example(wanted=judged.example) if judged else Example()
    if not judged and seed == PUBLIC_SEED:
        example = counterexample(exercise, at, answers[at], expected[at].value)
    known = _find_misconception(exercise, answers, seed) or judged
    if known:
        return _feedback(exercise, known, example)
    verdict: Verdict | None = "raised an error" if answers[at].kind == "error" else None
    return _feedback(exercise, _by_cases(exercise, answers, expected, right), example, verdict)


def _mark_model(exercise: Exercise, task: Task, answer: Answer, seed: int) -> Feedback:
    if answer.kind == "error":
        return _feedback(exercise, Mark(0, explain(answer.message)), verdict="raised an error")
    found = task.judge(answer.value, seed)
    return _feedback(exercise, found, Example(wanted=found.example))


def choose(
    exercise: Exercise, values: Sequence[Any], otherwise: Any = None
) -> tuple[Sequence[Any], str]:
    """Give a student's own values where they are right, else others; and a line that says so.

    The others are the kit's, or what stands in the lesson, if that is given.
    """
    what = " and ".join(exercise.names)
    found = mark(exercise, take(exercise, values))
    if found.verdict == "right":
        return values, f"{exercise.id}: your own {what}."
    until = "not there yet" if found.verdict == "not attempted" else "not right yet"
    if otherwise is not None:
        return [otherwise], f"{exercise.id}: yours is {until}; here is this lesson's."
    names = names_set_by(exercise.solution)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Keras', of a model that is not trained yet
        kits = [deepcopy(names[name]) for name in exercise.names]
    return kits, f"{exercise.id}: yours is {until}; here is the kit's {what}."


def answers_of(exercise: Exercise, source: str, seed: int = 0) -> list[Answer]:
    """What a text of ours, the solution or a misconception, answers."""
    names = names_set_by(source)
    return take(exercise, [names[name] for name in exercise.names], seed=seed)


def _is_right(exercise: Exercise, got: Answer, wanted: Answer) -> bool:
    if got.kind != "value" or (exercise.pure and _arguments(exercise, got)):
        return False
    if exercise.ranges:
        return _is_within(got.value, exercise.ranges[0])
    return alike(got.value, wanted.value, exact=exercise.exact, tolerance=exercise.tolerance)


def _is_within(value: Any, within: Range) -> bool:
    number = to_numbers(value)
    return number is not None and number.size == 1 and within[0] <= number.item() <= within[1]


def _judged(exercise: Exercise, answers: Sequence[Answer]) -> Mark | None:
    if exercise.judge is None or any(answer.kind != "value" for answer in answers):
        return None
    return exercise.judge([answer.value for answer in answers])


def _find_misconception(exercise: Exercise, answers: Sequence[Answer], seed: int) -> Mark | None:
    """The known wrong answer that says the same; where both fail, the error's words may differ."""
    if any(answer.message == TOO_LONG for answer in answers):
        return None
    for each, within in zip_longest(exercise.misconceptions, exercise.ranges[1:]):
        if within and _is_within(answers[0].value, within):
            return Mark(each.share, each.message)
        pairs = list(zip(answers, answers_of(exercise, each.source, seed), strict=True))
        same = all(_same(exercise, *pair) for pair in pairs)
        if same and any(got.kind == "value" or got.message == its.message for got, its in pairs):
            return Mark(each.share, each.message)
    return None


def _same(exercise: Exercise, answer: Answer, mistaken: Answer) -> bool:
    if answer.kind != mistaken.kind:
        return False
    if exercise.pure and _arguments(exercise, answer) != _arguments(exercise, mistaken):
        return False
    if answer.kind != "value":
        return True
    return alike(answer.value, mistaken.value, tolerance=exercise.tolerance)


def _by_cases(
    exercise: Exercise, answers: Sequence[Answer], expected: Sequence[Answer], right: list[bool]
) -> Mark:
    """Judge an answer that is no known misconception by the cases in which it is right."""
    wrong = [at for at, each in enumerate(right) if not each]
    first, wanted = answers[wrong[0]], expected[wrong[0]].value
    most = 2 * sum(right) > len(right) if exercise.cases else any(right)
    outside = [each for answer in answers for each in answer.changed if not each.isdecimal()]
    if first.kind == "error":
        message = explain(first.message) if first.message != TOO_LONG else TOO_LONG
    elif exercise.exact and _right_but_for_type(answers, expected):
        return Mark(MOST_CASES, _diagnose(first, wanted, exercise))
    elif outside:
        message = CHANGES_OUTSIDE.format(outside[0])
    elif exercise.pure and first.kind == "value" and alike(first.value, wanted):
        message = CHANGES.format(_arguments(exercise, first)[0])
    elif first.unread and first.kind == "value":
        message = UNREAD.format(first.unread[0])
    else:
        message = _diagnose(first, wanted, exercise)
    where = f"{_where(exercise, wrong)} " if most else ""
    return Mark(MOST_CASES if most else 0, where + message)


def _right_but_for_type(answers: Sequence[Answer], expected: Sequence[Answer]) -> bool:
    pairs = zip(answers, expected, strict=True)
    return all(got.kind == "value" and alike(got.value, wanted.value) for got, wanted in pairs)


def _arguments(exercise: Exercise, answer: Answer) -> list[str]:
    """The arguments that a call has changed, by the names that the exercise gives them."""
    names = dict(enumerate(exercise.parameters))
    changed = [names.get(int(each), "") for each in answer.changed if each.isdecimal()]
    return [name for name in changed if name]


def _also_changes(exercise: Exercise, answers: Sequence[Answer]) -> str:
    """What a right answer does besides."""
    names = [name for answer in answers for name in _arguments(exercise, answer)]
    names += [name for name in answers[0].changed if not name.isdecimal()]
    return ALSO_CHANGES.format(names[0]) if names else ""


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
    if isinstance(expected, str):
        return f"It is none of the choices: {_choices(exercise)}."
    if isinstance(answer.value, str) and not isinstance(expected, str):
        return TEXT
    if isinstance(expected, list) and to_numbers(expected) is None:
        many = isinstance(answer.value, list) and len(answer.value) == len(expected)
        rule = f"It should be {len(expected)} things, separated by commas."
        return "It is not yet what was asked for." if many else rule
    return _compare(to_numbers(answer.value), to_numbers(expected), exercise)


def _choices(exercise: Exercise) -> str:
    sources = (exercise.solution, *(each.source for each in exercise.misconceptions))
    found = {str(names_set_by(source)[exercise.names[0]]) for source in sources}
    return ", ".join(f'`"{each}"`' for each in sorted(found))


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
    exercise: Exercise, found: Mark, example: Example | None = None, verdict: Verdict | None = None
) -> Feedback:
    if verdict is None:
        verdict = "right" if found.share >= 1 else "partly right" if found.share else "wrong"
    earned = round(exercise.points * found.share, 2)
    shown = example or Example()
    return Feedback(exercise.id, verdict, earned, exercise.points, found.message, example=shown)
