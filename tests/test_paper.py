"""Digits on a page: what the truth says of a picture is what the picture shows."""

from dataclasses import replace
from itertools import pairwise

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mnist_lab.arrays import ArrayError
from mnist_lab.synth import paper

WHITE = paper.Paper(colour=(1, 1, 1), grain=0)
BLACK = paper.Pen(colour=(0, 0, 0), width=0.8, tooth=0, fade=0)
CLEAN = paper.Camera(table=(1, 1, 1))  # no light, lens, sensor or JPEG to speak of
INK = 255 * 0.6  # darker than this is ink: it covers 0.4 of a pixel or more
BLANK = paper.Drawing((), (60, 40))


def zigzag(label, rng):
    """A hand that a test can foresee: two strokes, one unit high."""
    first = np.float32([[0, 0], [0.5, 0.1 * label], [0, 0.5]])
    return [first + rng.uniform(0, 0.01), np.float32([[0.2, 0.5], [0.4, 1]])]


def written(text="20\n26", **options):
    return paper.lay_out(text, zigzag, **({"seed": 1, "margin": 8} | options))


def picture_of(drawing, *, seed=1, **options):
    clean = {"paper": WHITE, "pen": BLACK, "camera": CLEAN}
    return paper.photograph(drawing, seed=seed, **(clean | options))


def touches(dark, box, slack):
    """Whether the ink in a box is within `slack` pixels of all its four sides."""
    x, y, width, height = box
    left, top, wide, high = cv2.boundingRect(dark[y : y + height, x : x + width].astype(np.uint8))
    return max(left, top, width - left - wide, height - top - high) <= slack


def uncovered(dark, boxes, slack):
    """The ink outside of all boxes, each grown by `slack` pixels."""
    dark = dark.copy()
    for x, y, width, height in boxes:
        dark[max(0, y - slack) : y + height + slack, max(0, x - slack) : x + width + slack] = False
    return dark


@pytest.mark.parametrize("camera", [paper.SCANNER, replace(paper.PHONE, shadow=0.5)])
def test_photograph_same_seed_gives_same_bytes(camera):
    """Chance comes from the seed alone."""
    first, truth = paper.photograph(written(), seed=3, paper=paper.RECYCLED, camera=camera)
    again, same = paper.photograph(written(), seed=3, paper=paper.RECYCLED, camera=camera)
    assert first.tobytes() == again.tobytes()
    assert np.array_equal(truth.boxes, same.boxes)


def test_photograph_other_seed_gives_other_bytes():
    """Another seed is another photograph of the same page."""
    first, truth = paper.photograph(written(), seed=3)
    other, same = paper.photograph(written(), seed=4)
    assert first.tobytes() != other.tobytes()
    assert truth.text == same.text


def test_photograph_gives_a_colour_picture():
    """A picture is uint8 (height, width, 3), red first."""
    picture, _ = picture_of(BLANK, paper=replace(WHITE, colour=(1, 0.5, 0)))
    assert picture.dtype == np.uint8
    assert picture.shape[2] == 3
    assert np.abs(picture.mean(axis=(0, 1)) - (255, 127, 0)).max() < 1


def test_photograph_resolution_is_pixels_per_inch():
    """A page seen from straight above has its size in inches times the dpi."""
    picture, _ = picture_of(BLANK, camera=replace(CLEAN, dpi=254))
    assert picture.shape == (400, 600, 3)


def test_truth_labels_and_lines_are_in_reading_order():
    """The truth reads as the text was written, without its spaces."""
    _, truth = picture_of(written("20 26\n\n013\n7"))
    assert truth.text == "2026\n013\n7"
    assert truth.labels.tolist() == [2, 0, 2, 6, 0, 1, 3, 7]
    assert truth.labels.dtype == np.uint8
    assert truth.lines == ((0, 1, 2, 3), (4, 5, 6), (7,))


def test_truth_boxes_run_along_the_lines():
    """Upright, boxes go from left to right on a line, and lines from top to bottom."""
    _, truth = picture_of(written("2026\n0139"))
    x, y = truth.boxes[:, 0].reshape(2, 4), truth.boxes[:, 1].reshape(2, 4)
    assert (np.diff(x, axis=1) > 0).all()
    assert y[0].max() < y[1].min()


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 1000), st.floats(100, 300), st.floats(0.4, 2))
def test_truth_boxes_hold_the_ink_of_a_flat_page(seed, dpi, width):
    """No ink lies outside of the boxes, and ink touches every side of each."""
    drawing = written(seed=seed)
    camera, pen = replace(CLEAN, dpi=dpi), replace(BLACK, width=width)
    picture, truth = picture_of(drawing, seed=seed, camera=camera, pen=pen)
    dark = picture[..., 0] < INK
    assert not uncovered(dark, truth.boxes, 1).any()
    assert all(touches(dark, box, 1) for box in truth.boxes)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1000), st.floats(0, 35), st.floats(-180, 180), st.sampled_from([100, 250]))
def test_truth_boxes_hold_the_ink_from_any_side(seed, tilt, rotation, dpi):
    """Tilted and turned, the boxes still hold all ink, and no more room than it needs."""
    camera = replace(CLEAN, tilt=tilt, rotation=rotation, dpi=dpi)
    picture, truth = picture_of(written(), seed=seed, camera=camera)
    dark = picture[..., 0] < INK
    assert not uncovered(dark, truth.boxes, 1).any()
    assert all(touches(dark, box, 2) for box in truth.boxes)


@pytest.mark.parametrize("pen", [paper.PENCIL, paper.BALLPOINT, paper.FELT])
def test_truth_boxes_are_where_a_phone_sees_ink(pen):
    """In a photograph with all that befalls it, the boxes are darker than what is around."""
    camera = replace(paper.PHONE, tilt=30, rotation=70, jpeg=40, shadow=0.4, dpi=200)
    picture, truth = paper.photograph(written(), seed=2, pen=pen, camera=camera)
    grey = picture.mean(axis=2)
    for x, y, width, height in truth.boxes:
        around = grey[y - 4 : y + height + 4, x - 4 : x + width + 4]
        assert np.percentile(around[4:-4, 4:-4], 2) < 0.8 * np.median(around)


def test_truth_boxes_do_not_depend_on_the_light():
    """Light, lens, sensor and JPEG change the picture, not where the digits are."""
    bad = {"uneven": 0.5, "vignette": 0.3, "shadow": 0.6, "blur": 2, "noise": 9, "jpeg": 40}
    clean, truth = picture_of(written())
    poor, same = picture_of(written(), camera=replace(CLEAN, **bad))
    assert clean.shape == poor.shape
    assert np.array_equal(truth.boxes, same.boxes)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 1000), st.floats(0, 35), st.floats(-360, 360))
def test_truth_says_where_a_point_of_the_page_is(seed, tilt, rotation):
    """A square that is printed around a point is seen around where the truth says."""
    printed = np.full((400, 600), 255, np.uint8)
    cv2.rectangle(printed, (480, 80), (499, 99), 0, -1)  # about (49, 9) mm
    page = paper.Drawing((), (60, 40), printed)
    camera = replace(CLEAN, tilt=tilt, rotation=rotation, dpi=254)
    picture, truth = picture_of(page, seed=seed, camera=camera)
    moments = cv2.moments(255 - picture[..., 0])
    seen = np.array([moments["m10"], moments["m01"]]) / moments["m00"] + 0.5
    assert np.abs(truth.where(np.array([[49, 9]])) - seen).max() < 0.5


def test_photograph_takes_digits_that_are_printed_already():
    """A digit without strokes has the box that was given for it."""
    digit = paper.Written(7, box=(10, 20, 5, 8))
    _, truth = picture_of(paper.Drawing([digit], (60, 40)), camera=replace(CLEAN, dpi=254))
    assert truth.boxes.tolist() == [[100, 200, 50, 80]]
    assert truth.text == "7"


def test_photograph_marks_are_ink_but_no_digits():
    """A crossing-out is seen, and is not in the truth."""
    mark = np.float32([[10, 10], [50, 30]])
    picture, truth = picture_of(replace(BLANK, marks=[mark]))
    assert picture.min() == 0
    assert truth.boxes.shape == (0, 4)
    assert truth.lines == ()


def test_photograph_framing_digits_keeps_the_margin():
    """Close to the ink, every digit is in the picture with the margin around it."""
    camera = replace(CLEAN, framing="digits", margin=2.54, dpi=100, tilt=20, rotation=30)
    picture, truth = picture_of(written(), camera=camera)
    assert truth.boxes[:, :2].min() in {9, 10, 11}
    right, bottom = (truth.boxes[:, :2] + truth.boxes[:, 2:]).max(axis=0)
    assert 9 <= picture.shape[1] - right <= 11
    assert 9 <= picture.shape[0] - bottom <= 11


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 1000), st.floats(0.1, 0.9), st.floats(0.5, 50))
def test_shadow_only_darkens(seed, shadow, edge):
    """Under a shadow no pixel is brighter, and some are darker by as much as was asked."""
    lit, _ = picture_of(written(), seed=seed, paper=paper.RECYCLED)
    camera = replace(CLEAN, shadow=shadow, shadow_edge=edge)
    shaded, _ = picture_of(written(), seed=seed, paper=paper.RECYCLED, camera=camera)
    assert (shaded <= lit).all()
    assert shaded.mean() < lit.mean()
    assert shaded.max() >= np.floor(lit.max() * (1 - shadow))


@pytest.mark.parametrize("name", ["uneven", "vignette"])
def test_lamp_only_darkens(name):
    """Uneven light takes away up to the share that was asked for."""
    even, _ = picture_of(BLANK)
    uneven, _ = picture_of(BLANK, camera=replace(CLEAN, **{name: 0.4}))
    assert (uneven <= even).all()
    assert uneven.min() == pytest.approx(255 * 0.6, abs=4)
    assert uneven.max() > 245


@pytest.mark.parametrize("exposure", [0.2, 0.6, 1.0, 1.5])
def test_exposure_sets_the_brightness_of_white_paper(exposure):
    """White paper is as bright as the light on it, and never brighter than white."""
    picture, _ = picture_of(BLANK, camera=replace(CLEAN, exposure=exposure))
    assert np.abs(picture - min(255, 255 * exposure)).max() <= 1


def test_tint_colours_white_paper():
    """Warm light makes white paper yellowish."""
    picture, _ = picture_of(BLANK, camera=replace(CLEAN, tint=(1, 0.8, 0.6)))
    assert np.abs(picture.mean(axis=(0, 1)) - (255, 204, 153)).max() < 1


def test_noise_has_the_spread_asked_for():
    """The grey levels of even paper spread as the sensor's noise does."""
    picture, _ = picture_of(BLANK, camera=replace(CLEAN, exposure=0.5, noise=6))
    assert picture.std() == pytest.approx(6, rel=0.05)


def test_blur_keeps_the_ink_and_lowers_its_edge():
    """A lens spreads ink without adding any."""
    sharp, _ = picture_of(written())
    soft, _ = picture_of(written(), camera=replace(CLEAN, blur=2))
    assert soft.mean() == pytest.approx(sharp.mean(), abs=0.5)
    assert soft.min() > sharp.min()


def test_jpeg_loses_more_at_a_lower_quality():
    """The lower the quality, the farther from what the sensor saw."""
    raw, _ = picture_of(written())
    lost = [
        np.abs(picture_of(written(), camera=replace(CLEAN, jpeg=quality))[0] - raw.astype(int))
        for quality in (95, 40, 5)
    ]
    assert lost[0].mean() < lost[1].mean() < lost[2].mean()


@pytest.mark.parametrize("pen", [paper.PENCIL, paper.BALLPOINT, paper.FELT])
def test_ink_only_darkens_the_paper(pen):
    """Ink, and the ruling under it, take light away wherever they are."""
    bare, _ = picture_of(replace(BLANK, size=written().size), paper=paper.RECYCLED)
    inked, _ = picture_of(written(), paper=paper.RECYCLED, pen=pen)
    assert (inked <= bare).all()
    assert inked.min() < 0.6 * bare.min()


def test_ruling_repeats_at_its_spacing():
    """Lines stand as far apart as was asked, and squares are ruled both ways."""
    camera = replace(CLEAN, dpi=254)  # ten pixels a millimetre
    lines, _ = picture_of(BLANK, paper=replace(WHITE, ruling="lines", spacing=8), camera=camera)
    squares, _ = picture_of(BLANK, paper=replace(WHITE, ruling="squares", spacing=8), camera=camera)
    rows = np.flatnonzero(lines[:, 5, 0] < 200)
    assert rows.tolist() == [80, 81, 160, 161, 240, 241, 320, 321]
    assert (lines == lines[:, :1]).all()
    assert np.flatnonzero(squares[5, :, 0] < 200)[:4].tolist() == [80, 81, 160, 161]


def test_inverted_is_the_negative():
    """An inverted picture is the picture with dark and bright swapped."""
    picture, truth = picture_of(written())
    negative, swapped = picture_of(written(), camera=replace(CLEAN, inverted=True))
    assert np.array_equal(negative, 255 - picture)
    assert (truth.polarity, swapped.polarity) == ("dark-on-light", "light-on-dark")


def test_chalk_is_brighter_than_the_board():
    """On a blackboard the ink is the bright part, and the truth says so."""
    picture, truth = picture_of(
        written(height=40), paper=paper.BLACKBOARD, pen=paper.CHALK, camera=replace(CLEAN, dpi=60)
    )
    x, y, width, height = truth.boxes[0]
    assert picture[y : y + height, x : x + width].max() > 2 * np.median(picture)
    assert truth.polarity == "light-on-dark"


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        (paper.Camera, {"dpi": 0}),
        (paper.Camera, {"dpi": float("nan")}),
        (paper.Camera, {"tilt": 61}),
        (paper.Camera, {"rotation": 400}),
        (paper.Camera, {"shadow": 1}),
        (paper.Camera, {"jpeg": 0}),
        (paper.Camera, {"noise": -1}),
        (paper.Camera, {"blur": "2"}),
        (paper.Camera, {"framing": "close"}),
        (paper.Camera, {"table": (100, 80, 60)}),
        (paper.Paper, {"grain": 0.6}),
        (paper.Paper, {"ruling": "dots"}),
        (paper.Paper, {"colour": (0.5, 0.5)}),
        (paper.Pen, {"width": 0}),
        (paper.Pen, {"tooth": 2}),
    ],
)
def test_options_out_of_range_are_refused(kind, options):
    """An option that means nothing is refused by its name and its value."""
    [(name, value)] = options.items()
    with pytest.raises(ArrayError, match=f"expected (a )?{name}.*got") as error:
        kind(**options)
    assert str(value) in str(error.value)


def test_photograph_refuses_a_picture_that_is_too_large():
    """A picture that would fill the memory is refused before it is begun."""
    with pytest.raises(ArrayError, match=r"100,000,000 pixels, got .* lower the dpi"):
        picture_of(replace(BLANK, size=(2000, 2000)), camera=replace(CLEAN, dpi=600))


@pytest.mark.parametrize("seed", [-1, 1.5, None])
def test_photograph_refuses_what_is_no_seed(seed):
    """A seed is a whole number."""
    with pytest.raises(ArrayError, match="expected a seed"):
        picture_of(BLANK, seed=seed)


@pytest.mark.parametrize("label", [10, -1, "7"])
def test_written_refuses_what_is_no_digit(label):
    """A label is 0 to 9."""
    with pytest.raises(ArrayError, match="expected a label from 0 to 9"):
        paper.Written(label, [np.zeros((2, 2), np.float32)])


def test_written_wants_strokes_or_a_box():
    """A digit is drawn or printed, not neither."""
    with pytest.raises(ArrayError, match=r"strokes to draw the 3 with, .* got neither"):
        paper.Written(3)


@pytest.mark.parametrize("stroke", [np.zeros(4), np.zeros((0, 2)), np.zeros((4, 3)), "stroke"])
def test_written_refuses_what_is_no_stroke(stroke):
    """A stroke is (points, 2)."""
    with pytest.raises(ArrayError, match=r"expected a stroke \(points, 2\)"):
        paper.Written(3, [stroke])


@pytest.mark.parametrize("x", [-1, 61, np.nan])
def test_drawing_refuses_digits_off_the_page(x):
    """Every digit stands on its page."""
    digit = paper.Written(3, [np.float32([[x, 10], [20, 20]])])
    with pytest.raises(ArrayError, match="on the page of 60 x 40 mm, got a 3 from"):
        paper.Drawing([digit], (60, 40))


def test_drawing_refuses_lines_out_of_order():
    """The order of the digits is the reading order."""
    digits = [paper.Written(3, box=(10, y, 5, 5), line=line) for line, y in ((1, 20), (0, 5))]
    with pytest.raises(ArrayError, match="line after line"):
        paper.Drawing(digits, (60, 40))


@pytest.mark.parametrize("page", [np.zeros((4, 4)), np.zeros((4, 4, 4), np.uint8), "page.png"])
def test_drawing_refuses_what_is_no_page(page):
    """A printed page is grey or colour, uint8."""
    with pytest.raises(ArrayError, match="expected a printed page uint8"):
        paper.Drawing((), (60, 40), page)


def test_lay_out_tidy_writes_on_a_straight_line():
    """A perfectly tidy hand writes every digit as high as asked, side by side."""
    drawing = written("012", height=10, gap=0.5, tidy=1)
    outlines = [digit.outline() for digit in drawing.digits]
    assert all(np.ptp(points[:, 1]) == pytest.approx(10, abs=1e-3) for points in outlines)
    gaps = [b[:, 0].min() - a[:, 0].max() for a, b in pairwise(outlines)]
    assert gaps == pytest.approx([5, 5], abs=1e-3)


def test_lay_out_strays_as_hands_do():
    """By default no two digits are quite alike, and the page is large enough for them."""
    drawing = written("0123456789\n0123456789")
    heights = np.array([np.ptp(digit.outline()[:, 1]) for digit in drawing.digits])
    assert 0.02 < heights.std() / heights.mean() < 0.12
    assert len(np.unique(heights)) == 20


@pytest.mark.parametrize("text", ["", " \n", "12a", "1.5"])
def test_lay_out_refuses_what_is_not_digits(text):
    """Only digits are written."""
    with pytest.raises(ArrayError, match="expected digits, spaces and line breaks"):
        written(text)


def test_lay_out_refuses_more_than_the_page_holds():
    """A text that does not fit says so, instead of running off the page."""
    with pytest.raises(ArrayError, match="take a larger page"):
        written("0123456789", size=(60, 40))
