"""The course's own notebooks in a folder: one student's, as they work with them."""

import re
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path

from mnist_lab.grading.cells import NOTEBOOK, exercises_in, is_notebook

COPY, AGAIN = re.compile(r"-Copy\d+$"), re.compile(r" \(\d+\)$")  # Jupyter's, and a browser's
LESSON = re.compile(r"(\d\d)_\w+")


def is_clone(path: Path) -> bool:
    """Whether a folder is a repository: its files' times are those of the cloning."""
    with suppress(OSError):
        return (path / ".git").exists()
    return False


def is_one_students(folder: Path, entries: Sequence[Path]) -> bool:
    """Whether a folder with these entries holds the course's notebooks, or their folder.

    So it does if each is of another lesson, and no two folders beside them hold notebooks.
    """
    books = [path for path in entries if is_notebook(path.name) and path.is_file()]
    inner = folder / "notebooks"
    if not books and inner in entries:
        folder, books = inner, [path for path in inner.glob("*") if is_notebook(path.name)]
    if folder.name == "notebooks":
        return any(_is_of_the_course(path) for path in books)
    bare = {COPY.sub("", _stem(path)) for path in books}
    single = {AGAIN.sub("", stem) for stem in bare}
    numbers = {stem[:2] for stem in single if LESSON.fullmatch(stem)}
    if not books or len(numbers) < len(single) or (len(single) == 1 and len(bare) > 1):
        return False
    below = [path for path in entries if path.is_dir() and any(path.rglob("*.ipynb"))]
    return len(below) < 2 and all(_is_of_the_course(path) for path in books)


def _stem(path: Path) -> str:
    found = NOTEBOOK.fullmatch(path.name)
    return found["stem"] if found else path.stem


def _is_of_the_course(book: Path) -> bool:
    """Whether a notebook is a lesson: by its name, or its exercises are those of its number."""
    stem = AGAIN.sub("", COPY.sub("", _stem(book)))
    found = LESSON.fullmatch(stem)
    if not found or stem in lessons():
        return bool(found)
    return {int(each.split(".")[0]) for each in exercises_in(book)} == {int(found[1])}


@cache
def lessons() -> frozenset[str]:
    """What the course calls its notebooks, in a wheel or in a checkout."""
    package = Path(__file__).parents[1]
    places = (package / "course" / "notebooks", package.parent / "notebooks")
    return frozenset(path.stem for place in places for path in place.glob("*.ipynb"))
