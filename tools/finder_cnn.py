"""The network that finds digits, what it is to get better at, and its plain form to ship."""

from typing import Any

import numpy as np
import tensorflow as tf

from mnist_lab.network._keras import keras
from tools.targets import BOX, CARE, HEAT, LABEL

layers = keras.layers

CONVOLUTIONS = [(16, 5, 2), (32, 3, 2), *[(48, 3, 1)] * 7, (96, 1, 1)]  # channels, kernel, stride
ANSWERS = 1 + 10 + 4  # a cell: heat, a logit for each digit, the box's sides
NORMALISED = "_normalised"  # ends the name of a convolution's normalisation
MOMENTUM, EPSILON = 0.98, 1e-3  # of batch normalisation
FIRST_HEAT = -3.5  # a logit: at first there is a digit almost nowhere (Lin 2017)
SURE = 0.4  # of heat, from which on a digit counts as found, for the lines of a training
FIGURES = "heat", "class", "box", "accuracy", "found"  # what `losses` gives


class FusedNormalization(keras.layers.Layer):
    """Batch normalisation in TensorFlow's one operation for it.

    Keras' own computes in float32 step by step, which takes half of a training's time here.

    References
    ----------
    Ioffe and Szegedy 2015, *Batch normalization: accelerating deep network training*.
    """

    def build(self, shape: Any) -> None:
        """Make gamma, beta and the moving mean and variance, a value a channel."""
        made = [
            self.add_weight(
                (shape[-1],), start, name=name, dtype="float32", autocast=False, trainable=trained
            )
            for name, start, trained in (
                ("gamma", "ones", True), ("beta", "zeros", True),
                ("mean", "zeros", False), ("variance", "ones", False),
            )
        ]  # fmt: skip
        self.gamma, self.beta, self.mean, self.variance = made

    def call(self, inputs: Any, *, training: bool = False) -> Any:
        """Normalise by the batch while training, else by what was usual then."""
        usual = [tf.zeros(0)] * 2 if training else [self.mean, self.variance]
        outputs, mean, variance, *_ = tf.raw_ops.FusedBatchNormV3(
            x=inputs, scale=self.gamma, offset=self.beta, epsilon=EPSILON, is_training=training,
            mean=usual[0], variance=usual[1],
        )  # fmt: skip
        if training:
            for kept, latest in ((self.mean, mean), (self.variance, variance)):
                kept.assign(MOMENTUM * kept + (1 - MOMENTUM) * latest)
        return outputs


def finder_cnn() -> keras.Model:
    """A stack of convolutions that is slid over a page: an answer every 4 pixels.

    From local contrast (n, height, width, 1) to answers (n, height / 4, width / 4, 15):
    heat's logit, ten classes' logits, how far the box reaches left, up, right and down.

    References
    ----------
    LeCun, Bottou, Bengio and Haffner 1998, *Gradient-based learning applied to document
    recognition*: the space displacement network.
    """
    stack: list[Any] = [keras.Input((None, None, 1))]
    for number, (channels, kernel, stride) in enumerate(CONVOLUTIONS):
        name = f"conv{number}"
        stack += [
            layers.Conv2D(
                channels, kernel, strides=stride, padding="same", use_bias=False, name=name
            ),
            FusedNormalization(name=name + NORMALISED),
            layers.Activation("relu"),
        ]
    start = keras.initializers.Constant([FIRST_HEAT] + [0.0] * 10 + [1.0] * 4)
    stack.append(layers.Conv2D(ANSWERS, 1, bias_initializer=start, dtype="float32", name="answers"))
    return keras.Sequential(stack, name="finder_cnn")


def fold(model: keras.Model) -> keras.Model:
    """The same network without batch normalisation, which becomes the convolutions' bias.

    It is made of Conv2D alone, and computed in float32.
    """
    plain: list[Any] = [keras.Input((None, None, 1))]
    for number, (channels, kernel, stride) in enumerate(CONVOLUTIONS):
        plain.append(
            layers.Conv2D(
                channels, kernel, strides=stride, padding="same", activation="relu",
                name=f"conv{number}",
            )
        )  # fmt: skip
    plain.append(layers.Conv2D(ANSWERS, 1, name="answers"))
    folded = keras.Sequential(plain, name="finder")
    fold_weights(model, folded)
    return folded


def fold_weights(model: keras.Model, folded: keras.Model) -> None:
    """Give a network's weights to the same one that is built without batch normalisation.

    Layers are known by their names; a normalisation's is its convolution's and "_normalised".
    """
    norms = {layer.name: layer for layer in model.layers if isinstance(layer, FusedNormalization)}
    for layer in folded.layers:
        if not layer.weights:
            continue
        weights = model.get_layer(layer.name).get_weights()
        if norm := norms.get(f"{layer.name}{NORMALISED}"):
            gamma, beta, mean, variance = norm.get_weights()
            scale = gamma / np.sqrt(variance + EPSILON)
            weights = [weights[0] * scale, beta - mean * scale]
        layer.set_weights(weights)


def losses(answers: Any, wanted: Any) -> Any:
    """How wrong answers (n, rows, columns, 15) are, and how well they do: FIGURES, a tensor (5,).

    The first three are to be made small: focal loss of the heat where it counts, cross-entropy
    of the class and distance of the box's sides, both near digits' middles. Then come the share
    of right classes there, and the share of digits that are found.

    References
    ----------
    Lin, Goyal, Girshick, He and Dollár 2017, *Focal loss for dense object detection*.
    Zhou, Wang and Krähenbühl 2019, *Objects as points*.
    """
    heat, label = wanted[..., HEAT], wanted[..., LABEL]
    sure = tf.clip_by_value(tf.sigmoid(answers[..., 0]), 1e-5, 1 - 1e-5)
    peak = tf.cast(heat > 0.999, tf.float32)  # 1, in float16
    digits = tf.reduce_sum(peak) + 1
    right = peak * (1 - sure) ** 2 * tf.math.log(sure)
    wrong = (1 - peak) * (1 - heat) ** 4 * sure**2 * tf.math.log(1 - sure)
    focal = -tf.reduce_sum(wanted[..., CARE] * (right + wrong)) / digits
    near = tf.cast(label >= 0, tf.float32) * heat
    near /= tf.reduce_sum(near) + 1
    labels, logits = tf.cast(tf.maximum(label, 0), tf.int32), answers[..., 1:11]
    entropy = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)
    distance = tf.reduce_sum(tf.abs(answers[..., 11:] - wanted[..., BOX]), axis=-1)
    hit = tf.cast(tf.argmax(logits, -1, tf.int32) == labels, tf.float32)
    found = tf.reduce_sum(peak * tf.cast(sure > SURE, tf.float32)) / digits
    sums = [tf.reduce_sum(near * each) for each in (entropy, distance, hit)]
    return tf.stack([focal, *sums, found])
