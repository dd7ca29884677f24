"""Adapt a network to one person's handwriting."""

from dataclasses import dataclass

import numpy as np

from mnist_lab.arrays import Digits, Probabilities, Split
from mnist_lab.network._keras import keras, random_state
from mnist_lab.network.batches import Batches, one_hot
from mnist_lab.network.fitting import compile_model, fit_batches
from mnist_lab.network.predicting import predict_probabilities
from mnist_lab.network.saving import copy_model
from mnist_lab.synth.handwriting import make_split

LEARNING_RATE = 1e-3
REHEARSAL_DIGITS = 300  # written by others, and learnt alongside
OWN_SMOOTHING = 0.1  # of the labels of one's own digits


@dataclass(frozen=True, eq=False)
class FineTuned:
    """A network that was adapted to a hand, and its answers on digits it has not learnt from.

    Attributes
    ----------
    model : keras.Model
        The adapted network; the one it was made from stays as it is.
    before, after : float32 (n, 10)
        The probabilities of either for the digits held back.
    """

    model: keras.Model
    before: Probabilities
    after: Probabilities


def fine_tune(
    model: keras.Model, own: Split, held_back: Split, *, seed: int, epochs: int = 20
) -> FineTuned:
    """Adapt a network to a hand, from a hundred digits of it or so.

    All its layers go on learning, on the digits as they are distorted anew each epoch. Lest it
    forget other hands, it also learns to answer as before on digits written by a program (Li
    and Hoiem 2016). Batch normalisation stays as it was: so few digits say little about what
    is normal.

    Parameters
    ----------
    model : keras.Model
        A network from (28, 28, 1) to (10,); it is not changed.
    own : Split
        Digits of that hand to learn from.
    held_back : Split
        Others by it, to measure on; nothing is learnt from them.
    seed : int
        The same seed gives the same network on the same machine.
    epochs : int
        Rounds through `own`.

    References
    ----------
    Li and Hoiem 2016, *Learning without forgetting*.
    """
    tuned = copy_model(model)
    for layer in tuned.layers:
        layer.trainable = not isinstance(layer, keras.layers.BatchNormalization)
    compile_model(tuned, optimizer=keras.optimizers.Adam(LEARNING_RATE))
    others, _ = make_split(REHEARSAL_DIGITS, 1, seed=seed)
    digits = Digits(np.concatenate([own.images, others.images]))
    smooth = (1 - OWN_SMOOTHING) * one_hot(own.labels) + np.float32(OWN_SMOOTHING / 10)
    targets = np.concatenate([smooth, predict_probabilities(model, others.images)])
    batches = Batches(digits, targets, batch_size=32, seed=seed, augment_strength=0.5)
    with random_state(seed):
        fit_batches(tuned, batches, epochs=epochs)
    before, after = (predict_probabilities(each, held_back.images) for each in (model, tuned))
    return FineTuned(tuned, before, after)
