"""How a benchmark is called: ``python -m benchmarks.NAME``, its options, and its figures."""

import argparse
import json
import sys
from collections.abc import Callable
from typing import Any

from mnist_lab.arrays import MnistLabError
from mnist_lab.cli.arguments import add_data
from mnist_lab.cli.console import EXIT_ERROR, EXIT_INTERRUPTED, EXIT_OK, Screen, make_console


def make_parser(name: str, description: str, *, data: bool = False) -> argparse.ArgumentParser:
    """A parser with what all of them take: ``--json``, and ``--data`` where it is needed."""
    parser = argparse.ArgumentParser(prog=f"python -m benchmarks.{name}", description=description)
    if data:
        add_data(parser)
    parser.add_argument("--json", action="store_true", help="print every figure as JSON on stdout")
    return parser


def measure(bench: Callable[..., dict[str, Any]], args: argparse.Namespace, **options: Any) -> None:
    """Run a benchmark, say what it finds as it comes, and end the process."""
    try:
        with Screen(make_console(quiet_stdout=args.json)) as screen:
            found = bench(progress=screen, **options)
    except MnistLabError as error:
        print(f"benchmarks: {error}", file=sys.stderr)
        sys.exit(EXIT_ERROR)
    except KeyboardInterrupt:
        print("\nbenchmarks: stopped", file=sys.stderr)
        sys.exit(EXIT_INTERRUPTED)
    if args.json:
        print(json.dumps(found, indent=1))
    sys.exit(EXIT_OK)
