"""Results to a gradebook: CSV and JSON."""

import csv
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from mnist_lab.exercises import Exercise, every
from mnist_lab.files import appear
from mnist_lab.grading.one import Earned, Result

MISSING = "It is not in what was handed in."


def asked_for(results: Sequence[Result], only: Sequence[str] = ()) -> list[Exercise]:
    """The exercises of the gradebook: those named, else of all lessons of which any was found."""
    lessons = {each.id.split(".")[0] for result in results for each in result.earned}
    return [e for e in every() if (e.id in only if only else e.id.split(".")[0] in lessons)]


def line_of(result: Result, exercises: Sequence[Exercise]) -> list[Earned]:
    """What a student earned for each exercise; one that was not found has earned nothing."""
    found = {each.id: each for each in result.earned}
    return [found.get(e.id) or Earned(e.id, "missing", 0, e.points, MISSING) for e in exercises]


def write_csv(results: Sequence[Result], exercises: Sequence[Exercise], path: Path) -> None:
    """Write a row for each student: their points for each exercise, the total, the status."""
    with appear(path) as draft, draft.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["student", *(e.id for e in exercises), "total", "status"])
        for result in results:
            points = [f"{each.points:g}" for each in line_of(result, exercises)]
            total = f"{total_of(result, exercises):g}"
            writer.writerow([safe(result.student), *points, total, result.status])


def write_json(results: Sequence[Result], exercises: Sequence[Exercise], path: Path) -> None:
    """Write the same, with all that is known of each."""
    book = {
        "exercises": [{"id": e.id, "points": e.points, "asks": e.asks} for e in exercises],
        "of": sum(e.points for e in exercises),
        "students": [
            {
                **asdict(result),
                "earned": [asdict(each) for each in line_of(result, exercises)],
                "total": total_of(result, exercises),
            }
            for result in results
        ],
    }
    with appear(path) as draft:
        draft.write_text(json.dumps(book, indent=1), encoding="utf-8")


def total_of(result: Result, exercises: Sequence[Exercise]) -> float:
    """All points of a student."""
    return round(sum(each.points for each in line_of(result, exercises)), 2)


def safe(text: str) -> str:
    """A text that no spreadsheet takes for a formula, and that can be written at all."""
    text = text.encode("utf-8", "replace").decode()
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
