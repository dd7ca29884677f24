"""`mnist-lab weights`: what the network that ships is, and how to make it again."""

import argparse
import json
from pathlib import Path
from typing import Any

from mnist_lab.cli.arguments import add_data, command
from mnist_lab.cli.console import EXIT_OK, Screen, make_console, say


def add_to(commands: Any) -> None:
    weights = command(commands, "weights", _weights, "say what the network that ships is")
    weights.add_argument(
        "--make", type=Path, metavar="DIR", help="make it again, from real MNIST; minutes"
    )
    add_data(weights)
    weights.add_argument(
        "--labels", type=Path, metavar="FILE", help="with --make: pictures to measure it on"
    )
    weights.add_argument("--json", action="store_true", help="print the card as JSON on stdout")


def _weights(args: argparse.Namespace) -> int:
    from mnist_lab.arrays import DataError
    from tools import train_pretrained as shipping

    console = make_console(args.json)
    if args.make:
        if not args.labels:
            raise DataError("weights --make needs --labels FILE, pictures to measure it on")
        with Screen(console, shipping.EPOCHS) as screen:
            card = shipping.make(
                args.make, data=args.data, labels=args.labels, say=screen.say,
                on_step=screen.step, on_epoch=screen.epoch,
            )  # fmt: skip
    else:
        card = shipping.card()
    if args.json:
        print(json.dumps(card, indent=1))
    else:
        say(console, shipping.in_words(card))
    return EXIT_OK
