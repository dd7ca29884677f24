"""The submissions of a class: what each student has handed in, within limits, and who they are."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from mnist_lab.arrays import DataError
from mnist_lab.files import StrPath
from mnist_lab.grading.attempts import Choice, HandedIn, choose
from mnist_lab.grading.cells import TOO_LARGE, NotRead, Unreadable, is_notebook, notebooks
from mnist_lab.grading.layouts import find_students
from mnist_lab.grading.leftovers import temporary_folder
from mnist_lab.grading.unpacking import LEDGER, Unpacker, max_bytes
from mnist_lab.names import readable

MAX_NOTEBOOKS = 20  # of one submission; each may take five time-outs, and the best one counts
MAX_SUBMISSION_FILES, MAX_SUBMISSION_BYTES = 500, 50_000_000  # of one submission; more is left out
LIMIT, MAX_NOTES = f"{MAX_SUBMISSION_BYTES // 10**6} MB", 9  # of a submission
GRADES, FEEDBACK = "gradebook.csv", "feedback"  # that lie beside a ledger
__all__ = ["LEDGER", "Contents", "Submission", "collect"]
FIRST_ZIP_TIME = 1e9 / 2  # 1985; a zip that knows no time says 1980


@dataclass(frozen=True)
class Submission:
    """What one student has handed in."""

    student: str  # no two in a class are alike
    number: str  # that Moodle or Canvas knows them by, else ""
    files: tuple[str, ...]  # their names as the notebooks see them, with ``/``; notebooks first
    paths: tuple[Path, ...]  # where they are
    digest: str  # the SHA-256 of all that is in them, with their names
    notes: tuple[str, ...] = ()  # what was out of the ordinary
    attempts: int = 1  # how often they have handed in, as far as it is to be seen
    submitted: datetime | None = None  # in UTC; None where nothing tells it
    late: bool | None = None  # as Canvas says; None where nothing does
    incomplete: bool = False  # a notebook could not be read here
    content: tuple[bytes | Unreadable, ...] | None = None  # for another machine

    def carried(self) -> "Submission":
        """The same, with its content in it: another machine need not see the folder."""
        files = self.read()
        content: list[bytes | Unreadable] = []
        for name in self.files:
            try:
                content.append(files[name])
            except Unreadable as error:
                content.append(error)
        return replace(self, content=tuple(content))

    def read(self) -> "Contents":
        """The files' content by their names, each read when it is asked for."""
        return Contents(self)


class Contents(Mapping[str, bytes]):
    """What is in a submission; Unreadable for a file that is too large, NotRead on an error."""

    def __init__(self, submission: Submission) -> None:
        self._of = submission
        self._places = {name: at for at, name in enumerate(submission.files)}

    def __len__(self) -> int:
        return len(self._places)

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __getitem__(self, name: str) -> bytes:
        at = self._places[name]
        if self._of.content is None:
            return _read(self._of.paths[at], max_bytes(name))
        content = self._of.content[at]
        if isinstance(content, Unreadable):
            raise content
        return content


def _read(path: Path, most: int) -> bytes:
    try:
        if path.stat().st_size > most:
            raise Unreadable(TOO_LARGE)
        with path.open("rb") as file:
            return file.read(most + 1)
    except OSError as error:
        raise NotRead(_why(error)) from None


def _why(error: OSError) -> str:
    return f"it cannot be read ({error.strerror or error})"


@contextmanager
def collect(
    place: StrPath, attempt: Choice = "last", *, out: StrPath | None = None
) -> Iterator[list[Submission]]:
    """Find the submissions of a class, sorted by student; DataError if there are none.

    Zips are unpacked for as long.

    Parameters
    ----------
    place : path
        A folder or a zip of a class, in any layout, or a notebook.
    attempt : {"last", "first", "best"}
        Which of a student's attempts counts, where there are several; of the best, all are kept.
    out : path, optional
        The folder of the gradebook, which is nobody's submission.
    """
    place = Path(place)
    with temporary_folder() as folder:
        unpacker = Unpacker(folder)
        try:
            handed_in = _find(place, unpacker, out)
        except OSError as error:
            raise DataError(f"{place}: cannot be read ({error.strerror or error})") from None
        if not handed_in:
            raise DataError(f"{place}: no submission there; name a folder of notebooks, or a zip")
        found = [_submission(each, attempt, unpacker.lost) for each in handed_in]
        yield sorted(found, key=lambda each: each.student)


def _find(place: Path, unpacker: Unpacker, out: StrPath | None) -> list[HandedIn]:
    if place.is_file() and place.suffix.lower() == ".zip":
        try:
            return find_students(unpacker.unpack(place), readable(place.stem), unpacker)
        except Unreadable as error:
            raise DataError(f"{place}: {error}") from None
    if place.is_file() and not is_notebook(place.name):
        raise DataError(f"{place}: neither a folder, nor a notebook, nor a zip")
    if not place.exists():
        raise DataError(f"{place}: no such folder, notebook or zip")
    whole = place.resolve()
    called = readable((whole.parent if whole.name == "notebooks" else whole).name)
    if place.is_dir():
        unpacker.skip |= {path for path in place.iterdir() if _is_gradebook(path)}
    if out is not None and Path(out).resolve().is_relative_to(whole):
        ours = place / Path(out).resolve().relative_to(whole)
        unpacker.skip |= {ours, ours / FEEDBACK}
    return find_students(place, called, unpacker)


def _is_gradebook(path: Path) -> bool:
    """Whether a gradebook was written to a folder, which no student's notebook is in."""
    with suppress(OSError):
        written = all((path / name).is_file() for name in (LEDGER, GRADES))
        return written and not any(is_notebook(each.name) for each in path.iterdir())
    return False


class _Kept(NamedTuple):
    """A file that is within the limits."""

    path: Path
    digest: bytes
    size: int  # in bytes
    changed: float  # seconds since 1970


def _submission(handed_in: HandedIn, choice: Choice, lost: Mapping[Path, Unreadable]) -> Submission:
    """What counts of it, and what is to be said of it."""
    attempt, chosen = choose(handed_in.attempts, choice)
    paths = dict(attempt.files)
    kept, lacks, incomplete = _within_limits(paths, lost)
    without = _without(list(kept)) if kept or not lacks else ""
    notes = [note for note in (*lacks[:MAX_NOTES], chosen, *handed_in.notes, without) if note]
    digest = hashlib.sha256("\n".join(notes).encode())
    for name in sorted(kept):
        digest.update(name.encode("utf-8", "surrogateescape") + b"\0" + kept[name].digest)
    books = notebooks(list(kept))
    changed = [kept[name].changed for name in books or kept]
    return Submission(
        handed_in.student, handed_in.number, tuple(kept), tuple(f.path for f in kept.values()),
        digest.hexdigest(), tuple(notes), len(handed_in.attempts),
        attempt.when or (_time(max(changed, default=0.0)) if handed_in.dated else None),
        handed_in.late, incomplete,
    )  # fmt: skip


def _within_limits(
    paths: Mapping[str, Path], lost: Mapping[Path, Unreadable]
) -> tuple[dict[str, _Kept], list[str], bool]:
    """The files that are graded, notebooks first; notes; whether one cannot be read here."""
    books = dict.fromkeys(notebooks(list(paths)))
    names = [*list(books)[:MAX_NOTEBOOKS], *(name for name in paths if name not in books)]
    kept: dict[str, _Kept] = {}
    notes, incomplete, left = [], False, MAX_SUBMISSION_BYTES
    for name in names[:MAX_SUBMISSION_FILES]:
        try:
            file = _look_at(paths[name], max_bytes(name) if name in books else left, lost)
        except Unreadable as error:
            notes.append(f"{readable(name)} is left out: {error}.")
            incomplete |= isinstance(error, NotRead)
            continue
        too_large = name in books and file.size > max_bytes(name)  # said when it is read
        if too_large or file.size <= left:
            kept[name] = file
            left -= 0 if too_large else file.size
        else:
            notes.append(f"{readable(name)} is left out: only {LIMIT} of a submission count.")
    if len(books) > MAX_NOTEBOOKS:
        notes.insert(0, f"There are {len(books)} notebooks; the first {MAX_NOTEBOOKS} count.")
    elif len(names) > MAX_SUBMISSION_FILES:
        notes.insert(0, f"There are {len(names)} files; the first {MAX_SUBMISSION_FILES} count.")
    return kept, notes, incomplete


def _look_at(path: Path, most: int, lost: Mapping[Path, Unreadable]) -> _Kept:
    """What is to be known of a file; of a larger one nothing is read. Unreadable if it is lost."""
    if path in lost:
        raise lost[path]
    try:
        about = path.stat()
        if about.st_size > most:
            digest = f"{about.st_size} bytes".encode()
        else:
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").digest()
    except OSError as error:
        raise NotRead(_why(error)) from None
    return _Kept(path, digest, about.st_size, about.st_mtime)


def _time(seconds: float) -> datetime | None:
    """A file's time; None where a zip knew none."""
    try:
        return datetime.fromtimestamp(seconds, UTC) if seconds > FIRST_ZIP_TIME else None
    except (ValueError, OverflowError, OSError):
        return None


def _without(names: Sequence[str]) -> str:
    """A note on what is handed in where no notebook is, or ""."""
    if notebooks(names):
        return ""
    some = ", ".join(readable(name)[:100] for name in names[:3])
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return f"There is no notebook in it, but {some}{more}." if names else "It is empty."
