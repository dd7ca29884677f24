"""Results to pages: feedback for each student, and the class at a glance."""

import re
import statistics
from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any
from urllib.parse import quote

from mnist_lab.exercises import Exercise, Feedback
from mnist_lab.files import StrPath, atomic_write
from mnist_lab.grading.gradebook import UNTRIED, line_of, printable, sign_of, total_of
from mnist_lab.grading.results import Earned, Result
from mnist_lab.html import render

BARS = 10
MAX_BAR_PIXELS = 150
MAX_MISCONCEPTIONS = 10
STOPPED = {
    "stopped": "Not all of it could be run. What was reached before counts.",
    "unreadable": "A notebook could not be read.",
    "failed": "The grader failed. This says nothing about what was handed in.",
    "nothing found": "No exercise was found in what was handed in.",
}


def write_pages(results: Sequence[Result], exercises: Sequence[Exercise], folder: StrPath) -> None:
    """Write ``class.html``, and ``feedback/<student>.html`` for each.

    Raises
    ------
    CannotWrite
        `folder` cannot be written.
    """
    folder = Path(folder)
    names = file_names([result.student for result in results])
    for result, name in zip(results, names, strict=True):
        _write(folder / "feedback" / name, "feedback.html", **_feedback(result, exercises))
    _write(folder / "class.html", "class.html", **_class(results, exercises, names))


def file_names(students: Sequence[str]) -> list[str]:
    """A file name for each student: readable, safe anywhere, and no two alike."""
    found: list[str] = []
    used: Counter[str] = Counter()
    for student in students:
        stem = re.sub(r"[^\w ()+,@-]+", "_", printable(student)).strip(" _")[:80] or "student"
        used[stem.casefold()] += 1
        count = used[stem.casefold()]
        found.append(f"{stem}{f'~{count}' if count > 1 else ''}.html")
    return found


def _write(path: Path, template: str, **values: Any) -> None:
    with atomic_write(path) as draft:
        draft.write_text(printable(render(template, **values)), encoding="utf-8")


def _feedback(result: Result, exercises: Sequence[Exercise]) -> dict[str, Any]:
    line = list(zip(exercises, line_of(result, exercises), strict=True))
    lessons = [
        {
            "number": number,
            "points": f"{sum(each.points for e, each in line if e.lesson == number):g}",
            "of": sum(e.points for e in exercises if e.lesson == number),
            "exercises": [_card(e, each) for e, each in line if e.lesson == number],
        }
        for number in sorted({e.lesson for e in exercises})
    ]
    return {
        "name": result.student,
        "total": f"{total_of(result, exercises):g}",
        "of": sum(e.points for e in exercises),
        "right": sum(each.points >= each.max_points for _, each in line),
        "count": len(line),
        "seconds": f"{result.seconds:.0f}",
        "stopped": STOPPED.get(result.status, ""),
        "readable": result.status in {"graded", "stopped"},
        "notes": result.notes,
        "lessons": lessons,
    }


def _card(exercise: Exercise, each: Earned) -> dict[str, str]:
    verdict: Any = "not attempted" if each.verdict == "missing" else each.verdict
    card = Feedback(each.id, verdict, each.points, each.max_points, each.message)
    asks = exercise.asks[:1].upper() + exercise.asks[1:]
    return {"asks": asks, "card": card._repr_html_(), "error": each.error}


def _class(
    results: Sequence[Result], exercises: Sequence[Exercise], names: Sequence[str]
) -> dict[str, Any]:
    of = sum(e.points for e in exercises)
    totals = [total_of(result, exercises) for result in results]
    lines = [line_of(result, exercises) for result in results]
    return {
        "count": len(results),
        "of": of,
        "median": f"{statistics.median(totals):g}",
        "full": sum(total >= of for total in totals),
        "stopped": sum(result.status != "graded" for result in results),
        "spread": _spread(totals, of),
        "hardest": _hardest(exercises, lines),
        "misconceptions": _misconceptions(exercises, lines),
        "lessons": sorted({e.lesson for e in exercises}),
        "students": [
            {
                "name": result.student,
                "link": f"feedback/{quote(name)}",
                "lessons": [
                    [(sign_of(each), f"{each.id}: {each.verdict}") for each in lesson]
                    for _, lesson in groupby(line, lambda each: each.id.split(".")[0])
                ],
                "total": f"{total:g}",
                "status": result.status,
            }
            for result, name, line, total in zip(results, names, lines, totals, strict=True)
        ],
    }


def _spread(totals: Sequence[float], of: int) -> dict[str, Any]:
    """The totals in ten bars of equal width; all points belong to the last."""
    counts = Counter(min(BARS - 1, int(BARS * total / max(of, 1))) for total in totals)
    most = max(counts.values())
    step = 100 // BARS
    spans = [f"{at * step} to {(at + 1) * step}" for at in range(BARS)]
    bars = [
        {"count": counts[at], "high": round(MAX_BAR_PIXELS * counts[at] / most), "label": span}
        for at, span in enumerate(spans)
    ]
    parts = [f"{counts[at]} at {span} %" for at, span in enumerate(spans) if counts[at]]
    says = f"Submissions by their share of the {of} points: {', '.join(parts)}."
    return {"bars": bars, "says": says}


def _hardest(
    exercises: Sequence[Exercise], lines: Sequence[Sequence[Earned]]
) -> list[dict[str, Any]]:
    found = []
    for at, exercise in enumerate(exercises):
        column = [line[at] for line in lines]
        share = sum(each.points for each in column) / (exercise.points * len(column))
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


def _misconceptions(
    exercises: Sequence[Exercise], lines: Sequence[Sequence[Earned]]
) -> list[dict[str, Any]]:
    """What the cards of known wrong answers say, by how many got them."""
    known = {(e.id, slip.says) for e in exercises for slip in e.slips}
    counts = Counter(
        (each.id, each.message)
        for line in lines
        for each in line
        if (each.id, each.message) in known
    )
    return [
        {"id": key[0], "says": key[1].replace("`", ""), "count": count}
        for key, count in counts.most_common(MAX_MISCONCEPTIONS)
    ]
