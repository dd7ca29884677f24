"""Digits in tables, a row for each: CSV, and Hugging Face's Parquet."""

import io
import re
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mnist_lab.arrays import DataError
from mnist_lab.data.formats import decompress, read_bytes, refuse_page
from mnist_lab.files import StrPath

MAX_TABLE_BYTES = 512 * 2**20  # MNIST's training part has 110 million
PIXELS = 28 * 28
LABEL_NAMES = {b"label", b"class"}
COLUMNS = "a label and 784 pixels"

Table = tuple[NDArray[np.uint8], NDArray[Any]]


class NoLabels(DataError):
    """A table holds digits, and not what they show."""


def read_table(path: StrPath) -> Table:
    """Read digits, uint8 (n, 28, 28), and their labels, (n,), from CSV, also gzip, or Parquet.

    A CSV has a column for the label and 784 for the pixels, row by row; the label is first, or
    where its header says ``label`` or ``class``. Parquet has the columns ``label`` and
    ``image``, a PNG. DataError if a table is cut short or something else; NoLabels if it has
    pixels alone.
    """
    path = Path(path)
    content = decompress(read_bytes(path), path, MAX_TABLE_BYTES)
    return (_read_parquet if ".parquet" in path.suffixes else _read_csv)(content, path)


def _read_csv(content: bytes, path: Path) -> Table:
    refuse_page(content, path, "a CSV table of digits")
    content = content.removeprefix(b"\xef\xbb\xbf")  # a byte-order mark
    first, _, rest = content.partition(b"\n")
    names = [name.strip(b"\"' \r").lower() for name in first.split(b",")]
    label = next((k for k, name in enumerate(names) if name in LABEL_NAMES), None)
    if len(names) == PIXELS and label is None:
        raise NoLabels(f"{path}: has pixels and no labels; give a table with {COLUMNS} a row")
    if len(names) != 1 + PIXELS:
        raise DataError(
            f"{path}: expected {COLUMNS} in a row, with commas between, got {len(names)} "
            f"column{'s' * (len(names) != 1)}"
        )
    if label is None and any(name.isdigit() for name in names):  # no header
        rest = content
    if not rest.strip():
        raise DataError(f"{path}: holds no digits; download it again")
    try:
        lines = io.TextIOWrapper(io.BytesIO(rest), "ascii")
        rows = np.loadtxt(lines, np.uint8, delimiter=",", comments=None, quotechar='"', ndmin=2)
    except ValueError as error:
        raise DataError(f"{path}: {_explain(str(error))}; download it again") from None
    if rows.shape[1] != len(names):
        raise DataError(f"{path}: has {rows.shape[1]} columns below a header of {len(names)}")
    label = label or 0
    return np.delete(rows, label, axis=1).reshape(-1, 28, 28), rows[:, label].copy()


def _explain(error: str) -> str:
    """What numpy found wrong with a CSV, in words."""
    if columns := re.search(r"changed from \d+ to (\d+)", error):
        return f"cut short or damaged (a row ends after {columns[1]} of {1 + PIXELS} columns)"
    if value := re.search(r"string '(.*)' to", error):
        return f"expected whole numbers from 0 to 255, got {value[1][:20]!r}"
    return f"damaged ({error})"


def _read_parquet(content: bytes, path: Path) -> Table:
    refuse_page(content, path, "a Parquet file")
    if content[:4] != b"PAR1":
        begins = content[:4].hex(" ") or "nothing"
        raise DataError(f"{path}: not a Parquet file (it begins with {begins}); download it again")
    if content[-4:] != b"PAR1":
        raise DataError(f"{path}: cut short; download it again")
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        raise DataError(
            f"{path}: Parquet is read by pyarrow, which is not installed: pip install pyarrow, or "
            "get MNIST in another form with  mnist-lab data --download"
        ) from None
    try:
        table = parquet.read_table(pyarrow.BufferReader(content))
    except (pyarrow.ArrowException, OSError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise DataError(f"{path}: damaged ({reason}); download it again") from None
    if "image" not in table.column_names:
        raise DataError(
            f"{path}: expected the columns image and label, got {', '.join(table.column_names)}"
        )
    if "label" not in table.column_names:
        raise NoLabels(f"{path}: has images and no labels")
    pictures = table["image"].to_pylist()
    if not pictures:
        raise DataError(f"{path}: holds no digits; download it again")
    images = [_decode(picture, row, path) for row, picture in enumerate(pictures)]
    labels = np.array(table["label"].to_pylist(), ndmin=1)
    return np.array(images, np.uint8).reshape(-1, 28, 28), labels


def _decode(picture: object, row: int, path: Path) -> NDArray[np.uint8]:
    """The digit that a picture of Hugging Face's, {"bytes": ..., "path": ...}, holds."""
    content = picture.get("bytes") if isinstance(picture, dict) else picture
    if isinstance(content, bytes) and content:
        image = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_GRAYSCALE)
        if image is not None and image.shape == (28, 28):
            return np.asarray(image, np.uint8)
    raise DataError(f"{path}: expected a picture of 28 by 28 pixels in row {row}, counted from 0")
