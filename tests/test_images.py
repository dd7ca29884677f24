"""Pictures and ink."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from mnist_lab.arrays import ArrayError
from mnist_lab.images import CENTRE, invert, to_digit

BYTES = arrays.arrays(np.uint8, arrays.array_shapes(min_dims=2, max_dims=2, max_side=40))


@given(BYTES)
def test_invert_twice_is_nothing(image):
    """invert(invert(x)) == x, and black becomes white."""
    assert (invert(invert(image)) == image).all()
    assert (invert(np.zeros_like(image)) == 255).all()


def draw(width: int, height: int, *, at: tuple[int, int] = (0, 0)) -> np.ndarray:
    """An ellipse and a bar of ink on a larger picture."""
    image = np.zeros((400, 400), np.uint8)
    x, y = 60 + at[0], 60 + at[1]
    cv2.ellipse(
        image, (x + width // 2, y + height // 2), (width // 2, height // 2), 0, 0, 300, 255, 9
    )
    cv2.line(image, (x, y), (x + width, y + height // 3), 200, 7)
    return image


@settings(max_examples=60, deadline=None)
@given(st.integers(20, 220), st.integers(20, 220))
def test_to_digit_puts_the_mass_in_the_middle(width, height):
    """The centre of mass is within half a pixel of (14, 14), the longer side about 20."""
    digit = to_digit(draw(width, height))
    moments = cv2.moments(digit)
    assert abs(moments["m10"] / moments["m00"] - CENTRE) < 0.5
    assert abs(moments["m01"] / moments["m00"] - CENTRE) < 0.5
    assert 20 <= max(cv2.boundingRect(digit)[2:]) <= 21
    assert digit.shape == (28, 28) and digit.dtype == np.uint8


@settings(max_examples=30, deadline=None)
@given(st.integers(-50, 100), st.integers(-50, 100))
def test_to_digit_is_unmoved_by_where_the_ink_was(x, y):
    """The same ink elsewhere gives the same digit, to the bit."""
    assert (to_digit(draw(120, 160)) == to_digit(draw(120, 160, at=(x, y)))).all()


def test_to_digit_keeps_a_small_dot_and_refuses_none():
    """One pixel of ink is a digit; no ink is an error that says so."""
    dot = np.zeros((9, 9), np.uint8)
    with pytest.raises(ArrayError, match="0 everywhere"):
        to_digit(dot)
    dot[2, 3] = 255
    assert to_digit(dot).max() == 255
