"""Give a student notebooks of their own, and never touch what they have written."""

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any

from mnist_lab.arrays import DataError
from mnist_lab.course.notebook import find_notebooks, own_notebooks
from mnist_lab.files import StrPath, atomic_write

NEW = "copied"
SAME = "is this edition already"
REPLACED = "had not been changed, and is this edition now"
KEPT = "has been changed, and stays as it is; it is this edition"
BESIDE = "has been changed, and stays as it is; this edition lies beside it: "


@dataclass(frozen=True)
class Copied:
    """What became of one notebook, or page."""

    path: Path  # the student's
    message: str
    written: Path | None  # `path`, a file beside it, or nothing

    def __str__(self) -> str:
        return f"{self.path.name}  {self.message}"


def copy(folder: StrPath, *, notebooks: StrPath | None = None) -> list[Copied]:
    """Copy the course's notebooks into a student's folder, without outputs.

    The metadata of a copy name its edition, a hash of the copy itself. A file that no longer fits
    its hash has been changed, if only run and saved: no byte of it is ever written over, and
    another edition goes beside it, as ``NN_name.new.ipynb``. The pages beside the notebooks,
    Markdown, go with them; a page that differs from this edition's stays as well.

    Parameters
    ----------
    folder : path
        The student's; it need not be there. CannotWrite if it cannot be written.
    notebooks : path, optional
        The folder of the course's notebooks, or one of them; None: those of the kit. DataError
        if there is none, or if they are in `folder`.
    """
    found, folder = find_notebooks(notebooks or own_notebooks()), Path(folder)
    if folder.resolve() == found[0].parent.resolve():
        raise DataError(f"{folder}: the course's own notebooks are there; give another folder")
    pages = sorted(found[0].parent.glob("*.md")) if len(found) > 1 else []
    return [
        *(_copy(_without_outputs(path), folder / path.name) for path in found),
        *(_copy_page(path.read_bytes(), folder / path.name) for path in pages),
    ]


def _copy_page(text: bytes, path: Path) -> Copied:
    """Copy a page that is for reading: it has no edition but its text."""

    def holds_it(place: Path) -> bool:
        with suppress(OSError):
            return place.read_bytes() == text
        return False

    def is_free(place: Path) -> bool:
        return not (place.exists() or place.is_symlink())

    place = next(each for each in _places(path) if is_free(each) or holds_it(each))
    new = is_free(place)
    if new:
        with atomic_write(place) as draft:
            draft.write_bytes(text)
    message = BESIDE + place.name if place != path else NEW if new else SAME
    return Copied(path, message, place if new else None)


def _copy(notebook: dict[str, Any], path: Path) -> Copied:
    edition = _edition(notebook)
    for place in _places(path):
        there = place.exists() or place.is_symlink()
        theirs, changed = _look_at(place) if there else (None, False)
        if theirs == edition or not changed:
            break
    if theirs != edition:  # a free place, or a file that nobody has changed
        notebook["metadata"]["mnist_lab"] = {"edition": edition}
        with atomic_write(place) as draft:
            draft.write_bytes(_to_bytes(notebook))
    if place != path:
        message = BESIDE + place.name
    elif theirs == edition:
        message = KEPT if changed else SAME
    else:
        message = REPLACED if there else NEW
    return Copied(path, message, None if theirs == edition else place)


def _places(path: Path) -> Iterator[Path]:
    """Where a notebook may go: its own place, then those beside it."""
    yield path
    yield path.with_suffix(f".new{path.suffix}")
    yield from (path.with_suffix(f".new-{number}{path.suffix}") for number in count(2))


def _look_at(path: Path) -> tuple[str | None, bool]:
    """The edition that a file comes from, if it does, and whether it has been changed since."""
    try:
        content = path.read_bytes()
        notebook = json.loads(content)
        unmarked = {**notebook, "metadata": dict(notebook["metadata"])}
        edition = unmarked["metadata"].pop("mnist_lab")["edition"]
        changed = content != _to_bytes(notebook) or edition != _edition(unmarked)
    except (OSError, ValueError, RecursionError, LookupError, TypeError):
        return None, True
    return edition, changed


def _without_outputs(path: Path) -> dict[str, Any]:
    """A notebook as a student should first see it; all metadata stay, for the grader's sake."""
    try:
        notebook = json.loads(path.read_bytes())
        for cell in notebook["cells"]:
            if cell["cell_type"] == "code":
                cell |= {"execution_count": None, "outputs": []}
        notebook["metadata"].pop("mnist_lab", None)
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise DataError(f"{path}: not a notebook that can be read ({error})") from None
    return notebook


def _edition(notebook: dict[str, Any]) -> str:
    return sha256(_to_bytes(notebook)).hexdigest()[:16]


def _to_bytes(notebook: dict[str, Any]) -> bytes:
    """As Jupyter writes it."""
    return (json.dumps(notebook, indent=1, ensure_ascii=False) + "\n").encode()
