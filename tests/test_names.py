"""Names of files that are anything: shown so that nothing is mangled, and nothing steers."""

import os
import re
import unicodedata
from functools import partial
from pathlib import Path

import hypothesis.strategies as st
import nbformat
import numpy as np
import pytest
from hypothesis import given
from nbformat.v4 import new_code_cell, new_notebook
from PIL import Image

from mnist_lab import sheet, synth
from mnist_lab.arrays import DataError
from mnist_lab.cli import main
from mnist_lab.names import readable

NAMES = {
    "latin-1": os.fsdecode(b"b\xf6gen"),
    "decomposed": unicodedata.normalize("NFD", "bögen"),
    "long": "9" * 246,  # and .html
    "emoji": "🖊️" * 30,
    "device": "CON",
    "dots": "bogen..",
    "hostile": "b\x1b[31m\x07og\ren\n\t\u202e\u2066o",
    "odd": " b=o[g] en*?&<i>\"'$%s{0} ",
}
UNSAFE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


@pytest.fixture(scope="module")
def made(tmp_path_factory, small_folder):
    """What the commands take, under plain names: a digit, a sheet, a network, an .npz of one's own."""
    folder = tmp_path_factory.mktemp("made")
    Image.fromarray(np.full((60, 60), 255, np.uint8)).save(folder / "digit.png")
    hand = partial(synth.write_strokes, writer=synth.Writer(7))
    page = sheet.fill_in(sheet.Sheet(4711), hand, seed=0, dpi=100)
    picture, _ = synth.photograph(page, seed=1, camera=synth.SCANNER)
    Image.fromarray(picture).save(folder / "sheet.png")
    assert main(["sheet", "read", str(folder / "sheet.png"), "--out", str(folder / "own.npz")]) == 0
    assert main(["pocket", "--out", str(folder / "page.html")]) == 0
    from mnist_lab import network

    network.load_pretrained().save(folder / "model.keras")
    cell = new_code_cell("print('a' + 'b')")
    nbformat.write(new_notebook(cells=[cell]), folder / "lesson.ipynb")
    (folder / "mnist").symlink_to(small_folder)
    return folder


def commands(made: Path, there: Path, name: str) -> dict[str, list[object]]:
    """Every command that reads or writes a file, with files of that name."""

    def given(plain: str) -> Path:
        path = there / plain / (name + Path(plain).suffix)
        path.parent.mkdir(exist_ok=True)
        if not path.exists():
            path.symlink_to(made / plain)
        return path

    def out(suffix: str) -> Path:
        return there / "out" / (name + suffix)

    return {
        "read": ["read", given("digit.png"), "--explain", out(""), "--overlay", out(""),
                 "--model", given("model.keras")],
        "read --json": ["read", there / f"{name}.png", given("digit.png"), "--single", "--json"],
        "read, no such": ["read", there / f"{name}.tif"],
        "read, no model": ["read", given("digit.png"), "--model", there / f"{name}.h5"],
        "sheet make": ["sheet", "make", "--out", out(".pdf"), "--name", name],
        "sheet read": ["sheet", "read", given("sheet.png"), "--out", out(".npz"), "--writer", name],
        "sheet merge": ["sheet", "merge", given("own.npz"), given("own.npz"), "--out", out(".npz")],
        "sheet measure": ["sheet", "measure", given("own.npz"), "--out", out(".html"),
                          "--model", given("model.keras")],
        "pocket": ["pocket", given("model.keras"), "--out", out(".html"), "--title", name],
        "write": ["write", "31", "--out", out(".png")],
        "write, no format": ["write", "31", "--out", out("")],
        "data": ["data", "--data", given("mnist")],
        "data, no such": ["data", "--data", there / f"{name}.csv"],
        "course copy": ["course", "copy", out("")],
        "course solve": ["course", "solve", there / name, "--out", out("")],
        "course run": ["course", "run", given("lesson.ipynb"), "--out", out("")],
        "course run, no such": ["course", "run", there / name, "--out", out("")],
        "train": ["train", "--data", there / name, "--out", out(".keras")],
        "run": ["run", "--data", given("mnist"), "--out", given("digit.png") / name],
        "grade": ["grade", given("digit.png"), "--lesson", "1", "--plan", "--out", out("")],
        "an option": ["read", given("digit.png"), f"--{name}"],
    }  # fmt: skip


COMMANDS = [
    "read", "read --json", "read, no such", "read, no model",
    "sheet make", "sheet read", "sheet merge", "sheet measure", "pocket", "write",
    "write, no format", "data", "data, no such", "course copy", "course solve",
    "course run", "course run, no such", "train", "run", "grade", "an option",
]  # fmt: skip


UNNAMED = {"read --json"}  # all is ASCII there
REFUSED = {
    "read --json", "read, no such", "read, no model", "sheet merge", "write, no format",
    "data, no such", "course solve", "course run, no such", "train", "run", "grade", "an option",
}  # fmt: skip


@pytest.mark.parametrize("kind", NAMES)
@pytest.mark.parametrize("command", COMMANDS)
def test_any_name_is_read_written_and_shown(command, kind, made, tmp_path, capfd):
    """No traceback; all that is printed and written is text, and steers no terminal."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path)
        try:
            status = main([*map(str, commands(made, tmp_path, NAMES[kind])[command])])
        except SystemExit as usage:
            status = usage.code
    said = capfd.readouterr()
    assert not UNSAFE.search(said.out + said.err), ascii(said)
    assert readable(NAMES[kind]) in said.out + said.err or command in UNNAMED, ascii(said)
    assert "Traceback" not in said.err
    assert (status != 0) == (command in REFUSED), said.err
    for page in tmp_path.rglob("*.html"):
        page.read_text(encoding="utf-8").encode()


@given(st.text(st.characters(codec=None)))
def test_what_is_readable_is_text_once_and_for_all(name):
    """It can be written as UTF-8, steers nothing, is composed, and stays as it is."""
    shown = readable(name)
    assert not UNSAFE.search(shown.replace("\n", "\0"))
    assert shown == unicodedata.normalize("NFC", shown.encode().decode()) == readable(shown)


@given(st.text(st.characters(exclude_categories=["Cc", "Cf", "Cs", "Zl", "Zp"])))
def test_a_plain_name_is_shown_as_it_is(name):
    """Composed, it is not changed; nor is one in UTF-8 beside one that is none."""
    composed = unicodedata.normalize("NFC", name)
    assert readable(name) == composed
    assert readable(f"{name}/{os.fsdecode(b'b' + bytes([0xF6]))}") == f"{composed}/bö"


def test_an_error_names_a_file_readably():
    """Whatever the name in its text."""
    assert str(DataError(f"{NAMES['latin-1']}: \x1b")) == "bögen: \ufffd"
