"""What a student's kernel lives in: what it sees, what it may use up, and how it ends."""

import os
import secrets
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from mnist_lab.grading import bwrap, limits
from mnist_lab.grading.kit import LAUNCH, Kit
from mnist_lab.grading.leftovers import make_folder, remove_folder

END_SECONDS = 10  # for a sandbox's first process to end
GONE_SECONDS = 5.0  # for what was killed to be gone
PASSED_ON = ("LANG", "LC_ALL", "LC_CTYPE", "TZ", "KERAS_BACKEND", "OMP_NUM_THREADS", "PATHEXT",
             "SYSTEMROOT", "COMSPEC", "TF_ENABLE_ONEDNN_OPTS")  # fmt: skip
stopping = threading.Event()  # set when all kernels must end


@dataclass
class Sandbox:
    """One kernel's surroundings; closed by bubblewrap where it works, limited everywhere."""

    folder: Path  # all of it that lies on the disk
    kit: Kit
    memory: int  # megabytes that all in it may use together
    closed: bool  # by bubblewrap
    cores: tuple[int, ...] = ()  # that it may use; () for all
    violation: str = ""  # why it had to end
    seconds: float = 0.0  # processor time that all in it had used at the last check
    process: "subprocess.Popen[bytes] | None" = None  # its first one
    user: int = field(default_factory=lambda: limits.STUDENT + secrets.randbelow(2**30))

    @property
    def connection(self) -> Path:
        """The file that tells the kernel of its sockets."""
        return self.folder / "kernel.json"

    @property
    def sockets(self) -> str:
        """What the names of the kernel's sockets begin with, as the kernel sees them."""
        return f"{bwrap.SOCKETS}/k" if self.closed else str(self.folder / "k")

    @property
    def ours(self) -> str:
        """The same of the grader's own sockets, which the relay joins to the kernel's."""
        return str(self.folder / "g")

    @property
    def work(self) -> Path:
        """The folder with what was handed in; where nothing is closed it is worked in."""
        return self.folder / "work"

    @property
    def transport(self) -> dict[str, str]:
        """How the kernel is talked to, as jupyter_client says it: sockets need no network."""
        return {} if os.name == "nt" else {"transport": "ipc", "ip": self.ours}

    @property
    def env(self) -> dict[str, str]:
        """The whole environment of the kernel; nothing of the grader's own is in it."""
        home = bwrap.HOME if self.closed else str(self.folder / "home")
        paths = [str(Path(sys.executable).parent), "/usr/local/bin", "/usr/bin", "/bin"]
        return {
            **{name: os.environ[name] for name in PASSED_ON if name in os.environ},
            "PATH": os.pathsep.join(paths),
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
        """The command that starts a program in here, under its limits."""
        if os.name == "nt":  # it knows no such limits
            return argv
        launch = self.kit.folder / "mnist_lab" / LAUNCH
        if not self.closed:
            return [*limits.unclosed(launch, self.memory, self.cores), *argv]
        bounds = limits.limits_of(closed=True, memory=self.memory)
        user = self.user if bwrap.is_root() else 0
        start = limits.launcher(
            launch, bounds, cores=self.cores, user=user, copy=bwrap.HANDED_IN, filtered=True
        )
        closed = bwrap.bwrap_command(self.kit, connection=self.connection, work=self.work)
        return [*closed, *start, *argv]

    def hand_over(self, path: Path) -> None:
        """Make a file or folder the student's, where they are a user of their own."""
        if self.closed and bwrap.is_root():
            os.chown(path, self.user, self.user)

    def check(self) -> bool:
        """Look whether it must end, and set `violation` if so."""
        if stopping.is_set():
            self.violation = "The grading was stopped."
        elif self.process and self.process.poll() is None:
            found, bound = limits.processes_from(self.process.pid), self.memory * 2**20
            self.seconds = max(self.seconds, limits.seconds_of(found))
            if self.closed and (inside := limits.first_inside(self.process.pid)):
                bound -= limits.memory_of_files(inside, bwrap.IN_MEMORY)
                found = [each for each in found if each != inside]  # the grader's own
            bound -= limits.kernel_memory_of(found)
            # Shared pages count for each process at first; only then is it worth to look closer.
            if all(limits.memory_of(found, exact=exact) > bound for exact in (False, True)):
                self.violation = (
                    f"It used more than {self.memory} MB of memory, with its files in it."
                )
            elif len(found) > limits.MAX_PROCESSES:
                self.violation = f"It started more than {limits.MAX_PROCESSES} processes."
        return bool(self.violation)

    def connect(self, port: int) -> socket.socket | None:
        """Connect to one of the kernel's sockets; None as long as none is there.

        What lies in its place is looked at, and never followed to anywhere else.
        """
        place = Path(f"{self.sockets}-{port}")
        if self.closed:
            inside = limits.first_inside(self.process.pid) if self.process else None
            if not inside:
                return None
            place = Path(f"/proc/{inside.pid}/root{place}")
        line = socket.socket(socket.AF_UNIX)
        line.setblocking(False)
        try:
            if sys.platform == "linux":
                found = os.open(place, os.O_PATH | os.O_NOFOLLOW)
                try:
                    if not stat.S_ISSOCK(os.fstat(found).st_mode):
                        raise OSError
                    line.connect(f"/proc/self/fd/{found}")
                finally:
                    os.close(found)
            else:
                line.connect(str(place))
        except OSError:
            line.close()
            return None
        return line

    def kill(self) -> None:
        """End everything in it, and wait until it is gone."""
        if not self.process:
            return
        found = limits.processes_from(self.process.pid)
        with suppress(OSError):
            if self.closed or sys.platform != "linux":
                self.process.kill()  # a sandbox's processes die with its first
            else:
                self.process.terminate()  # it kills all that is below it
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(END_SECONDS)
        until = time.monotonic() + GONE_SECONDS
        while (left := [p for p in found if limits.is_alive(p)]) and time.monotonic() < until:
            for each in left:  # a sandbox that was only just begun may not have noticed
                with suppress(psutil.Error):
                    each.kill()
            time.sleep(0.01)


@contextmanager
def open_sandbox(
    files: dict[str, bytes], kit: Kit, *, memory: int, closed: bool, cores: tuple[int, ...] = ()
) -> Iterator[Sandbox]:
    """Make a sandbox with some files in it, by name; at the end nothing of it is left, nor runs."""
    folder, lock = make_folder()
    sandbox = Sandbox(folder, kit, memory, closed, cores)
    try:
        for path in (sandbox.work, folder / "home"):
            path.mkdir()
        for name, content in files.items():
            _with_folder(sandbox.work / name).write_bytes(content)
        if not closed:
            for name, cache in kit.files.items():
                with suppress(OSError):  # only to save time
                    _with_folder(folder / "home" / name).symlink_to(cache)
        elif bwrap.is_root():
            folder.chmod(0o755)
        yield sandbox
    finally:
        sandbox.kill()
        remove_folder(folder, lock)


def _with_folder(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path
