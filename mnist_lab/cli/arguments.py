"""What commands take: the parser of each, and the arguments that several share."""

import argparse
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from mnist_lab.cli.console import Remarks


def add_command(commands: Any, name: str, do: Any, help: str) -> argparse.ArgumentParser:
    """A new command; `do` is what it does with its parsed arguments."""
    parser: argparse.ArgumentParser = commands.add_parser(
        name, help=help, description=help[0].upper() + help[1:] + "."
    )
    parser.set_defaults(do=do)
    return parser


def add_data(parser: argparse.ArgumentParser) -> None:
    """Let a command take --data."""
    parser.add_argument(
        "--data",
        metavar="DIR",
        help="folder with MNIST as IDX, mnist.npz, CSV or Parquet, such a file, or the word "
        "stand-in; "
        "default: MNIST_LAB_DATA, else the usual places, else a download",
    )


def positive(text: str) -> int:
    """A whole number from 1."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number from 1, got {text!r}")
    return int(text)


def seed(text: str) -> int:
    """A whole number that numpy and Keras take for a seed."""
    if not text.isdecimal() or int(text) >= 2**32:
        raise argparse.ArgumentTypeError(
            f"expected a whole number from 0 to 2**32 - 1, got {text!r}"
        )
    return int(text)


def number_to(highest: float) -> Callable[[str], float]:
    """A number from 0 to the highest that is allowed."""

    def parse(text: str) -> float:
        with suppress(ValueError):
            if 0 <= float(text) <= highest:
                return float(text)
        raise argparse.ArgumentTypeError(f"expected a number from 0 to {highest}, got {text!r}")

    return parse


def load_model_or_pretrained(path: Path | None) -> Any:
    """The network of a file, or the pretrained one."""
    from mnist_lab import network

    return network.load_model(path, progress=Remarks()) if path else network.load_pretrained()
