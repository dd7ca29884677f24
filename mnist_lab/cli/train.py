"""`mnist-lab train` and `weights`: a network by a recipe, and the cards of the pretrained ones."""

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from mnist_lab.cli.arguments import add_command, add_data, positive, seed
from mnist_lab.cli.console import EXIT_INTERRUPTED, EXIT_OK, Screen, complain, make_console


def add_to(commands: Any) -> None:
    """Add both commands and their options."""
    train = add_command(commands, "train", _train, "train a network by a recipe, and save it")
    add = train.add_argument
    add("--recipe", choices=["course", "fast", "strong"], default="course",
        help="which network, and how it is trained; default: course")  # fmt: skip
    add("--epochs", type=positive, metavar="N", help="rounds of training; default: the recipe's")
    add("--seed", type=seed, default=0, metavar="N", help="where chance starts from; default: 0")
    add_data(train)
    add("--out", type=Path, metavar="FILE", help="a .keras file; default: runs/RECIPE-SEED.keras")
    add("--resume", action="store_true", help="go on with a training that was stopped")
    weights = add_command(
        commands, "weights", _weights, "show the cards of the pretrained networks: data and figures"
    )
    weights.epilog = (
        "In a clone of the repository, python -m tools.train_pretrained trains it again."
    )
    weights.add_argument("--json", action="store_true", help="print the cards as JSON on stdout")


def _train(args: argparse.Namespace) -> int:
    from mnist_lab.data import load_mnist
    from mnist_lab.evaluate import accuracy

    out = args.out or Path("runs") / f"{args.recipe}-{args.seed}.keras"
    with Screen(make_console(quiet_stdout=False)) as screen:
        learn, test = load_mnist(args.data, progress=screen)
        screen.say("Starting TensorFlow ...")
        from mnist_lab import network

        try:
            state = network.train(
                args.recipe, learn, out=out, seed=args.seed, epochs=args.epochs,
                resume=args.resume, progress=screen,
            )  # fmt: skip
        except network.TrainingInterrupted as stopped:
            complain(stopped)
            return EXIT_INTERRUPTED
        right = accuracy(
            test.labels, network.predict_probabilities(network.load_model(out), test.images)
        )
        screen.say(f"test accuracy {right:.2%}, of epoch {state.best}: {out}")
    return EXIT_OK


def _weights(args: argparse.Namespace) -> int:
    from mnist_lab.network import finding_card, pretrained_card

    cards: dict[str, Any] = {"pretrained": pretrained_card(), "finding": finding_card()}
    if args.json:
        print(json.dumps({name: asdict(card) for name, card in cards.items()}, indent=1))
    else:
        print(*cards.values(), sep="\n\n")
    return EXIT_OK
