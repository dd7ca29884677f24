"""Train a network: compile, fit, tell how it goes, and stop where it cannot go on."""

from collections.abc import Sequence
from functools import partial
from math import ceil
from typing import Any

import numpy as np
import pandas as pd

from mnist_lab.arrays import Digits, Labels, MnistLabError, Split, check_digits, check_split
from mnist_lab.network._keras import keras
from mnist_lab.network.adapting import LOGITS, find_activation, find_adapters
from mnist_lab.network.batches import Batches, one_hot, to_batch
from mnist_lab.network.history import History
from mnist_lab.network.pretrained import predict_probabilities
from mnist_lab.progress import SILENT, Interrupts, Progress

BATCH_SIZE = 64
REPORT_STEPS = 20  # of training, between two looks at how it goes: each look costs time
Logs = dict[str, float] | None


class Diverged(MnistLabError):
    """The loss of a training is no longer a number."""


@keras.saving.register_keras_serializable("mnist_lab")
class OneCycle(keras.optimizers.schedules.LearningRateSchedule):
    """A learning rate that rises to its peak in the first part of training, then falls to 0.

    It rises in `rise`, 0 to 1, of the steps, and after all of them stays at 0.

    References
    ----------
    Smith (2017), *Super-convergence: very fast training of neural networks using large
    learning rates*.
    """

    def __init__(self, peak: float, steps: int, rise: float = 0.3) -> None:
        self.peak, self.steps, self.rise = peak, steps, rise

    def __call__(self, step: Any) -> Any:
        done = keras.ops.cast(step, "float32") / self.steps
        up, down = (done + 0.02) / (self.rise + 0.02), (1 - done) / (1 - self.rise)
        return self.peak * keras.ops.clip(keras.ops.minimum(up, down), 0.0, 1.0)

    def get_config(self) -> dict[str, Any]:
        return {"peak": self.peak, "steps": self.steps, "rise": self.rise}


def compile_model(
    model: keras.Model,
    *,
    optimizer: Any = "adam",
    label_smoothing: float = 0.0,
    steps_per_execution: int = 1,
) -> None:
    """Compile a network to learn probabilities, by default as the course does.

    The loss is categorical cross-entropy, of logits where it does not end in a softmax; the
    metric is accuracy.
    """
    model.compile(
        optimizer=optimizer,
        loss=keras.losses.CategoricalCrossentropy(
            from_logits=find_activation(model) in LOGITS, label_smoothing=label_smoothing
        ),
        metrics=[keras.metrics.CategoricalAccuracy("accuracy")],
        steps_per_execution=steps_per_execution,
    )


def fit(
    model: keras.Model,
    train: Split | Digits,
    labels: Labels | None = None,
    *,
    validation: Split | None = None,
    epochs: int = 5,
    batch_size: int = BATCH_SIZE,
    progress: Progress = SILENT,
    callbacks: Sequence[Any] = (),
) -> History:
    """Train a network, validating after each epoch where there is something to validate on.

    `train` holds digits with their labels; or digits, uint8 (n, 28, 28), with `labels`, (n,),
    behind them, as Keras has it.

    A network that is not compiled yet is compiled as the course does: Adam, categorical
    cross-entropy. One that is goes on from where it is, and gets labels as its loss wants them:
    numbers for a sparse one, else one-hot. One that takes (28, 28), 784 values, three channels or
    grey levels to 255 gets them. `progress` is told the steps done, and
    each epoch's row of the history; `callbacks` are Keras', such as ``plots.LiveCurves()``.

    Returns
    -------
    History
        A table with a row an epoch, counted from 1; columns accuracy and loss, and with a
        validation split val_accuracy and val_loss. Its `history` is the same as Keras gives it.

    Raises
    ------
    ArrayError
        The network does not go from a digit to ten answers, or these are no digits with labels.
    Diverged
        The loss is no longer a number.
    """
    if not model.compiled:
        compile_model(model)
    split = check_split(train) if labels is None else Split(check_digits(train), labels)
    x, y = _as_taken(model, split)
    return _fit(
        model, validation, progress, steps=ceil(len(split) / batch_size), epochs=epochs,
        x=x, y=y, batch_size=batch_size, callbacks=callbacks,
    )  # fmt: skip


def fit_batches(
    model: keras.Model,
    batches: Batches,
    *,
    epochs: int,
    validation: Split | None = None,
    done: int = 0,
    progress: Progress = SILENT,
    callbacks: Sequence[Any] = (),
) -> History:
    """Train a compiled network on batches, so that it can go on after `done` epochs; as `fit`."""
    return _fit(
        model, validation, progress, steps=len(batches), epochs=epochs, x=batches, shuffle=False,
        initial_epoch=done, callbacks=[_StartEpoch(batches), *callbacks],
    )  # fmt: skip


def _fit(
    model: keras.Model,
    validation: Split | None,
    progress: Progress,
    *,
    steps: int,
    epochs: int,
    callbacks: Sequence[Any] = (),
    **options: Any,
) -> History:
    pair = None
    if validation is not None and len(validation):
        pair = _as_taken(model, check_split(validation))
    with Interrupts() as interrupts:
        report = _Report(steps, epochs, interrupts, progress)
        history = model.fit(
            epochs=epochs, validation_data=pair, callbacks=[*callbacks, report], verbose=0,
            **options,
        )  # fmt: skip
    index = pd.Index(history.epoch, dtype=int, name="epoch") + 1
    return History(history.history, index=index, dtype=float)


def _as_taken(model: keras.Model, split: Split) -> tuple[Any, Any]:
    """Digits and labels as a compiled network takes them."""
    batch = find_adapters(model).prepare(to_batch(split.images))
    loss = model.loss  # a name, a function or an object
    name = loss if isinstance(loss, str) else getattr(loss, "name", getattr(loss, "__name__", ""))
    sparse = name.startswith("sparse")
    return keras.ops.convert_to_numpy(batch), split.labels if sparse else one_hot(split.labels)


class _StartEpoch(keras.callbacks.Callback):
    """Start each epoch with chance that depends on the seed and the epoch only."""

    def __init__(self, batches: Batches) -> None:
        super().__init__()
        self._batches = batches

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:  # noqa: ARG002
        self._batches.begin(epoch, partial(predict_probabilities, self.model))
        for number, layer in enumerate(self.model.layers):
            if isinstance(layer, keras.layers.Dropout):  # Keras does not save its random state
                state = np.random.SeedSequence((self._batches.seed, epoch, number))
                layer.seed_generator.state.assign(state.generate_state(2))


class _Report(keras.callbacks.Callback):
    """Tell how training goes; not at every step, which would slow it down."""

    def __init__(self, steps: int, epochs: int, interrupts: Interrupts, progress: Progress) -> None:
        super().__init__()
        self._interrupts, self._progress = interrupts, progress
        self._steps, self._total = steps, steps * epochs
        self._before = self._told = 0

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:  # noqa: ARG002
        self._before = self._told = epoch * self._steps

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        self._interrupts.check()
        last = batch >= self._steps - 1  # Keras counts the last steps of an epoch up to 20
        done = self._before + (self._steps if last else batch + 1)
        if done - self._told >= REPORT_STEPS or last:
            self._told = done
            if logs and not np.isfinite(logs["loss"]):
                raise Diverged(f"the loss is not a number by step {done:,} of {self._total:,}")
            self._progress.step(done, self._total, "training")

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        self._progress.epoch(epoch + 1, dict(logs or {}))
