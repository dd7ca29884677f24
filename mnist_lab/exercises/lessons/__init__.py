"""The exercises of all lessons, found by their ids."""

import pkgutil
import re
from functools import cache
from importlib import import_module

import mnist_lab.exercises as package
from mnist_lab.exercises.exercise import Exercise


@cache
def every() -> tuple[Exercise, ...]:
    """Every exercise, in the order of the course."""
    files = sorted(m.name for m in pkgutil.iter_modules(package.__path__))
    lessons = [name for name in files if re.fullmatch(r"lesson_\d\d", name)]
    modules = [import_module(f"mnist_lab.exercises.{name}") for name in lessons]
    return tuple(exercise for module in modules for exercise in module.EXERCISES)


def find(id: str) -> Exercise | None:
    """The exercise with this id, or None."""
    return next((exercise for exercise in every() if exercise.id == id), None)
