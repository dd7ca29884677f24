"""What the answers of a kernel earn: they are marked with inputs that only the grader knows.

And what a student is told: no words that a kernel which knew hidden inputs could have chosen.
"""

import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from mnist_lab.exercises import TOO_LONG, Answer, Exercise, Feedback, find, mark
from mnist_lab.exercises.building import quotes_nothing
from mnist_lab.exercises.marking import CHANGED, PUBLIC_SEED, QUOTE_NOTHING
from mnist_lab.grading.cells import Plan
from mnist_lab.grading.kernel import protocol
from mnist_lab.grading.results import Earned
from mnist_lab.grading.running import LATE, Execution

ONLY_PUBLIC = (
    "Right for what `check` tries, but not for other inputs of the same kind: does it hold for "
    "any numbers, or only for those?"
)
NOT_DEFINED = "`{}` is not there after the exercise's cell: was it renamed?"
NOT_SENT = "The answer could not be taken out of the kernel."
NOT_REACHED = "The run ended before this exercise."
NOT_COMPARED = "It cannot be compared with what was asked for."
NOT_SHOWN = "What it said cannot be shown: run once more, it did something else."
# No error of a kernel is like this: those have a colon.
LATE_PATTERN = LATE.replace(".", r"\.").format(r"\d{1,5}")


def seed_of(secret: bytes, student: str, id: str) -> int:
    """What a student's hidden inputs for an exercise are made from: 1 to 2**31."""
    text = f"{student}\0{id}".encode("utf-8", "surrogateescape")
    return 1 + int.from_bytes(hmac.digest(secret, text, hashlib.sha256)[:4], "big") // 2


def seeds_of(id: str, secret: bytes, student: str) -> list[int]:
    """What an exercise's inputs are made from: the public ones, then the hidden ones, if any."""
    public = [PUBLIC_SEED]
    return [*public, seed_of(secret, student, id)] if known(id).cases else public


def calls_of(id: str, seeds: Sequence[int]) -> list[list[tuple[Any, ...]]]:
    """The calls with which an answer is asked for, for each seed."""
    cases = known(id).cases
    return [[c.arguments for c in cases(seed)] for seed in seeds] if cases else [[]]


def known(id: str) -> Exercise:
    """The exercise with an id that a plan has named."""
    exercise = find(id)
    assert exercise
    return exercise


def earned_by(id: str, seeds: Sequence[int], ran: Execution, plan: Plan) -> Earned:
    """Mark the last answer that was an attempt."""
    exercise = known(id)
    texts = list(ran.taken.get(id, {}).values())
    error = next((ran.errors[n] for n in plan.numbers(id) if n in ran.errors), "")  # the first one
    if not texts:
        message = NOT_REACHED if ran.ended else NOT_SENT
        return Earned(id, "not attempted", 0, exercise.points, message, error)
    marked = [_mark(exercise, seeds, text) for text in reversed(texts)]
    best = next((each for each in marked if each.verdict != "not attempted"), marked[0])
    if error and best.verdict == "not attempted":
        best = replace(best, verdict="raised an error")
    example = str(replace(best.example, gave=""))  # what it gave is the kernel's word
    return Earned(id, best.verdict, best.points, best.max_points, best.message, error, example)


def _mark(exercise: Exercise, seeds: Sequence[int], text: str) -> Feedback:
    """Mark what a kernel sent: the points are those of the hidden inputs.

    What a student reads is about the inputs that they know.
    """

    def feedback(message: str, verdict: Any = "not attempted", points: float = 0) -> Feedback:
        return Feedback(exercise.id, verdict, points, exercise.points, message)

    try:
        missing, taken = protocol.load_reply(text, len(seeds))
        if missing:
            ours = missing[0] in exercise.names
            return feedback(NOT_DEFINED.format(missing[0]) if ours else NOT_SENT)
        answers = [protocol.load_answers(each, len(exercise.notes)) for each in taken]
    except ValueError:
        return feedback(NOT_SENT)
    shown, *hidden = [_judge(exercise, a, s) for a, s in zip(answers, seeds, strict=True)]
    if not hidden or (hidden[0].verdict, hidden[0].points) == (shown.verdict, shown.points):
        return shown
    if shown.verdict == "right":
        return feedback(ONLY_PUBLIC, hidden[0].verdict, hidden[0].points)
    return replace(shown, verdict=hidden[0].verdict, points=hidden[0].points)


def _judge(exercise: Exercise, answers: Sequence[Answer], seed: int) -> Feedback:
    try:
        return mark(exercise, answers, seed=seed)
    except Exception:  # noqa: BLE001  an answer made so that it cannot be marked
        return Feedback(exercise.id, "wrong", 0, exercise.points, NOT_COMPARED)


def could_leak(earned: Earned, plan: Plan, ran: Execution) -> bool:
    """Whether a kernel that had hidden inputs could have chosen the words that are to be shown.

    They are its own but for those that are always the same, or that came before.
    """
    exercise, own = known(earned.id), plan.numbers(earned.id)
    with_cases = (c.number for c in plan.cells if any(known(e).cases for e in c.exercises))
    informed = next(with_cases, len(plan.cells))  # the cell after which it has the first ones
    failed = next((number for number in own if number in ran.errors), 0)
    if failed > informed and not re.fullmatch(LATE_PATTERN, earned.error):
        return True
    fixed = earned.message in _fixed_messages(exercise) or (
        exercise.task is not None and quotes_nothing(earned.message)
    )
    return max(own) >= informed and not fixed


def reworded(earned: Earned, public: Earned) -> Earned:
    """What was earned, with the words of a kernel that never had a hidden input."""
    message = earned.message
    if message not in _fixed_messages(known(earned.id)):
        same = public.verdict not in {"right", "not attempted"}
        message = public.message if same else NOT_SHOWN
    error = public.error or (earned.error and NOT_SHOWN)
    return replace(earned, message=message, error=error, example=public.example)


@cache
def _fixed_messages(exercise: Exercise) -> set[str]:
    """All that can be said about an answer without quoting it."""
    blank = mark(exercise, [Answer("blank")] * len(exercise.notes)).message
    missing = {NOT_DEFINED.format(name) for name in exercise.names}
    ours = {NOT_SENT, NOT_REACHED, NOT_COMPARED, ONLY_PUBLIC}
    misconceptions = {wrong.message for wrong in exercise.misconceptions}
    changes = {text.format(name) for text in CHANGED for name in exercise.parameters}
    return {"", TOO_LONG, blank, *ours, *QUOTE_NOTHING, *missing, *misconceptions, *changes}
