"""Files appear whole, or not at all."""

import pytest

from mnist_lab.files import CannotWrite, appear


def test_file_appears_at_the_end_only(tmp_path):
    """Nothing is at the path while it is being written, all of it after."""
    path = tmp_path / "new" / "file.txt"
    with appear(path) as temporary:
        temporary.write_text("whole")
        assert not path.exists() and temporary.suffix == ".txt"
    assert path.read_text() == "whole"


@pytest.mark.parametrize("stop", [ValueError, KeyboardInterrupt])
def test_failure_leaves_what_was_there(tmp_path, stop):
    """If writing fails, the old file stays and no half of the new one does."""
    path = tmp_path / "file.txt"
    path.write_text("old")
    with pytest.raises(stop), appear(path) as temporary:
        temporary.write_text("ne")
        raise stop
    assert [p.name for p in tmp_path.iterdir()] == ["file.txt"] and path.read_text() == "old"


@pytest.mark.parametrize("there", [True, False])
def test_failure_leaves_no_folder_that_was_made_for_it(tmp_path, there):
    """Folders made on the way are taken away again; one that was there stays, though empty."""
    old = tmp_path / "old"
    if there:
        old.mkdir()
    with pytest.raises(ValueError), appear(old / "new" / "newer" / "file.txt"):
        raise ValueError
    assert list(tmp_path.rglob("*")) == [old] * there


def test_place_that_cannot_be_written_is_named(tmp_path):
    """A file where a folder should be: said in a line."""
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(CannotWrite, match="file: cannot be written"),
        appear(tmp_path / "file" / "x"),
    ):
        pass
