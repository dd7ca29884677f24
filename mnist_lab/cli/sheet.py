"""`mnist-lab sheet`: a page to print and fill in, read, merged and measured."""

import argparse
import json
from pathlib import Path
from typing import Any

from mnist_lab.cli.arguments import add_command, load_model_or_pretrained, positive, seed
from mnist_lab.cli.console import EXIT_ERROR, EXIT_OK, complain, tell


def add_to(commands: Any) -> None:
    """Add the command with its four parts to the parser."""
    sheet = add_command(
        commands, "sheet", None, "your own handwriting: print a page, write, scan, measure"
    )
    parts = sheet.add_subparsers(title="what to do", metavar="WHAT", required=True)
    _add_make(parts)
    _add_read(parts)
    _add_merge(parts)
    _add_measure(parts)


def _add_make(parts: Any) -> None:
    make = add_command(parts, "make", _make, "make a page with 100 boxes, to print as a PDF")
    add = make.add_argument
    add("--copies", type=positive, default=1, metavar="N",
        help="pages, each with a number and an order of its own; default: 1")  # fmt: skip
    add("--paper", choices=["A4", "Letter"], default="A4", help="to print on; default: A4")
    add("--order", choices=["mixed", "rows"], default="mixed",
        help="of the digits: mixed, or a row of each; default: mixed")  # fmt: skip
    add("--number", type=seed, metavar="N", help="of the first page; default: by chance")
    add("--name", default="", help="to print on it; default: nothing personal")
    add("--out", type=Path, default=Path("sheet.pdf"), metavar="FILE",
        help="a PDF to write; default: sheet.pdf")  # fmt: skip


def _make(args: argparse.Namespace) -> int:
    from mnist_lab import sheet

    first = sheet.random_number() if args.number is None else args.number
    sheets = sheet.sheet_series(first, args.copies, order=args.order)
    sheet.write_pdf(sheets, args.out, paper=args.paper, name=args.name)
    numbers = f"sheet {sheets[0].number:05d}"
    if len(sheets) > 1:
        numbers = f"{len(sheets)} sheets, {sheets[0].number:05d} to {sheets[-1].number:05d}"
    tell(f"{args.out}: {numbers}")
    return EXIT_OK


def _add_read(parts: Any) -> None:
    read = add_command(parts, "read", _read, "read scans or photos of pages that are filled in")
    add = read.add_argument
    add("files", nargs="+", metavar="SCAN", help="pictures, PDFs, folders or globs")
    add("--out", type=Path, required=True, metavar="FILE",
        help="an .npz to write; beside it appears an .html that shows every box")  # fmt: skip
    add("--writer", default="", metavar="NAME",
        help="who wrote them all; default: each page is by another")  # fmt: skip
    add("--drop", type=_numbers, default=(), metavar="N,N",
        help="leave these boxes out, by their numbers on that page")  # fmt: skip


def _numbers(text: str) -> tuple[int, ...]:
    parts = text.replace(",", " ").split()
    if not parts or not all(part.isdecimal() and int(part) for part in parts):
        raise argparse.ArgumentTypeError(f"expected numbers from 1, as 3,17, got {text!r}")
    return tuple(int(part) for part in parts)


def _read(args: argparse.Namespace) -> int:
    from mnist_lab import sheet
    from mnist_lab.arrays import DataError, OptionError
    from mnist_lab.data import save_collection

    if args.out.suffix != ".npz":
        raise OptionError(f"expected --out with a name that ends in .npz, got {args.out}")
    scans = []
    for scanned in sheet.read_scans(args.files):
        scans.append(scanned)
        if scanned.reading is not None:
            tell(f"{scanned.name}: {scanned.reading.summary()}")
        elif not scanned.blank:
            complain(scanned.error)
    readings = [scanned.reading for scanned in scans if scanned.reading is not None]
    blank = sum(scanned.blank for scanned in scans)
    pages = "1 blank page" if blank == 1 else f"{blank} blank pages"
    if not readings:
        raise DataError("no sheet was read" + (f", and {pages} seen" if blank else ""))
    if blank:
        tell(f"{pages} passed over")
    own = sheet.gather(readings, writer=args.writer, drop=args.drop)
    contact = args.out.with_suffix(".html")
    sheet.write_contact_sheet(scans, contact)
    save_collection(own, args.out)
    tell(f"{args.out}: {own.summary()}")
    tell(f"{contact}: look for slips of the pen, and leave them out with --drop")
    if len(readings) > 1 and not args.writer:
        print("each page counts as another writer's; if all are by one hand, add --writer NAME")
    return EXIT_ERROR if len(readings) + blank < len(scans) else EXIT_OK


def _add_merge(parts: Any) -> None:
    merge = add_command(
        parts, "merge", _merge, "make one data set of many people's, split by writer"
    )
    merge.add_argument("files", nargs="+", type=Path, metavar="NPZ", help="what sheet read wrote")
    merge.add_argument("--out", type=Path, required=True, metavar="FILE", help="an .npz to write")


def _merge(args: argparse.Namespace) -> int:
    from mnist_lab.data import merge, save_collection

    whole = merge(args.files)
    save_collection(whole, args.out)
    tell(f"{args.out}: {whole.summary()}")
    return EXIT_OK


def _add_measure(parts: Any) -> None:
    measure = add_command(parts, "measure", _measure, "say how well a network reads these digits")
    add = measure.add_argument
    add("file", type=Path, metavar="NPZ", help="what sheet read or merge wrote")
    add("--model", type=Path, metavar="M",
        help="a .keras or .h5 file; default: the pretrained network")  # fmt: skip
    add("--out", type=Path, metavar="FILE", help="the page; default: NPZ's name with -measure.html")
    add("--json", action="store_true", help="print it as JSON on stdout")


def _measure(args: argparse.Namespace) -> int:
    from mnist_lab import network, sheet
    from mnist_lab.data import load_collection

    own = load_collection(args.file)
    probabilities = network.predict_probabilities(load_model_or_pretrained(args.model), own.images)
    page = args.out or args.file.with_name(f"{args.file.stem}-measure.html")
    which = args.model.name if args.model else "the pretrained network"
    sheet.write_measurement(own, probabilities, page, name=args.file.name, network=which)
    found = sheet.measure(own, probabilities)
    if args.json:
        print(json.dumps(found.to_dict(), indent=1))
    else:
        tell(
            f"{found.accuracy:.1%} of {found.digits} digits read right "
            f"(between {found.accuracy_low:.0%} and {found.accuracy_high:.0%}): {page}"
        )
    return EXIT_OK
