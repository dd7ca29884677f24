"""The command line: parse, call one function, print; what each takes stands in a file here."""

import argparse
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from mnist_lab import __version__
from mnist_lab.cli import course, data, grade, pocket, read, run, sheet, train, write
from mnist_lab.cli.console import EXIT_ERROR, EXIT_INTERRUPTED, complain
from mnist_lab.names import readable


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and give its exit status, one of those in `console`."""
    parser = build_parser()
    args = parser.parse_args(arguments)
    os.environ.setdefault("MPLBACKEND", "agg")  # no window, wherever this runs
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            # A file name may not fit the terminal; a log should show each line as it comes.
            stream.reconfigure(errors="replace", line_buffering=True)
    try:
        return args.do(args)
    except BrokenPipeError:  # the reader (head, less) has gone
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return EXIT_ERROR
    except KeyboardInterrupt:
        print("\nmnist-lab: stopped; nothing half-written was left behind", file=sys.stderr)
        return EXIT_INTERRUPTED
    except Exception as error:
        from mnist_lab.arrays import MnistLabError  # here, for --help must not load numpy

        if not isinstance(error, MnistLabError):
            raise
        complain(error)
        return EXIT_ERROR


class Parser(argparse.ArgumentParser):
    """Its errors show what was typed, whatever it is."""

    def error(self, message: str) -> NoReturn:
        super().error(readable(message))


def build_parser() -> argparse.ArgumentParser:
    """The commands and their options."""
    parser = Parser(
        prog="mnist-lab",
        description="Learn how a neural network reads handwriting, and try it on your own.",
        epilog="Exit status: 0 done, 1 cannot, 2 usage, 3 below --min-score.",
    )
    parser.add_argument("--version", action="version", version=f"mnist-lab {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for each in (run, train, data, write, read, pocket, sheet, course, grade):
        each.add_to(commands)
    return parser
