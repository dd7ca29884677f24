"""What the course asks: exercises, how their answers are checked, hints, solutions, progress.

A notebook begins with::

    from mnist_lab.exercises import ____, check, hint, keep_progress, progress, solution, use
"""

from mnist_lab.exercises.answers import BLANK as ____  # noqa: N811
from mnist_lab.exercises.answers import TOO_LONG, Answer, take, take_from
from mnist_lab.exercises.cards import Card, Example, Feedback
from mnist_lab.exercises.exercise import Case, Exercise, Mark, Misconception
from mnist_lab.exercises.lessons import all_exercises, find
from mnist_lab.exercises.marking import mark
from mnist_lab.exercises.student import check, hint, keep_progress, progress, solution, use

__all__ = [
    "TOO_LONG",
    "Answer",
    "Card",
    "Case",
    "Example",
    "Exercise",
    "Feedback",
    "Mark",
    "Misconception",
    "____",
    "all_exercises",
    "check",
    "find",
    "hint",
    "keep_progress",
    "mark",
    "progress",
    "solution",
    "take",
    "take_from",
    "use",
]
