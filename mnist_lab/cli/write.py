"""`mnist-lab write`: digits in a hand of your choice."""

import argparse
from functools import partial
from pathlib import Path
from typing import Any

from mnist_lab.cli.arguments import add_command, seed
from mnist_lab.cli.console import EXIT_OK, tell


def add_to(commands: Any) -> None:
    """Add `write` to the parser."""
    write = add_command(commands, "write", _write, "write digits in a hand of your choice")
    what = write.add_mutually_exclusive_group(required=True)
    what.add_argument(
        "digits", nargs="?", metavar="DIGITS", help="what to write, / for a new line: 2026/314"
    )
    what.add_argument("--variants", action="store_true",
                      help="draw all allographs (ways of writing a digit) instead")  # fmt: skip
    add = write.add_argument
    add("--hand", type=seed, default=0, metavar="N", help="whose; default: 0")
    add("--seed", type=seed, default=0, metavar="N", help="which attempt; default: 0")
    add("--look", choices=["ink", "scan", "photo"], default="ink",
        help="how to see it; default: ink")  # fmt: skip
    add("--out", type=Path, metavar="FILE", required=True, help="a .png to write")


def _write(args: argparse.Namespace) -> int:
    from mnist_lab import synth
    from mnist_lab.images import invert, save_image

    if args.variants:
        save_image(invert(synth.draw_allographs(seed=args.seed)), args.out)
    else:
        hand = partial(synth.write_strokes, writer=synth.Writer(args.hand))
        page = synth.lay_out(args.digits.replace("/", "\n"), hand, seed=args.seed)
        paper, camera = {
            "ink": (synth.Paper(grain=0), synth.Camera()),
            "scan": (synth.PLAIN, synth.SCANNER),
            "photo": (synth.SQUARED, synth.PHONE),
        }[args.look]
        picture, _ = synth.photograph(page, seed=args.seed, paper=paper, camera=camera)
        save_image(picture, args.out)
    tell(args.out)
    return EXIT_OK
