"""Pictures to digits: what was written is found, where it was written, whatever the light."""

import functools
from dataclasses import replace
from itertools import product

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from mnist_lab import synth
from mnist_lab.arrays import MnistLabError
from mnist_lab.images import invert
from mnist_lab.reading import NoDigit, find_digits, read_digit

HAND = functools.partial(synth.write_strokes, writer=synth.Writer(2))
TEXT = "3141\n5926\n5358"
SCANNER = replace(synth.SCANNER, dpi=150)


def page(text=TEXT, *, hand=HAND, seed=1, **options):
    """A photographed page, grey, and its truth."""
    written = synth.lay_out(text, hand, seed=seed, height=10, gap=0.6)
    picture, truth = synth.photograph(written, seed=seed, **({"camera": SCANNER} | options))
    return cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), truth


def overlap(one, other):
    """Intersection over union of two boxes."""
    left, top = np.maximum(one[:2], other[:2])
    right, bottom = np.minimum(one[:2] + one[2:], other[:2] + other[2:])
    common = max(0, right - left) * max(0, bottom - top)
    return common / (one[2] * one[3] + other[2] * other[3] - common)


def agrees(reading, truth):
    """The same digits in the same lines, each in its place."""
    return reading.lines == truth.lines and all(
        overlap(found, true) > 0.5 for found, true in zip(reading.boxes, truth.boxes, strict=True)
    )


@pytest.mark.parametrize(
    "sheet", [synth.PLAIN, synth.RULED, synth.SQUARED], ids=["plain", "ruled", "squared"]
)
@pytest.mark.parametrize("pen", [synth.BALLPOINT, synth.FELT], ids=["ball", "felt"])
@pytest.mark.parametrize("camera", [SCANNER, synth.PHONE], ids=["scanner", "phone"])
def test_page_composed_from_strokes_gives_back_its_boxes(sheet, pen, camera):
    """Every digit once, in reading order, whatever it is written on and with."""
    image, truth = page(paper=sheet, pen=pen, camera=camera)
    assert agrees(find_digits(image), truth)


def test_pages_in_pencil_are_found():
    """A pale and broken line is still a line: of four pages 19 digits in 20, in their places."""
    found = written = 0
    for seed in range(4):
        image, truth = page(pen=synth.PENCIL, seed=seed)
        boxes = find_digits(image).boxes
        found += sum(any(overlap(one, true) > 0.5 for one in boxes) for true in truth.boxes)
        written += len(truth.boxes)
    assert found >= 0.95 * written


def test_hard_shadow_is_no_ink():
    """The edge of a shadow across the page neither adds nor hides a digit."""
    image, truth = page(camera=replace(SCANNER, shadow=0.5, shadow_edge=0.5))
    assert agrees(find_digits(image), truth)


def test_chalk_on_a_board_is_bright_ink():
    """Bright on dark is read as it is."""
    image, truth = page(paper=synth.BLACKBOARD, pen=synth.CHALK)
    reading = find_digits(image)
    assert reading.polarity == truth.polarity == "light-on-dark"
    assert agrees(reading, truth)


@pytest.mark.parametrize("rotation", [-8, 4, 10])
def test_slanting_page_is_deskewed(rotation):
    """A page turned by some degrees is read along its lines, and the turn is told."""
    image, truth = page(camera=replace(SCANNER, rotation=rotation))
    reading = find_digits(image)
    assert agrees(reading, truth)
    assert abs(reading.rotation - rotation) < 3


@pytest.mark.parametrize("rotation", [90, 180, -90])
def test_page_on_its_side_or_its_head_is_stood_up(rotation):
    """A page stored in any way is read as it was written."""
    image, truth = page("0123456789\n3141592653", camera=replace(SCANNER, rotation=rotation))
    reading = find_digits(image)
    assert abs((reading.rotation - rotation + 180) % 360 - 180) < 3
    assert agrees(reading, truth)


def test_inverting_the_picture_changes_nothing_but_its_polarity():
    """The negative of a page has the same digits in the same places."""
    image, truth = page()
    reading, negative = find_digits(image), find_digits(invert(image))
    assert agrees(reading, truth) and agrees(negative, truth)
    assert np.abs(reading.digits.astype(int) - negative.digits).mean() < 8
    assert {reading.polarity, negative.polarity} == {"dark-on-light", "light-on-dark"}


def ring(at=(200, 200), *, radius=60, pen=10, size=400):
    """A nought in the middle of nothing."""
    image = np.full((size, size), 255, np.uint8)
    cv2.ellipse(image, at, (radius * 2 // 3, radius), 0, 0, 360, 0, pen)
    return image


@settings(max_examples=15)
@given(st.integers(100, 300), st.integers(100, 300))
def test_where_the_ink_is_changes_nothing(x, y):
    """A nought is the same digit all over the picture, but for a pixel's shift and its edges."""
    middle, moved = read_digit(ring()), read_digit(ring((x, y)))
    shifted = [np.roll(moved, by, (0, 1)) for by in product((-1, 0, 1), repeat=2)]
    assert max(np.corrcoef(middle.ravel(), each.ravel())[0, 1] for each in shifted) > 0.85


@pytest.mark.parametrize(
    ("size", "radius", "pen"), [(28, 10, 2), (400, 20, 2), (1200, 30, 5), (3000, 1300, 150)]
)
def test_digit_of_any_size_is_found(size, radius, pen):
    """A thumbnail, a tenth of the frame or a twentieth, megapixels filled to the brim: one nought."""
    digit = read_digit(ring((size // 2, size // 2), radius=radius, pen=pen, size=size))
    assert digit[14, 14] == 0 and digit.max() > 200
    assert cv2.connectedComponents((digit > 100).astype(np.uint8))[0] == 2


@pytest.mark.parametrize("seed", [0, 6, 7])
def test_digits_written_close_are_told_apart(seed):
    """Where they touch, too: two thirds are found."""
    drawing = synth.lay_out("463063\n394329", HAND, seed=seed, height=10, gap=0.08)
    picture, truth = synth.photograph(drawing, seed=seed, pen=synth.FELT, camera=SCANNER)
    boxes = find_digits(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)).boxes
    found = [any(overlap(one, true) > 0.5 for one in boxes) for true in truth.boxes]
    assert sum(found) >= 8


def test_table_of_cells_is_no_ink():
    """Digits in the cells of a form are found; its lines are not."""
    image = np.minimum(ring((100, 200)), ring((300, 200)))
    for at in (5, 200, 395):
        cv2.line(image, (at, 0), (at, 399), 0, 4)
        cv2.line(image, (0, 100 if at == 200 else at), (399, 100 if at == 200 else at), 0, 4)
    assert len(find_digits(image)) == 2


@pytest.mark.parametrize("sheet", [synth.PLAIN, synth.RULED, synth.SQUARED, synth.BLACKBOARD])
def test_page_without_a_digit_gives_none(sheet):
    """Grain, dust and ruling are not made into digits."""
    blank = synth.Page((), (100, 70))
    picture, _ = synth.photograph(blank, seed=1, paper=sheet, camera=SCANNER)
    image = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    assert len(find_digits(image)) == 0
    with pytest.raises(NoDigit, match="none"):
        read_digit(np.full((50, 50), 200, np.uint8))


def test_bare_sheets_on_a_table_hold_hardly_a_digit():
    """Neither the table nor the corners of a hard shadow are any: of twelve, two at the most."""
    camera = replace(synth.PHONE, framing="page", shadow=0.5, shadow_edge=2)
    blank, found = synth.Page((), (120, 80)), 0
    for seed in range(6):
        for sheet in (synth.PLAIN, synth.RULED):
            picture, _ = synth.photograph(blank, seed=seed, paper=sheet, camera=camera)
            found += len(find_digits(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)))
    assert found <= 2


@pytest.mark.parametrize("sheet", [synth.SQUARED, synth.RECYCLED], ids=["squared", "recycled"])
@pytest.mark.parametrize("seed", [0, 1, 2, 6, 10])
def test_rests_of_rulings_and_specks_are_no_digits(seed, sheet):
    """What is left of faint lines under a slanting camera, and specks, are no digits."""
    camera = replace(synth.PHONE, framing="page", dpi=110, margin=15, rotation=4, shadow=0.5)
    blank = synth.Page((), (120, 90))
    picture, _ = synth.photograph(blank, seed=seed, paper=sheet, camera=camera)
    image = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    assert len(find_digits(image)) == len(find_digits(image, single=True)) == 0


def test_sheet_on_a_table_is_found_in_a_hard_shadow():
    """A shadow over paper and table alike: of 20 pages all polarities, 19 digits in 20."""
    shadow = {"shadow": 0.55, "shadow_edge": 1.0}
    camera = replace(synth.PHONE, framing="page", margin=15, rotation=3, **shadow)
    found = written = 0
    for seed in range(20):
        image, truth = page(camera=camera, seed=seed)
        reading = find_digits(image)
        assert reading.polarity == truth.polarity
        written += len(truth.boxes)
        found += sum(any(overlap(box, true) > 0.5 for box in reading.boxes) for true in truth.boxes)
    assert found >= 0.95 * written


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("sheet", [synth.PLAIN, synth.SQUARED], ids=["plain", "squared"])
def test_sheet_that_lies_askew_on_a_table_is_read(sheet, seed):
    """The table round it is left out, its ruling is found at any slope and goes."""
    camera = replace(synth.PHONE, framing="page", margin=25, rotation=7)
    image, truth = page(seed=seed, paper=sheet, camera=camera)
    assert agrees(find_digits(image), truth)


@pytest.mark.parametrize("factor", [0.5, 1.7, 4])
def test_size_of_the_picture_changes_nothing(factor):
    """A page has its digits where it had them, scanned finer or coarser."""
    image, truth = page()
    scaled = cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    reading = find_digits(scaled)
    assert reading.lines == truth.lines
    for found, true in zip(reading.boxes / factor, truth.boxes, strict=True):
        assert overlap(found, true) > 0.5


def test_digits_like_stairs_on_a_long_strip_are_read_where_they_are():
    """Turned until the stairs were lines, the strip would grow to many times its size."""
    picture, truth = page("0123456789")
    steps = [picture[y - 5 : y + h + 5, x - 5 : x + w + 5] for x, y, w, h in truth.boxes]
    high, wide = np.max([step.shape for step in steps], axis=0)
    strip = np.full((high + wide, 100 * wide), int(np.median(picture)), np.uint8)
    for at, step in enumerate(3 * steps):
        y, x = at % 3 * 2 * wide // 5, at % 3 * wide + at // 3 * 9 * wide
        strip[y : y + step.shape[0], x : x + step.shape[1]] = step
    reading = find_digits(strip)
    assert 28 <= len(reading) <= 30
    assert max(step.image.size for step in reading.steps) < 3.2 * strip.size


def test_dash_is_no_digit():
    """A line that lies down has not the shape of one."""
    image = np.full((300, 300), 230, np.uint8)
    cv2.line(image, (80, 150), (220, 150), 40, 8)
    assert len(find_digits(image, single=True)) == len(find_digits(image)) == 0


def test_steps_tell_the_story_in_order():
    """Each step has a name, a sentence and an image; the first is what the finder is shown."""
    reading = find_digits(page()[0])
    names = [step.name for step in reading.steps]
    assert names[0] == "contrast" and names[-1] == "digits" and len(set(names)) == len(names)
    assert all(step.sentence.endswith(".") and step.image.ndim == 2 for step in reading.steps)


@settings(max_examples=80)
@given(arrays.arrays(np.uint8, arrays.array_shapes(min_dims=2, max_dims=2, max_side=60)))
def test_any_image_gives_a_reading_or_the_documented_error(image):
    """Nothing but a `PageReading` whose parts agree, or an error that says what is wrong."""
    try:
        reading = find_digits(image)
        one = find_digits(image, single=True)
    except MnistLabError:
        return
    height, width = image.shape
    assert len(reading.digits) == len(reading.boxes) == sum(map(len, reading.lines))
    assert len(one) <= 1
    for x, y, wide, high in [*reading.boxes, *one.boxes]:
        assert 0 <= x < x + wide <= width and 0 <= y < y + high <= height


@settings(max_examples=30)
@given(st.integers(1, 400), st.integers(1, 400), st.integers(0, 99))
def test_noise_of_any_shape_gives_a_reading(height, width, seed):
    """Larger pictures of noise are read as well as small ones."""
    image = np.random.default_rng(seed).integers(0, 256, (height, width), np.uint8)
    assert find_digits(image).digits.shape[1:] == (28, 28)
