"""Write a made-up class, as Moodle exports it: ``python -m tools.first_class FOLDER``.

Three students and a fourth who hands in nothing; docs/first_class.md grades them.
"""

import argparse
import csv
import os
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from mnist_lab.course import exercise_part, fill_in_solutions, read_notebook, write_notebook
from mnist_lab.exercises import find

LESSON = Path(__file__).parent.parent / "notebooks" / "01_look_at_the_data.ipynb"
DUE = datetime(2026, 11, 27, 18)  # noqa: DTZ001  here's time, as --due has it
PEOPLE = {"Ada Moreau": 101, "Ben Okafor": 102, "Chen Li": 103, "Dana Weiss": 104}
HEAD = ["Identifier", "Full name", "Grade", "Maximum grade", "Last modified (grade)",
        "Feedback comments"]  # fmt: skip
OVERRIDES = [
    ["student", "exercise", "points", "reason"],
    ["Ben Okafor", "1.5", "1", "explained it at the board"],
]


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the class."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.first_class", description=__doc__.splitlines()[0]
    )
    parser.add_argument("folder", metavar="FOLDER", type=Path, help="where to")
    write_class(parser.parse_args(arguments).folder)


def write_class(folder: Path) -> None:
    """Write what was handed in, with its times, the worksheet, and what an instructor adds."""
    counts = find("1.3")
    assert counts
    half = next(each.source for each in counts.misconceptions if each.share == 0.5)
    _hand_in(folder, "Ada Moreau", DUE - timedelta(hours=20))
    _hand_in(folder, "Ben Okafor", DUE - timedelta(hours=1), {"1.3": half, "1.5": None})
    _hand_in(folder, "Chen Li", DUE + timedelta(hours=15))
    rows = [[f"Participant {number}", name, "", "100", "", ""] for name, number in PEOPLE.items()]
    for name, lines in (("worksheet.csv", [HEAD, *rows]), ("overrides.csv", OVERRIDES)):
        with (folder / name).open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows(lines)


def _hand_in(
    folder: Path, name: str, when: datetime, answers: dict[str, str | None] | None = None
) -> None:
    """Write a solved notebook at some time, with other answers; None leaves one blank."""
    blank = read_notebook(LESSON)
    whole = fill_in_solutions(blank)
    for cell, was in zip(whole.cells, blank.cells, strict=True):
        exercise, part = exercise_part(cell)
        if part == "answer" and exercise in (answers or {}):
            cell.source = (answers or {})[exercise] or was.source
    inside = f"{name}_{PEOPLE[name]}_assignsubmission_file"
    path = folder / "submissions" / inside / LESSON.name
    path.parent.mkdir(parents=True, exist_ok=True)
    write_notebook(whole, path)
    os.utime(path, (when.timestamp(), when.timestamp()))


if __name__ == "__main__":
    main()
