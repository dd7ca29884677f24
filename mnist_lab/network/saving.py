"""Networks as .keras files."""

from pathlib import Path
from zipfile import is_zipfile

from mnist_lab.arrays import DataError
from mnist_lab.files import StrPath, atomic_write
from mnist_lab.network._keras import keras, random_state
from mnist_lab.network.models import check_shapes


def load_model(path: StrPath, *, compiled: bool = False) -> keras.Model:
    """Load a network that was saved by Keras; nothing in it is run that is not Keras' own.

    Parameters
    ----------
    path : str or PathLike
        A .keras file.
    compiled : bool
        Whether to load its optimizer and loss as well, to go on training.

    Raises
    ------
    DataError
        There is none, or Keras cannot load it.
    ArrayError
        It is no network from (28, 28, 1) to (10,).
    """
    path = Path(path)
    if not path.is_file():
        raise DataError(f"{path}: no such network; mnist-lab train writes one")
    if not is_zipfile(path):
        raise DataError(f"{path}: is no .keras file, or only part of one; copy or train it again")
    try:
        with random_state():
            model = keras.saving.load_model(path, compile=compiled, safe_mode=True)
    except Exception as error:  # noqa: BLE001 - whatever a damaged or hostile file makes Keras raise
        reason = " ".join(str(error).split()) or type(error).__name__
        raise DataError(f"{path}: is no network that Keras can load ({reason[:200]})") from None
    check_shapes(model)
    return model


def save_model(model: keras.Model, path: StrPath) -> None:
    """Save a network as a .keras file, in float32 and without what it was trained with.

    Raises
    ------
    CannotWrite
        `path` cannot be written.
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
