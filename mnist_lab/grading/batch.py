"""Grade a class: several submissions at once, each kept as it ends, none twice."""

import hashlib
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import closing
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Protocol

import mnist_lab.exercises as package
from mnist_lab.grading import sandbox
from mnist_lab.grading.ledger import Ledger
from mnist_lab.grading.one import Options, Result, grade_one
from mnist_lab.grading.shadow import kit
from mnist_lab.grading.submissions import Submission
from mnist_lab.progress import Interrupts

LOOK_SECONDS = 0.5  # between two looks whether a Ctrl-C was lost


class Watcher(Protocol):
    """Is told how far it is."""

    def started(self, student: str) -> None:
        """A submission has been begun."""

    def ended(self, result: Result, done: int, total: int) -> None:
        """A submission is done, or was known from before."""


Workers = Callable[[Sequence[Submission], Options, Watcher], Generator[Result]]


def grade_all(
    submissions: Sequence[Submission],
    options: Options,
    ledger: Ledger,
    *,
    workers: Workers,
    watcher: Watcher,
) -> list[Result]:
    """Grade the submissions that are not known yet, and give the results of all.

    Parameters
    ----------
    submissions : sequence of Submission
        A class.
    options : Options
        How to grade; without a secret the ledger's own is taken.
    ledger : Ledger
        Where results are kept.
    workers : callable
        Grades submissions, in any order, and gives each result as it comes; see `threads`.
    watcher : Watcher
        Is told of each.
    """
    options = options if options.secret else replace(options, secret=ledger.secret())
    keys = {each.student: key_of(each, options) for each in submissions}
    results: dict[str, Result] = {}
    for each in submissions:
        known = ledger.known(each.student, keys[each.student])
        if known:
            results[each.student] = known
            watcher.ended(known, len(results), len(submissions))
    todo = [each for each in submissions if each.student not in results]
    with closing(workers(todo, options, watcher)) as found:  # whatever comes, the workers end
        for result in found:
            if result.student not in results:  # a worker that was given up may answer late
                if result.status != "failed":
                    ledger.add(result, keys[result.student])
                results[result.student] = result
                watcher.ended(result, len(results), len(submissions))
    return [results[each.student] for each in submissions]


def threads(jobs: int) -> Workers:
    """Workers in this process; a kernel each at a time."""

    def work(todo: Sequence[Submission], options: Options, watcher: Watcher) -> Generator[Result]:
        def one(submission: Submission) -> Result:
            watcher.started(submission.student)
            return grade_one(submission, options)

        if todo:
            kit(options.data)  # once, and before any student's turn
        with Interrupts() as interrupts, ThreadPoolExecutor(jobs) as pool:
            waiting: set[Future[Result]] = {pool.submit(one, each) for each in todo}
            try:
                while waiting:
                    interrupts.check()
                    done, waiting = wait(waiting, LOOK_SECONDS, FIRST_COMPLETED)
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
    """A fingerprint of all that makes marks."""
    digest = hashlib.sha256()
    for folder in (Path(package.__path__[0]), Path(__file__).parent):
        for path in sorted(folder.glob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()
