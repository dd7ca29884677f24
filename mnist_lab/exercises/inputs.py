"""Small made-up digits to try a student's function on."""

import numpy as np

from mnist_lab.arrays import Digits, Labels


def make_images(seed: int, count: int) -> Digits:
    """Images of noise, some darker than others: uint8 (count, 28, 28), with 0 and 255 in them."""
    rng = np.random.default_rng(seed)
    brightest = rng.integers(60, 256, (count, 1, 1))
    images = rng.integers(0, brightest, (count, 28, 28), endpoint=True).astype(np.uint8)
    images[0, :2, 0] = 0, 255
    return Digits(images)


def make_labels(seed: int, count: int, *, without: tuple[int, ...] = ()) -> Labels:
    """Labels in no order, uint8 (count,): each digit occurs but those of `without`."""
    digits = [digit for digit in range(10) if digit not in without]
    rng = np.random.default_rng(seed)
    more = rng.choice(digits, max(0, count - len(digits)))
    return Labels(rng.permutation(np.concatenate([digits, more]))[:count].astype(np.uint8))
