"""What the course asks: exercises, how their answers are checked, hints, solutions, progress.

A notebook begins with::

    from mnist_lab.exercises import ____, check, hint, keep_progress, progress, solution
"""

from mnist_lab.exercises.answers import BLANK as ____  # noqa: N811
from mnist_lab.exercises.answers import Answer, take, take_from
from mnist_lab.exercises.cards import Card, Feedback
from mnist_lab.exercises.exercise import Case, Exercise, Mark, Slip
from mnist_lab.exercises.lessons import every, find
from mnist_lab.exercises.marking import mark
from mnist_lab.exercises.student import check, hint, keep_progress, progress, solution

__all__ = [
    "Answer",
    "Card",
    "Case",
    "Exercise",
    "Feedback",
    "Mark",
    "Slip",
    "____",
    "check",
    "every",
    "find",
    "hint",
    "keep_progress",
    "mark",
    "progress",
    "solution",
    "take",
    "take_from",
]
