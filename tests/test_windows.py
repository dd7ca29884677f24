"""Windows of pages: the truth about them is what is on them."""

from functools import cache

import numpy as np
import pytest

from mnist_lab import synth
from mnist_lab.arrays import Image
from mnist_lab.reading.views import BOX_UNIT, STRIDE
from tools import marks
from tools.exposure import Exposure, Look, expose
from tools.material import Material, by_label, write_digits
from tools.scene import INKED, SIDE, PlacedDigit, Scene, lay
from tools.targets import BOX, CARE, HEAT, LABEL, is_target, targets
from tools.windows import Frame, Window, WindowMaker, _covered, _seen, _stands_out

FULL = np.ones((20, 10), np.float32)


@cache
def material():
    """Small, and without MNIST or fonts."""
    split, _ = synth.make_split(60, 1, seed=3)
    return Material(by_label(split), write_digits(6, seed=4, writers=12))


@cache
def windows(n=120):
    maker = WindowMaker(material(), 5)
    return [maker.window() for _ in range(n)]


def every_digit():
    return [digit for window in windows() for digit in window.digits]


def placed(left, top, *, ink=FULL, **truth):
    """A digit whose ink fills its box."""
    height, width = ink.shape
    box = np.array([left, top, left + width, top + height], np.float32)
    return PlacedDigit(7, box, ink, (left, top), **truth)


def target_of(*digits):
    return targets(Window(Image(np.zeros((SIDE, SIDE), np.uint8)), (0, 0), digits))


def cell_of(digit):
    x, y = digit.middle
    return int(y // STRIDE), int(x // STRIDE)


def test_windows_of_the_same_seed_are_the_same():
    """A window depends on the material, the seed, and nothing else."""
    again, other = WindowMaker(material(), 5), WindowMaker(material(), 6)
    for window in windows()[:20]:
        same = again.window()
        assert np.array_equal(window.image, same.image)
        assert [d.box.tolist() for d in window.digits] == [d.box.tolist() for d in same.digits]
    assert any(not np.array_equal(w.image, other.window().image) for w in windows()[:20])


def test_written_digits_of_the_same_seed_are_the_same():
    """They start at 0, and their longer side is 1."""
    again = write_digits(6, seed=4, writers=12)
    for label, drawings in material().written.items():
        for drawing, same in zip(drawings, again[label], strict=True):
            points = np.concatenate(drawing)
            assert np.array_equal(points, np.concatenate(same))
            assert points.min(axis=0) == pytest.approx([0, 0], abs=1e-5)
            assert points.max() == pytest.approx(1, abs=1e-5)


def test_box_is_the_bounding_box_of_a_digits_ink():
    """No ink is outside, and each side touches some."""
    assert len(every_digit()) > 100
    for digit in every_digit():
        rows, columns = np.nonzero(digit.ink > INKED)
        x, y = digit.corner
        left, top, right, bottom = digit.box
        assert (left, right) == (x + columns.min(), x + columns.max() + 1)
        assert (top, bottom) == (y + rows.min(), y + rows.max() + 1)


def test_box_is_about_as_large_as_was_asked_for():
    """The longer side, for both kinds of digit; a pen and a slant add to it."""
    rng = np.random.default_rng(0)
    for label in range(10):
        scanned = marks.scanned_digit(material().scanned[label][0], 30, rng)
        written = marks.written_digit(material().written[label][0], 30, 2, rng)
        for ink in (scanned, written):
            extent = [np.ptp(where) + 1 for where in np.nonzero(ink > INKED)]
            assert 22 < max(extent) < 42


def test_ink_on_the_page_is_the_darkest_of_its_digits():
    """A scene of digits alone holds their ink and no other."""
    scene = Scene(material(), np.random.default_rng(1))
    scene.alone()
    expected = np.zeros((SIDE, SIDE), np.float32)
    for digit in scene.digits:
        lay(expected, digit.ink, *digit.corner)
    assert np.array_equal(scene.ink, expected)


@pytest.mark.parametrize("kind", ["rows", "table", "scattered"])
def test_non_digits_are_never_laid_over_a_digit(kind):
    """Within a digit's box there is digits' ink only, whatever was written first."""
    for seed in range(8):
        scene = Scene(material(), np.random.default_rng(seed))
        getattr(scene, kind)()
        scene.add_clutter(6, 6)
        digits_alone = scene.ink.copy()
        scene.add_others()
        changed = scene.ink != digits_alone
        assert changed.any()
        for digit in scene.digits:
            x0, y0, x1, y1 = np.clip(digit.box, 0, SIDE).astype(int)
            assert not changed[y0:y1, x0:x1].any()


@pytest.mark.parametrize(
    ("left", "share"), [(40, 1), (-5, 0.5), (-10, 0), (SIDE - 3, 0.3), (SIDE + 5, 0)]
)
def test_seen_is_the_share_of_ink_inside_the_picture(left, share):
    """Half a digit that is cut in the middle; nothing of one that is outside."""
    assert _seen(placed(left, 40), Frame(0, 0, SIDE, SIDE)) == pytest.approx(share)


def test_seen_ends_where_the_picture_does():
    """The picture's edge counts, not the window's."""
    assert _seen(placed(40, 40), Frame(45, 50, SIDE, SIDE)) == pytest.approx(0.25)


@pytest.mark.parametrize("kind", ["empty", "words"])
def test_scene_without_digits_has_none(kind):
    """Paper and words are no digits."""
    scene = Scene(material(), np.random.default_rng(2))
    getattr(scene, kind)()
    scene.add_clutter(3, 3)
    assert scene.digits == []


def test_both_polarities_occur():
    """Ink is darker than the paper in most windows, and brighter in many."""
    rng, ink = np.random.default_rng(0), np.zeros((SIDE, SIDE), np.float32)
    ink[50:80, 50:80] = 1
    look = Look(contrast=0.8, clean=True)
    exposures = [expose(ink, np.zeros_like(ink), look, 20, rng) for _ in range(100)]
    brighter = [exposure.inked[65, 65] > exposure.bare[65, 65] for exposure in exposures]
    in_image = [exposure.image[65, 65] > exposure.image[20, 20] for exposure in exposures]
    assert 0.2 < np.mean(brighter) < 0.5
    assert 0.2 < np.mean(in_image) < 0.5


def test_digit_in_noise_is_not_readable():
    """Ink of contrast 40 stands out from spotless paper, not from grain of 40."""
    bare = np.full((SIDE, SIDE), 200, np.float32)
    digit = placed(40, 40, ink=np.eye(20, dtype=np.float32))
    ink = np.zeros_like(bare)
    lay(ink, digit.ink, *digit.corner)
    inked = bare - 40 * ink
    grain = np.random.default_rng(0).normal(0, 40, bare.shape)
    spotless, noisy = (
        _stands_out(digit, Exposure(Image(np.clip(image, 0, 255).astype(np.uint8)), bare, inked))
        for image in (inked, inked + grain)
    )
    assert spotless > 10
    assert noisy < 2


def test_covered_is_the_share_of_ink_on_another_digits():
    """Two digits that share half of their width, and one that stands apart."""
    assert _covered([placed(40, 40), placed(45, 40), placed(90, 90)]) == [0.5, 0.5, 0]


def test_heat_peaks_in_the_cell_of_the_digits_middle():
    """There is one peak for each digit that is to be found."""
    for window in windows():
        wanted = targets(window)
        cells = {cell_of(digit) for digit in window.digits if is_target(digit)}
        assert {tuple(cell) for cell in np.argwhere(wanted[..., HEAT] == 1).tolist()} == cells


def test_sides_and_label_give_the_digit_back():
    """At the peak; one digit in a cell hides another."""
    for window in windows():
        found = [digit for digit in window.digits if is_target(digit)]
        if len({cell_of(digit) for digit in found}) < len(found):
            continue
        wanted = targets(window)
        for digit in found:
            row, column = cell_of(digit)
            x, y = (column + 0.5) * STRIDE, (row + 0.5) * STRIDE
            sides = wanted[row, column, BOX] * BOX_UNIT
            box = np.array([x, y, x, y]) + sides * [-1, -1, 1, 1]
            assert box == pytest.approx(digit.box, abs=1e-3)
            assert wanted[row, column, LABEL] == digit.label


@pytest.mark.parametrize(
    "digit",
    [
        placed(40, 40, seen=0.6),
        placed(40, 40, readable=False),
        placed(40, 40, ink=FULL[:10, :5]),
        placed(40, 40, ink=np.ones((55, 30), np.float32)),
    ],
    ids=["cut", "unreadable", "too small", "too large"],
)
def test_any_answer_is_right_on_a_digit_that_nobody_could_find(digit):
    """It is neither to be found nor is finding it a fault; around it there is nothing."""
    wanted = target_of(digit)
    assert wanted[..., HEAT].max() == 0
    assert wanted[(*cell_of(digit), CARE)] == 0
    assert wanted[0, 0, CARE] == 1


def test_a_digit_that_is_to_be_found_counts_beside_one_that_is_not():
    """What is near its middle is wanted, though an unreadable digit lies there."""
    digit = placed(40, 40)
    wanted = target_of(digit, placed(42, 40, readable=False))
    assert wanted[(*cell_of(digit), CARE)] == 1


def test_huge_digits_are_background():
    """At this scale none is to be found, and whatever is found there is a fault."""
    wanted = target_of(placed(10, 10, ink=np.ones((100, 60), np.float32)))
    assert wanted[..., HEAT].max() == 0
    assert wanted[..., CARE].min() == 1
