"""What a student calls: check, hint, solution, progress."""

import json
from contextlib import suppress
from dataclasses import replace
from html import escape
from pathlib import Path
from typing import Any

from mnist_lab.exercises.answers import take
from mnist_lab.exercises.cards import Card, Feedback, card_html
from mnist_lab.exercises.exercise import Exercise
from mnist_lab.exercises.keeping import made_of, source_of
from mnist_lab.exercises.lessons import all_exercises, find
from mnist_lab.exercises.marking import choose, mark
from mnist_lab.files import CannotWrite, StrPath, atomic_write

RIGHT, PARTLY_RIGHT, NOT_YET = "\u25cf", "\u25d0", "\u25cb"
LOST = "This folder cannot be written: it is forgotten when the kernel stops."


class _Record:
    """What has been done, by exercise; in a file, if there is a place for it."""

    def __init__(self) -> None:
        self.path: Path | None = None
        self.lost = False  # the file could not be written
        self._kept: dict[str, dict[str, Any]] = {}

    def read(self) -> dict[str, dict[str, Any]]:
        with suppress(OSError, ValueError):  # none yet, or damaged: begin anew
            content = json.loads(self.path.read_text(encoding="utf-8")) if self.path else None
            if isinstance(content, dict):
                self._kept = {k: v for k, v in content.items() if isinstance(v, dict)}
        return self._kept

    def of(self, exercise: Exercise) -> dict[str, Any]:
        return self.read().get(exercise.id, {})

    def note(self, exercise: Exercise, **news: Any) -> None:
        self.read()
        self._kept[exercise.id] = {**self._kept.get(exercise.id, {}), **news}
        if self.path:
            self.lost = True
            with suppress(CannotWrite), atomic_write(self.path) as draft:
                draft.write_text(json.dumps(self._kept, indent=1), encoding="utf-8")
                self.lost = False


_record = _Record()


def keep_progress(path: StrPath) -> None:
    """Keep what is done in this file; it may be deleted at any time, and only it is lost."""
    _record.path = Path(path).absolute()
    _record.lost, _record._kept = False, {}  # noqa: SLF001  another file, another record


def check(id: str, *values: Any) -> Feedback:
    """Check your answer, variables or a function, and show a card: ``check("3.2", my_kernel)``."""
    exercise = find(str(id))
    if exercise is None:
        return Feedback(str(id), "not attempted", 0, 0, _unknown(id))
    if len(values) != len(exercise.names):
        message = f"The check needs what you made: `{exercise.call}`."
        return Feedback(exercise.id, "not attempted", 0, exercise.points, message)
    found = mark(exercise, take(exercise, values))
    if found.verdict == "not attempted":
        return found
    best = max(found.points, _points(_record.of(exercise)))
    own = {"own": source_of(exercise, values)} if found.verdict == "right" else {}
    _record.note(exercise, points=best, **own)
    if exercise.kind == "predict":
        return replace(found, next_step="Run the next cell, and compare.")
    if found.verdict == "right":
        return replace(found, next_step=f'Compare it with `solution("{id}")`.')
    return replace(found, next_step=f'Stuck? Run `hint("{id}")` in a new cell.')


def use(id: str, *values: Any, otherwise: Any = None) -> Any:
    """Give what the next cells run on: ``slide = use("5.2", my_slide)``.

    That is your own where it is right, and the kit's until then; a line says which. Several
    values come back as several. Without a value it is your own from the lesson of the exercise, as
    it was when `check` last called it right: ``slide = use("5.2")``. `otherwise`, if it is given,
    takes the place of the kit's.
    """
    exercise = find(str(id))
    if exercise is None or (values and len(values) != len(exercise.names)):
        raise LookupError(f"expected {exercise.use}" if exercise else _unknown(id))
    given = values or made_of(exercise, str(_record.of(exercise).get("own", "")))
    chosen, line = choose(exercise, given, otherwise)
    print(line if values else f"{line[:-1]}, from lesson {exercise.lesson}.")
    return chosen if len(chosen) > 1 else chosen[0]


def hint(id: str) -> Card:
    """Show a hint; each further call shows one that says more."""
    exercise = find(str(id))
    if exercise is None:
        return Card("No hint", _unknown(id))
    shown = _record.of(exercise).get("hints", 0)
    at = min(shown if isinstance(shown, int) else 0, len(exercise.hints) - 1)
    _record.note(exercise, hints=at + 1)
    last = at == len(exercise.hints) - 1
    call = f'`{"solution" if last else "hint"}("{exercise.id}")`'
    more = f"{call} shows the code." if last else f"Run {call} again for more."
    heading = f"Hint {at + 1} of {len(exercise.hints)} for exercise {exercise.id}"
    return Card(heading, f"{exercise.hints[at]} {more}")


def solution(id: str) -> Card:
    """Show the code that solves an exercise, and why it does."""
    exercise = find(str(id))
    if exercise is None:
        return Card("No solution", _unknown(id))
    return Card(f"A solution of exercise {exercise.id}", exercise.why, exercise.solution)


class ProgressCard:
    """What is done over the whole course."""

    def __init__(self, done: dict[str, dict[str, Any]], *, lost: bool = False) -> None:
        self._lost = LOST if lost else ""
        self._lessons: dict[int, list[tuple[Exercise, float]]] = {}
        for exercise in all_exercises():
            points = min(_points(done.get(exercise.id, {})), exercise.points)
            self._lessons.setdefault(exercise.lesson, []).append((exercise, points))

    def __repr__(self) -> str:
        lines = "; ".join(f"lesson {number}: {self._line(number)}" for number in self._lessons)
        return f"{lines}. {self._lost}" if self._lost else lines

    def _line(self, number: int) -> str:
        parts = self._lessons[number]
        right = sum(points >= exercise.points for exercise, points in parts)
        earned, of = sum(p for _, p in parts), sum(e.points for e, _ in parts)
        return f"{right} of {len(parts)} right, {earned:g} of {of} points"

    def _repr_html_(self) -> str:
        rows = "".join(self._row(number) for number in self._lessons)
        table = f'<table style="margin:.3em 0 0; border-collapse:collapse">{rows}</table>'
        return card_html("Your progress.", self._lost, table)

    def _row(self, number: int) -> str:
        signs = "".join(
            NOT_YET if not points else RIGHT if points >= exercise.points else PARTLY_RIGHT
            for exercise, points in self._lessons[number]
        )
        cell = '<td style="text-align:left; padding:.1em .9em .1em 0">'
        return (
            f"<tr>{cell}Lesson {number}</td>"
            f'{cell}<span aria-hidden="true">{signs}</span></td>'
            f"{cell}{escape(self._line(number))}</td></tr>"
        )


def progress() -> ProgressCard:
    """Show what is done over the whole course."""
    return ProgressCard(_record.read(), lost=_record.lost)


def _points(entry: dict[str, Any]) -> float:
    points = entry.get("points", 0)
    return float(points) if isinstance(points, int | float) else 0.0


def _unknown(id: Any) -> str:
    return f"There is no exercise {str(id)[:20]!r}; the first is called '{all_exercises()[0].id}'."
