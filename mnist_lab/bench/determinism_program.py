"""One training by a recipe, with TensorFlow's op determinism or without: print its seconds.

    python determinism_program.py RECIPE on|off DATA

It cannot be switched off again in a process, so each training takes one of its own.
"""

import sys
import time

import keras

from mnist_lab import network
from mnist_lab.mnist import load_mnist

recipe, switch, data = sys.argv[1:]
train, _ = load_mnist(data, say=lambda line: None)  # noqa: ARG005
if switch == "off":
    network.set_seed = keras.utils.set_random_seed
start = time.perf_counter()
network.RECIPES[recipe].fit(train, seed=0)
print(time.perf_counter() - start)
