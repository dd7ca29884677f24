"""Go through the course as a student does: one folder, every answer in a beginner's words.

Each cell is run twice in place, and each section gone through once more at its end, but for what
takes long. Prints a line for each thing that went wrong.

python tests/walker.py FOLDER NOTEBOOK...
"""

import sys
import time
from collections.abc import Iterator
from pathlib import Path

from beginners import ANSWERS
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode

from mnist_lab import course
from mnist_lab.exercises import find

CELL_SECONDS = 900  # a limit that only a hanging cell meets, on a slow machine
TWICE, AGAIN = 15.0, 4.0  # seconds; what takes longer is not run twice, or not a third time


def main() -> None:
    folder, *paths = sys.argv[1:]
    for path in paths:
        for line in walk(course.read_notebook(path), folder):
            print(f"{Path(path).stem}: {line}")


def walk(notebook: NotebookNode, folder: str) -> Iterator[str]:
    for cell in notebook.cells:
        name, part = course.exercise_part(cell)
        exercise = find(name)
        if exercise and part == "answer":
            cell.source = f"import numpy as np\n{ANSWERS.get(name, exercise.solution)}"
    client = NotebookClient(
        notebook, timeout=CELL_SECONDS, kernel_name="python3", record_timing=False,
        resources={"metadata": {"path": folder}}, extra_arguments=["--log-level=ERROR"],
    )  # fmt: skip
    with client.setup_kernel():
        for section in sections(notebook):
            short = []
            for at in section:
                began = time.monotonic()
                yield from run(client, at)
                took = time.monotonic() - began
                short += [at] * (took < AGAIN)
                if took < TWICE:
                    yield from run(client, at)
            for at in short:
                yield from run(client, at)


def sections(notebook: NotebookNode) -> list[list[int]]:
    """The places of the code cells of each section."""
    found: list[list[int]] = [[]]
    for at, cell in enumerate(notebook.cells):
        if cell.cell_type == "code":
            found[-1].append(at)
        elif "\n## " in f"\n{cell.source}":
            found.append([])
    return found


def run(client: NotebookClient, at: int) -> Iterator[str]:
    """Run a cell; say what is wrong with what it gives."""
    cell = client.nb.cells[at]
    try:
        client.execute_cell(cell, at)
    except CellExecutionError as error:
        yield f"{cell.source.splitlines()[-1][:60]}: {error.ename}: {error.evalue[:200]}"
    said = "".join(output.get("text", "") for output in cell.outputs)
    if "here is the kit's" in said:
        yield said.strip()
    name, part = course.exercise_part(cell)
    exercise = find(name)
    if exercise and part == "check":
        shown = [o.data["text/plain"] for o in cell.outputs if "text/plain" in o.get("data", {})]
        if shown != [str(float(exercise.points))]:
            yield f"{name}: {shown} of {exercise.points} points"


if __name__ == "__main__":
    main()
