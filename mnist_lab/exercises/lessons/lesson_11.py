"""Lesson 11, draw, fool, look inside: moving, covering, an attack."""

import numpy as np

from mnist_lab.exercises.exercise import Case, Cases, Exercise
from mnist_lab.exercises.inputs import make_images


def _shifts(seed: int) -> Cases:
    rng = np.random.default_rng(seed)
    digits = rng.integers(1, 256, (3, 28, 28)).astype(np.uint8)
    row, column = (int(n) for n in rng.permutation(9)[:2] + 6)
    dot = np.zeros((28, 28), np.uint8)
    dot[row, column] = dot[27, 27] = 255
    note = (
        f"a digit with dots in row {row}, column {column} and in the last corner, 3 down, 5 right,"
    )
    yield Case(note, (dot, 3, 5))
    yield Case("a digit of noise, 3 down and 4 to the right,", (digits[0], 3, 4))
    yield Case("a digit of noise, 7 down,", (digits[1], 7, 0))
    yield Case("a digit of noise, 2 to the right,", (digits[2], 0, 2))


def _covers(seed: int) -> Cases:
    rng = np.random.default_rng(seed)
    level, row, column = 100 + seed % 99, int(rng.integers(12, 20)), int(rng.integers(3, 9))
    note = f"a digit that is {level} all over, `row = {row}` and `column = {column}`,"
    yield Case(note, (np.full((28, 28), level, np.uint8), row, column))
    places = [(0, 20 - column), (9, 22)]
    for digit, (top, left) in zip(make_images(seed, 2), places, strict=True):
        noise = np.maximum(digit, 9)  # no pixel is black before
        yield Case(f"a digit of noise, `row = {top}`, `column = {left}`,", (noise, top, left))


def _attacks(seed: int) -> Cases:
    rng = np.random.default_rng(seed)
    size = int(rng.integers(20, 60))
    low, middle, high = (int(n) for n in rng.integers((3, 80, 250), (15, 170, 256)))
    few = rng.permutation([low, middle, high, high, low, middle]).reshape(2, 3)
    few[0, 0], few[1, 2] = low, high
    signs = rng.permutation([1, -1, 1, -1]) * rng.integers(2, 9, 4) / 4
    slopes = np.array([[-1.5, signs[0], signs[1]], [signs[2], 0, abs(signs[3])]])
    yield Case("a picture of two rows", (few.astype(np.uint8), slopes.round(2), size))
    for at, (digit, size) in enumerate(zip(make_images(seed, 2), (9 + seed % 7, 70), strict=True)):
        digit[digit < 50] = 0  # paper, as in most of a digit
        slopes = rng.normal(size=(28, 28)) / 50
        slopes[: at + 2] = 0  # a rim at which the network does not look
        yield Case(f"a digit of noise and `size = {size}`", (digit, slopes, size))


EXERCISES: tuple[Exercise, ...] = (
    Exercise.from_answers(
        id="11.1",
        points=2,
        asks="a function that shifts a digit down and to the right, over an empty page",
        target="my_shift(digit, down, right)",
        cases=_shifts,
        answers="""
            1: On an empty page, the lower right part is filled with the upper left part of the
            digit. What passes the edge is gone.
                shifted = np.zeros_like(digit)
                shifted[down:, right:] = digit[:28 - down, :28 - right]
                return shifted
            0.5: `np.roll` lets what leaves at the bottom come in again at the top. It should be
            gone.
                return np.roll(digit, (down, right), axis=(0, 1))
            0.5: It goes right where it should go down: rows come first.
                shifted = np.zeros_like(digit)
                shifted[right:, down:] = digit[:28 - right, :28 - down]
                return shifted
            0.5: It goes up and to the left.
                shifted = np.zeros_like(digit)
                shifted[:28 - down, :28 - right] = digit[down:, right:]
                return shifted
            0.5: What leaves is gone, and the rest is cut out: the page must keep its 28 rows and
            columns.
                return digit[:28 - down, :28 - right]
            0.5: Where the digit has left, the old ink is still there. Begin with an empty page.
                shifted = digit.copy()
                shifted[down:, right:] = digit[:28 - down, :28 - right]
                return shifted
        """,
        hints=(
            "Begin with an empty page of the same kind: `np.zeros_like(digit)`.",
            "Which part of the page will be filled, and with which part of the digit? Both have the "
            "same shape.",
            "`shifted[down:, right:] = ...`: as many rows and columns of the digit, from its upper left.",
        ),
    ),
    Exercise.from_answers(
        id="11.2",
        points=2,
        asks="a function that covers a square of a digit",
        target="my_cover(digit, row, column)",
        cases=_covers,
        pure=True,
        answers="""
            1: Two slices name the square, and one number fills it. Without the copy the digit
            itself would be painted over, and every next cover would add to it.
                covered = digit.copy()
                covered[row : row + 5, column : column + 5] = 0
                return covered
            0.5: The square is four by four: a slice stops before its second number.
                covered = digit.copy()
                covered[row : row + 4, column : column + 4] = 0
                return covered
            0.5: The square is in another place: the first index is the row.
                covered = digit.copy()
                covered[column : column + 5, row : row + 5] = 0
                return covered
            0.5: You fill the square with ink. Empty paper, in MNIST, is black.
                covered = digit.copy()
                covered[row : row + 5, column : column + 5] = 255
                return covered
            0.5: You paint over the digit itself, which must stay as it was. `new = digit` and
            `digit[:]` are other names for the same pixels; `digit.copy()` has its own.
                digit[row : row + 5, column : column + 5] = 0
                return digit
            0.5: The square is six by six: a slice takes as many as its second number is above the
            first.
                covered = digit.copy()
                covered[row : row + 6, column : column + 6] = 0
                return covered
            0: That cuts the square out. Give the whole digit, with the square gone.
                return digit[row : row + 5, column : column + 5]
        """,
        hints=(
            "Make a copy first, or you paint over the digit itself: `digit.copy()`.",
            "Two slices with a comma between them name a square; you may assign one number to it.",
            "The rows go from `row` up to, and without, `row + 5`; the columns likewise.",
        ),
    ),
    Exercise.from_answers(
        id="11.3",
        points=3,
        asks="a function that changes each pixel a little, in the direction that raises the loss",
        target="my_attack(digit, slopes, size)",
        cases=_attacks,
        pure=True,
        answers="""
            1: The sign says which way the loss rises, and every pixel goes equally far, as far as
            grey levels reach. Where the slope is 0 nothing is won, and nothing is changed.
                changed = digit + size * np.sign(slopes)
                return np.clip(changed, 0, 255).astype(np.uint8)
            0.5: You went down the slope, as learning does. The network would be surer than before;
            to fool it, the loss must rise.
                changed = digit - size * np.sign(slopes)
                return np.clip(changed, 0, 255).astype(np.uint8)
            0.5: Some of it is below 0 or above 255, and that is no grey level.
                return digit + size * np.sign(slopes)
            0.5: Some pixels have gone round like a clock: in uint8, what passes 255 begins again at
            0. Keep them inside before you make uint8 of them.
                changed = digit.astype(int) + size * np.sign(slopes).astype(int)
                return changed.astype(np.uint8)
            0.25: The pixels go unequally far, each as its slope is large. Only its sign is wanted,
            and every pixel goes by the whole size.
                return np.clip(digit + size * slopes, 0, 255)
            0.25: Every pixel goes by 1 only. How far it is to go, the size says.
                return np.clip(digit + np.sign(slopes), 0, 255)
            0.75: A pixel whose slope is 0 is changed as well. It has no influence on the loss: it
            should stay.
                changed = digit + size * np.where(slopes > 0, 1.0, -1.0)
                return np.clip(changed, 0, 255).astype(np.uint8)
            0.75: Where the slope is 0, brighter is no better than darker: such a pixel should stay.
                changed = digit + size * np.where(slopes >= 0, 1.0, -1.0)
                return np.clip(changed, 0, 255).astype(np.uint8)
            0.5: Only the ink is changed. The paper has slopes as well, and a grey spot on it counts.
                changed = np.clip(digit + size * np.sign(slopes), 0, 255)
                return np.where(digit > 0, changed, digit)
            0.25: All pixels become brighter. Where the slope is below 0, the loss rises when the
            pixel becomes darker.
                changed = digit + size * np.abs(np.sign(slopes))
                return np.clip(changed, 0, 255).astype(np.uint8)
            0.25: That is the change alone. The digit with the change is wanted.
                return size * np.sign(slopes)
            0: It is cut off at 1, as if the picture were scaled. These are grey levels, up to 255.
                return np.clip(digit + size * np.sign(slopes), 0, 1)
        """,
        hints=(
            "The slope of a pixel says what the loss does when the pixel becomes brighter. So which "
            "way should a pixel go whose slope is above 0, and which way one below?",
            "`np.sign(slopes)` is 1, 0 or -1 in each place. Times what, and added to what?",
            "`np.clip(..., low, high)` keeps every number between two others; do it before anything "
            "becomes uint8.",
        ),
    ),
)
