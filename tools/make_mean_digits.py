"""Write the mean of 60 written digits of each kind, which tell the reader which way is up.

``python -m tools.make_mean_digits``
"""

from pathlib import Path

import numpy as np

from mnist_lab import images, reading, synth
from mnist_lab.arrays import Digits, Image, Labels
from mnist_lab.reading.deskew import MEAN_DIGITS

COPIES = 60  # of each digit


def draw_mean_digits() -> Digits:
    """The mean of `COPIES` written digits of each kind: uint8 (10, 28, 28)."""
    labels = Labels(np.repeat(np.arange(10, dtype=np.uint8), COPIES))
    digits = synth.write(labels, seed=0).reshape(10, COPIES, 28, 28)
    return Digits(np.rint(digits.mean(axis=1)).astype(np.uint8))


if __name__ == "__main__":
    row = Image(np.hstack(list(draw_mean_digits())))
    images.save_image(row, Path(reading.__file__).with_name(MEAN_DIGITS))
