"""The notebooks as a whole: filled in, run, and held to their rules."""

import asyncio
import doctest
import queue
import re
import sys
from pathlib import Path

import nbformat
import pytest

from mnist_lab import course
from mnist_lab.arrays import DataError
from mnist_lab.cli import main
from mnist_lab.course import listening
from mnist_lab.exercises import all_exercises, find
from tools import lint_notebooks
from tools.lint_notebooks import lint

NOTEBOOKS = Path(__file__).parent.parent / "notebooks"
LESSON = NOTEBOOKS / "01_look_at_the_data.ipynb"
GLOSSARY = NOTEBOOKS / "glossary.md"


@pytest.fixture
def lesson(tmp_path):
    """A copy of the first lesson, to spoil; and how to save it again."""
    notebook = course.read_notebook(LESSON)
    path = tmp_path / LESSON.name

    def broken(change) -> list[str]:
        change(notebook)
        course.write_notebook(notebook, path)
        return [line.split(": ", 1)[1] for line in lint(path)]

    return broken


def cell_of(notebook, name, part):
    return next(cell for cell in notebook.cells if course.exercise_part(cell) == (name, part))


def test_filling_in_leaves_the_main_line_alone():
    """Only the answers change, and no blank is left."""
    before, after = (
        course.read_notebook(LESSON),
        course.fill_in_solutions(course.read_notebook(LESSON)),
    )
    for one, other in zip(before.cells, after.cells, strict=True):
        name, part = course.exercise_part(one)
        assert other.source == (find(name).solution if part == "answer" else one.source)
    assert not any(re.search(r"= ____|return ____", cell.source) for cell in after.cells)


def test_every_exercise_has_its_notebook():
    """What a lesson file asks stands in the notebook of its number."""
    numbers = {int(path.stem[:2]) for path in course.find_notebooks(NOTEBOOKS)}
    assert {exercise.lesson for exercise in all_exercises()} <= numbers


def test_solving_spares_what_it_reads(tmp_path):
    """The notebooks with blanks are never written over."""
    with pytest.raises(DataError, match="another --out"):
        course.solve(NOTEBOOKS, NOTEBOOKS)
    with pytest.raises(DataError, match="no notebook there"):
        course.solve(tmp_path, tmp_path / "out")
    (tmp_path / "01_no.ipynb").write_text("no")
    with pytest.raises(DataError, match="not a notebook"):
        course.solve(tmp_path, tmp_path / "out")


def test_run_tells_each_cell_and_goes_on_after_a_failure(tmp_path, capsys):
    """A line a cell, an HTML page a notebook, a line a failure, exit 1; nothing saved."""
    for name, source in (("01_fail.ipynb", "1 / 0"), ("02_pass.ipynb", "print(6 * 7)")):
        cells = [nbformat.v4.new_code_cell("x = 1"), nbformat.v4.new_code_cell(source)]
        course.write_notebook(nbformat.v4.new_notebook(cells=cells), tmp_path / name)
    was = (tmp_path / "02_pass.ipynb").read_text()
    assert main(["course", "run", str(tmp_path), "--out", str(tmp_path / "html")]) == 1
    said = capsys.readouterr()
    assert said.err == "mnist-lab: 01_fail: ZeroDivisionError: division by zero\n"
    assert said.out.count("cell  ") >= 3 and "02_pass  done in" in said.out
    assert "42" in (tmp_path / "html" / "02_pass.html").read_text()
    assert (tmp_path / "02_pass.ipynb").read_text() == was


@pytest.mark.parametrize("path", course.find_notebooks(NOTEBOOKS), ids=lambda path: path.stem)
def test_first_cell_says_how_to_install_what_is_missing(path, monkeypatch, capsys):
    """In a kernel without mnist_lab the first code cell stops, and names the next step."""
    for name in [name for name in sys.modules if name.split(".")[0] == "mnist_lab"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "mnist_lab", None)  # as if it were not installed
    first = next(cell for cell in course.read_notebook(path).cells if cell.cell_type == "code")
    with pytest.raises(ModuleNotFoundError):
        exec(first.source, {})
    said = capsys.readouterr().out
    assert "make setup" in said and "%pip install" in said


def test_widget_is_run_and_its_state_is_not_kept(tmp_path):
    """A progress bar, which is a widget in a notebook, neither stops a run nor is saved."""
    code = "import ipywidgets\nwith ipywidgets.Output():\n    print(1)"
    path = tmp_path / "01_show.ipynb"
    course.write_notebook(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)]), path)
    assert not course.run(path, tmp_path / "html", save=True)
    assert "widgets" not in course.read_notebook(path).metadata


class Deaf:
    """A channel that is never woken: only who looks anew sees what came meanwhile."""

    def __init__(self, looks):
        self.looks, self.waited = looks, []

    async def get_msg(self, timeout=None):  # noqa: ASYNC109 - its own name
        self.waited.append(timeout)
        if len(self.waited) <= self.looks:
            raise queue.Empty
        return "said"


@pytest.mark.parametrize("timeout", [None, 600])
def test_a_message_that_woke_nobody_is_seen(timeout):
    """It is there at the next look, a moment later; who may wait no longer is told at once."""
    channel = Deaf(3)
    listening.look_often(channel)
    assert asyncio.run(channel.get_msg(timeout=timeout)) == "said"
    assert len(channel.waited) == 4 and max(channel.waited) <= listening.LOOK_SECONDS
    with pytest.raises(queue.Empty):
        channel = Deaf(10)
        listening.look_often(channel)
        asyncio.run(channel.get_msg(timeout=0))
    assert channel.waited == [0]


def change_source(before, after):
    def change(notebook):
        cell = next(cell for cell in notebook.cells if before in cell.source)
        cell.source = cell.source.replace(before, after)

    return change


def drop(attribute, value):
    def change(notebook):
        cell = next(c for c in notebook.cells if value in str(c.get(attribute, "")))
        notebook.cells.remove(cell)

    return change


def add_output(notebook):
    cell = cell_of(notebook, "1.1", "check")
    cell.outputs = [nbformat.v4.new_output("stream", name="stderr", text="Warning")]


def add_warning(notebook):
    cell = cell_of(notebook, "1.1", "check")
    cell.outputs = [nbformat.v4.new_output("stream", name="stdout", text="WARNING: retracing")]


def add_false(notebook):
    cell = cell_of(notebook, "1.1", "check")
    cell.outputs = [nbformat.v4.new_output("stream", name="stdout", text="8%, above 9: False\n")]


def untag(notebook):
    for cell in notebook.cells:
        cell.metadata.pop("tags", None)


def say_little(notebook):
    next(c for c in notebook.cells if "Numpy has a function" in c.source).source = "Look."


def count_wrong(notebook):
    notebook.cells[2].execution_count = 7


def lose_metadata(notebook):
    cell_of(notebook, "1.2", "answer").metadata = {}


BREACHES = [
    (change_source("## 2. ", "## "), "without its number"),
    (change_source("# Look", "Look"), "one title"),
    (change_source("you will be able to", "you will"), "you will be able to"),
    (change_source("minutes", "hours"), "minutes"),
    (change_source("- Masks", "Masks"), "three lines"),
    (change_source("The figure has a bar", "It has a bar"), "what its figure shows"),
    (change_source("two.mean(axis=0)", "\n".join("abcdefghijklmnopqrstu")), "too long"),
    (change_source("two.mean(axis=0)", "two.mean(axis=0);"), "ends in ;"),
    (change_source("two.mean(axis=0)", "two.mean(my_counts)"), "reads a my_ name"),
    (say_little, "words stand before"),
    (change_source('check("1.2", my_piece)', 'check("1.2", image)'), "should stand in the next"),
    (change_source("def my_piece(image):\n    return ____", "my_piece = 0"), "and ____"),
    (change_source("### Exercise 1.2", "### Exercise"), "a heading"),
    (change_source("raise", "pass"), "all lessons begin with"),
    (change_source("mnist_lab import", "mnist_lab.data.mnist import"), "a room's door"),
    (change_source("mnist_lab import load_mnist", "mnist_lab.data import mnist"), "a room's door"),
    (change_source("import load_mnist", "import _load_mnist"), "a room's door"),
    (drop("source", "check("), "should stand in the next"),
    (drop("source", "my_spread(images"), "and its lesson has"),
    (lose_metadata, "and its lesson has"),
    (add_output, "on stderr"),
    (add_warning, "with a warning"),
    (add_false, "does not hold"),
    (untag, "lacks the tag"),
    (count_wrong, "Restart-and-Run-All"),
]


@pytest.mark.parametrize(("change", "says"), BREACHES, ids=[says for _, says in BREACHES])
def test_lint_names_each_breach(lesson, change, says):
    """The lesson as it is breaks no rule; broken in one place, that rule is named."""
    assert not lesson(lambda _: None)
    assert any(says in line for line in lesson(change))


def test_lint_on_the_command_line(tmp_path, capsys):
    """Exit 0 and silence, or 1 and a line a breach; so for what is no notebook."""
    assert lint_notebooks.main([str(NOTEBOOKS)]) == 0 and not capsys.readouterr().out
    bare = tmp_path / "01_x.ipynb"
    course.write_notebook(nbformat.v4.new_notebook(), bare)
    assert lint_notebooks.main([str(LESSON), str(bare)]) == 1
    assert "01_x.ipynb: should have one title" in capsys.readouterr().out
    assert lint_notebooks.main([str(tmp_path / "02_y.ipynb")]) == 1
    assert capsys.readouterr().out.count("\n") == 1


def test_only_use_may_be_handed_an_answer():
    """The main line runs on what `use` gives, never on a blank."""
    assert not lint_notebooks._reads_answers('count = use("1.3", my_counts)\ncount(labels)')
    assert lint_notebooks._reads_answers('count = use("1.3", my_counts)\nmy_counts(labels)')


@pytest.mark.parametrize("where", ["an exercise", "the overview"])
def test_what_a_student_builds_is_the_network_of_the_course(where):
    """Written from a blank cell, or read in the overview, it is what `network.course_cnn` gives."""
    import keras

    from mnist_lab import network

    source, names = find("6.3").solution, {"keras": keras, "network": network, "SEED": 0}
    if where == "the overview":
        cells = course.read_notebook(NOTEBOOKS / "00_run_the_experiment.ipynb").cells
        (source,) = [cell.source for cell in cells if "keras.Sequential(" in cell.source]
    exec(source, names)
    built = names["my_model"] if "my_model" in names else names["build"]()
    meant = network.course_cnn()
    assert network.describe_layers(built) == network.describe_layers(meant)
    settings = [[{**layer.get_config(), "name": ""} for layer in m.layers] for m in (built, meant)]
    assert settings[0] == settings[1]


def prose(cell: nbformat.NotebookNode) -> str:
    """What a cell says, without code and headings."""
    text = re.sub(r"```.*?```|`[^`]*`", "", cell.source, flags=re.DOTALL)
    return re.sub(r"^#.*$", "", text, flags=re.MULTILINE)


def test_no_word_is_used_before_it_is_explained():
    """Each word of the glossary stands in italics in its lesson, and nowhere before but in a title.

    A lesson's first cell may name what it is about; the overview explains its words itself.
    """
    rows = re.findall(r"^\| (.+?) \| .+ \| \[(\w+)\]", GLOSSARY.read_text("utf-8"), re.MULTILINE)
    assert len(rows) > 50
    cells = [
        (path.stem, prose(cell))
        for path in sorted(NOTEBOOKS.glob("*.ipynb"))[1:]
        for cell in course.read_notebook(path).cells[1:]
        if cell.cell_type == "markdown"
    ]
    for word, lesson in rows:
        used = next(at for at, (_, text) in enumerate(cells) if has(rf"\b{re.escape(word)}", text))
        there, text = cells[used]
        assert there == lesson and has(rf"\*{re.escape(word)}\*", text), (word, there, text[:99])


def has(pattern: str, text: str) -> bool:
    return bool(re.search(pattern, text, re.IGNORECASE))


def test_the_glossary_is_in_order():
    """One looks a word up by its letters, and finds it once."""
    words = re.findall(r"^\| (.+?) \| .+ \| \[", GLOSSARY.read_text("utf-8"), re.MULTILINE)
    assert words == sorted(set(words), key=str.lower)


@pytest.mark.parametrize(
    ("page", "examples"), [("how_to_read_this_code.md", 30), ("from_an_older_tutorial.md", 18)]
)
def test_what_the_pages_show_is_true(page, examples):
    """Every example, on how to read the code and on older tutorials, gives what stands below it."""
    found = doctest.testfile(str(NOTEBOOKS / page), module_relative=False)
    assert not found.failed and found.attempted >= examples
