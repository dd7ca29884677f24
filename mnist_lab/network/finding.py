"""The two pretrained networks that find digits on pages, and how they are asked."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from textwrap import fill
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_lab.network._keras import BACKEND, keras
from mnist_lab.network.loading import load_network
from mnist_lab.network.pretrained import PRETRAINED

FINDER, SEGMENTER = (PRETRAINED.with_name(f"{name}.keras") for name in ("finder", "segmenter"))
CARD = PRETRAINED.with_name("finding.json")
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


@dataclass(frozen=True)
class FindingCard:
    """What the two networks learnt from, and how well pictures are read; printed, some text."""

    finder_parameters: int
    segmenter_parameters: int
    windows: int  # of pages that the finder saw, each some three times
    crops: int  # that the segmenter saw
    fonts: int  # of other people's words in them
    scans: dict[str, Any] | None = None  # what `benchmarks.scans` finds on real pictures

    def __str__(self) -> str:
        text = f"""\
Finder: {self.finder_parameters:,} parameters, {self.windows:,} windows of pages. Segmenter:
{self.segmenter_parameters:,} parameters, {self.crops:,} crops.

{self._on_pictures()}

They learnt from pages that a program draws: digits of MNIST's training part and of the
procedural writer, on rulings, tables and forms, in shadows, beside words in {self.fonts} fonts and
joined writing. No picture by other people was among them.

Not for: decisions that matter, printed digits, or other numerals than 0 to 9 in Western
handwriting. A lone letter that looks like a digit is taken for one.

To train them again: python -m tools.train_finder, then python -m tools.train_segmenter"""
        return "\n\n".join(fill(part, 88) for part in text.split("\n\n") if part.strip())

    def _on_pictures(self) -> str:
        if not self.scans:
            return ""
        single, several = self.scans["single"]["all"], self.scans["multi"]["all"]
        return f"""\
Real pictures by other people (photos, scans, drawings), read together with the pretrained
classifier: of single digits {single["read"]:.1%} right (ECE
{self.scans["sureness"]["calibration_error"]:.1%}); of pictures with several,
{several["entirely_right"]:.1%} without an error, at a digit error rate of
{several["error_rate"]:.1%}."""


def finding_card() -> FindingCard:
    """How the finder and the segmenter were trained, and what is read with them."""
    return FindingCard(**json.loads(CARD.read_text(encoding="utf-8")))


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
