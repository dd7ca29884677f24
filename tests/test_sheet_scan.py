"""Sheets filled in by a program and photographed by another: what is read of them."""

from dataclasses import replace
from functools import cache, partial

import cv2
import numpy as np
import pytest

from mnist_lab import synth
from mnist_lab.arrays import ArrayError
from mnist_lab.images import invert
from mnist_lab.sheet import BlankPage, NoSheet, Sheet, fill_in, read_sheet
from mnist_lab.sheet.boxes import EMPTY, HIDDEN, STRUCK
from mnist_lab.sheet.layout import (
    BOX_MM,
    BOXES,
    box_corner,
    box_middles,
    label_box,
    mark_corners,
    plate_corner,
)

SHEET = Sheet(4711)
EMPTY_BOXES, STRUCK_BOXES = {3, 60}, {17, 99}
WRITTEN = set(range(BOXES)) - EMPTY_BOXES - STRUCK_BOXES
CAMERA = synth.Camera(
    dpi=120, tilt=20, rotation=10, margin=8, exposure=0.85, uneven=0.3, shadow=0.5, shadow_edge=3,
    blur=0.8, noise=3, jpeg=50,
)  # fmt: skip


@cache
def filled():
    hand = partial(synth.write_strokes, writer=synth.Writer(7))
    return fill_in(SHEET, hand, seed=0, empty=EMPTY_BOXES, struck=STRUCK_BOXES, dpi=200)


@cache
def photo(**change):
    """A photo of that sheet, grey, and the truth about it."""
    picture, truth = synth.photograph(filled(), seed=1, camera=replace(CAMERA, **change))
    return cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), truth


def cover(image, truth, places):
    """Lay something dark on places (n, 2) of the plate, in mm."""
    outline = np.rint(truth.where(np.asarray(places) + plate_corner("A4"))).astype(np.int32)
    return cv2.fillPoly(image.copy(), [outline], 60)


def test_every_box_is_cut_where_it_is():
    """Labels, boxes, what was left out and why; every box within half a millimetre."""
    image, truth = photo()
    page = read_sheet(image)
    assert page.sheet == SHEET and set(page.boxes) == WRITTEN
    assert (page.labels == SHEET.labels[page.boxes]).all()
    assert {box for box, why in page.left_out.items() if why == EMPTY} == EMPTY_BOXES
    assert {box for box, why in page.left_out.items() if why == STRUCK} == STRUCK_BOXES
    middles = box_middles() + plate_corner("A4")
    missed = np.linalg.norm(page.middles - truth.where(middles), axis=1) / CAMERA.dpi * 25.4
    assert missed.max() < 0.5 and not page.notes


def test_digits_are_what_was_written():
    """The pretrained network, which has never seen the page, reads nine of ten as labelled."""
    from mnist_lab import network

    page = read_sheet(photo()[0])
    answers = network.predict_probabilities(network.load_pretrained(), page.digits).argmax(axis=1)
    assert (answers == page.labels).mean() > 0.9


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_how_the_page_lies_makes_no_difference(turns):
    """Turned by a quarter, on its head: the same boxes, and a word if on its head."""
    page = read_sheet(np.ascontiguousarray(np.rot90(photo()[0], turns)))
    assert set(page.boxes) == WRITTEN
    assert any("upside down" in note for note in page.notes) == (turns == 2)


@pytest.mark.parametrize("corner", range(4))
def test_three_marks_are_enough(corner):
    """With any one covered the rest is read, at the right places, and the note names it."""
    page = read_sheet(cover(*photo(), mark_corners(corner)))
    assert page.sheet == SHEET and set(page.boxes) == WRITTEN
    [note] = page.notes
    assert ["upper left", "upper right", "lower right", "lower left"][corner] in note
    assert "covered" in note


def test_a_page_that_is_cut_off_says_so():
    """The mark is not called covered where the picture ends before it."""
    image, truth = photo(rotation=0.0, tilt=0.0)
    left = int(truth.where(np.array([[0, 0]]) + plate_corner("A4"))[0, 0])
    cut = image[: image.shape[0] - 150, left - 3 :]
    with pytest.raises(NoSheet, match=r"upper left and the upper right marks are seen.*cut off"):
        read_sheet(np.ascontiguousarray(cut))


def test_a_box_whose_printed_digit_is_hidden_is_left_out():
    """What the box is for must be there to be seen, or its digit is not believed."""
    x, y, w, h = label_box(44)
    page = read_sheet(cover(*photo(), [[x, y], [x + w, y], [x + w, y + h], [x, y + h]]))
    assert page.left_out[44] == HIDDEN and set(page.boxes) == WRITTEN - {44}


def test_a_folded_page_has_no_wrong_label():
    """A row's height is gone in a fold: what is not where the marks say is not read."""
    image, truth = photo(tilt=0.0, rotation=0.0)
    for at in (120, 130, 133):  # through a box; a printed digit comes above the next row's box
        fold = int(truth.where(np.array([[0.0, at]]) + plate_corner("A4"))[0, 1])
        shift = round(21.5 / 25.4 * CAMERA.dpi)
        folded = np.vstack([image[:fold], image[fold + shift :]])
        with pytest.raises(NoSheet, match="folded"):
            read_sheet(folded)


@pytest.mark.parametrize("gone", [6, 10, 15])
def test_a_pleat_brings_no_box_under_another_s_digit(gone):
    """What is read of a page with some millimetres gone is nearer to its own box than to another."""
    image, truth = photo(tilt=0.0, rotation=0.0)
    middles = truth.where(box_middles() + plate_corner("A4"))
    shift = round(gone / 25.4 * CAMERA.dpi)
    for at in range(60, 90, 4):
        fold = int(truth.where(np.array([[0.0, at]]) + plate_corner("A4"))[0, 1])
        places = middles - np.outer(middles[:, 1] > fold + shift / 2, (0, shift))
        page = read_sheet(np.vstack([image[:fold], image[fold + shift :]]))
        missed = np.linalg.norm(page.middles - places, axis=1)[page.boxes]
        assert (
            missed.max() < 10 / 25.4 * CAMERA.dpi
            and (page.labels == SHEET.labels[page.boxes]).all()
        )


def test_marks_of_two_sheets_are_not_mixed():
    """Another sheet's mark laid on one is outvoted; two sheets side by side are refused."""
    image, _ = photo(tilt=0.0, rotation=0.0)
    with pytest.raises(NoSheet, match="by itself"):
        read_sheet(np.hstack([image, image]))


@pytest.mark.parametrize("turned", [False, True])
def test_a_blurred_picture_is_called_blurred(turned):
    """Blur is named as the cause where marks cannot be seen for it: of the lens, or of a shake."""
    image = np.ascontiguousarray(np.rot90(photo(tilt=0.0, rotation=0.0)[0], turned))
    shake = np.full((1, 25), 1 / 25)
    blurred = [cv2.GaussianBlur(image, (0, 0), spread) for spread in (6, 25)]
    for each in [*blurred, cv2.filter2D(image, -1, shake)]:
        with pytest.raises(NoSheet, match="too blurred"):
            read_sheet(each)


def bend(image, bow, *, across):
    """Bend a page by some mm: its middle is moved, its edges stay."""
    y, x = np.indices(image.shape, np.float32)
    along, length = (x, image.shape[1]) if across else (y, image.shape[0])
    up = np.float32(bow / 25.4 * CAMERA.dpi) * np.sin(np.float32(np.pi) * along / length)
    return cv2.remap(image, x, y + up, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), up


@pytest.mark.parametrize("across", [False, True])
@pytest.mark.parametrize("bow", [4, 8, 12])
def test_a_curled_page_is_read_whole(bow, across):
    """A curl of 12 mm makes no difference: every box is found by what is printed near it."""
    image, truth = photo(tilt=0.0, rotation=0.0)
    bent, up = bend(image, bow, across=across)
    page = read_sheet(bent)
    assert set(page.boxes) == WRITTEN and not page.notes
    middles = truth.where(box_middles() + plate_corner("A4"))
    x, y = page.middles.T.astype(int)
    missed = page.middles + np.c_[np.zeros(BOXES), up[y, x]] - middles
    assert np.abs(missed).max() < 1 / 25.4 * CAMERA.dpi


def test_a_page_that_is_curled_too_far_says_so():
    """Nothing is guessed: the cause is named, and what to do."""
    with pytest.raises(NoSheet, match=r"curled.*lay it flat"):
        read_sheet(bend(photo(tilt=0.0, rotation=0.0)[0], 18, across=True)[0])


def test_a_page_cropped_at_its_marks_is_read():
    """A scanner app cuts just there: not a pixel of white is left around the marks."""
    image, truth = photo(tilt=0.0, rotation=0.0)
    corners = np.array([mark_corners(corner)[corner] for corner in range(4)])
    places = truth.where(corners + plate_corner("A4"))
    left, top = np.ceil(places.min(axis=0)).astype(int)
    right, bottom = places.max(axis=0).astype(int)
    cropped = np.ascontiguousarray(image[top:bottom, left:right])
    assert set(read_sheet(cropped).boxes) == WRITTEN


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("inverted", [False, True])
def test_a_page_in_a_mirror_or_in_the_dark_is_read(mirrored, inverted):
    """The same digits from a selfie camera and in dark mode; a note tells each."""
    image, _ = photo()
    plain = read_sheet(image)
    image = invert(image) if inverted else image
    page = read_sheet(np.ascontiguousarray(image[:, ::-1]) if mirrored else image)
    assert set(page.boxes) == WRITTEN
    assert np.abs(page.digits.astype(int) - plain.digits).mean() < 5
    told = " ".join(page.notes)
    assert ("mirrored" in told) == mirrored and ("inverted" in told) == inverted
    assert len(page.notes) == mirrored + inverted


def test_what_shines_through_the_back_is_no_sheet():
    """The back of a page is blank, though its front is to be seen through it, mirrored."""
    front = photo(tilt=0.0, rotation=0.0, margin=0.0, shadow=0.0, uneven=0.0)[0]
    for share in (0, 0.1, 0.2):
        back = 230 - share * (front.max() - front[:, ::-1].astype(np.float32))
        with pytest.raises(BlankPage, match="blank"):
            read_sheet(back.clip(0, 255).astype(np.uint8))


@pytest.mark.parametrize(("width", "stain"), [(4, 40), (4, 60), (3, 60)])
def test_a_coffee_ring_neither_hides_a_digit_nor_is_one(width, stain):
    """Under a ring every box is what it was: a digit, a scribble or empty."""
    image, truth = photo(tilt=0.0, rotation=0.0, noise=1.0, shadow=0.0)
    x, y = truth.where(np.array([[93.0, 130.0]]) + plate_corner("A4"))[0].astype(int).tolist()
    ring = np.zeros(image.shape, np.float32)
    radius, pen = (round(side / 25.4 * CAMERA.dpi) for side in (38, width))
    cv2.circle(ring, (x, y), radius, 1, pen)
    ring = stain * cv2.GaussianBlur(ring, (0, 0), 0.5 / 25.4 * CAMERA.dpi)
    page = read_sheet((image - ring).clip(0, 255).astype(np.uint8))
    assert set(page.boxes) == WRITTEN
    assert {box for box, why in page.left_out.items() if why == EMPTY} == EMPTY_BOXES


@pytest.mark.parametrize("width", [1.3, 2, 2.5])
def test_thick_pens_among_thin_ones_are_read(width):
    """Of digits in felt pen eight in ten; a scribble stays one in any pen."""
    felt = synth.Pen(colour=(0.1, 0.1, 0.12), width=width, tooth=0.03, fade=0.03)
    image, truth = photo(tilt=0.0, rotation=0.0)
    image = image.copy()
    thick, _ = synth.photograph(
        filled(), seed=1, pen=felt, camera=replace(CAMERA, tilt=0, rotation=0)
    )
    thick = cv2.cvtColor(thick, cv2.COLOR_RGB2GRAY)
    boxes = {*range(0, BOXES, 7), *STRUCK_BOXES} - EMPTY_BOXES
    for box in boxes:
        place = np.array(box_corner(box)) + plate_corner("A4")
        (x0, y0), (x1, y1) = truth.where(np.array([place, place + BOX_MM])).astype(int)
        image[y0:y1, x0:x1] = thick[y0:y1, x0:x1]
    page = read_sheet(image)
    assert set(page.boxes) <= WRITTEN and set(page.boxes) >= WRITTEN - boxes
    assert len(boxes & {*page.boxes.tolist()}) >= 0.8 * len(boxes & WRITTEN)
    assert not any(page.left_out[box] == EMPTY for box in boxes & {*page.left_out})


def test_a_picture_without_a_sheet_says_what_to_look_for():
    """Bare paper, and a page of digits that is no sheet."""
    hand = partial(synth.write_strokes, writer=synth.Writer(7))
    other, _ = synth.photograph(synth.lay_out("2026", hand, seed=0), seed=0)
    with pytest.raises(BlankPage, match="no mark of a sheet is seen: the page is blank"):
        read_sheet(np.full((400, 300), 255, np.uint8))
    with pytest.raises(NoSheet, match="no mark of a sheet is seen: is it"):
        read_sheet(cv2.cvtColor(other, cv2.COLOR_RGB2GRAY))
    with pytest.raises(ArrayError, match="expected an image"):
        read_sheet(other)


@pytest.mark.parametrize("shape", [(1, 9000), (9000, 1), (3, 100_000), (1, 1)])
def test_a_picture_of_any_shape_is_read_or_holds_no_sheet(shape):
    """However thin it is when it is made smaller."""
    with pytest.raises(NoSheet, match="no mark of a sheet is seen"):
        read_sheet(np.full(shape, 255, np.uint8))


def test_a_bare_sheet_holds_no_digit():
    """Frames and printed digits drop out: all hundred boxes are empty."""
    bare = replace(filled(), digits=(), marks=())
    picture, _ = synth.photograph(bare, seed=1, camera=CAMERA)
    page = read_sheet(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY))
    assert not len(page) and set(page.left_out.values()) == {EMPTY}
    assert page.digits.shape == (0, 28, 28)
