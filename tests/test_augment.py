"""Digits distorted, and what is no digit."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_lab import synth
from mnist_lab.arrays import ArrayError
from mnist_lab.synth import augment, distort, non_digits

DIGITS = synth.write(np.arange(300, dtype=np.uint8) % 10, seed=5)


def chance(seed=0):
    return np.random.default_rng(seed)


def test_without_strength_nothing_changes():
    """At strength 0 every place stays where it is, and every stroke as wide."""
    assert (distort(DIGITS, chance(), strength=0) == DIGITS).all()


def test_same_chance_gives_the_same_and_other_chance_another_look():
    """What is done depends on the generator alone."""
    one, two, other = (distort(DIGITS, chance(seed)) for seed in (1, 1, 2))
    assert (one == two).all()
    assert (one != other).any(axis=(1, 2)).all()


@given(st.integers(0, 2**32 - 1), st.integers(1, 40))
def test_digits_do_not_run_into_one_another(seed, n):
    """Between two empty pictures a digit stays alone, however far it is moved."""
    digits = np.zeros((2 * n + 1, 28, 28), np.uint8)
    digits[1::2] = 255
    changed = distort(digits, chance(seed), strength=3)
    assert not changed[::2].any()


def test_a_stronger_distortion_is_farther_from_the_original():
    """The mean difference grows with the strength."""
    away = [
        np.abs(distort(DIGITS, chance(), strength=s).astype(int) - DIGITS).mean()
        for s in (0.1, 0.5, 1, 2)
    ]
    assert away == sorted(away)


def test_ink_stays_where_it_was_on_average():
    """Chance has no favourite direction: the mean centre of mass moves less than 0.2 pixels."""
    many = np.repeat(DIGITS, 10, axis=0)
    before, after = many.mean(axis=0), distort(many, chance()).mean(axis=0)
    for axis in (0, 1):
        along = np.arange(28)
        centre = [(p.sum(axis=1 - axis) * along).sum() / p.sum() for p in (before, after)]
        assert abs(centre[0] - centre[1]) < 0.2


def test_an_epoch_is_worth_its_strips(monkeypatch):
    """How many digits share a strip makes no difference to what a digit may become."""
    monkeypatch.setattr(augment, "STRIP_DIGITS", 7)
    changed = distort(DIGITS, chance(), strength=0.5)
    assert changed.shape == DIGITS.shape
    assert np.corrcoef(changed.ravel(), DIGITS.ravel())[0, 1] > 0.5


def test_none_gives_none_and_no_digits_are_refused():
    """Zero digits are digits; floats are not."""
    assert distort(DIGITS[:0], chance()).shape == (0, 28, 28)
    with pytest.raises(ArrayError, match="uint8"):
        distort(DIGITS / 255, chance())


def test_non_digits_have_the_form_of_digits():
    """Ink in the middle, in a box like a digit's, the same from the same seed."""
    these = non_digits(60, seed=3)
    assert these.shape == (60, 28, 28) and these.dtype == np.uint8
    assert these.any(axis=(1, 2)).all()
    assert (these == non_digits(60, seed=3)).all() and (these != non_digits(60, seed=4)).any()
    x, y = np.array([cv2.moments(one)["m10"] / cv2.moments(one)["m00"] for one in these]), 13.5
    assert abs(x.mean() - y) < 1
    assert non_digits(0, seed=0).shape == (0, 28, 28)
