"""Answers that are suspiciously equal: between students, or to the published solution."""

import builtins
import csv
import io
import keyword
import re
import tokenize
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from mnist_lab.exercises import Exercise, all_exercises
from mnist_lab.files import atomic_write
from mnist_lab.grading import cells
from mnist_lab.grading.gradebook import safe
from mnist_lab.grading.submissions import Submission

LEAST = 12  # words and signs; what is shorter, everybody writes alike
MOST = 4  # students; what more of them write alike suggests itself
LONGEST = 20_000  # characters of an answer that is looked at
SOLUTION = "(the published solution)"
LEFT_OUT = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.ENDMARKER, tokenize.DEDENT}
NOT_OURS = re.compile(r"^\s*(?:check|hint|solution)\(.*$", re.MULTILINE)

Words = tuple[str, ...]


@dataclass(frozen=True)
class Alike:
    """Two students, or one and the published solution, whose answers are the same.

    Attributes
    ----------
    student, other : str
        Who.
    exercises : tuple of str
        Where.
    words : int
        How much of it: words and signs, all answers together.
    """

    student: str
    other: str
    exercises: tuple[str, ...]
    words: int


def compare(submissions: Sequence[Submission]) -> list[Alike]:
    """Find who has the same answers, whatever their spaces, comments and variables' names.

    It runs nothing, and proves nothing: short code by two honest people can be the same.

    Parameters
    ----------
    submissions : sequence of Submission
        A class.

    Returns
    -------
    list of Alike
        Those who share most first; who has taken the published solution last.
    """
    shared: dict[tuple[str, str], list[tuple[str, int]]] = defaultdict(list)
    answers = {each.student: _answers(each) for each in submissions}
    for exercise in all_exercises():
        groups: dict[Words, list[str]] = defaultdict(list)
        for student, found in answers.items():
            if len(found.get(exercise.id, ())) >= LEAST:
                groups[found[exercise.id]].append(student)
        published = words_of(exercise.solution, exercise)
        for words, students in groups.items():
            pairs = list(combinations(students, 2)) if len(students) <= MOST else []
            for pair in [(s, SOLUTION) for s in students] if words == published else pairs:
                shared[pair].append((exercise.id, len(words)))
    alike = [
        Alike(*pair, tuple(where for where, _ in parts), sum(count for _, count in parts))
        for pair, parts in shared.items()
    ]
    return sorted(alike, key=lambda each: (each.other == SOLUTION, -each.words, each.student))


def write_csv(found: Sequence[Alike], path: Path) -> None:
    """Write what was found, a row for each pair."""
    with atomic_write(path) as draft, draft.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["student", "same as", "exercises", "words and signs"])
        for each in found:
            names = safe(each.student), safe(each.other)
            writer.writerow([*names, " ".join(each.exercises), each.words])


def words_of(source: str, exercise: Exercise) -> Words:
    """The words and signs of an answer, with names that mean nothing outside numbered."""
    numbers: dict[str, str] = {}
    words: list[str] = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(source[:LONGEST]).readline):
            if token.type in LEFT_OUT:
                continue
            text = "<indent>" if token.type == tokenize.INDENT else token.string
            own = token.type == tokenize.NAME and (words or [""])[-1] != "."
            if own and not (keyword.iskeyword(text) or hasattr(builtins, text) or text == "np"):
                known = text in exercise.names
                text = text if known else numbers.setdefault(text, f"<{len(numbers)}>")
            words.append(text)
    except (tokenize.TokenError, SyntaxError):  # as far as it can be read
        pass
    return tuple(words)


def _answers(submission: Submission) -> dict[str, Words]:
    """A student's last answer to each exercise; blanks are none."""
    found: dict[str, Words] = {}
    content = submission.read()
    for name in cells.notebooks(submission.files):
        try:
            plan = cells.plan(content[name])
        except cells.Unreadable:
            continue
        for cell in plan.cells:
            source = NOT_OURS.sub("", cell.source)
            if source.strip() and "____" not in source:
                found |= {
                    e.id: words_of(source, e) for e in all_exercises() if e.id in cell.exercises
                }
    return found
