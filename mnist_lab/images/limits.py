"""What a picture must be, so that it can be read."""

from mnist_lab.arrays import MnistLabError

MAX_PIXELS = 100_000_000  # of a picture; a larger one is refused
MIN_SIDE = 3  # pixels; a picture less high or wide shows nothing


class PictureError(MnistLabError):
    """A picture cannot be read; the text names it and says what is wrong."""


def check_size(width: float, height: float, name: str) -> None:
    """Refuse a picture of too few or too many pixels, before they are read."""
    if min(width, height) < MIN_SIDE:
        raise PictureError(f"{name}: {width} x {height} pixels are too few to show a digit")
    if width * height > MAX_PIXELS:
        raise too_large(name)


def too_large(name: str) -> PictureError:
    """The error for a picture of too many pixels."""
    return PictureError(
        f"{name}: has more than {MAX_PIXELS // 10**6} million pixels; make it smaller first"
    )
