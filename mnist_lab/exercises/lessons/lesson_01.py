"""Lesson 1, look at the data: counting and averaging pictures."""

import numpy as np

from mnist_lab.exercises.exercise import Case, Cases, Exercise
from mnist_lab.exercises.inputs import make_images, make_labels


def _one_image(seed: int) -> Cases:
    level = np.arange(28) + seed % 100
    rows, columns = np.meshgrid(level, level, indexing="ij")
    yield Case("an image in which each pixel says its row", (rows.astype(np.uint8),))
    yield Case("an image in which each pixel says its column", (columns.astype(np.uint8),))
    for image in make_images(seed, 3):  # more than half: there are but a hundred of those above
        yield Case("an image of noise", (image,))


def _many_labels(seed: int) -> Cases:
    digits = np.random.default_rng(seed).permutation(9)[:2]  # not 9
    yield Case("three labels", (digits[[0, 1, 0]].astype(np.uint8),))
    yield Case("labels without a 4", (make_labels(seed + 1, 11, without=(4,)),))
    yield Case("labels without a 9", (make_labels(seed + 2, 40, without=(9,)),))
    yield Case("labels in which every digit occurs", (make_labels(seed, 60),))


def _labelled(seed: int) -> Cases:
    rng = np.random.default_rng(seed)
    digit = int(rng.integers(1, 9))
    levels = (rng.permutation(20)[:3] * 10 + 30).astype(np.uint8)
    grey = np.broadcast_to(levels[:, np.newaxis, np.newaxis], (3, 28, 28)).copy()
    told = f"images of one grey each, {', '.join(map(str, levels))}"
    labels = np.array([digit, digit, digit - 1], np.uint8)
    note = f"three {told}, of which the first two are the digit {digit},"
    yield Case(note, (grey, labels, digit))
    images, labels = make_images(seed, 40), make_labels(seed, 40)
    yield Case("40 images of noise", (images, labels, digit))
    yield Case("another digit of them", (images, labels, digit + 1))
    yield Case("30 other images", (make_images(seed + 1, 30), make_labels(seed + 1, 30), digit))


def _two_images(seed: int) -> Cases:
    low, step = (int(n) for n in np.random.default_rng(seed).integers(3, 60, 2))
    dark = np.full((28, 28), low, np.uint8)
    halves = dark.copy()
    halves[:14] = low + 3 * step
    halves[14:] = low - 2
    yield Case(f"an image all {low} and one all {low + step}", (dark, dark + np.uint8(step)))
    note = f"an image all {low} and one whose upper half is {low + 3 * step}, its lower {low - 2},"
    yield Case(note, (dark, halves))
    one, other = make_images(seed, 2)
    yield Case("two images of noise", (one, other))
    yield Case("an image of noise and its inversion", (other, 255 - other))


EXERCISES: tuple[Exercise, ...] = (
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
            0: These are images: each of them is many numbers.
                my_numbers = 60_000
            0: This is the shape, three numbers. How many places are there in it?
                my_numbers = (60_000, 28, 28)
        """,
        example="Three images of 2 rows and 2 columns would be 12 numbers.",
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
            0.5: Rows and columns are counted from 0, so row 4 has the number 4, although it is the
            fifth.
                return image[3:11, 9:17]
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
            0: `return` ends the function at once: inside the loop only the first label is counted.
            It belongs below the loop, as far left as `for`.
                counts = [0] * 10
                for label in labels:
                    counts[label] += 1
                    return counts
            0: It only notes which digits occur: each further one should add 1.
                counts = [0] * 10
                for label in labels:
                    counts[label] = 1
                return counts
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
            0.5: This is the variance, the square of what is asked for.
                return images[labels == digit].var(axis=0)
            0: These are the images of all the other digits.
                return images[labels != digit].std(axis=0)
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
            0.5: This squares the differences, so that large ones count for more. What is asked for
            is the mean of the differences themselves.
                return np.sqrt(((one.astype(int) - other.astype(int)) ** 2).mean())
            0.5: This is the mean of the squares of the differences. Take their signs away instead.
                return ((one.astype(int) - other.astype(int)) ** 2).mean()
        """,
        hints=(
            "What is 3 - 5 in `uint8`? Try `np.uint8(3) - np.uint8(5)`.",
            "Turn both images to `int` with `astype`, subtract, and take the signs away.",
            "`np.abs` takes signs away, and `.mean()` comes last of all.",
        ),
    ),
)
