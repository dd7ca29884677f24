"""Run the notebooks from top to bottom, and show them as HTML."""

import os
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from mnist_lab.course.listening import look_often
from mnist_lab.course.notebook import (
    COMPARED_TAG,
    exercise_part,
    fill_in_solutions,
    find_notebooks,
    read_notebook,
    write_notebook,
)  # fmt: skip
from mnist_lab.exercises import find
from mnist_lab.files import StrPath, write_text
from mnist_lab.names import readable
from mnist_lab.progress import LINE_WIDTH, SILENT, Progress

CELL_SECONDS = 600  # a limit that only a hanging cell meets


@dataclass(frozen=True)
class Failure:
    """A cell that raised an error, or an exercise whose solution is not right."""

    notebook: str
    message: str


def run(
    place: StrPath, out: StrPath, *, solved: bool = False, save: bool = False,
    progress: Progress = SILENT,
) -> list[Failure]:  # fmt: skip
    """Run each notebook from top to bottom in a fresh kernel, and write it as HTML.

    The kernel works in an empty folder of its own, so that nothing is left in the course's.

    Parameters
    ----------
    place : path
        The folder of the notebooks, or one notebook.
    out : path
        The folder where the HTML goes.
    solved : bool
        Fill in every blank first, and demand that every check is right.
    save : bool
        Keep the outputs in the notebooks themselves; not together with `solved`.

    Returns
    -------
    list of Failure
        What went wrong; the other notebooks have been run all the same.
    """
    from nbconvert import HTMLExporter

    failures: list[Failure] = []
    for path in find_notebooks(place):
        notebook = read_notebook(path)
        if solved:
            notebook = fill_in_solutions(notebook)
        began = time.monotonic()
        failed = [Failure(path.stem, line) for line in _execute(notebook, path.stem, progress)]
        failures += failed
        title = {"metadata": {"name": readable(path.stem)}}
        html, _ = HTMLExporter().from_notebook_node(notebook, title)
        page = Path(out) / f"{path.stem}.html"
        write_text(page, html)
        if save and not solved and not failed:
            write_notebook(notebook, path)
        ended = "failed" if failed else "done"
        progress.say(f"{path.stem}  {ended} in {time.monotonic() - began:.0f} s: {page}")
    return failures


def _execute(notebook: NotebookNode, name: str, progress: Progress) -> Iterator[str]:
    """Run a notebook in place; give a sentence for each thing that went wrong."""
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    code = [at for at, cell in enumerate(notebook.cells) if cell.cell_type == "code"]
    began = time.monotonic()

    def tell(cell: NotebookNode, cell_index: int, **_: Any) -> None:
        nonlocal began
        if cell.cell_type == "code":
            took, began = time.monotonic() - began, time.monotonic()
            at, line = code.index(cell_index) + 1, cell.source.strip().split("\n")[0]
            said = f"{name}  cell {at:>2} of {len(code)} {took:6.1f} s  {line}"
            progress.say(said[:LINE_WIDTH])

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

        def begin(**_: Any) -> None:
            if client.kc:
                look_often(client.kc.shell_channel)

        client.on_notebook_start = begin
        # The command line draws without a window; a notebook draws into itself.
        environment = {k: v for k, v in os.environ.items() if k != "MPLBACKEND"}
        try:
            client.execute(env=environment)
        except CellExecutionError as error:
            yield f"{error.ename}: {error.evalue}"
        except (CellTimeoutError, DeadKernelError) as error:
            yield str(error).split("\n")[0]
        else:
            yield from _wrong_solutions(notebook)
        finally:
            notebook.metadata.pop("widgets", None)  # what a progress bar last looked like


def _wrong_solutions(notebook: NotebookNode) -> Iterator[str]:
    """The checks that do not give what a filled-in copy says they must."""
    for cell in notebook.cells:
        exercise = find(exercise_part(cell)[0])
        if exercise and COMPARED_TAG in cell.metadata.get("tags", []):
            shown = [o.data.get("text/plain") for o in cell.outputs if "data" in o]
            if shown != [str(float(exercise.points))]:
                yield f"exercise {exercise.id}: its solution is not right"
