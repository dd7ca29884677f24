"""Ask a network, by a compiled function that is kept: one digit takes under a millisecond."""

import weakref
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from mnist_lab.arrays import Batch, Digits, Probabilities
from mnist_lab.network._keras import BACKEND, keras
from mnist_lab.network.batches import to_batch
from mnist_lab.network.models import check_shapes
from mnist_lab.network.pretrained import load_pretrained

PREDICT_BATCH_SIZE = 1000


def predict_probabilities(model: keras.Model | None, digits: Digits) -> Probabilities:
    """What each digit is, as the network sees it.

    Parameters
    ----------
    model : keras.Model or None
        A network from (28, 28, 1) to (10,); None for the pretrained one, which is then
        loaded once a process.
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
    check_shapes(model)
    batch, size = to_batch(digits), PREDICT_BATCH_SIZE
    predict = _compiled(model)
    answers = [predict(Batch(batch[at : at + size])) for at in range(0, len(batch), size)]
    return Probabilities(np.concatenate([np.empty((0, 10), np.float32), *answers]))


@cache
def _shared_pretrained() -> keras.Model:
    """Only ever asked, and handed to nobody, so that none can change it for another."""
    return load_pretrained()


def _compiled(model: keras.Model) -> Callable[[Batch], Any]:
    """The network as a compiled function; kept, for compiling takes longer than answering."""
    if BACKEND != "tensorflow":
        return lambda batch: np.asarray(model.predict_on_batch(batch))
    import tensorflow as tf

    layers_then, compiled = _COMPILED.get(model, (None, None))
    if layers_then != model.layers:  # new, or given another layer since
        proxy = weakref.proxy(model)  # or what is kept would keep the model
        forward = tf.function(lambda batch: proxy(batch, training=False))
        compiled = forward.get_concrete_function(tf.TensorSpec((None, 28, 28, 1), tf.float32))
        _COMPILED[model] = model.layers, compiled
    return lambda batch: compiled(tf.constant(batch)).numpy()


_COMPILED: weakref.WeakKeyDictionary[Any, Any] = weakref.WeakKeyDictionary()
