"""Pictures: from a file to an image, polarity, light, ink or paper, and a digit out of ink."""

from mnist_lab.arrays import PictureError
from mnist_lab.images.digit import BOX, CENTRE, to_digit
from mnist_lab.images.files import MAX_PIXELS, Picture, load_image, load_pages, save_image
from mnist_lab.images.filters import (
    DARK_ON_LIGHT,
    LIGHT_ON_DARK,
    binarise,
    even_stroke,
    find_polarity,
    flatten_light,
    ink_depth,
    invert,
    stroke_width,
)

__all__ = [
    "BOX", "CENTRE", "DARK_ON_LIGHT", "LIGHT_ON_DARK", "MAX_PIXELS", "Picture", "PictureError",
    "binarise", "even_stroke", "find_polarity", "flatten_light", "ink_depth", "invert",
    "load_image", "load_pages", "save_image", "stroke_width", "to_digit",
]  # fmt: skip
