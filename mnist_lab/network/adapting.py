"""Networks from elsewhere: what they take and give, brought to the form that the kit speaks."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import reduce
from os import PathLike
from typing import Any

import numpy as np

from mnist_lab.arrays import ArrayError
from mnist_lab.network._keras import keras

DIGIT = 28, 28, 1
MAX_BYTE_SCALE = 0.1  # a Rescaling by less is meant for grey levels to 255: 1/255, 1/127.5, ...
MAX_SCALED_MEAN = 1.0  # a normalisation by a larger mean was fitted to grey levels to 255
KEEPS_VALUES = "Dropout", "Flatten", "Reshape"  # what stands behind a softmax without changing it
LOGITS = "linear", "log_softmax"  # activations of which the softmax makes probabilities
layers = keras.layers


@keras.saving.register_keras_serializable("mnist_lab")
class Shares(keras.layers.Layer):
    """Divide each row by its sum: what cross-entropy takes ten sigmoids for."""

    def call(self, inputs: Any) -> Any:
        positive = inputs + keras.config.epsilon()
        return positive / keras.ops.sum(positive, axis=-1, keepdims=True)


@dataclass
class Adapters:
    """Layers that a network lacks before and behind it, and why, in words.

    With them it goes from a batch, float32 (n, 28, 28, 1) in [0, 1], to probabilities (n, 10).
    """

    before: list[Any] = field(default_factory=list)
    behind: list[Any] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)

    def prepare(self, batch: Any) -> Any:
        """A batch as the network takes it."""
        return reduce(lambda values, layer: layer(values), self.before, batch)

    def finish(self, answers: Any) -> Any:
        """Its answers as probabilities."""
        return reduce(lambda values, layer: layer(values), self.behind, answers)

    def __bool__(self) -> bool:
        return bool(self.before or self.behind)


def find_form(model: Any) -> tuple[tuple[int, ...], bool, str]:
    """What a network takes, whether in 0 to 255, and the activation that it ends in.

    ArrayError unless it goes from a digit to ten answers.
    """
    return check_shapes(model), _find_byte_scaling(model) is not None, find_activation(model)


def find_adapters(model: Any) -> Adapters:
    """What a network lacks; ArrayError unless it goes from a digit to ten answers."""
    found = Adapters()
    takes, takes_bytes, activation = find_form(model)
    if takes_bytes:
        found.before.append(layers.Rescaling(255.0, name="to_grey_levels"))
        found.reasons.append("it scales grey levels itself, and is given 0 to 255")
    if takes[-1] == 3:
        found.before.append(_repeat_channel())
        found.reasons.append("it takes colours, and is given the grey three times")
    elif takes == (784,):
        found.before.append(layers.Flatten(name="to_its_shape"))
    elif takes != DIGIT:
        found.before.append(layers.Reshape(takes, name="to_its_shape"))
    if activation in LOGITS:
        found.behind.append(layers.Activation("softmax", name="to_probabilities"))
        found.reasons.append("it gives logits, and a softmax was put behind them")
    elif activation == "sigmoid":
        found.behind.append(Shares(name="to_probabilities"))
        found.reasons.append("it ends in sigmoids, which were divided by their sum")
    elif activation not in {"softmax", ""}:
        raise ArrayError(
            f"expected a network that ends in a softmax, got {activation} at its end: give its "
            "last layer activation='softmax', and train it again"
        )
    return found


def check_shapes(model: Any) -> tuple[int, ...]:
    """The shape of a digit as a network takes it; ArrayError unless it makes ten answers of one.

    That is (28, 28), (784,) or (28, 28, 3), or has ones beside 28 and 28, or beside 784.
    """
    shapes = getattr(model, "input_shape", ()), getattr(model, "output_shape", ())
    given, answer = (shape[1:] if isinstance(shape, tuple) else shape for shape in shapes)
    plain = tuple(size for size in given if size != 1)
    if answer == (10,) and (plain in {(28, 28), (784,)} or given == (28, 28, 3)):
        return tuple(given)
    hint = ""
    if isinstance(model, str | PathLike):
        hint = f": network.load_model({str(model)!r}) gives it"
    elif getattr(model, "built", True) is False:
        hint = ": it does not know yet what it takes; keras.Input((28, 28, 1)) before its layers"
    elif isinstance(answer, tuple) and len(answer) == 1 and answer != (10,):
        hint = ": there are ten digits, and its last layer must be Dense(10, activation='softmax')"
    elif answer == (10,) and len(given) == 3:
        hint = ": put a Resizing or ZeroPadding2D before it, whichever its digits had in training"
    raise ArrayError(
        f"expected a network from (28, 28, 1) to (10,), got one from {given} to {answer}{hint}"
    )


def adapt(model: Any) -> Any:
    """The network itself if it speaks the kit's form, else a Sequential of its layers that does.

    It goes from (28, 28, 1), in [0, 1], to ten probabilities, and shares the network's weights.
    ArrayError if that cannot be.
    """
    lacks, inner, scaling = find_adapters(model), _chain(model), _find_byte_scaling(model)
    if not lacks and (isinstance(model, keras.Sequential) or inner == [model]):
        return model
    if scaling in inner and _divides_by_255(scaling):  # it would undo the layer before
        inner.remove(scaling)
        lacks.before.pop(0)
    if isinstance(inner[0], layers.Flatten | layers.Reshape) and model.input_shape[-1] != 3:
        lacks.before = [each for each in lacks.before if each.name != "to_its_shape"]
        if getattr(inner[0], "target_shape", ()) == DIGIT:
            inner.pop(0)
    if isinstance(inner[-1], layers.Softmax):  # as browsers compute it
        inner[-1] = layers.Activation("softmax", name=inner[-1].name)
    return keras.Sequential(
        [keras.Input(DIGIT), *lacks.before, *inner, *lacks.behind], name=model.name
    )


def find_activation(model: Any) -> str:
    """The name of the activation that a network ends in, of Keras'; "" where that is unclear."""
    for operation in reversed([*_operations(model)]):
        kind = type(operation).__name__
        if kind not in KEEPS_VALUES:
            name = getattr(getattr(operation, "activation", None), "__name__", kind.lower())
            return name if hasattr(keras.activations, name) else ""
    return ""


def _repeat_channel() -> Any:
    """From (28, 28, 1) to (28, 28, 3), as a convolution, which browsers compute as well."""
    layer = layers.Conv2D(
        3, 1, use_bias=False, kernel_initializer="ones", trainable=False, name="to_channels"
    )
    layer.build((None, *DIGIT))
    return layer


def _operations(model: Any) -> Iterator[Any]:
    """Its layers in order, those of networks within it too, and what else it computes."""
    for each in _parts(model):
        if each is not model and isinstance(each, keras.Model):
            yield from _operations(each)
        else:
            yield each


def _parts(model: Any) -> list[Any]:
    """What a Sequential or functional network does in order; of any other, only itself is known."""
    if isinstance(model, keras.Sequential):
        return [*model.layers]
    parts = getattr(model, "operations", [model])
    return [each for each in parts if not isinstance(each, layers.InputLayer)]


def _find_byte_scaling(model: Any) -> Any:
    """What makes grey levels to 255 small, if a network begins with it: it must get them so."""
    for operation in _operations(model):
        kind = type(operation).__name__
        if kind == "Rescaling":
            return operation if np.abs(operation.scale).max() < MAX_BYTE_SCALE else None
        if kind in {"Divide", "TrueDivide"}:  # x / 255 in a functional network
            divisor = operation._inbound_nodes[0].arguments.args[-1]  # noqa: SLF001
            small = isinstance(divisor, int | float) and divisor * MAX_BYTE_SCALE > 1
            return operation if small else None
        if kind in {"Normalization", "BatchNormalization"}:
            mean = operation.moving_mean if kind.startswith("Batch") else operation.mean
            return operation if np.max(mean) > MAX_SCALED_MEAN else None
        if getattr(operation, "weights", ()):
            return None
    return None


def _divides_by_255(layer: Any) -> bool:
    return isinstance(layer, layers.Rescaling) and bool(
        np.allclose(np.multiply(layer.scale, 255), 1) and np.allclose(layer.offset, 0)
    )


def _chain(model: Any) -> list[Any]:
    """Its layers one behind the other, if that is all it is; else the network as one layer."""
    chain = _unfold(model)
    return chain if len({layer.name for layer in chain}) == len(chain) else [model]


def _unfold(model: Any) -> list[Any]:
    inner = _parts(model)
    if inner == [model]:
        return inner
    if not isinstance(model, keras.Sequential):
        flow = [model.input, *(each.output for each in inner)]
        if any(
            not isinstance(each, layers.Layer) or each.input is not before
            for each, before in zip(inner, flow, strict=False)
        ):
            return [model]
    nested = (_unfold(each) if isinstance(each, keras.Model) else [each] for each in inner)
    return [layer for part in nested for layer in part]
