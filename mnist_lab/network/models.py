"""The networks, as plain Keras, and what a reader is told of their layers."""

from dataclasses import dataclass
from typing import Any

from mnist_lab.arrays import ArrayError
from mnist_lab.network._keras import keras

BATCH_NORM_MOMENTUM = 0.95  # its averages must settle within one short epoch
layers = keras.layers


def course_cnn() -> keras.Model:
    """The network of the course: one convolution, then dense layers of 16, 32, 64 and 10.

    Batch (n, 28, 28, 1) to probabilities (n, 10); 90,170 parameters; not compiled.
    """
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(32, (3, 3), activation="relu"),
            layers.MaxPooling2D((2, 2)),
            layers.Flatten(),
            layers.Dense(16, activation="relu"),
            layers.Dense(32, activation="relu"),
            layers.Dense(64, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ],
        name="course_cnn",
    )


def fast_cnn() -> keras.Model:
    """A network that learns in one epoch: it reduces its input early, so steps are cheap.

    MNIST's empty border is cropped first.

    Batch (n, 28, 28, 1) to probabilities (n, 10); 72,106 parameters; not compiled.
    """
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Cropping2D(2),
            layers.Conv2D(16, (5, 5), strides=2, activation="relu"),
            layers.Conv2D(32, (3, 3), use_bias=False),
            layers.MaxPooling2D((2, 2)),
            layers.BatchNormalization(momentum=BATCH_NORM_MOMENTUM),
            layers.Activation("relu"),
            layers.Flatten(),
            layers.Dense(128, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ],
        name="fast_cnn",
    )


def strong_cnn(width: float = 1.0) -> keras.Model:
    """A network with six small convolutions: depth reads better than width, at less cost.

    Batch (n, 28, 28, 1) to probabilities (n, 10); 81,482 parameters at width 1, which is 16,
    32 and 64 channels; not compiled.
    """
    few, some, many = (round(width * channels) for channels in (16, 32, 64))
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Cropping2D(2),
            layers.Conv2D(few, (3, 3)),
            layers.MaxPooling2D((2, 2)),
            layers.Activation("relu"),
            layers.Conv2D(some, (3, 3), padding="same", activation="relu"),
            layers.Conv2D(some, (3, 3), padding="same", activation="relu"),
            layers.Conv2D(some, (3, 3)),
            layers.MaxPooling2D((2, 2)),
            layers.Activation("relu"),
            layers.Conv2D(many, (3, 3), padding="same", activation="relu"),
            layers.Conv2D(many, (3, 3), use_bias=False),
            layers.BatchNormalization(momentum=BATCH_NORM_MOMENTUM),
            layers.Activation("relu"),
            layers.Flatten(),
            layers.Dropout(0.3),
            layers.Dense(10, activation="softmax", dtype="float32"),  # in mixed precision too
        ],
        name="strong_cnn",
    )


def pretrained_cnn() -> keras.Model:
    """The architecture of the pretrained network: wider and less deep than `strong_cnn`.

    A deep and narrow one, trained alike, was as accurate on MNIST, but less so on pages of
    handwriting, and took more letters for digits.

    Batch (n, 28, 28, 1) to probabilities (n, 10); 276,752 parameters; untrained and not
    compiled. `load_pretrained` gives the trained one.
    """
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Cropping2D(2),
            layers.Conv2D(45, (5, 5), strides=2, activation="relu"),
            layers.Conv2D(90, (3, 3), use_bias=False),
            layers.MaxPooling2D((2, 2)),
            layers.BatchNormalization(momentum=BATCH_NORM_MOMENTUM),
            layers.Activation("relu"),
            layers.Conv2D(179, (3, 3), use_bias=False),
            layers.BatchNormalization(momentum=BATCH_NORM_MOMENTUM),
            layers.Activation("relu"),
            layers.Flatten(),
            layers.Dropout(0.3),
            layers.Dense(128, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ],
        name="pretrained_cnn",
    )


@dataclass(frozen=True)
class Layer:
    """One layer as a reader meets it: its kind, settings, output shape and parameters.

    Attributes
    ----------
    kind, setting : str
        ``"Conv2D"`` and ``"32 of 3x3, relu"``.
    shape : tuple of int
        What comes out for one digit: (height, width, channels), or (values,).
    parameters : int
        Numbers that training sets.
    """

    kind: str
    setting: str
    shape: tuple[int, ...]
    parameters: int


def describe_layers(model: keras.Model) -> list[Layer]:
    """The network's layers, the input first, for a table or a diagram."""
    rows = [Layer("Input", "grey levels, 0 to 1", tuple(model.input_shape[1:]), 0)]
    for layer in model.layers:
        shape = tuple(layer.output.shape[1:])
        rows.append(Layer(type(layer).__name__, _setting(layer), shape, layer.count_params()))
    return rows


def _setting(layer: keras.Layer) -> str:
    config = layer.get_config()
    parts = []
    if "filters" in config:
        parts.append("{} of {}x{}".format(config["filters"], *config["kernel_size"]))
    if "units" in config:
        parts.append(f"{config['units']}")
    if "pool_size" in config:
        parts.append("largest of {}x{}".format(*config["pool_size"]))
    if "activation" in config:
        parts.append(config["activation"])
    return ", ".join(parts)


def check_shapes(model: Any) -> None:
    """Raise ArrayError unless the network goes from (28, 28, 1) to (10,)."""
    shapes = getattr(model, "input_shape", ()), getattr(model, "output_shape", ())
    given, answer = (shape[1:] if isinstance(shape, tuple) else shape for shape in shapes)
    if (given, answer) != ((28, 28, 1), (10,)):
        raise ArrayError(
            f"expected a network from (28, 28, 1) to (10,), got one from {given} to {answer}"
        )
