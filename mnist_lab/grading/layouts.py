"""Who has handed in what: the layouts in which Moodle, Canvas, Blackboard and others export it."""

import re
import zipfile
from collections import Counter, defaultdict
from collections.abc import Container, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from mnist_lab.grading.attempts import (
    FOLDER,
    Attempt,
    HandedIn,
    Part,
    attempts_of,
    canvas_attempts,
)  # fmt: skip
from mnist_lab.grading.cells import NOTEBOOK, is_notebook
from mnist_lab.grading.course_folders import AGAIN, COPY, LESSON, is_clone, is_one_students, lessons
from mnist_lab.grading.labels import Label, find_labels, find_logins, time_of
from mnist_lab.grading.unpacking import DAMAGED, Unpacker, is_ignored
from mnist_lab.grading.zips import decoded_name
from mnist_lab.names import readable

GOOGLE = re.compile(r"(?P<name>.+?) - (?P<lesson>\d\d_\w+)", re.DOTALL)  # for whom a copy was made
ATTEMPT = re.compile(r"(?P<name>.+?)[ _-]attempt[ _-]?(?P<order>\d{1,4})", re.IGNORECASE)
STAMP = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:\.\d+)? ?(\S*)\s*")  # nbgrader's


def find_students(root: Path, called: str, unpacker: Unpacker) -> list[HandedIn]:
    """The students of a folder, or of one notebook; no two have the same name.

    If all of it is one student's they are `called` so, else as their files are. OSError if the
    folder cannot be read.
    """
    entries = [root] if root.is_file() else _entries(root)
    labels = find_labels(entries)
    names = {readable(path.name) for path in entries}
    others = [
        path
        for path in entries
        if path not in labels and path not in unpacker.skip and _is_handed_in(path)
        and not _was_unpacked(path, names)
    ]  # fmt: skip
    if not labels and root.is_dir():
        attempts = bool(others) and all(FOLDER.fullmatch(path.name) for path in others)
        if attempts or is_one_students(root, entries):
            return _named_freely([root], root, unpacker, called)
        if len(others) == 1 and _is_class(others[0]):
            return find_students(others[0], readable(others[0].name), unpacker)
    found = [*_named_freely(others, root, unpacker), *_exported(labels, not others, unpacker)]
    return _tell_apart(found)


def _entries(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.iterdir()) if not is_ignored(path)]


def _is_handed_in(path: Path) -> bool:
    """Whether something beside others is a student's, whatever it is called."""
    return path.is_dir() or is_notebook(path.name) or path.suffix.lower() == ".zip"


def _was_unpacked(path: Path, names: Container[str]) -> bool:
    """Whether a zip lies beside all that was in it."""
    if path.suffix.lower() != ".zip" or not path.is_file():
        return False
    try:
        with zipfile.ZipFile(path) as archive:
            inside = [decoded_name(each) for each in archive.infolist()]
    except (*DAMAGED, OSError):
        return False
    tops = {re.split(r"[/\\]", name)[0] for name in inside}
    return bool(tops) and all(readable(top) in names for top in tops - {"__MACOSX"})


def _is_class(path: Path) -> bool:
    """Whether a folder by itself holds those of several students, and is not one student's."""
    try:
        entries = _entries(path) if path.is_dir() else []
    except OSError:
        return False
    books = [each for each in entries if is_notebook(each.name)]
    folders = [each for each in entries if _is_handed_in(each) and each not in books]
    others = [each for each in folders if not FOLDER.fullmatch(each.name)]  # not attempts
    if is_clone(path) or is_one_students(path, entries):
        return False
    exported = path.name == "submitted" or bool(find_labels(entries))
    return exported or len(books) > 1 or (not books and len(others) > 1)


def _exported(labels: Mapping[Path, Label], whole: bool, unpacker: Unpacker) -> list[HandedIn]:
    """The students that platforms have named; their numbers count if that is the `whole` layout."""
    whole = whole and len({label.platform for label in labels.values()}) == 1
    groups: dict[tuple[str, str, str], list[Path]] = defaultdict(list)
    for path, label in labels.items():
        groups[label.platform, label.name, label.number].append(path)
    claims = Counter(number for _, _, number in groups)
    logins = find_logins({name for platform, name, _ in groups if platform == "Blackboard"})
    found = []
    for (platform, name, number), paths in groups.items():
        unpacker.begin_student()
        parts = [_part(path, labels[path]) for path in paths]
        canvas = platform == "Canvas"
        attempts = (canvas_attempts if canvas else attempts_of)(parts, unpacker)
        if platform == "Blackboard":
            times = [time_of(order) for order in sorted({labels[path].order for path in paths})]
            times += times[-1:] * (len(attempts) - len(times))
            attempts = [replace(a, when=t) for a, t in zip(attempts, times, strict=True)]
        late = any(labels[path].late for path in paths) if canvas else None
        each = HandedIn(logins.get(name, name), "", attempts, late, dated=not canvas)
        if number and not whole:
            each.notes.append(f"The number {number} does not count: not all beside it has one.")
        elif number and claims[number] > 1:
            each.notes.append(
                f"The number {number} is {claims[number]} students': it counts for none."
            )
        elif number:
            each.student, each.number = f"{name} ({number})", number
        found.append(each)
    return found


def _part(path: Path, label: Label) -> Part:
    name = path.name if label.file in {"", ".", ".."} else label.file
    if path.is_dir():
        name = f"{name}/" if label.file == name else ""
    canvas = label.platform == "Canvas"
    return Part(path, name, int(label.order or 0) if canvas else label.order)


def _named_freely(
    paths: Sequence[Path], root: Path, unpacker: Unpacker, called: str = ""
) -> list[HandedIn]:
    """The students after whom somebody has named what they handed in, or one who is `called` so."""
    folders = [path for path in paths if path.is_dir()]
    stamped = root.name == "submitted" or all(any(f.glob("*/timestamp.txt")) for f in folders)
    stems = {_stem(path) for path in paths}
    groups: dict[str, list[Part]] = defaultdict(list)
    for path in paths:
        stem = _stem(path)
        unpacked = path.suffix.lower() == ".zip" and path.with_name(stem) in folders
        name, order = (called, 0) if called else _free_name(stem, stems)
        if not unpacked:
            groups[name].append(Part(path, order=order))
    found = []
    for name, parts in groups.items():
        unpacker.begin_student()
        attempts = attempts_of(parts, unpacker)
        if stamped:
            attempts = [replace(each, when=_stamped(each)) for each in attempts]
        dated = not any(is_clone(part.path) for part in parts)
        found.append(HandedIn(readable(name), "", attempts, dated=dated))
    return found


def _stem(path: Path) -> str:
    if path.is_dir():
        return path.name
    book = NOTEBOOK.fullmatch(path.name)
    return book["stem"] if book else path.stem


def _free_name(stem: str, stems: set[str]) -> tuple[str, int]:
    """A student and the number of their attempt; a copy beside its original is its student's."""
    original = COPY.sub("", stem)
    if original == stem and not LESSON.fullmatch(AGAIN.sub("", stem)):
        original = AGAIN.sub("", stem)
    stem = original if original in stems else stem
    if (found := GOOGLE.fullmatch(stem)) and found["lesson"] in lessons():
        return found["name"], 0
    found = ATTEMPT.fullmatch(stem)
    return (found["name"], int(found["order"])) if found else (stem, 0)


def _tell_apart(found: list[HandedIn]) -> list[HandedIn]:
    """The same students, each with a name of their own."""
    count = Counter(each.student for each in found)
    taken: set[str] = set()
    for each in found:
        name, number = each.student, 1
        if count[name] > 1:
            each.notes.append(f"{count[name]} students are called {name}.")
        while each.student in taken or (number > 1 and each.student in count):
            number += 1
            each.student = f"{name} ({number})"
        taken.add(each.student)
    return found


def _stamped(attempt: Attempt) -> datetime | None:
    """When nbgrader took an attempt, by its ``timestamp.txt``."""
    times = []
    for file in attempt.files:
        if file.name.count("/") != 1 or file.path.name != "timestamp.txt":
            continue
        with suppress(OSError, ValueError, KeyError, OverflowError):
            with file.path.open(encoding="ascii") as lines:
                found = STAMP.fullmatch(lines.read(100))
            if found:
                zone = UTC if found[3] in {"", "UTC"} else ZoneInfo(found[3])
                time = datetime.fromisoformat(f"{found[1]} {found[2]}")
                times.append(time.replace(tzinfo=zone).astimezone(UTC))
    return max(times, default=None)
