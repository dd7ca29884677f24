"""The networks and how they are trained; the only file that imports keras."""

import os
import sys
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from math import ceil
from pathlib import Path
from typing import Any
from zipfile import is_zipfile

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mnist_lab import synth
from mnist_lab.arrays import (
    ArrayError,
    Batch,
    DataError,
    Digits,
    Labels,
    MnistLabError,
    Probabilities,
    Split,
    check_digits,
    check_labels,
)
from mnist_lab.files import atomic_write
from mnist_lab.progress import Interrupts


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
SHIPPED = Path(__file__).parent / "weights" / "shipped.keras"
STEPS_AT_ONCE = 20  # of training, between two looks at how it goes: each look costs time
SETTLING = 0.95  # of batch normalisation's averages: they must settle within one short epoch
TUNING_RATE = 1e-3  # at which a trained network goes on learning
REHEARSED = 300  # digits by others that it goes on reading meanwhile
AT_ONCE = 1000  # digits asked at a time
Logs = dict[str, float] | None
OnStep = Callable[[int, int], None]
OnEpoch = Callable[[int, dict[str, float]], None]


class Diverged(MnistLabError):
    """The loss of a training is no longer a number."""


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

    MNIST's rim is empty, and is cut off first.

    Returns
    -------
    keras.Sequential
        Batch (n, 28, 28, 1) to probabilities (n, 10); 72,106 parameters; not compiled.
    """
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Cropping2D(2),
            layers.Conv2D(16, (5, 5), strides=2, activation="relu"),
            layers.Conv2D(32, (3, 3), use_bias=False),
            layers.MaxPooling2D((2, 2)),
            layers.BatchNormalization(momentum=SETTLING),
            layers.Activation("relu"),
            layers.Flatten(),
            layers.Dense(128, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ],
        name="fast_cnn",
    )


def strong_cnn(width: float = 1.0) -> keras.Model:
    """A network with six small convolutions: depth reads better than breadth, at less cost.

    Parameters
    ----------
    width : float
        How many channels, relative to 16, 32 and 64.

    Returns
    -------
    keras.Sequential
        Batch (n, 28, 28, 1) to probabilities (n, 10); 81,482 parameters at width 1; not
        compiled.
    """
    few, some, many = (round(width * channels) for channels in (16, 32, 64))
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Cropping2D(2),
            layers.Conv2D(few, (3, 3)),
            layers.MaxPooling2D((2, 2)),
            layers.Activation("relu"),
            layers.Conv2D(some, (3, 3), padding="same", activation="relu"),
            layers.Conv2D(some, (3, 3), padding="same", activation="relu"),
            layers.Conv2D(some, (3, 3)),
            layers.MaxPooling2D((2, 2)),
            layers.Activation("relu"),
            layers.Conv2D(many, (3, 3), padding="same", activation="relu"),
            layers.Conv2D(many, (3, 3), use_bias=False),
            layers.BatchNormalization(momentum=SETTLING),
            layers.Activation("relu"),
            layers.Flatten(),
            layers.Dropout(0.3),
            layers.Dense(10, activation="softmax", dtype="float32"),  # in mixed precision too
        ],
        name="strong_cnn",
    )


def shipped_cnn() -> keras.Model:
    """The network that ships: broader and less deep than `strong_cnn`.

    A deep and thin one, taught alike, read as much of MNIST, but less of pages of handwriting,
    and took more letters for digits.

    Returns
    -------
    keras.Sequential
        Batch (n, 28, 28, 1) to probabilities (n, 10); 276,752 parameters; not compiled.
    """
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Cropping2D(2),
            layers.Conv2D(45, (5, 5), strides=2, activation="relu"),
            layers.Conv2D(90, (3, 3), use_bias=False),
            layers.MaxPooling2D((2, 2)),
            layers.BatchNormalization(momentum=SETTLING),
            layers.Activation("relu"),
            layers.Conv2D(179, (3, 3), use_bias=False),
            layers.BatchNormalization(momentum=SETTLING),
            layers.Activation("relu"),
            layers.Flatten(),
            layers.Dropout(0.3),
            layers.Dense(128, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ],
        name="shipped_cnn",
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
        The share of the target, 0 to 1, that is spread over all ten answers: it keeps a
        network from being sure of what its data cannot tell (Szegedy 2016).
    strength : float
        Of the distortion (`augment.distort`) that every digit gets, anew each epoch.
    share : float
        Of the training digits, that an epoch takes. Below 1, an epoch takes more of those
        that the network reads worst, see `Batches`.
    mixed : bool
        Whether layers are computed in bfloat16 where the processor is made for that, with
        weights kept in float32 (Kalamkar 2019).

    References
    ----------
    Kalamkar et al. 2019, *A study of bfloat16 for deep learning training*.
    """

    build: Callable[[], keras.Model]
    epochs: int
    batch_size: int
    peak: float | None = None
    smoothing: float = 0.0
    strength: float = 0.0
    share: float = 1.0
    mixed: bool = False

    def new(self) -> keras.Model:
        """Build the network, for what it is to be computed in; not compiled."""
        if not (self.mixed and has_bfloat16()):
            return self.build()
        usual = keras.config.dtype_policy()
        keras.config.set_dtype_policy("mixed_bfloat16")
        try:
            return self.build()
        finally:
            keras.config.set_dtype_policy(usual)

    def compile(self, model: keras.Model, digits: int, epochs: int | None = None) -> None:
        """Compile a network for as many training digits and epochs; by default the recipe's."""
        loss = keras.losses.CategoricalCrossentropy(label_smoothing=self.smoothing)
        if self.peak is None:
            model.compile(optimizer="adam", loss=loss, metrics=["accuracy"])
            return
        steps = ceil(ceil(self.share * digits) / self.batch_size)
        rate = OneCycle(self.peak, steps * (epochs or self.epochs))
        model.compile(
            optimizer=keras.optimizers.Adam(rate, beta_1=0.8, beta_2=0.95),
            loss=loss,
            metrics=[keras.metrics.CategoricalAccuracy("accuracy")],
            # PyTorch takes a step at a time
            steps_per_execution=1 if backend() == "torch" else min(STEPS_AT_ONCE, steps),
        )
        model.optimizer.build(model.trainable_variables)  # quicker than inside the first step

    def fit(
        self,
        train: Split,
        *,
        seed: int,
        epochs: int | None = None,
        validation: Split | None = None,
        on_step: OnStep | None = None,
        on_epoch: OnEpoch | None = None,
    ) -> keras.Model:
        """Build a network and train it; arguments as for the function `fit`.

        What is given back is computed in float32, so that it answers alike everywhere.
        """
        set_seed(seed)
        model, epochs = self.new(), epochs or self.epochs
        self.compile(model, len(train), epochs)
        fit_batches(
            model, self.batches(train, seed), validation=validation, epochs=epochs,
            on_step=on_step, on_epoch=on_epoch,
        )  # fmt: skip
        return copy_of(model) if self.mixed else model

    def batches(self, train: Split, seed: int) -> "Batches":
        """Give the training digits as this recipe takes them."""
        return Batches(
            train.images, one_hot(train.labels), batch_size=self.batch_size, seed=seed,
            strength=self.strength, share=self.share,
        )  # fmt: skip


RECIPES = {
    "course": Recipe(course_cnn, epochs=5, batch_size=BATCH_SIZE),
    "fast": Recipe(fast_cnn, epochs=1, batch_size=384, peak=0.025, smoothing=0.1),
    "strong": Recipe(
        strong_cnn,
        epochs=11,
        batch_size=256,
        peak=0.012,
        smoothing=0.1,
        strength=0.5,
        share=1 / 3,
        mixed=True,
    ),
}


class Batches(keras.utils.PyDataset):
    """Training digits, a batch at a time: in a new order each epoch, distorted on the way.

    What a batch holds depends on the seed, the epoch and its number only, and at a `share`
    below 1 on the network as the epoch begins, so that training can go on where it stopped.

    Parameters
    ----------
    digits : uint8 (n, 28, 28)
        Bright ink on dark.
    targets : float32 (n, 10)
        The probabilities to learn.
    batch_size : int
        Digits a step.
    seed : int
        The same seed gives the same batches.
    strength : float
        Of the distortion, see `augment.distort`; 0 for none.
    share : float
        Of the digits, that an epoch takes. Below 1, the first epochs go through all digits
        once; in each that follows, half are those that the network then reads worst, and half
        are drawn from the others: most digits are soon easy, and teach little.

    References
    ----------
    Loshchilov and Hutter 2016, *Online batch selection for faster training of neural
    networks*.
    """

    def __init__(
        self,
        digits: Digits,
        targets: NDArray[np.float32],
        *,
        batch_size: int,
        seed: int,
        strength: float = 0.0,
        share: float = 1.0,
    ) -> None:
        # a single worker is TensorFlow's own, whose end may be waited for most of a second
        super().__init__(workers=2)
        self._all, self._all_targets, self._batch_size = digits, targets, batch_size
        self.seed, self._strength = seed, strength
        self._size = ceil(share * len(digits))
        self._begun: int | None = None
        self.begin(0)

    def __len__(self) -> int:
        return ceil(self._size / self._batch_size)

    def __getitem__(self, number: int) -> tuple[Batch, NDArray[np.float32]]:
        """Give a batch and its targets."""
        at = self._order[number * self._batch_size : (number + 1) * self._batch_size]
        return to_batch(self._digits[at]), self._targets[at]

    def begin(self, epoch: int, model: keras.Model | None = None) -> None:
        """Choose, shuffle and distort for an epoch, from 0, of the training of a network.

        All at once: numpy's threads, asked a batch at a time, would take the processor from
        the training. (Keras' own hooks are called more often than an epoch begins.)
        """
        if epoch == self._begun == 0:  # it was, for the batch that Keras asks for before
            return
        self._begun = epoch
        rng = np.random.default_rng((self.seed, epoch))
        chosen, self._order = np.unique(self._choose(epoch, model, rng), return_inverse=True)
        self._digits, self._targets = self._all[chosen], self._all_targets[chosen]
        if self._strength:
            self._digits = synth.distort(self._digits, rng, strength=self._strength)

    def _choose(
        self, epoch: int, model: keras.Model | None, rng: np.random.Generator
    ) -> NDArray[np.intp]:
        n, size = len(self._all), self._size
        if size == n:
            return rng.permutation(n)
        if epoch * size < n:
            once = np.random.default_rng(self.seed).permutation(n)
            return once.take(range(epoch * size, (epoch + 1) * size), mode="wrap")
        answers = predict_probabilities(model, self._all)
        worst_first = np.argsort(-np.abs(answers - self._all_targets).sum(axis=1), kind="stable")
        hard, others = np.split(worst_first, [size // 2])
        return rng.permutation(
            np.concatenate([hard, rng.choice(others, size - len(hard), replace=False)])
        )


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

    A network that is not compiled yet is compiled as the course does: Adam, categorical
    cross-entropy. One that is goes on from where it is.

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

    Raises
    ------
    Diverged
        The loss is no longer a number.
    """
    if not model.compiled:
        RECIPES["course"].compile(model, len(train))
    with Interrupts() as interrupts:
        steps = ceil(len(train) / batch_size)
        history = model.fit(
            to_batch(train.images),
            one_hot(train.labels),
            epochs=epochs,
            batch_size=batch_size,
            validation_data=_pair(validation),
            callbacks=[_Watch(steps, epochs, interrupts, on_step, on_epoch)],
            verbose=0,
        )
    return _frame(history, 0)


def fit_batches(
    model: keras.Model,
    batches: Batches,
    *,
    epochs: int,
    validation: Split | None = None,
    done: int = 0,
    on_step: OnStep | None = None,
    on_epoch: OnEpoch | None = None,
) -> pd.DataFrame:
    """Train a compiled network on batches, so that it can go on after `done` epochs; as `fit`."""
    with Interrupts() as interrupts:
        watch = _Watch(len(batches), epochs, interrupts, on_step, on_epoch)
        history = model.fit(
            batches,
            epochs=epochs,
            initial_epoch=done,
            shuffle=False,  # the batches do it themselves
            validation_data=_pair(validation),
            callbacks=[_Begin(batches), watch],
            verbose=0,
        )
    return _frame(history, done)


def _pair(split: Split | None) -> tuple[Batch, NDArray[np.float32]] | None:
    return (to_batch(split.images), one_hot(split.labels)) if split else None


def _frame(history: Any, done: int) -> pd.DataFrame:
    frame = pd.DataFrame(history.history).astype(float)
    frame.index = pd.RangeIndex(done + 1, done + len(frame) + 1, name="epoch")
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
    _check_shapes(model)
    batch = to_batch(digits)
    answer = _forward(model)
    answers = [np.asarray(answer(batch[at : at + AT_ONCE])) for at in range(0, len(batch), AT_ONCE)]
    return np.concatenate([np.empty((0, 10), np.float32), *answers])


def _forward(model: keras.Model) -> Callable[[Batch], Any]:
    """The network as a compiled function; kept, for compiling takes longer than answering."""
    if keras.backend.backend() != "tensorflow":
        return model.predict_on_batch
    layers_then, compiled = _COMPILED.get(model, (None, None))
    if layers_then != model.layers:  # new, or given another layer since
        shape = tf.TensorSpec((None, 28, 28, 1), tf.float32)
        compiled = bare_forward(weakref.proxy(model)).get_concrete_function(shape)
        _COMPILED[model] = model.layers, compiled
    return lambda batch: compiled(tf.constant(batch))


_COMPILED: weakref.WeakKeyDictionary[Any, Any] = weakref.WeakKeyDictionary()


def bare_forward(model: keras.Model) -> Any:
    """The network as nothing but a compiled function, to measure against."""

    def forward(batch: Batch) -> Any:
        return model(batch, training=False)

    return tf.function(forward) if keras.backend.backend() == "tensorflow" else forward


def load_model(path: Path, *, compiled: bool = False) -> keras.Model:
    """Load a network that was saved by Keras; nothing in it is run that is not Keras' own.

    Parameters
    ----------
    path : Path
        A .keras file.
    compiled : bool
        Whether to load what is needed to train on, too.

    Raises
    ------
    DataError
        There is none, or Keras cannot load it.
    ArrayError
        It is no network from (28, 28, 1) to (10,).
    """
    if not path.is_file():
        raise DataError(f"{path}: no such network; mnist-lab train writes one")
    if not is_zipfile(path):
        raise DataError(f"{path}: is no .keras file, or only part of one; copy or train it again")
    try:
        model = keras.saving.load_model(path, compile=compiled, safe_mode=True)
    except Exception as error:  # noqa: BLE001 - whatever a damaged or hostile file makes Keras raise
        reason = " ".join(str(error).split()) or type(error).__name__
        raise DataError(f"{path}: is no network that Keras can load ({reason[:200]})") from None
    _check_shapes(model)
    return model


def save(model: keras.Model, path: Path) -> None:
    """Save a network as a .keras file, without what it was trained with.

    Raises
    ------
    CannotWrite
        `path` cannot be written.
    """
    with atomic_write(path) as draft:
        copy_of(model).save(draft)


@cache
def shipped() -> keras.Model:
    """The network that comes with the kit, loaded once; `mnist-lab weights` says what it is."""
    return load_model(SHIPPED)


@dataclass(frozen=True, eq=False)
class Tuned:
    """A network that was adapted to a hand, and what it made of digits it has not learnt from.

    Attributes
    ----------
    model : keras.Model
        The adapted network; the one it was made from stays as it is.
    before, after : float32 (n, 10)
        What either answers on the digits held back.
    """

    model: keras.Model
    before: Probabilities
    after: Probabilities


def fine_tune(
    model: keras.Model, own: Split, held_back: Split, *, seed: int, epochs: int = 20
) -> Tuned:
    """Adapt a network to a hand, from a hundred digits of it or so.

    All its layers go on learning, on the digits as they are distorted anew each epoch. Lest it
    forget other hands, it also learns to answer as before on digits written by a program (Li
    and Hoiem 2016). Batch normalisation stays as it was: so few digits say little about what
    is normal.

    Parameters
    ----------
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
    set_seed(seed)
    tuned = copy_of(model)
    for layer in tuned.layers:
        layer.trainable = not isinstance(layer, layers.BatchNormalization)
    tuned.compile(
        optimizer=keras.optimizers.Adam(TUNING_RATE),
        loss=keras.losses.CategoricalCrossentropy(),
        metrics=["accuracy"],
    )
    others, _ = synth.make_split(REHEARSED, 1, seed=seed)
    digits = np.concatenate([own.images, others.images])
    known = predict_probabilities(model, others.images)
    targets = np.concatenate([0.9 * one_hot(own.labels) + np.float32(0.01), known])
    batches = Batches(digits, targets, batch_size=32, seed=seed, strength=0.5)
    fit_batches(tuned, batches, epochs=epochs)
    before, after = (predict_probabilities(each, held_back.images) for each in (model, tuned))
    return Tuned(tuned, before, after)


def copy_of(model: keras.Model) -> keras.Model:
    """A network with the same layers and weights, computed in float32, not compiled."""
    config = model.get_config()
    for layer in config["layers"]:
        layer["config"]["dtype"] = "float32"
    copy = type(model).from_config(config)
    copy.set_weights(model.get_weights())
    return copy


def cool(model: keras.Model, temperature: float) -> None:
    """Divide what goes into the last softmax by a temperature, once and for all.

    Above 1 the network is less sure of its answers, below 1 surer; the answers stay. See
    `evaluate.temperature`.
    """
    last = model.layers[-1]
    last.set_weights([weights / temperature for weights in last.get_weights()])


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


@cache
def has_bfloat16() -> bool:
    """Whether TensorFlow multiplies bfloat16 on this processor faster than float32.

    It does where there is AMX; AVX-512's bfloat16 alone is slower. Only Linux says which.
    """
    processor = Path("/proc/cpuinfo")
    return (
        backend() == "tensorflow on CPU"
        and processor.exists()
        and "amx_bf16" in processor.read_text(encoding="utf-8").split()
    )


def _check_shapes(model: Any) -> None:
    shapes = getattr(model, "input_shape", ()), getattr(model, "output_shape", ())
    given, answer = (shape[1:] if isinstance(shape, tuple) else shape for shape in shapes)
    if (given, answer) != ((28, 28, 1), (10,)):
        raise ArrayError(
            f"expected a network from (28, 28, 1) to (10,), got one from {given} to {answer}"
        )


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


class _Begin(keras.callbacks.Callback):
    """Begin each epoch with chance that depends on the seed and the epoch only."""

    def __init__(self, batches: Batches) -> None:
        super().__init__()
        self._batches = batches

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:  # noqa: ARG002
        self._batches.begin(epoch, self.model)
        for number, layer in enumerate(self.model.layers):
            if isinstance(layer, layers.Dropout):  # Keras does not save where its chance is
                state = np.random.SeedSequence((self._batches.seed, epoch, number))
                layer.seed_generator.state.assign(state.generate_state(2))


class _Watch(keras.callbacks.Callback):
    """Tell how training goes; not at every step, which would slow it down."""

    def __init__(
        self,
        steps: int,
        epochs: int,
        interrupts: Interrupts,
        on_step: OnStep | None,
        on_epoch: OnEpoch | None,
    ) -> None:
        super().__init__()
        self._interrupts = interrupts
        self._steps, self._total = steps, steps * epochs
        self._on_step, self._on_epoch = on_step, on_epoch
        self._done = self._told = 0

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:  # noqa: ARG002
        self._done = self._told = epoch * self._steps

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        self._interrupts.check()
        last = batch >= self._steps - 1  # Keras counts the last steps of an epoch up to 20
        done = self._done + (self._steps if last else batch + 1)
        if done - self._told >= STEPS_AT_ONCE or last:
            self._told = done
            if logs and not np.isfinite(logs["loss"]):
                raise Diverged(f"the loss is not a number by step {done:,} of {self._total:,}")
            if self._on_step:
                self._on_step(done, self._total)

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        if self._on_epoch:
            self._on_epoch(epoch + 1, dict(logs or {}))
