"""`mnist-lab course`: the notebooks copied for a student, filled in, and run."""

import argparse
from pathlib import Path
from typing import Any

from mnist_lab.cli.arguments import add_command
from mnist_lab.cli.console import EXIT_ERROR, EXIT_OK, complain, tell
from mnist_lab.progress import Printed


def add_to(commands: Any) -> None:
    """Add the command, with a command of its own for each thing to do."""
    course = add_command(
        commands, "course", None, "the notebooks: copy them, fill them in, run them"
    )
    parts = course.add_subparsers(title="what to do", metavar="WHAT", required=True)
    copy = add_command(
        parts, "copy", _copy, "give a student notebooks of their own; what they changed stays"
    )
    copy.add_argument("folder", nargs="?", type=Path, default=Path("mnist_lab_course"),
                      metavar="DIR", help="where they go; default: mnist_lab_course")  # fmt: skip
    solve = add_command(parts, "solve", _solve, "write the notebooks with every blank filled in")
    run = add_command(parts, "run", _run, "run the notebooks and write them as HTML")
    for each in (solve, run):
        each.add_argument("notebooks", nargs="?", type=Path, default=Path("notebooks"),
                          metavar="NOTEBOOKS",
                          help="their folder, or one of them; default: notebooks")  # fmt: skip
    solve.add_argument("--out", type=Path, metavar="DIR", required=True, help="where they go")
    run.add_argument("--out", type=Path, metavar="DIR", default=Path("runs") / "course",
                     help="where the HTML goes; default: runs/course")  # fmt: skip
    add = run.add_mutually_exclusive_group().add_argument
    add("--solved", action="store_true", help="fill in every blank; every check must be right")
    add("--save", action="store_true", help="keep the outputs in the notebooks themselves")


def _copy(args: argparse.Namespace) -> int:
    from mnist_lab import course

    copied = course.copy(args.folder)
    for each in copied:
        tell(each)
    changed = any(each.written for each in copied)
    tell(f"{'' if changed else 'Nothing to do: '}{args.folder} holds this edition of the course.")
    return EXIT_OK


def _solve(args: argparse.Namespace) -> int:
    from mnist_lab import course

    for path in course.solve(args.notebooks, args.out):
        tell(path)
    return EXIT_OK


def _run(args: argparse.Namespace) -> int:
    from mnist_lab import course

    failures = course.run(
        args.notebooks, args.out, solved=args.solved, save=args.save, progress=Printed()
    )
    for failure in failures:
        complain(f"{failure.notebook}: {failure.message}")
    return EXIT_ERROR if failures else EXIT_OK
