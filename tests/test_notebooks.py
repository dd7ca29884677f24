"""The notebooks, executed and compared with what they were saved with."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest
from conftest import real_mnist

from mnist_lab import course
from mnist_lab.exercises import find
from tools.lint_notebooks import lint

HERE = Path(__file__).parent
NOTEBOOKS = sorted((HERE.parent / "notebooks").glob("*.ipynb"))
MNIST = real_mnist()  # now, for later no test sees this machine's own
AT_ONCE = 2  # notebooks; a kernel takes one to two gigabytes
CELL_SECONDS = 900  # a limit that only a hanging cell meets, on a slow machine


@dataclass(frozen=True)
class Run:
    """A notebook to execute: as it is, or solved; on the stand-in, or on MNIST where it is."""

    notebook: Path
    solved: bool

    @property
    def data(self) -> str:
        return (self.solved and MNIST) or "stand-in"

    def __str__(self) -> str:
        return f"{self.notebook.stem}-{'solved' if self.solved else 'as it is'}"


RUNS = [Run(path, solved) for path in NOTEBOOKS for solved in (False, True)]


@pytest.fixture(scope="session")
def home(tmp_path_factory) -> dict[str, str]:
    """All kernels share a home, in which what one of them keeps is found by the next."""
    place = str(tmp_path_factory.mktemp("kernels"))
    names = ("HOME", "USERPROFILE", "XDG_CACHE_HOME", "LOCALAPPDATA", "KERAS_HOME")
    return dict.fromkeys(names, place)


def nbval(
    notebook: Path, home: dict[str, str], *, data: str = "stand-in", lax: bool = False
) -> subprocess.CompletedProcess:
    """Execute a notebook in a fresh kernel and compare every output with the saved one.

    With `lax`, only what its checks say.
    """
    command = [
        *(sys.executable, "-m", "pytest", "-q", "-p", "nbval_settings", "-c", os.devnull),
        *("--rootdir", Path(notebook).parent, f"--nbval{'-lax' * lax}", "--nbval-current-env"),
        *("--nbval-sanitize-with", HERE / "nbval.cfg"),
        *("--nbval-cell-timeout", CELL_SECONDS, "--nbval-kernel-startup-timeout", 180),
        *("-p", "no:cacheprovider", notebook),
    ]
    path = os.pathsep.join([str(HERE), *sys.path])
    environment = os.environ | home | {"MNIST_LAB_DATA": data, "PYTHONPATH": path}
    return subprocess.run(
        list(map(str, command)), env=environment, capture_output=True, encoding="utf-8"
    )


def execute(run: Run, folder: Path, home: dict[str, str]) -> subprocess.CompletedProcess:
    if run.solved:
        (copy,) = course.solve(run.notebook, folder)
    else:
        copy = Path(shutil.copy(run.notebook, folder))
    return nbval(copy, home, data=run.data)


def walk(folder: Path, home: dict[str, str]) -> str:
    """What goes wrong for who goes through the whole course in a folder."""
    command = [sys.executable, HERE / "walker.py", folder, *NOTEBOOKS]
    environment = os.environ | home | {"MNIST_LAB_DATA": MNIST or "stand-in"}
    environment["PYTHONPATH"] = os.pathsep.join([str(HERE), *sys.path])
    done = subprocess.run(
        list(map(str, command)), env=environment, capture_output=True, encoding="utf-8"
    )
    return done.stdout + done.stderr[-3000:] * bool(done.returncode)


@pytest.fixture(scope="session")
def done(request, home, tmp_path_factory) -> Iterator[dict[Run | str, Future]]:
    """The runs that are asked for, two at a time: the next begins while one is waited for.

    What comes of a walk through the whole course is under "walk".
    """
    items = [getattr(item, "callspec", None) for item in request.session.items]
    asked = [item.params["run"] for item in items if item and "run" in item.params]
    walks = any(item.name == "test_student_gets_through_it" for item in request.session.items)
    write = [sys.executable, "-m", "mnist_lab", "data", "--stand-in"]  # once, for all
    subprocess.run(write, env=os.environ | home, check=True, capture_output=True)
    pool = ThreadPoolExecutor(AT_ONCE)
    begun: dict[Run | str, Future] = {}
    if walks:  # it takes longest
        begun["walk"] = pool.submit(walk, tmp_path_factory.mktemp("my course"), home)
    for run in asked:
        begun[run] = pool.submit(execute, run, tmp_path_factory.mktemp("run"), home)
    yield begun
    pool.shutdown(cancel_futures=True)


@pytest.mark.parametrize("run", RUNS, ids=str)
def test_notebook_gives_its_saved_outputs(run, done):
    """From top to bottom every cell gives what a reader sees, whatever digits it ran on.

    As it is, on the stand-in. Then with every blank filled in, on MNIST where that is here: the
    same outputs, for the main line reads no answer, and full marks from every check.
    """
    result = done[run].result()
    assert result.returncode == 0, result.stdout[-4000:]


def test_student_gets_through_it(done):
    """In one folder, in a beginner's words, each cell twice and each section again.

    Every check gives full marks, and from the first lesson to the last what runs is the student's.
    """
    assert done["walk"].result() == ""


@pytest.mark.real_mnist
def test_solved_notebooks_run_on_mnist(mnist_place):
    """The runs above are on MNIST as well; skipped, with the reason, where it is not here."""
    assert {run.data for run in RUNS} == {"stand-in", mnist_place}


def test_there_are_notebooks():
    """None of this passes for want of notebooks."""
    assert NOTEBOOKS


def test_notebooks_are_written_as_they_should():
    """The rules of `tools.lint_notebooks` hold."""
    assert not lint(HERE.parent / "notebooks")


@pytest.fixture(scope="module")
def saved(tmp_path_factory) -> Path:
    """A short lesson with one exercise, saved as it runs."""
    folder = tmp_path_factory.mktemp("lesson")
    path = folder / "90_try_the_net.ipynb"
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
    course.write_notebook(
        nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), path
    )
    assert not course.run(path, folder / "html", save=True)
    return path


@pytest.fixture
def lesson(saved, tmp_path) -> Path:
    """A copy of it to spoil."""
    return Path(shutil.copy(saved, tmp_path))


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
def test_the_net_holds(lesson, home, before, after, code):
    """nbval passes a lesson as it was saved, and fails one with an output or a line changed."""
    done = nbval(spoil(lesson, before, after), home)
    assert done.returncode == code, done.stdout


@pytest.mark.parametrize(
    ("after", "code"), [("60_000 * 28 * 28", 0), ("60_000 * 28", 1)], ids=["right", "wrong"]
)
def test_the_net_holds_a_wrong_solution(lesson, home, tmp_path, after, code):
    """A filled-in lesson fails when the solution in it is wrong."""
    (solved,) = course.solve(lesson, tmp_path / "solved")
    spoil(solved, "60_000 * 28 * 28", after)
    done = nbval(solved, home, lax=True)
    assert done.returncode == code, done.stdout
