"""Grade a class: several submissions at once, each kept as it ends, none twice."""

import hashlib
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import closing
from dataclasses import replace
from functools import cache

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


def grade_all(
    submissions: Sequence[Submission],
    options: Options,
    ledger: Ledger,
    *,
    workers: Workers,
    progress: Progress = SILENT,
) -> list[Result]:
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

    for student, key in keys.items():
        if known := ledger.known(student, key):
            ended(known, "known")
    todo = [each for each in submissions if each.student not in results]
    with closing(workers(todo, options, started)) as found:  # whatever comes, the workers end
        for result in found:
            if result.student not in results:  # a worker that was given up may answer late
                if result.status != "failed":
                    ledger.add(result, keys[result.student])
                ended(result, f"{result.seconds:.0f} s")
    return [results[each.student] for each in submissions]


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
