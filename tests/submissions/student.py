"""What a student of the test class hands in, made from the course's own lesson 1."""

import json
import os
from collections.abc import Callable, Iterable
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from mnist_lab import course
from mnist_lab.exercises import all_exercises, find

LESSON = Path(__file__).parents[2] / "notebooks" / "01_look_at_the_data.ipynb"
EXERCISES = {each.id: each.points for each in all_exercises() if each.lesson == 1}
START = "import numpy as np\n\nfrom mnist_lab.exercises import ____, check, hint, solution"


@dataclass(frozen=True)
class Student:
    """What one student hands in, and what must come of it.

    Attributes
    ----------
    name : str
        Of the notebook, or of the folder where there are more files than one.
    files : dict
        Their content by name, or what makes it; a Path is a link to there. One without a folder
        is called "".
    earns : dict
        The points of each exercise.
    status : str
        As in the gradebook.
    says : str
        Stands in the notes, or in an error that was reported.
    tries : str
        What it is about.
    aims : str
        What a hostile one is after: points, a look, the machine, the run.
    spelt : bytes, optional
        The name as it is on the disk, where that is something else.
    """

    name: str
    files: dict[str, bytes | Path | Callable[[], bytes]]
    earns: dict[str, float] = field(default_factory=lambda: dict(EXERCISES))
    status: str = "graded"
    says: str = ""
    tries: str = ""
    aims: str = ""
    spelt: bytes = b""


def write(students: Iterable[Student], folder: Path) -> None:
    """Write what a class hands in, as a folder."""
    for student in students:
        for name, content in student.files.items():
            own = os.fsdecode(student.spelt or student.name)
            path = folder / own / name if name else folder / f"{own}.ipynb"
            path.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(content, Path):
                path.symlink_to(content)
            else:
                path.write_bytes(content() if callable(content) else content)


def points(*exercises: str) -> dict[str, float]:
    """Full marks for some exercises; nothing for the others."""
    return {key: EXERCISES[key] if key in exercises else 0 for key in EXERCISES}


@cache
def blank_lesson() -> NotebookNode:
    """The notebook of lesson 1 as the course has it; not to be changed."""
    notebook = course.read_notebook(LESSON)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = []
    return notebook


def lesson(solved: Iterable[str] = tuple(EXERCISES)) -> NotebookNode:
    """The whole notebook of lesson 1, with some exercises solved."""
    blank = blank_lesson()
    whole = course.fill_in_solutions(blank)
    for cell, filled in zip(blank.cells, whole.cells, strict=True):
        if course.exercise_part(cell)[0] not in solved and cell.cell_type == "code":
            filled.source = cell.source
    return whole


def short(answers: dict[str, str] | None = None) -> NotebookNode:
    """A start, and the cells of the exercises, solved but for those that are given."""
    whole = lesson()
    cells = [cell for cell in whole.cells if course.exercise_part(cell)[0]]
    for cell in cells:
        exercise, part = course.exercise_part(cell)
        if part == "answer" and exercise in (answers or {}):
            cell.source = answers[exercise]
    whole.cells = [nbformat.v4.new_code_cell(START), *cells]
    return whole


def pair(id: str, answer: str = "") -> list[NotebookNode]:
    """The two cells of an exercise, solved if no answer is given."""
    cells = [deepcopy(cell) for cell in lesson().cells if course.exercise_part(cell)[0] == id]
    cells[0].source = answer or find(id).solution
    return cells


def saved(notebook: NotebookNode) -> bytes:
    """A notebook as some tool has written it: nobody looks whether it is a proper one."""
    return json.dumps(notebook).encode()
