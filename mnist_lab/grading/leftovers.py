"""Temporary folders of which nothing stays: not after an error, not after the power was cut.

Each has a locked file beside it. The lock goes with the process, however that ends; a folder whose
file nobody locks is dead, and the next grading clears it away.
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

PREFIX = "mnl-"  # short: a socket that lies in it has 100 letters for all of its path
LOCK = ".lock"


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """Make a folder of one's own for as long; what is in it goes at the end, whoever made it."""
    folder, lock = make_folder()
    try:
        yield folder
    finally:
        remove_folder(folder, lock)


def make_folder() -> tuple[Path, IO[bytes]]:
    """Make a folder that is one's own until the file is closed, which is locked."""
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    lock = folder.with_name(folder.name + LOCK).open("wb")
    _lock(lock)
    return folder, lock


def remove_folder(folder: Path, lock: IO[bytes]) -> None:
    """Remove a folder and the file beside it."""
    shutil.rmtree(folder, ignore_errors=True)
    lock.close()
    Path(lock.name).unlink(missing_ok=True)


def clear_away() -> int:
    """Remove what gradings that are dead have left, and give how many folders that were."""
    count = 0
    for path in Path(tempfile.gettempdir()).glob(f"{PREFIX}*{LOCK}"):
        with suppress(OSError), path.open("r+b") as lock:  # another user's, or alive
            _lock(lock)
            remove_folder(path.with_name(path.name.removesuffix(LOCK)), lock)
            count += 1
    return count


def _lock(file: IO[bytes]) -> None:
    """Lock a file; OSError if another process has. Where there are no locks, do nothing."""
    with suppress(ImportError):
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
