"""Real pictures of handwriting, read by the kit, in naive ways, and by other programs."""

import argparse
import functools
import multiprocessing
import sys
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from benchmarks import blank_pages, other_readers
from benchmarks.command import make_parser, measure
from benchmarks.other_readers import OtherReader, time_reader
from mnist_lab import images, synth
from mnist_lab.arrays import DataError, Image, Labels, Probabilities, check_image
from mnist_lab.cli.arguments import load_model_or_pretrained
from mnist_lab.data.demonstration import read_list
from mnist_lab.evaluate import accuracy, calibration
from mnist_lab.progress import Progress
from mnist_lab.reading import PageReading, find_digits, read_page, read_single

COLUMNS = {"file", "label", "layout", "kind"}
KIT = "read"  # of all ways to read, the kit's own
TURNS = 90, 180, 270  # degrees, clockwise
LARGE_PIXELS = 50e6  # of the page whose memory is measured


@dataclass(frozen=True, eq=False)
class Scan:
    """A picture of the list, and its digits without the breaks between lines."""

    file: Path
    label: str
    single: bool
    kind: str


@dataclass(frozen=True, eq=False)
class _Read:
    """What a picture was read as, by each way, and the kit's answer to a single digit."""

    scan: Scan
    texts: dict[str, str]
    answer: Probabilities  # (1, 10), or (0, 10) for several digits, or none


def bench_scans(
    *,
    labels_csv: Path,
    model: Any,
    progress: Progress,
    only: Sequence[str] = (),
    without: Sequence[str] = (),
    others: Sequence[OtherReader] = (),
    turned: bool = False,
) -> dict[str, Any]:
    """Read the pictures of a list, and say how many are read right.

    Parameters
    ----------
    labels_csv : Path
        A CSV file with the columns file (below its folder), label (rows separated by /),
        layout (single or multi), kind and, to keep a part aside, source.
    model : keras.Model or None
        A network from (28, 28, 1) to (10,) that is asked what the digits are; None for the
        pretrained one together with those that find them.
    progress : Progress
        Takes each line of what was measured.
    only, without : sequence of str
        Sources: read their pictures alone, or leave them out.
    others : sequence of OtherReader
        Other programs that read the same pictures.
    turned : bool
        Whether pages are read turned by quarters as well.

    Returns
    -------
    dict
        ``"single"``, by kind: how many pictures, and the share right by each way. ``"multi"``,
        by kind: how many, character error rate and share of pictures entirely right, of the kit
        and of each other program;
        ``"turned"``, by degrees, the same. ``"sureness"``: how sure the kit is of single
        digits, and how often right. And what `bench_blank_pages` gives.

    Raises
    ------
    DataError
        The list is not there, lacks a column, or has no such source.
    PictureError
        One of its pictures cannot be read.
    """
    scans = list_scans(labels_csv, only=only, without=without)
    read = []
    for done, scan in enumerate(scans):
        progress.step(done, len(scans), "reading the list's pictures")
        read.append(_read(scan, model, others, turned=turned))
    progress.step(len(scans), len(scans))
    programs = [other.name for other in others]
    result: dict[str, Any] = {
        "single": _singles(read, [KIT, *other_readers.NAIVE, *programs], progress),
        "multi": _multis(read, [KIT, *programs], progress),
    }
    if turned:
        result["turned"] = _turned(read, progress)
    result["sureness"] = _sureness(read, progress)
    return result | blank_pages.bench_blank_pages(model=model, progress=progress)


def list_scans(
    labels_csv: Path, *, only: Sequence[str] = (), without: Sequence[str] = ()
) -> list[Scan]:
    """The pictures of a list, or those of some sources; DataError if it has no such source."""
    rows = read_list(labels_csv, COLUMNS | ({"source"} if only or without else set()))
    sources = {row.get("source", "") for row in rows}
    unknown = [source for source in [*only, *without] if source not in sources]
    if unknown:
        raise DataError(
            f"{labels_csv}: expected sources of its pictures, got {', '.join(unknown)}; "
            f"it has {', '.join(sorted(sources))}"
        )
    kept = [
        row for row in rows
        if (not only or row["source"] in only) and not (without and row["source"] in without)
    ]  # fmt: skip
    if not kept:
        raise DataError(f"{labels_csv}: no picture is left of it")
    return [
        Scan(labels_csv.parent / row["file"], row["label"].replace("/", ""),
             row["layout"] == "single", row["kind"])
        for row in kept
    ]  # fmt: skip


def _read(scan: Scan, model: Any, others: Sequence[OtherReader], *, turned: bool) -> _Read:
    """Read a picture in all ways."""
    image = images.load_image(scan.file)
    page = (read_single if scan.single else read_page)(image, model)
    texts = {KIT: one_line(page)}
    texts |= {other.name: other.read(image, scan.single) for other in others}
    answer = np.zeros((0, 10), np.float32)
    if scan.single:
        texts |= other_readers.read_naively(image, model)
        answer = answer if page.probabilities is None else page.probabilities
    elif turned:
        for degrees in TURNS:
            sideways = Image(np.ascontiguousarray(np.rot90(image, -degrees // 90)))
            texts[str(degrees)] = one_line(read_page(sideways, model))
    return _Read(scan, texts, Probabilities(answer))


def one_line(page: PageReading) -> str:
    """What was read, without the breaks between lines."""
    return page.text.replace("\n", "")


def _by_kind(read: list[_Read], *, single: bool) -> dict[str, list[_Read]]:
    these = [one for one in read if one.scan.single is single]
    kinds = [*sorted({one.scan.kind for one in these}), "all"]
    return {kind: [one for one in these if kind in (one.scan.kind, "all")] for kind in kinds}


def _row(progress: Progress, name: str, cells: Iterable[str]) -> None:
    progress.say(f"{name:<22}" + "".join(f"{cell:>14}" for cell in cells))


def _singles(
    read: list[_Read], ways: Sequence[str], progress: Progress
) -> dict[str, dict[str, float]]:
    table: dict[str, dict[str, float]] = {}
    _row(progress, "single digits, right", ["by the kit", *ways[1:]])
    for kind, these in _by_kind(read, single=True).items():
        shares = {way: _rates(these, way)["entirely_right"] for way in ways}
        table[kind] = {"pictures": len(these), **shares}
        _row(progress, f"  {kind} ({len(these)})", map("{:.1%}".format, shares.values()))
    return table


def _multis(
    read: list[_Read], ways: Sequence[str], progress: Progress
) -> dict[str, dict[str, Any]]:
    table: dict[str, dict[str, Any]] = {}
    progress.say("several digits: character error rate, share of pictures entirely right")
    _row(progress, "", ["by the kit", *ways[1:]])
    for kind, these in _by_kind(read, single=False).items():
        rates = {way: _rates(these, way) for way in ways}
        _row(progress, f"  {kind} ({len(these)})", map(_two_shares, rates.values()))
        table[kind] = {"pictures": len(these), **rates.pop(KIT), **rates}
    return table


def _turned(read: list[_Read], progress: Progress) -> dict[str, dict[str, float]]:
    these = [one for one in read if not one.scan.single]
    table = {str(degrees): _rates(these, str(degrees)) for degrees in TURNS}
    for degrees, rates in table.items():
        _row(progress, f"  turned by {degrees}", [_two_shares(rates)])
    return table


def _rates(read: list[_Read], way: str) -> dict[str, float]:
    return other_readers.error_rates((one.scan.label, one.texts[way]) for one in read)


def _two_shares(rates: dict[str, float]) -> str:
    return f"{rates['error_rate']:.1%} {rates['entirely_right']:6.1%}"


def _sureness(read: list[_Read], progress: Progress) -> dict[str, float]:
    """How sure the kit is of the single digits that it finds, beside how often right."""
    found = [one for one in read if len(one.answer)]
    if not found:
        return {}
    labels = Labels(np.array([int(one.scan.label) for one in found], np.uint8))
    answers = Probabilities(np.concatenate([one.answer for one in found]))
    sure, right = float(answers.max(axis=1).mean()), accuracy(labels, answers)
    error = calibration(labels, answers).error
    progress.say(
        f"single digits that are found: {sure:.1%} sure on average, {right:.1%} right; "
        f"calibration error {error:.1%}"
    )
    return {"confidence": sure, "accuracy": right, "calibration_error": error}


def bench_speed(*, progress: Progress) -> dict[str, dict[str, float]]:
    """Time how long digits take to be found, beside the plainest segmentation there is.

    On all cores; the classifier is not counted. A ratio is to ``cv2.adaptiveThreshold`` and
    ``cv2.connectedComponentsWithStats`` of the same picture, in turn with it.

    Returns
    -------
    dict
        For ``"photo"``, ``"page"`` and ``"a4"``: median milliseconds, of both, and their
        ratio. For ``"memory"``: the MiB by which a page of 50 megapixels raises a process's
        peak; nothing where the system does not tell.
    """
    progress.step(0, None, "drawing the pages")
    single = functools.partial(find_digits, single=True)
    photo = _resized(_drawn("5", replace(synth.PHONE, dpi=360), height=30, margin=20), 1e6)
    a4 = _drawn(
        "\n".join(["0123456789"] * 10), replace(synth.SCANNER, dpi=300, rotation=0),
        size=synth.A4, height=10, gap=0.5, leading=2.2,
    )  # fmt: skip
    page = _resized(a4, 1e6)
    return {
        "photo": time_reader("a digit from a 1-megapixel photo", photo, single, progress),
        "page": time_reader("a 1-megapixel page of 100 digits", page, find_digits, progress),
        "a4": time_reader("an A4 page of 100 digits at 300 dpi", a4, find_digits, progress),
        "memory": _memory(page, progress),
    }


def _drawn(text: str, camera: synth.Camera, **options: Any) -> Image:
    hand = functools.partial(synth.write_strokes, writer=synth.Writer(2))
    written = synth.lay_out(text, hand, seed=1, **options)
    picture, _ = synth.photograph(written, seed=1, camera=camera)
    return check_image(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY))


def _resized(image: Image, pixels: float) -> Image:
    zoom = (pixels / image.size) ** 0.5
    return check_image(cv2.resize(image, None, fx=zoom, fy=zoom, interpolation=cv2.INTER_AREA))


def _memory(page: Image, progress: Progress) -> dict[str, float]:
    """Read a large page in a new process, and ask it for its peaks."""
    progress.step(0, None, "a page of 50 megapixels")
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawn) as process:
        small, large = process.submit(_peaks, page).result()
    progress.step(1, 1)
    if not large:
        progress.say("memory is not measured on this system")
        return {}
    grown = (large - small) / 1024
    progress.say(f"a page of 50 megapixels: the peak of memory grows by {grown:.0f} MiB")
    return {"growth_mib": grown}


def _peaks(page: Image) -> tuple[float, float]:
    """The process's peaks, in KiB, before and after it reads the page enlarged."""
    read_page(page)  # loads the networks
    large = _resized(page, LARGE_PIXELS)
    before = _peak()
    read_page(large)
    return before, _peak()


def _peak() -> float:
    """The process's peak of memory, in KiB; 0 where the system does not tell."""
    with suppress(OSError):  # Linux's getrusage may tell that of the process that began this one
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
        return float(next(line.split()[1] for line in lines if line.startswith("VmHWM")))
    with suppress(ImportError):  # Windows has none
        import resource

        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak / 1024 if sys.platform == "darwin" else peak
    return 0.0


def main() -> None:
    """Measure, from the command line."""
    parser = make_parser("scans", "Read real pictures of handwriting, beside other ways.")
    parser.add_argument("--labels", type=Path, metavar="CSV", help="a list of the pictures")
    parser.add_argument(
        "--model", type=Path, metavar="M", help="a .keras file in place of the pretrained network"
    )
    add_sources(parser)
    parser.add_argument("--turned", action="store_true", help="read pages on their sides as well")
    parser.add_argument("--speed", action="store_true", help="time it, beside plain OpenCV")
    args = parser.parse_args()
    if not (args.speed or args.labels):
        parser.error("give --labels CSV, or --speed, or both")
    measure(functools.partial(_measure, args), args)


def add_sources(parser: argparse.ArgumentParser) -> None:
    """Let a benchmark take --only and --without."""
    for name, what in (("--only", "read these sources alone"), ("--without", "leave these out")):
        parser.add_argument(
            name, type=lambda text: text.split(","), default=[], metavar="SOURCE[,SOURCE]",
            help=f"{what}, by the list's column source",
        )  # fmt: skip


def _measure(args: argparse.Namespace, *, progress: Progress) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if args.labels:
        part = {"only": args.only, "without": args.without}
        list_scans(args.labels, **part)  # says what is wrong before anything takes time
        found = bench_scans(
            labels_csv=args.labels,
            model=load_model_or_pretrained(args.model) if args.model else None,
            progress=progress,
            **part,
            others=other_readers.find_readers(progress),
            turned=args.turned,
        )
    if args.speed:
        found["speed"] = bench_speed(progress=progress)
    return found


if __name__ == "__main__":
    main()
