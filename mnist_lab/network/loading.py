"""Networks from files: Keras' own of today, the older HDF5, and one line for all else."""

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from zipfile import BadZipFile, ZipFile, is_zipfile

from mnist_lab.arrays import ArrayError, DataError
from mnist_lab.files import StrPath
from mnist_lab.network._keras import keras, random_state
from mnist_lab.network.adapting import adapt, check_shapes, find_adapters
from mnist_lab.progress import Printed, Progress

SAVE = "model.save('my_model.keras')"
NEITHER = "is no .keras file, or only part of one; copy or train it again"
REBUILD = f"build the same layers here, call model.load_weights with this file, then {SAVE}"
SAVED_MODEL = (
    "is a SavedModel, which Keras 3 cannot load as a model: where it was made, "
    f"{SAVE}, or model.save('my_model.h5') in Keras 2"
)
BEGINNINGS = {  # of files of other kinds
    b'{"': f"holds the layers alone, without weights: {SAVE} saves both",
    b"\x80": f"is a pickle, which could run anything and is not opened: where it was made, {SAVE}",
}
HDF5 = b"\x89HDF\r\n\x1a\n"
HDF5_SECONDS = 30  # in which a file is read through
READ_THROUGH = """
import sys, h5py

def read(_, part):
    dict(part.attrs)
    if isinstance(part, h5py.Dataset):
        part[()]

with h5py.File(sys.argv[1]) as file:
    read("", file)
    file.visititems(read)
"""
DAMAGED = "is damaged, or only part of a network; copy or train it again"
# What Keras raises, and what is said of it, {0} being what the pattern has in its brackets
RAISED = {
    r"No model config found": f"holds weights alone: {REBUILD}",
    r"Bad CRC-32|[Uu]nable to synchronously open|truncated": DAMAGED,
    r"`Lambda` layer|Python lambda": (
        "has a Lambda layer, which is code, and code in a file is not run: put one of Keras' "
        "layers in its place, such as Rescaling, and save it again"
    ),
    r"Unknown layer: '((?:TF|Slicing)OpLambda)'": (
        "has a {0}, TensorFlow between its layers, which Keras 3 cannot load: where it was made, "
        "put layers in its place, such as Rescaling for / 255, and save it again"
    ),
    r"Unrecognized keyword arguments passed to (\w+)": (
        f"has a {{0}} as another version of Keras describes it: {REBUILD}"
    ),
    r"Could not locate class '(\w+)'.*Full object config: \{'module': 'keras": (
        "is no network that Keras can load: it does not know {0}; update Keras, or save it again "
        "by the version that is here"
    ),
    r"(?:Unknown [\w ]+: |Could not locate (?:class|function) )'([\w>.]+)'": (
        "has {0}, which is not Keras' own: in Python, define it below "
        "@keras.saving.register_keras_serializable(), then load_model gives the network"
    ),
}


def load_model(
    path: StrPath,
    *,
    compiled: bool = False,
    progress: Progress = Printed(),  # noqa: B008 - it holds nothing between two calls
) -> keras.Model:
    """Load a classifier of digits from a file, whoever made it, so that it reads as the kit's do.

    It comes back from (28, 28, 1), in [0, 1], to ten probabilities, also where it was made to
    take (28, 28), 784 values, three channels or grey levels to 255, or to give logits. `progress`
    is told what was changed, in a line. See `load_network` for the files.

    With `compiled`, it comes as it was saved, to go on training.

    Raises
    ------
    DataError
        There is none, or it cannot be loaded.
    ArrayError
        It is no network from a digit to ten answers.
    """
    model = load_network(path, compiled=compiled)
    if compiled:
        check_shapes(model)
        return model
    try:
        reasons, model = find_adapters(model).reasons, adapt(model)
    except ArrayError as error:
        raise ArrayError(f"{path}: {error}") from None
    if reasons:
        progress.say(f"{path}: {'; '.join(reasons)}.")
    return model


def load_network(path: StrPath, *, compiled: bool = False) -> keras.Model:
    """Load a network from a file; nothing in it is run that is not Keras' own.

    That is a .keras file or a folder that was unpacked from one, or an .h5 file, of Keras 2 too;
    what it is called does not matter. With `compiled`, its optimizer and loss are loaded as
    well, to go on training.

    Raises
    ------
    DataError
        There is none, or Keras cannot load it; the text says what it is instead.
    """
    path = Path(path)
    try:
        suffix = _find_suffix(path)
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror or error})") from None
    try:
        with random_state(), _named(path, suffix) as file:
            return keras.saving.load_model(file, compile=compiled, safe_mode=True)
    except Exception as error:  # noqa: BLE001 - whatever a damaged or hostile file makes Keras raise
        raise DataError(f"{path}: {_explain(error)}") from None


def _find_suffix(path: Path) -> str:
    """What Keras knows the kind of a file by, found in its content; DataError if it is no model."""
    if path.is_dir():
        if (path / "config.json").is_file():
            return ""
        if (path / "saved_model.pb").is_file():
            raise DataError(f"{path}: {SAVED_MODEL}")
        raise DataError(f"{path}: is a folder without a network; give the .keras file itself")
    if not path.is_file():
        raise DataError(f"{path}: no such network; mnist-lab train writes one")
    if is_zipfile(path):
        _check_zip(path)
        return ".keras"
    with path.open("rb") as file:
        start = file.read(len(HDF5))
    if start == HDF5:
        _read_through(path)
        return ".h5"
    found = [text for beginning, text in BEGINNINGS.items() if start.startswith(beginning)]
    raise DataError(f"{path}: {found[0] if found else NEITHER}")


def _check_zip(path: Path) -> None:
    try:
        with ZipFile(path) as archive:
            names = archive.namelist()
    except (BadZipFile, ValueError):
        raise DataError(f"{path}: {NEITHER}") from None
    if "config.json" in names:
        return
    if any(name.endswith("data.pkl") for name in names):
        raise DataError(f"{path}: is PyTorch's, and the kit reads models of Keras")
    if any(name.endswith("saved_model.pb") for name in names):
        raise DataError(f"{path}: {SAVED_MODEL}")
    raise DataError(f"{path}: is a zip without a network; unpack it, and give the .keras file")


def _read_through(path: Path) -> None:
    """Refuse a file that HDF5's own library crashes on, or never comes to the end of."""
    command = [sys.executable, "-c", READ_THROUGH, str(path)]
    with suppress(OSError):  # where no process can be started, as in a sandbox
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=HDF5_SECONDS)
        except subprocess.SubprocessError:
            raise DataError(f"{path}: {DAMAGED}") from None


@contextmanager
def _named(path: Path, suffix: str) -> Iterator[Path]:
    """The file under a name with the suffix of its kind, by which alone Keras goes."""
    if path.is_dir() or path.suffix == suffix:
        yield path
        return
    with tempfile.TemporaryDirectory() as folder:
        yield Path(shutil.copyfile(path, Path(folder, f"model{suffix}")))


def _explain(error: Exception) -> str:
    """What Keras raised, in one line, with the way out where there is one."""
    reason = " ".join(str(error).split()) or type(error).__name__
    for pattern, text in RAISED.items():
        if found := re.search(pattern, reason):
            return text.format(*found.groups())
    return f"is no network that Keras can load ({reason[:200]})"
