"""Confine a process, then run another program: limits, cores, a user's rights, a seccomp filter.

It is the first process in a sandbox, and confines itself before any other exists there; it runs by
itself, on nothing but the standard library. What cannot be confined as was asked is not run.
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
from typing import NoReturn

# Linux' prctl
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_SECCOMP = 1, 4, 22
PR_SET_CHILD_SUBREAPER, PR_SET_NO_NEW_PRIVS = 36, 38
SECCOMP_MODE_FILTER = 2
CAPABILITY_VERSION = 0x20080522  # the third, of linux/capability.h
CLONE_NEW = 0x7E020000  # the flags of clone that ask for new namespaces
MAP_SHARED, MAP_ANONYMOUS = 0x01, 0x20  # of mmap's fourth argument
# Of each processor: AUDIT_ARCH, the numbers of clone, clone3 and mmap, and those of the forbidden
# calls, which are new namespaces and mounts (a folder in memory knows no limit), memory that
# belongs to no process, other processes' memory, other cores, keys, and what a lesson never needs
# of the kernel:
# unshare, setns, mount, move_mount, open_tree, fsopen, memfd_create, memfd_secret, shmget, msgget,
# semget, mq_open, vmsplice, ptrace, process_vm_readv and _writev, sched_setaffinity, add_key,
# request_key, keyctl, bpf, userfaultfd, perf_event_open, io_uring_setup.
SYSTEM_CALLS = {
    "x86_64": (0xC000003E, 56, 435, 9,
               (272, 308, 165, 429, 428, 430, 319, 447, 29, 68, 64, 240, 278, 101, 310, 311, 203,
                248, 249, 250, 321, 323, 298, 425)),
    "aarch64": (0xC00000B7, 220, 435, 222,
                (97, 268, 40, 429, 428, 430, 279, 447, 194, 186, 190, 180, 75, 117, 270, 271, 122,
                 217, 218, 219, 280, 282, 241, 425)),
}  # fmt: skip
X32_CALLS = 0x40000000  # x86-64's second set of numbers for its calls begins here
ALLOW, ERRNO = 0x7FFF0000, 0x50000  # what a filter answers
KILL_SECONDS = 5.0
Instruction = tuple[int, int, int, int]  # of classic BPF: code, jump if true, jump if false, k


class CannotConfine(Exception):
    """A limit or a filter that was asked for cannot be set here."""


def main() -> None:
    """Confine this process as the first argument says, then run what the others name."""
    settings, argv = json.loads(sys.argv[1]), sys.argv[2:]
    os.environ.pop("JPY_PARENT_PID", None)  # a number from outside, wrong in here
    try:
        if settings["supervise"]:
            supervise()
        set_limits(settings["limits"])
        if settings["cores"]:
            os.sched_setaffinity(0, settings["cores"])
        if settings["filter"]:
            install_filter(os.uname().machine)
            stay_first()
        if settings["user"]:
            os.setgroups([])
            os.setgid(settings["user"])
            os.setuid(settings["user"])
        if settings["copy"]:
            _copy(Path(settings["copy"]))
    except (OSError, ValueError, CannotConfine) as error:
        sys.exit(f"the kernel cannot be confined: {error}")
    os.execv(argv[0], argv)  # noqa: S606  the program was chosen by the grader


def _copy(folder: Path) -> None:
    for path in folder.iterdir():
        if path.is_dir():
            shutil.copytree(path, path.name)
        else:
            shutil.copyfile(path, path.name)


def set_limits(limits: dict[str, int]) -> None:
    """Set resource limits, soft and hard, by the ends of their names, such as ``NOFILE``."""
    import resource  # which Windows has not

    for name, value in limits.items():
        kind = getattr(resource, f"RLIMIT_{name}")
        hard = resource.getrlimit(kind)[1]
        bound = value if hard == resource.RLIM_INFINITY else min(value, hard)
        try:
            resource.setrlimit(kind, (bound, bound))
        except (OSError, ValueError) as error:
            raise CannotConfine(f"the limit {name} of {bound} is refused ({error})") from None


def filter_program(machine: str) -> list[Instruction]:
    """The seccomp filter for a processor, as classic BPF over Linux' ``struct seccomp_data``.

    CannotConfine if the calls of that processor are not known.
    """
    if machine not in SYSTEM_CALLS:
        known = " and ".join(SYSTEM_CALLS)
        raise CannotConfine(f"no seccomp filter is known for {machine}, only for {known}")
    processor, clone, clone3, mmap, forbidden = SYSTEM_CALLS[machine]
    load, equal, at_least, any_of, both, end = 0x20, 0x15, 0x35, 0x45, 0x54, 0x06
    shared = MAP_SHARED | MAP_ANONYMOUS  # its pages may be no process's
    refuse, missing = ERRNO | errno.EPERM, ERRNO | errno.ENOSYS
    return [
        (load, 0, 0, 4), (equal, 1, 0, processor), (end, 0, 0, refuse),
        (load, 0, 0, 0), (at_least, 0, 1, X32_CALLS), (end, 0, 0, refuse),
        *(step for n in forbidden for step in ((equal, 0, 1, n), (end, 0, 0, refuse))),
        (equal, 0, 1, clone3), (end, 0, 0, missing),  # libraries fall back on clone
        (equal, 0, 5, mmap), (load, 0, 0, 40), (both, 0, 0, shared), (equal, 0, 1, shared),
        (end, 0, 0, refuse), (load, 0, 0, 0),
        (equal, 0, 3, clone), (load, 0, 0, 16), (any_of, 0, 1, CLONE_NEW), (end, 0, 0, refuse),
        (end, 0, 0, ALLOW),
    ]  # fmt: skip


def install_filter(machine: str) -> None:
    """Forbid what namespaces alone do not, for good, and for all processes below."""
    program = filter_program(machine)
    code = ctypes.create_string_buffer(b"".join(struct.pack("<HBBI", *step) for step in program))
    whole = ctypes.create_string_buffer(struct.pack("@HP", len(program), ctypes.addressof(code)))
    _prctl("PR_SET_NO_NEW_PRIVS", PR_SET_NO_NEW_PRIVS, 1)
    _prctl("PR_SET_SECCOMP", PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.addressof(whole))


def _prctl(name: str, option: int, first: int, second: int = 0) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(option, *map(ctypes.c_ulong, (first, second, 0, 0))):
        raise CannotConfine(f"{name} is refused ({os.strerror(ctypes.get_errno())})")


def stay_first() -> None:
    """Fork: the child goes on, and this process, the sandbox's first, buries the dead until then.

    It is as confined as the child, has no capability, and no process may read or write its memory.
    It stays the user that its parent is, or the parent's death could not end it.
    """
    _prctl("PR_SET_PDEATHSIG", PR_SET_PDEATHSIG, signal.SIGKILL)
    _prctl("PR_SET_DUMPABLE", PR_SET_DUMPABLE, 0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        return
    _drop_capabilities()
    while True:
        with contextlib.suppress(InterruptedError):
            done, status = os.wait()
            if done == child:
                os._exit(os.waitstatus_to_exitcode(status) & 0xFF)


def _drop_capabilities() -> None:
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION, 0)  # of this process
    none = (ctypes.c_uint32 * 6)()  # effective, permitted and inheritable, 64 bits each
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.capset(header, none):
        os._exit(1)  # and with it all in the sandbox


def supervise() -> None:
    """Fork: the child goes on, and this process ends whatever the child leaves behind."""
    _prctl("PR_SET_PDEATHSIG", PR_SET_PDEATHSIG, signal.SIGTERM)  # when the grader dies
    _prctl("PR_SET_CHILD_SUBREAPER", PR_SET_CHILD_SUBREAPER, 1)  # orphans come to this process
    child = os.fork()
    if child == 0:
        return

    def end(_number: int, _frame: FrameType | None) -> NoReturn:
        _kill_descendants()
        os._exit(0)

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while True:
        with contextlib.suppress(InterruptedError):
            done, _ = os.wait()
            if done == child:
                end(0, None)


def _kill_descendants() -> None:
    """Kill every process below this one, until none is left."""
    until = time.monotonic() + KILL_SECONDS
    while time.monotonic() < until:
        below = _descendants(os.getpid())
        if not below:
            return
        for pid in below:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        time.sleep(0.01)


def _descendants(pid: int) -> list[int]:
    parents = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            after_name = path.read_text("latin-1").rpartition(")")[2].split()
            parents[int(path.parent.name)] = int(after_name[1])
    below = {pid}
    while more := {p for p, parent in parents.items() if parent in below} - below:
        below |= more
    return sorted(below - {pid})


if __name__ == "__main__":
    main()
