"""Whose marks have moved since the gradebook that lies there, from what to what, and why."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mnist_lab.files import StrPath
from mnist_lab.grading.gradebook import Gradebook, Row, safe, write_rows

HEAD = ["student", "exercise", "before", "after", "why"]
TOTAL = "total"


@dataclass(frozen=True)
class Change:
    """What has moved in a student's row: the points of an exercise, an adjustment, or the total."""

    student: str
    what: str  # an exercise's id, an adjustment's kind, or TOTAL
    before: str  # points; "" where there were none
    after: str
    why: str


def read_marks(folder: StrPath) -> dict[str, Any]:
    """The gradebook that was written to a folder before, by student; {} if there is none."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        content = json.loads((Path(folder) / "gradebook.json").read_text(encoding="utf-8"))
        return {each["student"]: each for each in content["students"]}
    return {}


def find_changes(book: Gradebook, before: Mapping[str, Any], *, why: str = "") -> list[Change]:
    """Find what has moved, student by student, the total last.

    `before` is what `read_marks` gave; `why` says why somebody was graded again, if by request.
    """
    return [each for row in book.rows for each in _changes(row, before, why)]


def write_changes(found: Sequence[Change], folder: StrPath) -> None:
    """Write ``changes.csv``, a row for each change."""
    rows = [[safe(each.student), each.what, each.before, each.after, each.why] for each in found]
    write_rows([HEAD, *rows], Path(folder) / "changes.csv")


def _changes(row: Row, before: Mapping[str, Any], why: str) -> Iterator[Change]:
    was, name = before.get(row.result.student), row.result.student
    if was is None:
        if before:
            yield Change(name, TOTAL, "", row.mark, "was not in the gradebook")
        return
    reason = _reason(was, row, why)
    now = {each.id: f"{each.points:g}" for each in row.earned}
    then = {each["id"]: f"{each['points']:g}" for each in was["earned"]}
    for key in sorted(now.keys() & then.keys()):
        if then[key] != now[key]:
            yield Change(name, key, then[key], now[key], reason)
    old = [(each["kind"], each["reason"], each["points"]) for each in was.get("adjustments", [])]
    new = [(each.kind, each.reason, each.points) for each in row.adjustments]
    for kind, text, points in new:
        if (kind, text, points) not in old:
            yield Change(name, kind, "", f"{points:g}", text)
    for kind, text, points in old:
        if (kind, text, points) not in new:
            yield Change(name, kind, f"{points:g}", "", f"no longer: {text}")
    total = "" if was["total"] is None else f"{was['total']:g}"
    if total != row.mark:
        yield Change(name, TOTAL, total, row.mark, reason)


def _reason(was: Mapping[str, Any], row: Row, why: str) -> str:
    if was["status"] != row.result.status:
        return f"{was['status']} before, {row.result.status} now"
    if row.result.digest != was.get("digest", row.result.digest):
        return "another submission"
    return why or "an exercise, the kit, a rule or what is graded has changed"
