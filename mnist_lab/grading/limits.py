"""What a kernel may use up, and the program that holds it to that."""

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

from mnist_lab.grading.kit import LAUNCH, PACKAGE

MAX_FILE_BYTES = 256 * 2**20  # of any one file; in a sandbox of a folder in memory, too
MAX_OPEN_FILES = 1024
MAX_PROCESSES = 64
MAX_THREADS = 2 * MAX_PROCESSES + 8 * (
    os.cpu_count() or 1
)  # TensorFlow has some for each processor
DEFAULT_MEMORY = 2048  # megabytes
STUDENT = 200_000  # the lowest number of a user that root makes a student


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
    launch: Path, limits: dict[str, int], *, user: int = 0, copy: str = "",
    filtered: bool = False, supervised: bool = False,
) -> list[str]:  # fmt: skip
    """The beginning of a command that confines the program which the rest of it names.

    It sets `limits`, becomes `user`, copies a folder into the working directory, sets a seccomp
    filter, and leaves a process that ends what stays behind; `kernel/launch.py` does it.
    """
    settings = {"limits": limits, "user": user, "copy": copy,
                "filter": filtered, "supervise": supervised}  # fmt: skip
    return [sys.executable, "-I", "-S", str(launch), json.dumps(settings)]


def unclosed(launch: Path, memory: int = DEFAULT_MEMORY) -> list[str]:
    """The same where there is no sandbox."""
    limits = limits_of(closed=False, memory=memory)
    return launcher(launch, limits, supervised=sys.platform == "linux")


@cache
def why_not() -> str:
    """Why limits cannot be set here; "" where they can."""
    return "" if os.name == "nt" else try_out(unclosed(PACKAGE / LAUNCH))


def try_out(command: list[str]) -> str:
    """Run an empty program after the beginning of a command; give why that fails, else ""."""
    run = [*command, sys.executable, "-I", "-S", "-c", ""]
    done = subprocess.run(run, capture_output=True, text=True, check=False)
    said = done.stderr.strip().splitlines() or [f"it ends with {done.returncode}"]
    return said[-1] if done.returncode else ""
