"""Results to pages: feedback for each student, and the class at a glance."""

import itertools
import re
import statistics
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any
from urllib.parse import quote

from mnist_lab.exercises import Example, Exercise, Feedback
from mnist_lab.exercises.cards import text_html
from mnist_lab.files import StrPath, write_text
from mnist_lab.grading.changes import TOTAL, Change
from mnist_lab.grading.gradebook import UNTRIED, Gradebook, Row, printable, sign_of
from mnist_lab.grading.results import Earned, Result
from mnist_lab.grading.similarity import Match
from mnist_lab.html import render_template

BARS = 10
MAX_NAME_BYTES = 150  # of a file, whose name may have 255 with what is added to it
MAX_BAR_PIXELS = 150
MAX_MISCONCEPTIONS = 10
MAX_LISTED = 20  # changes, and pairs with the same answers; all of them are in files of their own
STOPPED = {
    "stopped": "Not all of it could be run. What was reached before counts.",
    "unreadable": "A notebook could not be read.",
    "failed": "The grader failed. This says nothing about what was handed in.",
    "missing": "Nothing was handed in.",
    "nothing found": "No exercise was found in what was handed in.",
}
RETRIED = "It ran out of time beside others, and was run again alone."


def write_pages(book: Gradebook, folder: StrPath, *, changes: Sequence[Change] = ()) -> list[Path]:
    """Write ``class.html``, and ``feedback/<student>.html`` for each; give the latter's places.

    CannotWrite if the folder cannot be written.
    """
    folder = Path(folder)
    names = file_names([row.result.student for row in book.rows])
    for row, name in zip(book.rows, names, strict=True):
        _write(folder / "feedback" / name, "feedback.html", **_feedback(row, book))
    write_class(book, folder, changes=changes)
    return [folder / "feedback" / name for name in names]


def write_class(
    book: Gradebook, folder: StrPath, *, changes: Sequence[Change] = (),
    matches: Sequence[Match] | None = None,
) -> None:  # fmt: skip
    """Write ``class.html`` alone, where it is already there anew; None are matches not looked for.

    CannotWrite if the folder cannot be written.
    """
    values = {**_class(book), **_lists(book, changes, matches)}
    _write(Path(folder) / "class.html", "class.html", **values)


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


def _people(book: Gradebook) -> list[dict[str, str]]:
    """Everybody's name, and the link from the class page to their feedback."""
    students = [row.result.student for row in book.rows]
    links = [f"feedback/{quote(name)}" for name in file_names(students)]
    return [{"name": n, "link": link} for n, link in zip(students, links, strict=True)]


def _class(book: Gradebook) -> dict[str, Any]:
    """What stands on the class page of the marks."""
    totals = [row.total for row in book.rows if row.result.counts]
    return {
        "count": len(totals),
        "max_points": book.max_points,
        "median": f"{statistics.median(totals):g}" if totals else "none",
        "full": sum(total >= book.max_points for total in totals),
        "spread": _spread(totals, book.max_points),
        "hardest": _hardest(book),
        "misconceptions": _misconceptions(book),
        "lessons": list(book.lessons),
        "students": [
            {
                "who": who,
                "lessons": [
                    [(sign_of(each), f"{each.id}: {each.verdict}") for each in lesson]
                    for _, lesson in groupby(row.earned, lambda each: each.lesson)
                ],
                "total": row.mark,
                "status": row.result.status,
            }
            for row, who in zip(book.rows, _people(book), strict=True)
        ],
    }


def _lists(
    book: Gradebook, changes: Sequence[Change], matches: Sequence[Match] | None
) -> dict[str, Any]:
    """Those whom the class page names: who needs a look, is missing, has changed, is alike."""
    people = _people(book)
    rows = [(row.result, who) for row, who in zip(book.rows, people, strict=True)]
    named = {who["name"]: who for who in reversed(people)}
    moved = {each.student for each in changes if each.what == TOTAL}
    # A student's total says enough; where it has stayed, what it is made of has not.
    short = [each for each in changes if each.what == TOTAL or each.student not in moved]
    return {
        "look": [
            {"who": who, "status": result.status, "why": _why_look(result)}
            for result, who in rows
            if result.retried or result.status not in {"graded", "missing"}
        ],
        "missing": [who for result, who in rows if result.status == "missing"],
        "changes": [(_who(each.student, named), each) for each in short[:MAX_LISTED]],
        "changes_count": len(short),
        "compared": matches is not None,
        "matches": [
            (_who(each.student, named), _who(each.other, named), ", ".join(each.exercises))
            for each in (matches or [])[:MAX_LISTED]
        ],
        "matches_count": len(matches or []),
    }


def _who(name: str, named: Mapping[str, dict[str, str]]) -> dict[str, str]:
    return named.get(name, {"name": name})  # without a link: the published solution


def _why_look(result: Result) -> str:
    """The last note on a result, which says how it ended; and that it was run again."""
    ended = "" if result.status == "graded" else [STOPPED[result.status], *result.notes][-1]
    return f"{ended} {RETRIED * result.retried}".strip()


def _spread(totals: Sequence[float], max_points: int) -> dict[str, Any]:
    """The totals in ten bars of equal width; all points belong to the last."""
    counts = Counter(min(BARS - 1, int(BARS * total / max(max_points, 1))) for total in totals)
    highest = max(counts.values(), default=1)
    step = 100 // BARS
    spans = [f"{at * step} to {(at + 1) * step}" for at in range(BARS)]
    bars = [
        {"count": n, "high": round(MAX_BAR_PIXELS * n / highest), "start": at * step}
        for at, n in enumerate(counts[at] for at in range(BARS))
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
    """What the cards of known wrong answers say, by how many got them, with the shortest example.

    All of it is HTML.
    """
    known = {(e.id, wrong.message) for e in book.exercises for wrong in e.misconceptions}
    examples: dict[tuple[str, str], list[str]] = defaultdict(list)
    for each in (each for row in book.rows for each in row.earned):
        if (each.id, each.message) in known:
            examples[each.id, each.message].append(each.example)
    commonest = sorted(examples.items(), key=lambda item: -len(item[1]))[:MAX_MISCONCEPTIONS]
    return [
        {
            "id": exercise,
            "count": len(found),
            "message": text_html(message),
            "example": text_html(min(filter(None, found), key=len, default="")),
        }
        for (exercise, message), found in commonest
    ]
