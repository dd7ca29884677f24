"""The pages for instructors and the reference: what they say is what the kit does."""

import ast
import csv
import json
import re
import sqlite3
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from submissions import hostile

from mnist_lab.data.collection import ARRAY_NAMES
from mnist_lab.exercises import all_exercises
from mnist_lab.grading import (
    Earned,
    Result,
    anonymise,
    find_changes,
    find_students,
    make_gradebook,
    open_ledger,
    write_changes,
    write_for,
    write_gradebook,
)
from mnist_lab.grading.adjusting import Override, override
from mnist_lab.grading.changes import read_marks
from mnist_lab.grading.gradebook import Adjustment
from mnist_lab.grading.roster import FIRST, LAST, LOGIN, NAME, NUMBER
from mnist_lab.grading.similarity import Match, write_matches
from mnist_lab.grading.submissions import Submission
from mnist_lab.pad import Drawing
from tools import make_first_class, make_hostile_submissions, make_term_plan
from tools.first_class import PEOPLE

HERE = Path(__file__).parent.parent
DOCS = HERE / "docs"
FORMATS = (DOCS / "formats.md").read_text(encoding="utf-8")
ERRORS = (DOCS / "errors.md").read_text(encoding="utf-8")
LESSON = ("1.1", "1.2")
MIN_LETTERS = 15  # of a message's fixed parts, so that it is known by them


def named(heading: str) -> list[str]:
    """What the table below a heading of the formats names in its first column."""
    section = re.split(rf"^#+ {re.escape(heading)}$", FORMATS, flags=re.MULTILINE)[1]
    section = re.split(r"^#", section, maxsplit=1, flags=re.MULTILINE)[0]
    firsts = re.findall(r"^\| (`.*?) \|", section, re.MULTILINE)
    return [name for first in firsts for name in re.findall(r"`([^`]+)`", first)]


def keys_of(path: str, function: str) -> list[list[str]]:
    """The keys of each dict that is written out in a function."""
    tree = ast.parse((HERE / "mnist_lab" / path).read_text(encoding="utf-8"))
    [found] = [
        node for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name == function
    ]  # fmt: skip
    dicts = [node for node in ast.walk(found) if isinstance(node, ast.Dict)]
    return [[key.value for key in each.keys if isinstance(key, ast.Constant)] for each in dicts]


def head(path: Path) -> list[str]:
    with path.open(encoding="utf-8", newline="") as file:
        return next(csv.reader(file))


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> Path:
    """A folder with all that is written of a small class."""
    folder = tmp_path_factory.mktemp("grades")
    earned = tuple(Earned(each, "right", 1, 1) for each in LESSON)
    book = make_gradebook([Result("Anna Berg", "17", "graded", earned=earned)], LESSON)
    late = Adjustment("late", -0.5, "5 hours late")
    row = type(book.rows[0])(book.rows[0].result, book.rows[0].earned, (late,))
    book = override(type(book)(book.exercises, (row,)), [Override("Anna Berg", "1.1", 2, "said")])
    write_gradebook(book, folder)
    write_changes(find_changes(book, read_marks(folder)), folder)
    write_matches([Match("Anna Berg", "Bo", LESSON, 40)], folder / "similarity.csv")
    write_for("gradescope", book, [], folder)
    anonymise(book, b"secret", folder)
    with open_ledger(folder):
        pass
    return folder


def test_the_page_has_the_columns_that_are_written(written):
    """Each CSV file's head is the page's, in that order; of the exercises it names one."""
    for name in ("changes.csv", "similarity.csv", "names.csv"):
        assert named(name) == head(written / name), name
    found = head(written / "gradebook.csv")
    assert named("gradebook.csv") == [each for each in found if each not in LESSON[1:]]


def test_the_page_has_the_keys_that_are_written(written):
    """Each JSON file's keys are the page's."""
    book = json.loads((written / "gradebook.json").read_text(encoding="utf-8"))
    [student] = book["students"]
    results = json.loads((written / "results.json").read_text(encoding="utf-8"))
    assert set(named("gradebook.json")) == set(book)
    assert set(named("A student in gradebook.json")) == set(student)
    assert set(named("An exercise in gradebook.json")) == set(student["earned"][0])
    assert set(named("results.json")) == set(results)
    card = HERE / "mnist_lab" / "network" / "weights" / "card.json"
    assert named("A card, weights --json") == list(json.loads(card.read_text(encoding="utf-8")))
    Drawing.of([np.array([[0.2, 0.2], [0.8, 0.8]], np.float32)]).save(written / "line.json")
    [stroke] = json.loads((written / "line.json").read_text(encoding="utf-8"))["strokes"]
    assert named("A drawing, .json") == list(stroke)


def test_the_page_has_the_keys_that_are_printed():
    """So are those of what `read`, `run` and the pad say."""
    [read, *_] = [keys for keys in keys_of("reading/files.py", "to_dict") if "file" in keys]
    page, digit = sorted(keys_of("reading/page.py", "to_dict"), key=lambda keys: "text" not in keys)
    run = keys_of("experiment/result.py", "to_dict")[0]
    assert named("What read prints with --json") == read
    assert named("A digit in read --json") == digit and {"text", "lines"} <= set(page)
    assert set(named("run.json")) == set(run)
    export = (HERE / "mnist_lab" / "pad" / "widget.py").read_text(encoding="utf-8")
    arrays = re.search(r"savez_compressed\(draft, (.*)\)", export)
    assert arrays and named("What the pad keeps, .npz") == re.findall(r"(\w+)=", arrays[1])
    assert named("A collection, .npz") == ARRAY_NAMES


def test_the_page_has_the_ledgers_tables(written):
    """The tables and columns of the ledger are the page's."""
    ledger = sqlite3.connect(written / "grades.sqlite")
    section = FORMATS.partition("### grades.sqlite\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \|", section, re.MULTILINE)
    for table, columns in rows:
        found = [row[1] for row in ledger.execute(f"pragma table_info({table})")]
        assert re.findall(r"`(\w+)`", columns) == found
    assert len(rows) == 2
    ledger.close()


def test_the_page_has_the_heads_of_a_roster():
    """Each head by which a column of a roster is known, and no other."""
    section = FORMATS.partition("## What grade reads\n")[2].partition("\n### ")[0]
    rows = dict(re.findall(r"^\| the (\w+) \| (.*) \|$", section, re.MULTILINE))
    heads = {what: re.findall(r"`([^`]+)`", text) for what, text in rows.items()}
    assert heads == {
        "name": [*NAME, *FIRST, *LAST], "number": list(NUMBER), "login": list(LOGIN)
    }  # fmt: skip
    assert named("overrides.csv") == [each.name for each in fields(Override)]


def templates() -> list[list[str]]:
    """Every text in the package: its fixed parts, between what is filled in."""
    found = []
    for path in (HERE / "mnist_lab").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.append(re.split(r"\{[^{}]*\}", node.value))
            if isinstance(node, ast.JoinedStr):
                parts = [v.value if isinstance(v, ast.Constant) else "\0" for v in node.values]
                found.append("".join(map(str, parts)).split("\0"))
    return found


TEMPLATES = templates()
ALL_PARTS = "\n".join(part for each in TEMPLATES for part in each)
MESSAGES = re.findall(r"^\| `([^`]+)` \|", ERRORS, re.MULTILINE)


@pytest.mark.parametrize("message", MESSAGES)
def test_each_message_of_the_page_is_the_kits(message):
    """Its fixed parts stand in the code, or it is what some text in the code makes."""
    parts = [part.strip(" ():;,.") for part in message.split("...")]
    stands = all(part in ALL_PARTS for part in parts)
    made = any(
        sum(map(len, each)) >= MIN_LETTERS
        and re.fullmatch(".+?".join(map(re.escape, each)), message)
        for each in TEMPLATES
    )
    assert stands or made


def test_there_are_messages():
    """The page has some of each part of the command line."""
    assert len(MESSAGES) == len(set(MESSAGES)) > 40


def test_the_page_of_hostile_submissions_is_the_classes_own():
    """It is what the tool writes today, and every hostile student of the tests has a row."""
    page = make_hostile_submissions.PAGE.read_text(encoding="utf-8")
    assert page == make_hostile_submissions.render(), "python -m tools.make_hostile_submissions"
    for student in hostile({}, Path("/nowhere")):
        assert student.aims in make_hostile_submissions.AIMS, student.name
        assert page.count(f"| {student.name} |") == 1


def test_the_terms_plan_is_the_notebooks_own():
    """It is what the tool writes today."""
    page = make_term_plan.PAGE.read_text(encoding="utf-8")
    assert page == make_term_plan.render(), "python -m tools.make_term_plan"


@pytest.mark.parametrize("weeks", make_term_plan.PLANS)
def test_a_term_has_every_lesson_once_and_in_order(weeks):
    """However many weeks it has, nothing is lost, and all points are to be had."""
    lessons = make_term_plan.read_lessons()
    plan = make_term_plan.weeks_of(weeks, lessons)
    assert len(plan) == weeks and all(plan)
    numbers = [each.number for week in plan for each in week]
    assert numbers == list(range(len(lessons))) and len(lessons) == 14
    points = sum(each.points for week in plan for each in week)
    assert points == sum(each.points for each in all_exercises())


def test_a_student_is_run_again_by_name_or_number():
    """What `--plan` shows of somebody, their name and their number, is theirs for `--rerun`."""
    students = [
        ("Anna Berg (17)", "17"),
        ("Anna Berg (18)", "18"),
        ("Bo Ek (19)", "19"),
        ("Cy", ""),
    ]
    class_of = [Submission(name, number, (), (), "") for name, number in students]
    for asked, at in (("17", 0), ("Anna Berg (18)", 1), ("Bo Ek", 2), ("ek, bo", 2), ("Cy", 3)):
        assert find_students([asked], class_of) == [students[at][0]]
    with pytest.raises(ValueError, match="'Anna Berg' is several students here"):
        find_students(["Anna Berg"], class_of)


@pytest.mark.slow
def test_the_commands_of_the_first_class_say_what_the_page_says(tmp_path):
    """Run one after the other, in a new folder, each says its lines, but for the seconds."""
    page = make_first_class.PAGE.read_text(encoding="utf-8")
    now = make_first_class.render(page, tmp_path.resolve())
    assert _without_seconds(now) == _without_seconds(page), "python -m tools.make_first_class"
    feedback = {path.stem for path in (tmp_path / "grades" / "feedback").iterdir()}
    assert feedback == set(PEOPLE)
    with (tmp_path / "grades" / "moodle.csv").open(encoding="utf-8", newline="") as file:
        marks = {row["Full name"]: row["Grade"] for row in csv.DictReader(file)}
    assert marks == {"Ada Moreau": "100", "Ben Okafor": "75", "Chen Li": "90", "Dana Weiss": ""}


def _without_seconds(text: str) -> str:
    return re.sub(r", \d+ s$", ", N s", text, flags=re.MULTILINE)
