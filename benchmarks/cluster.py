"""A class on a Dask cluster of this machine whose workers die, beside the same class alone."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.command import make_parser, measure
from mnist_lab import course
from mnist_lab.cli.arguments import positive
from mnist_lab.progress import Progress

LESSON = Path(__file__).parent.parent / "notebooks" / "01_look_at_the_data.ipynb"


def bench_cluster(
    *, count: int, workers: int, every: int, data: str | None, progress: Progress
) -> dict[str, Any]:
    """Grade a class on a cluster, one of whose workers is killed every so many seconds.

    Parameters
    ----------
    count, workers : int
        Submissions, solved and blank ones by turns, and workers of one thread.
    every : int
        Seconds from one kill to the next; each time a new worker comes.
    data : str or None
        As for `mnist.load_mnist`.
    progress : Progress
        Takes each line of what was measured.

    Returns
    -------
    dict
        Seconds of both, how many workers were killed, and whether both gradebooks are the same.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        blank = course.read_notebook(LESSON)
        kinds = course.fill_in_solutions(blank), blank
        for number in range(count):
            course.write_notebook(kinds[number % 2], folder / "class" / f"student {number}.ipynb")
        (folder / "secret").write_text("the same for both")
        alone = time.perf_counter()
        with _grading(folder, "alone", data):
            pass
        alone = time.perf_counter() - alone
        progress.say(f"alone, {workers} at a time: {alone:.0f} s")
        began, killed = time.perf_counter(), 0
        with (
            _cluster(folder, workers) as (address, processes),
            _grading(folder, "cluster", data, "--cluster", address) as grader,
        ):
            while grader.poll() is None:
                try:
                    grader.wait(every)
                except subprocess.TimeoutExpired:
                    processes.pop(0).kill()
                    processes.append(_start(folder, "dask_worker", address, *WORKER))
                    killed += 1
        seconds = time.perf_counter() - began
        books = [(folder / out / "gradebook.csv").read_bytes() for out in ("alone", "cluster")]
    same = books[0] == books[1]
    progress.say(f"{workers} workers, {killed} killed: {seconds:.0f} s, the gradebook is "
                 f"{'the same' if same else 'ANOTHER ONE'}")  # fmt: skip
    return {"alone_seconds": alone, "seconds": seconds, "killed": killed, "same": same}


WORKER = ("--no-nanny", "--nthreads", "1")


def _start(folder: Path, program: str, *arguments: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", f"distributed.cli.{program}", "--no-dashboard",
               "--host", "127.0.0.1", *arguments]  # fmt: skip
    says = subprocess.PIPE if "scheduler" in program else subprocess.DEVNULL
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=says, text=True,
                            cwd=folder)  # fmt: skip


@contextmanager
def _cluster(folder: Path, workers: int) -> "Iterator[tuple[str, list[subprocess.Popen[str]]]]":
    scheduler = _start(folder, "dask_scheduler", "--port", "0")
    assert scheduler.stderr
    address = next(line.split()[-1] for line in scheduler.stderr if "Scheduler at" in line)
    processes = [_start(folder, "dask_worker", address, *WORKER) for _ in range(workers)]
    try:
        yield address, processes
    finally:
        for each in (*processes, scheduler):
            each.kill()


@contextmanager
def _grading(
    folder: Path, out: str, data: str | None, *more: str
) -> "Iterator[subprocess.Popen[bytes]]":
    command = [sys.executable, "-m", "mnist_lab", "grade", str(folder / "class"), "--lesson", "1"]
    command += ["--out", str(folder / out), "--secret-file", str(folder / "secret"), *more]
    command += ["--data", data] if data else []
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        yield process


def main() -> None:
    """Measure, from the command line."""
    parser = make_parser("cluster", "Grade a class on a cluster whose workers die.", data=True)
    add = parser.add_argument
    add("--count", type=positive, default=300, metavar="N", help="submissions; default: 300")
    add("--workers", type=positive, default=2, metavar="N", help="default: 2")
    add("--every", type=positive, default=60, metavar="S",
        help="seconds from one kill to the next; default: 60")  # fmt: skip
    args = parser.parse_args()
    measure(
        bench_cluster, args, count=args.count, workers=args.workers, every=args.every,
        data=args.data,
    )  # fmt: skip


if __name__ == "__main__":
    main()
