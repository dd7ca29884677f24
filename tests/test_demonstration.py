"""The demonstration pages: made by a tool, kept with their truth."""

import csv
import subprocess
import sys
import zipfile

import numpy as np
import pytest

from mnist_lab import images
from mnist_lab.arrays import DataError
from mnist_lab.data import demonstration_folder, load_demonstration
from tools import make_pages


@pytest.fixture(scope="module")
def folder(project):
    """The project's own pages."""
    return project / "data" / "pages"


@pytest.fixture(scope="module")
def pages(folder):
    """The pages, loaded."""
    return load_demonstration(folder)


def test_tool_makes_the_pages_again(folder, pages):
    """The same pictures, but for JPEG, and the same list."""
    with (folder / "labels.csv").open(newline="", encoding="utf-8") as file:
        assert [row["file"] for row in csv.DictReader(file)] == [r.file for r in make_pages.RECIPES]
    for recipe, page in zip(make_pages.RECIPES, pages, strict=True):
        picture, truth = make_pages.make(recipe)
        again = images.load_image(picture)
        assert again.shape == page.image.shape
        assert np.abs(again.astype(int) - page.image).mean() < 4
        assert truth.text.split("\n") == list(page.rows)
        assert np.abs(truth.boxes - page.boxes).max() <= 1  # builds of OpenCV round differently


def test_pages_are_small_and_differ(folder, pages):
    """Under a megabyte; every digit, both polarities, and single digits among them."""
    assert sum(path.stat().st_size for path in folder.iterdir()) < 1_000_000
    assert {path.name for path in folder.iterdir()} == {"labels.csv", *(p.file for p in pages)}
    assert set("".join("".join(page.rows) for page in pages)) == set("0123456789")
    assert len({images.find_polarity(page.image) for page in pages}) == 2
    assert any(page.single for page in pages) and not all(page.single for page in pages)


def test_kits_own_pages_are_found_from_anywhere(folder, tmp_path, monkeypatch):
    """Without a folder the project's pages are loaded, whatever the working directory."""
    monkeypatch.chdir(tmp_path)
    assert demonstration_folder() == folder
    assert load_demonstration()[0].file == "scan.jpg"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (None, "cannot be read"),
        ("file,label\na.jpg,4\n", "expected the columns boxes, layout, made"),
        ("file,label,layout,boxes,made\nfour.jpg,4,single,1 2 3,x\n", "a box, x y width height"),
        ("file,label,layout,boxes,made\nfour.jpg,4,single,1 2 3 wide,x\n", "each digit of four"),
    ],
)
def test_list_that_is_none_is_named(tmp_path, text, says):
    """Missing, without its columns, without its boxes: what is wrong is said."""
    if text:
        (tmp_path / "labels.csv").write_text(text)
    with pytest.raises(DataError, match=says):
        load_demonstration(tmp_path)


def test_wheel_holds_the_pages(project, folder, tmp_path):
    """Where the kit is installed without the project, its pages come with it."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=project, check=True, capture_output=True)
    [wheel] = tmp_path.glob("*.whl")
    held = {
        name.rpartition("/")[2] for name in zipfile.ZipFile(wheel).namelist() if "/pages/" in name
    }
    assert held == {path.name for path in folder.iterdir()}
