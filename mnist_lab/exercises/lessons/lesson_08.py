"""Lesson 8, make it better: normalise, a rate that rises and falls, more digits, a cover."""

import numpy as np

from mnist_lab.exercises.exercise import Case, Cases, Exercise
from mnist_lab.exercises.inputs import make_images, make_labels


def _batches(seed: int) -> Cases:
    rng = np.random.default_rng(seed)
    low, high, step = (int(n) for n in rng.integers(1, 9, 3))
    yield Case("two rows", (np.array([[low, 10 * high], [low + 2 * step, 10 * high + 40]]),))
    for note, count, width in (
        ("a batch of eight", 8, 3),
        ("a large batch", 40, 5),
        ("a wide one", 6, 12),
    ):
        means, spreads = rng.uniform(-50, 50, width), rng.uniform(1, 20, width)
        yield Case(note, (rng.normal(means, spreads, (count, width)),))


def _steps(seed: int) -> Cases:
    peak = float(np.random.default_rng(seed).integers(1, 9)) / 100
    for note, step, steps in (
        ("while it rises", 30, 200),
        ("halfway down", 65, 100),
        ("nearly at the peak", 58, 200),
        ("just behind the peak", 32, 100),
        ("near the end", 190, 200),
    ):
        yield Case(note, (step, steps, peak))


def _labelled(seed: int) -> Cases:
    one, other = (int(n) for n in np.random.default_rng(seed).permutation(10)[:2])
    dots = np.zeros((2, 28, 28), np.uint8)
    dots[[0, 1], [3, 9], [5, 27]] = 200, 90
    note = f"two images with a dot in row 3, column 5, and in row 9, column 27, labels [{one}, {other}],"
    yield Case(note, (dots, np.array([one, other], np.uint8)))
    for count in (12, 20, 15):
        yield Case(f"{count} images", (make_images(seed + count, count), make_labels(seed, count)))


def _covers(seed: int) -> Cases:
    rng = np.random.default_rng(seed)
    level, row, column = 100 + seed % 99, int(rng.integers(12, 20)), int(rng.integers(3, 9))
    note = f"a digit that is {level} all over, `row = {row}` and `column = {column}`,"
    yield Case(note, (np.full((28, 28), level, np.uint8), row, column))
    places = [(0, 20 - column), (9, 22)]
    for digit, (top, left) in zip(make_images(seed, 2), places, strict=True):
        noise = np.maximum(digit, 9)  # no pixel is black before
        yield Case(f"a digit of noise, `row = {top}`, `column = {left}`,", (noise, top, left))


EXERCISES = (
    Exercise.from_answers(
        id="8.1",
        points=2,
        asks="a function that normalises each column of a batch",
        target="my_normalise(values)",
        cases=_batches,
        answers="""
            1: `axis=0` goes down the columns, so that each neuron gets its own mean and its own
            spread over the digits of the batch.
                return (values - values.mean(axis=0)) / values.std(axis=0)
            0.5: You take one mean and one spread for all. Each column should get its own.
                return (values - values.mean()) / values.std()
            0.5: You normalise each digit over its neurons. It should be each neuron, a column, over
            the digits.
                means = values.mean(axis=1, keepdims=True)
                return (values - means) / values.std(axis=1, keepdims=True)
            0.5: Without brackets only the mean is divided: `/` comes before `-`.
                return values - values.mean(axis=0) / values.std(axis=0)
            0.5: You divide by the variance, the square of the standard deviation.
                return (values - values.mean(axis=0)) / values.var(axis=0)
            0.5: The means are 0 now, and the spreads are what they were: something is missing.
                return values - values.mean(axis=0)
            0.5: The spreads are 1 now, and the means are not 0: something must be taken away first.
                return values / values.std(axis=0)
        """,
        hints=(
            "Two things in this order: take the mean away, then divide by the spread.",
            "`values.mean(axis=0)` gives a mean for each column.",
            "`std` has an `axis`, too; brackets around the difference, or only half is divided.",
        ),
    ),
    Exercise.from_answers(
        id="8.2",
        points=2,
        asks="a learning rate that rises for a while and then falls to 0",
        target="my_rate(step, steps, peak)",
        cases=_steps,
        answers="""
            1: On the way up the share of 0.3 that is done is the share of the peak. On the way down
            it is what is left, as a share of the other 0.7.
                done = step / steps
                if done < 0.3:
                    return peak * done / 0.3
                return peak * (1 - done) / 0.7
            0.5: The way up is right. The way down begins below the peak: what is left must be a
            share of the second part, not of the whole.
                done = step / steps
                if done < 0.3:
                    return peak * done / 0.3
                return peak * (1 - done)
            0.5: The way down is right. The way up ends below the peak: what is done must be a share
            of the first part, not of the whole.
                done = step / steps
                if done < 0.3:
                    return peak * done
                return peak * (1 - done) / 0.7
            0: It rises all the way, and is highest when it should be 0.
                return peak * step / steps
            0: It falls from the beginning. Let it rise first.
                return peak * (1 - step / steps)
            0: That is a rate that never changes.
                return peak
        """,
        hints=(
            "What share of all the steps is done? Everything follows from that number.",
            "Two cases: up to 0.3 the rate rises from 0 to the peak; after that it falls to 0.",
            "Going up, divide what is done by 0.3. Going down, divide what is left by 0.7.",
        ),
    ),
    Exercise.from_answers(
        id="8.3",
        points=2,
        asks="a function that makes twice as many digits, and labels that fit",
        target="my_double(images, labels)",
        cases=_labelled,
        answers="""
            1: `:` keeps all images and all rows, and the columns move on by one. What is done to
            the images by `np.concatenate` is done to the labels as well, so that they stay
            together.
                moved = np.zeros_like(images)
                moved[:, :, 1:] = images[:, :, :-1]
                return np.concatenate([images, moved]), np.concatenate([labels, labels])
            0.5: There are twice as many images as labels: a moved 4 is a 4 as well, and must say
            so.
                moved = np.zeros_like(images)
                moved[:, :, 1:] = images[:, :, :-1]
                return np.concatenate([images, moved]), labels
            0.5: Each label is there twice in a row, and the images come as a whole, twice. So most
            of them have got the label of another.
                moved = np.zeros_like(images)
                moved[:, :, 1:] = images[:, :, :-1]
                return np.concatenate([images, moved]), np.repeat(labels, 2)
            0.5: What leaves on the right comes back on the left. It should be gone, and black come
            in.
                moved = np.roll(images, 1, axis=2)
                return np.concatenate([images, moved]), np.concatenate([labels, labels])
            0.5: It moves to the left. To the right the columns move on, so the first one is empty.
                moved = np.zeros_like(images)
                moved[:, :, :-1] = images[:, :, 1:]
                return np.concatenate([images, moved]), np.concatenate([labels, labels])
            0.5: It moves down: in an array of images the second axis are the rows.
                moved = np.zeros_like(images)
                moved[:, 1:] = images[:, :-1]
                return np.concatenate([images, moved]), np.concatenate([labels, labels])
            0.5: These are the moved ones only. The digits as they were belong to it as well.
                moved = np.zeros_like(images)
                moved[:, :, 1:] = images[:, :, :-1]
                return moved, labels
        """,
        hints=(
            "Two things are to be made: the moved images, beginning with `np.zeros_like(images)`, "
            "and labels for all of them.",
            "The columns are the third axis: `images[:, :, :-1]` is all of them but the last. Where "
            "do they go?",
            "`np.concatenate([images, moved])` puts one behind the other. The labels of the moved "
            "ones are the same labels once more.",
        ),
    ),
    Exercise.from_answers(
        id="8.4",
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
)
