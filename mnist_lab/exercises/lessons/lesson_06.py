"""Lesson 6, build and train a CNN: parameters, models to build and to mend.

The cards of models come from the checks of their tasks, so the words of the wrong models here are
those of a check.
"""

import re
from typing import Any

from mnist_lab.exercises.building import Task, activation, layers, loss, output, parameters, takes
from mnist_lab.exercises.exercise import Exercise


def _learns_by_adam(model: dict[str, Any]) -> str:
    has = re.sub(r"_\d+$", "", str(model["optimizer"]).lower())  # the second is `adam_1`
    return "" if has == "adam" else f"Its optimizer is `{has}`; `adam` is wanted."


COURSE = Task(
    (
        takes(28, 28, 1),
        layers("Conv2D", "MaxPooling2D", "Flatten", "Dense", "Dense", "Dense", "Dense"),
        output(26, 26, 32, layer=0),
        activation("relu", layer=0),
        *(activation("relu", layer=hidden) for hidden in (3, 4, 5)),
        output(10),
        activation("softmax"),
        parameters(90_170),
        loss("categorical_crossentropy"),
        _learns_by_adam,
    )
)


EXERCISES: tuple[Exercise, ...] = (
    Exercise.from_answers(
        id="6.1",
        kind="build",
        points=3,
        asks="the ten neurons of lesson 3, in Keras",
        target="my_ten_neurons",
        task=Task(
            (
                takes(28, 28, 1),
                layers("Flatten", "Dense"),
                output(10),
                activation("softmax"),
                parameters(7850),
            )
        ),
        answers="""
            1: `Flatten` lays the 784 pixels in a row, and each of the ten neurons has a weight for
            each of them and a bias: 10 x 785 parameters. Softmax makes probabilities of the ten
            sums.
                import keras
                my_ten_neurons = keras.Sequential([
                    keras.Input((28, 28, 1)),
                    keras.layers.Flatten(),
                    keras.layers.Dense(10, activation="softmax"),
                ])
            0: No `Flatten` stands where one is wanted. Its layers are `Dense`.
                import keras
                my_ten_neurons = keras.Sequential([
                    keras.Input((28, 28, 1)),
                    keras.layers.Dense(10, activation="softmax"),
                ])
            0.25: Its last layer, `Dense`, has the activation `none`; `softmax` is wanted.
                import keras
                my_ten_neurons = keras.Sequential([
                    keras.Input((28, 28, 1)),
                    keras.layers.Flatten(),
                    keras.layers.Dense(10),
                ])
            0.25: Its last layer, `Dense`, has the activation `sigmoid`; `softmax` is wanted.
                import keras
                my_ten_neurons = keras.Sequential([
                    keras.Input((28, 28, 1)),
                    keras.layers.Flatten(),
                    keras.layers.Dense(10, activation="sigmoid"),
                ])
            0.25: Its last layer, `Dense`, gives the shape (9,) for a digit; (10,) is wanted.
                import keras
                my_ten_neurons = keras.Sequential([
                    keras.Input((28, 28, 1)),
                    keras.layers.Flatten(),
                    keras.layers.Dense(9, activation="softmax"),
                ])
            0.25: It has 12,730 parameters and 7,850 are wanted: `Flatten 0`, `Dense 12,560`, `Dense
            170`.
                import keras
                my_ten_neurons = keras.Sequential([
                    keras.Input((28, 28, 1)),
                    keras.layers.Flatten(),
                    keras.layers.Dense(16, activation="relu"),
                    keras.layers.Dense(10, activation="softmax"),
                ])
            0.25: It has 7,840 parameters and 7,850 are wanted: `Flatten 0`, `Dense 7,840`.
                import keras
                my_ten_neurons = keras.Sequential([
                    keras.Input((28, 28, 1)),
                    keras.layers.Flatten(),
                    keras.layers.Dense(10, activation="softmax", use_bias=False),
                ])
        """,
        hints=(
            "Three things stand in the list: what goes in, the pixels in a row, the ten neurons.",
            "What goes in is `keras.Input((28, 28, 1))`. `keras.layers.Flatten()` lays it in a row.",
            "The neurons are `keras.layers.Dense(10, activation=...)`, with what lesson 3 put behind "
            "its ten sums.",
        ),
    ),
    Exercise.from_answers(
        id="6.2",
        points=2,
        asks="how many parameters two layers have",
        target="my_convolution, my_dense",
        example="Two kernels of 2 by 2 have 10 parameters; 2 neurons that look at 3 numbers have 8.",
        answers="""
            1: Each of the 8 kernels has 25 weights and a bias. Each of the 10 neurons has a weight
            for each of the 100 numbers, and a bias.
                my_convolution = 8 * (5 * 5 + 1)
                my_dense = 10 * (100 + 1)
            0.5: You counted the weights. Each kernel and each neuron also has a bias of its own.
                my_convolution = 8 * 5 * 5
                my_dense = 10 * 100
            0.5: The convolution is right. Each neuron of the dense layer has a bias of its own, as
            each kernel has.
                my_convolution = 8 * (5 * 5 + 1)
                my_dense = 10 * 100
            0.5: The dense layer is right. Each kernel has a bias of its own, as each neuron has.
                my_convolution = 8 * 5 * 5
                my_dense = 10 * (100 + 1)
            0.5: One bias for the whole layer is too few: each kernel and each neuron has its own.
                my_convolution = 8 * 5 * 5 + 1
                my_dense = 10 * 100 + 1
            0.5: The convolution uses the same weights everywhere: they count once, not once for
            each place.
                my_convolution = 8 * 24 * 24 * (5 * 5 + 1)
                my_dense = 10 * (100 + 1)
        """,
        hints=(
            "Compare with the two lines above, which gave 320 and 86,544.",
            "Begin with one kernel and one neuron: how many weights, and what else?",
            "One kernel has 5 x 5 weights and one bias; one neuron has 100 weights and one bias.",
        ),
    ),
    Exercise.from_answers(
        id="6.3",
        kind="build",
        points=4,
        asks="the network of the course, from a blank cell",
        target="my_model",
        task=COURSE,
        answers="""
            1: Windows, pooling, a row of 5,408 numbers, three dense layers with ReLU, and ten
            probabilities: 90,170 parameters, and it is told how to learn.
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
                my_model.compile(optimizer="adam", loss="categorical_crossentropy", metrics=["accuracy"])
            0.25: It is not compiled yet: `compile` says how it learns.
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
            0.25: Its loss is `mse`; `categorical_crossentropy` is wanted.
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
                my_model.compile(optimizer="adam", loss="mse")
            0.25: Its optimizer is `sgd`; `adam` is wanted.
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
                my_model.compile(optimizer="sgd", loss="categorical_crossentropy")
            0.25: Its layer 1, `Conv2D`, has the activation `none`; `relu` is wanted.
                import keras
                my_model = keras.Sequential([
                    keras.Input((28, 28, 1)),
                    keras.layers.Conv2D(32, 3),
                    keras.layers.MaxPooling2D(),
                    keras.layers.Flatten(),
                    keras.layers.Dense(16, activation="relu"),
                    keras.layers.Dense(32, activation="relu"),
                    keras.layers.Dense(64, activation="relu"),
                    keras.layers.Dense(10, activation="softmax"),
                ])
                my_model.compile(optimizer="adam", loss="categorical_crossentropy")
            0.25: Its layer 4, `Dense`, has the activation `none`; `relu` is wanted.
                import keras
                my_model = keras.Sequential([
                    keras.Input((28, 28, 1)),
                    keras.layers.Conv2D(32, 3, activation="relu"),
                    keras.layers.MaxPooling2D(),
                    keras.layers.Flatten(),
                    keras.layers.Dense(16),
                    keras.layers.Dense(32),
                    keras.layers.Dense(64),
                    keras.layers.Dense(10, activation="softmax"),
                ])
                my_model.compile(optimizer="adam", loss="categorical_crossentropy")
            0.25: Its last layer, `Dense`, has the activation `relu`; `softmax` is wanted.
                import keras
                my_model = keras.Sequential([
                    keras.Input((28, 28, 1)),
                    keras.layers.Conv2D(32, 3, activation="relu"),
                    keras.layers.MaxPooling2D(),
                    keras.layers.Flatten(),
                    keras.layers.Dense(16, activation="relu"),
                    keras.layers.Dense(32, activation="relu"),
                    keras.layers.Dense(64, activation="relu"),
                    keras.layers.Dense(10, activation="relu"),
                ])
                my_model.compile(optimizer="adam", loss="categorical_crossentropy")
            0.25: No `MaxPooling2D` stands where one is wanted. Its layers are `Conv2D`, `Flatten`,
            `Dense`, `Dense`, `Dense`, `Dense`.
                import keras
                my_model = keras.Sequential([
                    keras.Input((28, 28, 1)),
                    keras.layers.Conv2D(32, 3, activation="relu"),
                    keras.layers.Flatten(),
                    keras.layers.Dense(16, activation="relu"),
                    keras.layers.Dense(32, activation="relu"),
                    keras.layers.Dense(64, activation="relu"),
                    keras.layers.Dense(10, activation="softmax"),
                ])
                my_model.compile(optimizer="adam", loss="categorical_crossentropy")
            0.25: It has 95,354 parameters and 90,170 are wanted: `Conv2D 320`, `MaxPooling2D 0`,
            `Flatten 0`, `Dense 86,544`, `Dense 1,632`, `Dense 6,208`, `Dense 650`.
                import keras
                my_model = keras.Sequential([
                    keras.Input((28, 28, 1)),
                    keras.layers.Conv2D(32, 3, activation="relu"),
                    keras.layers.MaxPooling2D(),
                    keras.layers.Flatten(),
                    keras.layers.Dense(16, activation="relu"),
                    keras.layers.Dense(96, activation="relu"),
                    keras.layers.Dense(64, activation="relu"),
                    keras.layers.Dense(10, activation="softmax"),
                ])
                my_model.compile(optimizer="adam", loss="categorical_crossentropy")
        """,
        hints=(
            "The table above has a layer a line: write them into `keras.Sequential([...])` in their order, "
            "after `keras.Input((28, 28, 1))`.",
            "`keras.layers.Conv2D(32, 3, activation=...)` are 32 kernels of three by three. Which layers "
            "have ReLU, and which one has softmax?",
            'Below the list comes `my_model.compile(optimizer=..., loss=..., metrics=["accuracy"])`, as '
            "for the ten neurons.",
        ),
    ),
    Exercise.from_answers(
        id="6.4",
        kind="mend",
        points=2,
        asks="a network that forgets to lay its numbers in a row",
        target="my_first_repair",
        task=Task(
            (
                layers("Conv2D", "MaxPooling2D", "Flatten", "Dense"),
                output(10),
                activation("softmax"),
                parameters(13_610),
                loss("categorical_crossentropy"),
            )
        ),
        answers="""
            1: `Flatten` makes one row of the 13 x 13 x 8 numbers, and so the ten neurons give ten
            numbers for the whole picture, not ten at each place.
                import keras
                my_first_repair = keras.Sequential([
                    keras.Input((28, 28, 1)),
                    keras.layers.Conv2D(8, 3, activation="relu"),
                    keras.layers.MaxPooling2D(),
                    keras.layers.Flatten(),
                    keras.layers.Dense(10, activation="softmax"),
                ])
                my_first_repair.compile(optimizer="adam", loss="categorical_crossentropy", metrics=["accuracy"])
            0: No `Flatten` stands where one is wanted. Its layers are `Conv2D`, `MaxPooling2D`,
            `Dense`.
                import keras
                my_first_repair = keras.Sequential([
                    keras.Input((28, 28, 1)),
                    keras.layers.Conv2D(8, 3, activation="relu"),
                    keras.layers.MaxPooling2D(),
                    keras.layers.Dense(10, activation="softmax"),
                ])
                my_first_repair.compile(optimizer="adam", loss="categorical_crossentropy")
            0: No `Dense` stands where one is wanted. Its layers are `Conv2D`, `MaxPooling2D`,
            `Dense`, `Flatten`.
                import keras
                my_first_repair = keras.Sequential([
                    keras.Input((28, 28, 1)),
                    keras.layers.Conv2D(8, 3, activation="relu"),
                    keras.layers.MaxPooling2D(),
                    keras.layers.Dense(10, activation="softmax"),
                    keras.layers.Flatten(),
                ])
                my_first_repair.compile(optimizer="adam", loss="categorical_crossentropy")
            0.25: No `Conv2D` stands where one is wanted. Its layers are `Flatten`, `Dense`.
                import keras
                my_first_repair = keras.Sequential([
                    keras.Input((28, 28, 1)),
                    keras.layers.Flatten(),
                    keras.layers.Dense(10, activation="softmax"),
                ])
                my_first_repair.compile(optimizer="adam", loss="categorical_crossentropy")
            0.25: It is not compiled yet: `compile` says how it learns.
                import keras
                my_first_repair = keras.Sequential([
                    keras.Input((28, 28, 1)),
                    keras.layers.Conv2D(8, 3, activation="relu"),
                    keras.layers.MaxPooling2D(),
                    keras.layers.Flatten(),
                    keras.layers.Dense(10, activation="softmax"),
                ])
            0.25: Its last layer, `Dense`, has the activation `relu`; `softmax` is wanted.
                import keras
                my_first_repair = keras.Sequential([
                    keras.Input((28, 28, 1)),
                    keras.layers.Conv2D(8, 3, activation="relu"),
                    keras.layers.MaxPooling2D(),
                    keras.layers.Flatten(),
                    keras.layers.Dense(10, activation="relu"),
                ])
                my_first_repair.compile(optimizer="adam", loss="categorical_crossentropy")
        """,
        hints=(
            "Which of the two shapes in the message is the labels', and which is the network's?",
            "The network gives ten numbers at each of 13 x 13 places. What lays all places in one row?",
            "The layer that is missing stands in the ten neurons of 6.1, just before `Dense`.",
        ),
    ),
    Exercise.from_answers(
        id="6.5",
        kind="mend",
        points=2,
        asks="a network whose last layer is wrong in two ways",
        target="my_second_repair",
        task=Task(
            (
                layers("Flatten", "Dense", "Dense"),
                output(10),
                activation("softmax"),
                parameters(25_450),
                loss("categorical_crossentropy"),
            )
        ),
        answers="""
            1: Ten digits need ten neurons, for 0 counts too. And the loss takes the logarithm of a
            probability, which softmax makes: what comes out of ReLU may be 0, whose logarithm is no
            number.
                import keras
                my_second_repair = keras.Sequential([
                    keras.Input((28, 28, 1)),
                    keras.layers.Flatten(),
                    keras.layers.Dense(32, activation="relu"),
                    keras.layers.Dense(10, activation="softmax"),
                ])
                my_second_repair.compile(optimizer="adam", loss="categorical_crossentropy", metrics=["accuracy"])
            0: Its last layer, `Dense`, gives the shape (9,) for a digit; (10,) is wanted.
                import keras
                my_second_repair = keras.Sequential([
                    keras.Input((28, 28, 1)),
                    keras.layers.Flatten(),
                    keras.layers.Dense(32, activation="relu"),
                    keras.layers.Dense(9, activation="relu"),
                ])
                my_second_repair.compile(optimizer="adam", loss="categorical_crossentropy")
            0.25: Its last layer, `Dense`, gives the shape (9,) for a digit; (10,) is wanted.
                import keras
                my_second_repair = keras.Sequential([
                    keras.Input((28, 28, 1)),
                    keras.layers.Flatten(),
                    keras.layers.Dense(32, activation="relu"),
                    keras.layers.Dense(9, activation="softmax"),
                ])
                my_second_repair.compile(optimizer="adam", loss="categorical_crossentropy")
            0.25: Its last layer, `Dense`, has the activation `relu`; `softmax` is wanted.
                import keras
                my_second_repair = keras.Sequential([
                    keras.Input((28, 28, 1)),
                    keras.layers.Flatten(),
                    keras.layers.Dense(32, activation="relu"),
                    keras.layers.Dense(10, activation="relu"),
                ])
                my_second_repair.compile(optimizer="adam", loss="categorical_crossentropy")
            0.25: Its last layer, `Dense`, has the activation `none`; `softmax` is wanted.
                import keras
                my_second_repair = keras.Sequential([
                    keras.Input((28, 28, 1)),
                    keras.layers.Flatten(),
                    keras.layers.Dense(32, activation="relu"),
                    keras.layers.Dense(10),
                ])
                my_second_repair.compile(optimizer="adam", loss="categorical_crossentropy")
            0.25: Its last layer, `Dense`, has the activation `sigmoid`; `softmax` is wanted.
                import keras
                my_second_repair = keras.Sequential([
                    keras.Input((28, 28, 1)),
                    keras.layers.Flatten(),
                    keras.layers.Dense(32, activation="relu"),
                    keras.layers.Dense(10, activation="sigmoid"),
                ])
                my_second_repair.compile(optimizer="adam", loss="categorical_crossentropy")
            0.25: No `Dense` stands where one is wanted. Its layers are `Flatten`, `Dense`.
                import keras
                my_second_repair = keras.Sequential([
                    keras.Input((28, 28, 1)),
                    keras.layers.Flatten(),
                    keras.layers.Dense(10, activation="softmax"),
                ])
                my_second_repair.compile(optimizer="adam", loss="categorical_crossentropy")
        """,
        hints=(
            "The message has two shapes that differ in one number. How many digits are there?",
            "The second fault gives no message: ten numbers that are to be probabilities, all above 0 and "
            "1 together. What makes them?",
        ),
    ),
    Exercise.from_answers(
        id="6.6",
        kind="mend",
        points=2,
        asks="a training that does not fit its labels and its digits",
        target="my_third_repair",
        task=Task(
            (
                layers("Flatten", "Dense", "Dense"),
                output(10),
                activation("softmax"),
                loss("categorical_crossentropy", "sparse_categorical_crossentropy"),
            ),
            accuracy=((0.8, 1), (0, 0.25)),
        ),
        answers="""
            1: One-hot labels belong to `categorical_crossentropy`. And it must learn from digits
            scaled as those that it will be shown: 0 to 1.
                import keras
                from mnist_lab import load_mnist, network
                train, _ = load_mnist()
                x, y = network.to_batch(train.images), network.one_hot(train.labels)
                my_third_repair = keras.Sequential([
                    keras.Input((28, 28, 1)),
                    keras.layers.Flatten(),
                    keras.layers.Dense(32, activation="relu"),
                    keras.layers.Dense(10, activation="softmax"),
                ])
                my_third_repair.compile(optimizer="adam", loss="categorical_crossentropy", metrics=["accuracy"])
                my_third_repair.fit(x[:20000], y[:20000], verbose=0)
            0.25: Its loss is `mse`; `categorical_crossentropy` is wanted.
                import keras
                my_third_repair = keras.Sequential([
                    keras.Input((28, 28, 1)),
                    keras.layers.Flatten(),
                    keras.layers.Dense(32, activation="relu"),
                    keras.layers.Dense(10, activation="softmax"),
                ])
                my_third_repair.compile(optimizer="adam", loss="mse")
            0.25: Its loss is `binary_crossentropy`; `categorical_crossentropy` is wanted.
                import keras
                my_third_repair = keras.Sequential([
                    keras.Input((28, 28, 1)),
                    keras.layers.Flatten(),
                    keras.layers.Dense(32, activation="relu"),
                    keras.layers.Dense(10, activation="softmax"),
                ])
                my_third_repair.compile(optimizer="adam", loss="binary_crossentropy")
            0.25: It is not compiled yet: `compile` says how it learns.
                import keras
                my_third_repair = keras.Sequential([
                    keras.Input((28, 28, 1)),
                    keras.layers.Flatten(),
                    keras.layers.Dense(32, activation="relu"),
                    keras.layers.Dense(10, activation="softmax"),
                ])
            0.25: Its last layer, `Dense`, has the activation `none`; `softmax` is wanted.
                import keras
                my_third_repair = keras.Sequential([
                    keras.Input((28, 28, 1)),
                    keras.layers.Flatten(),
                    keras.layers.Dense(32, activation="relu"),
                    keras.layers.Dense(10),
                ])
                my_third_repair.compile(optimizer="adam", loss="categorical_crossentropy")
            0.25: No `Dense` stands where one is wanted. Its layers are `Flatten`, `Dense`.
                import keras
                my_third_repair = keras.Sequential([
                    keras.Input((28, 28, 1)),
                    keras.layers.Flatten(),
                    keras.layers.Dense(10, activation="softmax"),
                ])
                my_third_repair.compile(optimizer="adam", loss="categorical_crossentropy")
        """,
        hints=(
            "`sparse` in the name of a loss means: each label is one whole number. What are the labels in `y`?",
            "The second fault gives no message. `train.images` are numbers from 0 to 255; which ones has "
            "every training before this one taken?",
            "Change the name of the loss, and let `fit` learn from `x`.",
        ),
    ),
    Exercise.from_answers(
        id="6.7",
        kind="build",
        points=4,
        asks="a network of your own that reads 98 of 100 digits",
        target="my_network",
        task=Task(
            (takes(28, 28, 1), output(10), activation("softmax")),
            accuracy=((0.975, 1), (0.965, 0.75), (0.945, 0.5)),
        ),
        answers="""
            1: Two small convolutions with pooling behind each leave only 400 numbers for the dense
            layers, so a step is quick. All 60,000 digits, larger batches and longer steps do the
            rest in three epochs.
                import keras
                from mnist_lab import load_mnist, network, plots
                train, _ = load_mnist()
                x, y = network.to_batch(train.images), network.one_hot(train.labels)
                network.set_seed(0)
                my_network = keras.Sequential([
                    keras.Input((28, 28, 1)),
                    keras.layers.Conv2D(8, 5, activation="relu"),
                    keras.layers.MaxPooling2D(),
                    keras.layers.Conv2D(16, 3, activation="relu"),
                    keras.layers.MaxPooling2D(),
                    keras.layers.Flatten(),
                    keras.layers.Dense(64, activation="relu"),
                    keras.layers.Dense(10, activation="softmax"),
                ])
                my_network.compile(
                    optimizer=keras.optimizers.Adam(0.004),
                    loss="categorical_crossentropy",
                    metrics=["accuracy"],
                )
                curves = plots.LiveCurves()
                my_network.fit(x, y, epochs=3, batch_size=256, verbose=0, callbacks=[curves])
            0: Its last layer, `Dense`, gives the shape (13, 13, 10) for a digit; (10,) is wanted.
                import keras
                my_network = keras.Sequential([
                    keras.Input((28, 28, 1)),
                    keras.layers.Conv2D(8, 3, activation="relu"),
                    keras.layers.MaxPooling2D(),
                    keras.layers.Dense(10),
                ])
            0.25: Its last layer, `Dense`, gives the shape (13, 13, 10) for a digit; (10,) is
            wanted.
                import keras
                my_network = keras.Sequential([
                    keras.Input((28, 28, 1)),
                    keras.layers.Conv2D(8, 3, activation="relu"),
                    keras.layers.MaxPooling2D(),
                    keras.layers.Dense(10, activation="softmax"),
                ])
            0.25: Its last layer, `Dense`, has the activation `none`; `softmax` is wanted.
                import keras
                my_network = keras.Sequential([
                    keras.Input((28, 28, 1)),
                    keras.layers.Conv2D(8, 3, activation="relu"),
                    keras.layers.MaxPooling2D(),
                    keras.layers.Flatten(),
                    keras.layers.Dense(10),
                ])
            0.25: Its last layer, `Dense`, has the activation `relu`; `softmax` is wanted.
                import keras
                my_network = keras.Sequential([
                    keras.Input((28, 28, 1)),
                    keras.layers.Conv2D(8, 3, activation="relu"),
                    keras.layers.MaxPooling2D(),
                    keras.layers.Flatten(),
                    keras.layers.Dense(10, activation="relu"),
                ])
            0.25: Its last layer, `Dense`, has the activation `sigmoid`; `softmax` is wanted.
                import keras
                my_network = keras.Sequential([
                    keras.Input((28, 28, 1)),
                    keras.layers.Flatten(),
                    keras.layers.Dense(10, activation="sigmoid"),
                ])
            0.25: Its last layer, `Dense`, gives the shape (1,) for a digit; (10,) is wanted.
                import keras
                my_network = keras.Sequential([
                    keras.Input((28, 28, 1)),
                    keras.layers.Flatten(),
                    keras.layers.Dense(1, activation="softmax"),
                ])
        """,
        hints=(
            "Begin with your network of 6.3, and change what you think slows it down or holds it back.",
            "It learns from 50,000 digits there; there are 60,000. And only 16 neurons look at what the "
            "windows found: is that not a bottleneck?",
            "A second `Conv2D` and `MaxPooling2D` behind the first ones read better, and leave fewer "
            "numbers for the dense layers. `batch_size=256` is quicker than 128.",
            '`keras.optimizers.Adam(0.004)` in the place of `"adam"` takes steps four times as long.',
        ),
    ),
)
