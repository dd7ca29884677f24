"""The demonstration pages: made by the script beside them, read in three ways."""

import csv
import importlib.util
import subprocess
import sys
import zipfile
from dataclasses import replace

import numpy as np
import pytest

from mnist_lab import images
from mnist_lab.arrays import DataError
from mnist_lab.data import demonstration


@pytest.fixture(scope="module")
def folder(project):
    """The project's own pages."""
    return project / "data" / "pages"


@pytest.fixture(scope="module")
def pages(folder):
    """The pages, loaded."""
    return demonstration.load_pages(folder)


@pytest.fixture(scope="module")
def script(project):
    """data/make_pages.py as a module."""
    spec = importlib.util.spec_from_file_location("make_pages", project / "data" / "make_pages.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["make_pages"] = module  # its dataclass looks itself up
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def trials(pages):
    """The pages, tried with a network that sees a 1 in what is dark, else a 7."""
    return demonstration.try_pages(pages, bright_or_dark)


def bright_or_dark(digits):
    """A stand-in for a network: sure of a 1 where most is dark, else of a 7."""
    return np.eye(10, dtype=np.float32)[np.where(digits.mean(axis=(1, 2)) < 128, 1, 7)]


def test_script_makes_the_pages_again(script, folder, pages):
    """The same pictures, but for JPEG, and the same list."""
    with (folder / "labels.csv").open(newline="", encoding="utf-8") as file:
        assert [row["file"] for row in csv.DictReader(file)] == [r.file for r in script.RECIPES]
    for recipe, page in zip(script.RECIPES, pages, strict=True):
        picture, truth = script.make(recipe)
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
    assert demonstration.pages_folder() == folder
    assert demonstration.load_pages()[0].file == "scan.jpg"


def test_written_pictures_hold_one_digit_of_each_look():
    """A look's pictures are 0 to 9, in its polarity, with ink, and the same for a seed."""
    looks = list(demonstration.LOOKS)
    pictures, labels = demonstration.write_pictures(10 * len(looks), seed=3)
    assert labels.tolist() == [*range(10)] * len(looks)
    for look, start in zip(looks, range(0, 50, 10), strict=True):
        few = pictures[start : start + 10]
        dark = [images.find_polarity(picture) == images.DARK_ON_LIGHT for picture in few]
        assert sum(dark) == (0 if look == "chalk" else 10)
        assert all(np.ptp(picture) > 60 for picture in few)
    [again] = demonstration.write_pictures(1, seed=3)[0]
    assert (again == pictures[0]).all()


def test_naive_ways_see_the_true_boxes_and_no_more(pages):
    """On a page whose boxes are black and the rest white, all is black, then inverted."""
    page = pages[0]
    picture = np.full_like(page.image, 255)
    for x, y, w, h in page.boxes:
        picture[y : y + h, x : x + w] = 0
    asked = []
    changed = [replace(page, image=picture)]
    demonstration.try_pages(changed, lambda digits: asked.append(digits) or digits[:, :10, 0])
    n = len(page.boxes)
    assert not asked[0][:n].any() and (asked[0][n : 2 * n] == 255).all()


def test_reading_finds_most_digits_where_they_are(trials):
    """Each found digit answers for the one it covers; the rest are missing or made up."""
    for trial in trials:
        found = len(trial.truth) - trial.answers["read"].count("_")
        assert found >= 0.8 * len(trial.truth)
        assert found + trial.made_up == len(trial.reading)
        assert set(trial.answers["read"]) <= {"1", "_"}  # bright ink on dark, all of them


def test_found_digit_answers_for_the_one_in_its_place(pages):
    """Where all are found in reading order, their answers stand in that order, too."""

    def by_position(digits):
        return np.eye(10, dtype=np.float32)[np.arange(len(digits)) % 10]

    page = pages[0]
    [trial] = demonstration.try_pages([page], by_position)
    assert len(trial.reading) == len(page.boxes) == 30
    assert trial.answers["read"] == "0123456789" * 3


def test_figures_count_what_the_texts_show(trials):
    """The shares are those of the characters that agree with the truth."""
    found = demonstration.figures(trials)
    for way in demonstration.WAYS:
        pairs = [zip(page["truth"], page[way], strict=True) for page in found["by_page"]]
        same = [a == b for pair in pairs for a, b in pair if a != "/"]
        assert len(same) == found["digits"] and np.mean(same) == found["share_right"][way]
    assert demonstration.figures([]) is None


def test_overlap_is_the_share_of_pixels():
    """The same box 1, apart 0, and in between what counting pixels gives."""
    boxes = np.array([[0, 0, 4, 6], [2, 1, 5, 3], [9, 9, 2, 2]])
    masks = np.zeros((3, 12, 12), bool)
    for mask, (x, y, w, h) in zip(masks, boxes, strict=True):
        mask[y : y + h, x : x + w] = True
    both = (masks[:, None] & masks).sum(axis=(2, 3)) / (masks[:, None] | masks).sum(axis=(2, 3))
    assert np.allclose(demonstration.overlap(boxes, boxes), both)


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
        demonstration.load_pages(tmp_path)


def test_wheel_holds_the_pages(project, folder, tmp_path):
    """Where the kit is installed without the project, its pages come with it."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=project, check=True, capture_output=True)
    [wheel] = tmp_path.glob("*.whl")
    held = {
        name.rpartition("/")[2] for name in zipfile.ZipFile(wheel).namelist() if "/pages/" in name
    }
    assert held == {path.name for path in folder.iterdir()}
