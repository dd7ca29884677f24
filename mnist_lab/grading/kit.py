"""The package as a student's kernel sees it: a list of what is allowed, and no solution in it."""

import atexit
import compileall
import hashlib
import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from py_compile import PycInvalidationMode

from mnist_lab.arrays import DataError
from mnist_lab.exercises import all_exercises
from mnist_lab.grading.leftovers import make_folder, remove_folder

PACKAGE = Path(__file__).parent.parent
LAUNCH = Path("grading", "kernel", "launch.py")  # below the package
# What a kernel may import: rooms and files of the package. What is not named here is out of reach;
# a room that is named whole may hold nothing that tells an answer.
ALLOWED = (
    "__init__.py", "__init__.pyi", "py.typed",
    "arrays.py", "evaluate.py", "files.py", "names.py", "progress.py", "strokes.py",
    "data", "html", "images", "network", "pad", "plots", "reading", "sheet", "synth",
    *(f"exercises/{name}.py" for name in ("__init__", "answers", "cards", "exercise", "student")),
    "exercises/keeping.py", "exercises/models.py", "exercises/surroundings.py",
    "exercises/lessons/__init__.py",
    "grading/kernel",
)  # fmt: skip
MARKING = '''"""Nothing is marked in a student's kernel."""

from mnist_lab.exercises.cards import Feedback


def mark(exercise, answers, *, seed=0):
    message = "Your answer is taken out, and marked elsewhere."
    return Feedback(exercise.id, "not attempted", 0, exercise.points, message)


def choose(exercise, values, otherwise=None):
    return values, f"{exercise.id}: your own {' and '.join(exercise.names)}, right or not."
'''
LESSON = '''"""What is asked for, and no more."""

from mnist_lab.exercises.exercise import Exercise

EXERCISES = ({exercises},)
'''
# Its id, points, task and names; without solution, reasons, misconceptions, hints and cases.
EXERCISE = "Exercise({0.id!r}, {0.points!r}, {0.asks!r}, {0.names!r}, '', '', (), ('',))"
# Run where TensorFlow may be loaded and memory used, away from the grader.
SURVEY = """
import json, sys
from pathlib import Path
import matplotlib, matplotlib.font_manager
from mnist_lab import data
from mnist_lab.progress import SILENT
train, _ = data.load_mnist(sys.argv[1] or None, progress=SILENT)
stand_in = train.provenance.name == "Built-in stand-in"
place = Path(train.provenance.place)
# A file keeps its name, if it is a link to another.
place = place.resolve() if place.is_dir() else place.parent.resolve() / place.name
fonts = sorted(Path(matplotlib.get_cachedir()).glob("fontlist-*.json"))
print(json.dumps([
    data.STAND_IN if stand_in else str(place),
    str(data.stand_in_file()) if stand_in else "",
    [str(path) for path in fonts],
]))
"""
_making = threading.Lock()


@dataclass(frozen=True)
class Kit:
    """What every kernel is given."""

    folder: Path  # holds the package ``mnist_lab``
    data: str  # where MNIST is, or the word ``stand-in``
    files: dict[str, Path]  # for a kernel's home, to save it time, by their place there


def make_kit(data: str | None) -> Kit:
    """Make the kit, once for each process; it goes when the process ends.

    DataError if the data that was named cannot be read.
    """
    with _making:  # a second thread waits for the first one's
        return _make(data)


@cache
def _make(data: str | None) -> Kit:
    folder, lock = make_folder()
    atexit.register(remove_folder, folder, lock)
    copy_package(PACKAGE, folder / "mnist_lab")
    compileall.compile_dir(folder, quiet=2, invalidation_mode=PycInvalidationMode.UNCHECKED_HASH)
    folder.chmod(0o755)
    place, stand_in, fonts = _survey(data)
    files = {f".cache/matplotlib/{Path(font).name}": Path(font) for font in fonts}
    if stand_in and Path(stand_in).is_file():
        files[f".cache/mnist_lab/{Path(stand_in).name}"] = Path(stand_in)
    return Kit(folder, place, files)


def copy_package(source: Path, target: Path) -> None:
    """Copy what is allowed of the package, and write anew what would know too much."""
    for path in _files(source, ALLOWED):
        copy = target / path.relative_to(source)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
    exercises = target / "exercises"
    (exercises / "marking.py").write_text(MARKING, encoding="utf-8")
    for number in sorted({exercise.lesson for exercise in all_exercises()}):
        own = [EXERCISE.format(each) for each in all_exercises() if each.lesson == number]
        lesson = exercises / "lessons" / f"lesson_{number:02}.py"
        lesson.write_text(LESSON.format(exercises=",\n".join(own)), encoding="utf-8")


def fingerprint(package: Path = PACKAGE) -> str:
    """The SHA-256 of all that makes marks: exercises, grading, and what a kernel may import."""
    digest = hashlib.sha256()
    for path in sorted(set(_files(package, (*ALLOWED, "exercises", "grading")))):
        digest.update(f"{path.relative_to(package).as_posix()}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _files(package: Path, names: tuple[str, ...]) -> Iterator[Path]:
    """The files of some rooms, and some single ones, without what Python compiles."""
    for name in names:
        place = package / name
        below = place.rglob("*") if place.is_dir() else [place]
        yield from (p for p in below if "__pycache__" not in p.parts and not p.is_dir())


def _survey(data: str | None) -> tuple[str, str, list[str]]:
    program = [sys.executable, "-c", SURVEY, data or ""]
    done = subprocess.run(program, capture_output=True, encoding="utf-8", check=False)
    if done.returncode:
        said = done.stderr.strip().splitlines() or ["no reason given"]
        raise DataError(said[-1].removeprefix("mnist_lab.arrays.DataError: "))
    place, stand_in, fonts = json.loads(done.stdout.splitlines()[-1])
    return place, stand_in, fonts
