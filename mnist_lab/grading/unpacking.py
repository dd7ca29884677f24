"""Zips, of a class or of a student: unpacked into one folder, within limits, and nowhere else."""

import os
import shutil
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from lzma import LZMAError
from pathlib import Path
from typing import NamedTuple

from mnist_lab.files import NO_ROOM
from mnist_lab.grading.cells import MAX_NOTEBOOK_BYTES, NotRead, Unreadable, is_notebook
from mnist_lab.grading.zips import decoded_name, member_name, modified, short_name

MAX_FILE_BYTES = 50_000_000  # of a file that is no notebook
MAX_ZIP_BYTES = 500_000_000  # of the zips of one student when unpacked, and of a zip in a zip
MAX_UNPACKED_BYTES = 4_000_000_000  # of all zips together
MAX_DEPTH = 3  # of zips in zips
LEDGER = "grades.sqlite"  # of a gradebook
WINDOWS = os.name == "nt"
IGNORED = {"__MACOSX", ".git", ".ipynb_checkpoints", "__pycache__", ".venv", "node_modules"}
DAMAGED = (
    zipfile.BadZipFile, EOFError, RuntimeError, ValueError, zlib.error, LZMAError, struct.error
)  # fmt: skip


class CannotUnpack(Unreadable):
    """A zip is damaged, or too large; its text says which."""


class File(NamedTuple):
    """A file that was handed in."""

    name: str  # as the student's notebooks see it, with ``/``
    path: Path  # where it is


class Member(NamedTuple):
    """What is to be unpacked of a zip, and the place where it may lie."""

    entry: zipfile.ZipInfo
    name: str
    is_folder: bool


class Unpacker:
    """Lists what was handed in; zips are unpacked below one folder, within limits for all."""

    def __init__(self, folder: Path) -> None:
        self.lost: dict[Path, Unreadable] = {}  # what is not there as it was handed in, and why
        self.skip: set[Path] = set()  # what is nobody's
        self._folder, self._count = folder, 0
        self._left = MAX_UNPACKED_BYTES
        self._left_of_student = 0

    def begin_student(self) -> None:
        """What is listed from now on is another student's: they have the whole limit."""
        self._left_of_student = MAX_ZIP_BYTES

    def files(self, path: Path, name: str = "", depth: int = 1) -> list[File]:
        """A file itself, under a name, or what is below a folder, or in a zip; links are none."""
        if not path.is_dir():
            return self._file(path, name, depth)
        below = sorted(self._below(path), key=lambda each: each.relative_to(path).parts)
        listed = [(each, name + each.relative_to(path).as_posix()) for each in below]
        found = [file for each, own in listed for file in self._file(each, own, depth)]
        return [File(path.name, path), *found] if path in self.lost else found

    def _file(self, path: Path, name: str, depth: int) -> list[File]:
        if path in self.lost or depth > MAX_DEPTH or path.suffix.lower() != ".zip":
            return [File(name or path.name, path)]
        try:
            root = self.unpack(path, of_student=True)
        except Unreadable as error:
            self.lost[path] = error
            return [File(name or path.name, path)]
        return self.files(root, f"{name}/" if name else "", depth + 1)

    def _below(self, folder: Path) -> Iterator[Path]:
        """The files below a folder, never out of it; also what is lost."""

        def failed(error: OSError) -> None:
            self.lost[Path(error.filename)] = NotRead(f"it cannot be read ({error.strerror})")

        for at, folders, names in os.walk(folder, onerror=failed):
            here = Path(at)
            folders[:] = [
                each
                for each in folders
                if not is_ignored(here / each) and here / each not in self.skip
            ]
            for name in names:
                path = here / name
                if name.startswith("._") or name == LEDGER:  # it may tell the secret
                    continue
                with suppress(OSError):  # it is kept, and told when it is to be read
                    if not stat.S_ISREG(path.lstat().st_mode):
                        continue
                if path not in self.lost:
                    yield path
        yield from [each for each in self.lost if folder in each.parents]

    def unpack(self, path: Path, *, of_student: bool = False) -> Path:
        """Unpack a zip, of the class or of a student, into a folder of its own.

        Members that cannot be had are in `lost`; of what is too large only that is kept.
        CannotUnpack if there are no others, NotRead if the zip cannot be read; OSError if there
        is no room.
        """
        self._count += 1
        root = self._folder / str(self._count)
        root.mkdir()
        limit = MAX_ZIP_BYTES if of_student else MAX_UNPACKED_BYTES
        left = min(self._left, self._left_of_student) if of_student else self._left
        try:
            about = path.stat()
            if of_student and about.st_size > limit:
                raise CannotUnpack(f"it has more than {_size(limit)}")
            with zipfile.ZipFile(path) as archive:
                members = list(_members(archive))
                sizes = [each.entry.file_size for each in members]
                kept = sum(n for n, e in zip(sizes, members, strict=True) if n <= max_bytes(e.name))
                if kept > left:
                    raise CannotUnpack(f"it has more than {_size(limit)} when unpacked")
                self._left -= kept
                self._left_of_student -= kept
                when = (
                    about.st_mtime if of_student else None
                )  # a student's own clock does not count
                errors = [self._extract(archive, each, root, when) for each in members]
        except DAMAGED as error:
            raise CannotUnpack(f"it cannot be unpacked ({error})") from None
        except OSError as error:
            if error.errno in NO_ROOM:
                raise
            raise NotRead(f"it cannot be read ({error.strerror or error})") from None
        if errors and all(errors):
            raise CannotUnpack(f"it cannot be unpacked ({errors[0]})")
        return root

    def _extract(
        self, archive: zipfile.ZipFile, member: Member, root: Path, when: float | None
    ) -> str:
        """Unpack a member, with its time; why it cannot be had, or ""."""
        target = root.joinpath(*member.name.split("/"))
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            if member.is_folder:
                target.mkdir(exist_ok=True)
                return ""
            _write(archive, member, target)
            changed = modified(member.entry) if when is None else when
            os.utime(target, (changed, changed))
        except OSError as error:
            if error.errno in NO_ROOM:
                raise
            why = error.strerror or str(error)
        except DAMAGED as error:
            why = str(error)
        else:
            self.lost.pop(target, None)  # a later member of the same name counts
            return ""
        if not target.is_dir():
            fault = NotRead if when is None else Unreadable  # of the class's zip, or of their own
            self.lost[target] = fault(f"it cannot be unpacked ({why[:100]})")
            with suppress(OSError):  # its student has a row all the same
                (root / member.name.split("/")[0]).touch()
        return why


def _write(archive: zipfile.ZipFile, member: Member, target: Path) -> None:
    """Write a member to a file; of what is too large one byte more than may be, all of them 0."""
    most = max_bytes(member.name)
    with archive.open(member.entry) as source, target.open("wb") as file:
        if member.entry.file_size > most:
            file.truncate(most + 1)
        else:
            shutil.copyfileobj(source, file)


def is_ignored(path: Path) -> bool:
    """Whether a file or a folder is nobody's work: hidden, a link, or what tools leave."""
    hidden = path.name.startswith(".") and not path.name.startswith("..")
    return path.name in IGNORED or hidden or path.is_symlink()


def max_bytes(name: str) -> int:
    """How large a file may be."""
    if is_notebook(name):
        return MAX_NOTEBOOK_BYTES
    return MAX_ZIP_BYTES if name.lower().endswith(".zip") else MAX_FILE_BYTES


def _size(count: int) -> str:
    return f"{count / 1e9:.0f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"


def _members(archive: zipfile.ZipFile) -> Iterator[Member]:
    """What is to be unpacked of a zip."""
    for entry in archive.infolist():
        name = decoded_name(entry)
        is_folder = name.endswith(("/", "\\"))
        name = member_name(name.rstrip("/\\") if is_folder else name, windows=WINDOWS)
        parts = [short_name(part) for part in name.split("/")]
        junk = IGNORED.intersection(parts) or parts[-1].startswith("._")
        if name and not junk and not stat.S_ISLNK(entry.external_attr >> 16):
            yield Member(entry, "/".join(parts), is_folder)
