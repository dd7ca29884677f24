"""How a benchmark is called: ``python -m benchmarks.NAME``, its options, and its figures."""

import argparse
import json
import os
import platform
import re
import shlex
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from mnist_lab.arrays import MnistLabError
from mnist_lab.cli.arguments import add_data
from mnist_lab.cli.console import EXIT_ERROR, EXIT_INTERRUPTED, EXIT_OK, Screen, make_console
from mnist_lab.files import write_text

FIGURES = Path(__file__).with_name("figures")


def make_parser(name: str, description: str, *, data: bool = False) -> argparse.ArgumentParser:
    """A parser with what all take: ``--json`` and ``--save``, and ``--data`` where it is needed."""
    parser = argparse.ArgumentParser(
        prog=f"python -m benchmarks.{name}", description=description, parents=[_keeping(name)],
        allow_abbrev=False,
    )  # fmt: skip
    if data:
        add_data(parser)
    parser.set_defaults(benchmark=name)
    return parser


def _keeping(name: str) -> argparse.ArgumentParser:
    """The options that say what becomes of the figures, and change none."""

    def file_name(part: str) -> str:
        if not re.fullmatch(r"\w*", part, re.ASCII):
            raise argparse.ArgumentTypeError(f"expected letters, digits and _, got {part!r}")
        return f"{name}_{part}.json" if part else f"{name}.json"

    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--json", action="store_true", help="print every figure as JSON on stdout")
    parser.add_argument(
        "--save", nargs="?", const="", type=file_name, metavar="PART",
        help="keep the figures for the documentation, with command, date and machine: "
        f"benchmarks/figures/{name}.json, or {name}_PART.json",
    )  # fmt: skip
    return parser


def measure(bench: Callable[..., dict[str, Any]], args: argparse.Namespace, **options: Any) -> None:
    """Run a benchmark, say what it finds as it comes, and end the process."""
    try:
        with Screen(make_console(quiet_stdout=args.json)) as screen:
            found = bench(progress=screen, **options)
        if args.json:
            print(json.dumps(found, indent=1))
        if args.save:
            _save(FIGURES / args.save, args.benchmark, found)
    except MnistLabError as error:
        print(f"benchmarks: {error}", file=sys.stderr)
        sys.exit(EXIT_ERROR)
    except KeyboardInterrupt:
        print("\nbenchmarks: stopped", file=sys.stderr)
        sys.exit(EXIT_INTERRUPTED)
    sys.exit(EXIT_OK)


def _save(file: Path, benchmark: str, found: dict[str, Any]) -> None:
    """Keep figures, and where they come from; of a path in the command, its last name."""
    _, words = _keeping(benchmark).parse_known_args(sys.argv[1:])
    words = [re.sub(r"[^=]*[/\\](?=[^/\\])", "", word) for word in words]
    content = {
        "command": shlex.join(["python", "-m", f"benchmarks.{benchmark}", *words]),
        "date": f"{datetime.now():%Y-%m-%d}",
        "machine": _machine(),
        "figures": _short(found),
    }
    write_text(file, json.dumps(content, indent=1) + "\n")


def _short(found: Any) -> Any:
    """Four significant digits of each figure; no lists, which hold those of each single run."""
    if isinstance(found, dict):
        return {key: _short(one) for key, one in found.items() if not isinstance(one, list)}
    return float(f"{found:.4g}") if isinstance(found, float) else found


def _machine() -> str:
    """How many cores of which processor; AMX, where there is some, makes training faster."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    processor = platform.processor() or platform.machine()
    with suppress(OSError):
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
        name = re.search(r"^model name\s*: (.*)$", text, re.MULTILINE)
        processor = (name[1] if name else processor) + " with AMX" * ("amx_bf16" in text.split())
    return f"{cores} cores, {processor}"
