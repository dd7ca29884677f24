"""How each network is built and trained: its batches, learning rate and augmentation."""

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil

from mnist_lab.arrays import Split
from mnist_lab.network._keras import BACKEND, has_bfloat16, keras, random_state
from mnist_lab.network.batches import Batches, one_hot
from mnist_lab.network.fitting import (
    BATCH_SIZE,
    REPORT_STEPS,
    OneCycle,
    compile_model,
    fit_batches,
)
from mnist_lab.network.models import course_cnn, fast_cnn, strong_cnn
from mnist_lab.network.saving import copy_model
from mnist_lab.progress import SILENT, Progress


@dataclass(frozen=True)
class Recipe:
    """How a network is built and trained.

    Attributes
    ----------
    build : callable
        Gives the network, not compiled.
    epochs, batch_size : int
        Rounds through the training digits, and digits a step.
    peak : float or None
        The highest learning rate of `OneCycle`; None for Adam as Keras has it.
    smoothing : float
        Label smoothing: the share of the target, 0 to 1, that is spread over all ten answers
        (Szegedy 2016).
    augment_strength : float
        Of the distortion (`synth.distort`) that every digit gets, anew each epoch.
    epoch_fraction : float
        Share of the training digits that an epoch takes. Below 1, an epoch takes more of
        those that the network reads worst, see `Batches`.
    mixed_precision : bool
        Whether layers are computed in bfloat16 where the processor is made for that, with
        weights kept in float32 (Kalamkar 2019).

    References
    ----------
    Kalamkar et al. 2019, *A study of bfloat16 for deep learning training*.
    Szegedy et al. 2016, *Rethinking the Inception architecture for computer vision*.
    """

    build: Callable[[], keras.Model]
    epochs: int
    batch_size: int
    peak: float | None = None
    smoothing: float = 0.0
    augment_strength: float = 0.0
    epoch_fraction: float = 1.0
    mixed_precision: bool = False

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
        self,
        train: Split,
        *,
        seed: int,
        epochs: int | None = None,
        progress: Progress = SILENT,
    ) -> keras.Model:
        """Build a network and train it; arguments as for the function `fit`.

        The same seed gives the same network on the same machine. It is computed in float32,
        so that it answers alike everywhere.
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
