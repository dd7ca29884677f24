"""How each network is built and trained, and how one is adapted to a handwriting."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np

from mnist_lab.arrays import Digits, Probabilities, Split, check_split
from mnist_lab.network._keras import BACKEND, has_bfloat16, keras, random_state
from mnist_lab.network.adapting import adapt
from mnist_lab.network.batches import Batches, one_hot
from mnist_lab.network.fitting import (
    BATCH_SIZE,
    REPORT_STEPS,
    OneCycle,
    compile_model,
    fit_batches,
)
from mnist_lab.network.models import copy_model, course_cnn, fast_cnn, strong_cnn
from mnist_lab.network.pretrained import predict_probabilities
from mnist_lab.progress import SILENT, Progress
from mnist_lab.synth.handwriting import make_split

FINE_TUNING_RATE = 1e-3  # the learning rate
REHEARSAL_DIGITS = 300  # written by others, and learnt alongside
OWN_SMOOTHING = 0.1  # of the labels of one's own digits


@dataclass(frozen=True)
class Recipe:
    """How a network is built and trained.

    References
    ----------
    Kalamkar et al. 2019, *A study of bfloat16 for deep learning training*.
    Szegedy et al. 2016, *Rethinking the Inception architecture for computer vision*.
    """

    build: Callable[[], keras.Model]  # not compiled
    epochs: int  # rounds through the training digits
    batch_size: int  # digits a step
    peak: float | None = None  # learning rate of `OneCycle`; None for Adam as Keras has it
    smoothing: float = 0.0  # share of a target spread over all ten answers (Szegedy 2016)
    augment_strength: float = 0.0  # of what `synth.distort` does to every digit, anew each epoch
    epoch_fraction: float = 1.0  # share of the digits that an epoch takes, see `Batches`
    mixed_precision: bool = False  # bfloat16 where it is quicker, float32 weights (Kalamkar 2019)

    def new(self) -> keras.Model:
        """Build the network, for what it is to be computed in; not compiled."""
        if not (self.mixed_precision and has_bfloat16()):
            return self.build()
        usual = keras.config.dtype_policy()
        keras.config.set_dtype_policy("mixed_bfloat16")
        try:
            return self.build()
        finally:
            keras.config.set_dtype_policy(usual)

    def compile(self, model: keras.Model, digits: int, epochs: int | None = None) -> None:
        """Compile a network for as many training digits and epochs; by default the recipe's."""
        if self.peak is None:
            compile_model(model, label_smoothing=self.smoothing)
            return
        steps = ceil(ceil(self.epoch_fraction * digits) / self.batch_size)
        rate = OneCycle(self.peak, steps * (epochs or self.epochs))
        compile_model(
            model,
            optimizer=keras.optimizers.Adam(rate, beta_1=0.8, beta_2=0.95),
            label_smoothing=self.smoothing,
            # PyTorch takes a step at a time
            steps_per_execution=1 if BACKEND == "torch" else min(REPORT_STEPS, steps),
        )
        model.optimizer.build(model.trainable_variables)  # quicker than inside the first step

    def batches(self, train: Split, seed: int) -> Batches:
        """Give the training digits as this recipe takes them."""
        return Batches(
            train.images, one_hot(train.labels), batch_size=self.batch_size, seed=seed,
            augment_strength=self.augment_strength, epoch_fraction=self.epoch_fraction,
        )  # fmt: skip

    def fit(
        self, train: Split, *, seed: int, epochs: int | None = None, progress: Progress = SILENT
    ) -> keras.Model:
        """Build a network and train it, as `fit`; the same seed gives the same on a machine.

        It is computed in float32, so that it answers alike everywhere.
        """
        epochs = epochs or self.epochs
        with random_state(seed):
            model = self.new()
            self.compile(model, len(train), epochs)
            fit_batches(model, self.batches(train, seed), epochs=epochs, progress=progress)
        return copy_model(model) if self.mixed_precision else model


RECIPES = {
    "course": Recipe(course_cnn, epochs=5, batch_size=BATCH_SIZE),
    "fast": Recipe(fast_cnn, epochs=1, batch_size=384, peak=0.025, smoothing=0.1),
    "strong": Recipe(
        strong_cnn, epochs=11, batch_size=256, peak=0.012, smoothing=0.1,
        augment_strength=0.5, epoch_fraction=1 / 3, mixed_precision=True,
    ),
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class FineTuned:
    """A network that was adapted to a hand, and its answers on digits it has not learnt from."""

    model: keras.Model
    before: Probabilities  # (n, 10), for the digits held back, of the network as it was
    after: Probabilities  # and of the adapted one


def fine_tune(
    model: keras.Model, own: Split, held_back: Split, *, seed: int, epochs: int = 20,
    callbacks: Sequence[Any] = (),
) -> FineTuned:  # fmt: skip
    """Adapt a network to a hand, from a hundred digits of it or so.

    All its layers go on learning, on the digits as they are distorted anew each epoch. Lest it
    forget other hands, it also learns to answer as before on digits written by a program (Li
    and Hoiem 2016). Batch normalisation stays as it was: so few digits say little about what
    is normal.

    `model`, from a digit to ten answers, is not changed; nothing is learnt from the digits that are
    `held_back` to measure on. `callbacks` are Keras' own, or `plots.LiveCurves`. The same seed
    gives the same network on the same machine.

    References
    ----------
    Li and Hoiem 2016, *Learning without forgetting*.
    """
    check_split(own), check_split(held_back)
    model = adapt(model)
    tuned = copy_model(model)
    for layer in tuned.layers:
        layer.trainable = not isinstance(layer, keras.layers.BatchNormalization)
    compile_model(tuned, optimizer=keras.optimizers.Adam(FINE_TUNING_RATE))
    others, _ = make_split(REHEARSAL_DIGITS, 1, seed=seed)
    digits = Digits(np.concatenate([own.images, others.images]))
    smooth = (1 - OWN_SMOOTHING) * one_hot(own.labels) + np.float32(OWN_SMOOTHING / 10)
    targets = np.concatenate([smooth, predict_probabilities(model, others.images)])
    batches = Batches(digits, targets, batch_size=32, seed=seed, augment_strength=0.5)
    with random_state(seed):
        fit_batches(tuned, batches, epochs=epochs, callbacks=callbacks)
    before, after = (predict_probabilities(each, held_back.images) for each in (model, tuned))
    return FineTuned(tuned, before, after)
