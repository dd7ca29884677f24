"""Lesson 7, learn or memorise: epochs, dropout, more digits, the rate.

The cards of models come from the checks of their tasks, so the words of the wrong models here are
those of a check.
"""

from typing import Any

import numpy as np

from mnist_lab.exercises.building import Task, activation, loss, output, parameters
from mnist_lab.exercises.exercise import Case, Cases, Exercise
from mnist_lab.exercises.inputs import make_images, make_labels

SAME = 0.02  # by which some probability differs between digits, at the least, once it has learnt
UNSURE = 0.3  # what the likeliest digit gets, in the middle, before anything is learnt, at the most


def _losses(rng: np.random.Generator, length: int, best: int) -> list[float]:
    """Losses with the smallest at a position; if there is room before it, one rises there first."""
    drawn = np.cumsum(rng.integers(1, 9, length)) + rng.integers(5, 40)
    lowest, *others = (int(n) / 100 for n in drawn)
    others = [others[at] for at in rng.permutation(length - 1)]
    before = sorted(others[:best], reverse=True)
    before[:2] = before[:2][::-1]
    return [*before, lowest, *others[best:]]


def _histories(seed: int) -> Cases:
    rng = np.random.default_rng(seed)
    few = int(rng.integers(2, 4))
    yield Case("losses that rise once before the best", (_losses(rng, 5, few),))
    yield Case("losses that are best at first", (_losses(rng, int(rng.integers(4, 9)), 0),))
    length = int(rng.integers(4, 12))
    yield Case("losses that are best at the end", (_losses(rng, length, length - 1),))
    for length in rng.permutation(np.arange(8, 30))[:10]:
        best = int(rng.integers(2, length - 1))
        yield Case(f"{length} losses", (_losses(rng, int(length), best),))


def _labelled(seed: int) -> Cases:
    one, other = (int(n) for n in np.random.default_rng(seed).permutation(10)[:2])
    dots = np.zeros((2, 28, 28), np.uint8)
    dots[[0, 1], [3, 9], [5, 27]] = 200, 90
    note = f"two images with a dot in row 3, column 5, and in row 9, column 27, labels [{one}, {other}],"
    yield Case(note, (dots, np.array([one, other], np.uint8)))
    for count in (12, 20, 15):
        yield Case(f"{count} images", (make_images(seed + count, count), make_labels(seed, count)))


def _drops_out(model: dict[str, Any]) -> str:
    kinds = [each["kind"] for each in model["layers"]]
    if "Dropout" not in kinds:
        return "There is no `Dropout` in it yet: so far it is the network as it was."
    before, behind = kinds[: kinds.index("Dropout")], kinds[kinds.index("Dropout") + 1 :]
    if not behind:
        return "`Dropout` stands behind the last layer, where it would strike out answers."
    if "Dense" in before:
        return "`Dropout` stands behind a dense layer; it is wanted in front of the first one."
    if "Flatten" in behind:
        return "`Dropout` stands before `Flatten`; it is to strike out numbers of the long row."
    return ""


def _tells_digits_apart(model: dict[str, Any]) -> str:
    differs = np.ptp(np.asarray(model["gives"]), axis=0).max() > SAME
    words = (
        "It answers the same whatever it is shown: its first steps were so long that no neuron "
        "looks at the picture any more, and no later step brings it back."
    )
    return "" if differs else words


def _is_surer(model: dict[str, Any]) -> str:
    surer = np.median(np.asarray(model["gives"]).max(axis=1)) > UNSURE
    words = (
        "It is hardly surer of any digit than before it began: it has not been trained, or its "
        "steps are so short that it has come nowhere."
    )
    return "" if surer else words


EXERCISES: tuple[Exercise, ...] = (
    Exercise.from_answers(
        id="7.1",
        kind="predict",
        points=1,
        asks="how well new digits are read after 40 epochs with 500 digits",
        target="my_guess",
        ranges=((77, 92), (92, 98), (98, 100), (55, 77), (15, 55), (1, 15), (0, 1)),
        example="A pupil who knows 20 sums by heart, all of them, may still get 4 of 10 new ones wrong.",
        answers="""
            1: Knowing 500 digits by heart is no use for others as such. What it has understood on the
            way is: about five new digits of six are read.
                my_guess = 84
            0.5: The network of lesson 6 read so many after 50,000 digits. This one sees a hundredth
            of them, however often.
                my_guess = 95
            0.25: These are the digits that it learns from, which it will know by heart. The others it
            has never seen.
                my_guess = 100
            0.5: Is it as bad as that? The mean digits of lesson 2, which learn nothing, read about so
            many.
                my_guess = 70
            0.25: It has seen some fifty of each digit, forty times. That is little, but by far not
            nothing.
                my_guess = 35
            0: That is guessing. A network that has learnt does better, even from 500 digits.
                my_guess = 10
            0: This is a share of 1. The answer is wanted in percent, so between 0 and 100.
                my_guess = 0.5
        """,
        hints=(
            "With 50,000 digits about 97 of 100 are read. With 500 it will be fewer, but 50 of each "
            "digit are something.",
            "Forty epochs suffice to learn 500 digits by heart. That is about them, not about others.",
            "In lesson 2, mean digits read 80 of 100, without learning. It is a little more than that.",
        ),
    ),
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
        id="7.3",
        kind="build",
        points=2,
        asks="the same network with dropout",
        target="my_model",
        task=Task((_drops_out, output(10), activation("softmax"), parameters(74_650))),
        answers="""
            1: `Dropout` has no parameters, so there are as many as before. It stands where most
            numbers are, in front of the dense layer that has nearly all the weights.
                import keras
                my_model = keras.Sequential([
                    keras.Input((28, 28, 1)),
                    keras.layers.Conv2D(8, 5, activation="relu"),
                    keras.layers.MaxPooling2D(),
                    keras.layers.Flatten(),
                    keras.layers.Dropout(0.5),
                    keras.layers.Dense(64, activation="relu"),
                    keras.layers.Dense(10, activation="softmax"),
                ])
            0.25: There is no `Dropout` in it yet: so far it is the network as it was.
                import keras
                my_model = keras.Sequential([
                    keras.Input((28, 28, 1)),
                    keras.layers.Conv2D(8, 5, activation="relu"),
                    keras.layers.MaxPooling2D(),
                    keras.layers.Flatten(),
                    keras.layers.Dense(64, activation="relu"),
                    keras.layers.Dense(10, activation="softmax"),
                ])
            0.25: `Dropout` stands behind the last layer, where it would strike out answers.
                import keras
                my_model = keras.Sequential([
                    keras.Input((28, 28, 1)),
                    keras.layers.Conv2D(8, 5, activation="relu"),
                    keras.layers.MaxPooling2D(),
                    keras.layers.Flatten(),
                    keras.layers.Dense(64, activation="relu"),
                    keras.layers.Dense(10, activation="softmax"),
                    keras.layers.Dropout(0.5),
                ])
            0.25: `Dropout` stands behind a dense layer; it is wanted in front of the first one.
                import keras
                my_model = keras.Sequential([
                    keras.Input((28, 28, 1)),
                    keras.layers.Conv2D(8, 5, activation="relu"),
                    keras.layers.MaxPooling2D(),
                    keras.layers.Flatten(),
                    keras.layers.Dense(64, activation="relu"),
                    keras.layers.Dropout(0.5),
                    keras.layers.Dense(10, activation="softmax"),
                ])
            0.25: `Dropout` stands before `Flatten`; it is to strike out numbers of the long row.
                import keras
                my_model = keras.Sequential([
                    keras.Input((28, 28, 1)),
                    keras.layers.Conv2D(8, 5, activation="relu"),
                    keras.layers.MaxPooling2D(),
                    keras.layers.Dropout(0.5),
                    keras.layers.Flatten(),
                    keras.layers.Dense(64, activation="relu"),
                    keras.layers.Dense(10, activation="softmax"),
                ])
            0.25: Its last layer, `Dense`, has the activation `none`; `softmax` is wanted.
                import keras
                my_model = keras.Sequential([
                    keras.Input((28, 28, 1)),
                    keras.layers.Conv2D(8, 5, activation="relu"),
                    keras.layers.MaxPooling2D(),
                    keras.layers.Flatten(),
                    keras.layers.Dropout(0.5),
                    keras.layers.Dense(64, activation="relu"),
                    keras.layers.Dense(10),
                ])
            0.25: It has 37,434 parameters and 74,650 are wanted: `Conv2D 208`, `MaxPooling2D 0`,
            `Flatten 0`, `Dropout 0`, `Dense 36,896`, `Dense 330`.
                import keras
                my_model = keras.Sequential([
                    keras.Input((28, 28, 1)),
                    keras.layers.Conv2D(8, 5, activation="relu"),
                    keras.layers.MaxPooling2D(),
                    keras.layers.Flatten(),
                    keras.layers.Dropout(0.5),
                    keras.layers.Dense(32, activation="relu"),
                    keras.layers.Dense(10, activation="softmax"),
                ])
        """,
        hints=(
            "Copy the list of layers from `build` in section 1. One layer more is wanted.",
            "`keras.layers.Dropout(0.5)` is a layer like any other: it takes a line of its own.",
            "The line stands between `Flatten` and the first `Dense`.",
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
    Exercise.from_answers(
        id="7.5",
        kind="mend",
        points=2,
        asks="a training whose learning rate is too large",
        target="my_trained",
        task=Task(
            (
                output(10),
                activation("softmax"),
                loss("categorical_crossentropy", "sparse_categorical_crossentropy"),
                _tells_digits_apart,
                _is_surer,
            ),
            accuracy=((0.7, 1), (0.3, 0.5)),
        ),
        answers="""
            1: A rate of 0.001 is Adam's own. With it the steps are short enough to stay in the
            valley, and long enough to get down in ten epochs.
                import keras
                from mnist_lab import load_mnist, network
                train, _ = load_mnist()
                network.set_seed(0)
                my_trained = keras.Sequential([
                    keras.Input((28, 28, 1)),
                    keras.layers.Conv2D(8, 5, activation="relu"),
                    keras.layers.MaxPooling2D(),
                    keras.layers.Flatten(),
                    keras.layers.Dense(64, activation="relu"),
                    keras.layers.Dense(10, activation="softmax"),
                ])
                my_trained.compile(keras.optimizers.Adam(0.001), loss="categorical_crossentropy", metrics=["accuracy"])
                network.fit(my_trained, train.select(np.arange(500)), epochs=10)
            0.25: It answers the same whatever it is shown: its first steps were so long that no
            neuron looks at the picture any more, and no later step brings it back.
                import keras
                from mnist_lab import load_mnist, network
                train, _ = load_mnist()
                network.set_seed(0)
                my_trained = keras.Sequential([
                    keras.Input((28, 28, 1)),
                    keras.layers.Conv2D(8, 5, activation="relu"),
                    keras.layers.MaxPooling2D(),
                    keras.layers.Flatten(),
                    keras.layers.Dense(64, activation="relu"),
                    keras.layers.Dense(10, activation="softmax"),
                ])
                my_trained.compile(keras.optimizers.Adam(1.0), loss="categorical_crossentropy", metrics=["accuracy"])
                network.fit(my_trained, train.select(np.arange(500)), epochs=2)
            0.25: It is hardly surer of any digit than before it began: it has not been trained, or
            its steps are so short that it has come nowhere.
                import keras
                from mnist_lab import load_mnist, network
                train, _ = load_mnist()
                network.set_seed(0)
                my_trained = keras.Sequential([
                    keras.Input((28, 28, 1)),
                    keras.layers.Conv2D(8, 5, activation="relu"),
                    keras.layers.MaxPooling2D(),
                    keras.layers.Flatten(),
                    keras.layers.Dense(64, activation="relu"),
                    keras.layers.Dense(10, activation="softmax"),
                ])
                my_trained.compile(keras.optimizers.Adam(1e-06), loss="categorical_crossentropy", metrics=["accuracy"])
                network.fit(my_trained, train.select(np.arange(500)), epochs=1)
            0.25: Its last layer, `Dense`, has the activation `none`; `softmax` is wanted.
                import keras
                my_trained = keras.Sequential([
                    keras.Input((28, 28, 1)),
                    keras.layers.Conv2D(8, 5, activation="relu"),
                    keras.layers.MaxPooling2D(),
                    keras.layers.Flatten(),
                    keras.layers.Dense(64, activation="relu"),
                    keras.layers.Dense(10),
                ])
                my_trained.compile("adam", loss="categorical_crossentropy")
            0.25: It is not compiled yet: `compile` says how it learns.
                import keras
                my_trained = keras.Sequential([
                    keras.Input((28, 28, 1)),
                    keras.layers.Conv2D(8, 5, activation="relu"),
                    keras.layers.MaxPooling2D(),
                    keras.layers.Flatten(),
                    keras.layers.Dense(64, activation="relu"),
                    keras.layers.Dense(10, activation="softmax"),
                ])
            0.25: Its loss is `mse`; `categorical_crossentropy` is wanted.
                import keras
                my_trained = keras.Sequential([
                    keras.Input((28, 28, 1)),
                    keras.layers.Conv2D(8, 5, activation="relu"),
                    keras.layers.MaxPooling2D(),
                    keras.layers.Flatten(),
                    keras.layers.Dense(64, activation="relu"),
                    keras.layers.Dense(10, activation="softmax"),
                ])
                my_trained.compile("adam", loss="mse")
            0.25: Its last layer, `Dense`, gives the shape (9,) for a digit; (10,) is wanted.
                import keras
                my_trained = keras.Sequential([
                    keras.Input((28, 28, 1)),
                    keras.layers.Conv2D(8, 5, activation="relu"),
                    keras.layers.MaxPooling2D(),
                    keras.layers.Flatten(),
                    keras.layers.Dense(64, activation="relu"),
                    keras.layers.Dense(9, activation="softmax"),
                ])
                my_trained.compile("adam", loss="categorical_crossentropy")
        """,
        hints=(
            "Only one number in the broken training is wrong. Which of the three lines in the figure "
            "does it draw?",
            "Make a new network, too: the old one cannot be brought back. That is the line with "
            "`build`.",
            "`keras.optimizers.Adam(0.001)` has the rate that all trainings before had.",
        ),
    ),
)
