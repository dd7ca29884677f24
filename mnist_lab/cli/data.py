"""`mnist-lab data`: where MNIST is and whether it verifies, and a download."""

import argparse
import json
from typing import Any

from mnist_lab.cli.arguments import add_command, add_data
from mnist_lab.cli.console import EXIT_OK, Screen, make_console


def add_to(commands: Any) -> None:
    """Add `mnist-lab data`."""
    data = add_command(commands, "data", _data, "say where MNIST was found and whether it verifies")
    add_data(data)
    add = data.add_mutually_exclusive_group().add_argument
    add("--download", action="store_true", help="fetch MNIST into --data, or this user's cache")
    add("--stand-in", action="store_true", help="use the digits written by a program, on purpose")
    data.add_argument("--json", action="store_true", help="print it as JSON on stdout")


def _data(args: argparse.Namespace) -> int:
    from mnist_lab import data

    console = make_console(args.json)
    source = data.STAND_IN if args.stand_in else args.data
    with Screen(console) as screen:
        if args.download:
            source = data.download_mnist(args.data, progress=screen)
        train, test = data.load_mnist(source, progress=screen)
    origin = train.provenance
    assert origin
    if args.json:
        from dataclasses import asdict  # here, for --help must not wait for it

        print(json.dumps({**asdict(origin), "train": len(train), "test": len(test)}, indent=1))
        return EXIT_OK
    for name, digest in origin.sha256.items():
        mark = "verified" if data.SHA256[name] == digest else "not MNIST's"
        console.print(f"  {name:<24} sha256 {digest[:16]}...  {mark}", highlight=False)
    return EXIT_OK
