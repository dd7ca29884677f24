"""The attempts of one student, and which of them counts."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Literal, NamedTuple

from mnist_lab.grading.cells import exercises_in, is_notebook, notebooks
from mnist_lab.grading.unpacking import File, Unpacker

Choice = Literal["best", "last", "first"]
FOLDER = re.compile(r"attempt[ _-]?(\d{1,4})(?:\.zip)?", re.IGNORECASE)
VERSION = re.compile(r"(?P<stem>.+)-\d{1,2}(?P<suffix>\.\w+)", re.DOTALL)  # Canvas: lab-1.ipynb


class Part(NamedTuple):
    """A file or a folder of a student's, as the whole class lies in one place."""

    path: Path
    name: str = ""  # among the student's files; "" if it is called as it is, or is a folder
    order: int | str = 0  # of its attempt, or Canvas' number of the file; they grow with time


@dataclass(frozen=True)
class Attempt:
    """What was handed in at once."""

    files: tuple[File, ...]
    when: datetime | None = None  # in UTC, where the layout tells it

    @property
    def has_notebook(self) -> bool:
        """Whether there is anything to run."""
        return bool(notebooks([file.name for file in self.files]))


@dataclass
class HandedIn:
    """All that a student has handed in."""

    student: str
    number: str  # that Moodle or Canvas knows them by, else ""
    attempts: list[Attempt]  # from first to last, at least one
    late: bool | None = None  # as Canvas says; None where nothing does
    dated: bool = True  # whether the files' times are those of the student's work
    notes: list[str] = field(default_factory=list)


def attempts_of(parts: Sequence[Part], unpacker: Unpacker) -> list[Attempt]:
    """The attempts, by the order of the parts, or in folders such as ``attempt_2``."""
    orders: dict[int | str, list[File]] = defaultdict(list)
    for part in parts:
        orders[part.order] += unpacker.files(part.path, part.name)
    files = [_apart(orders[order]) for order in sorted(orders)]
    return [Attempt(tuple(each)) for each in (files if len(files) > 1 else _by_folder(files[0]))]


def canvas_attempts(parts: Sequence[Part], unpacker: Unpacker) -> list[Attempt]:
    """The attempts, where a file that comes again has the next number: ``name-1.ipynb``."""
    listed = {part: unpacker.files(part.path, part.name) for part in parts}
    versions = _versions(sorted(parts, key=lambda part: part.order))
    attempts = []
    for back in range(max(len(group) for _, group in versions), 0, -1):  # from the last attempt
        files = []
        for base, group in versions:
            part = group[max(0, len(group) - back)]
            files += listed[part]
            if part.name != base and [part.path] == [file.path for file in listed[part]]:
                files += [] if is_notebook(base) else [File(base, part.path)]  # as it was called
        attempts.append(Attempt(tuple(_apart(files))))
    return attempts


def _versions(parts: Sequence[Part]) -> list[tuple[str, list[Part]]]:
    """The versions of each file, after its name without number; what only looks so stays apart."""
    groups: dict[str, list[Part]] = defaultdict(list)
    for part in parts:
        found = VERSION.fullmatch(part.name)
        groups[found["stem"] + found["suffix"] if found else part.name].append(part)
    versions = []
    for base, group in groups.items():
        if len(group) == 1 or _is_one_file(base, group):
            versions.append((base, group))
        else:
            versions += [(part.name, [part]) for part in group]
    return versions


def _is_one_file(base: str, group: Sequence[Part]) -> bool:
    """Whether files are versions of one: ``lesson-1`` and ``lesson-2`` may be two notebooks."""
    if not is_notebook(base):
        return any(part.name == base for part in group)
    found = [each for part in group if (each := exercises_in(part.path))]
    return not any(one.isdisjoint(other) for one, other in pairwise(found))


def _apart(files: Sequence[File]) -> list[File]:
    """The same files, each with a name of its own."""
    taken: dict[str, File] = {}
    for number, file in enumerate(files, 1):
        name = f"{number}/{file.name}" if file.name in taken else file.name
        taken[name] = File(name, file.path)
    return list(taken.values())


def _by_folder(files: Sequence[File]) -> list[list[File]]:
    """One attempt, or those in folders; what lies beside is the first, or is in all of them."""
    inside: dict[int, list[File]] = defaultdict(list)
    beside = []
    for file in files:
        first, _, rest = file.name.partition("/")
        found = FOLDER.fullmatch(first)
        if found and rest:
            inside[int(found[1])].append(File(rest, file.path))
        else:
            beside.append(file)
    attempts = [inside[number] for number in sorted(inside)]
    if not attempts or any(is_notebook(file.name) for file in beside):
        return [beside, *attempts]
    return [[*beside, *each] for each in attempts]


def choose(attempts: Sequence[Attempt], choice: Choice) -> tuple[Attempt, str]:
    """What counts of some attempts, of those with a notebook if any has one, and a note of it."""
    usable = [each for each in attempts if each.has_notebook] or attempts
    if len(attempts) == 1:
        return attempts[0], ""
    some = f", {len(usable)} with a notebook" if len(usable) < len(attempts) else ""
    if choice == "best" and len(usable) > 1:
        files = [
            File(f"attempt {number}/{file.name}", file.path)
            for number, each in enumerate(usable, 1)
            for file in each.files
        ]
        note = f"There are {len(attempts)} attempts{some}; of each exercise the best counts."
        return Attempt(tuple(files), usable[-1].when), note
    counts = usable[0 if choice == "first" else -1]
    which = f"the {choice} counts" if len(usable) > 1 else "it counts"
    when = f", of {counts.when:%Y-%m-%d %H:%M} UTC" if counts.when else ""
    return counts, f"There are {len(attempts)} attempts{some}; {which}{when}."
