"""A picture to digits in reading order, and a network's answer to each.

A digit is told from a speck, a ruling or a word by its shape, a line of digits from the next
by where they stand. What each digit is, a network says afterwards.
"""

from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_lab.arrays import (
    Digit,
    Digits,
    Image,
    MnistLabError,
    Probabilities,
    check_probabilities,
)
from mnist_lab.reading.components import (
    STRAIGHT_TORTUOSITY,
    Component,
    find_components,
    mask_of,
    prominence,
    sides_touched,
    stands_out,
)
from mnist_lab.reading.deskew import deskew
from mnist_lab.reading.ink import Ink, find_ink
from mnist_lab.reading.lines import digit_lines
from mnist_lab.reading.page import REJECT_BELOW, PageReading
from mnist_lab.reading.segmentation import join_parts

PAGE_PIXELS = 200_000, 2_200_000  # that a page is worked on with, about, from and to
SINGLE_PIXELS = 20_000, 160_000  # that a picture of one digit is worked on with
MIN_RIM_INK_SHARE = (
    0.6  # of the ink, in a straight digit that reaches over two sides of the picture
)

FOUND = "What is shaped like digits; specks, edges, rulings and words are left out."


class NoDigit(MnistLabError):
    """A picture was asked for its digit, and holds none."""


def read_page(image: Image, model: Any = None) -> PageReading:
    """Find the digits of a page and ask a network what they are.

    Components whose best class is below `REJECT_BELOW` are left out: the pretrained network
    has learnt to call all ten classes equally likely where there is no digit.

    Parameters
    ----------
    image : uint8 (height, width)
        0 to 255, either polarity.
    model : keras.Model or callable, optional
        From (28, 28, 1) to (10,), or a function from digits, uint8 (n, 28, 28), to
        probabilities, float32 (n, 10); by default the pretrained network.

    Returns
    -------
    PageReading
        Of no digits, where there are none.

    Raises
    ------
    ArrayError
        `image` is not one, or `model` does not give probabilities.
    """
    page = _ask(model, find_digits(image))
    return page.select(page.confidences >= REJECT_BELOW)


def read_single(image: Image, model: Any = None) -> PageReading:
    """Read a picture of one digit, however large in it: a reading of one digit or none.

    Parameters and errors are those of `read_page`; nothing is left out.
    """
    return _ask(model, find_digits(image, single=True))


def read_digit(image: Image) -> Digit:
    """Make a digit, uint8 (28, 28), of the one that a picture, uint8 (height, width), shows.

    Raises
    ------
    NoDigit
        The picture holds no ink, or nothing shaped like a digit.
    ArrayError
        `image` is not one.
    """
    page = find_digits(image, single=True)
    if not len(page):
        raise NoDigit("expected a picture that holds a digit, found none in it")
    return Digit(page.digits[0])


def find_digits(image: Image, *, single: bool = False) -> PageReading:
    """Find the digits of a page, in reading order, and ask no network.

    Parameters
    ----------
    image : uint8 (height, width)
        0 to 255, either polarity.
    single : bool
        Whether it is a picture of one digit: then at most one is found.

    Raises
    ------
    ArrayError
        `image` is not one.
    """
    if single:
        ink, lines = _find_single(image)
    else:
        fewest, most = PAGE_PIXELS
        ink, components = deskew(find_ink(image, max_pixels=most, min_pixels=fewest))
        lines = digit_lines(components, ink)
    components = [each for line in lines for each in line]
    if components:
        mask = mask_of(components, ink.levels.shape)
        ink = ink.with_step("digits", FOUND, 255 * mask)
    digits = [each.digit(ink.levels) for each in components]
    boxes = [_box(each, ink.to_picture, image.shape) for each in components]
    starts = np.cumsum([0] + [len(line) for line in lines]).tolist()
    return PageReading(
        image=image,
        digits=Digits(np.array(digits, np.uint8).reshape(-1, 28, 28)),
        boxes=np.array(boxes, np.int64).reshape(-1, 4),
        lines=tuple(tuple(range(a, b)) for a, b in pairwise(starts)),
        polarity=ink.polarity,
        rotation=(ink.rotation + 180) % 360 - 180,
        steps=ink.steps,
    )


def _find_single(image: Image) -> tuple[Ink, list[list[Component]]]:
    fewest, most = SINGLE_PIXELS
    ink = find_ink(image, max_pixels=most, min_pixels=fewest)
    components = find_components(ink)
    shape = ink.levels.shape
    main = max(components, key=lambda each: prominence(each, shape), default=None)
    if main is None or not main.is_digit_shaped or not stands_out(main, ink.grey):
        return ink, []
    whole = join_parts(main, components, shape)
    border = sides_touched(main, shape) > 1 and main.tortuosity < STRAIGHT_TORTUOSITY
    small = whole.area < MIN_RIM_INK_SHARE * np.count_nonzero(ink.mask)
    if (border and small) or main.is_faint_line:
        return ink, []
    return ink, [[whole]]


def _box(
    component: Component, to_picture: NDArray[np.float64], shape: tuple[int, ...]
) -> tuple[int, int, int, int]:
    """A component's box in the picture's own pixels."""
    y, x = np.nonzero(component.mask)
    centres = np.stack([x + component.x + 0.5, y + component.y + 0.5, np.ones(len(x))])
    along, down = to_picture @ centres
    half = np.abs(to_picture[:, :2]).sum(axis=1) / 2  # of a pixel of the ink
    left, top = max(0, int(along.min() - half[0] + 1e-6)), max(0, int(down.min() - half[1] + 1e-6))
    right = min(shape[1], int(np.ceil(along.max() + half[0] - 1e-6)))
    bottom = min(shape[0], int(np.ceil(down.max() + half[1] - 1e-6)))
    return left, top, max(1, right - left), max(1, bottom - top)


def _ask(model: Any, page: PageReading) -> PageReading:
    """A page with the answers of a Keras model, of a function, or of the pretrained network."""
    if not len(page):  # no reason to load a network
        return page.with_probabilities(Probabilities(np.zeros((0, 10), np.float32)))
    if callable(model) and not hasattr(model, "predict_on_batch"):
        return page.with_probabilities(check_probabilities(model(page.digits)))
    from mnist_lab import network

    network_ = _pretrained() if model is None else model
    return page.with_probabilities(network.predict_probabilities(network_, page.digits))


@cache
def _pretrained() -> Any:
    """The pretrained network for answering, loaded once; nobody else is given it."""
    from mnist_lab import network

    return network.load_pretrained()
