"""Lesson 12, make it better: multiplications, a rate that rises and falls, a small network."""

import numpy as np

from mnist_lab.exercises.building import Task, activation, at_most_parameters, output
from mnist_lab.exercises.exercise import Case, Cases, Exercise


def _steps(seed: int) -> Cases:
    rng = np.random.default_rng(seed)
    yield Case(
        "while it rises", (3 * int(rng.integers(1, 9)), 100, int(rng.integers(1, 99)) / 1000)
    )
    for note, least, most in (
        ("halfway down", 0.45, 0.75),
        ("nearly at the peak", 0.285, 0.297),
        ("just behind the peak", 0.303, 0.32),
        ("early", 0.02, 0.12),
        ("near the end", 0.9, 0.98),
    ):
        steps = int(rng.integers(2_000, 9_000))
        step = int(rng.uniform(least, most) * steps)
        yield Case(note, (step, steps, int(rng.integers(11, 999)) / 10_000))


def _layers(seed: int) -> Cases:
    rng = np.random.default_rng(seed)
    few = int(rng.integers(2, 7))
    yield Case("a small layer", (int(rng.integers(4, 7)), 3, 1, few))
    for _ in range(5):
        window = int(rng.integers(3, 8))
        size, channels, kernels = (
            int(rng.integers(*ends)) for ends in ((12, 60), (2, 40), (3, 70))
        )
        note = (
            f"{kernels} kernels of {window} by {window} on {channels} channels of {size} by {size}"
        )
        yield Case(note, (size, window, channels, kernels))


EXERCISES: tuple[Exercise, ...] = (
    Exercise.from_answers(
        id="12.1",
        points=2,
        asks="how many multiplications a convolution takes for one picture",
        target="my_multiplications(size, window, channels, kernels)",
        cases=_layers,
        answers="""
            1: At each place each kernel multiplies every number under its window, in all channels.
            And a window fits in as many places as in lesson 5, across and down.
                places = (size - window + 1) ** 2
                return places * window ** 2 * channels * kernels
            0.5: The window does not fit at every pixel: at the right and lower edge it would hang
            over. How many places were there in lesson 5?
                return size ** 2 * window ** 2 * channels * kernels
            0.5: There is one place more across, and one more down: a window as large as the picture
            fits once.
                return (size - window) ** 2 * window ** 2 * channels * kernels
            0.5: A kernel has weights for each channel that comes in, not only for one.
                return (size - window + 1) ** 2 * window ** 2 * kernels
            0.5: That is the work of one kernel. Each of them goes over the whole picture.
                return (size - window + 1) ** 2 * window ** 2 * channels
            0.5: The window moves across and also down: these are the places of a single row.
                return (size - window + 1) * window ** 2 * channels * kernels
            0.5: A window has as many rows as columns: these are the weights of a single row of it.
                return (size - window + 1) ** 2 * window * channels * kernels
            0.25: This is how many weights there are. Each of them is used again at every place.
                return window ** 2 * channels * kernels
            0.25: These are the parameters. Each weight is used again at every place, and a bias is
            added, not multiplied.
                return kernels * (window ** 2 * channels + 1)
        """,
        hints=(
            "Begin with one kernel at one place: how many numbers lie under the window, in all channels?",
            "In lesson 5 a window of 3 fitted into a picture of 28 in 26 places across, and as many down.",
            "Four things are multiplied: places, numbers under the window, channels, kernels.",
        ),
    ),
    Exercise.from_answers(
        id="12.2",
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
        id="12.3",
        kind="build",
        points=4,
        asks="a network of at most 20,000 parameters that reads 97 of 100 digits",
        target="my_model",
        task=Task(
            (output(10), activation("softmax"), at_most_parameters(20_000)),
            accuracy=((0.97, 1), (0.95, 0.75), (0.9, 0.5)),
        ),
        answers="""
            1: Two convolutions, with pooling behind each, leave only 400 numbers, so the dense layer
            stays small. Normalised batches and a rate that rises and falls do in one epoch what
            takes five without.
                import keras
                from mnist_lab import load_mnist, network
                train, _ = load_mnist()
                x, y = network.to_batch(train.images), network.one_hot(train.labels)
                network.set_seed(0)
                my_model = keras.Sequential([
                    keras.Input((28, 28, 1)),
                    keras.layers.Conv2D(8, 5, activation="relu"),
                    keras.layers.MaxPooling2D(),
                    keras.layers.Conv2D(16, 3),
                    keras.layers.MaxPooling2D(),
                    keras.layers.BatchNormalization(momentum=0.9),
                    keras.layers.Activation("relu"),
                    keras.layers.Flatten(),
                    keras.layers.Dense(40, activation="relu"),
                    keras.layers.Dense(10, activation="softmax"),
                ])
                rate = network.OneCycle(0.01, 469)  # steps of 128 digits
                my_model.compile(keras.optimizers.Adam(rate), loss="categorical_crossentropy", metrics=["accuracy"])
                my_model.fit(x, y, batch_size=128, verbose=0)
            0.25: It has 90,170 parameters and 20,000 at most are wanted: `Conv2D 320`, `MaxPooling2D
            0`, `Flatten 0`, `Dense 86,544`, `Dense 544`, `Dense 2,112`, `Dense 650`.
                import keras
                my_model = keras.Sequential([
                    keras.Input((28, 28, 1)),
                    keras.layers.Conv2D(32, 3, activation="relu"),
                    keras.layers.MaxPooling2D(),
                    keras.layers.Flatten(),
                    keras.layers.Dense(16, activation="relu"),
                    keras.layers.Dense(32, activation="relu"),
                    keras.layers.Dense(64, activation="relu"),
                    keras.layers.Dense(10, activation="softmax"),
                ])
            0.25: It has 25,450 parameters and 20,000 at most are wanted: `Flatten 0`, `Dense 25,120`,
            `Dense 330`.
                import keras
                my_model = keras.Sequential([
                    keras.Input((28, 28, 1)),
                    keras.layers.Flatten(),
                    keras.layers.Dense(32, activation="relu"),
                    keras.layers.Dense(10, activation="softmax"),
                ])
            0.25: Its last layer, `Dense`, has the activation `none`; `softmax` is wanted.
                import keras
                my_model = keras.Sequential([
                    keras.Input((28, 28, 1)),
                    keras.layers.Conv2D(8, 5, activation="relu"),
                    keras.layers.MaxPooling2D(),
                    keras.layers.Conv2D(16, 3, activation="relu"),
                    keras.layers.MaxPooling2D(),
                    keras.layers.Flatten(),
                    keras.layers.Dense(40, activation="relu"),
                    keras.layers.Dense(10),
                ])
            0.25: Its last layer, `Dense`, gives the shape (9,) for a digit; (10,) is wanted.
                import keras
                my_model = keras.Sequential([
                    keras.Input((28, 28, 1)),
                    keras.layers.Conv2D(8, 5, activation="relu"),
                    keras.layers.MaxPooling2D(),
                    keras.layers.Conv2D(16, 3, activation="relu"),
                    keras.layers.MaxPooling2D(),
                    keras.layers.Flatten(),
                    keras.layers.Dense(40, activation="relu"),
                    keras.layers.Dense(9, activation="softmax"),
                ])
            0.25: Its last layer, `Dense`, gives the shape (13, 13, 10) for a digit; (10,) is wanted.
                import keras
                my_model = keras.Sequential([
                    keras.Input((28, 28, 1)),
                    keras.layers.Conv2D(8, 3, activation="relu"),
                    keras.layers.MaxPooling2D(),
                    keras.layers.Dense(10, activation="softmax"),
                ])
            0.25: Its last layer, `Dense`, has the activation `relu`; `softmax` is wanted.
                import keras
                my_model = keras.Sequential([
                    keras.Input((28, 28, 1)),
                    keras.layers.Conv2D(8, 5, activation="relu"),
                    keras.layers.MaxPooling2D(),
                    keras.layers.Conv2D(16, 3, activation="relu"),
                    keras.layers.MaxPooling2D(),
                    keras.layers.Flatten(),
                    keras.layers.Dense(40, activation="relu"),
                    keras.layers.Dense(10, activation="relu"),
                ])
        """,
        hints=(
            "Where are most parameters of the course's network? Not in its windows.",
            "A second convolution and a second pooling leave fewer numbers for the dense layer.",
            "8 kernels of five by five, then 16 of three by three, with pooling behind each, leave 400 "
            "numbers: 40 neurons that look at them have 16,040 parameters.",
            "Learn from all 60,000 digits. If 97 is not reached: batch normalisation, or a rate that "
            "rises and falls, `keras.optimizers.Adam(network.OneCycle(0.01, steps))`.",
        ),
    ),
)
