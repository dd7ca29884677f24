"""One training in a process of its own: print its seconds, and its accuracy on the test part.

    python training_program.py WAY SEED DATA [free]

WAY is a recipe, or `course` for the course's program as it stands; `full` for the strong
recipe in float32, as it is on most processors; or `long` for the strong recipe with a network
twice as wide, and 24 epochs of all digits. With `free`, TensorFlow's operations need not be
deterministic; that cannot be chosen again within a process.
"""

import sys
import time
from dataclasses import replace

import tensorflow as tf

from mnist_lab import network
from mnist_lab.data import load_mnist
from mnist_lab.evaluate import accuracy
from mnist_lab.progress import SILENT


def course(train, test, seed):
    """The course's Keras calls, as they stand in its program."""
    network.set_seed(seed)
    model = network.course_cnn()
    model.compile(optimizer="adam", loss="categorical_crossentropy", metrics=["accuracy"])
    model.fit(
        network.to_batch(train.images),
        network.one_hot(train.labels),
        epochs=5,
        batch_size=64,
        validation_data=(network.to_batch(test.images), network.one_hot(test.labels)),
        verbose=0,
    )
    return model


way, seed, data = sys.argv[1], int(sys.argv[2]), sys.argv[3]
if sys.argv[4:] == ["free"]:
    tf.config.experimental.enable_op_determinism = lambda: None
strong = network.RECIPES["strong"]
recipes = network.RECIPES | {
    "full": replace(strong, mixed_precision=False),
    "long": replace(
        strong, build=lambda: network.strong_cnn(2.0), epochs=24, peak=0.008, epoch_fraction=1.0
    ),
}
train, test = load_mnist(data or None, progress=SILENT)
start = time.perf_counter()
model = course(train, test, seed) if way == "course" else recipes[way].fit(train, seed=seed)
seconds = time.perf_counter() - start
print(seconds, accuracy(test.labels, network.predict_probabilities(model, test.images)))
