"""Start a program with less: set its limits, give up rights, and stay to clear up after it.

It runs by itself, with nothing but the standard library, as the first program in a room.
"""

import contextlib
import ctypes
import json
import os
import shutil
import signal
import sys
import time
from pathlib import Path
from types import FrameType

SET_DEATH_SIGNAL, SET_SUBREAPER = 1, 36  # of Linux' prctl


def main() -> None:
    """Do what the first argument says, then become the program that the others name."""
    wanted = json.loads(sys.argv[1])
    argv = sys.argv[2:]
    os.environ.pop("JPY_PARENT_PID", None)  # a number from outside, wrong in here
    if wanted.get("stay"):
        _stay()
    _limit(wanted["limits"])
    if wanted.get("user"):
        os.setgroups([])
        os.setgid(wanted["user"])
        os.setuid(wanted["user"])
    if wanted.get("copy"):
        _copy(Path(wanted["copy"]))
    os.execv(argv[0], argv)  # noqa: S606  the program was chosen by the grader


def _copy(folder: Path) -> None:
    for path in folder.iterdir():
        if path.is_dir():
            shutil.copytree(path, path.name)
        else:
            shutil.copyfile(path, path.name)


def _limit(limits: dict[str, int]) -> None:
    try:
        import resource
    except ImportError:  # Windows
        return
    for name, value in limits.items():
        kind = getattr(resource, f"RLIMIT_{name}", None)
        with contextlib.suppress(ValueError, OSError):
            hard = resource.getrlimit(kind)[1] if kind is not None else 0
            least = value if hard == resource.RLIM_INFINITY else min(value, hard)
            if kind is not None:
                resource.setrlimit(kind, (least, least))


def _stay() -> None:
    """Fork: the child goes on, and this process ends whatever the child leaves behind."""
    libc = ctypes.CDLL(None)
    libc.prctl(SET_DEATH_SIGNAL, signal.SIGTERM)  # when the grader dies
    libc.prctl(SET_SUBREAPER, 1)  # orphans come to this process
    child = os.fork()
    if child == 0:
        return

    def end(_number: int, _frame: FrameType | None) -> None:
        _kill_all()
        os._exit(0)

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while True:
        with contextlib.suppress(InterruptedError):
            done, _ = os.wait()
            if done == child:
                end(0, None)


def _kill_all() -> None:
    """Kill every process below this one, until none is left."""
    until = time.monotonic() + 5
    while time.monotonic() < until:
        below = _children(os.getpid())
        if not below:
            return
        for pid in below:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        time.sleep(0.01)


def _children(pid: int) -> list[int]:
    parents = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            parents[int(path.parent.name)] = int(
                path.read_text("latin-1").rpartition(")")[2].split()[1]
            )
    below = {pid}
    while more := {p for p, parent in parents.items() if parent in below} - below:
        below |= more
    return sorted(below - {pid})


if __name__ == "__main__":
    main()
