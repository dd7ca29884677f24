"""Temporary folders: of gradings that live nothing is touched, of those that died nothing stays."""

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from mnist_lab.grading import leftovers

HOLD = """
import sys, time
from mnist_lab.grading.leftovers import make_folder
folder, lock = make_folder()
(folder / "student's work").write_text("x")
print(folder, flush=True)
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
