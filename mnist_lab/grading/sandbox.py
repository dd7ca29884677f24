"""The room a student's kernel lives in: what it sees, what it may use up, and how it ends."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass
class Room:
    """One kernel's surroundings.

    Attributes
    ----------
    sockets : Path
        The folder through which it is talked to.
    cwd : Path
        Where it works; holds a copy of the submission.
    env : dict
        Its environment.
    transport : dict
        How it is talked to, as jupyter_client says it.
    broken : str
        Why it had to end; else "".
    """

    sockets: Path
    cwd: Path
    env: dict[str, str]
    transport: dict[str, str]
    broken: str = ""

    def command(self, argv: list[str]) -> list[str]:
        """The command that starts a program in this room."""
        return argv

    def look(self) -> bool:
        """Look whether something in the room uses more than it may."""
        return False

    def kill(self) -> None:
        """End everything in the room."""


@contextmanager
def open_room(files: dict[str, bytes]) -> Iterator[Room]:
    """Make a room with some files in it; at the end nothing of it is left."""
    folder = Path(tempfile.mkdtemp(prefix="mnl-"))
    try:
        for name in ("sockets", "work", "home"):
            (folder / name).mkdir()
        for name, content in files.items():
            path = folder / "work" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        env = {k: v for k, v in os.environ.items() if k != "MPLBACKEND"}
        transport = {"transport": "ipc", "ip": str(folder / "sockets" / "k")}
        room = Room(folder / "sockets", folder / "work", env, transport)
        try:
            yield room
        finally:
            room.kill()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
