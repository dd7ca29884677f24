"""Grade a class: several submissions at once, each kept as it ends, none twice."""

import hashlib
import os
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from functools import cache
from queue import SimpleQueue

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
    return replace(
        known, earned=tuple(in_order), seconds=news.seconds, late=news.late, retried=news.retried
    )


def local_workers(jobs: int) -> Workers:
    """Workers in this process, each with a kernel at a time, and with cores of its own.

    Who runs out of time by the clock alone is tried again at the end, with nobody beside.
    """

    def work(
        todo: Sequence[Submission], options: Options, started: Callable[[str], None]
    ) -> Generator[Result]:
        def grade(submission: Submission) -> Result:
            with cores.share() as some:
                started(submission.student)
                return grade_one(submission, options, some)

        def alone(submission: Submission) -> Result:
            started(submission.student)
            return replace(grade_one(submission, options), retried=True)

        def each_of(waiting: dict[Future[Result], Submission]) -> Generator[Result]:
            while waiting:
                interrupts.check()
                done, _ = wait(waiting, CHECK_SECONDS, FIRST_COMPLETED)
                for future in done:
                    submission, result = waiting.pop(future), future.result()
                    if result.late and jobs > 1 and not result.retried:
                        late.append(submission)
                    else:
                        yield result

        late: list[Submission] = []
        cores = _Cores(jobs)
        if todo:
            make_kit(options.data)  # once, and before any student's turn
        with Interrupts() as interrupts, ThreadPoolExecutor(jobs) as pool:
            try:
                yield from each_of({pool.submit(grade, each): each for each in todo})
                for each in late:
                    yield from each_of({pool.submit(alone, each): each})
            finally:  # also when all is to stop: every kernel ends, and nothing is left behind
                sandbox.stopping.set()
                pool.shutdown(cancel_futures=True)
                sandbox.stopping.clear()

    return work


class _Cores:
    """The processor's cores, shared out to so many kernels that run at once."""

    def __init__(self, kernels: int) -> None:
        told = hasattr(os, "sched_getaffinity")  # Linux alone has it
        cores = sorted(os.sched_getaffinity(0)) if told else []
        self._free = SimpleQueue[tuple[int, ...]]()
        for at in range(kernels):
            self._free.put(
                tuple(cores[at::kernels] or cores[at % len(cores) :][:1] if cores else ())
            )

    @contextmanager
    def share(self) -> Iterator[tuple[int, ...]]:
        """Take a share for as long; () is all."""
        some = self._free.get()
        try:
            yield some
        finally:
            self._free.put(some)


def key_of(submission: Submission, options: Options) -> str:
    """What a result was made of: the same key, the same result."""
    parts = (submission.digest, version(), repr(options))
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


@cache
def version() -> str:
    """A fingerprint of all that makes marks, taken once for each process."""
    return fingerprint()
