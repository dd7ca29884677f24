"""`mnist-lab course`: the notebooks filled in, run, and checked."""

import argparse
import sys
from pathlib import Path
from typing import Any

from mnist_lab.cli.arguments import command
from mnist_lab.cli.console import CANNOT, DONE


def add_to(commands: Any) -> None:
    course = command(commands, "course", None, "the notebooks: fill them in, run them, check them")
    parts = course.add_subparsers(title="what to do", metavar="WHAT", required=True)
    _add_solve(parts)
    _add_run(parts)
    _add_lint(parts)


def _add_notebooks(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "notebooks", nargs="?", type=Path, default=Path("notebooks"), metavar="NOTEBOOKS",
        help="their folder, or one of them; default: notebooks",
    )  # fmt: skip


def _add_solve(parts: Any) -> None:
    solve = command(parts, "solve", _solve, "write the notebooks with every blank filled in")
    _add_notebooks(solve)
    solve.add_argument("--out", type=Path, metavar="DIR", required=True, help="where they go")


def _solve(chosen: argparse.Namespace) -> int:
    from mnist_lab import course

    for path in course.solve(chosen.notebooks, chosen.out):
        print(path)
    return DONE


def _add_run(parts: Any) -> None:
    run = command(parts, "run", _run, "run the notebooks and write them as HTML")
    _add_notebooks(run)
    run.add_argument(
        "--out", type=Path, metavar="DIR", default=Path("runs") / "course",
        help="where the HTML goes; default: runs/course",
    )  # fmt: skip
    which = run.add_mutually_exclusive_group()
    which.add_argument(
        "--solved", action="store_true", help="fill in every blank; every check must be right"
    )
    which.add_argument(
        "--save", action="store_true", help="keep the outputs in the notebooks themselves"
    )


def _run(chosen: argparse.Namespace) -> int:
    from mnist_lab import course

    failures = course.run(
        chosen.notebooks, chosen.out, solved=chosen.solved, save=chosen.save, say=print
    )
    for failure in failures:
        print(f"mnist-lab: {failure.notebook}: {failure.says}", file=sys.stderr)
    return CANNOT if failures else DONE


def _add_lint(parts: Any) -> None:
    _add_notebooks(command(parts, "lint", _lint, "check how the notebooks are written"))


def _lint(chosen: argparse.Namespace) -> int:
    from mnist_lab.course_lint import lint

    broken = lint(chosen.notebooks)
    for line in broken:
        print(line)
    return CANNOT if broken else DONE
