"""`mnist-lab grade`: a class rerun and marked, with its progress on the terminal."""

import argparse
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from mnist_lab.cli.arguments import add_data, command, positive
from mnist_lab.cli.console import (
    EXIT_BELOW_MIN,
    EXIT_ERROR,
    EXIT_INTERRUPTED,
    EXIT_OK,
    make_console,
    say,
)

if TYPE_CHECKING:
    from rich.console import Console

    from mnist_lab.grading.one import Result
    from mnist_lab.grading.submissions import Submission


def add_to(commands: Any) -> None:
    grade = command(commands, "grade", _grade, "rerun submissions, mark them, write a gradebook")
    grade.add_argument(
        "submissions", type=Path, metavar="SUBMISSIONS",
        help="a folder with a folder or a notebook per student, a zip of it, or one notebook",
    )  # fmt: skip
    grade.add_argument(
        "--out", type=Path, metavar="DIR", required=True, help="where the gradebook goes"
    )
    grade.add_argument(
        "--jobs", type=positive, default=2, metavar="N", help="kernels at a time; default: 2"
    )
    grade.add_argument(
        "--timeout", type=positive, default=120, metavar="S",
        help="seconds for one cell; a notebook gets five times as many; default: 120",
    )  # fmt: skip
    grade.add_argument(
        "--memory",
        type=positive,
        default=2048,
        metavar="MB",
        help="for each kernel; default: 2048",
    )
    grade.add_argument(
        "--secret-file", type=Path, metavar="F", help="what hidden inputs are made from"
    )
    grade.add_argument(
        "--require-sandbox", action="store_true", help="run nothing where bubblewrap does not work"
    )
    grade.add_argument(
        "--only", type=_exercises, default=(), metavar="3.2,3.4", help="grade these exercises alone"
    )
    grade.add_argument(
        "--format", choices=["canvas", "moodle"], help="also write the file that these import"
    )
    grade.add_argument(
        "--min-score", type=_percent, default=0.0, metavar="P",
        help="exit with 3 if a submission has less than P percent of the points",
    )  # fmt: skip
    grade.add_argument(
        "--similarity", action="store_true", help="also list answers that are suspiciously equal"
    )
    grade.add_argument(
        "--cluster", metavar="ADDRESS", help="grade on the Dask cluster with this scheduler"
    )
    add_data(grade)


def _exercises(text: str) -> tuple[str, ...]:
    from mnist_lab.exercises import all_exercises

    named = tuple(part.strip() for part in text.split(",") if part.strip())
    unknown = set(named) - {exercise.id for exercise in all_exercises()}
    if unknown or not named:
        raise argparse.ArgumentTypeError(f"expected exercises such as 3.2,3.4, got {text!r}")
    return named


def _percent(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 100:
        raise argparse.ArgumentTypeError(f"expected a number from 0 to 100, got {text!r}")
    return value


def _grade(args: argparse.Namespace) -> int:
    from mnist_lab.arrays import DataError
    from mnist_lab.grading import batch, cluster, gradebook, pages, sandbox
    from mnist_lab.grading.ledger import open_ledger
    from mnist_lab.grading.one import Options
    from mnist_lab.grading.submissions import collect

    console = make_console(quiet_stdout=False)
    try:
        secret = args.secret_file.read_bytes().strip() if args.secret_file else b""
    except OSError as error:
        raise DataError(f"{args.secret_file}: cannot be read ({error.strerror})") from None
    if args.secret_file and not secret:
        say(console, f"{args.secret_file} is empty: one is made up and kept in {args.out}")
    if not sandbox.has_sandbox(required=args.require_sandbox):
        say(console, sandbox.unprotected())
    options = Options(
        secret=secret, only=args.only, timeout=args.timeout, memory=args.memory,
        data=args.data, require_sandbox=args.require_sandbox,
    )  # fmt: skip
    with collect(args.submissions) as found, open_ledger(args.out) as ledger:
        screen = _Class(console, len(found))
        workers = cluster.cluster(args.cluster) if args.cluster else batch.threads(args.jobs)
        try:
            with screen:
                results = batch.grade_all(found, options, ledger, workers=workers, watcher=screen)
        except KeyboardInterrupt:
            says = f"stopped; {screen.done} of {len(found)} are kept, and the same command goes on"
            print(f"\nmnist-lab: {says}", file=sys.stderr)
            return EXIT_INTERRUPTED
        if args.similarity:
            _show_alike(console, found, args.out / "similarity.csv")
    exercises = gradebook.asked_for(results, args.only)
    of = sum(exercise.points for exercise in exercises)
    gradebook.write_all(results, exercises, args.out, form=args.format)
    pages.write_pages(results, exercises, args.out)
    if os.environ.get("GITHUB_STEP_SUMMARY"):
        with Path(os.environ["GITHUB_STEP_SUMMARY"]).open("a", encoding="utf-8") as file:
            file.write(gradebook.summary(results, exercises))
    console.print(f"The gradebook, of {of} points: {args.out.resolve()}", highlight=False,
                  markup=False, soft_wrap=True)  # fmt: skip
    failed = [result for result in results if result.status == "failed"]
    for result in failed:
        print(f"mnist-lab: {result.student}: {result.notes[0]}", file=sys.stderr)
    least = args.min_score / 100
    low = [
        r for r in results if gradebook.total_of(r, exercises) < least * of or (least and not of)
    ]
    if low:
        names = ", ".join(each.student for each in low[:5]) + ", ..." * (len(low) > 5)
        print(f"mnist-lab: below {args.min_score:g} %: {names}", file=sys.stderr)
    return EXIT_ERROR if failed else EXIT_BELOW_MIN if low else EXIT_OK


def _show_alike(console: "Console", submissions: "list[Submission]", path: Path) -> None:
    from mnist_lab.grading import similarity

    found = similarity.compare(submissions)
    similarity.write_csv(found, path)
    pairs = [each for each in found if each.other != similarity.SOLUTION]
    for each in pairs[:10]:
        say(console, f"the same: {each.student} and {each.other}, {', '.join(each.exercises)}")
    say(console, f"Pairs with the same answers: {len(pairs)}; {len(found) - len(pairs)} students "
                  f"with the published solution's: {path.resolve()}")  # fmt: skip


class _Class:
    """Show on a terminal how far a class is graded: a line for each, and a bar with the rest."""

    def __init__(self, console: "Console", total: int) -> None:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

        self._console = console
        self._room = max(0, console.width - 58)  # for names, beside what matters more
        bar = [BarColumn(20)] if self._room else []
        self._progress = Progress(
            TextColumn("grading"), *bar, MofNCompleteColumn(),
            TextColumn("{task.fields[left]}"), TextColumn("{task.fields[now]}", style="dim"),
            console=console, transient=True, refresh_per_second=4,
            disable=not console.is_interactive,
        )  # fmt: skip
        self._task = self._progress.add_task("grading", total=total, left="", now="")
        self._began, self._total, self.done, self._fresh = time.monotonic(), total, 0, 0
        self._under_way: list[str] = []

    def __enter__(self) -> Self:
        self._progress.__enter__()
        return self

    def __exit__(self, *stop: Any) -> None:  # noqa: PYI036
        self._progress.__exit__(*stop)

    def started(self, student: str) -> None:
        self._under_way.append(student)
        self._show()

    def ended(self, result: "Result", done: int, total: int) -> None:
        self.done = done
        how = f"{result.seconds:.0f} s" if result.student in self._under_way else "known"
        if how != "known":
            self._fresh += 1
            self._under_way.remove(result.student)
        line = f"{done}/{total}  {result.student}  {result.points:g} points, {result.status}, {how}"
        left = self._left()
        if left and not self._console.is_interactive:
            line += f"; {left}"
        say(self._console, line)
        self._show()

    def _left(self) -> str:
        """How long the rest will take, at the pace so far."""
        rest = self._total - self.done
        if not self._fresh or not rest:
            return ""
        minutes = (time.monotonic() - self._began) / self._fresh * rest / 60
        return f"about {minutes:.0f} min left" if minutes >= 1.5 else "about a minute left"

    def _show(self) -> None:
        now = ", ".join(self._under_way[:4])[: self._room]
        self._progress.update(self._task, completed=self.done, left=self._left(), now=now)
