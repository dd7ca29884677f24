"""The command line of a training: what both of them take, and how they end."""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from mnist_lab.arrays import MnistLabError
from mnist_lab.data import load_mnist
from tools.material import Material, by_label, installed_fonts, write_digits

WRITTEN = 2_500  # digits of each label


def run_command(
    train: Callable[..., Path],
    examples: tuple[str, int, str],
    *,
    description: str | None,
    state: str,
    arguments: Sequence[str] | None,
) -> int:
    """Run the command line of `train`, and give its exit status.

    `examples` are what it learns from: the option's name, its default and its meaning; `state`
    is the file that it goes on from.
    """
    name = train.__name__
    args = _parse(name, examples, description, arguments)
    from mnist_lab.cli.console import Screen, make_console

    try:
        with Screen(make_console(quiet_stdout=False)) as screen:
            digits, _ = load_mnist(args.data, progress=screen)
            fonts = installed_fonts()
            screen.say(
                f"{len(fonts)} fonts" if fonts else "No fonts: words are joined letters only"
            )
            material = Material(by_label(digits), write_digits(WRITTEN, seed=args.seed), fonts)
            count = {examples[0]: getattr(args, examples[0])}
            written = train(
                args.out, material, workers=args.workers, seed=args.seed, progress=screen, **count
            )
            screen.say(f"Wrote {written}")
    except MnistLabError as error:
        print(f"{name}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        kept = args.out / state
        where = f"from {kept}" if kept.exists() else "from the beginning"
        print(f"{name}: stopped; the same command goes on {where}", file=sys.stderr)
        return 130
    return 0


def _parse(
    name: str,
    examples: tuple[str, int, str],
    description: str | None,
    arguments: Sequence[str] | None,
) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog=f"python -m tools.{name}", description=description)
    parser.add_argument("--data", metavar="MNIST", help="the folder of MNIST's files, as elsewhere")
    parser.add_argument(
        "--out", type=Path, required=True, metavar="DIR",
        help="where the network goes, and meanwhile the training's state",
    )  # fmt: skip
    numbers = (
        examples,
        ("workers", 2, "processes that draw them; with 0 the training draws them itself"),
        ("seed", 0, "of the weights, of what is drawn and of its order"),
    )
    for option, default, meaning in numbers:
        parser.add_argument(
            f"--{option}", type=int, default=default, metavar="N", help=f"{meaning} [{default}]"
        )
    return parser.parse_args(arguments)
