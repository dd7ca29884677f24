"""Results to what others read: CSV, JSON, Canvas' and Moodle's forms, JUnit, a job summary."""

import csv
import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from mnist_lab.exercises import Exercise, every
from mnist_lab.files import StrPath, atomic_write
from mnist_lab.grading.results import Earned, Result

SIGNS = {
    "right": "\u25cf",
    "partly right": "\u25d0",
    "not attempted": "\u25cb",
    "missing": "\u25cb",
}
WRONG, UNTRIED = "\u2715", "\u25cb"
MISSING = "It is not in what was handed in."


def select_exercises(results: Sequence[Result], only: Sequence[str] = ()) -> list[Exercise]:
    """The exercises of the gradebook: those named, else of all lessons of which any was found."""
    lessons = {each.id.split(".")[0] for result in results for each in result.earned}
    return [e for e in every() if (e.id in only if only else e.id.split(".")[0] in lessons)]


def line_of(result: Result, exercises: Sequence[Exercise]) -> list[Earned]:
    """What a student earned for each exercise; one that was not found has earned nothing."""
    found = {each.id: each for each in result.earned}
    return [found.get(e.id) or Earned(e.id, "missing", 0, e.points, MISSING) for e in exercises]


def write_gradebook(
    results: Sequence[Result], exercises: Sequence[Exercise], folder: StrPath, *, form: str | None
) -> None:
    """Write the gradebook in every form, and in Canvas' or Moodle's if one is named.

    Raises
    ------
    CannotWrite
        `folder` cannot be written.
    """
    folder = Path(folder)
    write_csv(results, exercises, folder / "gradebook.csv")
    write_json(results, exercises, folder / "gradebook.json")
    write_junit(results, exercises, folder / "junit.xml")
    if form:
        writer = {"canvas": write_canvas, "moodle": write_moodle}[form]
        writer(results, exercises, folder / f"{form}.csv")


def write_csv(results: Sequence[Result], exercises: Sequence[Exercise], path: Path) -> None:
    """Write a row for each student: their points for each exercise, the total, the status."""
    rows = [["student", *(e.id for e in exercises), "total", "status"]]
    for result in results:
        points = [f"{each.points:g}" for each in line_of(result, exercises)]
        total = f"{total_of(result, exercises):g}"
        rows.append([safe(result.student), *points, total, result.status])
    _write_rows(rows, path)


def write_json(results: Sequence[Result], exercises: Sequence[Exercise], path: Path) -> None:
    """Write the same, with all that is known of each."""
    book = {
        "exercises": [{"id": e.id, "points": e.points, "asks": e.asks} for e in exercises],
        "max_points": sum(e.points for e in exercises),
        "students": [
            {
                **asdict(result),
                "earned": [asdict(each) for each in line_of(result, exercises)],
                "total": total_of(result, exercises),
            }
            for result in results
        ],
    }
    with atomic_write(path) as draft:
        draft.write_text(json.dumps(book, indent=1), encoding="utf-8")


def total_of(result: Result, exercises: Sequence[Exercise]) -> float:
    """All points of a student."""
    return round(sum(each.points for each in line_of(result, exercises)), 2)


def safe(text: str) -> str:
    """A text that no spreadsheet takes for a formula, and that can be written at all."""
    text = text.encode("utf-8", "replace").decode()
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def write_canvas(results: Sequence[Result], exercises: Sequence[Exercise], path: Path) -> None:
    """Write Canvas' form: a column for each lesson, and the points possible in the second row."""
    lessons = sorted({e.lesson for e in exercises})
    rows = [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", *_lesson_names(lessons)],
        ["    Points Possible", "", "", "", "", *(_of(exercises, each) for each in lessons)],
    ]
    for result in results:
        who = [
            safe(name_of(result)),
            result.number,
            "",
            "" if result.number else safe(result.student),
            "",
        ]
        rows.append([*who, *(_lesson_points(result, exercises, each) for each in lessons)])
    _write_rows(rows, path)


def write_moodle(results: Sequence[Result], exercises: Sequence[Exercise], path: Path) -> None:
    """Write Moodle's offline grading worksheet: the total, by the participant's number."""
    of = f"{sum(e.points for e in exercises):g}"
    now = f"{datetime.now():%Y-%m-%d %H:%M:%S}"
    rows = [["Identifier", "Full name", "Grade", "Maximum Grade", "Last modified (grade)"]]
    for result in results:
        who = f"Participant {result.number}" if result.number else ""
        grade = f"{total_of(result, exercises):g}"
        rows.append([who, safe(name_of(result)), grade, of, now])
    _write_rows(rows, path)


def write_junit(results: Sequence[Result], exercises: Sequence[Exercise], path: Path) -> None:
    """Write JUnit's XML: a suite for each student, a case for each exercise."""
    root = ET.Element("testsuites", name="mnist-lab grade")
    for result in results:
        line = line_of(result, exercises)
        skipped = [each for each in line if each.verdict in {"not attempted", "missing"}]
        failed = [each for each in line if each not in skipped and each.points < each.max_points]
        suite = ET.SubElement(
            root, "testsuite", name=printable(result.student), tests=str(len(line)),
            failures=str(len(failed)), skipped=str(len(skipped)), errors="0",
            time=f"{result.seconds:.2f}",
        )  # fmt: skip
        for exercise, each in zip(exercises, line, strict=True):
            case = ET.SubElement(
                suite, "testcase", classname=printable(result.student),
                name=f"{exercise.id} {exercise.asks}", time="0",
            )  # fmt: skip
            kind = "skipped" if each in skipped else "failure" if each in failed else ""
            if kind:
                text = f"{each.verdict}, {each.points:g} of {each.max_points}. {each.message}"
                ET.SubElement(case, kind, message=printable(text))
        ET.SubElement(suite, "system-out").text = printable("\n".join(result.notes))
    ET.indent(root)
    with atomic_write(path) as draft:
        draft.write_bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))


def job_summary(results: Sequence[Result], exercises: Sequence[Exercise]) -> str:
    """A table in Markdown, for the summary of a job on GitHub."""
    heads = ["student", *(e.id for e in exercises), "points", "status"]
    lines = [f"## {sum(e.points for e in exercises)} points to be had", "", _row(heads)]
    lines.append(_row(["---"] * len(heads)))
    for result in results:
        signs = [sign_of(each) for each in line_of(result, exercises)]
        total = f"{total_of(result, exercises):g}"
        lines.append(_row([result.student, *signs, total, result.status]))
    lines += ["", "\u25cf right, \u25d0 partly right, \u2715 not right, \u25cb not attempted"]
    return "\n".join(lines) + "\n"


def sign_of(each: Earned) -> str:
    """A verdict as one sign."""
    return SIGNS.get(each.verdict, WRONG)


def name_of(result: Result) -> str:
    """The student's name without the number that keeps two of the same name apart."""
    return result.student.removesuffix(f" ({result.number})")


def printable(text: str) -> str:
    """A text without what XML and HTML cannot hold."""
    text = text.encode("utf-8", "replace").decode()
    return re.sub(r"[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "?", text)


def _row(cells: Sequence[str]) -> str:
    safe_cells = (re.sub(r"([\\|`*_<>\[\]&#@])", r"\\\1", printable(cell)) for cell in cells[:1])
    return f"| {' | '.join([*safe_cells, *cells[1:]])} |".replace("\n", " ")


def _lesson_names(lessons: Sequence[int]) -> list[str]:
    return [f"mnist_lab lesson {number}" for number in lessons]


def _of(exercises: Sequence[Exercise], lesson: int) -> str:
    return f"{sum(e.points for e in exercises if e.lesson == lesson):g}"


def _lesson_points(result: Result, exercises: Sequence[Exercise], lesson: int) -> str:
    line = zip(exercises, line_of(result, exercises), strict=True)
    return f"{sum(each.points for e, each in line if e.lesson == lesson):g}"


def _write_rows(rows: Sequence[Sequence[str]], path: Path) -> None:
    with atomic_write(path) as draft, draft.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
