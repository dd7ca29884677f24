"""`mnist-lab data`: where MNIST is and whether it verifies, and a download."""

import argparse
import json
from pathlib import Path
from typing import Any

from mnist_lab.cli.arguments import add_data, command
from mnist_lab.cli.console import EXIT_OK, make_console, say


def add_to(commands: Any) -> None:
    data = command(commands, "data", _data, "say where MNIST was found and whether it verifies")
    add_data(data)
    which = data.add_mutually_exclusive_group()
    which.add_argument(
        "--download", action="store_true", help="fetch MNIST into --data, or this user's cache"
    )
    which.add_argument(
        "--stand-in", action="store_true", help="use the digits written by a program, on purpose"
    )
    data.add_argument("--json", action="store_true", help="print it as JSON on stdout")


def _data(args: argparse.Namespace) -> int:
    from mnist_lab.data import mnist

    console = make_console(args.json)
    if args.stand_in:
        args.data = mnist.STAND_IN
    if args.download:
        folder = Path(args.data) if args.data else None
        args.data = str(mnist.download(folder))
    lines: list[str] = []
    train, test = mnist.load_mnist(args.data, say=lines.append)
    origin = train.provenance
    assert origin
    for line in lines:
        say(console, line)
    if args.json:
        from dataclasses import asdict

        print(json.dumps({**asdict(origin), "train": len(train), "test": len(test)}, indent=1))
        return EXIT_OK
    for name, digest in origin.sha256.items():
        mark = "verified" if mnist.SHA256[name] == digest else "not MNIST's"
        console.print(f"  {name:<24} sha256 {digest[:16]}...  {mark}", highlight=False)
    return EXIT_OK
