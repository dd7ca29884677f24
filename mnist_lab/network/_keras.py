"""Keras, imported in silence; what it computes with, and where its chance comes from."""

import os
import random
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from mnist_lab.files import silence_stderr

__all__ = ["BACKEND", "backend", "has_bfloat16", "keras", "random_state", "set_seed"]

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
with silence_stderr():  # TensorFlow's C++ speaks as it starts, before its settings are read
    import keras

    BACKEND = keras.backend.backend()
    if BACKEND == "tensorflow":
        import tensorflow as tf

        tf.config.list_physical_devices()


def set_seed(seed: int) -> None:
    """Make all that follows the same for the same seed, 0 to 2**32 - 1, on the same machine."""
    keras.utils.set_random_seed(seed)
    _make_deterministic()


@contextmanager
def random_state(seed: int | None = None) -> Iterator[None]:
    """Put Python's random state back after the block: Keras draws each layer's seed from it.

    With a seed, what is built and trained in the block is the same each time.
    """
    state = random.getstate()
    if seed is not None:
        random.seed(seed)
        _make_deterministic()
    try:
        yield
    finally:
        random.setstate(state)


def backend() -> str:
    """What Keras computes with, and on what: ``"tensorflow on CPU"``."""
    if BACKEND != "tensorflow":
        return BACKEND
    return f"{BACKEND} on {'GPU' if tf.config.list_physical_devices('GPU') else 'CPU'}"


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


def _make_deterministic() -> None:
    if BACKEND == "tensorflow":
        tf.config.experimental.enable_op_determinism()
