"""Answers that are suspiciously equal: between students, or to the published solution."""

import builtins
import io
import keyword
import re
import tokenize
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import combinations

from mnist_lab.exercises import Exercise, all_exercises
from mnist_lab.files import StrPath
from mnist_lab.grading import cells, marks
from mnist_lab.grading.gradebook import safe, write_rows
from mnist_lab.grading.submissions import Submission

MIN_TOKENS = 12  # of an answer that is compared; shorter ones everybody writes alike
MAX_SHARED_BY = 4  # students; an answer that more of them have suggests itself
MAX_ANSWER_CHARS = 20_000  # that are compared
SOLUTION = "(the published solution)"
NO_TOKENS = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.ENDMARKER}
CALLS_OF_THE_COURSE = re.compile(r"^[ \t]*(?:check|hint|solution)\(.*$", re.MULTILINE)

Tokens = tuple[str, ...]


@dataclass(frozen=True)
class Match:
    """Two students, or one and the published solution, whose answers are the same."""

    student: str
    other: str
    exercises: tuple[str, ...]  # by their ids
    tokens: int  # of all these answers together


def find_matches(
    submissions: Sequence[Submission], names: Mapping[str, str] | None = None
) -> list[Match]:
    """Find who has the same answers, whatever their spaces, comments and variables' names.

    It runs nothing, and proves nothing: short code by two honest people can be the same. Answers
    under 12 tokens, or shared by more than four students, are ignored. Those who share most come
    first, who has taken the published solution last. `names` says what a submission's student is
    called in the gradebook, where that is another name.
    """
    called = names or {}
    shared: dict[tuple[str, str], list[tuple[str, int]]] = defaultdict(list)
    answers = {each.student: _answers(each) for each in submissions}
    for exercise in all_exercises():
        groups: dict[Tokens, list[str]] = defaultdict(list)
        for student, found in answers.items():
            if len(found.get(exercise.id, ())) >= MIN_TOKENS:
                groups[found[exercise.id]].append(student)
        published = tokens_of(exercise.solution, exercise)
        for tokens, students in groups.items():
            pairs = list(combinations(students, 2)) if len(students) <= MAX_SHARED_BY else []
            for pair in [(s, SOLUTION) for s in students] if tokens == published else pairs:
                shared[pair].append((exercise.id, len(tokens)))
    alike = [
        Match(
            called.get(student, student),
            called.get(other, other),
            tuple(where for where, _ in parts),
            sum(count for _, count in parts),
        )
        for (student, other), parts in shared.items()
    ]
    return sorted(alike, key=lambda each: (each.other == SOLUTION, -each.tokens, each.student))


def write_matches(found: Sequence[Match], path: StrPath) -> None:
    """Write what was found as CSV, a row for each pair."""
    rows = (
        [safe(each.student), safe(each.other), " ".join(each.exercises), str(each.tokens)]
        for each in found
    )
    write_rows([["student", "same as", "exercises", "tokens"], *rows], path)


def tokens_of(source: str, exercise: Exercise) -> Tokens:
    """The tokens of an answer, with names that mean nothing outside it numbered."""
    known = {"np", *exercise.names}
    numbers: dict[str, str] = {}
    tokens: list[str] = []
    lines = io.StringIO(source[:MAX_ANSWER_CHARS].encode("utf-8", "replace").decode())
    ended = ""  # the blocks that end before a token, for `return` means something else inside
    with suppress(tokenize.TokenError, SyntaxError):  # as far as it can be read
        for token in tokenize.generate_tokens(lines.readline):
            if token.type in NO_TOKENS:
                continue
            if token.type == tokenize.DEDENT:
                ended += "<"
                continue
            text = "<indent>" if token.type == tokenize.INDENT else token.string
            own = token.type == tokenize.NAME and tokens[-1:] != ["."]
            meant = keyword.iskeyword(text) or hasattr(builtins, text) or text in known
            if own and not meant:
                text = numbers.setdefault(text, f"<{len(numbers)}>")
            tokens.append(ended + text)
            ended = ""
    return tuple(tokens)


def _answers(submission: Submission) -> dict[str, Tokens]:
    """A student's last answer to each exercise; blanks are none."""
    found: dict[str, Tokens] = {}
    content = submission.read()
    for name in cells.notebooks(submission.files):
        try:
            plan = cells.plan(content[name])
        except cells.Unreadable:
            continue
        for cell in plan.cells:
            source = CALLS_OF_THE_COURSE.sub("", cell.source)
            if source.strip() and "____" not in source:
                found |= {e: tokens_of(source, marks.known(e)) for e in cell.exercises}
    return found
