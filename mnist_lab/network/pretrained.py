"""What a network answers, how it is calibrated, and the pretrained one with its card."""

import json
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from textwrap import fill
from typing import Any

import numpy as np

from mnist_lab.arrays import Batch, Digits, MnistLabError, OptionError, Probabilities
from mnist_lab.files import StrPath
from mnist_lab.network._keras import BACKEND, keras
from mnist_lab.network.adapting import find_adapters, find_form
from mnist_lab.network.batches import to_batch
from mnist_lab.network.loading import load_model
from mnist_lab.progress import Printed, Progress

PRETRAINED = Path(__file__).parent / "weights" / "pretrained.keras"
CARD = PRETRAINED.with_name("card.json")
PREDICT_BATCH_SIZE = 1000


def load_pretrained() -> keras.Model:
    """The pretrained network, a copy of the caller's own each time; `pretrained_card` describes it.

    Batch (n, 28, 28, 1) to probabilities (n, 10); not compiled.
    """
    return load_model(PRETRAINED)


def load_own(
    path: StrPath = "my_network.keras",
    *,
    progress: Progress = Printed(),  # noqa: B008 - it holds nothing between two calls
) -> keras.Model:
    """Load the network that a student has saved; the pretrained one until there is one.

    `progress` is told which it is, and what is wrong with a file that cannot be used.

    Parameters
    ----------
    path : path
        Of a file that `load_model` reads.

    Returns
    -------
    keras.Model
        Batch (n, 28, 28, 1) to probabilities (n, 10); not compiled.
    """
    path = Path(path)
    if not path.exists():
        progress.say(f"{path} is not here: this is the pretrained network of the kit.")
        return load_pretrained()
    try:
        model = load_model(path, progress=progress)
    except MnistLabError as error:
        progress.say(f"{error}. This is the pretrained network of the kit.")
        return load_pretrained()
    progress.say(f"{path}: your own network, {model.count_params():,} parameters.")
    return model


@dataclass(frozen=True)
class ModelCard:
    """What a network was trained on, and how well it reads; printed, a page of text."""

    parameters: int
    epochs: int
    learnt_from: dict[str, int]  # digits of MNIST, synthetic ones, and non-digits
    temperature: float  # by which it was calibrated
    mnist_accuracy: float  # on the test part, 0 to 1
    mnist_calibration_error: float

    def __str__(self) -> str:
        mnist, synthetic, other = self.learnt_from.values()
        text = f"""\
Pretrained network: {self.parameters:,} parameters.

Accuracy on MNIST's test part: {self.mnist_accuracy:.2%}; calibrated by temperature scaling
(ECE {self.mnist_calibration_error:.1%} on MNIST).

Trained for {self.epochs} epochs on {mnist:,} digits of MNIST's training part, {synthetic:,}
synthetic digits and {other:,} non-digits (letters, scribbles, rulings; their target is
uniform), each distorted anew in every epoch. The temperature, {self.temperature:.2f}, was
fitted on held-back digits and on simulated photos.

Not for: decisions that matter. It classifies single digits, 0 to 9, in Western handwriting.
It does not know letters, signs or printed digits, and may be confident and wrong on what is
unlike its training data.

To train it again: python -m tools.train_pretrained --out DIR --data MNIST"""
        return "\n\n".join(fill(part, 88) for part in text.split("\n\n") if part.strip())


def pretrained_card() -> ModelCard:
    """How the pretrained network was trained, and its figures."""
    return ModelCard(**json.loads(CARD.read_text(encoding="utf-8")))


def apply_temperature(model: keras.Model, temperature: float) -> None:
    """Divide the logits of a network's last softmax by a temperature, in its weights.

    Above 1 the network becomes less confident, below 1 more; the most probable answer stays.
    `evaluate.temperature` finds the one that calibrates it. OptionError if it is not above 0.
    """
    if not temperature > 0:
        raise OptionError(f"expected a temperature above 0, got {temperature}")
    last = model.layers[-1]
    last.set_weights([weights / temperature for weights in last.get_weights()])


def predict_probabilities(model: keras.Model | None, digits: Digits) -> Probabilities:
    """What each digit is, as the network sees it; one takes under a millisecond.

    Parameters
    ----------
    model : keras.Model or None
        A network from a digit to ten answers; None for the pretrained one, which is then
        loaded once a process. One that takes (28, 28), 784 values, three channels or grey
        levels to 255 gets them, and of logits the softmax is taken.
    digits : uint8 (n, 28, 28)
        Bright ink on dark, 0 to 255.

    Returns
    -------
    float32 (n, 10)
        The probability of each answer; rows sum to 1.

    Raises
    ------
    ArrayError
        The network has other shapes, or these are no digits.
    """
    model = _shared_pretrained() if model is None else model
    predict, batch, size = _compiled(model), to_batch(digits), PREDICT_BATCH_SIZE
    answers = [predict(Batch(batch[at : at + size])) for at in range(0, len(batch), size)]
    return Probabilities(np.concatenate([np.empty((0, 10), np.float32), *answers]))


@cache
def _shared_pretrained() -> keras.Model:
    """Only ever asked, and handed to nobody, so that none can change it for another."""
    return load_pretrained()


def _compiled(model: keras.Model) -> Callable[[Batch], Any]:
    """The network as a compiled function; kept, for compiling takes longer than answering."""
    form = find_form(model)
    as_it_was, answer = _COMPILED.get(model, (None, None))
    if as_it_was != (model.layers, form):  # new, or given another layer since
        answer = _compile(model)
        _COMPILED[model] = (model.layers, form), answer
    return answer


def _compile(model: keras.Model) -> Callable[[Batch], Any]:
    lacks, proxy = find_adapters(model), weakref.proxy(model)  # or what is kept would keep it
    if BACKEND != "tensorflow":
        return lambda batch: keras.ops.convert_to_numpy(
            lacks.finish(proxy.predict_on_batch(lacks.prepare(batch)))
        )
    import tensorflow as tf

    forward = tf.function(lambda batch: lacks.finish(proxy(lacks.prepare(batch), training=False)))
    compiled = forward.get_concrete_function(tf.TensorSpec((None, 28, 28, 1), tf.float32))
    return lambda batch: compiled(tf.constant(batch)).numpy()


_COMPILED: weakref.WeakKeyDictionary[Any, Any] = weakref.WeakKeyDictionary()
