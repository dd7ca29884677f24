"""The kit as a student's kernel sees it: without the solutions, and without what is right."""

import atexit
import compileall
import json
import shutil
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from py_compile import PycInvalidationMode

import mnist_lab
from mnist_lab.arrays import DataError
from mnist_lab.exercises import all_exercises

KEPT = {"__init__.py", "wire.py", "inside.py"}  # of this package
LEFT_OUT = {"bench", "pages", "__pycache__", "cli", "__main__.py", "course.py", "course_lint.py"}
MARKING = '''"""Nothing is marked in a student's kernel."""

from mnist_lab.exercises.cards import Feedback


def mark(exercise, answers, *, seed=0):
    says = "Your answer is taken out, and marked elsewhere."
    return Feedback(exercise.id, "not attempted", 0, exercise.points, says)
'''
LESSON = '''"""What is asked for, and no more."""

from mnist_lab.exercises.exercise import Exercise

EXERCISES = ({exercises},)
'''
EXERCISE = (
    "Exercise(id={0.id!r}, points={0.points!r}, asks={0.asks!r}, names={0.names!r}, "
    "solution='', why='', misconceptions=(), hints=('',))"
)
# Run where TensorFlow may be loaded and memory used, away from the grader.
SURVEY = """
import json, sys
from pathlib import Path
from py_compile import PycInvalidationMode
import matplotlib, matplotlib.font_manager
from mnist_lab import data
from mnist_lab.progress import SILENT
train, _ = data.load_mnist(sys.argv[1] or None, progress=SILENT)
stand_in = train.provenance.name == "Built-in stand-in"
fonts = sorted(Path(matplotlib.get_cachedir()).glob("fontlist-*.json"))
print(json.dumps([
    data.STAND_IN if stand_in else str(Path(train.provenance.place).resolve()),
    str(data.stand_in_file()) if stand_in else "",
    [str(path) for path in fonts],
]))
"""


_making = threading.Lock()


@dataclass(frozen=True)
class Kit:
    """What every kernel is given.

    Attributes
    ----------
    folder : Path
        Holds the package ``mnist_lab`` and ``launch.py``.
    data : str
        Where MNIST is, or the word ``stand-in``.
    files : dict
        Files for a kernel's home that save it time, by their place there.
    """

    folder: Path
    data: str
    files: dict[str, Path]


def kit(data: str | None) -> Kit:
    """Make the kit, once for each process; it goes when the process ends.

    Raises
    ------
    DataError
        The data that was named cannot be read.
    """
    with _making:  # a second thread waits for the first one's
        return _make(data)


@cache
def _make(data: str | None) -> Kit:
    folder = Path(tempfile.mkdtemp(prefix="mnl-kit-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    _copy(folder / "mnist_lab")
    shutil.copy(Path(__file__).with_name("launch.py"), folder)
    compileall.compile_dir(folder, quiet=2, invalidation_mode=PycInvalidationMode.UNCHECKED_HASH)
    folder.chmod(0o755)
    place, stand_in, fonts = _survey(data)
    files = {f".cache/matplotlib/{Path(font).name}": Path(font) for font in fonts}
    if stand_in and Path(stand_in).is_file():
        files[f".cache/mnist_lab/{Path(stand_in).name}"] = Path(stand_in)
    return Kit(folder, place, files)


def _copy(target: Path) -> None:
    """Copy the package, and write anew what knows too much."""
    source = Path(mnist_lab.__file__).parent
    shutil.copytree(source, target, ignore=_ignored)
    (target / "exercises" / "marking.py").write_text(MARKING, encoding="utf-8")
    for number in sorted({exercise.lesson for exercise in all_exercises()}):
        own = [EXERCISE.format(each) for each in all_exercises() if each.lesson == number]
        lesson = target / "exercises" / "lessons" / f"lesson_{number:02}.py"
        lesson.write_text(LESSON.format(exercises=",\n".join(own)), encoding="utf-8")


def _ignored(folder: str, names: list[str]) -> set[str]:
    if Path(folder).name == "grading":
        return set(names) - KEPT
    return {name for name in names if name in LEFT_OUT or name.startswith("lesson_")}


def _survey(data: str | None) -> tuple[str, str, list[str]]:
    done = subprocess.run(
        [sys.executable, "-c", SURVEY, data or ""],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode:
        said = done.stderr.strip().splitlines() or ["no reason given"]
        raise DataError(said[-1].removeprefix("mnist_lab.arrays.DataError: "))
    place, stand_in, fonts = json.loads(done.stdout.splitlines()[-1])
    return place, stand_in, fonts
