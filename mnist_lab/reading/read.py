"""A picture to digits in reading order, and what each of them is.

Two networks find them: the finder is slid over the picture and marks what looks like a digit,
the segmenter takes a second look at each. What a digit is, any network can be asked then.
"""

from itertools import pairwise
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mnist_lab import images
from mnist_lab.arrays import (
    Digit,
    Digits,
    Image,
    MnistLabError,
    Polarity,
    Probabilities,
    check_image,
    check_probabilities,
)
from mnist_lab.reading.find import (
    INSIDE,
    SAME_DIGIT,
    Looked,
    best_of_same,
    find_candidates,
    log_softmax,
    look_again,
)
from mnist_lab.reading.lines import into_lines, slant
from mnist_lab.reading.page import PageReading
from mnist_lab.reading.steps import tell_steps
from mnist_lab.reading.upright import boxes_in_picture, can_turn, quarter_turn, turn_back
from mnist_lab.reading.views import CROP_SIDE

MIN_DIGIT = 0.5  # of heat and certainty that it is a digit, their mean, to count as one on a page
MIN_CONTRAST = 0.25  # of the contrast that the page's ink has, or it is of the paper's grain
MIN_LEVELS = 5.0  # of 255, of ink's contrast
MIN_SINGLE = 0.2  # of the digit that a picture is known to hold
MAX_SLANT = 3.0  # degrees, from which on a page is turned and looked at anew
LEAST_INK = 0.3  # certainty of a digit's surest ink
OWN, PERHAPS_OWN = 0.5, 0.05  # of that, from which on a pixel is its own ink, or may be
FULL = 60  # percentile of its ink's levels that is full ink
BLUR = 0.2  # share of full ink that is blur, as in the loops of small digits
FINER = 2  # times finer than a crop the ink is worked on
CENTRED = 0.18  # of squared distances from a picture's middle, that count for a single digit


class NoDigit(MnistLabError):
    """A picture was asked for its digit, and holds none."""


def read_page(image: Image, model: Any = None) -> PageReading:
    """Find the digits of a page and say what they are.

    Parameters
    ----------
    image : uint8 (height, width)
        0 to 255, either polarity, upright or turned by any quarter.
    model : keras.Model or callable, optional
        From (28, 28, 1) to (10,), or a function from digits, uint8 (n, 28, 28), to
        probabilities, float32 (n, 10); by default the pretrained network together with the two
        that found them.

    Returns
    -------
    PageReading
        Of no digits, where there are none.

    Raises
    ------
    ArrayError
        `image` is not one, or `model` does not give probabilities.
    """
    return _ask(model, find_digits(image))


def read_single(image: Image, model: Any = None) -> PageReading:
    """Read a picture of one digit, however large in it: a reading of one digit or none.

    Parameters and errors are those of `read_page`; it is taken as upright.
    """
    return _ask(model, find_digits(image, single=True))


def read_digit(image: Image) -> Digit:
    """Make a digit, uint8 (28, 28), of the one that a picture, uint8 (height, width), shows.

    Raises
    ------
    NoDigit
        The picture holds nothing that looks like a digit.
    ArrayError
        `image` is not one.
    """
    page = find_digits(image, single=True)
    if not len(page):
        raise NoDigit("expected a picture that holds a digit, found none in it")
    return Digit(page.digits[0])


def find_digits(image: Image, *, single: bool = False) -> PageReading:
    """Find the digits of a page, in reading order, and ask no classifier.

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
    upright, rotation, to_picture = check_image(image), 0.0, np.eye(2, 3)
    candidates, scales = find_candidates(upright, single=single)
    looked = look_again(upright, candidates)
    if not single and (rotation := quarter_turn(upright, looked)):
        upright, to_picture = turn_back(image, rotation)
        candidates, scales = find_candidates(upright)
        looked = look_again(upright, candidates)
    found = _choose(upright, looked, single=single)
    if single and not len(found):  # it may be tiny: then it must be as sure as on a page
        candidates, scales = find_candidates(upright)
        found = _choose(upright, look_again(upright, candidates), single=False)
        found = found.take(np.argsort(found.heat)[-1:])
    tilt = slant(found.boxes)
    if abs(tilt) > MAX_SLANT and can_turn(image.shape, rotation + tilt):
        rotation += tilt
        upright, to_picture = turn_back(image, rotation)
        candidates, scales = find_candidates(upright, single=single)
        found = _choose(upright, look_again(upright, candidates), single=single)
    lines = into_lines(found.boxes)
    found = found.take(np.array([at for line in lines for at in line], np.intp))
    starts = np.cumsum([0] + [len(line) for line in lines]).tolist()
    each = zip(found.ink, found.levels, found.contrast, strict=True)
    digits = [_digit(ink, levels, float(contrast)) for ink, levels, contrast in each]
    boxes = _whole_pixels(boxes_in_picture(found.boxes, to_picture), image.shape)
    return PageReading(
        image=image,
        digits=Digits(np.array(digits, np.uint8).reshape(-1, 28, 28)),
        boxes=boxes,
        lines=tuple(tuple(range(a, b)) for a, b in pairwise(starts)),
        polarity=_polarity(upright, found),
        rotation=(rotation + slant(found.boxes) + 180) % 360 - 180 if len(found) else 0.0,
        steps=tell_steps(upright, rotation, scales, candidates, found),
        opinions=Probabilities(np.exp(found.classes)),
    )


def _choose(image: Image, looked: Looked, *, single: bool) -> Looked:
    """Those that are digits; or the one that is most, largest and next to the middle."""
    looked = looked.take(looked.ink.max(axis=(1, 2), initial=0) > LEAST_INK)
    looked = looked.take(np.abs(looked.contrast) > MIN_LEVELS)
    if not single:
        looked = looked.take(looked.heat > MIN_DIGIT)
        levels = np.abs(looked.contrast)
        usual = float((levels**2).sum() / max(levels.sum(), 1))
        looked = looked.take(levels > MIN_CONTRAST * usual)
        return looked.take(best_of_same(looked, SAME_DIGIT, INSIDE))
    looked = looked.take(looked.heat > MIN_SINGLE)
    if not len(looked):
        return looked
    sides = np.array(image.shape[::-1])
    low, high = looked.boxes[:, :2] / sides, looked.boxes[:, 2:] / sides
    off = ((low + high) / 2 - 0.5) ** 2
    size = np.minimum((high - low).max(axis=1), 1.2)
    score = looked.heat * np.exp(-off.sum(axis=1) / CENTRED) * np.sqrt(size)
    return looked.take(np.array([score.argmax()]))


def _digit(ink: NDArray[np.float32], levels: NDArray[np.float32], contrast: float) -> Digit:
    """A digit in MNIST's form, its strokes evened: its grey levels where its own ink is.

    The segmenter's doubts do not thin it: what hangs together with sure ink, and is not
    surely another's, belongs to it.
    """
    ink = ink / ink.max()
    inked = ink > OWN
    full = max(float(np.percentile(np.sign(contrast) * levels[inked], FULL)), 1.0)
    fine = _finer(np.sign(contrast) * levels / full)
    fine = np.clip((fine - BLUR) / (1 - BLUR), 0, 1)
    possible = ((_finer(ink) > PERHAPS_OWN) & (fine > 0)).astype(np.uint8)
    _, parts = cv2.connectedComponents(possible, connectivity=8)
    own = np.isin(parts, np.unique(parts[(_finer(ink) > OWN) & (possible > 0)])) & (possible > 0)
    near = cv2.dilate(own.astype(np.uint8), np.ones((3, 3), np.uint8))
    shown = fine * near if own.any() else _finer(ink).clip(0, 1)
    return images.to_digit(images.even_stroke(Image((255 * shown).astype(np.uint8))))


def _finer(crop: NDArray[np.float32]) -> NDArray[np.float32]:
    size = FINER * CROP_SIDE, FINER * CROP_SIDE
    return np.asarray(cv2.resize(crop, size, interpolation=cv2.INTER_CUBIC), np.float32)


def _polarity(image: Image, found: Looked) -> Polarity:
    """Whether the digits' ink is darker or brighter than what is around it."""
    if not len(found):
        return images.find_polarity(image)
    return images.LIGHT_ON_DARK if found.contrast.sum() > 0 else images.DARK_ON_LIGHT


def _whole_pixels(boxes: NDArray[np.float64], shape: tuple[int, ...]) -> NDArray[np.int64]:
    """Boxes as x, y, width and height, in whole pixels of a picture and within it."""
    sides = np.array(shape[::-1])
    low = np.clip(np.floor(boxes[:, :2] + 0.3), 0, sides - 1)
    high = np.clip(np.ceil(boxes[:, 2:] - 0.3), low + 1, sides)
    return np.concatenate([low, high - low], axis=1).astype(np.int64)


def _ask(model: Any, page: PageReading) -> PageReading:
    """A page with the answers of a Keras model, of a function, or of the pretrained ones."""
    if not len(page):  # no reason to load a network
        return page.with_probabilities(Probabilities(np.zeros((0, 10), np.float32)))
    if callable(model) and not hasattr(model, "predict_on_batch"):
        return page.with_probabilities(check_probabilities(model(page.digits)))
    from mnist_lab import network

    answers = network.predict_probabilities(model, page.digits)
    return page.with_probabilities(answers if model is not None else _agree(answers, page.opinions))


def _agree(classifier: Probabilities, opinions: Probabilities) -> Probabilities:
    """Three opinions together, two of which are one already: their geometric mean."""
    logs = np.log(np.maximum(classifier, 1e-7)) + 2 * np.log(np.maximum(opinions, 1e-7))
    return Probabilities(np.exp(log_softmax(logs / 3)))
