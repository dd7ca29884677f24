"""Lesson 2, guess before you learn: baselines, and what is held back."""

import numpy as np

from mnist_lab.exercises.exercise import Case, Cases, Exercise
from mnist_lab.exercises.inputs import make_images, make_labels


def _labelled(seed: int) -> Cases:
    levels = np.random.default_rng(seed).permutation(250)[:5].astype(np.uint8)
    grey = np.broadcast_to(levels[:, np.newaxis, np.newaxis], (5, 28, 28)).copy()
    told = ", ".join(map(str, levels))
    yield Case(f"5 images of one grey each, {told},", (grey, make_labels(seed, 5)))
    for count in (50, 60):
        yield Case(f"{count} images", (make_images(seed + count, count), make_labels(seed, count)))


EXERCISES: tuple[Exercise, ...] = (
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
