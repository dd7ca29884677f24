"""Lesson 7, learn or memorise: epochs, dropout, more digits, the rate."""

import numpy as np

from mnist_lab.exercises.exercise import Case, Cases, Exercise
from mnist_lab.exercises.inputs import make_images, make_labels


def _histories(seed: int) -> Cases:
    rng = np.random.default_rng(seed)
    a, b, c, d, e, f = (int(n) / 100 for n in np.cumsum(rng.integers(1, 5, 6)) + 10)
    yield Case("losses that rise once before the best", ([f, d, e, b, c],))
    yield Case("losses that are best at first", ([a, c, b, d],))
    yield Case("losses that are best at the end", ([e, b, d, c, a],))
    yield Case("losses that rise twice before the best", ([d, c, f, b, e, a, c, b],))


def _labelled(seed: int) -> Cases:
    one, other = (int(n) for n in np.random.default_rng(seed).permutation(10)[:2])
    dots = np.zeros((2, 28, 28), np.uint8)
    dots[[0, 1], [3, 9], [5, 27]] = 200, 90
    note = f"two images with a dot in row 3, column 5, and in row 9, column 27, labels [{one}, {other}],"
    yield Case(note, (dots, np.array([one, other], np.uint8)))
    for count in (12, 20, 15):
        yield Case(f"{count} images", (make_images(seed + count, count), make_labels(seed, count)))


EXERCISES: tuple[Exercise, ...] = (
    Exercise.from_answers(
        id="7.2",
        points=1,
        asks="a function that finds the best epoch",
        target="my_best_epoch(losses)",
        cases=_histories,
        answers="""
            1: The best epoch has the smallest validation loss. `np.argmin` gives its position
            counted from 0, and epochs are counted from 1.
                return int(np.argmin(losses)) + 1
            0.5: Positions are counted from 0 and epochs from 1.
                return int(np.argmin(losses))
            0: This is the epoch with the largest loss; a loss should be small.
                return int(np.argmax(losses)) + 1
            0: This is the last epoch, whether or not it was the best.
                return len(losses)
            0.5: This is the smallest loss itself. In which epoch was it?
                return min(losses)
            0.25: It stops where the loss rises for the first time. It may fall again, below what it
            was: look at all of them.
                for epoch in range(1, len(losses)):
                    if losses[epoch] > losses[epoch - 1]:
                        return epoch
                return len(losses)
            0: A 0 is left over: the smallest number was looked for among the epochs' numbers, not
            among the losses.
                return min(range(len(losses)))
        """,
        hints=(
            "Small is good. Where in the list is the smallest number?",
            "`np.argmin` gives a position. What is the position of the first epoch?",
            "Add what is missing between a position and the number of an epoch.",
        ),
    ),
    Exercise.from_answers(
        id="7.4",
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
)
