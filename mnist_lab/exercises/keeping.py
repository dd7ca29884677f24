"""An answer as a text that makes it again: what a student wrote goes on into later lessons."""

import inspect
from collections.abc import Iterator, Sequence
from textwrap import dedent
from types import FunctionType, ModuleType
from typing import Any

import numpy as np

from mnist_lab.exercises.answers import BLANK
from mnist_lab.exercises.exercise import Exercise
from mnist_lab.exercises.models import is_model

MAX_CHARACTERS = 5000


def source_of(exercise: Exercise, values: Sequence[Any]) -> str:
    """The code that makes an answer again; "" where there is none, as for a network."""
    try:
        if any(is_model(value) for value in values):
            return ""
        pairs = zip(exercise.names, values, strict=True)
        text = "\n".join(line for name, value in pairs for line in _lines(name, value, set()))
    except Exception:  # noqa: BLE001  a student's object may do as it likes
        return ""
    return text if len(text) <= MAX_CHARACTERS else ""


def _lines(name: str, value: Any, seen: set[str]) -> Iterator[str]:
    """The code that sets a name to a value, after the modules and functions that it needs."""
    if isinstance(value, ModuleType):
        yield f"import {value.__name__} as {name}"
    elif isinstance(value, FunctionType):
        around = value.__globals__
        for needed in value.__code__.co_names:
            if isinstance(around.get(needed), ModuleType | FunctionType) and needed not in seen:
                seen.add(needed)
                yield from _lines(needed, around[needed], seen)
        yield dedent(inspect.getsource(value))
        if value.__name__ not in {name, "<lambda>"}:
            yield f"{name} = {value.__name__}"
    else:
        yield f"{name} = np.array({np.asarray(value).tolist()!r})"


def made_of(exercise: Exercise, source: str) -> list[Any]:
    """The answer that a kept text makes; blanks where it does not stand by itself."""
    space: dict[str, Any] = {"np": np}
    try:
        exec(source, space)  # noqa: S102  the student's own, from the student's own folder
    except Exception:  # noqa: BLE001  changed by hand, or it needs what stood in its notebook
        return [BLANK] * len(exercise.names)
    return [space.get(name, BLANK) for name in exercise.names]
