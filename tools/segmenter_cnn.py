"""The network that takes a second look: a digit's own ink, and what it is, if it is one."""

from typing import Any

import tensorflow as tf

from mnist_lab.network._keras import keras
from mnist_lab.reading.views import CROP_SIDE
from tools.finder_cnn import NORMALISED, FusedNormalization

layers = keras.layers

CLASSES = 11  # ten digits, and none
INK_WEIGHT = 4.0  # of the ink's loss beside the class's
FIGURES = "ink", "class", "accuracy", "overlap"  # what `losses` gives


def segmenter_cnn(*, folded: bool = False) -> keras.Model:
    """A small U-Net: what it sees coarsely says what it is, and where its fine ink belongs.

    From crops (n, 48, 48, 1) to two tensors: the logit of each pixel being the digit's own ink,
    (n, 48, 48, 1), and eleven classes' logits, (n, 11), the last one for what is no digit.
    Batch normalisation is left out of one that is `folded`.

    References
    ----------
    Ronneberger, Fischer and Brox 2015, *U-Net: convolutional networks for biomedical image
    segmentation*.
    """
    block = _plain if folded else _normalised
    crops = keras.Input((CROP_SIDE, CROP_SIDE, 1))
    fine = block("fine", crops, 16)
    middle = block("middle2", block("middle1", fine, 32, 2), 32)
    coarse = block("coarse3", block("coarse2", block("coarse1", middle, 48, 2), 48), 48)
    whole = block("whole2", block("whole1", coarse, 80, 2), 64, 2)
    flat = layers.Dropout(0.2)(layers.Flatten()(whole))
    classes = layers.Dense(CLASSES, dtype="float32", name="classes")(flat)
    ink = layers.Concatenate()([layers.UpSampling2D()(coarse), middle])
    ink = block("ink1", ink, 24)
    ink = layers.Concatenate()([layers.UpSampling2D()(ink), fine])
    ink = block("ink2", ink, 8)
    ink = layers.Conv2D(1, 3, padding="same", dtype="float32", name="ink3")(ink)
    return keras.Model(crops, [ink, classes], name="segmenter")


def _normalised(name: str, inputs: Any, channels: int, stride: int = 1) -> Any:
    options = {"strides": stride, "padding": "same", "use_bias": False}
    convolved = layers.Conv2D(channels, 3, name=name, **options)(inputs)
    return layers.Activation("relu")(FusedNormalization(name=name + NORMALISED)(convolved))


def _plain(name: str, inputs: Any, channels: int, stride: int = 1) -> Any:
    options = {"strides": stride, "padding": "same", "activation": "relu"}
    return layers.Conv2D(channels, 3, name=name, **options)(inputs)


def losses(answers: Any, wanted: Any) -> Any:
    """How wrong answers are, and how well they do: FIGURES, a tensor (4,).

    `answers` are ink and classes; `wanted` the ink that there is (n, 48, 48), 0 to 1, and the
    labels (n,). The first two are to be made small, cross-entropies both; then come the share
    of right classes, and of the ink on both sides together that is on both.
    """
    (ink, logits), (true_ink, labels) = answers, wanted
    ink = ink[..., 0]
    ink_loss = tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(true_ink, ink))
    labels = tf.cast(labels, tf.int32)
    entropy = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits))
    hit = tf.reduce_mean(tf.cast(tf.argmax(logits, -1, tf.int32) == labels, tf.float32))
    said, true = ink > 0, true_ink > 0.5
    both = tf.reduce_sum(tf.cast(said & true, tf.float32))
    either = tf.reduce_sum(tf.cast(said | true, tf.float32))
    return tf.stack([INK_WEIGHT * ink_loss, entropy, hit, both / (either + 1)])
