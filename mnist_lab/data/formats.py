"""Digits in files: MNIST's own IDX, plain or gzip, and NumPy's .npz."""

import hashlib
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
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
MAX_DATA_BYTES = 64 * 2**20  # more than any of the files, compressed or not

Parts = list[NDArray[np.uint8]]  # in the order of SHA256


def read_idx(path: StrPath) -> NDArray[np.uint8]:
    """Read an IDX file of bytes, plain or gzip, of any number of dimensions.

    DataError if it is cut short, is not IDX, or its size is not the one that its header names.
    """
    path = Path(path)
    try:
        content = decompress(path.read_bytes(), path)
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror})") from None
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


def decompress(content: bytes, name: StrPath) -> bytes:
    """Give the content of a gzip file, up to MAX_DATA_BYTES, and what is not gzip as it is."""
    if content[:2] != b"\x1f\x8b":
        return content
    unzip = zlib.decompressobj(wbits=31)  # 31: gzip, with its checksum
    try:
        plain = unzip.decompress(content, MAX_DATA_BYTES)
    except zlib.error as error:
        raise DataError(f"{name}: damaged ({error}); download it again") from None
    if not unzip.eof:
        rule = "far larger than any MNIST file" if len(plain) == MAX_DATA_BYTES else "cut short"
        raise DataError(f"{name}: {rule}; download it again")
    return plain


@contextmanager
def open_npz(path: StrPath) -> Iterator[NpzFile]:
    """Open an .npz file; pickled objects, which could run code, are refused.

    DataError if it cannot be read, or the block found something wrong with what is in it.
    """
    try:
        with Path(path).open("rb") as opened:
            file = np.load(opened, allow_pickle=False)
            if not isinstance(file, NpzFile):
                raise ValueError("it holds one array without a name")  # noqa: TRY004
            with file:
                yield file
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error) as error:
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
    sums = dict(zip(SHA256, map(idx_sha256, parts), strict=True))
    verified = sums == SHA256
    if not verified and not notice:
        name = "Data of your own, in MNIST's form"
        notice = f"{place}: these are not MNIST's own bytes, so no figure here is one of MNIST."
    origin = Provenance(name, str(place), sums, verified, notice)
    try:
        train = Split(Digits(parts[0]), Labels(parts[1]), origin)
        return train, Split(Digits(parts[2]), Labels(parts[3]), origin)
    except ArrayError as error:
        raise DataError(f"{place}: {error}") from None
