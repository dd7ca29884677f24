"""The notebooks as a whole: run them, fill in the solutions, check how they are written."""

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from mnist_lab.arrays import DataError
from mnist_lab.exercises import Exercise, find
from mnist_lab.files import atomic_write

CELL_SECONDS = 600  # a limit that only a hanging cell meets
SKIPPED = "nbval-ignore-output"
COMPARED = "nbval-check-output"


@dataclass(frozen=True)
class Failure:
    """A cell that raised an error, or an exercise whose solution is not right."""

    notebook: str
    says: str


def find_notebooks(place: Path) -> list[Path]:
    """The notebooks of a folder, in the order of the course; or the one named.

    Raises
    ------
    DataError
        There is none.
    """
    found = sorted(place.glob("[0-9][0-9]_*.ipynb")) if place.is_dir() else [place]
    if not found or not found[0].is_file():
        raise DataError(f"{place}: no notebook there; name the folder that holds the course's")
    return found


def read(path: Path) -> NotebookNode:
    """Read a notebook.

    Raises
    ------
    DataError
        It is not one.
    """
    try:
        return nbformat.read(path, as_version=4)
    except (OSError, UnicodeDecodeError, nbformat.reader.NotJSONError) as error:
        raise DataError(f"{path}: not a notebook that can be read ({error})") from None


def write(notebook: NotebookNode, path: Path) -> None:
    """Write a notebook, whole or not at all.

    Raises
    ------
    CannotWrite
        The place cannot be written.
    """
    with atomic_write(path) as draft:
        nbformat.write(notebook, draft)


def part_of(cell: NotebookNode) -> tuple[str, str]:
    """The exercise a cell belongs to and its part in it, "answer" or "check"; else "", ""."""
    ours = cell.metadata.get("mnist_lab", {})
    return ours.get("exercise", ""), ours.get("part", "")


def graded(exercise: Exercise) -> dict[str, Any]:
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


def fill_in(notebook: NotebookNode) -> NotebookNode:
    """Give a copy with every blank filled in, whose checks must give full marks.

    Outputs stay, for the main line reads no answer; those of the checks hold the points that
    are due, and the tag that makes ``pytest --nbval-lax`` compare them.
    """
    notebook = deepcopy(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for count, cell in enumerate(code, 1):
        cell.execution_count = count
        exercise = find(part_of(cell)[0])
        if exercise and part_of(cell)[1] == "answer":
            cell.source, cell.outputs = exercise.solution, []
        elif exercise:
            due = {"text/plain": str(float(exercise.points))}
            cell.outputs = [nbformat.v4.new_output("execute_result", due, execution_count=count)]
            cell.metadata.tags = [*cell.metadata.get("tags", []), COMPARED]
    return notebook


def solve(place: Path, out: Path) -> list[Path]:
    """Write the notebooks of a folder with every blank filled in; give their places.

    Raises
    ------
    DataError
        There is no notebook, or `out` is where they come from.
    """
    found = find_notebooks(place)
    if out.resolve() == found[0].parent.resolve():
        raise DataError(f"{out}: the notebooks without solutions are there; give another --out")
    for path in found:
        write(fill_in(read(path)), out / path.name)
    return [out / path.name for path in found]


def run(
    place: Path,
    out: Path,
    *,
    solved: bool = False,
    save: bool = False,
    say: Callable[[str], None] = print,
) -> list[Failure]:
    """Run each notebook from top to bottom in a fresh kernel, and write it as HTML.

    The kernel works in an empty folder of its own, so that nothing is left in the course's.

    Parameters
    ----------
    place : Path
        The folder of the notebooks, or one notebook.
    out : Path
        Where the HTML goes.
    solved : bool
        Fill in every blank first, and demand that every check is right.
    save : bool
        Keep the outputs in the notebooks themselves; not together with `solved`.
    say : callable
        Takes a line for each cell.

    Returns
    -------
    list of Failure
        What went wrong; the other notebooks have been run all the same.
    """
    failures: list[Failure] = []
    for path in find_notebooks(place):
        notebook = fill_in(read(path)) if solved else read(path)
        began = time.monotonic()
        failed = [Failure(path.stem, says) for says in _execute(notebook, path.stem, say)]
        failures += failed
        with atomic_write(out / f"{path.stem}.html") as draft:
            draft.write_text(to_html(notebook, title=path.stem), encoding="utf-8")
        if save and not solved and not failed:
            write(notebook, path)
        ended = "failed" if failed else "done"
        say(f"{path.stem}  {ended} in {time.monotonic() - began:.0f} s: {out / path.stem}.html")
    return failures


def to_html(notebook: NotebookNode, *, title: str, dark: bool = False) -> str:
    """A notebook as one HTML page."""
    from nbconvert import HTMLExporter

    exporter = HTMLExporter(theme="dark" if dark else "light")
    return exporter.from_notebook_node(notebook, {"metadata": {"name": title}})[0]


def _execute(notebook: NotebookNode, name: str, say: Callable[[str], None]) -> Iterator[str]:
    """Run a notebook in place; give a sentence for each thing that went wrong."""
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    code = [at for at, cell in enumerate(notebook.cells) if cell.cell_type == "code"]
    began = time.monotonic()

    def tell(cell: NotebookNode, cell_index: int, **_: Any) -> None:
        nonlocal began
        if cell.cell_type == "code":
            took, began = time.monotonic() - began, time.monotonic()
            what = cell.source.strip().split("\n")[0][:48]
            say(
                f"{name}  cell {code.index(cell_index) + 1:>2} of {len(code)} {took:6.1f} s  {what}"
            )

    with tempfile.TemporaryDirectory() as folder:
        client = NotebookClient(
            notebook,
            timeout=CELL_SECONDS,
            kernel_name="python3",
            resources={"metadata": {"path": folder}},
            extra_arguments=["--log-level=ERROR"],  # or each kernel warns of its own sockets
            record_timing=False,
            on_cell_executed=tell,
        )
        # The command line draws without a window; a notebook draws into itself.
        environment = {k: v for k, v in os.environ.items() if k != "MPLBACKEND"}
        try:
            client.execute(env=environment)
        except CellExecutionError as error:
            yield f"{error.ename}: {error.evalue}"
        except (CellTimeoutError, DeadKernelError) as error:
            yield str(error).split("\n")[0]
        else:
            yield from _not_right(notebook)
        finally:
            notebook.metadata.pop("widgets", None)  # what a progress bar last looked like


def _not_right(notebook: NotebookNode) -> Iterator[str]:
    """The checks that do not give what a filled-in copy says they must."""
    for cell in notebook.cells:
        exercise = find(part_of(cell)[0])
        if exercise and COMPARED in cell.metadata.get("tags", []):
            shown = [o.data.get("text/plain") for o in cell.outputs if "data" in o]
            if shown != [str(float(exercise.points))]:
                yield f"exercise {exercise.id}: its solution is not right"
