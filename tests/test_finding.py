"""What the reader is made of: scales, boxes on one thing, lines, turned pictures."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mnist_lab.arrays import Image
from mnist_lab.reading.find import Candidates, _scales, best_of_same, log_softmax
from mnist_lab.reading.lines import into_lines, slant
from mnist_lab.reading.upright import boxes_in_picture, can_turn, turn_back
from mnist_lab.reading.views import MULTIPLE, PADDING

KNOWN = 12, 44  # pixels of a digit that the finder knows


def candidates(boxes, heat):
    """Boxes (n, 4) with a heat each, and nothing else."""
    n = len(boxes)
    sides = np.array(boxes, np.float32).reshape(-1, 4)
    return Candidates(sides, np.array(heat, np.float32), np.zeros((n, 10), np.float32))


@settings(max_examples=60)
@given(st.integers(28, 4000), st.integers(28, 4000), st.floats(0, 1))
def test_every_size_is_seen_at_a_scale_that_the_finder_knows(width, height, where):
    """A digit from 12 pixels in a small picture to one that fills a large one."""
    smallest = max(12, 12 / _scales((height, width), single=False)[0])
    largest = 0.9 * min(width, height)
    size = smallest * (max(smallest, largest) / smallest) ** where
    sizes = [size * scale for scale in _scales((height, width), single=False)]
    assert any(KNOWN[0] - 0.1 <= each <= KNOWN[1] for each in sizes)


@settings(max_examples=100)
@given(st.integers(1, 10**8), st.integers(1, 10_000))
def test_scales_fall_and_cost_is_bounded(longer, shorter):
    """From large to small; of any shape the largest takes no more room than a page does."""
    shape = max(1, min(shorter, 10**8 // longer)), longer
    for single in (False, True):
        scales = _scales(shape, single=single)
        assert all(small < large for large, small in pairwise(scales))
        assert scales[0] ** 2 * shape[0] * longer < 4_000_000
        assert np.prod([side * scales[0] + 2 * PADDING + MULTIPLE for side in shape]) < 8_000_000


@settings(max_examples=60)
@given(st.integers(0, 10_000))
def test_of_boxes_on_one_thing_the_hottest_stays(seed):
    """No two that stay are on one thing; each that went is on a hotter one that stayed."""
    rng = np.random.default_rng(seed)
    low = rng.uniform(0, 60, (20, 2))
    found = candidates(np.c_[low, low + rng.uniform(5, 40, (20, 2))], rng.random(20))
    stays = set(best_of_same(found, 0.4).tolist())

    def shared(one, other):
        a, b = found.boxes[one], found.boxes[other]
        common = np.maximum(np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2]), 0).prod()
        return common / ((a[2:] - a[:2]).prod() + (b[2:] - b[:2]).prod() - common)

    for one in range(20):
        hotter = [k for k in stays if found.heat[k] > found.heat[one]]
        assert (one in stays) == all(shared(one, k) <= 0.4 for k in hotter)


def test_box_within_another_goes():
    """If it is told so: half a digit is not another digit."""
    found = candidates([[0, 0, 30, 40], [2, 2, 12, 18], [40, 0, 60, 40]], [0.9, 0.8, 0.7])
    assert best_of_same(found, 0.4).tolist() == [0, 1, 2]
    assert best_of_same(found, 0.4, 0.6).tolist() == [0, 2]


@settings(max_examples=40)
@given(st.permutations(range(12)), st.floats(-8, 8))
def test_lines_do_not_depend_on_the_order_of_what_was_found(order, degrees):
    """Three lines of four, that slant: from left to right, from top to bottom."""
    places = np.array([(60 * (k % 4), 70 * (k // 4)) for k in range(12)], float)
    places[:, 1] += np.tan(np.deg2rad(degrees)) * places[:, 0]
    boxes = np.c_[places, places + np.array([25, 40])]
    lines = into_lines(boxes[list(order)])
    assert [[order[at] for at in line] for line in lines] == [
        [0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11],
    ]  # fmt: skip
    assert slant(boxes) == pytest.approx(degrees, abs=0.1)


def test_few_digits_have_no_slant():
    """Nobody can tell from two how a page lies."""
    assert slant(np.array([[0, 0, 10, 20], [30, 15, 40, 35]], float)) == 0
    assert into_lines(np.zeros((0, 4))) == [] and slant(np.zeros((0, 4))) == 0


@pytest.mark.parametrize("degrees", [90, 180, 270, -90])
def test_quarter_turns_are_exact(degrees):
    """Pixel by pixel what NumPy turns, and every box goes back to where it came from."""
    image = Image(np.random.default_rng(0).integers(0, 256, (30, 47), np.uint8))
    upright, matrix = turn_back(image, degrees)
    assert (upright == np.rot90(image, degrees // 90)).all()
    y, x = 7, 21
    box = np.array([[x, y, x + 1, y + 1]], float)
    [left, top, right, bottom] = np.rint(boxes_in_picture(box, matrix)[0]).astype(int)
    assert (right - left, bottom - top) == (1, 1)
    assert image[top, left] == upright[y, x]


@settings(max_examples=60)
@given(st.integers(1, 10**8), st.integers(1, 10_000), st.floats(-180, 180))
def test_what_is_turned_grows_little(longer, shorter, degrees):
    """A page may lie at any angle, a strip only if no gigabytes of paper come with it."""
    shape = shorter, min(longer, 10**8 // shorter)
    if can_turn(shape, degrees) and np.prod(shape) < 10**6:
        upright, _ = turn_back(Image(np.zeros(shape, np.uint8)), degrees)
        assert upright.size <= 3.2 * np.prod(shape) + 2 * sum(shape)
    assert can_turn(shape, 90.0 * round(degrees / 90))
    assert can_turn((shorter, int(1.5 * shorter)), degrees)


@settings(max_examples=30)
@given(st.floats(-180, 180))
def test_turned_back_a_spot_is_where_its_box_says(degrees):
    """At any angle a bright spot is found in the old picture where the matrix puts it."""
    image = np.zeros((80, 120), np.uint8)
    image[30:35, 70:75] = 255
    upright, matrix = turn_back(Image(image), degrees)
    y, x = (
        float(np.average(at, weights=upright.ravel()))
        for at in np.indices(upright.shape).reshape(2, -1)
    )
    [left, top, right, bottom] = boxes_in_picture(np.array([[x, y, x + 1, y + 1]]), matrix)[0]
    assert ((left + right) / 2, (top + bottom) / 2) == pytest.approx((72.5, 32.5), abs=0.2)


def test_log_softmax_is_of_probabilities():
    """They sum to 1, however large the logits, and nothing comes of nothing."""
    logits = np.array([[1000, 1000, -1000], [0, 1, 2]], np.float32)
    assert np.exp(log_softmax(logits)).sum(axis=1) == pytest.approx(1)
    assert log_softmax(np.zeros((0, 10), np.float32)).shape == (0, 10)
