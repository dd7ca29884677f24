"""`mnist-lab read`: pictures of handwritten digits, in words, as JSON and as pages."""

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mnist_lab.cli.arguments import add_command, load_model_or_pretrained, number_to
from mnist_lab.cli.console import EXIT_ERROR, EXIT_OK, complain

if TYPE_CHECKING:
    from mnist_lab.reading import FileReading


def add_to(commands: Any) -> None:
    """Add the command."""
    read = add_command(commands, "read", _read, "read pictures of handwritten digits")
    add = read.add_argument
    add("files", nargs="+", metavar="FILE", help="pictures, folders of them or globs")
    add("--model", type=Path, metavar="M",
        help="a .keras or .h5 file; default: the pretrained network")  # fmt: skip
    add("--single", action="store_true", help="each picture holds one digit")
    add("--min-confidence", type=number_to(1), default=0.5, metavar="P",
        help="below it an answer gets a question mark; default: 0.5")  # fmt: skip
    add("--overlay", type=Path, metavar="DIR", help="write each picture with boxes and answers")
    add("--explain", type=Path, metavar="DIR",
        help="write a page that explains each reading, step by step")  # fmt: skip
    add("--json", action="store_true", help="print it as JSON on stdout")


def _read(args: argparse.Namespace) -> int:
    from mnist_lab.reading import read_files

    model = load_model_or_pretrained(args.model)
    failed = False
    printed: list[dict[str, Any]] = []
    for found in read_files(args.files, model, single=args.single):
        failed = failed or found.error is not None
        if found.error:
            complain(found.error)
        if args.json:
            printed.append(found.to_dict())
        elif not found.error:
            print(found.to_text(min_confidence=args.min_confidence))
        if args.overlay:
            _write_overlay(found, args.overlay, min_confidence=args.min_confidence)
        if args.explain and not found.error:
            page = args.explain / f"{found.output_name}.html"
            found.explain(page, min_confidence=args.min_confidence)
    if args.json:
        print(json.dumps(printed, indent=1, allow_nan=False))
    return EXIT_ERROR if failed else EXIT_OK


def _write_overlay(found: "FileReading", folder: Path, *, min_confidence: float) -> None:
    """Write each page with boxes and answers as a PNG file at the file's place in a folder."""
    from mnist_lab import plots

    for number, page in enumerate(found.pages, 1):
        ax = plots.show_page(page, min_confidence=min_confidence)
        which = f"-{number}" if len(found.pages) > 1 else ""
        plots.save(ax, folder / f"{found.output_name}{which}.png")
