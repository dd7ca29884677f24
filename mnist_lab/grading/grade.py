"""Grade one submission: the function that local workers and a cluster's run alike."""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import NamedTuple

from mnist_lab.arrays import MnistLabError
from mnist_lab.exercises import all_exercises
from mnist_lab.exercises.building import digits_from
from mnist_lab.exercises.marking import PUBLIC_SEED
from mnist_lab.grading import cells, limits, marks, running
from mnist_lab.grading.bwrap import has_sandbox
from mnist_lab.grading.kernel import inside
from mnist_lab.grading.kit import make_kit
from mnist_lab.grading.results import Earned, Result, Status
from mnist_lab.grading.sandbox import Sandbox, open_sandbox
from mnist_lab.grading.submissions import Submission
from mnist_lab.names import readable

NOTEBOOK_TIMEOUTS, SUBMISSION_TIMEOUTS = 5, 10  # that a whole notebook may take, and all of them
NO_TIME = "The other notebooks have taken the time of all."
# Of several notebooks the last of these counts; a failed one could not be read here.
WORSE: list[Status] = ["nothing found", "failed", "graded", "unreadable", "stopped"]


@dataclass(frozen=True)
class Options:
    """How submissions are graded; all plain, so that it can be sent to a worker.

    Hidden inputs are made from the secret and the student's id; it is never in a kernel. `data` is
    where MNIST is on the machine that runs the kernels, the word ``stand-in``, or None.
    """

    secret: bytes = b""
    only: tuple[str, ...] = ()  # the exercises to grade; () grades all that are there
    # Seconds of its own processor time for one cell, and twice as many by the clock; a whole
    # notebook gets five times as many, all of a submission's notebooks ten times.
    timeout: float = 120.0
    memory: int = limits.DEFAULT_MEMORY  # megabytes, for a kernel and all it starts
    data: str | None = None
    require_sandbox: bool = False  # refuse to run anything without one
    allow_unsandboxed: bool = False  # let a cluster's workers run without one


def grade_one(submission: Submission, options: Options, cores: tuple[int, ...] = ()) -> Result:
    """Run one submission in a sandbox, and mark it here.

    The whole interface of a worker: it takes two frozen dataclasses and gives one, all of which
    can be pickled, and keeps to some `cores` where any are given. It needs no state of its own, may
    run in any thread or process, on any machine that has the package (there with
    ``submission.carried()``), more than once with the same outcome but for `seconds`, and never
    raises for anything that a student can do: DataError if `options.data` cannot be read here,
    NoSandbox if one is required and there is none.
    """
    began = time.monotonic()
    try:
        found = _grade(submission, _Turn(submission.student, options, cores))
    except MnistLabError:
        raise
    except Exception as error:  # noqa: BLE001  one fault of ours must not lose a class
        message = f"The grader failed ({type(error).__name__}: {error})."
        found = Result(submission.student, submission.number, "failed", (message[:300],))
    return replace(found, seconds=round(time.monotonic() - began, 2))


def look_into(submission: Submission) -> tuple[list[str], set[str]]:
    """The notebooks of a submission, and the exercises that are in any; nothing is run."""
    files, exercises, said = submission.read(), set[str](), []
    for name in cells.notebooks(submission.files):
        try:
            exercises |= cells.plan(files[name]).exercises
            said.append(readable(name))
        except cells.Unreadable as error:
            said.append(f"{readable(name)} ({error})")
    return said, exercises


@dataclass(frozen=True)
class _Turn:
    """What all notebooks of a submission have in common."""

    student: str
    options: Options
    cores: tuple[int, ...]
    began: float = field(default_factory=time.monotonic)

    @property
    def until(self) -> float:
        """When there is no more time for any of them, by the clock."""
        return self.began + running.CLOCK * SUBMISSION_TIMEOUTS * self.options.timeout


def _grade(submission: Submission, turn: _Turn) -> Result:
    files = submission.read()
    notes = list(submission.notes)
    found: dict[str, list[Earned]] = {}
    late = False
    status: Status = "failed" if submission.incomplete else "nothing found"
    for name in cells.notebooks(submission.files):
        done = _grade_notebook(name, files, turn)
        status = max(status, done.status, key=WORSE.index)
        late |= done.late
        notes += [f"{readable(name)}: {note}" for note in done.notes]
        for each in done.earned:
            found.setdefault(each.id, []).append(each)
    in_order = [e.id for e in all_exercises() if e.id in found]
    if several := [each for each in in_order if len(found[each]) > 1]:
        notes.append(f"Several notebooks hold {', '.join(several)}; the best of each counts.")
    if status == "nothing found":
        notes.append("No exercise was found in it.")
    best = tuple(max(found[each], key=lambda e: e.points) for each in in_order)
    return Result(submission.student, submission.number, status, tuple(notes), best, late=late)


class _Graded(NamedTuple):
    """What came of one notebook."""

    status: Status
    notes: Sequence[str] = ()
    earned: Sequence[Earned] = ()
    late: bool = False


def _grade_notebook(name: str, files: Mapping[str, bytes], turn: _Turn) -> _Graded:
    try:
        plan = cells.plan(files[name])
    except cells.NotRead as error:
        return _Graded("failed", [str(error)])
    except cells.Unreadable as error:
        return _Graded("unreadable", [str(error)])
    options = turn.options
    asked = plan.exercises & set(options.only or plan.exercises)
    wanted = [e.id for e in all_exercises() if e.id in asked]
    if not wanted:
        return _Graded("nothing found")
    closed = has_sandbox(required=options.require_sandbox)
    kit, (given, missing) = make_kit(options.data), _beside(name, files)
    room = partial(open_sandbox, given, kit, memory=options.memory, closed=closed, cores=turn.cores)
    with digits_from(kit.data):
        ran, earned = _run(plan, wanted, turn, room)
    notes = [*plan.notes, *missing, *ran.notes, *([ran.ended] if ran.ended else [])]
    return _Graded("stopped" if ran.ended else "graded", notes, earned, ran.late)


def _run(
    plan: cells.Plan, wanted: list[str], turn: _Turn,
    sandbox: Callable[[], AbstractContextManager[Sandbox]],
) -> tuple[running.Execution, list[Earned]]:  # fmt: skip
    """Run a notebook, and mark what is wanted of it."""
    timeout = turn.options.timeout

    def run(plan: cells.Plan, seeds: dict[str, list[int]]) -> running.Execution:
        requests = {
            each: inside.ask(marks.known(each).names, marks.calls_of(each, seeds[each]))
            for each in wanted
        }
        if time.monotonic() > turn.until:
            return running.Execution(ended=NO_TIME)
        with sandbox() as room:
            return running.run_notebook(
                plan,
                requests,
                room,
                timeout=timeout,
                total=NOTEBOOK_TIMEOUTS * timeout,
                until=turn.until,
            )

    seeds = {each: marks.seeds_of(each, turn.options.secret, turn.student) for each in wanted}
    ran = run(plan, seeds)
    earned = [marks.earned_by(each, seeds[each], ran, plan) for each in wanted]
    suspect = {each.id for each in earned if marks.could_leak(each, plan, ran)}
    if suspect:  # their words are taken from a second run, without hidden inputs
        start, public = plan.until(suspect), {each: [PUBLIC_SEED] for each in wanted}
        again = run(start, public)
        words = {each: marks.earned_by(each, public[each], again, start) for each in suspect}
        earned = [
            marks.reworded(each, words[each.id]) if each.id in words else each for each in earned
        ]
    return ran, earned


def _beside(notebook: str, files: Mapping[str, bytes]) -> tuple[dict[str, bytes], list[str]]:
    """What lies beside a notebook and below, as the notebook sees it; notes on what is lost."""
    start = "".join(notebook.rpartition("/")[:2])  # its folder, with the "/"
    given, notes = {}, []
    for name in files:
        if name.startswith(start) and not cells.is_notebook(name):
            try:
                given[name.removeprefix(start)] = files[name]
            except cells.Unreadable as error:
                notes.append(f"{readable(name)} is left out: {error}")
    return given, notes
