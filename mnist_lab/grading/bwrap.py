"""Bubblewrap: whether it works here, and the command line of a sandbox."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from mnist_lab.arrays import MnistLabError
from mnist_lab.grading import limits
from mnist_lab.grading.kit import LAUNCH, PACKAGE, Kit

HOME = "/home/student"  # inside a sandbox; also where it works
HANDED_IN = "/handed-in"  # inside a sandbox: what it may copy into its home
SOCKETS = "/run/kernel"  # inside a sandbox: where its kernel is talked to
IN_MEMORY = ("/tmp", HOME, "/dev/shm", SOCKETS)  # noqa: S108  the sandbox's own
SYSTEM = ("/usr", "/etc/ld.so.cache", "/etc/localtime", "/etc/fonts")
LINKS = ("/bin", "/lib", "/lib32", "/lib64", "/libx32", "/sbin")
NAMESPACES = ("--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts",
              "--unshare-cgroup-try")  # fmt: skip


class NoSandbox(MnistLabError):
    """A sandbox was demanded, and cannot be had here."""


def has_sandbox(*, required: bool) -> bool:
    """Whether a sandbox works here, with all that it promises.

    NoSandbox if it does not, and is required, or not even limits can be set.
    """
    reason = why_no_sandbox()
    if reason and required:
        raise NoSandbox(
            f"there is no sandbox ({reason}); install bubblewrap, or leave --require-sandbox out"
        )
    if reason and (refusal := limits.why_no_limits()):
        raise NoSandbox(f"there is no sandbox ({reason}), nor can limits be set ({refusal})")
    return not reason


def unprotected() -> str:
    """What is not protected without a sandbox, for the one who grades."""
    return (
        f"NO SANDBOX: {why_no_sandbox()}. Students' code runs as you: it can read your files, "
        "change them, and use the network. Limits on time, memory and file sizes hold "
        "all the same. Debian and Ubuntu: apt-get install bubblewrap."
    )


@cache
def why_no_sandbox() -> str:
    """Why a sandbox does not work here; "" where it does: an empty program is run in one."""
    if sys.platform != "linux":
        return "bubblewrap is for Linux"
    if not shutil.which("bwrap"):
        return "bubblewrap is not installed"
    launch = PACKAGE / LAUNCH
    mounts = _with_parents([*_python_folders(), launch])
    user = limits.STUDENT if is_root() else 0
    start = limits.launcher(launch, limits.limits_of(closed=True), user=user, filtered=True)
    return limits.try_out([*_base(), "--proc", "/proc", "--dev", "/dev", *mounts, "--", *start])


def bwrap_command(kit: Kit, *, connection: Path, work: Path) -> list[str]:
    """A sandbox with nothing in it but what a kernel needs, and that for reading only.

    It writes to its own memory alone; `connection` is the file that tells the kernel of its
    sockets, and what was handed in lies in `work`.
    """
    size = ["--size", str(limits.MAX_FILE_BYTES)] if "--size" in _help() else []
    fresh = [part for place in IN_MEMORY
             for part in ("--perms", "1777", *size, "--tmpfs", place)]  # fmt: skip
    seen = [*_python_folders(), kit.folder, connection]
    if kit.data != "stand-in":
        from mnist_lab.data import find_data

        place = Path(kit.data)
        seen += [place] if place.is_dir() else find_data(place).files
    binds = _with_parents(seen)
    if any(PACKAGE.is_relative_to(root) for root in seen):
        binds += _ro(kit.folder / "mnist_lab", str(PACKAGE))  # over the one that knows all
    own = [Path(HOME) / name for name in kit.files]
    return [
        *_base(),
        # What is mapped from /dev/zero may be memory of no process.
        *("--proc", "/proc", "--dev", "/dev", "--dev-bind", "/dev/null", "/dev/zero"),
        *("--remount-ro", "/dev", *fresh),
        *binds,
        *_ro(work, HANDED_IN),
        *_parents(own, above=Path(HOME), mode="0777"),
        *(part for name, at in kit.files.items() for part in _ro(at, f"{HOME}/{name}")),
        *("--remount-ro", "/", "--chdir", HOME, "--hostname", "student", "--"),
    ]


def _base() -> list[str]:
    """Namespaces and the system; as root a user of its own instead of a namespace of users."""
    if is_root():
        rights = ["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    else:
        rights = ["--unshare-user", *(["--disable-userns"] * ("--disable-userns" in _help()))]
    system = _with_parents([Path(path) for path in SYSTEM if Path(path).exists()])
    for link in map(Path, LINKS):
        if link.is_symlink():
            system += ["--symlink", str(link.readlink()), str(link)]
        elif link.is_dir():
            system += _ro(link)
    return ["bwrap", "--die-with-parent", "--as-pid-1", *NAMESPACES, *rights, *system]


@cache
def _help() -> str:
    return subprocess.run(["bwrap", "--help"], capture_output=True, text=True, check=False).stdout  # noqa: S607


@cache
def _python_folders() -> tuple[Path, ...]:
    """Where this Python and its packages are, but for what the system's folders hold."""
    places = {Path(sys.prefix), Path(sys.base_prefix), Path(sys.executable).resolve().parent.parent}
    places |= {Path(p) for p in sys.path if Path(p).name in {"site-packages", "dist-packages"}}
    places = {path for path in places if path.is_dir() and not path.is_relative_to("/usr")}
    return tuple(
        sorted(p for p in places if not any(p != o and p.is_relative_to(o) for o in places))
    )


def is_root() -> bool:
    """Whether this process may do all."""
    return hasattr(os, "geteuid") and os.geteuid() == 0


def _ro(path: Path, at: str = "") -> list[str]:
    return ["--ro-bind", str(path), at or str(path)]


def _with_parents(paths: Sequence[Path]) -> list[str]:
    """Places to read, and the folders down to them."""
    return [*_parents(paths), *(part for path in paths for part in _ro(path))]


def _parents(paths: Sequence[Path], *, above: Path = Path("/"), mode: str = "0555") -> list[str]:
    """The folders down to some places, for the student to see; bubblewrap's own would not be."""
    folders = {p for path in paths for p in path.parents if p != above and p.is_relative_to(above)}
    return [part for p in sorted(folders) for part in ("--perms", mode, "--dir", str(p))]
