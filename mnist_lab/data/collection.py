"""Digits that people wrote themselves: kept in a plain .npz file, merged, split by writer.

An .npz file holds, a row for each digit and without pickled objects:

=======  ===================  ===========================================================
images   uint8 (n, 28, 28)    bright ink on dark, in MNIST's form
labels   uint8 (n,)           what was to be written, 0 to 9
sheet    uint16 (n,)          the number of the sheet it is from
box      uint8 (n,)           the box on that sheet, 0 to 99, row by row
writer   str (n,)             who wrote it: a name one was given, or the sheet's number
test     bool (n,)            whether it is held back, to test on
=======  ===================  ===========================================================
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_lab.arrays import ArrayError, DataError, Digits, Labels, Split, describe
from mnist_lab.data.formats import open_npz
from mnist_lab.files import StrPath, atomic_write

HOLD_BACK_EVERY = 5  # one digit, or one writer, of so many is held back
DTYPE_KINDS = {"sheet": "iu", "box": "iu", "writer": "U", "test": "b"}


@dataclass(frozen=True, eq=False)
class Collection:
    """Digits with where each comes from: the attributes are the arrays of the file.

    ArrayError if one is not what the file's table says, or has not a row for each digit.
    """

    images: Digits
    labels: Labels
    sheet: NDArray[np.uint16]
    box: NDArray[np.uint8]
    writer: NDArray[np.str_]
    test: NDArray[np.bool_]

    def __post_init__(self) -> None:
        Split(self.images, self.labels)
        for name, kinds in DTYPE_KINDS.items():
            column = getattr(self, name)
            if column.shape != self.labels.shape or column.dtype.kind not in kinds:
                raise ArrayError(
                    f"expected {name} for each of {len(self.labels)} digits, got {describe(column)}"
                )

    def __len__(self) -> int:
        return len(self.labels)

    def select(self, mask: NDArray[np.bool_]) -> Split:
        """The digits where `mask`, bool (n,), is true."""
        return Split(self.images, self.labels).select(mask)

    @property
    def train(self) -> Split:
        """The digits to learn from."""
        return self.select(~self.test)

    @property
    def held_back(self) -> Split:
        """The digits to test on."""
        return self.select(self.test)

    @property
    def writers(self) -> list[str]:
        """Who wrote them, sorted."""
        return sorted({str(name) for name in self.writer})

    def summary(self) -> str:
        """One line: how many digits, by how many writers, and how many are held back."""
        people = len(self.writers)
        return (
            f"{len(self):,} digits by {people} writer{'' if people == 1 else 's'}, "
            f"{int(self.test.sum()):,} of them held back to test on"
        )

    def split(self) -> "Collection":
        """Hold a fifth back: of the writers, or, where there is but one, of each digit.

        Writers are chosen by a hash of their names, so that the same people are held back
        whenever and by whomever the same digits are merged.
        """
        names = sorted(self.writers, key=_hash)
        if len(names) > 1:
            chosen = names[: max(1, round(len(names) / HOLD_BACK_EVERY))]
            return replace(self, test=np.isin(self.writer, chosen))
        test = np.zeros(len(self), bool)
        for label in np.unique(self.labels):
            alike = np.flatnonzero(self.labels == label)
            test[alike[HOLD_BACK_EVERY // 2 :: HOLD_BACK_EVERY]] = True
        return replace(self, test=test)


def _hash(name: str) -> bytes:
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).digest()


ARRAY_NAMES = [field.name for field in fields(Collection)]


def save_collection(collection: Collection, path: StrPath) -> None:
    """Write a collection as an .npz file; CannotWrite if the place cannot be written."""
    with atomic_write(path) as draft, draft.open("wb") as file:
        np.savez_compressed(file, **vars(collection))


def load_collection(path: StrPath) -> Collection:
    """Read an .npz file that `save_collection` has written.

    DataError if there is none, it is damaged, or it lacks one of the arrays.
    """
    with open_npz(path) as file:
        missing = [name for name in ARRAY_NAMES if name not in file]
        if missing:
            raise DataError(
                f"{path}: has no {', '.join(missing)}; is it what mnist-lab sheet read wrote?"
            )
        arrays: dict[str, Any] = {name: file[name] for name in ARRAY_NAMES}
        return Collection(**arrays)


def join(collections: Sequence[Collection]) -> Collection:
    """Put collections one behind the other, as they are."""
    arrays: dict[str, Any] = {
        name: np.concatenate([getattr(part, name) for part in collections]) for name in ARRAY_NAMES
    }
    return Collection(**arrays)


def merge(paths: Sequence[StrPath]) -> Collection:
    """Make one data set of many files, split by writer: nobody is in both parts.

    DataError if a file cannot be read, two hold the same sheet by the same writer, or all is by
    one writer.
    """
    parts = [load_collection(path) for path in paths]
    owner: dict[tuple[str, int], StrPath] = {}
    for path, part in zip(paths, parts, strict=True):
        for key in {(str(w), int(s)) for w, s in zip(part.writer, part.sheet, strict=True)}:
            if key in owner:
                raise DataError(
                    f"sheet {key[1]:05d} by {key[0]} is in {owner[key]} and in {path}: leave one "
                    "out; if the page was copied for two people, read each with --writer NAME"
                )
            owner[key] = path
    whole = join(parts).split()
    if len(whole.writers) < 2:
        raise DataError(
            f"all digits are by one writer, {whole.writers[0]}, and cannot be split by writer: "
            "add somebody else's file"
        )
    return whole
