"""Find, download, verify and read MNIST; say which data you got."""

import hashlib
import os
import struct
import textwrap
import zipfile
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mnist_lab import synth
from mnist_lab.arrays import ArrayError, DataError, Provenance, Split
from mnist_lab.data import collection
from mnist_lab.files import CannotWrite, atomic_write
from mnist_lab.progress import Printed

# The canonical files (LeCun, Cortes, Burges): SHA-256 of each, decompressed.
SHA256 = {
    "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}
NPZ = dict(zip(["x_train", "y_train", "x_test", "y_test"], SHA256, strict=True))
MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "https://raw.githubusercontent.com/fgnt/mnist/master/",
)
CONNECT_SECONDS, READ_SECONDS = 5, 20
LARGEST = 64 * 2**20  # bytes; more than any of the files, compressed or not
STAND_IN = "stand-in"  # the word that asks for it, where a folder could stand
NOTICE = (
    "THIS IS NOT MNIST. It is the built-in stand-in: 70,000 digits written by a program, not "
    "one by a person. A figure made from it says how well a network reads the program's "
    "digits, not people's. On another kind of machine a pixel of it may differ here and there. "
    "To get MNIST:  mnist-lab data --download"
)

Parts = dict[str, NDArray[np.uint8]]  # by the name of the IDX file


def _print(line: str) -> None:
    print(textwrap.fill(line, 79, break_on_hyphens=False))


def load_mnist(
    source: str | Path | None = None, *, say: Callable[[str], None] = _print
) -> tuple[Split, Split]:
    """Load the handwritten digits, and say which they are.

    Looks in `source`, else in the folder that the environment variable ``MNIST_LAB_DATA``
    names, and nowhere else if there is one; else in ``data/mnist`` of the project, the
    user's cache and Keras' cache. Failing these it downloads MNIST into the user's cache;
    and failing that it makes the stand-in, with a notice.

    Parameters
    ----------
    source : path, optional
        A folder with the four IDX files (plain or gzip) or ``mnist.npz``, an ``.npz``
        file, or the word ``"stand-in"``.
    say : callable
        Takes each line that says which data was found, and what was passed over.

    Returns
    -------
    train, test : Split
        Each with ``images`` uint8 (n, 28, 28), bright ink on 0, ``labels`` uint8 (n,) and
        its ``provenance``. MNIST has 60,000 and 10,000.

    Raises
    ------
    DataError
        `source` cannot be read.
    CannotWrite
        A download has no place to be kept.
    """
    train, test = _find(source or os.environ.get("MNIST_LAB_DATA"), say)
    assert train.provenance
    say(describe(train, test))
    if train.provenance.notice:
        say(train.provenance.notice)
    return train, test


def describe(train: Split, test: Split) -> str:
    """One line: which data, how many, from where, and whether it verifies."""
    origin = train.provenance
    assert origin
    verified = " (verified)" if origin.verified else ""
    return (
        f"{origin.name}: {len(train):,} digits to learn from and {len(test):,} to test on, "
        f"from {origin.place}{verified}"
    )


def cache_folder() -> Path:
    """Where a downloaded MNIST is kept for this user."""
    from platformdirs import user_cache_path

    return user_cache_path("mnist_lab", appauthor=False) / "mnist"


def read(source: str | Path) -> tuple[Split, Split]:
    """Read digits from one place: a folder of IDX files or ``mnist.npz``, or an ``.npz``.

    Raises
    ------
    DataError
        There are none, they are damaged, or they disagree with each other.
    """
    place = Path(source).expanduser()
    if place.suffix == ".npz" and place.is_file():
        return _splits(read_npz(place), place)
    if not place.is_dir():
        raise DataError(f"{place}: no such folder or .npz file; give --data one that is there")
    if any(_idx_file(place, name) for name in SHA256):
        with ThreadPoolExecutor() as pool:
            arrays = pool.map(read_idx, [_idx_file(place, name, must=True) for name in SHA256])
            return _splits(dict(zip(SHA256, arrays, strict=True)), place)
    if (place / "mnist.npz").is_file():
        return _splits(read_npz(place / "mnist.npz"), place / "mnist.npz")
    raise DataError(
        f"{place}: holds neither the four MNIST files (train-images-idx3-ubyte.gz, ...) "
        "nor mnist.npz; get them with  mnist-lab data --download"
    )


def read_idx(path: Path) -> NDArray[np.uint8]:
    """Read an IDX file of bytes, plain or gzip, of any number of dimensions.

    Raises
    ------
    DataError
        It is cut short, is not IDX, or its size is not the one that its header names.
    """
    content = _decompress(_bytes_of(path), path)
    if content[:3] != b"\0\0\x08" or len(content) < 4 + 4 * content[3]:
        raise DataError(
            f"{path}: not an IDX file of bytes (it begins with {content[:4].hex(' ') or 'nothing'},"
            " expected 00 00 08); download it again"
        )
    head = 4 + 4 * content[3]
    shape = struct.unpack(f">{content[3]}I", content[4:head])
    if len(content) - head != int(np.prod(shape, dtype=object)):
        raise DataError(
            f"{path}: its header promises {shape} bytes and {len(content) - head:,} follow; "
            "download it again"
        )
    return np.frombuffer(content, np.uint8, offset=head).reshape(shape)


def read_npz(path: Path) -> Parts:
    """Read an ``.npz`` file: ``x_train``, ``y_train``, ``x_test``, ``y_test``, or a collection.

    Of a collection (`collection.Collection`) the digits held back are the test part.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            if "images" in file:
                own = collection.load(path)
                parts = (
                    own.train.images,
                    own.train.labels,
                    own.held_back.images,
                    own.held_back.labels,
                )
                return dict(zip(SHA256, parts, strict=True))
            missing = [key for key in NPZ if key not in file]
            if missing:
                raise DataError(
                    f"{path}: has no {', '.join(missing)}; expected the arrays {', '.join(NPZ)}"
                )
            return {name: np.ascontiguousarray(file[key]) for key, name in NPZ.items()}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise DataError(f"{path}: not an .npz file that can be read ({error})") from None


def download(folder: Path | None = None, *, mirrors: tuple[str, ...] | None = None) -> Path:
    """Fetch what `folder` lacks of the four files, with a progress bar.

    Each file appears in `folder` only when its bytes verify, decompressed, in one move, so
    that several processes can do this at once and none ever sees half a file.

    Parameters
    ----------
    folder : Path, optional
        Where to put them; the user's cache if not given.
    mirrors : tuple of str, optional
        Addresses that end in a slash, tried in order.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    DataError
        No mirror gave the files; the text says what each did instead.
    CannotWrite
        The folder cannot be written.
    """
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

    folder = folder or cache_folder()
    missing = [name for name in SHA256 if not _verifies(folder / name, name)]
    refusals: list[str] = []
    mirrors = MIRRORS if mirrors is None else mirrors
    columns = TextColumn("{task.description}"), BarColumn(), DownloadColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        for mirror in mirrors:
            try:
                while missing:
                    content = _fetch(mirror, missing[0], progress)
                    _put(folder, missing[0], content)
                    missing.pop(0)
            except _Refused as error:
                refusals.append(f"{mirror.split('/')[2]} {error}")
    if missing:
        raise DataError("MNIST could not be downloaded: " + "; ".join(refusals or ["no mirrors"]))
    return folder


class _Refused(Exception):
    """A mirror did not give the file."""


def _find(source: str | Path | None, say: Callable[[str], None]) -> tuple[Split, Split]:
    if source == STAND_IN:
        return stand_in(say=say)
    if source:
        return read(source)
    for place in _usual_places():
        try:
            splits = read(place)
        except DataError as error:
            say(f"Passed over: {error}")
            continue
        if splits[0].provenance and splits[0].provenance.verified:
            return splits
        say(f"Passed over: {place}: these are not MNIST's own bytes")
    try:
        return read(download())
    except DataError as error:
        say(str(error))
        return stand_in(say=say)


def _usual_places() -> Iterator[Path]:
    project = Path(__file__).resolve().parent.parent / "data" / "mnist"
    keras_home = Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras")
    keras = keras_home / "datasets" / "mnist.npz"
    for folder in (project, cache_folder()):
        if any(_idx_file(folder, name) for name in SHA256) or (folder / "mnist.npz").is_file():
            yield folder
    if keras.is_file():
        yield keras


def stand_in(*, say: Callable[[str], None] = _print) -> tuple[Split, Split]:
    """Give the built-in stand-in for MNIST: 70,000 digits, written by a program.

    It is written once, in seconds, kept in the user's cache, and verified when it is read.

    Parameters
    ----------
    say : callable
        Takes a line if it could not be kept.

    Returns
    -------
    train, test : Split
        60,000 and 10,000 digits, in MNIST's form; the test part is by other writers.
    """
    path = stand_in_file()
    parts = _kept(path)
    if not parts:
        parts = _write_stand_in()
        try:
            with atomic_write(path) as draft:
                arrays: dict[str, Any] = {key: parts[name] for key, name in NPZ.items()}
                np.savez(draft, **arrays, sha256=_sums(parts))
        except CannotWrite as error:
            say(f"The stand-in is not kept for the next time: {error}")
    return _splits(parts, "the program in mnist_lab", name="Built-in stand-in", notice=NOTICE)


def stand_in_file() -> Path:
    """Where the stand-in is kept for this user."""
    return cache_folder().parent / f"{STAND_IN}-{_writer_version()}.npz"


def _writer_version() -> str:
    """What the digits depend on: another writer, numpy or OpenCV may write others."""
    digest = hashlib.sha256(f"{np.__version__} {cv2.__version__}".encode())
    for path in synth.WRITER_FILES:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _kept(path: Path) -> Parts | None:
    """The stand-in as it was kept, if it is there and whole."""
    if not path.is_file():
        return None
    try:
        parts = read_npz(path)
        with np.load(path, allow_pickle=False) as file:
            return parts if (file["sha256"] == _sums(parts)).all() else None
    except (DataError, KeyError):
        return None


def _write_stand_in() -> Parts:
    train, test = synth.make_split(progress=Printed())
    arrays = [train.images, train.labels, test.images, test.labels]
    return dict(zip(SHA256, arrays, strict=True))


def _sums(parts: Parts) -> NDArray[np.str_]:
    return np.array([_sha256(array) for array in parts.values()])


def _splits(
    parts: Parts, place: str | Path, name: str = "MNIST", notice: str = ""
) -> tuple[Split, Split]:
    """Check the four parts against each other and make the two splits of them."""
    sums = {part: _sha256(array) for part, array in parts.items()}
    verified = sums == SHA256
    if not verified and not notice:
        name = "Data of your own, in MNIST's form"
        notice = f"{place}: these are not MNIST's own bytes, so no figure here is one of MNIST."
    origin = Provenance(name, str(place), sums, verified, notice)
    arrays = list(parts.values())
    try:
        return Split(arrays[0], arrays[1], origin), Split(arrays[2], arrays[3], origin)
    except ArrayError as error:
        raise DataError(f"{place}: {error}") from None


def _sha256(array: NDArray[np.uint8]) -> str:
    """SHA-256 of an array as the IDX file that would hold it."""
    array = np.ascontiguousarray(array)
    head = struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
    digest = hashlib.sha256(head)
    digest.update(array.data if array.size else b"")
    return digest.hexdigest()


def _idx_file(folder: Path, name: str, *, must: bool = False) -> Path | None:
    for path in (folder / name, folder / f"{name}.gz"):
        if path.is_file():
            return path
    if must:
        raise DataError(f"{folder}: has no {name}(.gz), and all four files are needed")
    return None


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror})") from None


def _decompress(content: bytes, path: Path) -> bytes:
    if content[:2] != b"\x1f\x8b":
        return content
    unzip = zlib.decompressobj(wbits=31)  # 31: gzip, with its checksum
    try:
        plain = unzip.decompress(content, LARGEST)
    except zlib.error as error:
        raise DataError(f"{path}: damaged ({error}); download it again") from None
    if not unzip.eof:
        rule = "far larger than any MNIST file" if len(plain) == LARGEST else "cut short"
        raise DataError(f"{path}: {rule}; download it again")
    return plain


def _verifies(path: Path, name: str) -> bool:
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == SHA256[name]


def _fetch(mirror: str, name: str, progress: "Progress") -> bytes:  # type: ignore[name-defined]  # noqa: F821
    """One file's decompressed, verified bytes."""
    import requests

    task = progress.add_task(name, total=None)
    content = bytearray()
    try:
        with requests.get(
            f"{mirror}{name}.gz", stream=True, timeout=(CONNECT_SECONDS, READ_SECONDS)
        ) as answer:
            answer.raise_for_status()
            progress.update(task, total=int(answer.headers.get("Content-Length", 0)) or None)
            for chunk in answer.iter_content(2**16):
                content += chunk
                progress.update(task, completed=len(content))
                if len(content) > LARGEST:
                    raise _Refused("sent far more than the file holds")
        plain = _decompress(bytes(content), Path(f"{name}.gz"))
    except requests.HTTPError as error:
        raise _Refused(f"answered {error.response.status_code}") from None
    except requests.ConnectionError:
        raise _Refused("could not be reached, or broke off") from None
    except requests.Timeout:
        raise _Refused("did not answer in time") from None
    except (requests.RequestException, DataError) as error:
        raise _Refused(f"broke off ({error})") from None
    finally:
        progress.remove_task(task)
    if hashlib.sha256(plain).hexdigest() != SHA256[name]:
        raise _Refused(f"sent something that is not {name}")
    return plain


def _put(folder: Path, name: str, content: bytes) -> None:
    try:
        with atomic_write(folder / name) as path:
            path.write_bytes(content)
    except CannotWrite:
        if not _verifies(folder / name, name):  # else another process was quicker
            raise
