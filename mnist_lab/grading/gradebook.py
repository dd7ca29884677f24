"""The gradebook, and what others read of it: CSV, JSON, JUnit, a job summary."""

import csv
import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from mnist_lab.exercises import Exercise, all_exercises
from mnist_lab.files import StrPath, atomic_write, write_text
from mnist_lab.grading.results import Earned, Result

WRONG, UNTRIED = "\u2715", "\u25cb"
SIGNS = {"right": "\u25cf", "partly right": "\u25d0", "not attempted": UNTRIED, "missing": UNTRIED}
MISSING = "It is not in what was handed in."


@dataclass(frozen=True)
class Adjustment:
    """What is added to the points that were earned, and why: a line of its own, never silent."""

    kind: Literal["late", "override"]
    points: float  # below 0 where they are taken off
    reason: str


@dataclass(frozen=True)
class Row:
    """A student's row: the result, what each exercise earned, and what was changed since."""

    result: Result
    earned: tuple[Earned, ...]
    adjustments: tuple[Adjustment, ...] = ()

    @property
    def earned_points(self) -> float:
        """All points earned, for the gradebook's exercises."""
        return round(sum(each.points for each in self.earned), 2)

    @property
    def total(self) -> float:
        """What counts: the points earned, and what was added to or taken off them."""
        return round(self.earned_points + sum(each.points for each in self.adjustments), 2)

    @property
    def counts(self) -> bool:
        """Whether there is a mark, for what was handed in or by an override."""
        return self.result.counts or any(each.kind == "override" for each in self.adjustments)

    def adjusted_by(self, kind: str) -> str:
        """The points of one kind of adjustment, "" without one."""
        points = [each.points for each in self.adjustments if each.kind == kind]
        return f"{round(sum(points), 2):g}" if points else ""

    @property
    def mark(self) -> str:
        """The total as a gradebook takes it; "" where there is no mark, which is not 0."""
        return f"{self.total:g}" if self.counts else ""

    def points_in(self, lesson: int) -> float:
        """The points of one lesson."""
        return sum(each.points for each in self.earned if each.lesson == lesson)


@dataclass(frozen=True)
class Gradebook:
    """A class: the exercises that count, and a row for each student."""

    exercises: tuple[Exercise, ...]
    rows: tuple[Row, ...]

    @property
    def max_points(self) -> int:
        """The points to be had."""
        return sum(each.points for each in self.exercises)

    @property
    def lessons(self) -> dict[int, int]:
        """The lessons in it, with the points to be had in each."""
        numbers = sorted({e.lesson for e in self.exercises})
        return {n: sum(e.points for e in self.exercises if e.lesson == n) for n in numbers}


def make_gradebook(results: Sequence[Result], graded: Sequence[str]) -> Gradebook:
    """Put results together for the exercises graded; one that was not found has earned nothing."""
    exercises = tuple(e for e in all_exercises() if e.id in graded)
    missing = {e.id: Earned(e.id, "missing", 0, e.points, MISSING) for e in exercises}
    rows = []
    for result in results:
        found = missing | {each.id: each for each in result.earned}
        rows.append(Row(result, tuple(found[e.id] for e in exercises)))
    return Gradebook(exercises, tuple(rows))


def write_gradebook(book: Gradebook, folder: StrPath) -> None:
    """Write a gradebook as CSV, JSON and JUnit's XML; CannotWrite if `folder` cannot be written."""
    folder = Path(folder)
    _write_csv(book, folder / "gradebook.csv")
    _write_json(book, folder / "gradebook.json")
    _write_junit(book, folder / "junit.xml")


def _write_csv(book: Gradebook, path: Path) -> None:
    kinds = {each.kind for row in book.rows for each in row.adjustments}
    extra = [kind for kind in ("late", "override") if kind in kinds]
    rows = [["student", *(e.id for e in book.exercises), *extra, "total", "status"]]
    for row in book.rows:
        points = [f"{each.points:g}" * row.result.counts for each in row.earned]
        points += [row.adjusted_by(kind) for kind in extra]
        rows.append([safe(row.result.student), *points, row.mark, row.result.status])
    write_rows(rows, path)


def _write_json(book: Gradebook, path: Path) -> None:
    content = {
        "exercises": [{"id": e.id, "points": e.points, "asks": e.asks} for e in book.exercises],
        "max_points": book.max_points,
        "students": [
            {
                **asdict(row.result),
                "earned": list(map(asdict, row.earned)),
                "adjustments": list(map(asdict, row.adjustments)),
                "total": row.total if row.counts else None,
            }
            for row in book.rows
        ],
    }
    write_text(path, json.dumps(content, indent=1))


def _write_junit(book: Gradebook, path: Path) -> None:
    """Write JUnit's XML: a suite for each student, a case for each exercise."""
    root = ET.Element("testsuites", name="mnist-lab grade")
    for row in book.rows:
        student = printable(row.result.student)
        skipped = [each for each in row.earned if each.verdict in {"not attempted", "missing"}]
        failed = [e for e in row.earned if e not in skipped and e.points < e.max_points]
        suite = ET.SubElement(
            root, "testsuite", name=student, tests=str(len(row.earned)),
            failures=str(len(failed)), skipped=str(len(skipped)), errors="0",
            time=f"{row.result.seconds:.2f}",
        )  # fmt: skip
        for exercise, each in zip(book.exercises, row.earned, strict=True):
            name = f"{exercise.id} {exercise.asks}"
            case = ET.SubElement(suite, "testcase", classname=student, name=name, time="0")
            kind = "skipped" if each in skipped else "failure" if each in failed else ""
            if kind:
                text = f"{each.verdict}, {each.points:g} of {each.max_points}. {each.message}"
                ET.SubElement(case, kind, message=printable(text))
        ET.SubElement(suite, "system-out").text = printable("\n".join(row.result.notes))
    ET.indent(root)
    with atomic_write(path) as draft:
        draft.write_bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))


def job_summary(book: Gradebook) -> str:
    """A table in Markdown, for the summary of a job on GitHub."""
    heads = ["student", *(e.id for e in book.exercises), "points", "status"]
    lines = [f"## {book.max_points} points to be had", "", _markdown_row(heads)]
    lines.append(_markdown_row(["---"] * len(heads)))
    for row in book.rows:
        signs = [sign_of(each) for each in row.earned]
        cells = [row.result.student, *signs, row.mark, row.result.status]
        lines.append(_markdown_row(cells))
    lines += ["", "\u25cf right, \u25d0 partly right, \u2715 not right, \u25cb not attempted"]
    return "\n".join(lines) + "\n"


def sign_of(each: Earned) -> str:
    """A verdict as one sign."""
    return SIGNS.get(each.verdict, WRONG)


def safe(text: str) -> str:
    """A text that no spreadsheet takes for a formula, and that can be written at all."""
    text = text.encode("utf-8", "replace").decode()
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def printable(text: str) -> str:
    """A text without what XML and HTML cannot hold."""
    text = text.encode("utf-8", "replace").decode()
    return re.sub(r"[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "?", text)


def write_rows(rows: Sequence[Sequence[str]], path: StrPath) -> None:
    """Write rows as CSV."""
    with atomic_write(path) as draft, draft.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)


def _markdown_row(cells: Sequence[str]) -> str:
    first = re.sub(r"([\\|`*_<>\[\]&#@])", r"\\\1", printable(cells[0]))
    return f"| {' | '.join([first, *cells[1:]])} |".replace("\n", " ")
