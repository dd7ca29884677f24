"""The networks and how they are trained; the only file that imports keras."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mnist_lab.arrays import (
    ArrayError,
    Batch,
    DataError,
    Digits,
    Labels,
    Probabilities,
    Split,
    check_digits,
    check_labels,
)


@contextmanager
def _hush() -> Iterator[None]:
    """Silence the process's stderr, and with it what TensorFlow's C++ says as it starts.

    Those lines (a missing GPU, the processor's features) come before any of its settings
    is read, and are the first thing a student would see.
    """
    sys.stderr.flush()
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
with _hush():
    import keras
    from keras import layers

    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        tf.config.list_physical_devices()

BATCH_SIZE = 64
Logs = dict[str, float] | None
OnStep = Callable[[int, int], None]
OnEpoch = Callable[[int, dict[str, float]], None]


@dataclass(frozen=True)
class Layer:
    """One layer as a reader meets it: its kind, what it does, what it gives, what it learns.

    Attributes
    ----------
    kind, setting : str
        ``"Conv2D"`` and ``"32 of 3x3, relu"``.
    shape : tuple of int
        What comes out for one digit: (height, width, channels), or (values,).
    parameters : int
        Numbers that training sets.
    """

    kind: str
    setting: str
    shape: tuple[int, ...]
    parameters: int


def course_cnn() -> keras.Model:
    """The network of the course: one convolution, then ever smaller decisions.

    Returns
    -------
    keras.Sequential
        Batch (n, 28, 28, 1) to probabilities (n, 10); 90,170 parameters; not compiled.
    """
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(32, (3, 3), activation="relu"),
            layers.MaxPooling2D((2, 2)),
            layers.Flatten(),
            layers.Dense(16, activation="relu"),
            layers.Dense(32, activation="relu"),
            layers.Dense(64, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ],
        name="course_cnn",
    )


def fast_cnn() -> keras.Model:
    """A network that learns in one epoch: its pictures get small early, so steps are cheap.

    Returns
    -------
    keras.Sequential
        Batch (n, 28, 28, 1) to probabilities (n, 10); 114,026 parameters; not compiled.
    """
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(32, (5, 5), strides=2, activation="relu"),
            layers.Conv2D(32, (3, 3)),
            layers.MaxPooling2D((2, 2)),
            layers.BatchNormalization(),
            layers.Activation("relu"),
            layers.Flatten(),
            layers.Dense(128, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ],
        name="fast_cnn",
    )


@keras.saving.register_keras_serializable("mnist_lab")
class OneCycle(keras.optimizers.schedules.LearningRateSchedule):
    """A learning rate that rises to its peak in the first part of training, then falls to 0.

    Parameters
    ----------
    peak : float
        The highest learning rate.
    steps : int
        Steps in all; after them the rate stays at 0.
    rise : float
        The share of the steps in which it rises, 0 to 1.

    References
    ----------
    Smith (2017), *Super-convergence: very fast training of neural networks using large
    learning rates*.
    """

    def __init__(self, peak: float, steps: int, rise: float = 0.3) -> None:
        self.peak, self.steps, self.rise = peak, steps, rise

    def __call__(self, step: Any) -> Any:
        """Give the rate at a step, a number or a tensor."""
        done = keras.ops.cast(step, "float32") / self.steps
        up, down = (done + 0.02) / (self.rise + 0.02), (1 - done) / (1 - self.rise)
        return self.peak * keras.ops.clip(keras.ops.minimum(up, down), 0.0, 1.0)

    def get_config(self) -> dict[str, Any]:
        """Give what makes this schedule again."""
        return {"peak": self.peak, "steps": self.steps, "rise": self.rise}


def set_seed(seed: int) -> None:
    """Make all that follows in this process the same for the same seed, on the same machine.

    Parameters
    ----------
    seed : int
        0 to 2**32 - 1.
    """
    keras.utils.set_random_seed(seed)
    if keras.backend.backend() == "tensorflow":
        tf.config.experimental.enable_op_determinism()


def to_batch(digits: Digits) -> Batch:
    """Scale digits to [0, 1] and add the channel: uint8 (n, 28, 28) to float32 (n, 28, 28, 1)."""
    return np.divide(check_digits(digits), 255, dtype=np.float32)[..., np.newaxis]


def one_hot(labels: Labels) -> NDArray[np.float32]:
    """Labels, uint8 (n,), to rows with a 1 in the label's place: float32 (n, 10)."""
    return keras.utils.to_categorical(check_labels(labels), 10).astype(np.float32)


def compile_course(model: keras.Model) -> keras.Model:
    """Compile as the course does: Adam, categorical cross-entropy, accuracy."""
    model.compile(optimizer="adam", loss="categorical_crossentropy", metrics=["accuracy"])
    return model


def compile_fast(model: keras.Model, *, steps: int, label_smoothing: float = 0.0) -> keras.Model:
    """Compile for `steps` steps of one-cycle Adam, made for a batch size of 128.

    `label_smoothing`, 0 to 1, is the share of the target that is spread over all ten
    answers: it keeps a network from being sure of what its data cannot tell.
    """
    model.compile(
        optimizer=keras.optimizers.Adam(OneCycle(0.008, steps), beta_1=0.8, beta_2=0.95),
        loss=keras.losses.CategoricalCrossentropy(label_smoothing=label_smoothing),
        metrics=["accuracy"],
    )
    return model


def fit(
    model: keras.Model,
    train: Split,
    *,
    validation: Split | None = None,
    epochs: int = 5,
    batch_size: int = BATCH_SIZE,
    on_step: OnStep | None = None,
    on_epoch: OnEpoch | None = None,
) -> pd.DataFrame:
    """Train a network, validating after each epoch where there is something to validate on.

    A network that is not compiled yet is compiled as the course does. One that is goes on
    from where it is.

    Parameters
    ----------
    train, validation : Split
        What to learn from, and, if given, what to measure on after each epoch.
    epochs, batch_size : int
        Rounds through `train`, and digits a step.
    on_step : callable, optional
        Called with (steps done, steps in all) as training goes.
    on_epoch : callable, optional
        Called with (epoch from 1, its row of the history as a dict).

    Returns
    -------
    DataFrame
        A row an epoch, counted from 1; columns accuracy and loss, and with a validation
        split val_accuracy and val_loss.
    """
    if not model.compiled:
        compile_course(model)
    steps = -(-len(train) // batch_size)
    held_back = validation and (to_batch(validation.images), one_hot(validation.labels))
    history = model.fit(
        to_batch(train.images),
        one_hot(train.labels),
        epochs=epochs,
        batch_size=batch_size,
        validation_data=held_back,
        callbacks=[_Tell(steps, epochs, on_step, on_epoch)],
        verbose=0,
    )
    frame = pd.DataFrame(history.history).astype(float)
    frame.index = pd.RangeIndex(1, len(frame) + 1, name="epoch")
    return frame


def predict_probabilities(model: keras.Model, digits: Digits) -> Probabilities:
    """What each digit is, as the network sees it.

    Parameters
    ----------
    digits : uint8 (n, 28, 28)
        Bright ink on dark, 0 to 255.

    Returns
    -------
    float32 (n, 10)
        The probability of each answer; rows sum to 1.
    """
    if model.input_shape[1:] != (28, 28, 1) or model.output_shape[1:] != (10,):
        raise ArrayError(
            f"expected a network from (28, 28, 1) to (10,), got one from "
            f"{model.input_shape[1:]} to {model.output_shape[1:]}"
        )
    if not len(check_digits(digits)):
        return np.empty((0, 10), np.float32)
    return model.predict(to_batch(digits), batch_size=1000, verbose=0)


def load_model(path: Path) -> keras.Model:
    """Load a network that was saved by Keras; nothing in it is run that is not Keras' own.

    Raises
    ------
    DataError
        There is none, or Keras cannot load it.
    ArrayError
        It is no network from (28, 28, 1) to (10,).
    """
    if not path.is_file():
        raise DataError(f"{path}: no such network; mnist-lab run writes one, model.keras")
    try:
        model = keras.saving.load_model(path, compile=False, safe_mode=True)
    except (ValueError, OSError, TypeError, KeyError) as error:
        reason = str(error).strip().splitlines()[0]
        raise DataError(f"{path}: is no network that Keras can load ({reason})") from None
    predict_probabilities(model, np.zeros((0, 28, 28), np.uint8))  # checks its shapes
    return model


def describe_layers(model: keras.Model) -> list[Layer]:
    """The network's layers, the input first, for a table or a diagram."""
    rows = [Layer("Input", "grey levels, 0 to 1", tuple(model.input_shape[1:]), 0)]
    for layer in model.layers:
        shape = tuple(layer.output.shape[1:])
        rows.append(Layer(type(layer).__name__, _setting(layer), shape, layer.count_params()))
    return rows


def backend() -> str:
    """What Keras computes with, and on what: ``"tensorflow on CPU"``."""
    name = keras.backend.backend()
    if name != "tensorflow":
        return name
    return f"{name} on {'GPU' if tf.config.list_physical_devices('GPU') else 'CPU'}"


def _setting(layer: keras.Layer) -> str:
    config = layer.get_config()
    parts = []
    if "filters" in config:
        parts.append(f"{config['filters']} of {_by(config['kernel_size'])}")
    if "units" in config:
        parts.append(f"{config['units']}")
    if "pool_size" in config:
        parts.append(f"largest of {_by(config['pool_size'])}")
    if "activation" in config:
        parts.append(config["activation"])
    return ", ".join(parts)


def _by(size: tuple[int, int]) -> str:
    return f"{size[0]}x{size[1]}"


class _Tell(keras.callbacks.Callback):
    """Pass training's progress on, every tenth step: asking for more would slow it down."""

    def __init__(
        self, steps: int, epochs: int, on_step: OnStep | None, on_epoch: OnEpoch | None
    ) -> None:
        super().__init__()
        self._steps, self._total = steps, steps * epochs
        self._on_step, self._on_epoch = on_step, on_epoch
        self._done = 0

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:  # noqa: ARG002
        self._done = epoch * self._steps

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:  # noqa: ARG002
        if self._on_step and (batch % 10 == 9 or batch == self._steps - 1):
            self._on_step(self._done + batch + 1, self._total)

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        if self._on_epoch:
            self._on_epoch(epoch + 1, dict(logs or {}))
