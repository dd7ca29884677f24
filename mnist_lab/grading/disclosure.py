"""Show a student no words that a kernel which knew hidden inputs could have chosen."""

import re
from dataclasses import replace
from functools import cache

from mnist_lab.exercises import TOO_LONG, Answer, Exercise, mark
from mnist_lab.exercises.marking import QUOTE_NOTHING
from mnist_lab.grading import marks
from mnist_lab.grading.cells import Plan
from mnist_lab.grading.results import Earned
from mnist_lab.grading.running import LATE, Execution

# No error of a kernel is like this: those have a colon.
LATE_PATTERN = LATE.replace(".", r"\.").format(r"\d{1,5}")
NOT_SHOWN = "What it said cannot be shown: run once more, it did something else."


def could_leak(earned: Earned, plan: Plan, ran: Execution) -> bool:
    """Whether a kernel that had hidden inputs could have chosen the words that are to be shown.

    They are its own but for those that are always the same, or that came before.
    """
    exercise, own = marks.known(earned.id), plan.numbers(earned.id)
    with_cases = (c.number for c in plan.cells if any(marks.known(e).cases for e in c.exercises))
    informed = next(with_cases, len(plan.cells))  # the cell after which it has the first ones
    failed = next((number for number in own if number in ran.errors), 0)
    if failed > informed and not re.fullmatch(LATE_PATTERN, earned.error):
        return True
    return max(own) >= informed and earned.message not in _fixed_messages(exercise)


def reworded(earned: Earned, public: Earned) -> Earned:
    """What was earned, with the words of a kernel that never had a hidden input."""
    message = earned.message
    if message not in _fixed_messages(marks.known(earned.id)):
        same = public.verdict not in {"right", "not attempted"}
        message = public.message if same else NOT_SHOWN
    return replace(earned, message=message, error=public.error or (earned.error and NOT_SHOWN))


@cache
def _fixed_messages(exercise: Exercise) -> set[str]:
    """All that can be said about an answer without quoting it."""
    blank = mark(exercise, [Answer("blank")] * len(exercise.notes)).message
    missing = {marks.NOT_DEFINED.format(name) for name in exercise.names}
    ours = {marks.NOT_SENT, marks.NOT_REACHED, marks.NOT_COMPARED, marks.ONLY_PUBLIC}
    misconceptions = {wrong.message for wrong in exercise.misconceptions}
    return {"", TOO_LONG, blank, *ours, *QUOTE_NOTHING, *missing, *misconceptions}
