"""Files appear whole, or not at all."""

import os
from errno import ENOSPC

import pytest

from mnist_lab.files import CannotWrite, atomic_write


def test_file_appears_at_the_end_only(tmp_path):
    """Nothing is at the path while it is being written, all of it after."""
    path = tmp_path / "new" / "file.txt"
    with atomic_write(path) as temporary:
        temporary.write_text("whole")
        assert not path.exists() and temporary.suffix == ".txt"
    assert path.read_text() == "whole"


@pytest.mark.parametrize("stop", [ValueError, KeyboardInterrupt])
def test_failure_leaves_what_was_there(tmp_path, stop):
    """If writing fails, the old file stays and no half of the new one does."""
    path = tmp_path / "file.txt"
    path.write_text("old")
    with pytest.raises(stop), atomic_write(path) as temporary:
        temporary.write_text("ne")
        raise stop
    assert [p.name for p in tmp_path.iterdir()] == ["file.txt"] and path.read_text() == "old"


@pytest.mark.parametrize("there", [True, False])
def test_failure_leaves_no_folder_that_was_made_for_it(tmp_path, there):
    """Folders made on the way are taken away again; one that was there stays, though empty."""
    old = tmp_path / "old"
    if there:
        old.mkdir()
    with pytest.raises(ValueError), atomic_write(old / "new" / "newer" / "file.txt"):
        raise ValueError
    assert list(tmp_path.rglob("*")) == [old] * there


def test_place_that_cannot_be_written_is_named(tmp_path):
    """A file where a folder should be: said in a line."""
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(CannotWrite, match="file: cannot be written"),
        atomic_write(tmp_path / "file" / "x"),
    ):
        pass


def test_error_of_the_block_stays_what_it_is(tmp_path):
    """A file that the block cannot read is not said to be one that cannot be written."""
    with (
        pytest.raises(FileNotFoundError, match="missing"),
        atomic_write(tmp_path / "out.txt") as draft,
    ):
        draft.write_text((tmp_path / "missing").read_text())
    with pytest.raises(CannotWrite, match="No space left"), atomic_write(tmp_path / "out.txt"):
        raise OSError(ENOSPC, os.strerror(ENOSPC))
    assert not list(tmp_path.iterdir())


def test_file_has_the_rights_that_any_new_file_has(tmp_path, monkeypatch):
    """The umask is obeyed, and never set: other threads write at the same time."""
    monkeypatch.setattr(os, "umask", None)  # nobody may call it
    (tmp_path / "plain").touch()
    with atomic_write(tmp_path / "whole"):
        pass
    assert (tmp_path / "whole").stat().st_mode == (tmp_path / "plain").stat().st_mode
