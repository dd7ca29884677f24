"""The room a student's kernel lives in: what it sees, what it may use up, and how it ends."""

import json
import os
import secrets
import shutil
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from itertools import islice
from pathlib import Path

import psutil

import mnist_lab
from mnist_lab.arrays import MnistLabError
from mnist_lab.grading.shadow import Kit

HOME = "/home/student"  # inside a sandbox; also where it works
DISK = 256 * 2**20  # bytes of a temporary folder, of a home, and of any one file
IN_MEMORY = ("/tmp", HOME, "/dev/shm")  # noqa: S108  the sandbox's own
EMPTY = 1024  # bytes that a file of such a folder takes, whatever is in it
SOCKETS, SMALL = 8, 2**16  # files where a kernel's five sockets are; bytes of one that is none
OPEN_FILES = 1024
PROCESSES = 64
THREADS = 2 * PROCESSES + 8 * (os.cpu_count() or 1)  # TensorFlow starts some for each processor
GONE_SECONDS = 5.0  # for what was killed to be gone
SYSTEM = ("/usr", "/etc/ld.so.cache", "/etc/localtime", "/etc/fonts")
LINKS = ("/bin", "/lib", "/lib32", "/lib64", "/libx32", "/sbin")
PASSED_ON = ("LANG", "LC_ALL", "LC_CTYPE", "TZ", "KERAS_BACKEND", "OMP_NUM_THREADS", "PATHEXT",
             "SYSTEMROOT", "COMSPEC", "TF_ENABLE_ONEDNN_OPTS")  # fmt: skip
stopping = threading.Event()  # set when all rooms must end


class NoSandbox(MnistLabError):
    """Bubblewrap was demanded, and does not work here."""


@dataclass
class Room:
    """One kernel's surroundings.

    Attributes
    ----------
    folder : Path
        All of it that lies on the disk.
    kit : Kit
        What the kernel is given.
    memory : int
        Megabytes that all in the room may use together.
    sandboxed : bool
        Whether bubblewrap closes it.
    broken : str
        Why it had to end; else "".
    """

    folder: Path
    kit: Kit
    memory: int
    sandboxed: bool
    broken: str = ""
    process: "subprocess.Popen[bytes] | None" = None
    user: int = field(default_factory=lambda: 200_000 + secrets.randbelow(2**30))

    @property
    def sockets(self) -> Path:
        """The folder through which the kernel is talked to."""
        return self.folder / "s"

    @property
    def work(self) -> Path:
        """The folder with what was handed in; without a sandbox it is worked in."""
        return self.folder / "work"

    @property
    def transport(self) -> dict[str, str]:
        """How the kernel is talked to, as jupyter_client says it: sockets need no network."""
        if os.name == "nt":
            return {}
        return {"transport": "ipc", "ip": str(self.sockets / "k")}

    @property
    def env(self) -> dict[str, str]:
        """The whole environment of the kernel; nothing of the grader's own is in it."""
        home = HOME if self.sandboxed else str(self.folder / "home")
        paths = [
            Path(sys.executable).parent,
            Path("/usr/local/bin"),
            Path("/usr/bin"),
            Path("/bin"),
        ]
        return {
            **{name: os.environ[name] for name in PASSED_ON if name in os.environ},
            "PATH": os.pathsep.join(map(str, paths)),
            "HOME": home,
            "USERPROFILE": home,
            "XDG_CACHE_HOME": f"{home}/.cache",
            "LOCALAPPDATA": f"{home}/.cache",
            "PYTHONPATH": str(self.kit.folder),
            "PYTHONDONTWRITEBYTECODE": "1",
            "MNIST_LAB_DATA": self.kit.data,
            "TF_CPP_MIN_LOG_LEVEL": "2",
        }

    def command(self, argv: list[str]) -> list[str]:
        """The command that starts a program in this room, under its limits."""
        if os.name == "nt":  # it knows no such limits
            return argv
        wanted = {
            "limits": {
                "DATA": self.memory * 2**20 * 3 // 2,  # what is asked for; `look` sees what is used
                "FSIZE": DISK,
                "NOFILE": OPEN_FILES,
                "CORE": 0,
                **({"NPROC": THREADS} if self.sandboxed else {}),
            },
            "copy": "/handed-in" if self.sandboxed else "",
            "stay": not self.sandboxed and sys.platform == "linux",
            "user": self.user if self.sandboxed and _is_root() else 0,
        }
        start = [sys.executable, "-I", "-S", str(self.kit.folder / "launch.py"), json.dumps(wanted)]
        return [*(self._bwrap() if self.sandboxed else []), *start, *argv]

    def _bwrap(self) -> list[str]:
        """Bubblewrap with nothing in it but what a kernel needs, and that for reading only."""
        size = ["--size", str(DISK)] if "--size" in _bwrap_help() else []
        fresh = [part for place in IN_MEMORY
                 for part in ("--perms", "1777", *size, "--tmpfs", place)]  # fmt: skip
        seen = [*_python_folders(), self.kit.folder]
        if self.kit.data != "stand-in":
            seen.append(Path(self.kit.data))
        masked = Path(mnist_lab.__file__).parent
        binds = [*_parents([*seen, self.sockets]), *(part for path in seen for part in _ro(path))]
        if any(masked.is_relative_to(root) for root in seen):
            binds += _ro(self.kit.folder / "mnist_lab", str(masked))  # over the one that knows all
        own = [Path(HOME) / name for name in self.kit.files]
        return [
            *_bwrap_base(),
            *("--proc", "/proc", "--dev", "/dev", "--remount-ro", "/dev", *fresh),
            *binds,
            *_ro(self.work, "/handed-in"),
            *_parents(own, above=Path(HOME), mode="0777"),
            *(p for name, at in self.kit.files.items() for p in _ro(at, f"{HOME}/{name}")),
            *("--bind", str(self.sockets), str(self.sockets)),
            *("--remount-ro", "/", "--chdir", HOME, "--hostname", "student", "--"),
        ]

    def give(self, path: Path) -> None:
        """Make a file or folder the student's, where they are a user of their own."""
        if self.sandboxed and _is_root():
            os.chown(path, self.user, self.user)

    def started(self, process: "subprocess.Popen[bytes] | None") -> None:
        """Remember the room's first process."""
        self.process = process

    def look(self) -> bool:
        """Look whether the room must end, and why."""
        if stopping.is_set():
            self.broken = "The grading was stopped."
        elif not _only_sockets(self.sockets):
            self.broken = "It wrote where only sockets belong."
        elif self.process and self.process.poll() is None:
            below, most = _below(self.process.pid), self.memory * 2**20
            most -= _in_memory(self.process.pid) if self.sandboxed else 0
            # What processes share counts for each at first; only then is it worth to look closer.
            if _memory(below, exact=False) > most and _memory(below, exact=True) > most:
                self.broken = f"It used more than {self.memory} MB of memory, with its files in it."
            elif len(below) > PROCESSES:
                self.broken = f"It started more than {PROCESSES} processes."
        return bool(self.broken)

    def kill(self) -> None:
        """End everything in the room, and wait until it is gone."""
        if not self.process:
            return
        below = _below(self.process.pid)
        with suppress(OSError):
            if self.sandboxed or sys.platform != "linux":
                self.process.kill()  # a sandbox's processes die with its first
            else:
                self.process.terminate()  # it kills all that is below it
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(10)
        until = time.monotonic() + GONE_SECONDS
        while (left := [each for each in below if _lives(each)]) and time.monotonic() < until:
            for each in left:  # a sandbox that was only just begun may not have noticed
                with suppress(psutil.Error):
                    each.kill()
            time.sleep(0.01)


@contextmanager
def open_room(files: dict[str, bytes], kit: Kit, *, memory: int, sandboxed: bool) -> Iterator[Room]:
    """Make a room with some files in it; at the end nothing of it is left, nor runs.

    Parameters
    ----------
    files : dict
        What was handed in, by name.
    kit : Kit
        What the kernel is given.
    memory : int
        Megabytes for all in the room.
    sandboxed : bool
        Whether bubblewrap closes it.
    """
    folder = Path(tempfile.mkdtemp(prefix="mnl-"))
    room = Room(folder, kit, memory, sandboxed)
    try:
        for path in (room.sockets, room.work, folder / "home"):
            path.mkdir()
        for name, content in files.items():
            path = room.work / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        if not sandboxed:
            _furnish(folder / "home", kit)
        if sandboxed and _is_root():
            folder.chmod(0o755)
            room.give(room.sockets)
        yield room
    finally:
        room.kill()
        shutil.rmtree(folder, ignore_errors=True)


def has_sandbox(*, required: bool) -> bool:
    """Whether bubblewrap works here.

    Raises
    ------
    NoSandbox
        It does not, and is required.
    """
    reason = _why_not()
    if reason and required:
        raise NoSandbox(
            f"there is no sandbox ({reason}); install bubblewrap, or leave --require-sandbox out"
        )
    return not reason


def unprotected() -> str:
    """What is not protected without a sandbox, for the one who grades."""
    return (
        f"NO SANDBOX: {_why_not()}. Students' code runs as you: it can read your files, change "
        "them, and use the network. Limits on time, memory and file sizes hold all the same. "
        "Debian and Ubuntu: apt-get install bubblewrap."
    )


@cache
def _why_not() -> str:
    """Why bubblewrap does not work; "" where it does."""
    if sys.platform != "linux":
        return "bubblewrap is for Linux"
    if not shutil.which("bwrap"):
        return "bubblewrap is not installed"
    roots = _python_folders()
    python = [*_parents(roots), *(p for root in roots for p in _ro(root))]
    run = [*_bwrap_base(), "--proc", "/proc", "--dev", "/dev", *python]
    done = subprocess.run(
        [*run, sys.executable, "-I", "-S", "-c", ""], capture_output=True, text=True, check=False
    )
    said = done.stderr.strip().splitlines()
    return (said[-1] if said else "bubblewrap fails") if done.returncode else ""


def _bwrap_base() -> list[str]:
    """Namespaces and the system; as root a user of its own instead of a namespace of users."""
    alone = ["--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts",
             "--unshare-cgroup-try"]  # fmt: skip
    if _is_root():
        rights = ["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    else:
        rights = ["--unshare-user", *(["--disable-userns"] * ("--disable-userns" in _bwrap_help()))]
    there = [Path(path) for path in SYSTEM if Path(path).exists()]
    system = [*_parents(there), *(part for path in there for part in _ro(path))]
    for link in map(Path, LINKS):
        if link.is_symlink():
            system += ["--symlink", str(link.readlink()), str(link)]
        elif link.is_dir():
            system += _ro(link)
    return ["bwrap", "--die-with-parent", *alone, *rights, *system]


@cache
def _bwrap_help() -> str:
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


def _ro(path: Path, at: str = "") -> list[str]:
    return ["--ro-bind", str(path), at or str(path)]


def _parents(paths: Sequence[Path], *, above: Path = Path("/"), mode: str = "0755") -> list[str]:
    """The folders down to some places, open to the student; bubblewrap's own would not be."""
    folders = {p for path in paths for p in path.parents if p != above and p.is_relative_to(above)}
    return [part for p in sorted(folders) for part in ("--perms", mode, "--dir", str(p))]


def _furnish(home: Path, kit: Kit) -> None:
    for name, at in kit.files.items():
        path = home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with suppress(OSError):
            path.symlink_to(at)


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def _only_sockets(folder: Path) -> bool:
    """Whether a kernel's sockets lie there, and nothing else but what tells it of them."""
    with suppress(OSError), os.scandir(folder) as entries:
        found = list(islice(entries, SOCKETS + 1))
        files = [
            each for each in found if not stat.S_ISSOCK(each.stat(follow_symlinks=False).st_mode)
        ]
        return len(found) <= SOCKETS and all(_is_small_file(each) for each in files)
    return True


def _is_small_file(entry: "os.DirEntry[str]") -> bool:
    return entry.is_file(follow_symlinks=False) and entry.stat().st_size < SMALL


def _in_memory(outer: int) -> int:
    """Bytes that a sandbox's temporary files take of the memory; an empty one takes some, too."""
    used = 0
    with suppress(psutil.Error, OSError):
        for inner in psutil.Process(outer).children():
            root = Path(f"/proc/{inner.pid}/root")
            if root.stat().st_dev == Path("/").stat().st_dev:  # it is being set up
                continue
            for place in IN_MEMORY:
                seen = os.statvfs(f"{root}{place}")
                used += (seen.f_blocks - seen.f_bfree) * seen.f_frsize
                used += (seen.f_files - seen.f_ffree) * EMPTY
    return used


def _below(pid: int) -> list[psutil.Process]:
    with suppress(psutil.Error):
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]
    return []


def _lives(process: psutil.Process) -> bool:
    with suppress(psutil.Error):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


def _memory(processes: Sequence[psutil.Process], *, exact: bool) -> int:
    """Bytes of memory that some processes use together."""
    used = 0
    for each in processes:
        with suppress(psutil.Error):
            info = each.memory_info()
            with suppress(psutil.AccessDenied):
                info = each.memory_full_info() if exact else info
            used += getattr(info, "pss" if exact else "rss", info.rss)
    return used
