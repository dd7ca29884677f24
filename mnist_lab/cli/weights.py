"""`mnist-lab weights`: the pretrained network's card."""

import argparse
import json
from typing import Any

from mnist_lab.cli.arguments import command
from mnist_lab.cli.console import EXIT_OK


def add_to(commands: Any) -> None:
    """Add the command and its options."""
    weights = command(
        commands, "weights", _weights, "show the card of the pretrained network: data and figures"
    )
    weights.epilog = (
        "In a clone of the repository, python -m tools.train_pretrained trains it again."
    )
    weights.add_argument("--json", action="store_true", help="print the card as JSON on stdout")


def _weights(args: argparse.Namespace) -> int:
    from mnist_lab.network import pretrained_card

    card = pretrained_card()
    print(json.dumps(card.to_dict(), indent=1) if args.json else card)
    return EXIT_OK
