"""What the processes in a sandbox use up: how many they are, and how much memory they have."""

import os
import stat
from collections.abc import Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path

import psutil

EMPTY_FILE_BYTES = 1024  # memory that a file in memory takes, whatever is in it
MAX_SOCKETS = 8  # files beside a kernel's five sockets
MAX_CONNECTION_BYTES = 2**16  # of the file that tells of the sockets


def processes_from(pid: int) -> list[psutil.Process]:
    """A process and all below it; none if it is gone."""
    with suppress(psutil.Error):
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]
    return []


def is_alive(process: psutil.Process) -> bool:
    """Whether a process still runs."""
    with suppress(psutil.Error):
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    return False


def memory_of(processes: Sequence[psutil.Process], *, exact: bool) -> int:
    """Bytes of memory that some processes use; unless exact, shared pages count for each."""
    used = 0
    for each in processes:
        with suppress(psutil.Error):
            info = each.memory_info()
            with suppress(psutil.AccessDenied):
                info = each.memory_full_info() if exact else info
            used += getattr(info, "pss" if exact else "rss", info.rss)
    return used


def memory_of_files(bwrap: int, folders: Sequence[str]) -> int:
    """Bytes of memory that files in some folders take, inside the sandbox of this process."""
    used = 0
    with suppress(psutil.Error, OSError):
        for inner in psutil.Process(bwrap).children():
            root = Path(f"/proc/{inner.pid}/root")
            if root.stat().st_dev == Path("/").stat().st_dev:  # it is being set up
                continue
            for folder in folders:
                seen = os.statvfs(f"{root}{folder}")
                used += (seen.f_blocks - seen.f_bfree) * seen.f_frsize
                used += (seen.f_files - seen.f_ffree) * EMPTY_FILE_BYTES
    return used


def only_sockets(folder: Path) -> bool:
    """Whether a kernel's sockets lie there, and nothing else but what tells it of them."""
    with suppress(OSError), os.scandir(folder) as entries:
        found = list(islice(entries, MAX_SOCKETS + 1))
        files = [e for e in found if not stat.S_ISSOCK(e.stat(follow_symlinks=False).st_mode)]
        return len(found) <= MAX_SOCKETS and all(_is_connection_file(each) for each in files)
    return True


def _is_connection_file(entry: "os.DirEntry[str]") -> bool:
    return entry.is_file(follow_symlinks=False) and entry.stat().st_size < MAX_CONNECTION_BYTES
