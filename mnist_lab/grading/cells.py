"""Find an exercise's cells in a notebook: by their metadata, else by their text."""

import re
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import nbformat

from mnist_lab.exercises import Exercise, every
from mnist_lab.grading.kernel import protocol

MAX_NOTEBOOK_BYTES = 20_000_000
MAX_CELLS, MAX_CODE_CHARS = 2000, 500_000  # cells of code, and characters in them


class Unreadable(Exception):
    """A file is not a notebook that can be run; its text says why."""


@dataclass(frozen=True)
class Cell:
    """A cell of code, and the exercises whose answers are to be taken out after it."""

    source: str
    exercises: tuple[str, ...] = ()
    number: int = 0  # among the cells of code, from 1


@dataclass(frozen=True)
class Plan:
    """What is to be run of a notebook, in its order.

    Attributes
    ----------
    cells : tuple of Cell
        The cells of code; saved outputs are gone.
    notes : tuple of str
        What was out of the ordinary.
    """

    cells: tuple[Cell, ...] = ()
    notes: tuple[str, ...] = ()

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


def plan(content: bytes) -> Plan:
    """Read a notebook of any version, and find the exercises in it.

    Raises
    ------
    Unreadable
        It is no notebook.
    """
    texts: list[tuple[str, str, str]] = []
    for raw in _read(content).cells:
        source = raw.get("source", "")
        if not isinstance(source, str):
            raise Unreadable("a cell of it is no text")
        if raw.get("cell_type") == "code":
            texts.append((source, *_metadata(raw)))
    if len(texts) > MAX_CELLS or sum(len(source) for source, *_ in texts) > MAX_CODE_CHARS:
        raise Unreadable(
            f"it has over {MAX_CELLS:,} cells or {MAX_CODE_CHARS:,} characters of code"
        )
    lessons = _lessons(texts)
    cells = []
    for number, (source, of, _) in enumerate(texts, 1):
        ids = [
            e.id
            for e in every()
            if e.id == of or checks(e, source) or (e.lesson in lessons and answers(e, source))
        ]
        cells.append(Cell(source, tuple(ids), number))
    return Plan(tuple(cells), tuple(_odd(cells, Counter((of, part) for _, of, part in texts))))


def answers(exercise: Exercise, source: str) -> bool:
    """Whether a cell's text sets one of an exercise's names."""
    names = "|".join(map(re.escape, exercise.names))
    defined = rf"^(?:async[ \t]+)?(?:def|class)[ \t]+(?:{names})\b"
    assigned = rf"^(?:[^=\n#]*,[ \t]*)?(?:{names})[ \t]*[,:=]"
    return bool(re.search(f"{defined}|{assigned}", source, re.MULTILINE))


def checks(exercise: Exercise, source: str) -> bool:
    """Whether a cell's text checks an exercise."""
    return bool(re.search(rf"\bcheck\(\s*[\"']{re.escape(exercise.id)}[\"']", source))


def _lessons(texts: list[tuple[str, str, str]]) -> set[int]:
    """The lessons that a notebook is about: names alone may be those of another lesson, too."""
    sure = {e.lesson for e in every() for text, of, _ in texts if e.id == of or checks(e, text)}
    if sure:
        return sure
    used = Counter(name for e in every() for name in e.names)
    own = [e for e in every() if all(used[name] == 1 for name in e.names)]
    return {e.lesson for e in own for text, _, _ in texts if answers(e, text)}


def _read(content: bytes) -> Any:
    if len(content) > MAX_NOTEBOOK_BYTES:
        megabytes = MAX_NOTEBOOK_BYTES // 10**6
        raise Unreadable(f"it has more than {megabytes} MB; clear its outputs, and save it again")
    if protocol.too_many_items(content):
        raise Unreadable("it holds too much data; clear its outputs, and save it again")
    try:
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
    """The exercise and the part that a cell's metadata name, else "", ""."""
    ours = cell.get("metadata", {})
    ours = ours.get("mnist_lab", {}) if isinstance(ours, dict) else {}
    of, part = (ours.get("exercise"), ours.get("part")) if isinstance(ours, dict) else ("", "")
    return (of, part) if isinstance(of, str) and isinstance(part, str) else ("", "")


def _odd(cells: list[Cell], marked: Counter[tuple[str, str]]) -> list[str]:
    """What is not as in the course's notebook."""
    notes = []
    for each in dict.fromkeys(each for cell in cells for each in cell.exercises):
        counts = {part: marked[each, part] for part in ("answer", "check")}
        for part, count in counts.items():
            if count > 1:
                notes.append(f"exercise {each}: {count} {part} cells; the last one counts")
        lost = [part for part, count in counts.items() if not count]
        if lost:
            notes.append(f"exercise {each}: no cell is marked as its {' or its '.join(lost)}")
    return notes


def notebooks(files: tuple[str, ...]) -> list[str]:
    """Those of a submission's files that are notebooks, without Jupyter's own copies."""
    return [
        name
        for name in files
        if name.lower().endswith(".ipynb") and ".ipynb_checkpoints" not in Path(name).parts
    ]
