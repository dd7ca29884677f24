"""The notebooks as files: found, read, written, their blanks filled in."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

import mnist_lab
from mnist_lab.arrays import DataError
from mnist_lab.exercises import Exercise, find
from mnist_lab.files import StrPath, atomic_write

SKIPPED_TAG = "nbval-ignore-output"
COMPARED_TAG = "nbval-check-output"


def own_notebooks() -> Path:
    """The folder of the notebooks that came with the kit: in a wheel, or in a checkout."""
    package = Path(mnist_lab.__file__).parent
    installed = package / "course" / "notebooks"
    return installed if installed.is_dir() else package.parent / "notebooks"


def find_notebooks(place: StrPath) -> list[Path]:
    """The notebooks of a folder, in the order of the course, or the one named; else DataError."""
    place = Path(place)
    found = sorted(place.glob("[0-9][0-9]_*.ipynb")) if place.is_dir() else [place]
    if not found or not found[0].is_file():
        raise DataError(
            f"{place}: no notebook there; name the folder that holds the course's, "
            "which  mnist-lab course copy  makes"
        )
    return found


def read_notebook(path: StrPath) -> NotebookNode:
    """Read a notebook; DataError if it is none."""
    try:
        return nbformat.read(path, as_version=4)
    except (OSError, UnicodeDecodeError, nbformat.reader.NotJSONError) as error:
        raise DataError(f"{path}: not a notebook that can be read ({error})") from None


def write_notebook(notebook: NotebookNode, path: StrPath) -> None:
    """Write a notebook, whole or not at all; CannotWrite if the place cannot be written."""
    with atomic_write(path) as draft:
        nbformat.write(notebook, draft)


def exercise_part(cell: NotebookNode) -> tuple[str, str]:
    """The exercise a cell belongs to and its part in it, "answer" or "check"; else "", ""."""
    ours = cell.metadata.get("mnist_lab", {})
    return ours.get("exercise", ""), ours.get("part", "")


def nbgrader_metadata(exercise: Exercise) -> dict[str, Any]:
    """What nbgrader needs to know of the cell that checks an exercise."""
    return {
        "grade": True,
        "grade_id": f"check-{exercise.id.replace('.', '-')}",
        "locked": True,
        "points": exercise.points,
        "schema_version": 3,
        "solution": False,
        "task": False,
    }


def fill_in_solutions(notebook: NotebookNode) -> NotebookNode:
    """Give a copy with every blank filled in, whose checks must give full marks.

    Outputs stay, for the main line reads no answer; those of the checks hold the points that
    are due, and the tag that makes ``pytest --nbval-lax`` compare them.
    """
    notebook = deepcopy(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for count, cell in enumerate(code, 1):
        cell.execution_count = count
        name, part = exercise_part(cell)
        exercise = find(name)
        if exercise and part == "answer":
            cell.source, cell.outputs = exercise.solution, []
            cell.metadata.tags = [*cell.metadata.get("tags", []), SKIPPED_TAG]  # it may train
        elif exercise:
            due = {"text/plain": str(float(exercise.points))}
            cell.outputs = [nbformat.v4.new_output("execute_result", due, execution_count=count)]
            cell.metadata.tags = [*cell.metadata.get("tags", []), COMPARED_TAG]
    return notebook


def solve(place: StrPath, out: StrPath) -> list[Path]:
    """Write the notebooks of a folder with every blank filled in; give their places.

    DataError if there is no notebook, or if `out` is where they come from.
    """
    found, out = find_notebooks(place), Path(out)
    if out.resolve() == found[0].parent.resolve():
        raise DataError(f"{out}: the notebooks without solutions are there; give another --out")
    for path in found:
        write_notebook(fill_in_solutions(read_notebook(path)), out / path.name)
    return [out / path.name for path in found]
