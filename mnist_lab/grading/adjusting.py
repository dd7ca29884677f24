"""What is taken off for late work, and what an instructor says instead of the grader."""

import csv
import io
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from mnist_lab.arrays import DataError, OptionError
from mnist_lab.files import StrPath
from mnist_lab.grading.gradebook import Adjustment, Gradebook, Row, make_gradebook
from mnist_lab.grading.results import Result
from mnist_lab.grading.roster import Person, Roster, find_people, seat

UNITS = {"minute": 60, "hour": 3600, "day": 86400, "week": 604800}
FREE = r"(?P<free>\d+(?:\.\d+)?) ?(?P<free_unit>minute|hour|day|week)s? free"
POLICY = re.compile(
    r"(?P<percent>\d+(?:\.\d+)?) ?% (?:a|an|per) (?P<unit>minute|hour|day|week)"
    rf"(?:, at most (?P<most>\d+(?:\.\d+)?) ?%)?(?:, {FREE})?"
)
EXPECTED = '"10% a day, at most 40%, 15 minutes free"'


@dataclass(frozen=True)
class LatePolicy:
    """How much late work loses: a share for each unit of time begun, up to a most."""

    due: datetime  # with its time zone
    share: float  # of the points earned, 0 to 1
    unit: float  # seconds
    most: float = 1.0
    free: float = 0.0  # seconds

    def lost(self, submitted: datetime, extension: timedelta = timedelta()) -> float:
        """The share of the points that is lost, 0 to `most`."""
        late = (submitted - self.due - extension).total_seconds()
        if late <= self.free:
            return 0.0
        return min(self.most, self.share * math.ceil(late / self.unit))


def parse_due(text: str) -> datetime:
    """A moment such as 2026-11-27, its end, or 2026-11-27T18:00+01:00; here's time without a zone.

    OptionError if it is none.
    """
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        expected = "2026-11-27, 2026-11-27T18:00 or 2026-11-27T18:00+01:00"
        raise OptionError(f"{text!r} is no time; expected such as {expected}") from None
    if re.fullmatch(r"[\d-]+", text.strip()):
        found += timedelta(days=1)
    return found if found.tzinfo else found.astimezone()


def parse_late(text: str, due: datetime) -> LatePolicy:
    """A policy such as "10% a day, at most 40%, 15 minutes free"; OptionError if it is none."""
    found = POLICY.fullmatch(text.strip())
    if not found:
        raise OptionError(f"{text!r}: no rule for late work; expected such as {EXPECTED}")
    most, free = float(found["most"] or 100) / 100, float(found["free"] or 0)
    free *= UNITS[found["free_unit"] or "minute"]
    return LatePolicy(due, float(found["percent"]) / 100, UNITS[found["unit"]], most, free)


def parse_extension(text: str, due: datetime) -> timedelta:
    """An extension as a roster has it, "2 days" or a moment; OptionError if it is neither."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?) ?(minute|hour|day|week)s?", text.strip())
    if found:
        return timedelta(seconds=float(found[1]) * UNITS[found[2]])
    return max(timedelta(), parse_due(text) - due) if text.strip() else timedelta()


def take_off_for_lateness(
    book: Gradebook, policy: LatePolicy, submitted: Sequence[datetime | None],
    extensions: Sequence[timedelta],
) -> Gradebook:  # fmt: skip
    """Give a line to each who was late: computed anew each time, from when it was handed in."""
    rows = []
    for row, when, more in zip(book.rows, submitted, extensions, strict=True):
        lost = policy.lost(when, more) if when and row.result.counts else 0.0
        if when and lost and row.earned_points:
            late = _in_words(when - policy.due - more)
            until = f", with an extension of {_in_words(more)}" if more else ""
            reason = f"{late} late{until}: {lost:.0%} of the points earned".replace("%", " %")
            off = Adjustment("late", round(-lost * row.earned_points, 2), reason)
            row = replace(row, adjustments=(*row.adjustments, off))  # noqa: PLW2901  anew
        rows.append(row)
    return replace(book, rows=tuple(rows))


def _in_words(span: timedelta) -> str:
    seconds = span.total_seconds()
    name = next((n for n, unit in reversed(UNITS.items()) if seconds >= unit), "minute")
    count = seconds / UNITS[name]
    return f"{count:.1f}".removesuffix(".0") + f" {name}{'s' * (round(count, 1) != 1)}"


@dataclass(frozen=True)
class Override:
    """What a student gets for an exercise, or in all, whatever was earned; and why."""

    student: str
    exercise: str  # its id, or "total"
    points: float
    reason: str


def read_overrides(path: StrPath) -> list[Override]:
    """Read overrides: CSV with the columns student, exercise, points and reason.

    DataError if it cannot be read, or if a line lacks something: none is left out silently.
    """
    try:
        text = Path(path).read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise DataError(f"{path}: is not UTF-8; save it as CSV UTF-8") from None
    found = []
    for number, line in enumerate(csv.DictReader(io.StringIO(text, newline="")), 2):
        cells = {(k or "").strip().casefold(): (v or "").strip() for k, v in line.items() if k}
        if not any(cells.values()):
            continue
        try:
            points = float(cells["points"])
            found.append(Override(cells["student"], cells["exercise"], points, cells["reason"]))
        except (KeyError, ValueError):
            points = -1.0
        if not math.isfinite(points) or points < 0 or not all(cells.values()):
            expected = "student, exercise (or total), points (0 or more) and reason"
            raise DataError(f"{path}, line {number}: expected {expected}, each filled in")
    return found


def override(book: Gradebook, overrides: Sequence[Override]) -> Gradebook:
    """Apply overrides, after everything else, each as a line of its own.

    DataError if a student or an exercise is not in the gradebook, or could be several.
    """
    people = [Person(row.result.student, row.result.number) for row in book.rows]
    rows = list(book.rows)
    ids = [exercise.id for exercise in book.exercises]
    for each in sorted(overrides, key=lambda one: one.exercise == "total"):
        found = find_people(each.student, each.student, people)
        if len(found) != 1:
            what = "several students" if found else "nobody in the gradebook"
            raise DataError(f"an override of {each.student!r} is for {what}")
        at = people.index(found[0])
        rows[at] = _override(rows[at], each, ids)
    return replace(book, rows=tuple(rows))


def _override(row: Row, by: Override, ids: Sequence[str]) -> Row:
    if by.exercise == "total":
        was, what = row.total, "total"
    elif by.exercise in ids:
        was, what = row.earned[ids.index(by.exercise)].points, f"exercise {by.exercise}"
    else:
        raise DataError(f"an override of {by.student!r} names no exercise graded: {by.exercise!r}")
    reason = f"{what} set to {by.points:g}, where it was {was:g}: {by.reason}"
    line = Adjustment("override", round(by.points - was, 2), reason)
    return replace(row, adjustments=(*row.adjustments, line))


def settle(
    results: Sequence[Result], graded: Sequence[str], roster: Roster | None = None,
    late: LatePolicy | None = None, overrides: Sequence[Override] = (),
) -> tuple[Gradebook, list[str]]:  # fmt: skip
    """Make the gradebook: everybody's row, what is late, and last what was said instead.

    Gives it with a line for each submission that is nobody's in the roster.
    """
    seated, strangers = seat(results, roster.people) if roster else (list(results), [])
    book = make_gradebook(seated, graded)
    if late:
        submitted = [
            datetime.fromisoformat(each.submitted) if each.submitted else None for each in seated
        ]
        more = _extensions(roster, late.due) if roster else []
        more += [timedelta()] * (len(seated) - len(more))
        book = take_off_for_lateness(book, late, submitted, more)
    return override(book, overrides), strangers


def _extensions(roster: Roster, due: datetime) -> list[timedelta]:
    column = roster.column("extension", "due", "extended until")
    if column is None:
        return []
    return [parse_extension(roster.rows[place][column], due) for place in roster.places]
