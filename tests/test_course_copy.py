"""A student's own copy of the course: what they have written is never touched."""

import os
import shutil
from pathlib import Path

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_lab import course
from mnist_lab.arrays import DataError
from mnist_lab.cli import main
from mnist_lab.files import CannotWrite

NAMES = ("01_look_at_it.ipynb", "02_train_it.ipynb")
FIRST = NAMES[0]


def edition(folder: Path, number: int) -> Path:
    """The course as of some edition, saved with outputs."""
    for name in NAMES:
        cell = nbformat.v4.new_code_cell(f"{number}", execution_count=1, id="first")
        cell.metadata = {"mnist_lab": {"exercise": "1.1", "part": "answer"}, "tags": ["x"]}
        cell.outputs = [nbformat.v4.new_output("execute_result", {"text/plain": f"{number}"})]
        text = nbformat.v4.new_markdown_cell(f"# Edition {number}: é", id="second")
        course.write_notebook(nbformat.v4.new_notebook(cells=[cell, text]), folder / name)
    return folder


@pytest.fixture(scope="module")
def editions(tmp_path_factory):
    """Three editions of a short course, not to be changed."""
    folder = tmp_path_factory.mktemp("editions")
    return [edition(folder / f"edition {number}", number) for number in range(3)]


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def messages(copied) -> str:
    return "\n".join(map(str, copied))


CHANGES = {
    "types": lambda old: old.replace(b"# Edition", b"# My own"),
    "runs": lambda old: old.replace(b'"execution_count": null', b'"execution_count": 1'),
    "adds a space": lambda old: old + b" ",
    "empties": lambda _: b"",
    "breaks": lambda _: b'{"metadata": [',
    "forges": lambda _: b'{"metadata": {"mnist_lab": {"edition": "x"}}, "cells": []}',
}


def change(path: Path, way: str = "types") -> None:
    """What a student, or a mishap, does to a file."""
    path.write_bytes(CHANGES[way](path.read_bytes() if path.exists() else b""))


def test_copy_has_no_outputs_and_all_metadata(editions, tmp_path):
    """What grading looks for is there; what the cells gave is not."""
    course.copy(tmp_path / "mine", notebooks=editions[0])
    for name in NAMES:
        before = course.read_notebook(editions[0] / name)
        after = course.read_notebook(tmp_path / "mine" / name)
        assert [cell.source for cell in after.cells] == [cell.source for cell in before.cells]
        assert [cell.metadata for cell in after.cells] == [cell.metadata for cell in before.cells]
        assert course.exercise_part(after.cells[0]) == ("1.1", "answer")
        assert (after.cells[0].outputs, after.cells[0].execution_count) == ([], None)
        assert after.metadata.pop("mnist_lab").edition and after.metadata == before.metadata


def test_same_edition_again_changes_nothing_and_says_so(editions, tmp_path):
    """Whether a file has been changed or not; the time of no file changes, either."""
    mine = tmp_path / "mine"
    course.copy(mine, notebooks=editions[0])
    change(mine / FIRST)
    before = files(mine), [path.stat().st_mtime_ns for path in sorted(mine.iterdir())]
    copied = course.copy(mine, notebooks=editions[0])
    assert before == (files(mine), [p.stat().st_mtime_ns for p in sorted(mine.iterdir())])
    assert not any(each.written for each in copied)
    assert "stays as it is; it is this edition" in copied[0].message
    assert copied[1].message == "is this edition already"


def test_newer_edition_replaces_what_is_unchanged_and_lies_beside_the_rest(editions, tmp_path):
    """A line says which; the newest edition lies beside, if the one there is unchanged."""
    mine = tmp_path / "mine"
    course.copy(mine, notebooks=editions[0])
    change(mine / FIRST)
    own = files(mine)[FIRST]
    for newer in editions[1:]:
        copied = course.copy(mine, notebooks=newer)
        fresh = tmp_path / f"fresh {newer.name}"
        course.copy(fresh, notebooks=newer)
        beside = FIRST.replace(".ipynb", ".new.ipynb")
        assert files(mine) == {**files(fresh), FIRST: own, beside: files(fresh)[FIRST]}
        assert f"this edition lies beside it: {beside}" in messages(copied)
        assert "had not been changed" in copied[1].message


def test_the_newer_edition_that_was_written_in_stays_too(editions, tmp_path):
    """Whoever goes on in the file beside keeps that one as well."""
    mine = tmp_path / "mine"
    for notebooks in editions[:2]:
        course.copy(mine, notebooks=notebooks)
        change(mine / FIRST)
    beside = mine / FIRST.replace(".ipynb", ".new.ipynb")
    change(beside)
    own = files(mine)
    copied = course.copy(mine, notebooks=editions[2])
    assert {name: files(mine)[name] for name in (FIRST, beside.name)} == {
        name: own[name] for name in (FIRST, beside.name)
    }
    assert "01_look_at_it.new-2.ipynb" in copied[0].message


@given(data=st.data())
def test_what_was_written_is_there_whatever_is_copied(data, editions, tmp_path_factory):
    """Any editions in any order, any changes in between: every changed file stays, to the byte."""
    mine, written = tmp_path_factory.mktemp("mine"), {}
    for _ in range(data.draw(st.integers(1, 8))):
        before = files(mine)
        if data.draw(st.booleans()):
            path = mine / data.draw(st.sampled_from(sorted({*NAMES, *before})))
            if path.exists() and data.draw(st.booleans()):
                path.unlink()
            else:
                change(path, data.draw(st.sampled_from(list(CHANGES))))
            after = files(mine)
            changed = {name: after[name] for name in after if after[name] != before.get(name)}
            written = {name: after[name] for name in written if name in after} | changed
        else:
            newest = editions[data.draw(st.integers(0, 2))]
            course.copy(mine, notebooks=newest)
            assert not any(each.written for each in course.copy(mine, notebooks=newest))
            assert written.items() <= files(mine).items() and before.keys() <= files(mine).keys()
    assert not [name for name in files(mine) if name.startswith(".")]


def test_a_folder_or_a_link_in_the_way_stays(editions, tmp_path):
    """What is no file of ours is not ours to replace."""
    mine = tmp_path / "mine"
    (mine / FIRST).mkdir(parents=True)
    other = mine / NAMES[1]
    if os.name != "nt":
        other.symlink_to(tmp_path / "nowhere")
    copied = course.copy(mine, notebooks=editions[0])
    assert (mine / FIRST).is_dir() and "lies beside it" in copied[0].message
    assert os.name == "nt" or (other.is_symlink() and not (tmp_path / "nowhere").exists())


def test_where_it_cannot_be_copied_is_said(editions, tmp_path):
    """The course's own folder, a file, a folder without notebooks, one that is no notebook."""
    before = files(editions[0])
    with pytest.raises(DataError, match="give another folder"):
        course.copy(editions[0], notebooks=editions[0])
    assert files(editions[0]) == before
    with pytest.raises(CannotWrite, match="cannot be written"):
        course.copy(editions[0] / FIRST, notebooks=editions[1])
    with pytest.raises(DataError, match="no notebook there"):
        course.copy(tmp_path / "mine", notebooks=tmp_path)
    (tmp_path / FIRST).write_text("no")
    with pytest.raises(DataError, match="not a notebook"):
        course.copy(tmp_path / "mine", notebooks=tmp_path)
    assert not (tmp_path / "mine").exists()


def test_copy_on_the_command_line(tmp_path, monkeypatch, capsys):
    """A line a notebook and one at the end; again, nothing is to do; the default folder."""
    monkeypatch.chdir(tmp_path)
    assert main(["course", "copy"]) == 0
    lines = capsys.readouterr().out.splitlines()
    ours = [*course.own_notebooks().glob("*.ipynb"), *course.own_notebooks().glob("*.md")]
    assert len(lines) == len(ours) + 1
    assert lines[0] == "00_run_the_experiment.ipynb  copied"
    assert main(["course", "copy", "mnist_lab_course"]) == 0
    assert "Nothing to do: mnist_lab_course holds this edition" in capsys.readouterr().out
    assert [path.name for path in tmp_path.iterdir()] == ["mnist_lab_course"]
    (tmp_path / "file").touch()
    assert main(["course", "copy", "file"]) == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_a_page_that_somebody_wrote_in_stays(tmp_path):
    """The pages for reading go with the notebooks; notes in one are kept, ours lies beside it."""
    notebooks = tmp_path / "ours"
    shutil.copytree(course.own_notebooks(), notebooks)
    (page,) = notebooks.glob("how*.md")
    mine = tmp_path / "mine"
    course.copy(mine, notebooks=notebooks)
    assert (mine / page.name).read_bytes() == page.read_bytes()
    assert not any(each.written for each in course.copy(mine, notebooks=notebooks))
    (mine / page.name).write_text("my notes")
    for _ in range(2):
        copied = course.copy(mine, notebooks=notebooks)
        assert (
            "how_to_read_this_code.new.md"
            in {each.path.name: each.message for each in copied}[page.name]
        )
    assert (mine / page.name).read_text() == "my notes"
    assert (mine / "how_to_read_this_code.new.md").read_bytes() == page.read_bytes()
    assert not (mine / "how_to_read_this_code.new-2.md").exists()
