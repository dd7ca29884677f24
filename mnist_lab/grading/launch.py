"""Start a program with less: set its limits, give up rights, and stay to clear up after it.

It runs by itself, with nothing but the standard library, as the first program in a room.
"""

import contextlib
import ctypes
import errno
import json
import os
import shutil
import signal
import struct
import sys
import time
from pathlib import Path
from types import FrameType

SET_DEATH_SIGNAL, SET_SUBREAPER, SET_SECCOMP, NO_NEW_PRIVILEGES = 1, 36, 22, 38  # Linux' prctl
NAMESPACES = 0x7E020000  # flags of clone
# Of each processor: its name for the kernel, the numbers of clone and clone3, and those of what is
# forbidden: new namespaces and mounts (a folder in memory knows no limit), memory that belongs to
# no process, other processes' memory, keys, and what a lesson never needs of the kernel:
# unshare, setns, mount, move_mount, open_tree, fsopen, memfd_create, shmget, ptrace,
# process_vm_readv and _writev, add_key, request_key, keyctl, bpf, userfaultfd, perf_event_open,
# io_uring_setup.
CALLS = {
    "x86_64": (0xC000003E, 56, 435, (272, 308, 165, 429, 428, 430, 319, 29, 101, 310, 311, 248,
                                     249, 250, 321, 323, 298, 425)),
    "aarch64": (0xC00000B7, 220, 435, (97, 268, 40, 429, 428, 430, 279, 194, 117, 270, 271, 217,
                                       218, 219, 280, 282, 241, 425)),
}  # fmt: skip


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
        _forbid()
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


def _forbid() -> None:
    """Take away what a sandbox alone does not: a seccomp filter, for good and for all below."""
    if os.uname().machine not in CALLS:
        return
    processor, clone, clone3, forbidden = CALLS[os.uname().machine]
    load, equal, at_least, any_of, end = 0x20, 0x15, 0x35, 0x45, 0x06  # classic BPF
    allow, refuse, missing = 0x7FFF0000, 0x50000 | errno.EPERM, 0x50000 | errno.ENOSYS
    program = [
        (load, 0, 0, 4), (equal, 1, 0, processor), (end, 0, 0, refuse),
        (load, 0, 0, 0), (at_least, 0, 1, 0x40000000), (end, 0, 0, refuse),
        *(step for n in forbidden for step in ((equal, 0, 1, n), (end, 0, 0, refuse))),
        (equal, 0, 1, clone3), (end, 0, 0, missing),  # libraries fall back on clone
        (equal, 0, 3, clone), (load, 0, 0, 16), (any_of, 0, 1, NAMESPACES), (end, 0, 0, refuse),
        (end, 0, 0, allow),
    ]  # fmt: skip
    code = ctypes.create_string_buffer(b"".join(struct.pack("<HBBI", *step) for step in program))
    whole = struct.pack("@HP", len(program), ctypes.addressof(code))
    libc = ctypes.CDLL(None)
    libc.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    libc.prctl(SET_SECCOMP, 2, whole)


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
