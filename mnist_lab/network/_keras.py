"""Keras, imported in silence; what it computes with, and where its chance comes from."""

import os
import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

__all__ = ["BACKEND", "backend", "has_bfloat16", "keras", "random_state", "set_seed"]


@contextmanager
def _silence_stderr() -> Iterator[None]:
    """Silence the process's stderr, and with it what TensorFlow's C++ says as it starts.

    Those lines (a missing GPU, the processor's features) come before any of its settings
    is read, and are the first thing a student would see.
    """
    sys.stderr.flush()
    kept = os.dup(2)
    try:
        with Path(os.devnull).open("wb") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
with _silence_stderr():
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
