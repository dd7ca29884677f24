"""The words every part speaks."""

import numpy as np
import pytest

from mnist_lab import arrays
from mnist_lab.arrays import ArrayError, Split

DIGITS = np.zeros((3, 28, 28), np.uint8)


@pytest.mark.parametrize(
    ("check", "value", "says"),
    [
        (arrays.check_image, np.zeros((28, 28)), "got (28, 28) float64"),
        (arrays.check_image, np.zeros((0, 5), np.uint8), "got (0, 5) uint8"),
        (arrays.check_image, "seven.png", "got a str"),
        (arrays.check_digits, np.zeros((280, 280)), "to_digit"),
        (arrays.check_digits, DIGITS[0], "newaxis"),
        (arrays.check_digits, DIGITS / 255, "before any scaling"),
        (arrays.check_labels, np.array([1, 2, 10], np.uint8), "got 10 at position 2"),
        (arrays.check_labels, np.array([1, -1]), "got -1 at position 1"),
        (arrays.check_labels, np.eye(10, dtype=np.float32), "by .argmax(axis=1)"),
        (arrays.check_labels, np.array([1.0, 2.0]), "by .astype(int)"),
        (arrays.check_labels, [1, 2], "by np.array"),
        (arrays.check_probabilities, np.ones((2, 10), np.float32), "softmax"),
        (arrays.check_probabilities, np.ones((2, 9), np.float32), "(2, 9)"),
    ],
)
def test_wrong_array_is_named_with_the_rule(check, value, says):
    """An error gives the rule, the offending value and, where there is one, the next step."""
    with pytest.raises(ArrayError, match="expected") as caught:
        check(value)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_right_arrays_come_back_as_they_are():
    """A check gives back the very array."""
    assert arrays.check_digits(DIGITS) is DIGITS
    assert arrays.check_image(DIGITS[0]).base is DIGITS


@pytest.mark.parametrize("dtype", ["u1", "u2", "u4", "u8", "i1", "i2", "i4", "i8"])
def test_labels_of_any_integer_dtype_come_in_and_uint8_goes_out(dtype):
    """Ten digits are ten digits, however wide the integer."""
    labels = arrays.check_labels(np.arange(10, dtype=dtype))
    assert labels.dtype == np.uint8 and labels.tolist() == list(range(10))
    assert Split(np.zeros((10, 28, 28), np.uint8), np.arange(10, dtype=dtype)).labels.dtype == "u1"


def test_split_refuses_images_without_labels():
    """As many labels as images."""
    with pytest.raises(ArrayError, match="3 images and 2 labels"):
        Split(DIGITS, np.zeros(2, np.uint8))


def test_select_takes_positions_or_a_mask():
    """The same digits by where they are and by which they are."""
    split = Split(DIGITS, np.array([4, 5, 6]))
    mask = np.array([True, False, True])
    assert split.select(np.array([0, 2])).labels.tolist() == split.select(mask).labels.tolist()
    assert len(split.select(mask)) == 2


def test_split_cannot_be_changed():
    """A split is frozen."""
    split = Split(DIGITS, np.zeros(3, np.uint8))
    with pytest.raises(AttributeError):
        split.labels = split.labels  # type: ignore[misc]
