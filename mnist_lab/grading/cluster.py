"""Grade on a Dask cluster: the same function, on machines that may die."""

from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from typing import Any

from mnist_lab.arrays import DataError
from mnist_lab.grading.batch import Workers, version
from mnist_lab.grading.bwrap import why_no_sandbox
from mnist_lab.grading.grade import Options, grade_one
from mnist_lab.grading.results import Result
from mnist_lab.grading.submissions import Submission

QUEUE_PER_THREAD = 2  # submissions handed out for each thread that the cluster has at the moment
CONNECT_SECONDS = 15  # for the scheduler to answer
GONE = "{}: the scheduler is gone; what was graded is kept, and the same command goes on"
DIED = "The workers that graded it died, one after the other."


def dask_workers(address: str) -> Workers:
    """Workers of a running Dask cluster, which need not see the submissions' folder.

    The address is the scheduler's, such as ``tcp://10.0.0.1:8786``; DataError if `distributed` is
    not installed. Dask gives what a dead worker had in hand to another one.
    """
    try:
        import distributed  # noqa: F401
    except ImportError:
        raise DataError("--cluster needs distributed: pip install 'mnist-lab[cluster]'") from None

    def work(
        todo: Sequence[Submission], options: Options, started: Callable[[str], None]
    ) -> Generator[Result]:
        import dask
        from distributed import KilledWorker, as_completed

        quiet = {"distributed.admin.large-graph-warning-threshold": "1GB"}
        with dask.config.set(quiet), _connect(address) as client:
            waiting, names = iter(todo), {}
            late: list[Submission] = []
            alone = False  # when all are done, those who were late are tried again, one by one
            running = as_completed()
            while True:
                with _scheduler(address):
                    threads = sum(client.nthreads().values())
                many = QUEUE_PER_THREAD * max(1, threads) - running.count()
                for each in islice(waiting, max(0, many)):
                    started(each.student)
                    carried = each.carried()
                    with _scheduler(address):
                        future = client.submit(
                            _grade_on_worker, carried, options, version(), pure=False
                        )
                        running.add(future)
                    names[future.key] = each
                if running.is_empty():
                    if not late:
                        return
                    waiting, alone = iter([late.pop()]), True
                    continue
                with _scheduler(address):
                    future = next(running)
                    submission = names.pop(future.key)
                    try:
                        result: Result = future.result()
                    except KilledWorker:
                        result = Result(submission.student, submission.number, "failed", (DIED,))
                if result.late and not alone:
                    late.append(submission)
                else:
                    yield replace(result, retried=alone)

    return work


@contextmanager
def _scheduler(address: str) -> Iterator[None]:
    """Whatever is asked of a scheduler that has gone ends in one line."""
    try:
        yield
    except (CancelledError, OSError):
        raise DataError(GONE.format(address)) from None


def _connect(address: str) -> Any:
    from distributed import Client

    try:
        return Client(address, timeout=CONNECT_SECONDS)
    except (OSError, ValueError) as error:
        raise DataError(
            f"{address}: no Dask scheduler answers ({error}); start one with: dask scheduler"
        ) from None


def _grade_on_worker(submission: Submission, options: Options, made_by: str) -> Result:
    from distributed import get_worker

    who = f"the worker {get_worker().address}"
    if made_by != version():
        raise DataError(f"{who} has another version of mnist_lab; install this one there")
    if not options.allow_unsandboxed and (reason := why_no_sandbox()):
        raise DataError(
            f"{who} has no sandbox ({reason}); install bubblewrap there, or say --allow-unsandboxed"
        )
    return grade_one(submission, options)
