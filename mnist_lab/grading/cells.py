"""Find an exercise's cells in a notebook: by their metadata, else by their text."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat

from mnist_lab.exercises import Exercise, every

LARGEST = 20_000_000  # bytes of a notebook that is read here


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
    notes: tuple[str, ...] = field(default=())

    @property
    def exercises(self) -> set[str]:
        """The exercises in it."""
        return {each for cell in self.cells for each in cell.exercises}


def plan(content: bytes) -> Plan:
    """Read a notebook of any version, and find the exercises in it.

    Raises
    ------
    Unreadable
        It is no notebook.
    """
    notebook = _read(content)
    cells: list[Cell] = []
    marked: dict[tuple[str, str], int] = {}
    for raw in notebook.cells:
        if raw.get("cell_type") != "code":
            continue
        source = raw.get("source", "")
        if not isinstance(source, str):
            raise Unreadable("a cell of it is no text")
        of, part = _metadata(raw)
        if of:
            marked[of, part] = marked.get((of, part), 0) + 1
        ids = [e.id for e in every() if e.id == of or belongs(e, source)]
        cells.append(Cell(source, tuple(ids), len(cells) + 1))
    return Plan(tuple(cells), tuple(_odd(cells, marked)))


def belongs(exercise: Exercise, source: str) -> bool:
    """Whether a cell's text answers an exercise, or checks it."""
    names = "|".join(map(re.escape, exercise.names))
    answers = rf"^(?:async\s+)?(?:def|class)\s+(?:{names})\b|^(?:[^=\n#]*,\s*)?(?:{names})\s*[,:=]"
    checks = rf"\bcheck\(\s*[\"']{re.escape(exercise.id)}[\"']"
    return bool(re.search(f"{answers}|{checks}", source, re.MULTILINE))


def _read(content: bytes) -> Any:
    if len(content) > LARGEST:
        raise Unreadable(
            f"it has more than {LARGEST / 1e6:.0f} MB; clear its outputs, and save it again"
        )
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


def _odd(cells: list[Cell], marked: dict[tuple[str, str], int]) -> list[str]:
    """What is not as in the course's notebook."""
    notes = []
    for each in dict.fromkeys(each for cell in cells for each in cell.exercises):
        counts = {part: marked.get((each, part), 0) for part in ("answer", "check")}
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
