"""Digits on a page: what the truth says of a picture is what the picture shows."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_page import written

from mnist_lab import synth
from mnist_lab.arrays import OptionError

WHITE = synth.Paper(colour=(1, 1, 1), grain=0)
BLACK = synth.Pen(colour=(0, 0, 0), width=0.8, tooth=0, fade=0)
CLEAN = synth.Camera(table=(1, 1, 1))  # no light, lens, sensor or JPEG to speak of
INK = 255 * 0.6  # darker than this is ink: it covers 0.4 of a pixel or more
BLANK = synth.Page((), (60, 40))


def picture_of(page, *, seed=1, **options):
    clean = {"paper": WHITE, "pen": BLACK, "camera": CLEAN}
    return synth.photograph(page, seed=seed, **(clean | options))


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


@pytest.mark.parametrize("camera", [synth.SCANNER, replace(synth.PHONE, shadow=0.5)])
def test_photograph_same_seed_gives_same_bytes(camera):
    """Chance comes from the seed alone."""
    first, truth = synth.photograph(written(), seed=3, paper=synth.RECYCLED, camera=camera)
    again, same = synth.photograph(written(), seed=3, paper=synth.RECYCLED, camera=camera)
    assert first.tobytes() == again.tobytes()
    assert np.array_equal(truth.boxes, same.boxes)


def test_photograph_other_seed_gives_other_bytes():
    """Another seed is another photograph of the same page."""
    first, truth = synth.photograph(written(), seed=3)
    other, same = synth.photograph(written(), seed=4)
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


@settings(max_examples=15)
@given(st.integers(0, 1000), st.floats(100, 300), st.floats(0.4, 2))
def test_truth_boxes_hold_the_ink_of_a_flat_page(seed, dpi, width):
    """No ink lies outside of the boxes, and ink touches every side of each."""
    page = written(seed=seed)
    camera, pen = replace(CLEAN, dpi=dpi), replace(BLACK, width=width)
    picture, truth = picture_of(page, seed=seed, camera=camera, pen=pen)
    dark = picture[..., 0] < INK
    assert not uncovered(dark, truth.boxes, 1).any()
    assert all(touches(dark, box, 1) for box in truth.boxes)


@settings(max_examples=20)
@given(st.integers(0, 1000), st.floats(0, 35), st.floats(-180, 180), st.sampled_from([100, 250]))
def test_truth_boxes_hold_the_ink_from_any_side(seed, tilt, rotation, dpi):
    """Tilted and turned, the boxes still hold all ink, and no more room than it needs."""
    camera = replace(CLEAN, tilt=tilt, rotation=rotation, dpi=dpi)
    picture, truth = picture_of(written(), seed=seed, camera=camera)
    dark = picture[..., 0] < INK
    assert not uncovered(dark, truth.boxes, 1).any()
    assert all(touches(dark, box, 2) for box in truth.boxes)


@pytest.mark.parametrize("pen", [synth.PENCIL, synth.BALLPOINT, synth.FELT])
def test_truth_boxes_are_where_a_phone_sees_ink(pen):
    """In a photograph with all that befalls it, the boxes are darker than what is around."""
    camera = replace(synth.PHONE, tilt=30, rotation=70, jpeg=40, shadow=0.4, dpi=200)
    picture, truth = synth.photograph(written(), seed=2, pen=pen, camera=camera)
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


@settings(max_examples=10)
@given(st.integers(0, 1000), st.floats(0, 35), st.floats(-360, 360))
def test_truth_says_where_a_point_of_the_page_is(seed, tilt, rotation):
    """A square that is printed around a point is seen around where the truth says."""
    printed = np.full((400, 600), 255, np.uint8)
    cv2.rectangle(printed, (480, 80), (499, 99), 0, -1)  # about (49, 9) mm
    page = synth.Page((), (60, 40), printed)
    camera = replace(CLEAN, tilt=tilt, rotation=rotation, dpi=254)
    picture, truth = picture_of(page, seed=seed, camera=camera)
    moments = cv2.moments(255 - picture[..., 0])
    seen = np.array([moments["m10"], moments["m01"]]) / moments["m00"] + 0.5
    assert np.abs(truth.where(np.array([[49, 9]])) - seen).max() < 0.5


def test_photograph_takes_digits_that_are_printed_already():
    """A digit without strokes has the box that was given for it."""
    digit = synth.PageDigit(7, box=(10, 20, 5, 8))
    _, truth = picture_of(synth.Page([digit], (60, 40)), camera=replace(CLEAN, dpi=254))
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


@settings(max_examples=10)
@given(st.integers(0, 1000), st.floats(0.1, 0.9), st.floats(0.5, 50))
def test_shadow_only_darkens(seed, shadow, edge):
    """Under a shadow no pixel is brighter, and some are darker by as much as was asked."""
    lit, _ = picture_of(written(), seed=seed, paper=synth.RECYCLED)
    camera = replace(CLEAN, shadow=shadow, shadow_edge=edge)
    shaded, _ = picture_of(written(), seed=seed, paper=synth.RECYCLED, camera=camera)
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


@pytest.mark.parametrize("pen", [synth.PENCIL, synth.BALLPOINT, synth.FELT])
def test_ink_only_darkens_the_paper(pen):
    """Ink, and the ruling under it, take light away wherever they are."""
    bare, _ = picture_of(replace(BLANK, size=written().size), paper=synth.RECYCLED)
    inked, _ = picture_of(written(), paper=synth.RECYCLED, pen=pen)
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
        written(height=40), paper=synth.BLACKBOARD, pen=synth.CHALK, camera=replace(CLEAN, dpi=60)
    )
    x, y, width, height = truth.boxes[0]
    assert picture[y : y + height, x : x + width].max() > 2 * np.median(picture)
    assert truth.polarity == "light-on-dark"


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        (synth.Camera, {"dpi": 0}),
        (synth.Camera, {"dpi": float("nan")}),
        (synth.Camera, {"tilt": 61}),
        (synth.Camera, {"rotation": 400}),
        (synth.Camera, {"shadow": 1}),
        (synth.Camera, {"jpeg": 0}),
        (synth.Camera, {"noise": -1}),
        (synth.Camera, {"blur": "2"}),
        (synth.Camera, {"framing": "close"}),
        (synth.Camera, {"table": (100, 80, 60)}),
        (synth.Paper, {"grain": 0.6}),
        (synth.Paper, {"ruling": "dots"}),
        (synth.Paper, {"colour": (0.5, 0.5)}),
        (synth.Paper, {"colour": 0.5}),
        (synth.Paper, {"colour": ("red", 0, 0)}),
        (synth.Paper, {"ruling": None}),
        (synth.Pen, {"width": 0}),
        (synth.Pen, {"tooth": 2}),
    ],
)
def test_options_out_of_range_are_refused(kind, options):
    """An option that means nothing is refused by its name and its value."""
    [(name, value)] = options.items()
    with pytest.raises(OptionError, match=f"expected (a )?{name}.*got") as error:
        kind(**options)
    assert str(value) in str(error.value) and "\n" not in str(error.value)


def test_an_array_for_an_option_is_refused_in_one_line():
    """However long the value is, the error names its form and not its numbers."""
    with pytest.raises(
        OptionError, match=r"expected grain from 0 to 0.5, got \(100, 100\) float64$"
    ):
        synth.Paper(grain=np.zeros((100, 100)))
    with pytest.raises(OptionError, match=r"got \(100, 3\) float64: divide levels"):
        synth.Pen(colour=np.zeros((100, 3)))


def test_photograph_refuses_a_picture_that_is_too_large():
    """A picture that would fill the memory is refused before it is begun."""
    with pytest.raises(OptionError, match=r"100,000,000 pixels, got .* lower the dpi"):
        picture_of(replace(BLANK, size=(2000, 2000)), camera=replace(CLEAN, dpi=600))


@pytest.mark.parametrize("seed", [-1, 1.5, None])
def test_photograph_refuses_what_is_no_seed(seed):
    """A seed is a whole number."""
    with pytest.raises(OptionError, match="expected a seed"):
        picture_of(BLANK, seed=seed)
