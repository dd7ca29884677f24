"""The notebooks, executed and compared with what they were saved with."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from mnist_lab import course
from mnist_lab.course_lint import lint
from mnist_lab.exercises import find

HERE = Path(__file__).parent
NOTEBOOKS = sorted((HERE.parent / "notebooks").glob("*.ipynb"))
CELL_SECONDS = 900  # a limit that only a hanging cell meets, on a slow machine


@pytest.fixture(autouse=True)
def one_home(tmp_path_factory, monkeypatch):
    """All kernels share a home, so that the stand-in is written once."""
    home = tmp_path_factory.getbasetemp() / "kernels"
    for name in ("HOME", "USERPROFILE", "XDG_CACHE_HOME", "LOCALAPPDATA", "KERAS_HOME"):
        monkeypatch.setenv(name, str(home))


def nbval(notebook: Path, *, data: str, solved: bool = False) -> subprocess.CompletedProcess:
    """Execute a notebook in a fresh kernel and compare every output with the saved one.

    Of a solved one, only what its checks say.
    """
    command = [
        *(sys.executable, "-m", "pytest", "-q", "-p", "nbval_settings", "-c", os.devnull),
        *("--rootdir", Path(notebook).parent, f"--nbval{'-lax' * solved}", "--nbval-current-env"),
        *("--nbval-sanitize-with", HERE / "nbval.cfg"),
        *("--nbval-cell-timeout", CELL_SECONDS, "--nbval-kernel-startup-timeout", 180),
        *("-p", "no:cacheprovider", notebook),
    ]
    environment = {
        **os.environ,
        "MNIST_LAB_DATA": data,
        "PYTHONPATH": os.pathsep.join([str(HERE), *sys.path]),
    }
    return subprocess.run(
        list(map(str, command)), env=environment, capture_output=True, encoding="utf-8"
    )


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_gives_its_saved_outputs_on_the_stand_in(notebook, tmp_path):
    """From top to bottom, every cell gives what a reader sees, without MNIST."""
    done = nbval(shutil.copy(notebook, tmp_path), data="stand-in")
    assert done.returncode == 0, done.stdout[-4000:]


@pytest.mark.real_mnist
@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_gives_its_saved_outputs_on_mnist(notebook, mnist_place, tmp_path):
    """The text is true of MNIST as well."""
    done = nbval(shutil.copy(notebook, tmp_path), data=mnist_place)
    assert done.returncode == 0, done.stdout[-4000:]


def test_there_are_notebooks():
    """None of this passes for want of notebooks."""
    assert NOTEBOOKS


LESSONS = [path for path in NOTEBOOKS if not path.stem.startswith("00")]  # it asks nothing


@pytest.mark.parametrize("notebook", LESSONS, ids=lambda path: path.stem)
def test_solutions_make_every_check_right(notebook, tmp_path):
    """With every blank filled in, the notebook runs through and each check gives full marks."""
    (solved,) = course.solve(notebook, tmp_path)
    done = nbval(solved, data="stand-in", solved=True)
    assert done.returncode == 0, done.stdout[-4000:]


def test_notebooks_are_written_as_they_should():
    """The rules of `mnist-lab course lint` hold."""
    assert not lint(HERE.parent / "notebooks")


@pytest.fixture
def lesson(tmp_path) -> Path:
    """A short lesson with one exercise, saved as it runs."""
    path = tmp_path / "90_try_the_net.ipynb"
    code = nbformat.v4.new_code_cell
    exercise = find("1.1")
    of = {"mnist_lab": {"exercise": "1.1", "part": "answer"}}
    cells = [
        code("from mnist_lab.exercises import ____, check"),
        code("half = 84 // 2\nhalf"),
        code("my_numbers = ____", metadata=of),
        code(exercise.call, metadata={"mnist_lab": {"exercise": "1.1", "part": "check"}}),
    ]
    kernel = {"name": "python3", "display_name": "Python 3"}
    course.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), path)
    assert not course.run(path, tmp_path / "html", save=True, say=lambda _: None)
    return path


def spoil(path: Path, before: str, after: str) -> Path:
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [("84", "84", 0), ('"42"', '"43"', 1), ("84 // 2", "84 // 3", 1), ("84 // 2", "84 // 0", 1)],
    ids=["as it is", "a changed output", "a wrong main line", "one that raises"],
)
def test_the_net_holds(lesson, before, after, code):
    """nbval passes a lesson as it was saved, and fails one with an output or a line changed."""
    done = nbval(spoil(lesson, before, after), data="stand-in")
    assert done.returncode == code, done.stdout


@pytest.mark.parametrize(
    ("after", "code"), [("60_000 * 28 * 28", 0), ("60_000 * 28", 1)], ids=["right", "wrong"]
)
def test_the_net_holds_a_wrong_solution(lesson, tmp_path, after, code):
    """A filled-in lesson fails when the solution in it is wrong."""
    (solved,) = course.solve(lesson, tmp_path / "solved")
    spoil(solved, "60_000 * 28 * 28", after)
    done = nbval(solved, data="stand-in", solved=True)
    assert done.returncode == code, done.stdout
