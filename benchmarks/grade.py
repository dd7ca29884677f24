"""Grading a class beside the bare execution of the same notebooks, in turn."""

import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import psutil

from benchmarks.command import make_parser, measure
from mnist_lab import course
from mnist_lab.arrays import DataError
from mnist_lab.cli.arguments import positive
from mnist_lab.progress import Progress

LESSON = Path(__file__).parent.parent / "notebooks" / "01_look_at_the_data.ipynb"
BARE = Path(__file__).with_name("execute_program.py")


def bench_grade(
    *, notebook: Path, count: int, rounds: int, jobs: int, planned: int, data: str | None,
    progress: Progress,
) -> dict[str, Any]:  # fmt: skip
    """Grade copies of a solved notebook, and execute the same with nbclient alone, in turn.

    Whole processes, from start to exit, with as many kernels at a time.

    Parameters
    ----------
    notebook : Path
        A lesson; it is filled in first.
    count, rounds, jobs, planned : int
        Submissions, pairs to run, kernels at a time, and submissions to plan without a run.
    data : str or None
        As for `mnist.load_mnist`; both read the same.
    progress : Progress
        Takes each line of what was measured.

    Returns
    -------
    dict
        Seconds of every run, the medians, the median of the ratios pair by pair, the most memory
        that the grader itself took, in megabytes, without its kernels, and the seconds of the plan.
    """
    grading: list[float] = []
    bare: list[float] = []
    megabytes = 0.0
    env = {**os.environ, **({"MNIST_LAB_DATA": data} if data else {})}
    with tempfile.TemporaryDirectory() as name:
        folder, lesson = Path(name), Path(notebook).stem[:2].lstrip("0")
        solved = course.fill_in_solutions(course.read_notebook(notebook))
        for number in range(count):
            course.write_notebook(solved, folder / "class" / f"student {number + 1:02}.ipynb")
        for number in range(1, rounds + 1):
            command = [*("-m", "mnist_lab", "grade", folder / "class"), "--lesson", lesson, "--out"]
            command += [folder / f"out {number}", "--jobs", jobs, "--min-score", 100]
            seconds, used = _time(command, env)
            megabytes = max(megabytes, used)
            grading.append(seconds)
            bare.append(_time([BARE, folder / "class", jobs], env)[0])
            progress.say(
                f"round {number}/{rounds}  mnist-lab grade {grading[-1]:.1f} s  nbclient alone "
                f"{bare[-1]:.1f} s  ratio {grading[-1] / bare[-1]:.3f}"
            )
        content = (folder / "class" / "student 01.ipynb").read_bytes()
        (folder / "many").mkdir()
        for number in range(planned):
            (folder / "many" / f"student {number + 1}.ipynb").write_bytes(content)
        command = ["-m", "mnist_lab", "grade", folder / "many", "--lesson", lesson, "--plan"]
        plan_seconds, _ = _time(command, env)
        progress.say(f"a plan of {planned:,} submissions takes {plan_seconds:.1f} s")
    ratio = statistics.median(a / b for a, b in zip(grading, bare, strict=True))
    progress.say(
        f"grading {count} takes {ratio:.3f} times as long as nbclient alone (median), and the "
        f"grader itself at most {megabytes:.0f} MB"
    )
    return {
        "seconds": grading, "bare_seconds": bare, "median_seconds": statistics.median(grading),
        "median_bare_seconds": statistics.median(bare), "ratio": ratio, "megabytes": megabytes,
        "plan_seconds": plan_seconds,
    }  # fmt: skip


def _time(arguments: list[Any], env: dict[str, str]) -> tuple[float, float]:
    """Seconds that a Python program takes, and the most megabytes that its own process had."""
    start = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, *map(str, arguments)],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", env=env,
    ) as process:  # fmt: skip
        most = [0.0]
        threading.Thread(target=_watch, args=(process.pid, most), daemon=True).start()
        output, _ = process.communicate()
    if process.returncode:
        raise DataError(f"{arguments[0]} ... failed:\n{output[-2000:]}")
    return time.perf_counter() - start, most[0]


def _watch(pid: int, most: list[float]) -> None:
    try:
        while True:
            most[0] = max(most[0], psutil.Process(pid).memory_info().rss / 1e6)
            time.sleep(0.05)
    except psutil.Error:
        return


def main() -> None:
    """Measure, from the command line."""
    parser = make_parser(
        "grade", "Grade a class beside the bare execution of its notebooks.", data=True
    )
    parser.add_argument(
        "--notebook", type=Path, metavar="FILE", default=LESSON, help=f"default: {LESSON.name}"
    )
    parser.add_argument("--count", type=positive, default=30, metavar="N", help="default: 30")
    parser.add_argument("--rounds", type=positive, default=1, metavar="N", help="default: 1")
    parser.add_argument(
        "--planned", type=positive, default=3000, metavar="N", help="for the plan; default: 3000"
    )
    parser.add_argument("--jobs", type=positive, default=2, metavar="N", help="default: 2")
    args = parser.parse_args()
    measure(
        bench_grade, args, notebook=args.notebook, count=args.count, rounds=args.rounds,
        jobs=args.jobs, planned=args.planned, data=args.data,
    )  # fmt: skip


if __name__ == "__main__":
    main()
