"""The demonstration pages, read in three ways."""

from dataclasses import replace

import numpy as np
import pytest

from mnist_lab.data import load_demonstration
from mnist_lab.experiment import WAYS, overlap, try_pages
from mnist_lab.experiment.trials import trials_to_dict


@pytest.fixture(scope="module")
def pages():
    """The kit's own pages."""
    return load_demonstration()


@pytest.fixture(scope="module")
def trials(pages):
    """The pages, tried with a network that sees a 1 in what is dark, else a 7."""
    return try_pages(pages, bright_or_dark)


def bright_or_dark(digits):
    """A stand-in for a network: sure of a 1 where most is dark, else of a 7."""
    return np.eye(10, dtype=np.float32)[np.where(digits.mean(axis=(1, 2)) < 128, 1, 7)]


def test_naive_ways_see_the_true_boxes_and_no_more(pages):
    """On a page whose boxes are black and the rest white, all is black, then inverted."""
    page = pages[0]
    picture = np.full_like(page.image, 255)
    for x, y, w, h in page.boxes:
        picture[y : y + h, x : x + w] = 0
    asked = []
    changed = [replace(page, image=picture)]
    try_pages(changed, lambda digits: asked.append(digits) or bright_or_dark(digits))
    as_it_is, inverted = asked[-2:]
    assert len(as_it_is) == len(inverted) == len(page.boxes)
    assert not as_it_is.any() and (inverted == 255).all()


def test_reading_finds_most_digits_where_they_are(trials):
    """Each found digit answers for the one it covers; the rest are missing or false positives."""
    for trial in trials:
        found = len(trial.truth) - trial.answers["read"].count("_")
        assert found >= 0.8 * len(trial.truth)
        assert found + trial.false_positives == len(trial.reading)
        assert set(trial.answers["read"]) <= {"1", "_"}  # bright ink on dark, all of them


def test_found_digit_answers_for_the_one_in_its_place(pages):
    """Where all are found in reading order, their answers stand in that order, too."""

    def by_position(digits):
        return np.eye(10, dtype=np.float32)[np.arange(len(digits)) % 10]

    page = pages[0]
    [trial] = try_pages([page], by_position)
    assert len(trial.reading) == len(page.boxes) == 30
    assert trial.answers["read"] == "0123456789" * 3


def test_figures_count_what_the_texts_show(trials):
    """The shares are those of the characters that agree with the truth."""
    found = trials_to_dict(trials)
    for way in WAYS:
        pairs = [zip(page["truth"], page[way], strict=True) for page in found["by_page"]]
        same = [a == b for pair in pairs for a, b in pair if a != "/"]
        assert len(same) == found["digits"] and np.mean(same) == found["share_right"][way]
    assert trials_to_dict([]) is None


def test_overlap_is_the_share_of_pixels():
    """The same box 1, apart 0, and in between what counting pixels gives."""
    boxes = np.array([[0, 0, 4, 6], [2, 1, 5, 3], [9, 9, 2, 2]])
    masks = np.zeros((3, 12, 12), bool)
    for mask, (x, y, w, h) in zip(masks, boxes, strict=True):
        mask[y : y + h, x : x + w] = True
    both = (masks[:, None] & masks).sum(axis=(2, 3)) / (masks[:, None] | masks).sum(axis=(2, 3))
    assert np.allclose(overlap(boxes, boxes), both)
