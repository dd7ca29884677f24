"""Write the mean of 60 written digits of each kind, which tell the reader which way is up.

``python -m tools.make_mean_digits``
"""

from pathlib import Path

import numpy as np

from mnist_lab import images, reading
from mnist_lab.arrays import Image
from mnist_lab.reading.deskew import MEAN_DIGITS
from mnist_lab.synth import handwriting

COPIES = 60  # of each digit

if __name__ == "__main__":
    labels = np.repeat(np.arange(10, dtype=np.uint8), COPIES)
    digits = handwriting.write(labels, seed=0).reshape(10, COPIES, 28, 28)
    means = np.rint(digits.mean(axis=1)).astype(np.uint8)
    images.save_image(Image(np.hstack(means)), Path(reading.__file__).with_name(MEAN_DIGITS))
