"""Strokes to ink."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_lab import strokes
from mnist_lab.arrays import ArrayError, Stroke

inside = st.floats(0.25, 0.75, width=32)
points = st.lists(st.tuples(inside, inside), min_size=1, max_size=8).map(np.float32)
drawings = st.lists(points, min_size=1, max_size=3)


def line(*corners: tuple[float, float]) -> list[Stroke]:
    return [Stroke(np.float32(corners))]


@given(drawings, st.integers(20, 80), st.floats(0.05, 0.2))
def test_ink_lies_where_the_pen_was_and_nowhere_else(drawing, size, pen):
    """Under each point of a stroke is ink; farther off than the pen reaches is none."""
    ink = strokes.rasterise(drawing, size=size, pen=pen)
    places = np.concatenate(drawing) * size
    assert all(ink[int(y), int(x)] > 0 for x, y in places)
    rows = np.flatnonzero(ink.any(axis=1))
    reach = pen * size / 2 + 1.5
    assert rows[0] >= places[:, 1].min() - reach and rows[-1] <= places[:, 1].max() + reach


@given(drawings)
def test_drawing_backwards_leaves_the_same_ink(drawing):
    """Ink does not tell the direction or the order of the strokes, but at rounded edges."""
    there = strokes.rasterise(drawing, size=64, pen=0.1)
    back = strokes.rasterise([stroke[::-1] for stroke in drawing[::-1]], size=64, pen=0.1)
    assert np.abs(there.astype(int) - back).mean() < 0.5


@pytest.mark.parametrize("pen", [0.03, 0.1, 0.25])
@pytest.mark.parametrize("size", [28, 100, 333])
def test_a_straight_line_is_as_wide_as_its_pen(pen, size):
    """The grey of a row across an upright line sums to the pen's width in pixels."""
    ink = strokes.rasterise(line((0.5, 0.1), (0.5, 0.9)), size=size, pen=pen)
    assert ink[size // 2].sum() / 255 == pytest.approx(pen * size, abs=0.6)


def test_a_single_point_is_a_round_dot():
    """A dot's area is that of a circle as wide as the pen."""
    ink = strokes.rasterise(line((0.5, 0.5)), size=200, pen=0.3)
    assert ink.sum() / 255 == pytest.approx(np.pi / 4 * 60**2, rel=0.05)


def test_edges_have_grey_levels_between_paper_and_ink():
    """Antialiased: an oblique line has many grey levels."""
    ink = strokes.rasterise(line((0.2, 0.1), (0.7, 0.9)), size=28, pen=0.1)
    assert len(np.unique(ink)) > 8


def test_size_gives_height_and_width_and_the_unit_is_the_height():
    """In a picture twice as wide as high, x = 1 is its middle."""
    ink = strokes.rasterise(line((1, 0.2), (1, 0.8)), size=(40, 80), pen=0.1)
    assert ink.shape == (40, 80)
    assert ink.sum(axis=0) @ np.arange(80) / ink.sum() == pytest.approx(39.5, abs=0.5)


def test_a_pressed_pen_swells_the_line():
    """Widths given point by point: the line is wider where the pen was pressed."""
    stroke = np.float32([[0.1, 0.5], [0.5, 0.5], [0.9, 0.5]])
    ink = strokes.rasterise([stroke], size=100, pen=[np.array([0.02, 0.02, 0.3])])
    assert (ink > 0).sum(axis=0)[70] > 2 * (ink > 0).sum(axis=0)[30] > 0


def test_ink_outside_of_the_picture_is_cut_off():
    """A stroke far away leaves nothing, and does no harm."""
    assert not strokes.rasterise(line((5, 5), (1e30, 9)), size=28, pen=0.1).any()


def test_no_strokes_are_an_empty_page():
    """Nothing drawn is all dark."""
    assert not strokes.rasterise([], size=28, pen=0.1).any()


@pytest.mark.parametrize(
    ("drawing", "pen", "says"),
    [
        (line((0.1, np.nan)), 0.1, "at point 0 of stroke 0: drop the points"),
        (line(), 0.1, r"expected a stroke \(points, 2\)"),
        (np.float32([[0.1, 0.2], [0.3, 0.4]]), 0.1, "a drawing is a list of strokes"),
        ([[(0, 1), (1, 1)]], 0.1, "got a list as stroke 0"),
        (line((0, 1)), 0, "wider than 0"),
        (line((0, 1)), [0.1, 0.1], "expected a pen for each of 1 strokes, got 2"),
        (line((0, 1), (1, 1)), [np.ones(3)], "for each of the 2 points of stroke 0"),
    ],
)
def test_bad_drawings_are_refused_with_the_reason(drawing, pen, says):
    """The message names the stroke, the value and the next step."""
    with pytest.raises(ArrayError, match=says):
        strokes.rasterise(drawing, size=28, pen=pen)


def test_a_size_below_one_pixel_is_refused():
    """A picture has at least one pixel."""
    with pytest.raises(ArrayError, match="at least 1 pixel"):
        strokes.rasterise([], size=0, pen=0.1)


@given(st.lists(st.tuples(inside, inside), min_size=2, max_size=12).map(np.float32))
def test_a_smooth_curve_passes_through_its_control_points(control):
    """Catmull-Rom interpolates."""
    assert strokes.smooth(control)[:: strokes.POINTS_PER_SPAN] == pytest.approx(control, abs=1e-5)


def test_smooth_follows_a_straight_line():
    """Even control points on a line stay on it, evenly spaced."""
    control = np.linspace([0, 1], [3, 7], 5)
    even = np.linspace([0, 1], [3, 7], 4 * strokes.POINTS_PER_SPAN + 1)
    assert strokes.smooth(control) == pytest.approx(even, abs=1e-5)
