"""Right answers as a beginner writes them: loops, lists, Python's own numbers, a variable a step.

A lesson's file may also hold EQUIVALENT, parts of mechanical changes of a solution that are right
as well, by exercise; and MISTAKES: points, a part of what the card says, and the exercise's id
with the body of the function that is handed in below it.
"""

import pkgutil
from importlib import import_module

ANSWERS: dict[str, str] = {}
EQUIVALENT: dict[str, list[str]] = {}
MISTAKES: list[tuple[float, str, str]] = []
for _module in sorted(module.name for module in pkgutil.iter_modules(__path__)):
    _lesson = import_module(f"{__name__}.{_module}")
    ANSWERS |= _lesson.ANSWERS
    EQUIVALENT |= getattr(_lesson, "EQUIVALENT", {})
    MISTAKES += getattr(_lesson, "MISTAKES", [])
