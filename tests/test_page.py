"""Digits on a page: where they stand, and what a page refuses."""

from itertools import pairwise

import numpy as np
import pytest

from mnist_lab import synth
from mnist_lab.arrays import ArrayError, OptionError


def zigzag(label, rng):
    """A hand that a test can foresee: two strokes, one unit high."""
    first = np.float32([[0, 0], [0.5, 0.1 * label], [0, 0.5]])
    return [first + rng.uniform(0, 0.01), np.float32([[0.2, 0.5], [0.4, 1]])]


def written(text="20\n26", **options):
    return synth.lay_out(text, zigzag, **({"seed": 1, "margin": 8} | options))


@pytest.mark.parametrize("label", [10, -1, "7"])
def test_page_digit_refuses_what_is_no_digit(label):
    """A label is 0 to 9."""
    with pytest.raises(OptionError, match="expected a label from 0 to 9"):
        synth.PageDigit(label, [np.zeros((2, 2), np.float32)])


def test_page_digit_wants_strokes_or_a_box():
    """A digit is drawn or printed, not neither."""
    with pytest.raises(OptionError, match=r"strokes to draw the 3 with, .* got neither"):
        synth.PageDigit(3)


@pytest.mark.parametrize("stroke", [np.zeros(4), np.zeros((0, 2)), np.zeros((4, 3)), "stroke"])
def test_page_digit_refuses_what_is_no_stroke(stroke):
    """A stroke is (points, 2)."""
    with pytest.raises(ArrayError, match=r"expected a stroke \(points, 2\)"):
        synth.PageDigit(3, [stroke])


@pytest.mark.parametrize("x", [-1, 61, np.nan])
def test_page_refuses_digits_off_the_page(x):
    """Every digit stands on its page."""
    digit = synth.PageDigit(3, [np.float32([[x, 10], [20, 20]])])
    with pytest.raises(OptionError, match="on the page of 60 x 40 mm, got a 3 from"):
        synth.Page([digit], (60, 40))


def test_page_refuses_lines_out_of_order():
    """The order of the digits is the reading order."""
    digits = [synth.PageDigit(3, box=(10, y, 5, 5), line=line) for line, y in ((1, 20), (0, 5))]
    with pytest.raises(OptionError, match="line after line"):
        synth.Page(digits, (60, 40))


@pytest.mark.parametrize("page", [np.zeros((4, 4)), np.zeros((4, 4, 4), np.uint8), "page.png"])
def test_page_refuses_what_is_no_printed_page(page):
    """A printed page is grey or colour, uint8."""
    with pytest.raises(ArrayError, match="expected a printed page uint8"):
        synth.Page((), (60, 40), page)


def test_lay_out_tidy_writes_on_a_straight_line():
    """A perfectly tidy hand writes every digit as high as asked, side by side."""
    page = written("012", height=10, gap=0.5, tidy=1)
    outlines = [digit.outline() for digit in page.digits]
    assert all(np.ptp(points[:, 1]) == pytest.approx(10, abs=1e-3) for points in outlines)
    gaps = [b[:, 0].min() - a[:, 0].max() for a, b in pairwise(outlines)]
    assert gaps == pytest.approx([5, 5], abs=1e-3)


def test_lay_out_strays_as_hands_do():
    """By default no two digits are quite alike, and the page is large enough for them."""
    page = written("0123456789\n0123456789")
    heights = np.array([np.ptp(digit.outline()[:, 1]) for digit in page.digits])
    assert 0.02 < heights.std() / heights.mean() < 0.12
    assert len(np.unique(heights)) == 20


@pytest.mark.parametrize("text", ["", " \n", "12a", "1.5"])
def test_lay_out_refuses_what_is_not_digits(text):
    """Only digits are written."""
    with pytest.raises(OptionError, match="expected digits, spaces and line breaks"):
        written(text)


def test_lay_out_refuses_more_than_the_page_holds():
    """A text that does not fit says so, instead of running off the page."""
    with pytest.raises(OptionError, match="take a larger page"):
        written("0123456789", size=(60, 40))
