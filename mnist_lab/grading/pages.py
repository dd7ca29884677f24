"""Results to pages: feedback for each student, and the class at a glance."""

import itertools
import re
import statistics
from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any
from urllib.parse import quote

from mnist_lab.exercises import Example, Exercise, Feedback
from mnist_lab.files import StrPath, write_text
from mnist_lab.grading.gradebook import UNTRIED, Gradebook, Row, printable, sign_of
from mnist_lab.grading.results import Earned
from mnist_lab.html import render_template

BARS = 10
MAX_NAME_BYTES = 150  # of a file, whose name may have 255 with what is added to it
MAX_BAR_PIXELS = 150
MAX_MISCONCEPTIONS = 10
STOPPED = {
    "stopped": "Not all of it could be run. What was reached before counts.",
    "unreadable": "A notebook could not be read.",
    "failed": "The grader failed. This says nothing about what was handed in.",
    "missing": "Nothing was handed in.",
    "nothing found": "No exercise was found in what was handed in.",
}


def write_pages(book: Gradebook, folder: StrPath) -> list[Path]:
    """Write ``class.html``, and ``feedback/<student>.html`` for each; give the latter's places.

    CannotWrite if the folder cannot be written.
    """
    folder = Path(folder)
    names = file_names([row.result.student for row in book.rows])
    for row, name in zip(book.rows, names, strict=True):
        _write(folder / "feedback" / name, "feedback.html", **_feedback(row, book))
    _write(folder / "class.html", "class.html", **_class(book, names))
    return [folder / "feedback" / name for name in names]


def file_names(students: Sequence[str]) -> list[str]:
    """A file name for each student: readable, safe anywhere, and no two alike."""
    found: list[str] = []
    used: set[str] = set()
    for student in students:
        stem = re.sub(r"[^\w ()+,@-]+", "_", printable(student)).strip(" _") or "student"
        short = stem.encode()[:MAX_NAME_BYTES].decode(errors="ignore").strip()
        numbered = (f"{short}~{count}" for count in itertools.count(2))
        names = itertools.chain([short], numbered)
        name = next(each for each in names if each.casefold() not in used)
        used.add(name.casefold())
        found.append(f"{name}.html")
    return found


def _write(path: Path, template: str, **values: Any) -> None:
    write_text(path, printable(render_template(template, **values)))


def _feedback(row: Row, book: Gradebook) -> dict[str, Any]:
    cards = [(e.lesson, _card(e, each)) for e, each in zip(book.exercises, row.earned, strict=True)]
    result = row.result
    lessons = [
        {
            "number": number,
            "points": f"{row.points_in(number):g}",
            "max_points": max_points,
            "exercises": [card for lesson, card in cards if lesson == number],
        }
        for number, max_points in book.lessons.items()
    ]
    return {
        "name": result.student,
        "total": row.mark or "no mark",
        "max_points": book.max_points,
        "adjustments": [(f"{each.points:+g}", each.reason) for each in row.adjustments],
        "right": sum(each.points >= each.max_points for each in row.earned),
        "count": len(row.earned),
        "seconds": f"{result.seconds:.0f}",
        "stopped": STOPPED.get(result.status, ""),
        "readable": result.status in {"graded", "stopped"},
        "notes": result.notes,
        "lessons": lessons,
    }


def _card(exercise: Exercise, each: Earned) -> dict[str, str]:
    verdict: Any = "not attempted" if each.verdict == "missing" else each.verdict
    example = Example(wanted=each.example)
    card = Feedback(each.id, verdict, each.points, each.max_points, each.message, "", example)
    asks = exercise.asks[:1].upper() + exercise.asks[1:]
    return {"asks": asks, "card": card._repr_html_(), "error": each.error}


def _class(book: Gradebook, names: Sequence[str]) -> dict[str, Any]:
    totals = [row.total for row in book.rows if row.result.counts]
    return {
        "count": len(totals),
        "max_points": book.max_points,
        "median": f"{statistics.median(totals):g}" if totals else "none",
        "full": sum(total >= book.max_points for total in totals),
        "stopped": sum(row.result.status not in {"graded", "missing"} for row in book.rows),
        "missing": [row.result.student for row in book.rows if row.result.status == "missing"],
        "spread": _spread(totals, book.max_points),
        "hardest": _hardest(book),
        "misconceptions": _misconceptions(book),
        "lessons": list(book.lessons),
        "students": [
            {
                "name": row.result.student,
                "link": f"feedback/{quote(name)}",
                "lessons": [
                    [(sign_of(each), f"{each.id}: {each.verdict}") for each in lesson]
                    for _, lesson in groupby(row.earned, lambda each: each.lesson)
                ],
                "total": row.mark,
                "status": row.result.status,
            }
            for row, name in zip(book.rows, names, strict=True)
        ],
    }


def _spread(totals: Sequence[float], max_points: int) -> dict[str, Any]:
    """The totals in ten bars of equal width; all points belong to the last."""
    counts = Counter(min(BARS - 1, int(BARS * total / max(max_points, 1))) for total in totals)
    highest = max(counts.values(), default=1)
    step = 100 // BARS
    spans = [f"{at * step} to {(at + 1) * step}" for at in range(BARS)]
    bars = [
        {"count": counts[at], "high": round(MAX_BAR_PIXELS * counts[at] / highest), "label": span}
        for at, span in enumerate(spans)
    ]
    parts = [f"{counts[at]} at {span} %" for at, span in enumerate(spans) if counts[at]]
    summary = f"Submissions by their share of the {max_points} points: {', '.join(parts)}."
    return {"bars": bars, "summary": summary}


def _hardest(book: Gradebook) -> list[dict[str, Any]]:
    found = []
    for at, exercise in enumerate(book.exercises):
        column = [row.earned[at] for row in book.rows if row.result.counts]
        share = sum(each.points for each in column) / (exercise.points * max(len(column), 1))
        found.append(
            {
                "id": exercise.id,
                "asks": exercise.asks,
                "percent": round(100 * share),
                "right": sum(each.points >= each.max_points for each in column),
                "untried": sum(sign_of(each) == UNTRIED for each in column),
            }
        )
    return sorted(found, key=lambda each: each["percent"])


def _misconceptions(book: Gradebook) -> list[dict[str, Any]]:
    """What the cards of known wrong answers say, by how many got them."""
    known = {(e.id, wrong.message) for e in book.exercises for wrong in e.misconceptions}
    shown = ((each.id, each.message) for row in book.rows for each in row.earned)
    counts = Counter(each for each in shown if each in known)
    return [
        {"id": key[0], "message": key[1].replace("`", ""), "count": count}
        for key, count in counts.most_common(MAX_MISCONCEPTIONS)
    ]
