"""Find the submissions: a folder or a notebook per student, a zip of these, or one notebook."""

import errno
import hashlib
import os
import re
import stat
import tempfile
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from lzma import LZMAError
from pathlib import Path

from mnist_lab.arrays import DataError
from mnist_lab.files import StrPath
from mnist_lab.grading.cells import MAX_NOTEBOOK_BYTES, notebooks

MAX_SUBMISSION_FILES, MAX_SUBMISSION_BYTES = 500, 50_000_000  # of one submission; more is left out
MAX_UNPACKED_BYTES = 4_000_000_000  # of a zip
LEDGER = "grades.sqlite"
COURSE = re.compile(r"\d\d_\w+\.ipynb")
MOODLE = re.compile(r"(?P<name>.+)_(?P<number>\d+)_assignsubmission_\w+?(?:_(?P<file>.+))?")
CANVAS = re.compile(r"(?P<name>[^_]+)_(?:LATE_)?(?P<number>\d+)_(?:\d+)_(?P<file>.+)")
BAD_NAME = {errno.ENAMETOOLONG, errno.EEXIST, errno.ENOTDIR, errno.EISDIR}
WINDOWS = os.name == "nt"
DEVICES = re.compile(r"(?i:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[\d¹²³]) *(?:\..*)?")
IGNORED = {"__MACOSX", ".git", ".ipynb_checkpoints", "__pycache__", ".venv", "node_modules"}


@dataclass(frozen=True)
class Submission:
    """What one student has handed in."""

    student: str  # no two in a class are alike
    number: str  # that Moodle or Canvas knows them by, else ""
    place: Path  # the folder that the files are in
    files: tuple[str, ...]  # their paths in it, with ``/``
    digest: str  # the SHA-256 of all that is in them, with their names
    content: tuple[bytes, ...] | None = None  # what is in them, for another machine

    def carried(self) -> "Submission":
        """The same, with its content in it: another machine need not see the folder."""
        return replace(self, content=tuple(self.read().values()))

    def read(self) -> dict[str, bytes]:
        """The files' content by their names; of one that is too large only the beginning."""
        if self.content is not None:
            return dict(zip(self.files, self.content, strict=True))
        return {name: _start_of(self.place / name) for name in self.files}


@contextmanager
def collect(place: StrPath) -> Iterator[list[Submission]]:
    """Find the submissions of a class, sorted by student; DataError if there are none.

    A zip is unpacked for as long.
    """
    place = Path(place)
    with tempfile.TemporaryDirectory(prefix="mnist-lab-zip-") as folder:
        root = place
        if place.is_file() and place.suffix.lower() == ".zip":
            root = Path(folder)
            _unpack(place, root)
        found = sorted(_find(root, place), key=lambda each: each.student)
        if not found:
            raise DataError(f"{place}: no submission there; name a folder of notebooks, or a zip")
        yield found


def _find(root: Path, named: Path) -> list[Submission]:
    if root.is_file():
        if root.suffix.lower() != ".ipynb":
            raise DataError(f"{named}: neither a folder, nor a notebook, nor a zip")
        return [_submission(*_who(root.name), root.parent, [root.name])]
    if not root.is_dir():
        raise DataError(f"{named}: no such folder, notebook or zip")
    top = [p for p in sorted(root.iterdir()) if not _ignored(p)]
    books = [p.name for p in top if p.suffix.lower() == ".ipynb" and p.is_file()]
    folders = [p for p in top if p.is_dir()]
    like = [bool(COURSE.fullmatch(name)) for name in books]
    if books and (all(like) or (any(like) and root.name == "notebooks")):
        # The course's own folder: one student's, in their own repository.
        return [_submission(_repository(named), "", root, _files(root))]
    if not books and len(folders) == 1 and _holds_a_class(folders[0]):
        return _find(folders[0], named)
    parts: dict[tuple[str, str], list[tuple[Path, str]]] = {}
    for name in books:
        parts.setdefault(_who(name), []).append((root, name))
    for folder in folders:
        parts.setdefault(_who(folder.name), []).extend((folder, name) for name in _files(folder))
    return [_together(root, *who, files) for who, files in parts.items()]


def _together(root: Path, student: str, number: str, files: list[tuple[Path, str]]) -> Submission:
    """One student's files, named as seen from the one folder that they are in."""
    places = {place for place, _ in files}
    place = places.pop() if len(places) == 1 else root
    names = [(folder / name).relative_to(place).as_posix() for folder, name in files]
    return _submission(student, number, place, names)


def _holds_a_class(folder: Path) -> bool:
    """Whether a folder looks like those of several students, not like one student's."""
    inside = [path for path in folder.iterdir() if not _ignored(path)]
    books = [p.name for p in inside if p.suffix.lower() == ".ipynb"]
    several = len(books) > 1 and not all(COURSE.fullmatch(name) for name in books)
    return several or (not books and sum(path.is_dir() for path in inside) > 1)


def _repository(folder: Path) -> str:
    folder = folder.resolve()
    return folder.parent.name if folder.name == "notebooks" else folder.name


def _who(name: str) -> tuple[str, str]:
    """The student and their number, from the name of a folder or a notebook."""
    name = readable(name)
    stem = name[:-6] if name.lower().endswith(".ipynb") else name
    for form in (MOODLE, CANVAS):
        if found := form.fullmatch(stem):
            return f"{found['name']} ({found['number']})", found["number"]
    return stem, ""


def readable(name: str) -> str:
    """A file's name as text that can be shown, also where an older system wrote it in Latin-1."""
    raw = os.fsencode(name)
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    return "".join("\ufffd" if unicodedata.category(each) == "Cc" else each for each in text)


def _start_of(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(
            (MAX_NOTEBOOK_BYTES if path.suffix.lower() == ".ipynb" else MAX_SUBMISSION_BYTES) + 1
        )


def _files(folder: Path) -> list[str]:
    """The files below a folder, without links; never out of it."""
    found = []
    for at, folders, names in os.walk(folder, followlinks=False):
        folders[:] = sorted(name for name in folders if not _ignored(Path(at) / name))
        for name in sorted(names):
            path = Path(at) / name
            if not path.is_symlink() and path.is_file():
                found.append(path.relative_to(folder).as_posix())
    return found


def _ignored(path: Path) -> bool:
    hidden = path.name.startswith(".") and not path.name.startswith("..")
    ours = (path / LEDGER).exists()  # a folder that a gradebook was written to
    return path.name in IGNORED or hidden or ours or path.is_symlink()


def _submission(student: str, number: str, place: Path, files: list[str]) -> Submission:
    """Notebooks first, as far as the limits go."""
    books = notebooks(files)
    kept, size = [], 0
    for name in sorted(files, key=lambda name: name not in books)[:MAX_SUBMISSION_FILES]:
        size += (place / name).stat().st_size
        if name in books or size <= MAX_SUBMISSION_BYTES:
            kept.append(name)
    digest = hashlib.sha256()
    for name in sorted(kept):
        with (place / name).open("rb") as file:
            digest.update(name.encode("utf-8", "surrogateescape") + b"\0")
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return Submission(student, number, place, tuple(kept), digest.hexdigest())


def _unpack(path: Path, root: Path) -> None:
    """Unpack a zip, and nothing of it anywhere else; DataError if it is damaged, or too large."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            if sum(e.file_size for e in entries) > MAX_UNPACKED_BYTES:
                limit = f"{MAX_UNPACKED_BYTES / 1e9:.0f} GB"
                raise DataError(f"{path}: more than {limit} when unpacked")
            for entry in entries:
                entry.filename = member_name(entry.filename, windows=WINDOWS)
                if entry.filename and not stat.S_ISLNK(entry.external_attr >> 16):
                    _extract(archive, entry, root)
    except (zipfile.BadZipFile, OSError, EOFError, RuntimeError, zlib.error, LZMAError) as error:
        raise DataError(f"{path}: cannot be unpacked ({error})") from None


def _extract(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, root: Path) -> None:
    """Unpack a file; one whose name cannot be had is left out, for that must not lose a class."""
    try:
        archive.extract(entry, root)
    except OSError as error:
        if error.errno not in BAD_NAME:
            raise


def member_name(name: str, *, windows: bool) -> str:
    """Where a zip's file may lie below the folder it is unpacked into; "" where it may not.

    Its name has backslashes, where Windows made the zip. If the folder is Windows', that takes
    ``C:`` for a drive wherever it stands, some names for devices, and drops dots and spaces at a
    name's end.
    """
    parts = [part for part in name.replace("\\", "/").split("/") if part not in {"", "."}]
    rooted = name.startswith(("/", "\\")) or re.match(r"[A-Za-z]:[/\\]", name)
    folder = name.endswith(("/", "\\"))
    if rooted or folder or ".." in parts:
        return ""
    return "/".join(map(_windows_name, parts) if windows else parts)


def _windows_name(name: str) -> str:
    """A name that Windows takes as it is."""
    name = re.sub(r'[\x00-\x1f<>:"|?*]', "_", name)
    name = re.sub(r"[. ]+$", lambda end: "_" * len(end[0]), name)
    return f"_{name}" if DEVICES.fullmatch(name) else name
