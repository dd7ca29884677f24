"""A network as plain data, with all that pad/static/forward.js needs to compute it."""

from base64 import b64encode
from typing import Any, Literal
from zlib import crc32

import numpy as np

from mnist_lab.arrays import ArrayError, OptionError
from mnist_lab.network._keras import keras

# What forward.js computes, and what of a layer's configuration it needs
SETTINGS: dict[str, tuple[str, ...]] = {
    "Conv2D": ("kernel_size", "strides", "padding", "activation"),
    "MaxPooling2D": ("pool_size", "strides", "padding"),
    "AveragePooling2D": ("pool_size", "strides", "padding"),
    "BatchNormalization": ("epsilon",),
    "Activation": ("activation",),
    "Flatten": (),
    "Dense": ("activation",),
    "Dropout": (),
    "Cropping2D": ("cropping",),
    "GlobalAveragePooling2D": (),
}
GRAPH_SETTINGS: dict[str, tuple[str, ...]] = {  # of a network that is no chain: the segmenter
    "UpSampling2D": ("size",),
    "Concatenate": (),
}
ACTIVATIONS = "linear", "relu", "sigmoid", "softmax", "tanh"
REQUIRED = {  # what those settings must be, where a layer has them
    "data_format": ("channels_last",),
    "dilation_rate": ((1, 1),),
    "groups": (1,),
    "axis": (-1, 1, 3),
    "interpolation": ("nearest",),
    "keepdims": (False,),
    "activation": ACTIVATIONS,
}


def describe_network(
    model: keras.Model, dtype: Literal["float16", "float32"] = "float16"
) -> dict[str, Any]:
    """Describe a network as data that JSON can hold: its layers in order, with their weights.

    Each layer has a kind, a name, a config, the shape of its output, and its weights: of each the
    shape, the dtype, the CRC-32 and the base64 of its little-endian bytes. In a network that
    is no chain, each also names its `inputs`, and the network its `outputs`.

    Parameters
    ----------
    model : keras.Model
        A Sequential, or layers that are joined by Concatenate.
    dtype : {"float16", "float32"}
        Of the weights: half the size and 3 decimal digits, or the network to the last bit.

    Raises
    ------
    ArrayError
        A layer or a setting of one is not among those that a browser computes.
    OptionError
        There is no such dtype.
    """
    if dtype not in {"float16", "float32"}:
        raise OptionError(f"expected float16 or float32 for the weights, got {dtype}")
    chain = isinstance(model, keras.Sequential)
    known = SETTINGS if chain else SETTINGS | GRAPH_SETTINGS
    layers = []
    for layer in model.layers:
        if isinstance(layer, keras.layers.InputLayer):
            continue
        row = _describe_layer(layer, known, dtype)
        layers.append(row if chain else row | {"inputs": _inputs(layer)})
    described = {"name": model.name, "input": _shape(model.input_shape), "layers": layers}
    outputs = {} if chain else {"outputs": list(model.output_names)}
    return described | outputs


def _describe_layer(
    layer: keras.Layer, known: dict[str, tuple[str, ...]], dtype: str
) -> dict[str, Any]:
    kind, config = type(layer).__name__, layer.get_config()
    if kind not in known or getattr(keras.layers, kind, None) is not type(layer):
        raise ArrayError(
            f"the browser does not compute the layer {layer.name!r}, a {kind}; "
            f"it computes {', '.join(known)}"
        )
    for setting, allowed in REQUIRED.items():
        value = config.get(setting, allowed[0])
        value = tuple(value) if isinstance(value, list) else value
        if value not in allowed:
            raise ArrayError(
                f"the browser does not compute the layer {layer.name!r} with {setting} {value!r}; "
                f"{setting} may be {' or '.join(map(repr, allowed))}"
            )
    return {
        "kind": kind,
        "name": layer.name,
        "config": {setting: config[setting] for setting in known[kind]},
        "output": _shape(layer.output.shape),
        "weights": {
            weight.name: _pack(weight.numpy(), dtype, f"{layer.name}.{weight.name}")
            for weight in layer.weights
            if "seed" not in weight.name  # Dropout's, which computes nothing here
        },
    }


def _pack(values: Any, dtype: str, name: str) -> dict[str, Any]:
    """A weight as its bytes, in a text."""
    with np.errstate(over="ignore"):
        packed = np.asarray(values, np.dtype(dtype).newbyteorder("<"))
    if not np.isfinite(packed).all():
        raise ArrayError(
            f"expected weights that {dtype} can hold, got NaN or larger ones in {name}"
        )
    content = packed.tobytes()
    text = b64encode(content).decode("ascii")
    return {"shape": list(packed.shape), "dtype": dtype, "crc32": crc32(content), "base64": text}


def _inputs(layer: keras.Layer) -> list[str]:
    """The names of the layers whose outputs a layer takes; that of the network's input is one."""
    given = layer.input if isinstance(layer.input, list) else [layer.input]
    return [tensor._keras_history.operation.name for tensor in given]  # noqa: SLF001


def _shape(shape: Any) -> list[int | None]:
    """One example's shape, without the batch's."""
    return list(shape[1:])
