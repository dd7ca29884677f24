"""Lesson 1, look at the data: shapes, slices, counts, means, differences."""

import numpy as np

from mnist_lab.exercises.exercise import Case, Cases, Exercise
from mnist_lab.exercises.inputs import make_images, make_labels


def _one_image(seed: int) -> Cases:
    yield Case("an image", (make_images(seed, 1)[0],))
    yield Case("another", (make_images(seed + 1, 1)[0],))


def _many_labels(seed: int) -> Cases:
    yield Case("labels in which every digit occurs", (make_labels(seed, 60),))
    yield Case("labels without a 4", (make_labels(seed + 1, 50, without=(4,)),))
    yield Case("labels without a 9", (make_labels(seed + 2, 40, without=(9,)),))


def _labelled(seed: int) -> Cases:
    images, labels = make_images(seed, 40), make_labels(seed, 40)
    digit = int(np.random.default_rng(seed).integers(1, 9))
    yield Case("one digit", (images, labels, digit))
    yield Case("another digit", (images, labels, digit + 1))
    yield Case("other images", (make_images(seed + 1, 30), make_labels(seed + 1, 30), digit))


def _two_images(seed: int) -> Cases:
    one, other, third = make_images(seed, 3)
    yield Case("two images", (one, other))
    yield Case("two others", (other, third))
    yield Case("an image and its inversion", (third, 255 - third))


EXERCISES = (
    Exercise.from_answers(
        id="1.1",
        points=1,
        asks="how many numbers 60,000 images are",
        target="my_numbers",
        answers="""
            1: Every image has 28 rows of 28 numbers, and there are 60,000 images.
            `train.images.size` says the same.
                my_numbers = 60_000 * 28 * 28
            0: These are the numbers in one image.
                my_numbers = 28 * 28
            0: These are rows: each of them holds numbers, too.
                my_numbers = 60_000 * 28
            0.5: You counted the test images as well.
                my_numbers = 70_000 * 28 * 28
            0: The three numbers of a shape are not added.
                my_numbers = 60_000 + 28 + 28
        """,
        hints=(
            "Begin with one image. It is a table: how many rows, and how many numbers in a row?",
            "The three numbers in `train.images.shape` are images, rows and columns.",
            "Multiply all three numbers of the shape.",
        ),
    ),
    Exercise.from_answers(
        id="1.2",
        points=1,
        asks="a function that cuts a piece out of an image",
        target="my_piece(image)",
        cases=_one_image,
        answers="""
            1: A slice names the first row it takes and the first it leaves out, and the same for
            the columns after the comma. Eight rows from row 4 end before row 12.
                return image[4:12, 10:18]
            0.5: You took the columns for the rows: an array's rows come first, as in a table, while
            x comes first on a map.
                return image[10:18, 4:12]
            0.5: The last row and the last column are missing: a slice stops before its second
            number.
                return image[4:11, 10:17]
            0: Two pairs of brackets cut rows twice: the second pair looks for rows again, in what
            the first has left.
                return image[4:12][10:18]
            0: These are whole rows: their columns still need cutting.
                return image[4:12]
            0: The second number of a slice is where it stops, not how many it takes.
                return image[4:8, 10:8]
        """,
        hints=(
            "Look again at the cell that showed a piece of `image`: two slices, and a comma.",
            "Eight rows from row 4 are rows 4, 5, 6, 7, 8, 9, 10 and 11. A slice stops before its "
            "second number.",
            "Write `image[first_row:stop_row, first_column:stop_column]` with four numbers.",
        ),
    ),
    Exercise.from_answers(
        id="1.3",
        points=2,
        asks="a function that counts each of the ten digits",
        target="my_counts(labels)",
        cases=_many_labels,
        answers="""
            1: `np.bincount` counts 0, 1, 2 and so on, as far as the largest label. `minlength=10`
            makes sure that a digit which never occurs gets its 0, also at the end.
                return np.bincount(labels, minlength=10)
            0.5: A digit that is missing at the end gets no place: where no 9 occurs you give nine
            counts.
                return np.bincount(labels)
            0.5: `np.unique` leaves out a digit that never occurs, and the counts after it move up
            one place.
                return np.unique(labels, return_counts=True)[1]
            0: These are the digits that occur, not how often they do.
                return np.unique(labels)
            0.5: These are shares, which sum to 1. Counts are whole numbers.
                return np.bincount(labels, minlength=10) / len(labels)
        """,
        hints=(
            "The cell above counts with one numpy function. What does it do with a digit that "
            "never occurs?",
            "A result of ten numbers is wanted for any labels. `np.bincount` can be told the "
            "smallest length.",
            "Look up `minlength` with `help(np.bincount)`.",
        ),
    ),
    Exercise.from_answers(
        id="1.4",
        points=2,
        asks="a function that shows where the images of a digit differ",
        target="my_spread(images, labels, digit)",
        cases=_labelled,
        answers="""
            1: `labels == digit` is True where an image shows the digit, and keeps those images.
            `axis=0` runs through the images, so that each pixel gets a spread of its own.
                return images[labels == digit].std(axis=0)
            0: This is the spread of all images: the digit that was asked for changes nothing.
                return images.std(axis=0)
            0.5: This is one number for all the pixels together. Keep the pixels apart.
                return images[labels == digit].std()
            0.5: This is one number for each image. The spread should run through the images, not
            through the pixels.
                return images[labels == digit].std(axis=(1, 2))
            0.5: This is the mean: what the images have in common, not how much they differ.
                return images[labels == digit].mean(axis=0)
        """,
        hints=(
            "It is done as the mean was: keep the images that show the digit, then one call.",
            "`labels == digit` in square brackets keeps the images. What takes the place of `mean`?",
            "`images[labels == digit]` are the right images, and `.std(...)` needs the same `axis`.",
        ),
    ),
    Exercise.from_answers(
        id="1.5",
        points=2,
        asks="a function that says how different two images are",
        target="my_difference(one, other)",
        cases=_two_images,
        answers="""
            1: `uint8` has no numbers below 0: 3 - 5 becomes 254. As `int` the difference may be
            negative, and `np.abs` takes its sign away before the mean.
                return np.abs(one.astype(int) - other.astype(int)).mean()
            0.5: `uint8` cannot go below 0, so that 3 - 5 becomes 254. The images must become
            another type before you subtract.
                return np.abs(one - other).mean()
            0.5: Brighter and darker pixels cancel each other: two images could be very different,
            and this would say 0.
                return (one.astype(int) - other.astype(int)).mean()
            0: This compares how bright the two are as a whole. Compare pixel by pixel first, and
            take the mean last.
                return abs(one.mean() - other.mean())
            0.5: This is the sum over all pixels; what is asked for is one pixel's difference, on
            average.
                return np.abs(one.astype(int) - other.astype(int)).sum()
        """,
        hints=(
            "What is 3 - 5 in `uint8`? Try `np.uint8(3) - np.uint8(5)`.",
            "Turn both images to `int` with `astype`, subtract, and take the signs away.",
            "`np.abs` takes signs away, and `.mean()` comes last of all.",
        ),
    ),
)
