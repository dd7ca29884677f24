"""Grade a class: several submissions at once, each kept as it ends, none twice."""

import hashlib
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import closing
from dataclasses import dataclass, replace
from functools import cache

from mnist_lab.exercises import all_exercises
from mnist_lab.grading import sandbox
from mnist_lab.grading.grade import Options, grade_one
from mnist_lab.grading.kit import fingerprint, make_kit
from mnist_lab.grading.results import Ledger, Result
from mnist_lab.grading.submissions import Submission
from mnist_lab.progress import SILENT, Interrupts, Progress

CHECK_SECONDS = 0.5  # between two looks whether a Ctrl-C was lost

# Grades submissions in any order, calls the third with each student as it begins, gives each
# result as it comes.
Workers = Callable[[Sequence[Submission], Options, Callable[[str], None]], Generator[Result]]


@dataclass(frozen=True)
class Again:
    """What is run although it is known: some students' work, and of it all or some exercises.

    Everybody else keeps what they have, whatever it was made of.
    """

    students: frozenset[str] = frozenset()  # empty: all
    exercises: tuple[str, ...] = ()  # empty: all

    def __bool__(self) -> bool:
        return bool(self.students or self.exercises)


NOTHING_AGAIN = Again()


def grade_all(
    submissions: Sequence[Submission], options: Options, ledger: Ledger, *, workers: Workers,
    again: Again = NOTHING_AGAIN, progress: Progress = SILENT,
) -> list[Result]:  # fmt: skip
    """Grade the submissions that the ledger does not know yet, and give the results of all.

    Without a secret in the options the ledger's own is taken. `progress` is told a line for each
    submission, and at each step who is being graded.
    """
    options = options if options.secret else replace(options, secret=ledger.secret())
    keys = {each.student: key_of(each, options) for each in submissions}
    results: dict[str, Result] = {}
    under_way: dict[str, None] = {}  # a set in the order of its beginning

    def step() -> None:
        progress.step(len(results), len(submissions), ", ".join(list(under_way)))

    def started(student: str) -> None:
        under_way[student] = None
        step()

    def ended(result: Result, how: str) -> None:
        results[result.student] = result
        under_way.pop(result.student, None)
        step()
        earned = f"{result.points:g} points, {result.status}, {how}"
        progress.say(f"{len(results)}/{len(submissions)}  {result.student}  {earned}")

    latest = {student: ledger.latest(student) for student in keys}
    for student, (key, known) in latest.items():
        wanted = bool(again) and (not again.students or student in again.students)
        if known and not wanted and (again or key == keys[student]):
            ended(known, "known")
    left = [each for each in submissions if each.student not in results]
    parts = [each for each in left if again.exercises and latest[each.student][1]]
    whole = [each for each in left if each not in parts]
    some = replace(options, only=again.exercises)
    for todo, how in ((parts, some), (whole, options)):
        with closing(workers(todo, how, started)) as found:  # whatever comes, the workers end
            for result in found:
                if result.student in results:  # a worker that was given up may answer late
                    continue
                key, known = latest[result.student] if how is some else (keys[result.student], None)
                merged = known is not None and result.status != "failed"
                done = _merge(known, result) if known and merged else result
                if done.status != "failed":
                    ledger.add(done, key)
                ended(done, f"{result.seconds:.0f} s")
    return [
        replace(
            results[each.student], digest=each.digest,
            submitted=each.submitted.isoformat() if each.submitted else "",
        )
        for each in submissions
    ]  # fmt: skip


def _merge(known: Result, news: Result) -> Result:
    """A result in which some exercises are new."""
    earned = {each.id: each for each in (*known.earned, *news.earned)}
    in_order = (earned[each.id] for each in all_exercises() if each.id in earned)
    return replace(known, earned=tuple(in_order), seconds=news.seconds)


def local_workers(jobs: int) -> Workers:
    """Workers in this process; a kernel each at a time."""

    def work(
        todo: Sequence[Submission], options: Options, started: Callable[[str], None]
    ) -> Generator[Result]:
        def grade(submission: Submission) -> Result:
            started(submission.student)
            return grade_one(submission, options)

        if todo:
            make_kit(options.data)  # once, and before any student's turn
        with Interrupts() as interrupts, ThreadPoolExecutor(jobs) as pool:
            waiting: set[Future[Result]] = {pool.submit(grade, each) for each in todo}
            try:
                while waiting:
                    interrupts.check()
                    done, waiting = wait(waiting, CHECK_SECONDS, FIRST_COMPLETED)
                    yield from (future.result() for future in done)
            finally:  # also when all is to stop: every kernel ends, and nothing is left behind
                sandbox.stopping.set()
                pool.shutdown(cancel_futures=True)
                sandbox.stopping.clear()

    return work


def key_of(submission: Submission, options: Options) -> str:
    """What a result was made of: the same key, the same result."""
    parts = (submission.digest, version(), repr(options))
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


@cache
def version() -> str:
    """A fingerprint of all that makes marks, taken once for each process."""
    return fingerprint()
