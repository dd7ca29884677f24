"""Let a file appear whole, or not at all."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from mnist_lab.arrays import MnistLabError


class CannotWrite(MnistLabError):
    """A folder cannot be written to."""


@contextmanager
def appear(path: Path) -> Iterator[Path]:
    """Give a temporary path beside `path`; what was written there becomes `path` at the end.

    If the block fails, what was at `path` before is still there, and nothing else is: no
    folder is left that was made for it.

    Raises
    ------
    CannotWrite
        The folder cannot be made or written.
    """
    new = [folder for folder in path.parents if not folder.exists()]  # the deepest first
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(
            dir=path.parent, prefix=f".{path.stem}-", suffix=path.suffix
        )
        os.close(handle)
    except OSError as error:
        raise cannot_write(path.parent, error) from None
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(0o666 & ~_umask())  # mkstemp makes it the owner's alone
        os.replace(temporary, path)
    except OSError as error:
        raise cannot_write(path, error) from None
    finally:
        temporary.unlink(missing_ok=True)
        with suppress(OSError):  # one that is not empty stays
            for folder in new:
                folder.rmdir()


def cannot_write(path: Path, error: OSError) -> CannotWrite:
    """The error for a place that cannot be written, with its reason."""
    return CannotWrite(f"{path}: cannot be written ({error.strerror or error}); give another place")


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
