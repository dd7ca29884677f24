"""What platforms write into the names of what students hand in."""

import os
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from mnist_lab.names import readable

UPLOAD = r"(?:(?P<order>\d+)_(?P<file>.+)|(?:text|link)\.html)"  # to Canvas
# The whole names that platforms give. A file's own name comes last and takes all that it can, so
# that nobody's file carries somebody else's name or number.
FORMS = [
    ("Moodle", r"(?P<name>.+?)_(?P<number>\d+)_assignsubmission_[a-z]+(?:_(?P<file>.*))?"),
    ("Canvas", rf"(?:(?P<late>late)_)?(?P<name>anon_[a-z\d]+)_{UPLOAD}"),
    ("Canvas", rf"(?P<name>(?:(?!_\d+_).)+?)_(?:(?P<late>late)_)?(?P<number>\d+)_{UPLOAD}"),
    ("Blackboard", r"(?P<name>.+?)_attempt_(?P<order>\d{4}(?:-\d\d){5})(?:_(?P<file>.+)|\.txt)?"),
]  # fmt: skip
PLATFORMS = [(name, re.compile(form, re.IGNORECASE | re.DOTALL)) for name, form in FORMS]


class Label(NamedTuple):
    """What the name that a platform has given says."""

    platform: str
    name: str
    number: str
    late: str
    file: str
    order: str = ""


def find_labels(entries: Sequence[Path]) -> dict[Path, Label]:
    """What the names say that a platform has given: of several, the one that fits best."""
    fit: dict[str, dict[Path, Label]] = defaultdict(dict)
    for platform, form in PLATFORMS:
        for path in entries:
            if found := form.fullmatch(readable(path.name)):
                told = {key: value or "" for key, value in found.groupdict().items()}
                told = {"number": "", "late": "", "file": "", **told}
                fit[platform].setdefault(path, Label(platform, **told))
    files = {(each.name, each.number, each.order) for each in fit["Canvas"].values() if each.order}
    if len({order for *_, order in files}) < len(files):  # Canvas numbers no two files alike
        del fit["Canvas"]
    labels: dict[Path, Label] = {}
    for each in sorted(fit.values(), key=_fits):
        labels |= each
    return labels


def _fits(labels: Mapping[Path, Label]) -> tuple[int, int]:
    """How well a platform fits: it names many, and what it says comes first in the names."""
    return len(labels), -sum(len(label.name) for label in labels.values())


def find_logins(heads: set[str]) -> dict[str, str]:
    """Blackboard's users, from what it writes before an attempt: course, assignment and user."""
    common = os.path.commonprefix(list(heads)) if len(heads) > 1 else "".join(heads)  # noqa: RUF071
    return {head: head[common.rfind("_") + 1 :] or head for head in heads}


def time_of(text: str) -> datetime | None:
    """A time as Blackboard writes it: of its own zone, which is taken for this machine's."""
    with suppress(ValueError, OverflowError, OSError):
        return datetime.strptime(text, "%Y-%m-%d-%H-%M-%S").astimezone(UTC)
    return None
