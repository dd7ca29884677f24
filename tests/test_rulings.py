"""Printed lines: their slope is measured, they go, and what is written over them stays."""

import cv2
import numpy as np
import pytest

from mnist_lab.reading import rulings

SIZE, SPACING = 600, 40
WHOLE = np.ones((SIZE, SIZE), np.uint8)


def squares(degrees=0.0):
    """Squared paper, 1 where a line runs."""
    image = np.zeros((3 * SIZE, 3 * SIZE), np.uint8)
    image[::SPACING] = image[1::SPACING] = 255
    image[:, ::SPACING] = image[:, 1::SPACING] = 255
    turn = cv2.getRotationMatrix2D((1.5 * SIZE, 1.5 * SIZE), -degrees, 1)
    turned = cv2.warpAffine(image, turn, (3 * SIZE, 3 * SIZE))[SIZE:-SIZE, SIZE:-SIZE]
    return (turned > 100).astype(np.uint8)


@pytest.mark.parametrize("degrees", [-9, -4, 0, 2, 7])
def test_tilt_of_squared_paper_is_measured(degrees):
    """Within a degree, either way."""
    assert abs(rulings.find_tilt(squares(degrees)) - degrees) < 1


def test_no_tilt_without_rulings():
    """Specks have no direction."""
    specks = np.random.default_rng(0).random((SIZE, SIZE)) < 0.02
    assert rulings.find_tilt(specks.astype(np.uint8)) == 0


def test_ring_written_over_squares_is_all_that_stays():
    """The lines go, the ring keeps its ink and hangs together."""
    ring = np.zeros((SIZE, SIZE), np.uint8)
    cv2.circle(ring, (300, 310), 90, 255, 9)
    levels = np.maximum(ring, squares() * 90)
    across, down = rulings.find_rulings((levels > 0).astype(np.uint8), WHOLE)
    left = rulings.remove_rulings(levels, across, down, 30, 255)
    assert np.count_nonzero(left & (ring == 0)) < 0.01 * np.count_nonzero(squares())
    assert np.count_nonzero(left & (ring > 0)) > 0.99 * np.count_nonzero(ring)


def test_strokes_alone_are_no_rulings():
    """A row of upright strokes, as high as the digits are, is not taken for ruling."""
    seen = np.zeros((SIZE, SIZE), np.uint8)
    for x in range(100, 500, 60):
        cv2.line(seen, (x, 200), (x, 400), 1, 6)
    across, down = rulings.find_rulings(seen, WHOLE)
    assert not across.any() and not down.any()
