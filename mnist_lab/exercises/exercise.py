"""What an exercise is: all there is to know about it, in one frozen piece."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from textwrap import dedent
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

if TYPE_CHECKING:
    from mnist_lab.exercises.building import Task


@dataclass(frozen=True)
class Misconception:
    """A wrong answer that people give, as it would stand in the cell, and what is behind it."""

    source: str
    message: str  # on its card: the misconception, never the answer
    share: float = 0.0  # of the points, below 1


@dataclass(frozen=True, eq=False)
class Case:
    """One call of a function that was asked for: what is special about it, and its arguments.

    The note stands after "For" where the arguments are too long to be shown.
    """

    note: str
    arguments: tuple[Any, ...]


Cases = Iterator[Case]
Range = tuple[float, float]
# To write code or a number; to predict what a cell will show, a number or a choice; to choose what
# explains it; to mend what is broken; to build a model.
Kind = Literal["write", "predict", "explain", "mend", "build"]


@dataclass(frozen=True)
class Mark:
    """What was found of an answer: the share of the points, 0 to 1, why, and what shows it."""

    share: float
    message: str = ""
    example: str = ""


@dataclass(frozen=True, eq=False)
class Exercise:
    """An exercise: what it asks for, how the answer is checked, its hints and its solution.

    Attributes
    ----------
    id : str
        ``"3.2"``: the second of lesson 3.
    asks : str
        What is asked for, in a few words, as it stands in a gradebook.
    names : tuple of str
        The variables that hold the answer; for a function, its one name.
    solution : str
        What to write in the cell. It may use ``np``, and nothing else of the notebook.
    misconceptions : tuple of Misconception
        At least five.
    hints : tuple of str
        From a nudge to nearly there.
    cases : callable, optional
        For a function: seed to the calls it is tried with, those that are easy to do by hand
        first. None: values are asked for.
    kind : {"write", "predict", "explain", "mend", "build"}
        What one does.
    ranges : tuple of pairs
        For a number that is predicted: the bounds within which the solution and then each
        misconception is meant.
    exact : bool
        Whether the dtype belongs to the answer.
    pure : bool
        Whether a function that changes what it was given is wrong.
    tolerance : float
        By how much a number may differ.
    example : str
        For values: a smaller one of the kind, worked out, to stand on cards that are not right.
    task : Task, optional
        For a Keras model: what is asked of it. Its cases are then the task's.
    judge : callable, optional
        For values, where more than one answer is right: takes the answers, one for each name, as
        plain data; gives a Mark, or None to go on as usual.
    """

    id: str
    points: int
    asks: str
    names: tuple[str, ...]
    solution: str
    why: str
    misconceptions: tuple[Misconception, ...]
    hints: tuple[str, ...]
    cases: Callable[[int], Cases] | None = None
    kind: Kind = "write"
    ranges: tuple[Range, ...] = ()
    exact: bool = False
    pure: bool = False
    tolerance: float = 0.0
    example: str = ""
    task: "Task | None" = None
    judge: Callable[[list[Any]], Mark | None] | None = None

    @classmethod
    def from_answers(cls, *, target: str, answers: str, **attributes: Any) -> "Exercise":
        """Make an exercise from the answers that it knows, the right one first.

        Parameters
        ----------
        target : str
            ``"my_number"``, ``"my_first, my_second"``, or a function: ``"my_sum(one, other)"``.
        answers : str
            For each answer its share of the points, a colon and what its card says (the right
            one's: why it is right); then, indented, its code, for a function the body::

                1: The two belong together.
                    return one + other
                0.5: This is what one has more than the other.
                    return one - other
        """
        _, *parts = re.split(r"^([01][.\d]*): ", dedent(answers), flags=re.MULTILINE)
        head = f"def {target}:\n" if "(" in target else ""
        known = []
        for share, text in zip(parts[::2], parts[1::2], strict=True):
            words, _, code = text.rstrip().partition("\n    ")
            source = dedent(f"{head}    {code}")
            known.append(Misconception(source, " ".join(words.split()), float(share)))
        right, *wrong = known
        if attributes.get("task"):
            attributes["cases"] = attributes["task"].cases
        return cls(
            names=tuple(re.findall(r"\bmy_\w+", target)),
            solution=right.source,
            why=right.message,
            misconceptions=tuple(wrong),
            **attributes,
        )

    @property
    def lesson(self) -> int:
        """The number of its lesson."""
        return int(self.id.split(".")[0])

    @property
    def notes(self) -> tuple[str, ...]:
        """A few words for each part of the answer."""
        return tuple(case.note for case in self.cases(0)) if self.cases else self.names

    @property
    def parameters(self) -> tuple[str, ...]:
        """What the function that is asked for takes."""
        head = re.match(r"def \w+\((.*?)\)", self.solution)
        return tuple(re.findall(r"\w+", head[1])) if head else ()

    @property
    def call(self) -> str:
        """The line that checks it."""
        return f'check("{self.id}", {", ".join(self.names)})'

    @property
    def use(self) -> str:
        """The line that gives what the next cells run on."""
        return f'use("{self.id}", {", ".join(self.names)})'


@cache
def names_set_by(source: str) -> dict[str, Any]:
    """Run a solution or a misconception, a text of ours, and give the names that it sets."""
    names: dict[str, Any] = {"np": np}
    exec(source, names)  # noqa: S102  our own text, never a student's
    return names
