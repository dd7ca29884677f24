"""Lesson 2, guess before you learn: baselines, and what is held back."""

import numpy as np

from mnist_lab.exercises.exercise import Case, Cases, Exercise
from mnist_lab.exercises.inputs import make_images, make_labels


def _answered(seed: int) -> Cases:
    rng = np.random.default_rng(seed)
    few = rng.permutation(10)[:4].astype(np.uint8)
    answers = few.copy()
    answers[: 1 + seed % 3] = (answers[: 1 + seed % 3] + 1) % 10
    yield Case("four answers", (answers, few))
    for count in (41, 23, 37):
        labels = make_labels(seed + count, count)
        answers = labels.copy()
        places = rng.permutation(count)[: rng.integers(1, count - 1)]
        answers[places] = (labels[places] + rng.integers(1, 10, len(places))) % 10
        yield Case(f"{count} answers", (answers, labels))


def _digits(seed: int) -> Cases:
    for count in (24, 30):
        labels = make_labels(seed + count, count)
        yield Case(f"{count} images of noise", (make_images(seed + count, count), labels))


def _means(seed: int) -> Cases:
    rng = np.random.default_rng(seed)
    few = np.zeros((2, 1, 3))
    few[0, 0, seed % 3], few[1, 0, (seed + 1) % 3] = 9, 9
    images = np.zeros((3, 1, 3), np.uint8)
    images[0, 0, (seed + 1) % 3], images[1, 0, seed % 3], images[2, 0, (seed + 1) % 3] = 7, 8, 9
    yield Case("three images of three pixels, and two means", (images, few))
    for count in (12, 15, 20):
        means = rng.uniform(0, 200, (10, 4, 4)).round(1)
        labels = make_labels(seed + count, count)
        noise = rng.integers(-40, 41, (count, 4, 4))
        images = np.clip(means[labels] + noise, 0, 255).astype(np.uint8)
        yield Case(f"{count} images of 4 by 4 pixels", (images, means))


def _labelled(seed: int) -> Cases:
    levels = np.random.default_rng(seed).permutation(250)[:5].astype(np.uint8)
    grey = np.broadcast_to(levels[:, np.newaxis, np.newaxis], (5, 28, 28)).copy()
    told = ", ".join(map(str, levels))
    yield Case(f"5 images of one grey each, {told},", (grey, make_labels(seed, 5)))
    for count in (50, 60):
        yield Case(f"{count} images", (make_images(seed + count, count), make_labels(seed, count)))


EXERCISES: tuple[Exercise, ...] = (
    Exercise.from_answers(
        id="2.1",
        kind="predict",
        points=1,
        asks="how many of 100 digits a program reads that always says 1",
        target="my_guess",
        ranges=((9, 13), (13, 40), (40, 100), (4, 9), (0.5, 4), (0, 0.5)),
        example="Of 100 throws of a die about 17 are a 3, whoever throws it.",
        hints=(
            "How many digits are there, and is any of them much rarer than the others?",
            "About one digit in ten is a 1, a few more even.",
        ),
        answers="""
            1: About one digit in ten is a 1, and in MNIST a few more.
                my_guess = 11
            0.5: That is more than one in ten. There are ten digits, and none is half of them all.
                my_guess = 25
            0.5: For that it would have to look at the digit. This program never does.
                my_guess = 50
            0.5: A little low: with ten digits, each is about a tenth of them.
                my_guess = 7
            0.25: It is right by chance, and that is not so rare: there are only ten digits.
                my_guess = 1
            0.25: It is right whenever the digit happens to be a 1.
                my_guess = 0
        """,
    ),
    Exercise.from_answers(
        id="2.2",
        points=1,
        asks="a function that gives the accuracy",
        target="my_accuracy(answers, labels)",
        cases=_answered,
        tolerance=1e-6,
        answers="""
            1: True counts as 1, so that the mean of the comparison is the share of the right ones.
                return (answers == labels).mean()
            0.5: This is how many are right. The share of them is asked for, from 0 to 1.
                return (answers == labels).sum()
            0.5: This is the share of the wrong ones.
                return (answers != labels).mean()
            0.5: This is in percent. A share goes from 0 to 1.
                return 100 * (answers == labels).mean()
            0: Whether all of them are right is one question. How many of them, is the one asked.
                return float((answers == labels).all())
            0.25: How far off an answer is does not matter: a 7 read as an 8 is as wrong as a 7 read
            as a 1.
                return 1 - abs(answers.astype(int) - labels).mean() / 9
            0: You divide by 10,000, whatever comes. How many answers are there?
                return (answers == labels).sum() / 10_000
        """,
        hints=(
            "Compare first: `answers == labels` is True where an answer is right.",
            "Of 4 answers 3 are right: that is 0.75. True counts as 1.",
            "The mean of True and False is the share of True.",
        ),
    ),
    Exercise.from_answers(
        id="2.3",
        points=2,
        asks="a function that gives the mean image of each digit",
        target="my_mean_digits(images, labels)",
        cases=_digits,
        tolerance=1e-3,
        answers="""
            1: For each digit a mask picks its images, and the mean over the images, `axis=0`, leaves
            one image.
                means = []
                for digit in range(10):
                    means.append(images[labels == digit].mean(axis=0))
                return np.array(means)
            0.25: This is one number for each digit: without an `axis` the mean is over rows and
            columns as well.
                return np.array([images[labels == digit].mean() for digit in range(10)])
            0.25: This is the mean of all images, ten times. Which of them show the digit?
                return np.array([images.mean(axis=0) for digit in range(10)])
            0.25: These are sums. A digit that occurs more often comes out brighter.
                return np.array([images[labels == digit].sum(axis=0) for digit in range(10)])
            0.25: This is the first image of each digit, not the mean of all of them.
                return np.array([images[labels == digit][0] for digit in range(10)]).astype(float)
            0: `return` ends the function at once: inside the loop only the 0 gets its mean.
                for digit in range(10):
                    return images[labels == digit].mean(axis=0)
            0.5: It counts from 1 to 9 and 10. The digits are 0 to 9.
                means = [images[labels == digit].mean(axis=0) for digit in range(1, 10)]
                return np.array([*means, np.zeros((28, 28))])
        """,
        hints=(
            "In lesson 1 it was done for the 3s: a mask, then a mean along `axis=0`.",
            "A loop over `range(10)` that appends to a list, and `np.array` of the list at the end.",
            "`images[labels == digit].mean(axis=0)` is one of the ten.",
        ),
    ),
    Exercise.from_answers(
        id="2.4",
        points=2,
        asks="a function that says which mean each image is nearest to",
        target="my_nearest(images, means)",
        cases=_means,
        answers="""
            1: The squared differences of an image to each mean, added up; the place of the smallest
            is the answer. The images become floats first, or they go round like a clock.
                answers = []
                for image in images:
                    differences = image.astype(float) - means
                    distances = (differences**2).sum(axis=(1, 2))
                    answers.append(distances.argmin())
                return np.array(answers)
            0.25: This is the mean that is least alike. The nearest has the smallest distance.
                answers = []
                for image in images:
                    answers.append(((image.astype(float) - means) ** 2).sum(axis=(1, 2)).argmax())
                return np.array(answers)
            0.25: Differences above and below 0 cancel each other. Square them before you add up.
                answers = []
                for image in images:
                    answers.append((image.astype(float) - means).sum(axis=(1, 2)).argmin())
                return np.array(answers)
            0.25: This is how far the nearest is. Which one is it?
                answers = []
                for image in images:
                    answers.append(((image.astype(float) - means) ** 2).sum(axis=(1, 2)).min())
                return np.array(answers)
            0: `return` ends the function at once: inside the loop only the first image is answered.
                for image in images:
                    return [((image.astype(float) - means) ** 2).sum(axis=(1, 2)).argmin()]
            0: This is the pixel with the smallest difference, counted through all the means.
                return np.array([((i.astype(float) - means) ** 2).argmin() for i in images])
            0.25: Counted from 1. Places, like digits, begin at 0.
                answers = []
                for image in images:
                    answers.append(((image.astype(float) - means) ** 2).sum(axis=(1, 2)).argmin() + 1)
                return np.array(answers)
        """,
        hints=(
            "For one image first: how far is it from each of the means?",
            "`image.astype(float) - means` are the differences to all the means at once.",
            "Square them, add them up over rows and columns, `axis=(1, 2)`, and take `argmin`.",
        ),
    ),
    Exercise.from_answers(
        id="2.5",
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
