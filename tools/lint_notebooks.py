"""Check how the notebooks of the course are written, and say each rule that one breaks.

python -m tools.lint_notebooks [FILES]
"""

import argparse
import ast
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

from nbformat import NotebookNode

import mnist_lab
from mnist_lab.arrays import MnistLabError
from mnist_lab.course import (
    SKIPPED_TAG,
    exercise_part,
    find_notebooks,
    nbgrader_metadata,
    own_notebooks,
    read_notebook,
)
from mnist_lab.exercises import all_exercises, find
from mnist_lab.files import StrPath

TAGS = {SKIPPED_TAG, "nbval-skip", "raises-exception"}
MAX_BYTES = 1_000_000
MAX_CELLS, MAX_LINES = 60, 130  # of a lesson, and of its code: 45 minutes of a beginner's
PACKAGE = Path(mnist_lab.__file__).parent
MISSING = """\
except ModuleNotFoundError:
    print("mnist_lab is not installed in this kernel. In the course's folder, run: make setup")
    print("and choose the kernel of its .venv. On Colab: %pip install git+ADDRESS, with the")
    print("address of the course's repository; then restart the kernel.")
    raise"""
START = f"""\
try:
    from mnist_lab.exercises import ____, check, hint, keep_progress, progress, solution, use
{MISSING}
keep_progress("progress.json")"""
OVERVIEW = f"""\
try:
    from mnist_lab import evaluate, images, load_mnist, network, plots
{MISSING}"""  # where there are no exercises
PICTURES = {"image/png", "image/svg+xml", "image/jpeg"}
Cells = list[NotebookNode]


def main(arguments: list[str] | None = None) -> int:
    """Print a line for each rule that is broken; the exit status is 1 if any is."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.lint_notebooks", description=__doc__.splitlines()[0]
    )
    parser.add_argument(
        "files", nargs="*", default=[own_notebooks()], metavar="FILES",
        help="notebooks, or folders of them; default: the course's",
    )  # fmt: skip
    try:
        broken = [line for place in parser.parse_args(arguments).files for line in lint(place)]
    except MnistLabError as error:
        broken = [str(error)]
    for line in broken:
        print(line)
    return 1 if broken else 0


def lint(place: StrPath) -> list[str]:
    """Check the notebooks of a folder, or one; give a line for each rule that one breaks."""
    broken = []
    for path in find_notebooks(place):
        notebook = read_notebook(path)
        lines = [line for rule in RULES for line in rule(notebook.cells)]
        broken += [f"{path.name}: {line}" for line in [*lines, *_file(path, notebook)]]
    return broken


def _file(path: Path, notebook: NotebookNode) -> Iterator[str]:
    """Its name, its size, and what it says about others."""
    if not re.fullmatch(r"\d\d_[a-z]+(_[a-z0-9]+)*", path.stem):
        yield "should be called NN_verb_the_thing.ipynb"
    if path.stat().st_size > MAX_BYTES:
        yield f"is larger than {MAX_BYTES:,} bytes"
    if "widgets" in notebook.metadata:
        yield "holds the state of widgets: save it without"
    later = [other for other in sorted(path.parent.glob("[0-9][0-9]_*.ipynb")) if other > path]
    if later and later[0].stem not in _prose(notebook.cells[-1:]):
        yield f"should end by naming the next notebook, {later[0].stem}"
    number = int(path.stem[:2]) if path.stem[:2].isdigit() else 0
    due = [exercise.id for exercise in all_exercises() if exercise.lesson == number]
    asked = [
        exercise_part(cell)[0] for cell in notebook.cells if exercise_part(cell)[1] == "answer"
    ]
    if asked != due:
        yield f"asks for the exercises {asked}, and its lesson has {due}"
    start = START if number else OVERVIEW
    if [cell.source for cell in _code(notebook.cells)[:1]] != [start]:
        yield "its first code cell is not START, the one that all lessons begin with"


def _headings(cells: Cells) -> Iterator[str]:
    """One title, four to seven numbered sections, an opening and a closing."""
    text, first = _prose(cells), _prose(cells[:1])
    if len(re.findall(r"^# ", text, re.MULTILINE)) != 1 or not first.startswith("# "):
        yield "should have one title, at its top"
    numbers = re.findall(r"^## (.*)", text, re.MULTILINE)
    if not 4 <= len(numbers) <= 7:
        yield f"should have four to seven sections, and has {len(numbers)}"
    for at, heading in enumerate(numbers, 1):
        if not heading.startswith(f"{at}. "):
            yield f"section {at} is headed {heading!r}, without its number"
    if not (re.search(r"\*\*[^*]+\?\*\*", first) and "you will be able to" in first):
        yield "should open with a question in bold and 'you will be able to'"
    if "minutes" not in first:
        yield "should say at its top how many minutes it takes"
    if len(re.findall(r"^- ", _prose(cells[-1:]), re.MULTILINE)) != 3:
        yield "should close with a summary of three lines"


def _lengths(cells: Cells) -> Iterator[str]:
    """Short cells, words before each."""
    lines = sorted(len(re.findall(r"\S.*", cell.source)) for cell in _code(cells)) or [0]
    if len(cells) > MAX_CELLS or sum(lines) > MAX_LINES:
        yield f"has {len(cells)} cells and {sum(lines)} lines of code; {MAX_CELLS} and {MAX_LINES}"
    if lines[-1] > 20 or lines[int(len(lines) * 0.9)] > 12 or median(lines) > 6:
        yield f"cells are too long: {median(lines)} lines in the middle, {lines[-1]} at the most"
    counts = []
    for before, cell in zip([None, *cells], cells, strict=False):
        pair = before is not None and exercise_part(before)[1] == "answer"
        if cell.cell_type == "code" and not pair:
            counts.append(_words(before) if before else 0)
            most = 150 if exercise_part(cell)[1] == "answer" else 75  # choices stand there, too
            if not 15 <= counts[-1] <= most:
                yield f"{counts[-1]} words stand before the cell {_name(cell)}; 15 to 40 are usual"
    if counts and median(counts) > 45:
        yield f"the prose before a cell has {median(counts)} words in the middle, not 15 to 40"


def _outputs(cells: Cells) -> Iterator[str]:
    """Run in order, no error, nothing on stderr, bounds that hold, tags that mean something."""
    code = _code(cells)
    if [cell.execution_count for cell in code] != list(range(1, len(code) + 1)):
        yield "is not saved after Restart-and-Run-All"
    for cell in code:
        tags = set(cell.metadata.get("tags", []))
        if tags - TAGS:
            yield f"the tag {sorted(tags - TAGS)} of {_name(cell)} means nothing"
        if any(o.output_type == "error" for o in cell.outputs) and "raises-exception" not in tags:
            yield f"{_name(cell)} is saved with an error"
        if any(o.get("name") == "stderr" for o in cell.outputs):
            yield f"{_name(cell)} is saved with something on stderr"
        if any("WARNING" in o.get("text", "") for o in cell.outputs):
            yield f"{_name(cell)} is saved with a warning"
        if any(re.search(r": False$", o.get("text", ""), re.MULTILINE) for o in cell.outputs):
            yield f"{_name(cell)} is saved with a bound that does not hold"
        if cell.source.rstrip().endswith(";"):
            yield f"{_name(cell)} ends in ; where  _ =  in front says it better"
        if _draws(cell) and SKIPPED_TAG not in tags:
            yield f"{_name(cell)} draws a figure, and lacks the tag {SKIPPED_TAG}"


def _figures(cells: Cells) -> Iterator[str]:
    """Who cannot see a figure reads what it shows, right behind it."""
    for cell, after in zip(cells, [*cells[1:], None], strict=False):
        if _draws(cell):
            text = after.source if after is not None and after.cell_type == "markdown" else ""
            sentence = re.search(r"\bfigure\b(\s+\S+){6}", text)
            if not sentence:
                yield f"no sentence after {_name(cell)} says what its figure shows"


def _exercises(cells: Cells) -> Iterator[str]:
    """A heading, an answer cell with blanks, a check cell; only `use` reads a my_ name besides."""
    for at, cell in enumerate(cells):
        name, part = exercise_part(cell)
        exercise = find(name)
        if part == "answer" and exercise is not None:
            after = cells[at + 1] if at + 1 < len(cells) else cell
            if exercise_part(after) != (name, "check") or after.source != exercise.call:
                yield f"exercise {name}: {exercise.call} should stand in the next cell"
            if after.metadata.get("nbgrader") != nbgrader_metadata(exercise):
                yield f"exercise {name}: its metadata are not those of course.nbgrader_metadata"
            if f"### Exercise {name}" not in _prose(cells[max(0, at - 1) : at]):
                yield f"exercise {name}: a heading '### Exercise {name}' should stand before it"
            if "____" not in cell.source or any(n not in cell.source for n in exercise.names):
                yield f"exercise {name}: the answer cell should hold its names and ____"
        elif name and (exercise is None or part != "check"):
            yield f"{_name(cell)} belongs to an exercise that is not there: {name!r}"
        elif cell.cell_type == "code" and not name and _reads_answers(cell.source):
            yield f"{_name(cell)} reads a my_ name: it must run while that is still a blank"


def _imports(cells: Cells) -> Iterator[str]:
    """From mnist_lab or one of its rooms; never from deeper, nor what begins with one _."""
    for cell in _code(cells):
        for name in _imported(cell.source):
            package, *below = name.split(".")
            place = PACKAGE.joinpath(*below)
            module = place.is_dir() or place.with_suffix(".py").is_file()
            deeper = len(below) > 2 or (len(below) == 2 and module)
            if package == "mnist_lab" and (deeper or re.search(r"\._(?!___$)\w+$", name)):
                yield f"{_name(cell)} imports {name}: a lesson takes what a room's door offers"


RULES: tuple[Callable[[Cells], Iterator[str]], ...] = (
    _headings, _lengths, _outputs, _figures, _exercises, _imports,
)  # fmt: skip


def _code(cells: Cells) -> Cells:
    return [cell for cell in cells if cell.cell_type == "code"]


def _prose(cells: Cells) -> str:
    return "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")


def _words(cell: NotebookNode) -> int:
    """Words of a markdown cell, without headings and what is said of a figure; none in code."""
    text = re.sub(r"^(?:#|The figure ).*$", "", _prose([cell]), flags=re.MULTILINE)
    return len(re.findall(r"\S*\w\S*", text))


def _name(cell: NotebookNode) -> str:
    return repr(cell.source.strip().split("\n")[0][:40])


def _draws(cell: NotebookNode) -> bool:
    return any(PICTURES & set(output.get("data", {})) for output in cell.get("outputs", []))


def _imported(source: str) -> Iterator[str]:
    """The full name of all that some code imports."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _reads_answers(source: str) -> bool:
    """Whether some code reads a my_ name, but to hand it to `use`."""
    nodes = list(ast.walk(ast.parse(source)))
    uses = [n for n in nodes if isinstance(n, ast.Call) and ast.unparse(n.func) == "use"]
    handed = [argument for call in uses for argument in call.args]
    names = [n for n in nodes if isinstance(n, ast.Name) and n not in handed]
    return any(node.id.startswith("my_") for node in names)


if __name__ == "__main__":
    sys.exit(main())
