"""The two pretrained networks that find digits on pages, and how they are asked."""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_lab.network._keras import BACKEND, keras
from mnist_lab.network.models import load_network
from mnist_lab.network.pretrained import PRETRAINED

FINDER, SEGMENTER = (PRETRAINED.with_name(f"{name}.keras") for name in ("finder", "segmenter"))
SEGMENTER_BATCH = 64  # crops


def load_finder() -> keras.Model:
    """The network that is slid over a page, a copy of the caller's own; see the card.

    From local contrast (n, height, width, 1) to answers (n, height / 4, width / 4, 15): heat's
    logit, ten classes' logits, how far the box reaches left, up, right and down, in 16 pixels.
    """
    return load_network(FINDER)


def load_segmenter() -> keras.Model:
    """The network that takes a second look at a digit, a copy of the caller's own; see the card.

    From crops (n, 48, 48, 1) of local contrast to two tensors of logits: of each pixel being
    the digit's own ink (n, 48, 48, 1), and of the ten digits and of none (n, 11).
    """
    return load_network(SEGMENTER)


def ask_finder(view: NDArray[np.float32]) -> NDArray[np.float32]:
    """Slide the finder over a view of a page, float32 (height, width): see `load_finder`.

    A network is compiled anew for each shape by some backends: let there be few.
    """
    return np.asarray(
        _ask(load_finder, (None, None, None, 1))(view[np.newaxis, ..., np.newaxis])[0]
    )


def ask_segmenter(
    crops: NDArray[np.float32],
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Take a second look at crops, float32 (n, 48, 48).

    Returns
    -------
    ink : float32 (n, 48, 48)
        The logit of each pixel being the digit's own.
    classes : float32 (n, 11)
        The logits of the ten digits, and of none.
    """
    ask = _ask(load_segmenter, (None, *crops.shape[1:], 1))
    parts = [
        ask(crops[at : at + SEGMENTER_BATCH, ..., np.newaxis])
        for at in range(0, len(crops), SEGMENTER_BATCH)
    ]
    if not parts:
        return crops, np.zeros((0, 11), np.float32)
    ink, classes = (np.concatenate(each) for each in zip(*parts, strict=True))
    return ink[..., 0], classes


@cache
def _ask(load: Callable[[], keras.Model], shape: tuple[int | None, ...]) -> Callable[[Any], Any]:
    """A network as a function, compiled where that is quicker; loaded once, handed to nobody."""
    model = load()
    if BACKEND != "tensorflow":
        return lambda batch: _arrays(model(batch, training=False))
    import tensorflow as tf

    forward = tf.function(lambda batch: model(batch, training=False))
    compiled = forward.get_concrete_function(tf.TensorSpec(shape, tf.float32))
    return lambda batch: _arrays(compiled(tf.constant(batch)))


def _arrays(answers: Any) -> Any:
    if isinstance(answers, list | tuple):
        return [keras.ops.convert_to_numpy(each) for each in answers]
    return keras.ops.convert_to_numpy(answers)
