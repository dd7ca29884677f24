"""A Dask cluster marks as one machine does, also when one of its workers dies."""

import csv
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from submissions import honest, write

from mnist_lab.arrays import DataError
from mnist_lab.grading import Options, dask_workers

CLASS = ("full in short", "slips", "renamed", "deleted", "copied outputs", "syntax error",
         "reordered", "invalid json")  # fmt: skip


def _command(place: Path, name: str, data: Path, *more: str) -> list[str]:
    command = [
        sys.executable,
        "-u",
        "-m",
        "mnist_lab",
        "grade",
        str(place / "class"),
        "--lesson",
        "1",
    ]
    return [*command, "--out", str(place / name), "--data", str(data),
            "--secret-file", str(place / "secret"), *more]  # fmt: skip


def _book(out: Path) -> list[dict[str, str]]:
    with (out / "gradebook.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def dask(tmp_path):
    """A scheduler and three workers: processes of this machine that know nothing of the class."""
    log = (tmp_path / "log").open("w")

    def start(program, *arguments, stderr):
        command = [sys.executable, "-m", f"distributed.cli.{program}", "--no-dashboard",
                   "--host", "127.0.0.1", *arguments]  # fmt: skip
        return subprocess.Popen(
            command, stdout=log, stderr=stderr, text=True, cwd=tmp_path, start_new_session=True,
            env={**os.environ, "TMPDIR": str(tmp_path)},
        )  # fmt: skip

    scheduler = start("dask_scheduler", "--port", "0", stderr=subprocess.PIPE)
    address = next(line.split()[-1] for line in scheduler.stderr if "Scheduler at" in line)
    worker = "dask_worker", address, "--no-nanny", "--nthreads", "1"
    workers = [start(*worker, stderr=log) for _ in range(3)]
    yield address, workers
    for process in (*workers, scheduler):
        os.killpg(process.pid, signal.SIGKILL) if process.poll() is None else None
        process.wait()
    scheduler.stderr.close()
    log.close()


@pytest.mark.skipif(os.name == "nt", reason="kills a process as only POSIX does")
def test_a_dead_worker_loses_no_submission(dask, tmp_path, small_folder):
    """Three workers, one killed in the middle: the same gradebook, each mark given once."""
    (tmp_path / "secret").write_text("as secret as can be")
    write([each for each in honest() if each.name in CLASS], tmp_path / "class")
    subprocess.run(_command(tmp_path, "alone", small_folder), check=True, stdout=subprocess.DEVNULL)
    address, workers = dask
    command = _command(tmp_path, "many", small_folder, "--cluster", address)
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as many:
        lines = [many.stdout.readline()]
        workers[0].kill()
        lines += many.stdout.readlines()
    assert many.returncode == 0 and workers[0].wait() == -signal.SIGKILL
    assert _book(tmp_path / "many") == _book(tmp_path / "alone")
    counts = [line.split("/")[0] for line in lines[: len(CLASS)]]
    assert counts == [str(number + 1) for number in range(len(CLASS))]


def test_a_cluster_that_is_not_there_is_said():
    """The address, the rule, the next step; nothing hangs."""
    with pytest.raises(DataError, match="no Dask scheduler answers"):
        list(dask_workers("nonsense://127.0.0.1:1")([], Options(), None))
