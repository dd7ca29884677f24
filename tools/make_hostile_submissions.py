"""Write docs/hostile_submissions.md: ``python -m tools.make_hostile_submissions``.

Its rows are the students of tests/submissions, with the marks that the tests hold them to.
"""

import importlib
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from mnist_lab.files import write_text

HERE = Path(__file__).parent.parent
PAGE = HERE / "docs" / "hostile_submissions.md"
AIMS = {
    "points": "To be paid for nothing",
    "a look": "To see or reach what is not theirs",
    "the machine": "To use the machine up",
    "the run": "To break the run, or who reads of it",
}
OPENING = """# Hostile submissions that were tried

{count} notebooks mean no good, and {tables} know the public answers and nothing else.
`tests/test_red_team.py` grades the {count} in one call, among honest ones, and holds each row of
this page; where root runs it, it does so again as an ordinary user. It also holds that afterwards
nothing is left running, nothing was written elsewhere, nobody has called home, and each honest
student has the marks that were earned. All of it is in a sandbox.

Each holds exercises of lesson 1, some of them solved. *Paid* are those with full marks; all others
get 0. *Stopped* is a status: what was reached before counts. *Said* stands in a note or an error of
the gradebook; `SEEN` is the notebook's own report of what it could reach. The code lies in
`tests/submissions/hostile/`, under the same names; the links are made by `hostiles.py` beside it.
"""
TABLES = """## To know the public answers only

For each exercise that asks for a function two of them know the inputs that `check` tries, with the
right answers: one gives the answer to the nearest of these, one gives them in their order. Each is
graded, and gets 0.

What was not tried, or cannot be held: [the limits](promises.md).
"""


def main() -> None:
    """Write the page."""
    write_text(PAGE, render())
    print(PAGE)


def render() -> str:
    """The page: a table for each aim."""
    students = _students()
    count, tables = len(students), sum(1 for _ in _submissions("tables").tables())
    parts = [OPENING.format(count=count, tables=tables)]
    for aim, heading in AIMS.items():
        parts.append(f"## {heading}\n\n" + "\n".join(_rows(students, aim)) + "\n")
    return "\n".join([*parts, TABLES.format(tables=tables)])


def _rows(students: Sequence[Any], aim: str) -> Iterator[str]:
    yield "| name | tries | paid | status | said |\n| --- | --- | --- | --- | --- |"
    for each in students:
        if each.aims == aim:
            paid = ", ".join(key for key, points in each.earns.items() if points) or "nothing"
            says = f"`{each.says}`" if each.says else ""
            tries = each.tries.rstrip(".")
            yield f"| {each.name} | {tries} | {paid} | {each.status} | {says} |"


def _students() -> list[Any]:
    return list(_submissions("hostiles").hostile({}, Path("/nowhere")))


def _submissions(name: str) -> Any:
    """A module of the tests' own class."""
    if str(HERE / "tests") not in sys.path:
        sys.path.append(str(HERE / "tests"))
    return importlib.import_module(f"submissions.{name}")


if __name__ == "__main__":
    main()
