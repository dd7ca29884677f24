"""Temporary folders: of gradings that live nothing is touched, of those that died nothing stays."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
import pytest

from mnist_lab.grading import bwrap, leftovers, limits

HOLD = """
import sys, time
from mnist_lab.grading.leftovers import make_folder
folder, lock = make_folder()
(folder / "student's work").write_text("x")
print(folder, flush=True)
time.sleep(600)
"""
SANDBOX = """
import subprocess, sys, time
from mnist_lab.grading.kit import make_kit
from mnist_lab.grading.sandbox import open_sandbox
with open_sandbox({}, make_kit("stand-in"), memory=700, closed=True) as room:
    room.connection.write_text("{}")
    room.hand_over(room.connection)
    command = room.command([sys.executable, "-c", "import time; print('up', flush=True); time.sleep(600)"])
    room.process = subprocess.Popen(command, env=room.env)
    print(room.process.pid, flush=True)
    time.sleep(600)
"""
needs_locks = pytest.mark.skipif(os.name == "nt", reason="Windows locks files in another way")


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    """A folder for temporary files that is nobody else's."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_nothing_stays_after_an_error(temporary):
    """Neither the folder nor the file beside it."""
    with pytest.raises(RuntimeError), leftovers.temporary_folder() as folder:
        (folder / "a").mkdir()
        raise RuntimeError
    assert not list(temporary.iterdir())


@needs_locks
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM], ids=["killed", "ended"])
def test_the_next_start_clears_away_what_the_dead_have_left(temporary, how):
    """As long as it lives its folder stays; then it goes, and the files of others never."""
    (temporary / "mnl-not-ours").mkdir()
    with subprocess.Popen([sys.executable, "-c", HOLD], stdout=subprocess.PIPE, text=True) as run:
        folder = Path(run.stdout.readline().strip())
        assert leftovers.clear_away() == 0 and folder.is_dir()
        run.send_signal(how)
    assert folder.is_dir() and leftovers.clear_away() == 1
    assert [path.name for path in temporary.iterdir()] == ["mnl-not-ours"]


@pytest.mark.skipif(bool(bwrap.why_no_sandbox()), reason="bubblewrap does not work here")
def test_no_kernel_outlives_a_grader_that_was_killed():
    """Nobody is left to end it: the system does, down to the last process."""
    with subprocess.Popen(
        [sys.executable, "-c", SANDBOX], stdout=subprocess.PIPE, text=True
    ) as run:
        outer = psutil.Process(int(run.stdout.readline()))
        assert run.stdout.readline() == "up\n"
        inside = [outer, *outer.children(recursive=True)]
        assert len(inside) == 3
        run.kill()
    until = time.monotonic() + 20
    while (left := [p for p in inside if limits.is_alive(p)]) and time.monotonic() < until:
        time.sleep(0.05)
    [each.kill() for each in left]
    assert not left
