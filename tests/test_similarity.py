"""Suspiciously equal answers: found whatever they are dressed in, and proven of nobody else."""

import pytest
from submissions import write
from submissions.student import Student, saved, short

from mnist_lab.exercises import all_exercises, find
from mnist_lab.grading import SOLUTION, collect, find_matches
from mnist_lab.grading.similarity import tokens_of

OWN = "def my_counts(labels):\n    return [int((labels == d).sum()) for d in range(10)]"
DRESSED = "def my_counts(x):   # mine\n\n    return [ int((x==one).sum()) for one in range(10) ]"
OTHER = "def my_counts(labels):\n    return np.array([sum(labels == d) for d in range(10)])"


def _compare(folder, answers):
    write([Student(n, {"": saved(short({"1.3": a}))}) for n, a in answers.items()], folder)
    with collect(folder) as found:
        return [each for each in find_matches(found) if "1.3" in each.exercises]


def test_a_copy_is_found_in_other_clothes(tmp_path):
    """Spaces, comments and other names do not hide that two answers are one; a third is its own."""
    (found,) = _compare(tmp_path, {"Ann": OWN, "Bob": DRESSED, "Cem": OTHER})
    assert (found.student, found.other) == ("Ann", "Bob")


def test_what_many_write_is_not_suspicious(tmp_path):
    """An answer that more than four have suggests itself."""
    assert not _compare(tmp_path, {str(n): OWN for n in range(5)})


def test_the_published_solution_is_known(tmp_path):
    """Who hands it in stands beside it, not beside each other."""
    found = _compare(tmp_path, {name: find("1.3").solution for name in ("Ann", "Bob")})
    assert [(each.student, each.other) for each in found] == [("Ann", SOLUTION), ("Bob", SOLUTION)]


@pytest.mark.parametrize("exercise", all_exercises(), ids=lambda each: each.id)
def test_a_slip_is_not_the_solution(exercise):
    """Renaming keeps apart what is different: no known wrong answer reads as the right one."""
    right = tokens_of(exercise.solution, exercise)
    assert all(tokens_of(wrong.source, exercise) != right for wrong in exercise.misconceptions)


@pytest.mark.parametrize(
    "source",
    ["def my_counts(", "'''", "  x\n y", "\0", "(" * 5000, "é = \\", "\ud800 = 1", "\n" * 60_000],
)
def test_what_cannot_be_read_stops_nothing(source):
    """Text that is no Python has tokens, too, as far as they go."""
    assert isinstance(tokens_of(source, find("1.3")), tuple)
