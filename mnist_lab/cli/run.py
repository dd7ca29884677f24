"""`mnist-lab run`: the whole experiment, and a summary of it."""

import argparse
import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mnist_lab.cli.arguments import add_data, command, positive, seed
from mnist_lab.cli.console import EXIT_OK, Screen, make_console, say

if TYPE_CHECKING:
    from rich.console import Console

    from mnist_lab.experiment import Run


def add_to(commands: Any) -> None:
    run = command(commands, "run", _run, "the whole experiment: train, measure, write the report")
    run.add_argument("--epochs", type=positive, default=5, metavar="N", help="default: 5")
    run.add_argument("--seed", type=seed, default=0, metavar="N", help="default: 0")
    add_data(run)
    run.add_argument(
        "--out", type=Path, metavar="DIR", help="where the report goes; default: runs/DATE_TIME"
    )
    run.add_argument("--json", action="store_true", help="print every figure as JSON on stdout")


def _run(args: argparse.Namespace) -> int:
    from mnist_lab.files import atomic_write

    folder = args.out or Path("runs") / f"{datetime.now():%Y-%m-%d_%H%M%S}"
    with atomic_write(folder / "run.json") as draft:  # fails now, not after the training
        console = make_console(args.json)
        found = _experiment(args, console, folder)
        figures = json.dumps(found.figures(), indent=1, allow_nan=False)
        draft.write_text(figures, encoding="utf-8")
    if args.json:
        print(figures)
    _print_summary(console, found, folder)
    return EXIT_OK


def _experiment(args: argparse.Namespace, console: "Console", folder: Path) -> "Run":
    from mnist_lab.data.demonstration import pages_folder
    from mnist_lab.experiment import run
    from mnist_lab.files import atomic_write

    with Screen(console) as screen:
        found, model = run(
            watcher=screen,
            data=args.data,
            epochs=args.epochs,
            seed=args.seed,
            pages=pages_folder(),
        )
        screen.say("Writing the report ...")
        from mnist_lab.experiment.report import write_report

        write_report(found, folder / "report.html")
        with atomic_write(folder / "model.keras") as path:
            model.save(path)
    return found


def _print_summary(console: "Console", run: "Run", folder: Path) -> None:
    from rich.table import Table

    from mnist_lab.data import demonstration

    found, last = run.evaluation, run.history.iloc[-1]
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="dim")
    table.add_column()
    right = len(run.test) - len(found.mistakes)
    table.add_row(
        "test accuracy", f"[bold]{found.accuracy:.2%}[/]  ({right:,} of {len(run.test):,})"
    )
    table.add_row("training accuracy", f"{last['accuracy']:.2%}")
    table.add_row("macro f1", f"{found.report.loc['macro avg', 'f1-score']:.4f}")
    table.add_row("calibration error", f"{found.calibration.error:.2%}")
    table.add_row("a scan as it is", f"{run.sample.accuracy_before:.1%} right")
    table.add_row("the scan inverted", f"{run.sample.accuracy_after:.1%} right")
    if run.trials:
        share = demonstration.share_right(run.trials)
        table.add_row("pages as they are", f"{share['as_it_is']:.1%} of their digits right")
        table.add_row("pages inverted", f"{share['inverted']:.1%} right")
        table.add_row("pages properly read", f"{share['read']:.1%} right")
    table.add_row("training took", f"{run.seconds['train']:.1f} s")
    if console.is_terminal:
        console.print()
    console.print(table)
    if run.provenance.notice:
        console.print()
        say(console, run.provenance.notice)
    where = (folder / "report.html").resolve()
    console.print(f"\nThe report: {where}", highlight=False, markup=False, soft_wrap=True)
