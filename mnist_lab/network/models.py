"""The networks as plain Keras: built, described, and saved."""

from dataclasses import dataclass

from mnist_lab.files import StrPath, atomic_write
from mnist_lab.network._keras import keras, random_state

BATCH_NORM_MOMENTUM = 0.95  # its averages must settle within one short epoch
SETTINGS = {  # of a layer, as a reader is told them
    "filters": "{filters} of {kernel_size[0]}x{kernel_size[1]}",
    "units": "{units}",
    "pool_size": "largest of {pool_size[0]}x{pool_size[1]}",
    "activation": "{activation}",
}
layers = keras.layers


def course_cnn() -> keras.Model:
    """The network of the course: one convolution, then dense layers of 16, 32, 64 and 10.

    Batch (n, 28, 28, 1) to probabilities (n, 10); 90,170 parameters; not compiled.
    """
    return keras.Sequential([
        keras.Input((28, 28, 1)),
        layers.Conv2D(32, (3, 3), activation="relu"),
        layers.MaxPooling2D((2, 2)),
        layers.Flatten(),
        layers.Dense(16, activation="relu"),
        layers.Dense(32, activation="relu"),
        layers.Dense(64, activation="relu"),
        layers.Dense(10, activation="softmax"),
    ], name="course_cnn")  # fmt: skip


def fast_cnn() -> keras.Model:
    """A network that learns in one epoch: it reduces its input early, so steps are cheap.

    MNIST's empty border is cropped first.

    Batch (n, 28, 28, 1) to probabilities (n, 10); 72,106 parameters; not compiled.
    """
    return keras.Sequential([
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
    ], name="fast_cnn")  # fmt: skip


def strong_cnn(width: float = 1.0) -> keras.Model:
    """A network with six small convolutions: depth reads better than width, at less cost.

    Batch (n, 28, 28, 1) to probabilities (n, 10); 81,482 parameters at width 1, which is 16,
    32 and 64 channels; not compiled.
    """
    few, some, many = (round(width * channels) for channels in (16, 32, 64))
    return keras.Sequential([
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
    ], name="strong_cnn")  # fmt: skip


def pretrained_cnn() -> keras.Model:
    """The architecture of the pretrained network: wider and less deep than `strong_cnn`.

    A deep and narrow one, trained alike, was as accurate on MNIST, but less so on pages of
    handwriting, and took more letters for digits.

    Batch (n, 28, 28, 1) to probabilities (n, 10); 276,752 parameters; untrained and not
    compiled. `load_pretrained` gives the trained one.
    """
    return keras.Sequential([
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
    ], name="pretrained_cnn")  # fmt: skip


@dataclass(frozen=True)
class Layer:
    """One layer as a reader meets it."""

    kind: str  # "Conv2D"
    setting: str  # "32 of 3x3, relu"
    shape: tuple[int, ...]  # of what one digit becomes: (height, width, channels) or (values,)
    parameters: int  # numbers that training sets


def describe_layers(model: keras.Model) -> list[Layer]:
    """The network's layers, the input first, for a table or a diagram."""
    rows = [Layer("Input", "grey levels, 0 to 1", tuple(model.input_shape[1:]), 0)]
    for layer in model.layers:
        config, shape = layer.get_config(), tuple(layer.output.shape[1:])
        parts = [text.format(**config) for key, text in SETTINGS.items() if key in config]
        rows.append(Layer(type(layer).__name__, ", ".join(parts), shape, layer.count_params()))
    return rows


def save_model(model: keras.Model, path: StrPath) -> None:
    """Save a network as a .keras file, in float32 and without what it was trained with.

    CannotWrite if `path` cannot be written.
    """
    with atomic_write(path) as draft:
        copy_model(model).save(draft)


def copy_model(model: keras.Model) -> keras.Model:
    """A network with the same layers and weights, computed in float32, not compiled."""
    config = model.get_config()
    for layer in config["layers"]:
        layer["config"]["dtype"] = "float32"
    with random_state():
        copy = type(model).from_config(config)
    copy.set_weights(model.get_weights())
    return copy
