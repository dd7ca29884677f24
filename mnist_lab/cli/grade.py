"""`mnist-lab grade`: a class rerun and marked, with its progress on the terminal."""

import argparse
import os
import re
import signal
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mnist_lab.cli.arguments import add_command, add_data, number_to, positive
from mnist_lab.cli.console import (
    EXIT_BELOW_MIN,
    EXIT_ERROR,
    EXIT_INTERRUPTED,
    EXIT_OK,
    Screen,
    complain,
    make_console,
    say,
    tell,
)

if TYPE_CHECKING:
    from rich.console import Console

    from mnist_lab.grading import Change, Gradebook, Match, Options, Result, Roster, Submission


LAYOUTS = """\
SUBMISSIONS is a folder with a folder or a notebook per student, as Moodle, Canvas, Blackboard,
Google Classroom and GitHub Classroom export them, a zip of that, or one notebook. Of several
notebooks of one student the best answer to each exercise counts.

What runs again: the same command runs what has changed since (a submission, an exercise, the kit,
--timeout, --memory, what is graded, the secret), what failed by the grader's fault, and nothing
else; --rerun and --exercise run that alone. Late work and overrides are computed anew each time.

Exit status: 0 done, 1 cannot, or the grader has failed somebody, 2 usage, 3 below --min-score,
130 stopped by Ctrl-C; the same command goes on.
"""


def add_to(commands: Any) -> None:
    """Add the command with its options."""
    grade = add_command(
        commands, "grade", _grade, "rerun submissions, mark them, write a gradebook"
    )
    grade.formatter_class = argparse.RawDescriptionHelpFormatter
    grade.epilog = LAYOUTS
    add = grade.add_argument
    # fmt: off
    add("submissions", type=Path, metavar="SUBMISSIONS",
        help="a folder with a folder or a notebook per student, a zip of it, or one notebook")
    add("--out", type=Path, metavar="DIR", required=True, help="where the gradebook goes")
    add("--lesson", type=_lessons, metavar="3",
        help="what is graded: the exercises of a lesson, of several (1,3-5), or of all")
    add("--only", type=_exercises, default=(), metavar="3.2,3.4",
        help="grade these exercises, or of the lessons these alone")
    add("--exclude", type=_exercises, default=(), metavar="3.1",
        help="and of all these not")
    add("--plan", action="store_true", help="list who and what was found, and run nothing")
    add("--roster", type=Path, metavar="CSV",
        help="who is in the class, also as Canvas or Moodle export it: everybody gets a row")
    add("--attempt", choices=["last", "first", "best"], default="last",
        help="which of somebody's attempts counts, where there are several; default: last")
    add("--due", metavar="TIME", help="when it was to be handed in: 2026-11-27, or with T18:00")
    add("--late", metavar="RULE", help="such as '10%% a day, at most 40%%, 15 minutes free': what "
        "late work loses; the roster's column extension, '2 days' or a time, is somebody's own")
    add("--overrides", type=Path, metavar="CSV",
        help="student, exercise or total, points, reason: applied last, shown in the feedback")
    add("--rerun", action="append", default=[], metavar="NAME",
        help="run this student's work again, and nobody else's; may be given several times")
    add("--exercise", type=_exercises, default=(), metavar="3.2",
        help="run these exercises again, and no others; the gradebook is merged")
    add("--jobs", type=positive, default=2, metavar="N", help="kernels at a time; default: 2")
    add("--timeout", type=positive, default=120, metavar="S",
        help="seconds of processor time for one cell, twice as many by the clock; a notebook gets "
        "five times as many, all of a submission's ten times; default: 120")
    add("--memory", type=positive, default=3072, metavar="MB",
        help="for each kernel and all it starts; default: 3072")
    add("--secret-file", type=Path, metavar="F",
        help="the secret that hidden inputs are made from; default: a random one, kept in DIR")
    add("--require-sandbox", action="store_true", help="refuse to run without a sandbox")
    add("--format", choices=["canvas", "moodle", "gradescope"],
        help="also write what these import; with their own export as roster, that filled in")
    add("--column", default="", metavar="HEAD",
        help="which column of that export the marks go to, by the beginning of its head")
    add("--points", type=positive, metavar="N",
        help="what all points are worth there; default: what the export says, else as they are")
    add("--anonymous", action="store_true",
        help="no names in what is written, but in names.csv, which says whose each row is")
    add("--min-score", type=number_to(100), default=0.0, metavar="P",
        help="exit with 3 if a submission has less than P percent of the points")
    add("--similarity", action="store_true",
        help="also list students with the same answers; answers under 12 tokens, or shared by "
        "more than four students, are ignored")
    add("--allow-unsandboxed", action="store_true",
        help="let workers of the cluster that have no sandbox run students' code as themselves")
    add("--cluster", metavar="ADDRESS", help="grade on the Dask cluster with this scheduler")
    # fmt: on
    add_data(grade)


def _exercises(text: str) -> tuple[str, ...]:
    from mnist_lab.exercises import all_exercises

    named = tuple(part.strip() for part in text.split(",") if part.strip())
    unknown = set(named) - {exercise.id for exercise in all_exercises()}
    if unknown or not named:
        raise argparse.ArgumentTypeError(f"expected exercises such as 3.2,3.4, got {text!r}")
    return named


def _lessons(text: str) -> tuple[str, ...]:
    """The exercises of the lessons that a text names."""
    from mnist_lab.exercises import all_exercises

    known = {each.lesson for each in all_exercises()}
    spans = [re.fullmatch(r"(\d{1,3})(?:-(\d{1,3}))?", part.strip()) for part in text.split(",")]
    ranges = [range(int(s[1]), int(s[2] or s[1]) + 1) for s in spans if s]
    wanted = known if text.strip() == "all" else {n for each in ranges for n in each}
    if not wanted or wanted - known or (wanted != known and not all(spans)):
        message = f"expected 3, or 1,3-5, or all, up to {max(known)}, got {text!r}"
        raise argparse.ArgumentTypeError(message)
    return tuple(e.id for e in all_exercises() if e.lesson in wanted)


def _chosen(args: argparse.Namespace) -> tuple[str, ...]:
    """The exercises that are graded: the instructor's choice, whatever is handed in."""
    from mnist_lab.arrays import OptionError
    from mnist_lab.exercises import all_exercises

    if not (args.lesson or args.only):
        raise OptionError("what is graded? Name it: --lesson 3, or --only 3.2,3.4, or --lesson all")
    within = args.lesson or args.only
    of = {e for e in within if not args.only or e in args.only} - set(args.exclude)
    if not of:
        raise OptionError("nothing is left to grade: --only or --exclude leave no exercise")
    return tuple(e.id for e in all_exercises() if e.id in of)


def _grade(args: argparse.Namespace) -> int:
    from mnist_lab import grading
    from mnist_lab.arrays import OptionError

    console = make_console(quiet_stdout=False)
    chosen = _chosen(args)
    roster = grading.read_roster(args.roster) if args.roster else None
    overrides = grading.read_overrides(args.overrides) if args.overrides else []
    if bool(args.late) != bool(args.due):
        raise OptionError("--due says when, --late what it costs: both are needed")
    late = grading.parse_late(args.late, grading.parse_due(args.due)) if args.late else None
    if args.plan:
        with grading.collect(args.submissions, args.attempt, out=args.out) as found:
            return _show_plan(found, roster, set(chosen))
    grading.clear_away()
    _end_as_by_ctrl_c()
    secret = _secret(args, console)
    if not grading.has_sandbox(required=args.require_sandbox):
        say(console, grading.unprotected())
    options = grading.Options(
        secret=secret, only=chosen, timeout=args.timeout, memory=args.memory,
        data=args.data, require_sandbox=args.require_sandbox,
        allow_unsandboxed=args.allow_unsandboxed,
    )  # fmt: skip
    with grading.collect(args.submissions, args.attempt, out=args.out) as found:
        try:
            results = _run(found, options, args, console)
        except Stopped as stopped:
            print(f"\nmnist-lab: stopped; {stopped}", file=sys.stderr)
            return EXIT_INTERRUPTED
        book, strangers = grading.settle(results, chosen, roster, late, overrides)
        shown = book
        if args.anonymous:
            with grading.open_ledger(args.out) as ledger:
                secret = secret or ledger.secret()
            shown = grading.anonymise(book, secret, args.out)
        changes = _write(shown, args, console, roster)
        if args.similarity:  # last: it takes its time, and the gradebook does not wait for it
            names = grading.seated_names(results, roster.people if roster else ())
            if args.anonymous:
                names = {each: grading.anonymous_name(names[each], secret) for each in names}
            matches = grading.find_matches(found, names)
            _show_matches(console, matches, args.out / "similarity.csv")
            grading.write_class(shown, args.out, changes=changes, matches=matches)
    for line in strangers:
        complain(line)
    return _judge(book, args.min_score)


def _end_as_by_ctrl_c() -> None:
    """Let TERM and HUP end the grading as Ctrl-C does: what is done is kept, nothing is left."""

    def interrupt(*_: object) -> None:
        signal.raise_signal(signal.SIGINT)

    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name) and threading.current_thread() is threading.main_thread():
            signal.signal(getattr(signal, name), interrupt)


class Stopped(Exception):
    """Ctrl-C came; its text says what is kept."""


def _run(
    found: "list[Submission]", options: "Options", args: argparse.Namespace, console: "Console"
) -> "list[Result]":
    """Grade what the ledger does not know yet, with the progress on the terminal."""
    from mnist_lab import grading

    workers = (
        grading.dask_workers(args.cluster) if args.cluster else grading.local_workers(args.jobs)
    )
    names = grading.find_students(args.rerun, found)
    again = grading.Again(frozenset(names), tuple(args.exercise))
    with grading.open_ledger(args.out) as ledger:
        try:
            with GradingScreen(console) as screen:
                return grading.grade_all(
                    found, options, ledger, workers=workers, again=again, progress=screen
                )
        except KeyboardInterrupt:
            kept = f"{screen.done} of {len(found)} are kept, and the same command goes on"
            raise Stopped(kept) from None


def _secret(args: argparse.Namespace, console: "Console") -> bytes:
    from mnist_lab.arrays import DataError

    try:
        secret: bytes = args.secret_file.read_bytes().strip() if args.secret_file else b""
    except OSError as error:
        raise DataError(f"{args.secret_file}: cannot be read ({error.strerror})") from None
    if args.secret_file and not secret:
        say(console, f"{args.secret_file} is empty: a random secret is kept in {args.out}")
    return secret


def _write(
    book: "Gradebook", args: argparse.Namespace, console: "Console", roster: "Roster | None"
) -> "list[Change]":
    """Write all that a gradebook is, and say where; give what has changed since the last one."""
    from mnist_lab import grading

    before = grading.read_marks(args.out)
    why = "run again" if args.rerun or args.exercise else ""
    changes = grading.find_changes(book, before, why=why)
    grading.write_gradebook(book, args.out)
    pages = grading.write_pages(book, args.out, changes=changes)
    grading.write_for(
        args.format, book, pages, args.out, roster, column=args.column, points=args.points
    )
    grading.write_changes(changes, args.out)
    if os.environ.get("GITHUB_STEP_SUMMARY"):
        with Path(os.environ["GITHUB_STEP_SUMMARY"]).open("a", encoding="utf-8") as file:
            file.write(grading.job_summary(book))
    moved = sum(each.what == grading.TOTAL for each in changes)
    if before and moved:
        say(console, f"{moved} totals have moved: {(args.out / 'changes.csv').resolve()}")
    say(console, f"The gradebook, of {book.max_points} points: {args.out.resolve()}", whole=True)
    return changes


def _judge(book: "Gradebook", min_score: float) -> int:
    """Name those whom the grader has failed, and those below a share of the points in percent."""
    failed = [row.result for row in book.rows if row.result.status == "failed"]
    for result in failed:
        complain(f"{result.student}: {result.notes[0]}")
    bound = min_score / 100 * book.max_points
    marked = [row for row in book.rows if row.result.status != "failed"]
    below = [row.result.student for row in marked if row.total < bound]
    if below:
        names = ", ".join(below[:5]) + ", ..." * (len(below) > 5)
        complain(f"below {min_score:g} %: {names}")
    return EXIT_ERROR if failed else EXIT_BELOW_MIN if below else EXIT_OK


def _show_plan(found: "list[Submission]", roster: "Roster | None", chosen: set[str]) -> int:
    """Print a line for each who would be graded, with their notebooks and exercises."""
    from mnist_lab import grading

    results = []
    for each in found:
        books, exercises = grading.look_into(each)
        asked = len(exercises & chosen)
        what = "; ".join(books) or "no notebook"
        results.append(grading.Result(each.student, each.number, "graded", (what, f"{asked}")))
    lines: list[str] = []
    if roster:
        results, lines = grading.seat(results, roster.people)
    for row in results:
        what, asked_of = row.notes[:2] if row.notes else ("nothing handed in", "0")
        number = f"  {row.number}" if row.number else ""
        tell(f"{row.student}{number}  {what}  {asked_of} of {len(chosen)} exercises")
    for line in lines:
        complain(line)
    print(f"{len(found)} submissions; nothing was run.")
    return EXIT_OK


def _show_matches(console: "Console", found: "list[Match]", path: Path) -> None:
    from mnist_lab import grading

    grading.write_matches(found, path)
    pairs = [each for each in found if each.other != grading.SOLUTION]
    for each in pairs[:10]:
        say(console, f"the same: {each.student} and {each.other}, {', '.join(each.exercises)}")
    say(console, f"Pairs with the same answers: {len(pairs)}; {len(found) - len(pairs)} students "
                  f"with the published solution's: {path.resolve()}")  # fmt: skip


class GradingScreen(Screen):
    """Show on a terminal how far a class is graded: a line for each, and a bar with the rest."""

    def __init__(self, console: "Console") -> None:
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn

        self._name_columns = max(0, console.width - 58)  # for names, beside what matters more
        super().__init__(
            console, TextColumn("grading"), *([BarColumn(20)] if self._name_columns else []),
            MofNCompleteColumn(), TextColumn("{task.fields[left]}"),
            TextColumn("{task.fields[now]}", style="dim"), visible=True, left="", now="",
        )  # fmt: skip
        self.done, self._left = 0, ""
        self._known: int | None = None  # results that were there before the first was graded
        self._began = 0.0

    def say(self, line: str) -> None:
        if self._left and not self._console.is_interactive:
            line += f"; {self._left}"
        super().say(line)

    def step(self, done: int, total: int | None, what: str = "") -> None:
        if what and self._known is None:
            self._known, self._began = done, time.monotonic()
        self.done, self._left = done, self._time_left(done, total or done)
        now = what[: self._name_columns]
        self._bar.update(self._task, completed=done, total=total, left=self._left, now=now)

    def _time_left(self, done: int, total: int) -> str:
        """How long the rest will take, at the pace so far."""
        if self._known is None or done in {self._known, total}:
            return ""
        seconds = (time.monotonic() - self._began) / (done - self._known) * (total - done)
        return f"about {seconds / 60:.0f} min left" if seconds >= 90 else "about a minute left"
