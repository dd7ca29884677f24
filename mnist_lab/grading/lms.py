"""The gradebook as learning platforms import it: Canvas, Moodle, Gradescope.

References
----------
Canvas' ``lib/gradebook_importer.rb``: the first columns are Student, ID, SIS User ID, SIS Login ID
and Section; students are found by ID, an assignment by the number in brackets behind its name.
Moodle's ``mod/assign/feedback/offline/importgradeslib.php``: the columns Identifier, Grade and Last
modified (grade), in the site's language, must be there; who is meant is the number behind
"Participant "; other columns are read where they are headed as a feedback plugin's field.
``mod/assign/feedback/file/importziplib.php``: a file is its folder's, called
``fullname_number_plugintype_pluginname_``; nothing hidden. Gradescope's autograder: results.json
with the score of each test.
"""

import hmac
import json
import re
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from mnist_lab.arrays import OptionError
from mnist_lab.files import StrPath, atomic_write, write_text
from mnist_lab.grading.gradebook import Gradebook, Row, printable, safe, write_rows
from mnist_lab.grading.roster import Roster

CANVAS_HEAD = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
MOODLE_HEAD = ["Identifier", "Full name", "Grade", "Maximum grade", "Last modified (grade)",
               "Feedback comments"]  # fmt: skip
GRADE, MODIFIED, MAXIMUM = ("grade",), ("last modified (grade)",), ("maximum grade",)
COMMENTS = ("feedback comments",)


def write_for(
    form: str | None, book: Gradebook, pages: Sequence[Path], folder: StrPath,
    roster: Roster | None = None, *, column: str = "", points: float | None = None,
) -> None:  # fmt: skip
    """Write what "canvas", "moodle" or "gradescope" imports; None: nothing."""
    how: dict[str, Any] = {"roster": roster, "column": column, "points": points}
    if form == "canvas":
        write_canvas(book, folder, **how)
    elif form == "moodle":
        write_moodle(book, folder, **how)
        write_moodle_feedback(book, pages, folder)
    elif form == "gradescope":
        write_gradescope(book, folder)


def anonymise(book: Gradebook, secret: bytes, folder: StrPath) -> Gradebook:
    """Give everybody a number for a name, and write ``names.csv``, which says whose each is.

    The number is made from the secret, and so the same each time.
    """
    rows = []
    for row in book.rows:
        name = anonymous_name(row.result.student, secret)
        result = replace(row.result, student=name, number="", notes=())
        rows.append((replace(row, result=result), row.result.student))
    rows.sort(key=lambda pair: pair[0].result.student)
    names = [[row.result.student, safe(student)] for row, student in rows]
    write_rows([["row", "student"], *names], Path(folder) / "names.csv")
    return replace(book, rows=tuple(row for row, _ in rows))


def anonymous_name(student: str, secret: bytes) -> str:
    """The number that a student has in the place of a name."""
    digest = hmac.digest(secret, student.encode("utf-8", "surrogateescape"), "sha256")
    return f"student {digest.hex()[:8]}"


def write_canvas(
    book: Gradebook, folder: StrPath, *, roster: Roster | None = None, column: str = "",
    points: float | None = None,
) -> None:  # fmt: skip
    """Write ``canvas.csv``: a column for each lesson; or Canvas' own export with one column filled.

    Parameters
    ----------
    roster : Roster, optional
        Canvas' export of the gradebook; its heads and rows stay as they are.
    column : str
        Of that, the assignment's head or the beginning of it; the total goes there, scaled to the
        points possible that stand below it.
    points : float, optional
        What all points are worth, where no such column says it.
    """
    path = Path(folder) / "canvas.csv"
    if roster and column:
        at = _assignment(roster, column)
        possible = next((row[at] for row in roster.rows if "Points Possible" in row[0]), "")
        most = _number(possible) or points
        marks = _scaled(book, most)
        rows = [list(roster.head), *map(list, roster.rows)]
        for place, mark in zip(roster.places, marks, strict=False):
            rows[1 + place][at] = mark
        write_rows(rows, path)
        return
    names = [f"mnist_lab lesson {number}" for number in book.lessons]
    worth = points / max(book.max_points, 1) if points else 1.0
    rows = [
        [*CANVAS_HEAD, *names],
        ["    Points Possible", "", "", "", "", *(f"{worth * n:g}" for n in book.lessons.values())],
    ]
    for row in book.rows:
        number, name = row.result.number, safe(_name_of(row))
        marks = [f"{round(worth * each, 2):g}" * row.counts for each in _by_lesson(row, book)]
        rows.append([name, number, "", "" if number else safe(row.result.student), "", *marks])
    write_rows(rows, path)


def _by_lesson(row: Row, book: Gradebook) -> list[float]:
    """The points of each lesson; what was added or taken off is shared out by what was earned."""
    earned = [row.points_in(lesson) for lesson in book.lessons]
    if not row.adjustments:
        return earned
    if sum(earned):
        return [each * row.total / sum(earned) for each in earned]
    return [row.total * n / book.max_points for n in book.lessons.values()]


def _assignment(roster: Roster, column: str) -> int:
    like = [at for at, head in enumerate(roster.head) if head.startswith(column)]
    if len(like) != 1:
        there = ", ".join(head for head in roster.head[5:] if head)[:300] or "no assignment"
        raise OptionError(f"--column {column!r}: not one column of the roster, which has: {there}")
    return like[0]


def write_moodle(
    book: Gradebook, folder: StrPath, *, roster: Roster | None = None, column: str = "",
    points: float | None = None,
) -> None:  # fmt: skip
    """Write ``moodle.csv``, the grading worksheet with the feedback in words.

    With Moodle's own worksheet as roster, its heads and rows stay, and what is filled in is the
    column `column` (else Grade), the time, and the feedback comments; the total is scaled to the
    maximum grade that stands in a row, else to `points`.
    """
    path, now = Path(folder) / "moodle.csv", f"{datetime.now():%Y-%m-%d %H:%M:%S}"
    if roster and (column or roster.column("identifier") is not None):
        grade = roster.column(*((column,) if column else GRADE))
        if grade is None:
            missing = column or "Grade"
            raise OptionError(f"the roster has no column {missing!r}: name it by --column")
        modified, comments, most = map(_finder(roster), (MODIFIED, COMMENTS, MAXIMUM))
        rows = [list(roster.head), *map(list, roster.rows)]
        for place, row in zip(roster.places, book.rows, strict=False):
            line = rows[1 + place]
            line[grade] = _scale(row, book, _number(line[most]) if most is not None else points)
            if modified is not None:
                line[modified] = now
            if comments is not None:
                line[comments] = comment_on(row, book)
        write_rows(rows, path)
        return
    rows = [MOODLE_HEAD]
    for row in book.rows:
        who = f"Participant {row.result.number}" if row.result.number else ""
        maximum = f"{points or book.max_points:g}"
        mark = _scale(row, book, points)
        rows.append([who, safe(_name_of(row)), mark, maximum, now, comment_on(row, book)])
    write_rows(rows, path)


def _finder(roster: Roster) -> Callable[[Sequence[str]], int | None]:
    return lambda names: roster.column(*names)


def write_moodle_feedback(book: Gradebook, pages: Sequence[Path], folder: StrPath) -> None:
    """Write ``moodle_feedback.zip``: each one's page, in the folder that Moodle knows them by."""
    with (
        atomic_write(Path(folder) / "moodle_feedback.zip") as draft,
        zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        for row, page in zip(book.rows, pages, strict=True):
            if row.result.number:
                name = re.sub(r'[_/\\\\:*?"<>|\x00-\x1f]', " ", printable(_name_of(row))).strip(
                    " .~"
                )
                inside = f"{name or 'student'}_{row.result.number}_assignfeedback_file_"
                archive.write(page, f"{inside}/feedback.html")


def write_gradescope(book: Gradebook, folder: StrPath) -> None:
    """Write Gradescope's ``results.json``; of a class, ``gradescope/<place>.json`` for each row."""
    for place, row in enumerate(book.rows, 1):
        path = Path(folder) / "results.json"
        if len(book.rows) > 1:
            path = Path(folder) / "gradescope" / f"{place:04}.json"
        tests = [
            {
                "name": f"{exercise.id} {exercise.asks}", "score": each.points,
                "max_score": each.max_points, "output": each.message, "number": each.id,
            }
            for exercise, each in zip(book.exercises, row.earned, strict=True)
        ]  # fmt: skip
        said = [*row.result.notes, *(f"{a.points:+g}: {a.reason}" for a in row.adjustments)]
        content: dict[str, Any] = {"output": "\n".join(said), "tests": tests}
        if row.counts:
            content["score"] = row.total
        write_text(path, json.dumps(content, indent=1))


def comment_on(row: Row, book: Gradebook) -> str:
    """The feedback in a few lines of plain text: each exercise that is not right, and why."""
    lines = [f"{row.mark or 'no mark'} of {book.max_points} points"]
    lines += [f"{each.points:+g}: {each.reason}" for each in row.adjustments]
    lines += list(row.result.notes)
    for exercise, each in zip(book.exercises, row.earned, strict=True):
        if each.points < each.max_points:
            earned = f"{each.points:g} of {each.max_points}"
            lines.append(f"{exercise.id} {exercise.asks}: {earned}. {each.message}".strip())
    return safe("\n".join(lines))


def _scaled(book: Gradebook, most: float | None) -> list[str]:
    return [_scale(row, book, most) for row in book.rows]


def _scale(row: Row, book: Gradebook, most: float | None) -> str:
    """The total as a share of `most`; "" where there is no mark."""
    if not row.counts:
        return ""
    worth = most / max(book.max_points, 1) if most else 1.0
    return f"{round(worth * row.total, 2):g}"


def _number(text: str) -> float | None:
    try:
        return float(text.strip().replace(",", "."))
    except ValueError:
        return None


def _name_of(row: Row) -> str:
    """The student's name without the number that keeps two of the same name apart."""
    return row.result.student.removesuffix(f" ({row.result.number})")
