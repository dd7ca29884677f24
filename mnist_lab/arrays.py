"""The words every part speaks, as types and checks, and the errors the kit raises.

=============  =======================  =====================================================
word           form                     meaning
=============  =======================  =====================================================
image          uint8 (height, width)    one grey channel, 0 to 255, any size, either polarity
digit          uint8 (28, 28)           bright ink on dark, in the MNIST form
digits         uint8 (n, 28, 28)        many of them
batch          float32 (n, 28, 28, 1)   in [0, 1]; exists only just before the network
probabilities  float32 (n, 10)          rows sum to 1
labels         uint8 (n,)               0 to 9; any integer dtype comes in
stroke         float32 (points, 2)      x and y, in units of the drawing's height
=============  =======================  =====================================================

To Python all of them are arrays; only a type checker tells one from another.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, NewType

import numpy as np
from numpy.typing import NDArray

from mnist_lab.names import readable

Image = NewType("Image", NDArray[np.uint8])
Digit = NewType("Digit", NDArray[np.uint8])
Digits = NewType("Digits", NDArray[np.uint8])
Batch = NewType("Batch", NDArray[np.float32])
Probabilities = NewType("Probabilities", NDArray[np.float32])
Labels = NewType("Labels", NDArray[np.uint8])
Stroke = NewType("Stroke", NDArray[np.float32])
Polarity = Literal["dark-on-light", "light-on-dark"]


class MnistLabError(Exception):
    """What the kit raises for something its user can put right: one line that says how."""

    def __str__(self) -> str:
        return readable(super().__str__())  # it names files


class ArrayError(MnistLabError, ValueError):
    """An array is not what its name promises."""


class OptionError(MnistLabError, ValueError):
    """An option has a value that there is not: a paper, an order, a suffix."""


class DataError(MnistLabError):
    """A data set is missing, damaged, or not what it claims to be."""


class PictureError(MnistLabError):
    """A picture cannot be read; the text names it and says what is wrong."""


@dataclass(frozen=True)
class Provenance:
    """Which data this is, and where it came from."""

    name: str  # "MNIST", or what it is instead
    place: str  # the folder, file or program it came from
    sha256: dict[str, str]  # of each of the four parts, as a decompressed IDX file
    verified: bool  # whether those are the bytes of the canonical MNIST
    notice: str = ""  # what a reader of any figure of it must know; empty for MNIST


@dataclass(frozen=True, eq=False)
class Split:
    """Digits, `images`, uint8 (n, 28, 28), and what each shows, `labels`, uint8 (n,), 0 to 9.

    It unpacks as ``images, labels = split``. `provenance` is where they came from, if that was
    kept. ArrayError if these are no digits, or no labels, or not as many of one as of the other.
    """

    images: Digits
    labels: Labels
    provenance: Provenance | None = None

    def __post_init__(self) -> None:
        check_digits(self.images)
        object.__setattr__(self, "labels", check_labels(self.labels))
        if len(self.images) != len(self.labels):
            raise ArrayError(
                f"expected a label for each image, got {len(self.images)} images "
                f"and {len(self.labels)} labels"
            )

    def __len__(self) -> int:
        return len(self.labels)

    def __iter__(self) -> Iterator[NDArray[np.uint8]]:
        return iter((self.images, self.labels))

    def select(self, which: NDArray[Any]) -> "Split":
        """The digits at these positions, int (m,), or where a mask, bool (n,), is true."""
        return Split(Digits(self.images[which]), Labels(self.labels[which]), self.provenance)


def describe(value: Any) -> str:
    """Shape and dtype of an array, or the type of anything else, for an error's text."""
    if isinstance(value, np.ndarray):
        return f"{value.shape} {value.dtype}"
    return f"a {type(value).__name__}"


def check_image(value: Any) -> Image:
    """Give `value` back if it is an image: uint8 (height, width), not empty."""
    if _is(value, np.uint8, 2) and value.size:
        return Image(value)
    raise ArrayError(f"expected an image (height, width) uint8, got {describe(value)}")


def check_digits(value: Any) -> Digits:
    """Give `value` back if it is digits: uint8 (n, 28, 28)."""
    if _is(value, np.uint8, 3) and value.shape[1:] == (28, 28):
        return Digits(value)
    hint = ""
    if isinstance(value, np.ndarray):
        hint = ": call images.to_digit on each picture first"
        if value.shape == (28, 28):
            hint = ": one digit is digits[np.newaxis]"
        elif value.shape[1:] in {(28, 28), (28, 28, 1), (784,)}:
            hint = ": pass them as they are read, 0 to 255, before any scaling"
            if value.dtype == np.uint8:
                hint = ": images.reshape(-1, 28, 28) is what is wanted"
            elif value.dtype.kind in "iu":
                hint = ": images.astype(np.uint8) is what is wanted"
    raise ArrayError(f"expected digits (n, 28, 28) uint8, got {describe(value)}{hint}")


def check_labels(value: Any) -> Labels:
    """Give labels of any integer dtype, (n,), each 0 to 9, back as uint8."""
    if not (isinstance(value, np.ndarray) and value.ndim == 1 and value.dtype.kind in "iu"):
        hint = ""
        if isinstance(value, np.ndarray) and value.shape[1:] == (10,):
            hint = ": one-hot rows become labels by .argmax(axis=1)"
        elif isinstance(value, np.ndarray) and value.dtype.kind == "f" and value.ndim == 1:
            hint = ": make them whole numbers first, by .astype(int)"
        elif isinstance(value, list | tuple):
            hint = ": make it an array first, by np.array"
        raise ArrayError(f"expected labels (n,) of whole numbers, got {describe(value)}{hint}")
    wrong = (value < 0) | (value > 9)
    if wrong.any():
        at = int(np.argmax(wrong))
        raise ArrayError(f"expected labels from 0 to 9, got {value[at]} at position {at}")
    return Labels(value.astype(np.uint8, copy=False))


def check_split(value: Any) -> Split:
    """Give `value` back if it is digits with their labels."""
    if isinstance(value, Split):
        return value
    raise ArrayError(
        f"expected digits with their labels, got {describe(value)}: "
        "mnist_lab.arrays.Split(images, labels) joins the two"
    )


def check_probabilities(value: Any) -> Probabilities:
    """Give `value` back if it is probabilities: float (n, 10), rows that sum to 1."""
    if not (isinstance(value, np.ndarray) and value.dtype.kind == "f" and value.shape[1:] == (10,)):
        raise ArrayError(f"expected probabilities (n, 10) float32, got {describe(value)}")
    if not np.allclose(value.sum(axis=1), 1, atol=1e-3):
        raise ArrayError("expected probabilities whose rows sum to 1: is a softmax missing?")
    return Probabilities(value)


def _is(value: Any, dtype: type, dimensions: int) -> bool:
    return isinstance(value, np.ndarray) and value.dtype == dtype and value.ndim == dimensions
