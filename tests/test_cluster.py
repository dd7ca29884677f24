"""A Dask cluster marks as one machine does, also when one of its workers dies."""

import csv
import os
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

import pytest
from submissions import honest, write

from mnist_lab.arrays import DataError
from mnist_lab.grading import Options, cluster, dask_workers

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


class Dask(NamedTuple):
    """A cluster of this machine."""

    address: str
    workers: list[subprocess.Popen]
    scheduler: subprocess.Popen


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
    yield Dask(address, workers, scheduler)
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
    address, workers, _ = dask
    command = _command(tmp_path, "many", small_folder, "--cluster", address, "--allow-unsandboxed")
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


@pytest.mark.skipif(os.name == "nt", reason="kills a process as only POSIX does")
def test_a_scheduler_that_dies_is_one_line(dask, tmp_path, small_folder):
    """What was graded until then is kept, and the line says how to go on."""
    (tmp_path / "secret").write_text("as secret as can be")
    write([each for each in honest() if each.name in CLASS], tmp_path / "class")
    address = dask.address
    command = _command(tmp_path, "many", small_folder, "--cluster", address, "--allow-unsandboxed")
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as many:
        assert many.stdout.readline().startswith("1/")
        dask.scheduler.kill()
        _, said = many.communicate(timeout=120)
    told = [line for line in said.splitlines() if line.startswith("mnist-lab: ")]
    assert many.returncode == 1 and len(told) == 1 and "the same command goes on" in told[0]


def test_a_worker_without_a_sandbox_gets_no_work(monkeypatch):
    """It is refused by its address, with the way out; unless somebody has said that it may."""
    monkeypatch.setattr(cluster, "why_no_sandbox", lambda: "bubblewrap is not installed")
    worker = SimpleNamespace(address="tcp://10.0.0.7:4711")
    monkeypatch.setattr("distributed.get_worker", lambda: worker)
    monkeypatch.setattr(cluster, "grade_one", lambda *_: "graded")
    with pytest.raises(
        DataError, match=r"tcp://10.0.0.7:4711 has no sandbox .*--allow-unsandboxed"
    ):
        cluster._grade_on_worker(None, Options(), cluster.version())
    allowed = Options(allow_unsandboxed=True)
    assert cluster._grade_on_worker(None, allowed, cluster.version()) == "graded"
    with pytest.raises(DataError, match="has another version"):
        cluster._grade_on_worker(None, allowed, "older")
