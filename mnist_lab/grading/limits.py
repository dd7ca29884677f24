"""What a kernel may use up, the program that holds it to that, and what it does use up."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path

import psutil

from mnist_lab.grading.kit import LAUNCH, PACKAGE

MAX_FILE_BYTES = 256 * 2**20  # of any one file; in a sandbox of a folder in memory, too
MAX_OPEN_FILES = 1024
MAX_PROCESSES = 64
MAX_THREADS = 2 * MAX_PROCESSES + 8 * (os.cpu_count() or 1)  # TensorFlow has some for each
DEFAULT_MEMORY = 3072  # megabytes; the course itself takes up to 2.1 GB
STUDENT = 200_000  # the lowest number of a user that root makes a student
EMPTY_FILE_BYTES = 1024  # memory that a file in memory takes, whatever is in it
LINE_BYTES = 416 * 2**10  # that may wait in one pipe or socket: Linux' wmem_max, twice


def limits_of(*, closed: bool, memory: int = DEFAULT_MEMORY) -> dict[str, int]:
    """The resource limits of each process, by the ends of their names."""
    return {
        "DATA": memory * 2**20 * 3 // 2,  # what is asked for; `Sandbox.check` sees what is used
        "FSIZE": MAX_FILE_BYTES,
        "NOFILE": MAX_OPEN_FILES,
        "CORE": 0,
        **({"NPROC": MAX_THREADS} if closed else {}),
    }


def launcher(
    launch: Path, limits: dict[str, int], *, cores: Sequence[int] = (), user: int = 0,
    copy: str = "", filtered: bool = False, supervised: bool = False,
) -> list[str]:  # fmt: skip
    """The beginning of a command that confines the program which the rest of it names.

    It sets `limits`, keeps to some `cores` if any are given, becomes `user`, copies a folder into
    the working directory, sets a seccomp filter, and leaves a process that ends what stays behind;
    `kernel/launch.py` does it.
    """
    settings = {"limits": limits, "cores": list(cores), "user": user, "copy": copy,
                "filter": filtered, "supervise": supervised}  # fmt: skip
    return [sys.executable, "-I", "-S", str(launch), json.dumps(settings)]


def unclosed(launch: Path, memory: int = DEFAULT_MEMORY, cores: Sequence[int] = ()) -> list[str]:
    """The same where there is no sandbox."""
    limits = limits_of(closed=False, memory=memory)
    return launcher(launch, limits, cores=cores, supervised=sys.platform == "linux")


@cache
def why_no_limits() -> str:
    """Why limits cannot be set here; "" where they can."""
    return "" if os.name == "nt" else try_out(unclosed(PACKAGE / LAUNCH))


def try_out(command: list[str]) -> str:
    """Run an empty program after the beginning of a command; give why that fails, else ""."""
    run = [*command, sys.executable, "-I", "-S", "-c", ""]
    done = subprocess.run(run, capture_output=True, text=True, check=False)
    said = done.stderr.strip().splitlines() or [f"it ends with {done.returncode}"]
    return said[-1] if done.returncode else ""


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


def kernel_memory_of(processes: Sequence[psutil.Process]) -> int:
    """Bytes that the system may keep for some processes beside their pages.

    These are their page tables, what is swapped out, and what could wait in their pipes and
    sockets: as much as there can be, where a process hides them. Linux alone tells it; elsewhere
    it is 0.
    """
    used, lines = 0, set[str]()
    for each in processes:
        with suppress(OSError, ValueError):
            text = Path(f"/proc/{each.pid}/status").read_text()
            status = dict(line.split(":", 1) for line in text.splitlines())
            told = [status[name].split()[0] for name in ("VmPTE", "VmSwap") if name in status]
            used += 1024 * sum(map(int, told))
            lines |= _lines_of(each.pid)
    return used + len(lines) * LINE_BYTES


def _lines_of(pid: int) -> set[str]:
    """A process' pipes and sockets, by the system's names for them."""
    found = set()
    try:
        for handle in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(FileNotFoundError):
                found.add(str(handle.readlink()))
    except PermissionError:  # it hides them
        return {f"{pid} {number}" for number in range(MAX_OPEN_FILES)}
    return {each for each in found if each.startswith(("pipe:", "socket:"))}


def seconds_of(processes: Sequence[psutil.Process]) -> float:
    """Processor time that some processes have used, with those that ended below them."""
    used = 0.0
    for each in processes:
        with suppress(psutil.Error):
            used += sum(each.cpu_times()[:4])  # its own and its children's, as user and system
    return used


def first_inside(bwrap: int) -> psutil.Process | None:
    """The first process inside the sandbox of this one; None while it is being set up."""
    with suppress(psutil.Error, OSError):
        for inner in psutil.Process(bwrap).children():
            if Path(f"/proc/{inner.pid}/root").stat().st_dev != Path("/").stat().st_dev:
                return inner
    return None


def memory_of_files(inside: psutil.Process, folders: Sequence[str]) -> int:
    """Bytes of memory that files in some folders take, as a process in the sandbox sees them."""
    used = 0
    with suppress(OSError):
        for folder in folders:
            seen = os.statvfs(f"/proc/{inside.pid}/root{folder}")
            used += (seen.f_blocks - seen.f_bfree) * seen.f_frsize
            used += (seen.f_files - seen.f_ffree) * EMPTY_FILE_BYTES
    return used
