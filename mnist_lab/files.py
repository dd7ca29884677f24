"""Write a file whole, or not at all; and keep libraries in C from the terminal."""

import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from errno import EDQUOT, EFBIG, ENOSPC, EROFS
from pathlib import Path

from mnist_lab.arrays import MnistLabError

StrPath = str | os.PathLike[str]  # what every public door takes for a path
NO_ROOM = {EDQUOT, EFBIG, ENOSPC, EROFS}


class CannotWrite(MnistLabError):
    """A folder cannot be written to."""


@contextmanager
def atomic_write(path: StrPath) -> Iterator[Path]:
    """Give a temporary path beside `path`; what was written there becomes `path` at the end.

    If the block fails, what was at `path` before is still there, and nothing else is: no
    folder is left that was made for it. CannotWrite if the folder cannot be made or written, or
    is full; other errors of the block stay as they are.
    """
    path = Path(path)
    new = [folder for folder in path.parents if not folder.exists()]  # the deepest first
    # Libraries go by the suffix, and may choke on the rest of a name; a name has 255 bytes.
    draft = path.with_name(f".{secrets.token_hex(8)}{path.suffix}")
    try:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            draft.touch(exist_ok=False)
        except OSError as error:
            raise cannot_write(path.parent, error) from None
        try:
            yield draft
            draft.replace(path)
        except OSError as error:
            if error.errno in NO_ROOM or error.filename == os.fspath(draft):
                raise cannot_write(path, error) from None
            raise
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
        with suppress(OSError):  # one that is not empty stays
            for folder in new:
                folder.rmdir()


def cannot_write(path: StrPath, error: OSError) -> CannotWrite:
    """The error for a place that cannot be written, with its reason."""
    return CannotWrite(
        f"{os.fspath(path)}: cannot be written ({error.strerror or error}); give another place"
    )


def write_text(path: StrPath, text: str) -> None:
    """Write a text file in UTF-8, whole or not at all; CannotWrite where it cannot be written."""
    with atomic_write(path) as draft:
        draft.write_text(text, encoding="utf-8")


@contextmanager
def silence_stderr() -> Iterator[None]:
    """Silence the process's stderr, and with it what libraries in C and C++ write there."""
    if sys.stderr is not None:
        sys.stderr.flush()
    try:
        kept = os.dup(2)
    except OSError:  # it is closed already
        yield
        return
    try:
        with Path(os.devnull).open("wb") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
