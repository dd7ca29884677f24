"""Digits in files: MNIST's own IDX, plain or gzip, and NumPy's .npz."""

import hashlib
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.lib.npyio import NpzFile
from numpy.typing import NDArray

from mnist_lab.arrays import ArrayError, DataError, Digits, Labels, Provenance, Split
from mnist_lab.files import StrPath

# The canonical files (LeCun, Cortes, Burges): SHA-256 of each, decompressed.
SHA256 = {
    "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}
NPZ_NAMES = "x_train", "y_train", "x_test", "y_test"  # Keras' own, in the order of SHA256
OWN_NAME = "Data of your own, in MNIST's form"
MAX_DATA_BYTES = 64 * 2**20  # more than any of the files, compressed or not
PAGES = {  # what is sent in a file's place, by its first bytes
    b"<": "a web page",
    b"{": "a web page's message, in JSON",
    b"[": "a web page's message, in JSON",
    b"version https://git-lfs": "a pointer to a file in Git LFS",
}

Parts = list[NDArray[np.uint8]]  # in the order of SHA256


def read_idx(path: StrPath) -> NDArray[np.uint8]:
    """Read an IDX file of bytes, plain or gzip, of any number of dimensions.

    DataError if it is cut short, is not IDX, or its size is not the one that its header names.
    """
    path = Path(path)
    content = decompress(read_bytes(path), path)
    refuse_page(content, path, "an IDX file")
    if content[:3] != b"\0\0\x08" or len(content) < 4 or len(content) < 4 + 4 * content[3]:
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


def read_bytes(path: Path) -> bytes:
    """The content of a file; DataError if it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror})") from None


def is_page(content: bytes) -> str | None:
    """What kind of page was sent in a file's place, in words, if it is one."""
    start = content[:1000].removeprefix(b"\xef\xbb\xbf").lstrip()
    return next((kind for head, kind in PAGES.items() if start.startswith(head)), None)


def refuse_page(content: bytes, path: StrPath, expected: str) -> None:
    """DataError if a file is what a server, a filter or a login page sent in its place."""
    if kind := is_page(content):
        raise DataError(f"{path}: is {kind}, not {expected}; download it again")


def decompress(content: bytes, name: StrPath, max_bytes: int = MAX_DATA_BYTES) -> bytes:
    """Give the content of a gzip file, up to `max_bytes`, and what is not gzip as it is."""
    if content[:2] != b"\x1f\x8b":
        return content
    unzip = zlib.decompressobj(wbits=31)  # 31: gzip, with its checksum
    try:
        plain = unzip.decompress(content, max_bytes)
    except zlib.error as error:
        raise DataError(f"{name}: damaged ({error}); download it again") from None
    if not unzip.eof:
        rule = "far larger than any MNIST file" if len(plain) == max_bytes else "cut short"
        raise DataError(f"{name}: {rule}; download it again")
    return plain


@contextmanager
def open_npz(path: StrPath) -> Iterator[NpzFile]:
    """Open an .npz file; pickled objects, which could run code, are refused.

    DataError if it cannot be read, or the block found something wrong with what is in it.
    """
    try:
        with Path(path).open("rb") as opened:
            head = opened.read(1000)
            refuse_page(head, path, "an .npz file")
            if head.startswith(b"\x93NUMPY"):
                raise ValueError("it holds one array without a name")
            if not head.startswith(b"PK"):
                raise ValueError(f"it begins with {head[:4].hex(' ') or 'nothing'}")
            opened.seek(0)
            with np.load(opened, allow_pickle=False) as file:
                yield file
    except (EOFError, zipfile.BadZipFile, zlib.error):
        raise DataError(
            f"{path}: not an .npz file that can be read (cut short or damaged); "
            "download or copy it again"
        ) from None
    except DataError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever a damaged header makes numpy raise
        reason = getattr(error, "strerror", None) or error
        raise DataError(f"{path}: not an .npz file that can be read ({reason})") from None


def idx_sha256(array: NDArray[np.uint8]) -> str:
    """SHA-256 of an array as the IDX file that would hold it."""
    array = np.ascontiguousarray(array)
    digest = hashlib.sha256(struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape))
    digest.update(array.data if array.size else b"")
    return digest.hexdigest()


def to_splits(
    parts: Parts, place: StrPath, *, name: str = "MNIST", notice: str = ""
) -> tuple[Split, Split]:
    """Check the four parts against each other and make the two splits of them.

    `place`, `name` and `notice` are for their `Provenance`; what is not MNIST to the byte gets
    another name and a notice.
    """
    train = _to_split(f"{place}, training part", parts[0], parts[1])
    test = _to_split(f"{place}, test part", parts[2], parts[3])
    sums = dict(zip(SHA256, map(idx_sha256, [*train, *test]), strict=True))
    verified = sums == SHA256
    if not verified and not notice:
        name = OWN_NAME
        notice = f"{place}: these are not MNIST's own bytes, so no figure here is one of MNIST."
    origin = Provenance(name, str(place), sums, verified, notice)
    return replace(train, provenance=origin), replace(test, provenance=origin)


def _to_split(part: str, images: NDArray[np.uint8], labels: NDArray[np.uint8]) -> Split:
    try:
        return Split(Digits(images), Labels(labels))
    except ArrayError as error:
        raise DataError(f"{part}: {error}") from None
