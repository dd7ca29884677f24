"""What is known of a graded submission, all of it plain data, and the one file that keeps it."""

import json
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from mnist_lab.arrays import DataError
from mnist_lab.files import StrPath, cannot_write
from mnist_lab.grading.submissions import LEDGER

Status = Literal["graded", "stopped", "unreadable", "nothing found", "failed", "missing"]
LOCKED_SECONDS = 60.0  # that another grading may keep it
WAYS_OUT = {  # by a part of what SQLite says
    "locked": "another grading writes there: wait for it, or give another --out",
    "readonly": "let it be written, or give another --out",
    "unable to open": "let it be read and written, or give another --out",
    "full": "make room on the disk, and go on with the same command",
}
TABLES = """
create table if not exists results (student text primary key, key text, result text, ended text);
create table if not exists kept (name text primary key, value blob);
"""


@dataclass(frozen=True)
class Earned:
    """What one exercise earned: its verdict, the points of so many, and why.

    `error` is what the student's own cell raised, if it did; `example` a public call that the
    answer gets wrong, without what it gave.
    """

    id: str
    verdict: str
    points: float
    max_points: int
    message: str = ""
    error: str = ""
    example: str = ""

    @property
    def lesson(self) -> int:
        """The number of the exercise's lesson."""
        return int(self.id.split(".")[0])


@dataclass(frozen=True)
class Result:
    """What is known of one submission.

    It is stopped if the kernel ended before the notebook did, and failed by the grader's own
    fault: then the student is to be graded again. Missing is who is in the roster, and has handed
    in nothing. A retried one ran out of wall-clock time beside others, and was run again alone.
    """

    student: str  # as in the submission
    number: str
    status: Status
    notes: tuple[str, ...] = ()  # what was out of the ordinary
    earned: tuple[Earned, ...] = ()  # of the exercises that were found, in the order of the course
    seconds: float = 0.0  # how long it took
    digest: str = ""  # the SHA-256 of what was handed in
    submitted: str = ""  # when it was handed in, ISO 8601 with its zone; "" where nothing says it
    retried: bool = False

    @property
    def counts(self) -> bool:
        """Whether there is a mark: not for what failed by the grader's fault, nor for nothing."""
        return self.status not in {"failed", "missing"}

    @property
    def points(self) -> float:
        """All points earned."""
        return round(sum(each.points for each in self.earned), 2)


class Ledger:
    """Results by student, each written as it comes; a cut of the power loses none of them.

    DataError, a line with the way out, from whatever SQLite cannot do.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._asked():
            self._connection = sqlite3.connect(path, timeout=LOCKED_SECONDS)
            self._connection.executescript(TABLES)

    def close(self) -> None:
        """End all use of the file."""
        self._connection.close()

    @contextmanager
    def _asked(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            way_out = next((out for sign, out in WAYS_OUT.items() if sign in str(error)), "")
            way_out = way_out or "take it away, and everybody is graded anew"
            raise DataError(f"{self._path}: cannot be used ({error}); {way_out}") from None

    def add(self, result: Result, key: str) -> None:
        """Keep a result, in the place of what was known of the student before."""
        row = (result.student, key, json.dumps(asdict(result)))
        query = "insert or replace into results values (?, ?, ?, datetime('now'))"
        with self._asked(), self._connection:
            self._connection.execute(query, row)

    def known(self, student: str, key: str) -> Result | None:
        """The student's result, if it was made of just this; else None."""
        made_of, result = self.latest(student)
        return result if made_of == key else None

    def latest(self, student: str) -> tuple[str, Result | None]:
        """The key and the result that were last added for a student; "" and None without one."""
        query = "select key, result from results where student = ?"
        with self._asked():
            row = self._connection.execute(query, (student,)).fetchone()
        try:
            found = json.loads(row[1]) if row else {}
            earned = tuple(Earned(**each) for each in found["earned"])
            return row[0], Result(**{**found, "notes": tuple(found["notes"]), "earned": earned})
        except (KeyError, TypeError, ValueError):  # none, or one of another edition
            return "", None

    def secret(self) -> bytes:
        """A secret of this folder's own, for who gives none."""
        query = "select value from kept where name = 'secret'"
        with self._asked(), self._connection:
            new = ("secret", secrets.token_bytes(32))
            self._connection.execute("insert or ignore into kept values (?, ?)", new)
            (secret,) = self._connection.execute(query).fetchone()
        return bytes(secret)


@contextmanager
def open_ledger(folder: StrPath) -> Iterator[Ledger]:
    """Open the ledger in a folder; both are made if they are not there.

    CannotWrite if the folder cannot be made, DataError if what is there is no ledger, or another
    program keeps it.
    """
    folder = Path(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise cannot_write(folder, error) from None
    ledger = Ledger(folder / LEDGER)
    try:
        yield ledger
    finally:
        ledger.close()
