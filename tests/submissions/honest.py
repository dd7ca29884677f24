"""Students who mean well, and the states in which notebooks come back."""

import json

import nbformat
from nbformat import NotebookNode

from mnist_lab import course
from mnist_lab.exercises import find
from mnist_lab.exercises.marking import answers_of
from submissions.student import EXERCISES, Student, blank_lesson, lesson, pair, points, saved, short

LARGE = 200_000_000  # bytes


def honest() -> list[Student]:
    """The students without malice; whoever grades them needs no sandbox."""
    return [
        _one("blank", lesson(()), points()),
        _one("half", lesson(("1.1", "1.2", "1.3")), points("1.1", "1.2", "1.3")),
        _one("full", lesson()),
        _one("full in short", short()),
        _one("full but slow", slow()),
        _one("full with warnings", warned()),
        _one("slips", short(slips()), {**EXERCISES, "1.3": 1, "1.5": 1}),
        _one("another way", short(otherwise())),
        _one("reordered", reordered()),
        _one("copied", copied(), says="2 answer cells"),
        _one("copied blank", copied_blank()),
        _one("deleted", deleted(), points("1.1", "1.2", "1.3", "1.5"), says="no cell is marked"),
        _one("metadata stripped", stripped(), says="no cell is marked"),
        _one(
            "renamed",
            short({"1.2": "def piece(image):\n    return image[4:12, 10:18]"}),
            points("1.1", "1.3", "1.4", "1.5"),
            says="not there",
        ),
        _one(
            "syntax error",
            short({"1.2": "def my_piece(image:"}),
            points("1.1", "1.3", "1.4", "1.5"),
            says="SyntaxError",
        ),
        _one("error in between", broken(), says=""),
        _one("asks", asks(), points("1.1", "1.2", "1.3", "1.4")),
        _one("saved outputs", boasted(), points()),
        _one("copied outputs", short(known()), points("1.1"), says="for other inputs"),
        _one("markdown only", prose(), points(), status="nothing found"),
        Student("invalid json", {"": b'{"cells": ['}, points(), "unreadable", "not a notebook"),
        Student("no json", {"": b"\x89PNG\r\n"}, points(), "unreadable", "not a notebook"),
        Student("list", {"": b"[1, 2]"}, points(), "unreadable"),
        Student("deep", {"": b"[" * 100_000}, points(), "unreadable"),
        Student("large", {"": large}, points(), "unreadable", "more than 20 MB"),
        Student("nothing", {"readme.txt": b"I was ill."}, points(), "nothing found"),
        Student("nbformat 3", {"": old()}),
        _one("another kernel", other_kernel()),
        Student("J\u00fcrgen M\u00fcller", {"": saved(short())}, spelt=b"J\xfcrgen M\xfcller"),
        _one("=cmd()|' '!A0", short()),
        _one("[bold]<img src=x onerror=alert(1)>", short()),
        _one("x" * 240, short()),
        _one("..x", short()),
        Student("\ufffd[31mred\ufffd", {"": saved(short())}, spelt=b"\x1b[31mred\x07"),
        Student(
            "guesses",
            {f"{n:03}.ipynb": b"{" for n in range(30)},
            points(),
            "unreadable",
            "20 count",
        ),
        Student(
            "a folder", {"sub/01.ipynb": saved(beside()), "sub/pixels.py": b"count = 28 * 28\n"}
        ),
        Student("two notebooks", {"a.ipynb": saved(short(blanks())), "b.ipynb": saved(short())}),
        Student("copies", {"a.ipynb": saved(short()), ".ipynb_checkpoints/a.ipynb": b"{"}),
    ]


def _one(name: str, notebook: NotebookNode, earns: dict[str, float] | None = None,
         status: str = "graded", says: str = "") -> Student:  # fmt: skip
    return Student(name, {"": saved(notebook)}, earns or dict(EXERCISES), status, says)


def blanks() -> dict[str, str]:
    """Every answer as the course has it."""
    parts = [(course.exercise_part(cell), cell.source) for cell in blank_lesson().cells]
    return {exercise: source for (exercise, part), source in parts if part == "answer"}


def slow() -> NotebookNode:
    """Each cell takes a second more than it must."""
    notebook = short()
    for cell in notebook.cells[:4]:
        cell.source = f"import time; time.sleep(1)\n{cell.source}"
    return notebook


def warned() -> NotebookNode:
    """Right, with a lot on stderr, in the cells that check as well."""
    notebook = short()
    for cell in notebook.cells:
        cell.source = f"import sys, warnings\nwarnings.warn('old')\nprint('!', file=sys.stderr)\n{cell.source}"
    loud = "def my_difference(one, other):\n    print('here')\n    warnings.warn('I am')\n"
    notebook.cells[-2].source = loud + "    return np.abs(one.astype(int) - other).mean()"
    return notebook


def slips() -> dict[str, str]:
    """Two answers that are known to be half right."""
    half = {
        key: next(each.source for each in find(key).misconceptions if each.share == 0.5)
        for key in ("1.3", "1.5")
    }
    assert all("def" in source for source in half.values())
    return half


def otherwise() -> dict[str, str]:
    """Right answers as nobody else writes them."""
    return {
        "1.1": "my_numbers = np.float64(47_040_000)",
        "1.2": "my_piece = lambda image: [list(row[10:18]) for row in image[4:12]]",
        "1.3": "def my_counts(labels):\n    return tuple((labels == d).sum() for d in range(10))",
    }


def beside() -> NotebookNode:
    """Right, with a file that lies beside it."""
    return short({"1.1": "from pixels import count\n\nmy_numbers = 60_000 * count"})


def reordered() -> NotebookNode:
    """The exercises from the last to the first, each check before its answer's second half."""
    notebook = short()
    notebook.cells[1:] = [cell for key in reversed(EXERCISES) for cell in pair(key)]
    return notebook


def copied() -> NotebookNode:
    """Every cell of an exercise stands twice, with all its metadata."""
    notebook = short()
    notebook.cells[1:] = [cell for key in EXERCISES for cell in [*pair(key), *pair(key)]]
    return notebook


def copied_blank() -> NotebookNode:
    """The blank cell was copied before the first was solved, and stands below it."""
    notebook = short()
    blank = blanks()
    notebook.cells[1:] = [
        cell for key in EXERCISES for cell in [*pair(key), *pair(key, blank[key])]
    ]
    return notebook


def deleted() -> NotebookNode:
    """No check is left, and the fourth exercise is gone."""
    notebook = short()
    parts = [(cell, course.exercise_part(cell)) for cell in notebook.cells]
    notebook.cells = [cell for cell, (key, part) in parts if part != "check" and key != "1.4"]
    return notebook


def stripped() -> NotebookNode:
    """Some tool has taken all metadata away, and the ids."""
    notebook = short()
    notebook.metadata = {}
    for cell in notebook.cells:
        cell.metadata = {}
        cell.pop("id", None)
    notebook.nbformat_minor = 4
    return notebook


def broken() -> NotebookNode:
    """A cell of the main line fails; the exercises do not need it."""
    notebook = short()
    notebook.cells.insert(3, nbformat.v4.new_code_cell("1 / 0"))
    return notebook


def asks() -> NotebookNode:
    """Nobody is there to answer `input`."""
    notebook = short()
    notebook.cells[-2].source = "number = input('which?')\n" + notebook.cells[-2].source
    return notebook


def boasted() -> NotebookNode:
    """Nothing solved, and the outputs of full marks saved."""
    notebook = short(blanks())
    for cell in notebook.cells:
        data = {"text/plain": "2.0", "text/html": "<b>right</b>"}
        cell.outputs = [nbformat.v4.new_output("execute_result", data, execution_count=1)]
    return notebook


def known() -> dict[str, str]:
    """Functions that give right answers where `check` looks, by a table, and nowhere else."""
    return {key: _table(key) for key in EXERCISES if find(key).cases}


def _table(id: str) -> str:
    exercise = find(id)
    right = [each.value for each in answers_of(exercise, exercise.solution)]
    rows = [each.tolist() if hasattr(each, "tolist") else each for each in right]
    return (
        f"from itertools import cycle\nanswers = cycle({json.dumps(rows)})\n"
        f"def {exercise.names[0]}(*given):\n    return next(answers)"
    )


def prose() -> NotebookNode:
    """An essay, with the code in it as text."""
    text = "\n".join(f"```\n{find(key).solution}\n```" for key in EXERCISES)
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(text)])


def large() -> bytes:
    """Right, and with 200 MB of saved output."""
    notebook = short()
    notebook.cells[0].outputs = [nbformat.v4.new_output("stream", text="MARK")]
    head, tail = saved(notebook).split(b"MARK")
    return head + b"x" * (LARGE - len(head) - len(tail)) + tail


def old() -> bytes:
    """As IPython 1 wrote notebooks."""
    cells = [
        {
            "cell_type": "code",
            "collapsed": False,
            "input": cell.source,
            "language": "python",
            "metadata": cell.metadata,
            "outputs": [],
            "prompt_number": 1,
        }
        for cell in short().cells
    ]
    sheet = {"cells": cells, "metadata": {}}
    return json.dumps(
        {"metadata": {"name": "old"}, "nbformat": 3, "nbformat_minor": 0, "worksheets": [sheet]}
    ).encode()


def other_kernel() -> NotebookNode:
    """A kernel that is not here, and that would not be taken if it were."""
    notebook = short()
    notebook.metadata.kernelspec = {"name": "ir", "display_name": "R", "language": "R"}
    return notebook
