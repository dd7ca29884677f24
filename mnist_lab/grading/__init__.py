"""Rerun submissions, mark them in a clean process, and write the gradebook."""

from mnist_lab.grading.adjusting import (
    parse_due,
    parse_late,
    read_overrides,
    settle,
)
from mnist_lab.grading.batch import Again, Workers, grade_all, local_workers
from mnist_lab.grading.bwrap import NoSandbox, has_sandbox, unprotected
from mnist_lab.grading.changes import TOTAL, Change, find_changes, read_marks, write_changes
from mnist_lab.grading.cluster import dask_workers
from mnist_lab.grading.grade import Options, grade_one, look_into
from mnist_lab.grading.gradebook import (
    Gradebook,
    Row,
    job_summary,
    make_gradebook,
    write_gradebook,
)  # fmt: skip
from mnist_lab.grading.leftovers import clear_away
from mnist_lab.grading.lms import anonymise, anonymous_name, write_for
from mnist_lab.grading.pages import write_class, write_pages
from mnist_lab.grading.results import Earned, Ledger, Result, open_ledger
from mnist_lab.grading.roster import (
    Person,
    Roster,
    find_students,
    read_roster,
    seat,
    seated_names,
)  # fmt: skip
from mnist_lab.grading.similarity import SOLUTION, Match, find_matches, write_matches
from mnist_lab.grading.submissions import Submission, collect

__all__ = [
    "SOLUTION",
    "TOTAL",
    "Again",
    "Change",
    "Earned",
    "Gradebook",
    "Ledger",
    "Match",
    "NoSandbox",
    "Options",
    "Person",
    "Result",
    "Roster",
    "Row",
    "Submission",
    "Workers",
    "anonymise",
    "anonymous_name",
    "clear_away",
    "collect",
    "dask_workers",
    "find_changes",
    "find_matches",
    "find_students",
    "grade_all",
    "grade_one",
    "has_sandbox",
    "job_summary",
    "local_workers",
    "look_into",
    "make_gradebook",
    "open_ledger",
    "parse_due",
    "parse_late",
    "read_marks",
    "read_overrides",
    "read_roster",
    "seat",
    "seated_names",
    "settle",
    "unprotected",
    "write_changes",
    "write_class",
    "write_for",
    "write_gradebook",
    "write_matches",
    "write_pages",
]
