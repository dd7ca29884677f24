"""Find an exercise's cells in a notebook: by their metadata, else by their text."""

import re
import warnings
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import nbformat

from mnist_lab.exercises import Exercise, all_exercises
from mnist_lab.grading.kernel import protocol

MAX_NOTEBOOK_BYTES = 20_000_000
MAX_CELLS, MAX_CODE_CHARS = 2000, 500_000  # cells of code, and characters in them
TOO_LARGE = f"it has more than {MAX_NOTEBOOK_BYTES // 10**6} MB; clear its outputs, and save it"
PARTS = ("answer", "check")  # of an exercise, a cell each
CHECK = re.compile(r"\bcheck\(\s*[\"'](\d+\.\d+)[\"']")  # names an exercise as metadata do
# Browsers and mail programs put .txt or .json behind the ending that they do not know.
NOTEBOOK = re.compile(r"(?P<stem>.*)\.ipynb(?:\.txt|\.json)?", re.IGNORECASE | re.DOTALL)


class Unreadable(Exception):
    """A file is not a notebook that can be run; its text says why."""


class NotRead(Unreadable):
    """A file cannot be read on this machine, which is no fault of its student's."""


@dataclass(frozen=True)
class Cell:
    """A cell of code, and the exercises whose answers are to be taken out after it."""

    source: str
    exercises: tuple[str, ...]
    number: int  # among the cells of code, from 1


@dataclass(frozen=True)
class Plan:
    """What is to be run of a notebook: its cells of code, and what was out of the ordinary."""

    cells: tuple[Cell, ...]
    notes: tuple[str, ...]

    @property
    def exercises(self) -> set[str]:
        """The exercises in it."""
        return {each for cell in self.cells for each in cell.exercises}

    def numbers(self, id: str) -> list[int]:
        """The numbers of an exercise's cells."""
        return [cell.number for cell in self.cells if id in cell.exercises]

    def until(self, ids: set[str]) -> "Plan":
        """The plan up to the last cell of some exercises."""
        last = max(number for each in ids for number in self.numbers(each))
        return replace(self, cells=self.cells[:last])


class _Marked(NamedTuple):
    """A cell of code, and the exercise and the part that its metadata name; else ""."""

    source: str
    exercise: str
    part: str


def plan(content: bytes) -> Plan:
    """Read a notebook of any version, and find the exercises in it; Unreadable if it is none."""
    marked: list[_Marked] = []
    turned: dict[str, None] = {}  # notes of cells that are no code any more
    for raw in _read(content).cells:
        source = raw.get("source", "")
        if not isinstance(source, str):
            raise Unreadable("a cell of it is no text")
        exercise, part = _metadata(raw)
        if raw.get("cell_type") == "code":
            marked.append(_Marked(source, exercise, part))
        elif part in PARTS and any(exercise == e.id for e in all_exercises()):
            turned[f"exercise {exercise}: its {part} cell is text; Esc and Y make it code"] = None
    if len(marked) > MAX_CELLS or sum(len(each.source) for each in marked) > MAX_CODE_CHARS:
        limit = f"{MAX_CELLS:,} cells or {MAX_CODE_CHARS:,} characters of code"
        raise Unreadable(f"it has over {limit}")
    named = [{each.exercise, *CHECK.findall(each.source)} for each in marked]
    lessons = _lessons(marked, set().union(*named))
    cells = []
    for number, (cell, names) in enumerate(zip(marked, named, strict=True), 1):
        found = (
            e.id
            for e in all_exercises()
            if e.id in names or (e.lesson in lessons and _sets_name_of(e, cell.source))
        )
        cells.append(Cell(cell.source, tuple(found), number))
    return Plan(tuple(cells), (*turned, *_irregularities(cells, marked)))


def _sets_name_of(exercise: Exercise, source: str) -> bool:
    """Whether a cell's text sets one of an exercise's names."""
    return bool(_setting(exercise.names).search(source))


@cache
def _setting(names: tuple[str, ...]) -> re.Pattern[str]:
    any_of = "|".join(map(re.escape, names))
    defined = rf"^(?:async[ \t]+)?(?:def|class)[ \t]+(?:{any_of})\b"
    assigned = rf"^(?:[^=\n#]*,[ \t]*)?(?:{any_of})[ \t]*[,:=]"
    return re.compile(f"{defined}|{assigned}", re.MULTILINE)


def _lessons(marked: list[_Marked], named: set[str]) -> set[int]:
    """The lessons that a notebook is about, of whose exercises some may be named.

    Names of functions alone may be those of another lesson, too.
    """
    sure = {e.lesson for e in all_exercises() if e.id in named}
    if sure:
        return sure
    used = Counter(name for e in all_exercises() for name in e.names)
    own = [e for e in all_exercises() if all(used[name] == 1 for name in e.names)]
    return {e.lesson for e in own for cell in marked if _sets_name_of(e, cell.source)}


def _read(content: bytes) -> Any:
    if len(content) > MAX_NOTEBOOK_BYTES:
        raise Unreadable(TOO_LARGE)
    if protocol.too_many_items(content):
        raise Unreadable("it holds too much data; clear its outputs, and save it again")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of two cells with one id: it gives one another
            return nbformat.convert(nbformat.reader.reads(content.decode("utf-8-sig")), 4)
    except RecursionError:
        raise Unreadable("it is not a notebook: it is nested too deep") from None
    except UnicodeDecodeError:
        raise Unreadable("it is not a notebook: its text is not UTF-8") from None
    except nbformat.reader.NotJSONError:
        raise Unreadable("it is not a notebook: it is not JSON, or cut short") from None
    except ValueError as error:
        raise Unreadable(f"it is not a notebook: {str(error)[:100]}") from None
    except Exception as error:  # noqa: BLE001  what a conversion of nonsense may raise
        raise Unreadable(f"it is damaged ({type(error).__name__})") from None


def _metadata(cell: Any) -> tuple[str, str]:
    match cell.get("metadata"):
        case {"mnist_lab": {"exercise": str(exercise), "part": str(part)}}:
            return exercise, part
    return "", ""


def _irregularities(cells: list[Cell], marked: list[_Marked]) -> list[str]:
    """What is not as in the course's notebook."""
    count = Counter((cell.exercise, cell.part) for cell in marked)
    notes = []
    for each in dict.fromkeys(each for cell in cells for each in cell.exercises):
        parts = {part: count[each, part] for part in PARTS}
        for part, many in parts.items():
            if many > 1:
                notes.append(f"exercise {each}: {many} {part} cells; the last one counts")
        lost = [part for part, many in parts.items() if not many]
        if lost:
            notes.append(f"exercise {each}: no cell is marked as its {' or its '.join(lost)}")
    return notes


def is_notebook(name: str) -> bool:
    """Whether a file is a notebook, by its name."""
    return bool(NOTEBOOK.fullmatch(name))


def notebooks(files: Sequence[str]) -> list[str]:
    """Those of a submission's files that are notebooks, without Jupyter's own copies."""
    books = [name for name in files if is_notebook(name)]
    return [name for name in books if ".ipynb_checkpoints" not in Path(name).parts]


def exercises_in(path: Path) -> set[str]:
    """The exercises of a notebook's file; of one that cannot be read, or is too large, none."""
    try:
        small = path.stat().st_size <= MAX_NOTEBOOK_BYTES
        return plan(path.read_bytes()).exercises if small else set()
    except (OSError, Unreadable):
        return set()
