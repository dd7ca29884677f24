"""nbgrader gives the points that the course's own grader gives.

It lives in an environment of its own, which MNIST_LAB_NBGRADER names; CONTRIBUTING says how to
make one.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from submissions.student import EXERCISES, LESSON, blank_lesson, lesson, saved

from mnist_lab import course
from mnist_lab.exercises import find
from mnist_lab.grading import Options, collect, grade_one

HOME = Path(os.environ.get("MNIST_LAB_NBGRADER", "nowhere")).resolve()
BIN = HOME / ("Scripts" if os.name == "nt" else "bin")
POINTS = """
import json
from nbgrader.api import Gradebook
with Gradebook("sqlite:///gradebook.db") as book:
    print(json.dumps({
        submission.student.id: {
            grade.name.removeprefix("check-").replace("-", "."): grade.auto_score
            for notebook in submission.notebooks for grade in notebook.grades
        }
        for submission in book.assignment_submissions("lesson")
    }))
"""


def half() -> nbformat.NotebookNode:
    """Two exercises solved, one half right, one that fails, one blank."""
    notebook = lesson(("1.1", "1.2"))
    answers = {
        "1.3": find("1.3").misconceptions[0].source,
        "1.4": "def my_spread(*_):\n    return 1 / 0",
    }
    for cell in notebook.cells:
        exercise, part = course.exercise_part(cell)
        if part == "answer" and exercise in answers:
            cell.source = answers[exercise]
    return notebook


CLASS = {"blank": lesson(()), "half": half(), "full": lesson()}


@pytest.fixture(scope="module")
def room(tmp_path_factory):
    """What nbgrader works in: the course's notebook, the class, and this Python as its kernel."""
    if not (BIN / "nbgrader").exists() and not (BIN / "nbgrader.exe").exists():
        pytest.skip("MNIST_LAB_NBGRADER names no environment with nbgrader 0.9.6; see CONTRIBUTING")
    room = tmp_path_factory.mktemp("nbgrader")
    files = {f"submitted/{name}/lesson/{LESSON.name}": saved(n) for name, n in CLASS.items()}
    files[f"source/lesson/{LESSON.name}"] = saved(blank_lesson())
    argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    kernel = {"argv": argv, "display_name": "Python 3", "language": "python"}
    files["jupyter/kernels/python3/kernel.json"] = json.dumps(kernel).encode()
    for name, content in files.items():
        (room / name).parent.mkdir(parents=True, exist_ok=True)
        (room / name).write_bytes(content)
    return room


def _there(room: Path, data: Path, *command: str) -> str:
    home = {name: str(room / "home") for name in ("HOME", "USERPROFILE", "JUPYTER_CONFIG_DIR")}
    env = {
        **os.environ, **home, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        "JUPYTER_PATH": str(room / "jupyter"), "MNIST_LAB_DATA": str(data),
        "PYTHONPATH": str(Path(__file__).parents[1]),
    }  # fmt: skip
    env.pop("MPLBACKEND", None)
    done = subprocess.run(command, cwd=room, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def test_nbgrader_gives_the_same_points(room, small_folder, tmp_path):
    """Blank, half done, or full: exercise by exercise, half marks and errors among them."""
    _there(room, small_folder, "nbgrader", "generate_assignment", "lesson")
    seconds = "--ExecutePreprocessor.timeout=300"
    _there(room, small_folder, "nbgrader", "autograde", "lesson", seconds)
    theirs = json.loads(_there(room, small_folder, str(BIN / "python"), "-c", POINTS))
    for name, notebook in CLASS.items():
        (tmp_path / f"{name}.ipynb").write_bytes(saved(notebook))
    with collect(tmp_path) as found:
        results = [grade_one(each, Options(b"any", data=str(small_folder))) for each in found]
    ours = {each.student: {e.id: e.points for e in each.earned} for each in results}
    assert theirs == ours
    assert set(theirs) == set(CLASS) and all(list(p) == list(EXERCISES) for p in ours.values())
    assert [sum(theirs[name].values()) for name in CLASS] == [0, 3, 8]
