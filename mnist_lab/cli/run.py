"""`mnist-lab run`: the whole experiment, and a summary of it."""

import argparse
import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mnist_lab.cli.arguments import add_command, add_data, positive, seed
from mnist_lab.cli.console import EXIT_OK, Screen, make_console, say

if TYPE_CHECKING:
    from rich.console import Console

    from mnist_lab.experiment import ExperimentResult


POCKET = "my_network.html"


def add_to(commands: Any) -> None:
    """Add `mnist-lab run`."""
    run = add_command(
        commands, "run", _run, "the whole experiment: train, measure, write the report"
    )
    add = run.add_argument
    add("--epochs", type=positive, default=5, metavar="N", help="rounds of training; default: 5")
    add("--seed", type=seed, default=0, metavar="N", help="where chance starts from; default: 0")
    add_data(run)
    add("--validate-on-test", action="store_true",
        help="learn from all training digits, and measure on the test part after each epoch as "
        "many a first program does: a leak (lesson 2); default: on 5,000 digits held back",
    )  # fmt: skip
    add("--out", type=Path, metavar="DIR", help="where the report goes; default: runs/DATE_TIME")
    add("--json", action="store_true", help="print every figure as JSON on stdout")


def _run(args: argparse.Namespace) -> int:
    from mnist_lab.files import atomic_write

    folder = args.out or Path("runs") / f"{datetime.now():%Y-%m-%d_%H%M%S}"
    with atomic_write(folder / "run.json") as draft:  # fails now, not after the training
        console = make_console(args.json)
        result = _experiment(args, console, folder)
        figures = json.dumps(result.to_dict(), indent=1, allow_nan=False)
        draft.write_text(figures, encoding="utf-8")
    if args.json:
        print(figures)
    _print_summary(console, result, folder)
    return EXIT_OK


def _experiment(args: argparse.Namespace, console: "Console", folder: Path) -> "ExperimentResult":
    from mnist_lab.data import demonstration_folder
    from mnist_lab.experiment import how_good, run_experiment, write_report
    from mnist_lab.files import atomic_write
    from mnist_lab.pad import save_page

    with Screen(console) as screen:
        result, model = run_experiment(
            data=args.data,
            epochs=args.epochs,
            seed=args.seed,
            validate_on_test=args.validate_on_test,
            pages=demonstration_folder(),
            progress=screen,
        )
        screen.say("Writing the report ...")
        save_page(model, folder / POCKET, **how_good(result.to_dict()))
        write_report(result, folder / "report.html", pocket=POCKET)
        with atomic_write(folder / "model.keras") as draft:
            model.save(draft)
    return result


def _print_summary(console: "Console", result: "ExperimentResult", folder: Path) -> None:
    from rich.table import Table

    from mnist_lab.experiment import share_right

    found, last = result.evaluation, result.history.iloc[-1]
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="dim")
    table.add_column()
    right = len(result.test) - len(found.mistakes)
    table.add_row(
        "test accuracy", f"[bold]{found.accuracy:.2%}[/]  ({right:,} of {len(result.test):,})"
    )
    measured = "digits held back"
    if result.validated_on_test:
        measured = "the test part: a leak"
    table.add_row("training accuracy", f"{last['accuracy']:.2%}")
    table.add_row("validation accuracy", f"{last['val_accuracy']:.2%}  (on {measured})")
    table.add_row("macro f1", f"{found.report.loc['macro avg', 'f1-score']:.4f}")
    table.add_row("calibration error", f"{found.calibration.error:.2%}")
    table.add_row("a scan as it is", f"{result.sample.accuracy_before:.1%} right")
    table.add_row("the scan inverted", f"{result.sample.accuracy_after:.1%} right")
    if result.trials:
        share = share_right(result.trials)
        table.add_row("pages as they are", f"{share['as_it_is']:.1%} of their digits right")
        table.add_row("pages inverted", f"{share['inverted']:.1%} right")
        table.add_row("pages properly read", f"{share['read']:.1%} right")
    table.add_row("training took", f"{result.seconds['train']:.1f} s")
    if console.is_terminal:
        console.print()
    console.print(table)
    if result.provenance.notice:
        console.print()
        say(console, result.provenance.notice)
    console.print()
    for name, what in {"report.html": "The report", POCKET: "The network, for your phone"}.items():
        say(console, f"{what}: {(folder / name).resolve()}", whole=True)
