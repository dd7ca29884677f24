"""Grade one submission: the function that local workers and a cluster's run alike."""

import hashlib
import hmac
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Literal

from mnist_lab.arrays import MnistLabError
from mnist_lab.exercises import TOO_LONG, Answer, Exercise, Feedback, find, mark
from mnist_lab.exercises.marking import QUOTE_NOTHING
from mnist_lab.grading import cells, running
from mnist_lab.grading.kernel import inside
from mnist_lab.grading.kernel import protocol as wire
from mnist_lab.grading.sandbox import has_sandbox, open_room
from mnist_lab.grading.shadow import kit
from mnist_lab.grading.submissions import Submission, readable

Status = Literal["graded", "stopped", "unreadable", "nothing found", "failed"]
PUBLIC = 0  # the seed of the inputs that a student's own `check` uses
MOST_NOTEBOOKS = 20  # of one submission; each may take five time-outs, and the best one counts
OTHER = (
    "Right for what `check` tries, but not for other inputs of the same kind: does it hold for "
    "any numbers, or only for those?"
)
NOT_DEFINED = "`{}` is not there after the exercise's cell: was it renamed?"
NOT_SENT = "The answer could not be taken out of the kernel."
NOT_REACHED = "The run ended before this exercise."
NOT_COMPARED = "It cannot be compared with what was asked for."
LATE = running.LATE.replace(".", r"\.").format(
    r"\d{1,5}"
)  # no error of a kernel: these have a colon
NOT_SHOWN = "What it said cannot be shown: run once more, it did something else."


@dataclass(frozen=True)
class Options:
    """How submissions are graded; all plain, so that it can be sent to a worker.

    Attributes
    ----------
    secret : bytes
        What hidden inputs are made from, with the student's id; never in a student's kernel.
    only : tuple of str
        The exercises to grade; () grades all that are there.
    timeout : float
        Seconds for one cell; a whole notebook gets five times as many.
    memory : int
        Megabytes for a kernel and all it starts.
    data : str, optional
        Where MNIST is, on the machine that runs the kernels; the word ``stand-in``, or None.
    require_sandbox : bool
        Refuse to run anything without one.
    """

    secret: bytes = b""
    only: tuple[str, ...] = ()
    timeout: float = 120.0
    memory: int = 2048
    data: str | None = None
    require_sandbox: bool = False


@dataclass(frozen=True)
class Earned:
    """What one exercise earned: its verdict, the points of so many, and why.

    `error` is what the student's own cell raised, if it did.
    """

    id: str
    verdict: str
    points: float
    of: int
    says: str = ""
    error: str = ""


@dataclass(frozen=True)
class Result:
    """What is known of one submission, all of it plain data.

    Attributes
    ----------
    student, number : str
        As in the submission.
    status : str
        graded, stopped (the kernel ended before the notebook did), unreadable, nothing found, or
        failed (the grader's own fault; the student is to be graded again).
    notes : tuple of str
        What was out of the ordinary.
    earned : tuple of Earned
        The exercises that were found, in the order of the course.
    seconds : float
        How long it took.
    """

    student: str
    number: str
    status: Status
    notes: tuple[str, ...] = ()
    earned: tuple[Earned, ...] = ()
    seconds: float = 0.0

    @property
    def points(self) -> float:
        """All points earned."""
        return round(sum(each.points for each in self.earned), 2)


def grade_one(submission: Submission, options: Options) -> Result:
    """Run one submission in a sandbox, and mark it here.

    The whole interface of a worker: it takes two frozen dataclasses and gives one, all of which
    can be pickled. It needs no state of its own, may run in any thread or process, on any
    machine that has the kit (there with ``submission.carried()``), more than once with the same
    outcome but for `seconds`, and never raises for anything that a student can do.

    Parameters
    ----------
    submission : Submission
        What was handed in.
    options : Options
        How to grade it.

    Raises
    ------
    DataError
        `options.data` cannot be read here.
    NoSandbox
        One is required, and there is none here.
    """
    began = time.monotonic()
    try:
        found = _grade(submission, options)
    except MnistLabError:
        raise
    except Exception as error:  # noqa: BLE001  one fault of ours must not lose a class
        says = f"The grader failed ({type(error).__name__}: {error})."
        found = Result(submission.student, submission.number, "failed", (says[:300],))
    return replace(found, seconds=round(time.monotonic() - began, 2))


def _grade(submission: Submission, options: Options) -> Result:
    files = submission.read()
    notes: list[str] = []
    best: dict[str, Earned] = {}
    status: Status = "nothing found"
    names = cells.notebooks(submission.files)
    if len(names) > MOST_NOTEBOOKS:
        notes.append(f"There are {len(names)} notebooks; the first {MOST_NOTEBOOKS} count.")
    for name in names[:MOST_NOTEBOOKS]:
        found, plan_notes, earned = _grade_notebook(name, files, submission.student, options)
        status = _worse(status, found)
        notes += [f"{readable(name)}: {note}" for note in plan_notes]
        for each in earned:
            if each.id not in best or each.points > best[each.id].points:
                best[each.id] = each
    if status == "nothing found":
        notes.append("No exercise was found in it.")
    return Result(
        submission.student,
        submission.number,
        status,
        tuple(notes),
        tuple(sorted(best.values(), key=lambda each: _order(each.id))),
    )


def seed_of(secret: bytes, student: str, id: str) -> int:
    """What a student's hidden inputs for an exercise are made from: 1 to 2**31."""
    said = f"{student}\0{id}".encode("utf-8", "surrogateescape")
    return 1 + int.from_bytes(hmac.digest(secret, said, hashlib.sha256)[:4], "big") // 2


def _order(id: str) -> list[int]:
    return [int(part) for part in id.split(".")]


def _worse(one: Status, other: Status) -> Status:
    order: list[Status] = ["nothing found", "graded", "unreadable", "stopped"]
    return max(one, other, key=order.index)


def _grade_notebook(
    name: str, files: dict[str, bytes], student: str, options: Options
) -> tuple[Status, list[str], list[Earned]]:
    try:
        plan = cells.plan(files[name])
    except cells.Unreadable as error:
        return "unreadable", [str(error)], []
    wanted = sorted(plan.exercises & set(options.only or plan.exercises), key=_order)
    if not wanted:
        return "nothing found", [], []
    given, began = _beside(name, files), time.monotonic()
    until = began + 5 * options.timeout

    def run(plan: cells.Plan, seeds: dict[str, list[int]]) -> running.Ran:
        requests = {each: inside.ask(_exercise(each).names, _calls(each, seeds)) for each in wanted}
        sandboxed = has_sandbox(required=options.require_sandbox)
        with open_room(
            given, kit(options.data), memory=options.memory, sandboxed=sandboxed
        ) as room:
            left = until - time.monotonic()
            return running.run(plan, requests, room, timeout=options.timeout, total=left)

    seeds = {each: _seeds(each, options.secret, student) for each in wanted}
    ran = run(plan, seeds)
    earned = [_earned(_exercise(each), seeds[each], ran, plan) for each in wanted]
    telling = {each.id for each in earned if _telling(each, plan, ran)}
    if telling:
        start, public = _as_far_as(telling, plan), {each: [PUBLIC] for each in wanted}
        again = run(start, public)
        said = {each: _earned(_exercise(each), [PUBLIC], again, start) for each in telling}
        earned = [_reworded(each, said[each.id]) if each.id in said else each for each in earned]
    notes = [*plan.notes, *([ran.ended] if ran.ended else [])]
    return "stopped" if ran.ended else "graded", notes, earned


def _seeds(id: str, secret: bytes, student: str) -> list[int]:
    """What an exercise's inputs are made from: the public ones, then the hidden ones, if any."""
    return [PUBLIC, seed_of(secret, student, id)] if _exercise(id).cases else [PUBLIC]


def _handed_in(plan: cells.Plan) -> int:
    """The number of the cell after which the kernel gets the first hidden inputs."""
    last = len(plan.cells)
    return next(
        (c.number for c in plan.cells if any(_exercise(e).cases for e in c.exercises)), last
    )


def _as_far_as(ids: set[str], plan: cells.Plan) -> cells.Plan:
    """The plan up to the last cell of some exercises."""
    last = max(cell.number for cell in plan.cells if ids & set(cell.exercises))
    return replace(plan, cells=plan.cells[:last])


def _telling(earned: Earned, plan: cells.Plan, ran: running.Ran) -> bool:
    """Whether a kernel that had hidden inputs could have chosen the words that are to be shown.

    They are its own but for those that are always the same, or that came before.
    """
    exercise, first = _exercise(earned.id), _handed_in(plan)
    own = [cell.number for cell in plan.cells if exercise.id in cell.exercises]
    failed = next((number for number in own if number in ran.errors), 0)
    if failed > first and not re.fullmatch(LATE, earned.error):
        return True
    return max(own) >= first and earned.says not in _fixed(exercise)


@cache
def _fixed(exercise: Exercise) -> set[str]:
    """All that can be said about an answer without quoting it."""
    blank = mark(exercise, [Answer("blank")] * len(exercise.notes)).message
    missing = {NOT_DEFINED.format(name) for name in exercise.names}
    ours = {"", NOT_SENT, NOT_REACHED, NOT_COMPARED, OTHER, TOO_LONG, blank, *QUOTE_NOTHING}
    return ours | missing | {each.message for each in exercise.misconceptions}


def _reworded(earned: Earned, said: Earned) -> Earned:
    """What was earned, with the words of a kernel that never had a hidden input."""
    says = earned.says
    if says not in _fixed(_exercise(earned.id)):
        same = said.verdict not in {"right", "not attempted"}
        says = said.says if same else NOT_SHOWN
    return replace(earned, says=says, error=said.error or (earned.error and NOT_SHOWN))


def _beside(notebook: str, files: dict[str, bytes]) -> dict[str, bytes]:
    """What lies beside a notebook and below, as the notebook sees it."""
    folder = notebook.rpartition("/")[0]
    start = f"{folder}/" if folder else ""
    return {
        name.removeprefix(start): content
        for name, content in files.items()
        if name.startswith(start) and not name.endswith(".ipynb")
    }


def _exercise(id: str) -> Exercise:
    exercise = find(id)
    assert exercise
    return exercise


def _calls(id: str, seeds: dict[str, list[int]]) -> list[list[tuple[Any, ...]]]:
    """The calls with which an answer is asked for, for each seed."""
    cases = _exercise(id).cases
    return [[c.arguments for c in cases(s)] for s in seeds[id]] if cases else [[]]


def _earned(exercise: Exercise, seeds: list[int], ran: running.Ran, plan: cells.Plan) -> Earned:
    """Mark the last answer that was an attempt."""
    texts = list(ran.taken.get(exercise.id, {}).values())
    error = _error(exercise, ran, plan)
    if not texts:
        says = NOT_REACHED if ran.ended else NOT_SENT
        return Earned(exercise.id, "not attempted", 0, exercise.points, says, error)
    marked = [_mark(exercise, seeds, text) for text in reversed(texts)]
    best = next((each for each in marked if each.verdict != "not attempted"), marked[0])
    if error and best.verdict == "not attempted":
        best = replace(best, verdict="raised an error")
    return Earned(exercise.id, best.verdict, best.points, best.max_points, best.message, error)


def _error(exercise: Exercise, ran: running.Ran, plan: cells.Plan) -> str:
    """What the first of the exercise's cells that failed has raised: the rest follows from it."""
    own = [cell.number for cell in plan.cells if exercise.id in cell.exercises]
    return next((ran.errors[number] for number in own if number in ran.errors), "")


def _mark(exercise: Exercise, seeds: list[int], text: str) -> Feedback:
    """Mark what a kernel sent: the points are those of the hidden inputs.

    What a student reads is about the inputs that they know.
    """
    nothing = Feedback(exercise.id, "not attempted", 0, exercise.points, NOT_SENT)
    count = len(exercise.notes)
    try:
        missing, taken = running.unwrap(text, len(seeds))
        if missing:
            known = missing[0] in exercise.names
            return replace(nothing, message=NOT_DEFINED.format(missing[0])) if known else nothing
        answers = [wire.load_answers(each, count) for each in taken]
    except ValueError:
        return nothing
    shown, *hidden = [_judge(exercise, a, s) for a, s in zip(answers, seeds, strict=True)]
    if not hidden or (hidden[0].verdict, hidden[0].points) == (shown.verdict, shown.points):
        return shown
    message = OTHER if shown.verdict == "right" else shown.message
    return replace(hidden[0], message=message)


def _judge(exercise: Exercise, answers: Sequence[Answer], seed: int) -> Feedback:
    try:
        return mark(exercise, answers, seed=seed)
    except Exception:  # noqa: BLE001  an answer made so that it cannot be marked
        return Feedback(exercise.id, "wrong", 0, exercise.points, NOT_COMPARED)
