"""Rerun submissions, mark them in a clean process, and write the gradebook."""

from mnist_lab.grading.batch import Workers, grade_all, local_workers
from mnist_lab.grading.bwrap import NoSandbox, has_sandbox, unprotected
from mnist_lab.grading.cluster import dask_workers
from mnist_lab.grading.grade import Options, grade_one, look_into
from mnist_lab.grading.gradebook import (
    Gradebook,
    Row,
    job_summary,
    make_gradebook,
    write_gradebook,
)  # fmt: skip
from mnist_lab.grading.pages import write_pages
from mnist_lab.grading.results import Earned, Ledger, Result, open_ledger
from mnist_lab.grading.roster import Person, read_roster, seat
from mnist_lab.grading.similarity import SOLUTION, Match, find_matches, write_matches
from mnist_lab.grading.submissions import Submission, collect

__all__ = [
    "SOLUTION",
    "Earned",
    "Gradebook",
    "Ledger",
    "Match",
    "NoSandbox",
    "Options",
    "Person",
    "Result",
    "Row",
    "Submission",
    "Workers",
    "collect",
    "dask_workers",
    "find_matches",
    "grade_all",
    "grade_one",
    "has_sandbox",
    "job_summary",
    "local_workers",
    "look_into",
    "make_gradebook",
    "open_ledger",
    "read_roster",
    "seat",
    "unprotected",
    "write_gradebook",
    "write_matches",
    "write_pages",
]
