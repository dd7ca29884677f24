"""Whose marks have moved since the gradebook that lies there, from what to what, and why."""

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from mnist_lab.files import StrPath
from mnist_lab.grading.gradebook import Gradebook, Row, safe, write_rows

HEAD = ["student", "exercise", "before", "after", "why"]


def read_marks(folder: StrPath) -> dict[str, Any]:
    """The gradebook that was written to a folder before, by student; {} if there is none."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        content = json.loads((Path(folder) / "gradebook.json").read_text(encoding="utf-8"))
        return {each["student"]: each for each in content["students"]}
    return {}


def write_changes(
    book: Gradebook, before: Mapping[str, Any], folder: StrPath, *, why: str = ""
) -> int:
    """Write ``changes.csv``, and give how many students' totals have moved.

    `before` is what `read_marks` gave; `why` says why somebody was graded again, if by request.
    """
    rows = [row for each in book.rows for row in _changes(each, before, why)]
    write_rows([HEAD, *rows], Path(folder) / "changes.csv")
    return sum(row[1] == "total" for row in rows)


def _changes(row: Row, before: Mapping[str, Any], why: str) -> Iterator[list[str]]:
    was, name = before.get(row.result.student), safe(row.result.student)
    if was is None:
        if before:
            yield [name, "total", "", row.mark, "was not in the gradebook"]
        return
    reason = _reason(was, row, why)
    now = {each.id: f"{each.points:g}" for each in row.earned}
    then = {each["id"]: f"{each['points']:g}" for each in was["earned"]}
    for key in sorted(now.keys() & then.keys()):
        if then[key] != now[key]:
            yield [name, key, then[key], now[key], reason]
    old = [(each["kind"], each["reason"], each["points"]) for each in was.get("adjustments", [])]
    new = [(each.kind, each.reason, each.points) for each in row.adjustments]
    for kind, text, points in new:
        if (kind, text, points) not in old:
            yield [name, kind, "", f"{points:g}", text]
    for kind, text, points in old:
        if (kind, text, points) not in new:
            yield [name, kind, f"{points:g}", "", f"no longer: {text}"]
    total = "" if was["total"] is None else f"{was['total']:g}"
    if total != row.mark:
        yield [name, "total", total, row.mark, reason]


def _reason(was: Mapping[str, Any], row: Row, why: str) -> str:
    if was["status"] != row.result.status:
        return f"{was['status']} before, {row.result.status} now"
    if row.result.digest != was.get("digest", row.result.digest):
        return "another submission"
    return why or "an exercise, the kit, a rule or what is graded has changed"
