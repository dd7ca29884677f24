"""The exercises of all lessons, found by their ids; a file here for each lesson."""

import pkgutil
from functools import cache
from importlib import import_module

from mnist_lab.exercises.exercise import Exercise


@cache
def all_exercises() -> tuple[Exercise, ...]:
    """Every exercise, in the order of the course: the `EXERCISES` of each `lesson_NN.py`."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    lessons = [import_module(f"{__name__}.{name}") for name in names if name[:7] == "lesson_"]
    return tuple(exercise for lesson in lessons for exercise in lesson.EXERCISES)


def find(id: str) -> Exercise | None:
    """The exercise with this id, or None."""
    return next((exercise for exercise in all_exercises() if exercise.id == id), None)
