"""`mnist-lab pocket`: a network as one HTML file, for a phone."""

import argparse
import json
from pathlib import Path
from typing import Any

from mnist_lab.cli.arguments import add_command
from mnist_lab.cli.console import EXIT_OK, Remarks, tell


def add_to(commands: Any) -> None:
    """Add the command."""
    pocket = add_command(
        commands, "pocket", _pocket, "write a network as one HTML file that reads on any phone"
    )
    add = pocket.add_argument
    add("model", type=Path, nargs="?", metavar="MODEL.keras",
        help="a network, in a .keras or .h5 file; default: the pretrained one")  # fmt: skip
    add("--out", type=Path, default=Path("my_network.html"), metavar="FILE",
        help="the page; default: my_network.html")  # fmt: skip
    add("--title", default="", metavar="TEXT", help='whose it is, such as "The network of Ada"')


def _pocket(args: argparse.Namespace) -> int:
    from mnist_lab import network, pad

    model = network.load_model(args.model, progress=Remarks()) if args.model else None
    pad.save_page(model, args.out, title=args.title, **_how_good(args.model))
    tell(f"{args.out}: {args.out.stat().st_size / 1e6:.1f} MB; opens without a network")
    return EXIT_OK


def _how_good(model: Path | None) -> dict[str, Any]:
    """The accuracy that `mnist-lab run` measured, if it made this network."""
    from mnist_lab.experiment import how_good

    if not model or model.name != "model.keras":
        return {}
    figures = model.with_name("run.json")
    if not figures.is_file():
        return {}
    try:
        return how_good(json.loads(figures.read_text(encoding="utf-8")))
    except (ValueError, KeyError, TypeError):  # another program's
        return {}
