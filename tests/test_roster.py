"""The roster: who is in the class, and whose a submission is."""

import csv
import io

import pytest

from mnist_lab.arrays import DataError
from mnist_lab.cli import main
from mnist_lab.grading import (
    Person,
    Result,
    make_gradebook,
    read_roster,
    seat,
    write_for,
    write_gradebook,
    write_pages,
)

OWN = "name,number\nAnna Berg,17\nBo Åkesson,18\n"
SEMICOLONS = "\ufeffName;Number\r\nAnna Berg;17\r\nBo Åkesson;18\r\n"
CANVAS = """Student,ID,SIS User ID,SIS Login ID,Section,Lesson 1 (99)
    Points Possible,,,,,8
"Berg, Anna",17,S1,aberg,A,
"Åkesson, Bo",18,S2,bo,A,
"Student, Test",,,,A,
"""
MOODLE = """Identifier,Full name,Email address,Status,Grade
Participant 17,Anna Berg,anna@school.example,,
Participant 18,Bo Åkesson,bo@school.example,,
"""
LESSON = ("1.1", "1.2")


def result(student, number="", status="graded"):
    return Result(student, number, status)


@pytest.mark.parametrize(
    "text", [OWN, SEMICOLONS, CANVAS, MOODLE], ids=["own", ";", "canvas", "moodle"]
)
@pytest.mark.parametrize(
    ("student", "number"),
    [
        ("Anna Berg (17)", "17"), ("berganna (17)", "17"), ("anna_berg", ""), ("Berg, Anna", ""),
        ("BERG anna", ""), ("somebody else (17)", "17"),
    ],
)  # fmt: skip
def test_a_submission_finds_its_person_by_number_else_by_name(tmp_path, text, student, number):
    """In each form of a roster, however the folder is called; the other one is missing."""
    (tmp_path / "roster.csv").write_text(text, encoding="utf-8")
    people = read_roster(tmp_path / "roster.csv").people
    assert [each.number for each in people] == ["17", "18"]
    seated, lines = seat([result(student, number)], people)
    assert [each.status for each in seated] == ["graded", "missing"] and not lines
    assert [each.number for each in seated] == ["17", "18"]


@pytest.mark.parametrize(
    ("students", "says"),
    [
        (["Kim"], "Kim could be several people"), (["Nobody"], "Nobody is not in the roster"),
        (["Anna Berg", "berganna"], "berganna is a second one of Anna Berg"),
    ],
)  # fmt: skip
def test_nothing_is_guessed_and_nobody_vanishes(students, says):
    """Who is ambiguous, unknown or there twice keeps a row of their own, and is told."""
    people = [Person("Anna Berg", "1"), Person("Kim", "2"), Person("Kim", "3")]
    seated, lines = seat([result(each) for each in students], people)
    assert lines == [says] and len(seated) == 4
    assert [each.student for each in seated[:3]] == ["Anna Berg", "Kim (2)", "Kim (3)"]
    assert seated[3].notes == (f"It {says.split(' ', len(students[-1].split()))[-1]}.",)


def test_what_was_not_marked_is_empty_and_not_0(tmp_path):
    """Missing, or failed by the grader's fault: an empty cell in each form that is imported."""
    people = [Person("A", "1"), Person("B", "2"), Person("C", "3")]
    seated, _ = seat([result("A"), result("B", status="failed")], people)
    book = make_gradebook(seated, LESSON)
    write_gradebook(book, tmp_path)
    for form in ("canvas", "moodle"):
        write_for(form, book, write_pages(book, tmp_path), tmp_path)
    read = {
        path.stem: list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"))))
        for path in tmp_path.glob("*.csv")
    }
    assert [row[-2] for row in read["gradebook"][1:]] == ["0", "", ""]
    assert [row[-1] for row in read["gradebook"][1:]] == ["graded", "failed", "missing"]
    assert [row[5] for row in read["canvas"][2:]] == ["0", "", ""]
    assert [row[2] for row in read["moodle"][1:]] == ["0", "", ""]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "names nobody"), (b"a,b\n1,2\n", "names nobody"), (b"name\n\xff\n", "is not UTF-8"),
        (b"name,id\nA,1\nB,1\n", "twice"), (b"name\nA\nA\n", "twice"), (None, "cannot be read"),
    ],
)  # fmt: skip
def test_a_roster_that_is_none_is_told_in_a_line(tmp_path, capsys, content, says):
    """Before anything is run."""
    path = tmp_path / "roster.csv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(DataError, match=says):
        read_roster(path)
    asked = ["grade", str(tmp_path), "--lesson", "1", "--out", str(tmp_path / "out")]
    assert main([*asked, "--roster", str(path)]) == 1
    assert capsys.readouterr().err.count("\n") == 1
