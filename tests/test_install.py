"""The kit without its repository: the wheel, a fresh environment, and a student's first hour."""

import csv
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from mnist_lab import course

pytestmark = pytest.mark.slow
HERE = Path(__file__).parent.parent


def succeed(*command: object, **options) -> str:
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, encoding="utf-8", **options
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """The wheel of this checkout, built offline."""
    folder = tmp_path_factory.mktemp("wheel")
    succeed(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, cwd=HERE)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel, small_folder, tmp_path_factory):
    """A function that runs a program of a fresh environment, in an empty folder and home."""
    place = tmp_path_factory.mktemp("fresh")
    succeed(sys.executable, "-m", "venv", place / "venv")
    scripts = place / "venv" / ("Scripts" if os.name == "nt" else "bin")
    python = scripts / "python"
    succeed(python, "-m", "pip", "install", "--no-deps", "--no-index", wheel)
    purelib = "import sysconfig; print(sysconfig.get_path('purelib'))"
    packages = Path(succeed(python, "-c", purelib).strip())
    # This environment's packages: an editable install among them is not followed from here.
    (packages / "deps.pth").write_text(sysconfig.get_path("purelib"))
    templates = "share/jupyter/nbconvert"  # which nbconvert keeps beside its package
    shutil.copytree(Path(sys.prefix) / templates, place / "venv" / templates)
    kept = {
        name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "TMPDIR") if name in os.environ
    }
    home, work = place / "home", place / "work"
    home.mkdir()
    work.mkdir()
    env = {**kept, "HOME": str(home), "USERPROFILE": str(home), "MNIST_LAB_DATA": str(small_folder)}

    def run(program: str, *arguments: object) -> str:
        return succeed(scripts / program, *arguments, cwd=work, env=env)

    run.work, run.packages = work, packages
    return run


def test_wheel_holds_the_kit_and_not_the_workshop(wheel):
    """Package, notebooks, pages, drawings, types; no benchmarks, tools or tests."""
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"mnist_lab"}
    inside = {"/".join(name.split("/")[1:]) for name in names}
    assert {"py.typed", "__init__.pyi"} <= inside
    for here, there in (
        ("notebooks/*.ipynb", "course/notebooks"),
        ("notebooks/*.md", "course/notebooks"),
        ("data/pages/*", "data/pages"),
        ("data/drawings/*.json", "pad/drawings"),
    ):
        files = {f"{there}/{path.name}" for path in HERE.glob(here)}
        assert files and files <= inside


def test_student_without_the_repository(installed):
    """Copy the course, run lesson 1, read a page, solve the lesson, have it graded, copy again."""
    where = installed("python", "-c", "import mnist_lab; print(mnist_lab.__file__)")
    assert Path(where.strip()).parent == installed.packages / "mnist_lab"
    course_files = [*HERE.glob("notebooks/*.ipynb"), *HERE.glob("notebooks/*.md")]
    said = installed("mnist-lab", "course", "copy", "my course")
    assert said.count("copied") == len(course_files) >= 16
    lesson = installed.work / "my course" / "01_look_at_the_data.ipynb"
    assert "done in" in installed("mnist-lab", "course", "run", lesson, "--out", "pages")
    assert (installed.work / "pages" / "01_look_at_the_data.html").is_file()
    scan = installed.packages / "mnist_lab" / "data" / "pages" / "scan.jpg"
    read = re.findall(r"(\d) \(", installed("mnist-lab", "read", scan))
    assert "".join(read[:10]) == "0123456789"
    course.write_notebook(course.fill_in_solutions(course.read_notebook(lesson)), lesson)
    solved = lesson.read_bytes()
    installed("mnist-lab", "grade", lesson, "--lesson", "1", "--out", "grades")
    with (installed.work / "grades" / "gradebook.csv").open(newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["total"], row["status"]) == ("8", "graded")
    assert "Nothing to do" in installed("mnist-lab", "course", "copy", "my course")
    assert lesson.read_bytes() == solved
