"""Grade one submission: the function that local workers and a cluster's run alike."""

import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import partial

from mnist_lab.arrays import MnistLabError
from mnist_lab.exercises import all_exercises
from mnist_lab.exercises.building import digits_from
from mnist_lab.exercises.marking import PUBLIC_SEED
from mnist_lab.grading import cells, marks, running
from mnist_lab.grading.bwrap import has_sandbox
from mnist_lab.grading.kernel import inside
from mnist_lab.grading.kit import make_kit
from mnist_lab.grading.labels import readable
from mnist_lab.grading.results import Earned, Result, Status
from mnist_lab.grading.sandbox import Sandbox, open_sandbox
from mnist_lab.grading.submissions import Submission

NOTEBOOK_TIMEOUTS = 5  # that a whole notebook may take
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
    timeout: float = 120.0  # seconds for one cell; a whole notebook gets five times as many
    memory: int = 2048  # megabytes, for a kernel and all it starts
    data: str | None = None
    require_sandbox: bool = False  # refuse to run anything without one
    allow_unsandboxed: bool = False  # let a cluster's workers run without one


def grade_one(submission: Submission, options: Options) -> Result:
    """Run one submission in a sandbox, and mark it here.

    The whole interface of a worker: it takes two frozen dataclasses and gives one, all of which
    can be pickled. It needs no state of its own, may run in any thread or process, on any
    machine that has the package (there with ``submission.carried()``), more than once with the
    same outcome but for `seconds`, and never raises for anything that a student can do: DataError
    if `options.data` cannot be read here, NoSandbox if one is required and there is none.
    """
    began = time.monotonic()
    try:
        found = _grade(submission, options)
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


def _grade(submission: Submission, options: Options) -> Result:
    files = submission.read()
    notes = list(submission.notes)
    found: dict[str, list[Earned]] = {}
    status: Status = "failed" if submission.incomplete else "nothing found"
    for name in cells.notebooks(submission.files):
        ended, plan_notes, earned = _grade_notebook(name, files, submission.student, options)
        status = max(status, ended, key=WORSE.index)
        notes += [f"{readable(name)}: {note}" for note in plan_notes]
        for each in earned:
            found.setdefault(each.id, []).append(each)
    in_order = [e.id for e in all_exercises() if e.id in found]
    if several := [each for each in in_order if len(found[each]) > 1]:
        notes.append(f"Several notebooks hold {', '.join(several)}; the best of each counts.")
    if status == "nothing found":
        notes.append("No exercise was found in it.")
    best = tuple(max(found[each], key=lambda e: e.points) for each in in_order)
    return Result(submission.student, submission.number, status, tuple(notes), best)


def _grade_notebook(
    name: str, files: Mapping[str, bytes], student: str, options: Options
) -> tuple[Status, list[str], list[Earned]]:
    try:
        plan = cells.plan(files[name])
    except cells.NotRead as error:
        return "failed", [str(error)], []
    except cells.Unreadable as error:
        return "unreadable", [str(error)], []
    asked = plan.exercises & set(options.only or plan.exercises)
    wanted = [e.id for e in all_exercises() if e.id in asked]
    if not wanted:
        return "nothing found", [], []
    closed = has_sandbox(required=options.require_sandbox)
    kit, (given, missing) = make_kit(options.data), _beside(name, files)
    sandbox = partial(open_sandbox, given, kit, memory=options.memory, closed=closed)
    with digits_from(kit.data):
        ended, earned = _run(plan, wanted, student, options, sandbox)
    notes = [*plan.notes, *missing, *([ended] if ended else [])]
    return "stopped" if ended else "graded", notes, earned


def _run(
    plan: cells.Plan, wanted: list[str], student: str, options: Options,
    sandbox: Callable[[], AbstractContextManager[Sandbox]],
) -> tuple[str, list[Earned]]:  # fmt: skip
    """Run a notebook, and mark what is wanted of it; why it ended before its end, or ""."""
    until = time.monotonic() + NOTEBOOK_TIMEOUTS * options.timeout

    def run(plan: cells.Plan, seeds: dict[str, list[int]]) -> running.Execution:
        requests = {
            each: inside.ask(marks.known(each).names, marks.calls_of(each, seeds[each]))
            for each in wanted
        }
        with sandbox() as room:
            left = until - time.monotonic()
            return running.run_notebook(plan, requests, room, timeout=options.timeout, total=left)

    seeds = {each: marks.seeds_of(each, options.secret, student) for each in wanted}
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
    return ran.ended, earned


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
