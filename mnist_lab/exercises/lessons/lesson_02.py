"""Lesson 2, prepare the data: scaling, the channel axis, one-hot, and what leaks."""

import numpy as np

from mnist_lab.exercises.exercise import Case, Cases, Exercise
from mnist_lab.exercises.inputs import make_images, make_labels


def _images(seed: int) -> Cases:
    level = 17 * (3 + seed % 12)
    grey = np.full((1, 28, 28), level, np.uint8)
    yield Case(f"a single image, all {level}, of shape (1, 28, 28),", (grey,))
    yield Case("5 images of noise, of shape (5, 28, 28),", (make_images(seed, 5),))
    yield Case("3 darker images", (make_images(seed + 1, 3) // 2,))


def _stacks(seed: int) -> Cases:
    yield Case("5 images, of shape (5, 28, 28),", (make_images(seed, 5),))
    yield Case("3 images, of shape (3, 28, 28),", (make_images(seed + 1, 3),))
    yield Case("a single image, of shape (1, 28, 28),", (make_images(seed + 2, 1),))


def _labels(seed: int) -> Cases:
    rng = np.random.default_rng(seed)
    yield Case("two labels", (rng.permutation(np.arange(1, 9))[:2].astype(np.uint8),))
    yield Case("the labels 0 and another", (np.array([0, 1 + seed % 8], np.uint8),))
    yield Case("labels without a 9", (make_labels(seed + 1, 20, without=(9,)),))
    yield Case("labels in which every digit occurs", (make_labels(seed, 25),))


def _labelled(seed: int) -> Cases:
    levels = np.random.default_rng(seed).permutation(250)[:5].astype(np.uint8)
    grey = np.broadcast_to(levels[:, np.newaxis, np.newaxis], (5, 28, 28)).copy()
    told = ", ".join(map(str, levels))
    yield Case(f"5 images of one grey each, {told},", (grey, make_labels(seed, 5)))
    for count in (50, 60):
        yield Case(f"{count} images", (make_images(seed + count, count), make_labels(seed, count)))


EXERCISES = (
    Exercise.from_answers(
        id="2.1",
        points=2,
        asks="a function that scales images to float32 from 0 to 1",
        target="my_scale(images)",
        cases=_images,
        exact=True,
        answers="""
            1: 255 is the brightest a pixel can be, so white becomes exactly 1. Dividing by a
            `float32` keeps the result `float32`, half the size of numpy's usual `float64`.
                return images / np.float32(255)
            0.5: The numbers are right, but they are `float64`, as Python's own are, and twice as
            large as a network needs.
                return images / 255
            0: `//` throws away what is behind the point: only pure white stays above 0.
                return images // 255
            0.5: You divide by the brightest pixel that happens to be there, so a dark image and a
            bright one come out alike. Divide by the same number always.
                return (images / images.max()).astype(np.float32)
            0.5: White becomes a little less than 1: the largest of 256 levels is not 256.
                return images / np.float32(256)
            0.25: The range has not changed: white is still 255.
                return images.astype(np.float32)
            0.5: Black is white now, and white is black. Scaling keeps dark what is dark.
                return 1 - images / np.float32(255)
        """,
        hints=(
            "The same number for every image, and the type of the result matters.",
            "Look at how the cell above kept the result `float32`.",
            "Divide by `np.float32(...)`, with the brightest level a pixel can have.",
        ),
    ),
    Exercise.from_answers(
        id="2.2",
        points=1,
        asks="a function that gives images a channel axis",
        target="my_add_channel(images)",
        cases=_stacks,
        answers="""
            1: `...` keeps all the axes there are, and `np.newaxis` puts one of length 1 behind
            them. `images.reshape(-1, 28, 28, 1)` does the same.
                return images[..., np.newaxis]
            0: The new axis stands in front, as if all the images were one. It belongs behind the
            others.
                return images[np.newaxis]
            0.5: The new axis stands before rows and columns. Some libraries want that; Keras wants
            the channels last.
                return images[:, np.newaxis]
            0: You laid each image out in one row. A convolution needs its rows and columns.
                return images.reshape(len(images), -1)
            0.5: These are three channels, as for colours. Grey needs one.
                return np.stack([images] * 3, axis=-1)
            0: The images are as they were, and their axes, too.
                return images
        """,
        hints=(
            "Nothing is computed: the same numbers, with one more pair of brackets around each.",
            "`np.newaxis` in square brackets makes an axis of length 1. Where must it stand?",
            "`images[..., something]`: the three dots stand for all the axes there are.",
        ),
    ),
    Exercise.from_answers(
        id="2.3",
        points=2,
        asks="a function that makes labels one-hot",
        target="my_one_hot(labels)",
        cases=_labels,
        answers="""
            1: Row 7 of the table `np.eye(10)` is the one-hot of 7. The labels, in square brackets,
            pick a row each, in their order.
                return np.eye(10)[labels]
            0.5: Every 1 stands one place too far left: positions are counted from 0, and 0 is a
            digit, too. (Labels are `uint8`, where 0 - 1 is 255.)
                return np.eye(10)[labels - 1]
            0.5: Every 1 stands one place too far left: positions are counted from 0, and 0 is a
            digit, too. (Labels are `uint8`, where 0 - 1 is 255.)
                return np.eye(10)[labels.astype(int) - 1]
            0: All the rows are one and the same list, changed again and again. Begin a new row for
            each label.
                row = [0] * 10
                rows = []
                for label in labels:
                    row[label] = 1
                    rows.append(row)
                return rows
            0: `return` ends the function at once: inside the loop only the first label gets its
            row.
                for label in labels:
                    return [np.eye(10)[label]]
            0: One row for all the labels says which digits occur. Each label needs a row of its
            own.
                row = np.zeros(10)
                row[labels] = 1
                return row
            0.5: There are only as many columns as the largest label needs. Ten are needed, even if
            no 9 occurs.
                return np.eye(labels.max() + 1)[labels]
            0.5: Rows and columns are swapped: a row belongs to a label, a column to a digit.
                return np.eye(10)[labels].T
            0.5: The label itself stands in its place, so 0 is lost and 9 counts nine times. Put a 1
            there.
                return np.eye(10)[labels] * labels[:, np.newaxis]
        """,
        hints=(
            "Look at `np.eye(10)`. What does its row 7 remind you of?",
            "A list of positions in square brackets picks rows: `table[[2, 0]]` is row 2, then "
            "row 0.",
            "Pick rows of `np.eye(10)`, with the labels as positions.",
        ),
    ),
    Exercise.from_answers(
        id="2.4",
        points=2,
        asks="a function that holds back a fifth for validation",
        target="my_split(images, labels)",
        cases=_labelled,
        answers="""
            1: One cut for both, so that each label stays with its image, and no image is on both
            sides of it.
                cut = len(images) * 4 // 5
                return images[:cut], labels[:cut], images[cut:], labels[cut:]
            0.25: A leak: the digits held back are in the training part as well, so that the network
            is asked what it has already been told.
                cut = len(images) * 4 // 5
                return images, labels, images[cut:], labels[cut:]
            0.5: You train on a fifth and hold back the rest: the other way round.
                cut = len(images) // 5
                return images[:cut], labels[:cut], images[cut:], labels[cut:]
            0.5: The parts are right, but not their order: the training images, their labels, then
            the validation images, their labels.
                cut = len(images) * 4 // 5
                return images[:cut], images[cut:], labels[:cut], labels[cut:]
            0.5: You cut one image too late: a cut at 4 takes the positions 0, 1, 2 and 3, which are
            four already.
                cut = len(images) * 4 // 5 + 1
                return images[:cut], labels[:cut], images[cut:], labels[cut:]
            0: 48,000 is four fifths of MNIST alone. Let the cut follow from how many images there
            are.
                cut = 48_000
                return images[:cut], labels[:cut], images[cut:], labels[cut:]
            0.5: You hold back the first fifth; the last one is asked for.
                cut = len(images) // 5
                return images[cut:], labels[cut:], images[:cut], labels[:cut]
            0: The labels no longer belong to their images: cut both in the same way.
                cut = len(images) * 4 // 5
                return images[:cut], labels[cut:], images[cut:], labels[:cut]
        """,
        hints=(
            "Find the position of the cut first: it is a whole number.",
            "`len(images) * 4 // 5` is where the last fifth begins. `x[:cut]` is all before it.",
            "Give back four things with commas between: images and labels before the cut, then "
            "those from the cut on.",
        ),
    ),
)
