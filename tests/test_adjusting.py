"""Late work, overrides, what is run again, what has changed, and what goes back to the platforms."""

import csv
import io
import json
import zipfile
from datetime import UTC, datetime, timedelta

import pytest

from mnist_lab.arrays import DataError, OptionError
from mnist_lab.exercises import find
from mnist_lab.grading import (
    TOTAL,
    Again,
    Earned,
    Options,
    Result,
    anonymise,
    collect,
    find_changes,
    grade_all,
    open_ledger,
    parse_due,
    parse_late,
    read_marks,
    read_overrides,
    read_roster,
    settle,
    write_changes,
    write_for,
    write_gradebook,
    write_pages,
)  # fmt: skip
from mnist_lab.grading.adjusting import parse_extension

LESSON = ("1.1", "1.2")
DUE = datetime(2026, 11, 20, 18, tzinfo=UTC)
RULE = "10% a day, at most 40%, 15 minutes free"
CANVAS = """Student,ID,SIS User ID,SIS Login ID,Section,Lesson 1 (99),Other (5)
    Points Possible,,,,,10,3
"Berg, Anna",17,S1,aberg,A,,1
"Ek, Bo",18,S2,bo,A,,2
"""
MOODLE = """Identifier,Full name,Email address,Status,Grade,Maximum grade,Last modified (grade),Feedback comments
Participant 17,Anna Berg,a@x.example,,,100,-,
Participant 18,Bo_Ek,b@x.example,,,100,-,
"""


def result(student="Anna Berg", number="17", points=(1, 0.5), late=None):
    """A result of the two exercises, which are worth 1 and 1."""
    earned = tuple(
        Earned(key, "right" if p == 1 else "wrong", p, find(key).points, "Look again.")
        for key, p in zip(LESSON, points, strict=True)
    )
    submitted = (DUE + late).isoformat() if late is not None else ""
    return Result(student, number, "graded", (), earned, submitted=submitted)


def rows_of(path):
    return list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"))))


@pytest.mark.parametrize(
    ("late", "lost"),
    [
        (timedelta(hours=-5), 0), (timedelta(), 0), (timedelta(minutes=15), 0),
        (timedelta(minutes=16), 0.1), (timedelta(days=1), 0.1), (timedelta(days=1, seconds=1), 0.2),
        (timedelta(days=30), 0.4), (None, 0),
    ],
)  # fmt: skip
def test_each_day_begun_costs_its_share_up_to_the_most(late, lost):
    """After the minutes that are free; who has no time on it loses nothing."""
    book, _ = settle([result(late=late)], LESSON, late=parse_late(RULE, DUE))
    [row] = book.rows
    assert row.total == pytest.approx(1.5 * (1 - lost)) and row.earned_points == 1.5
    assert bool(row.adjustments) == bool(lost)


def test_a_penalty_goes_away_with_the_rule_and_with_an_extension(tmp_path):
    """It is computed anew each time, from the time and the roster's own extension."""
    (tmp_path / "r.csv").write_text("name,number,extension\nAnna Berg,17,2 days\nBo Ek,18,\n")
    roster, rule = read_roster(tmp_path / "r.csv"), parse_late(RULE, DUE)
    results = [result(late=timedelta(days=2)), result("Bo Ek", "18", late=timedelta(days=2))]
    book, _ = settle(results, LESSON, roster, rule)
    assert [row.total for row in book.rows] == [1.5, 1.2]
    assert book.rows[1].adjustments[0].reason == "2 days late: 20 % of the points earned"
    assert [row.total for row in settle(results, LESSON, roster)[0].rows] == [1.5, 1.5]


@pytest.mark.parametrize(
    "text", ["", "10%", "ten % a day", "10% a day, 15 minutes", "10% a fortnight"]
)
def test_a_rule_or_a_time_that_is_none_is_told(text):
    """With an example of what is expected."""
    with pytest.raises(OptionError, match="expected such as"):
        parse_late(text, DUE)
    with pytest.raises(OptionError, match="expected such as 2026-11-27"):
        parse_due(text)


def test_a_day_ends_at_midnight_and_an_extension_is_a_span_or_a_moment():
    """A due date without a time is that day's end."""
    assert parse_due("2026-11-20") == parse_due("2026-11-21T00:00")
    assert parse_due("2026-11-20T18:00+00:00") == DUE
    assert parse_extension("3 days", DUE) == parse_extension("2026-11-23T18:00+00:00", DUE)
    assert not parse_extension("", DUE) and not parse_extension("2026-11-01", DUE)


OVERRIDES = "student,exercise,points,reason\nAnna Berg,1.2,1,a good idea\n18,total,0,spoke of it\n"


def test_overrides_come_last_and_never_silently(tmp_path):
    """Of an exercise and of a total, by name or number, after lateness, each with its reason."""
    (tmp_path / "o.csv").write_text(OVERRIDES)
    results = [result(late=timedelta(days=1)), result("Bo Ek", "18")]
    overrides = read_overrides(tmp_path / "o.csv")
    book, _ = settle(results, LESSON, late=parse_late(RULE, DUE), overrides=overrides)
    assert [row.total for row in book.rows] == [1.85, 0]
    said = [line.reason for row in book.rows for line in row.adjustments]
    assert said[1:] == [
        "exercise 1.2 set to 1, where it was 0.5: a good idea",
        "total set to 0, where it was 1.5: spoke of it",
    ]
    pages = write_pages(book, tmp_path)
    assert "a good idea" in pages[0].read_text(encoding="utf-8")
    write_gradebook(book, tmp_path)
    assert rows_of(tmp_path / "gradebook.csv")[0][3:5] == ["late", "override"]


def test_an_override_gives_a_mark_to_who_handed_in_nothing(tmp_path):
    """A missing student's total is empty, until somebody says what it is."""
    (tmp_path / "o.csv").write_text("student,exercise,points,reason\nAnna Berg,total,2,shown me\n")
    missing = Result("Anna Berg", "17", "missing")
    assert settle([missing], LESSON)[0].rows[0].mark == ""
    book, _ = settle([missing], LESSON, overrides=read_overrides(tmp_path / "o.csv"))
    assert book.rows[0].mark == "2"


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("Nobody,1.2,1,x", "nobody in the gradebook"), ("Anna Berg,9.9,1,x", "no exercise graded"),
        ("Anna Berg,1.2,,x", "line 2: expected"), ("Anna Berg,1.2,-1,x", "line 2: expected"),
        ("Anna Berg,1.2,1,", "line 2: expected"), ("Anna Berg,1.2,nan,x", "line 2: expected"),
    ],
)  # fmt: skip
def test_an_override_that_cannot_be_applied_is_told(tmp_path, line, says):
    """None is left out silently."""
    (tmp_path / "o.csv").write_text(f"student,exercise,points,reason\n{line}\n")
    with pytest.raises(DataError, match=says):
        settle([result()], LESSON, overrides=read_overrides(tmp_path / "o.csv"))


@pytest.fixture
def book(tmp_path):
    """Two students in Canvas' or Moodle's own export."""

    def make(text):
        (tmp_path / "roster.csv").write_text(text, encoding="utf-8")
        roster = read_roster(tmp_path / "roster.csv")
        return roster, settle([result(), result("x", "18", (0, 0))], LESSON, roster)[0]

    return make


def test_canvas_gets_its_own_export_back_with_one_column_filled(book, tmp_path):
    """Heads, rows and the other column as they were; the total scaled to the points possible."""
    roster, made = book(CANVAS)
    write_for("canvas", made, [], tmp_path, roster, column="Lesson 1")
    before, after = rows_of(tmp_path / "roster.csv"), rows_of(tmp_path / "canvas.csv")
    assert [row[5] for row in after] == ["Lesson 1 (99)", "10", "7.5", "0"]
    assert [row[:5] + row[6:] for row in after] == [row[:5] + row[6:] for row in before]
    with pytest.raises(OptionError, match=r"has: Lesson 1 \(99\), Other \(5\)"):
        write_for("canvas", made, [], tmp_path, roster, column="Lesson 2")


def test_moodle_gets_its_worksheet_back_with_marks_and_words(book, tmp_path):
    """Identifier, Grade and the time, as the importer wants them; scaled to the maximum grade."""
    roster, made = book(MOODLE)
    pages = write_pages(made, tmp_path)
    write_for("moodle", made, pages, tmp_path, roster)
    head, *rows = rows_of(tmp_path / "moodle.csv")
    assert head == rows_of(tmp_path / "roster.csv")[0]
    assert [row[head.index("Grade")] for row in rows] == ["75", "0"]
    assert "1.2" in rows[0][head.index("Feedback comments")]
    assert all(datetime.fromisoformat(row[head.index("Last modified (grade)")]) for row in rows)
    inside = zipfile.ZipFile(tmp_path / "moodle_feedback.zip").namelist()
    assert inside == ["Anna Berg_17_assignfeedback_file_/feedback.html",
                      "Bo Ek_18_assignfeedback_file_/feedback.html"]  # fmt: skip


@pytest.mark.parametrize("name", ["Bo_Ek_99", "a/b", "../x", ".hidden", "~x", "_"])
def test_moodle_finds_each_ones_folder(tmp_path, name):
    """By its importer's rule: the number is what stands between the first two underscores."""
    book, _ = settle([result(name, "18")], LESSON)
    write_for("moodle", book, write_pages(book, tmp_path), tmp_path)
    [path] = zipfile.ZipFile(tmp_path / "moodle_feedback.zip").namelist()
    folder, _, file = path.partition("/")
    parts = folder.split("_", 4)
    assert parts[1:] == ["18", "assignfeedback", "file", ""] and file == "feedback.html"


def test_gradescope_gets_the_score_of_each_test(tmp_path):
    """results.json of one submission; a file each of several, and no score where there is none."""
    book, _ = settle([result()], LESSON)
    write_for("gradescope", book, [], tmp_path)
    found = json.loads((tmp_path / "results.json").read_text())
    assert found["score"] == 1.5 and [t["score"] for t in found["tests"]] == [1, 0.5]
    book, _ = settle([result(), Result("B", "", "failed")], LESSON)
    write_for("gradescope", book, [], tmp_path)
    assert "score" not in json.loads((tmp_path / "gradescope" / "0002.json").read_text())


def test_without_an_export_marks_can_be_scaled(tmp_path):
    """Both forms, with as many points as they say."""
    book, _ = settle([result()], LESSON)
    for form in ("canvas", "moodle"):
        write_for(form, book, write_pages(book, tmp_path), tmp_path, points=100)
    assert rows_of(tmp_path / "canvas.csv")[1:] == [
        ["    Points Possible", "", "", "", "", "100"], ["Anna Berg", "17", "", "", "", "75"],
    ]  # fmt: skip
    assert rows_of(tmp_path / "moodle.csv")[1][2:4] == ["75", "100"]


def test_no_name_is_in_what_is_written_anonymously(tmp_path):
    """But in names.csv; the same name has the same number again, without the secret another."""
    book, _ = settle([result(), result("Bo Ek", "18")], LESSON)
    hidden = anonymise(book, b"s", tmp_path)
    write_gradebook(hidden, tmp_path / "out")
    write_pages(hidden, tmp_path / "out")
    for path in (tmp_path / "out").rglob("*.*"):
        assert not {"Anna", "Bo Ek"} & set(path.read_text(encoding="utf-8").split()), path
    names = dict(rows_of(tmp_path / "names.csv")[1:])
    assert sorted(names.values()) == ["Anna Berg", "Bo Ek"]
    assert (
        anonymise(book, b"s", tmp_path).rows == hidden.rows != anonymise(book, b"t", tmp_path).rows
    )


def test_changes_say_whose_marks_moved_and_why(tmp_path):
    """Nothing at first; then exercises, totals, penalties that came and went."""
    first, _ = settle([result(), result("Bo Ek", "18")], LESSON)
    assert find_changes(first, read_marks(tmp_path)) == []
    write_gradebook(first, tmp_path)
    late = settle([result(points=(1, 1)), result("Bo Ek", "18", late=timedelta(days=1))], LESSON,
                  late=parse_late(RULE, DUE))[0]  # fmt: skip
    found = find_changes(late, read_marks(tmp_path), why="run again")
    assert [each.student for each in found if each.what == TOTAL] == ["Anna Berg", "Bo Ek"]
    write_changes(found, tmp_path)
    rows = rows_of(tmp_path / "changes.csv")
    assert rows[1][:4] == ["Anna Berg", "1.2", "0.5", "1"] and rows[1][4] == "run again"
    assert rows[3][:4] == ["Bo Ek", "late", "", "-0.15"]
    write_gradebook(late, tmp_path)
    gone = find_changes(first, read_marks(tmp_path))
    assert any(each.why.startswith("no longer: 1 day late") for each in gone)


@pytest.fixture
def class_of(tmp_path):
    """Three students, graded by workers that count what they are given."""
    for name in ("anna", "bert", "carl"):
        (tmp_path / "class" / name).mkdir(parents=True)
        (tmp_path / "class" / name / "a.ipynb").write_text("{}")
    asked, worth = [], {"1.1": 0.0, "1.2": 1.0}

    def workers(todo, options, started):
        for each in todo:
            started(each.student)
            asked.append((each.student, options.only))
            earned = tuple(Earned(key, "right", worth[key], 1) for key in options.only)
            yield Result(each.student, "", "graded", (), earned)

    def go(**again):
        asked.clear()
        with collect(tmp_path / "class") as found, open_ledger(tmp_path / "out") as ledger:
            results = grade_all(
                found, Options(b"s", LESSON), ledger, workers=workers, again=Again(**again)
            )
        return list(asked), {each.student: each.points for each in results}

    go()
    return go, worth


@pytest.mark.parametrize(
    ("again", "asked", "points"),
    [
        ({"students": frozenset({"bert"})}, [("bert", LESSON)], [1, 2, 1]),
        ({"exercises": ("1.1",)}, [(name, ("1.1",)) for name in ("anna", "bert", "carl")], [2, 2, 2]),
        ({"students": frozenset({"carl"}), "exercises": ("1.1",)}, [("carl", ("1.1",))], [1, 1, 2]),
    ],
)  # fmt: skip
def test_only_what_is_named_is_run_again_and_the_rest_stays(class_of, again, asked, points):
    """Of a student, of an exercise, of both; the results are merged, and kept."""
    go, worth = class_of
    worth["1.1"] = 1.0
    assert go() == ([], {"anna": 1, "bert": 1, "carl": 1})
    assert go(**again) == (asked, dict(zip(("anna", "bert", "carl"), points, strict=True)))
    assert go() == ([], dict(zip(("anna", "bert", "carl"), points, strict=True)))
