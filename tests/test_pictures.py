"""Pictures of single digits, as scanned, photographed and chalked."""

import numpy as np
import pytest

from mnist_lab import images
from mnist_lab.arrays import OptionError
from mnist_lab.synth import write_pictures
from mnist_lab.synth.pictures import LOOKS


def test_written_pictures_hold_one_digit_of_each_look():
    """A look's pictures are 0 to 9, in its polarity, with ink, and the same for a seed."""
    looks = list(LOOKS)
    pictures, labels = write_pictures(10 * len(looks), seed=3)
    assert labels.tolist() == [*range(10)] * len(looks)
    for look, start in zip(looks, range(0, 50, 10), strict=True):
        few = pictures[start : start + 10]
        dark = [images.find_polarity(picture) == images.DARK_ON_LIGHT for picture in few]
        assert sum(dark) == (0 if look == "chalk" else 10)
        assert all(np.ptp(picture) > 60 for picture in few)
    [again] = write_pictures(1, seed=3)[0]
    assert (again == pictures[0]).all()


def test_look_that_there_is_not_is_named():
    """A look's name that is none: what there is, in one line."""
    with pytest.raises(OptionError, match="no look is called 'crayon': choose from scan, "):
        write_pictures(10, looks=["crayon"])
