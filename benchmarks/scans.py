"""Real pictures of handwriting, read by the kit, in naive ways, and by other programs."""

import argparse
import functools
import multiprocessing
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from benchmarks import blank_pages
from benchmarks.command import make_parser, measure
from benchmarks.other_readers import OtherReader, find_readers
from mnist_lab import images, synth
from mnist_lab.arrays import DataError, Digits, Image, Labels, Probabilities, check_image
from mnist_lab.cli.arguments import load_model_or_pretrained
from mnist_lab.data.demonstration import read_list
from mnist_lab.evaluate import accuracy, calibration
from mnist_lab.progress import Progress
from mnist_lab.reading import PageReading, find_digits, read_page, read_single

COLUMNS = {"file", "label", "layout", "kind"}
KIT, RESIZED, INVERTED = "read", "resized", "inverted"  # ways to read, beside other programs
TURNS = 90, 180, 270  # degrees, clockwise
SURE = 0.9  # confidence that what is no digit should stay below
ROUNDS = 7  # of each measurement of time
LARGE = 50e6  # pixels of the page whose memory is measured
MIB = 2**20  # bytes


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
        ``"single"``, by kind: the share right by each way. ``"multi"``, by kind: character
        error rate and share of pictures entirely right, of the kit and of each other program;
        ``"turned"``, by degrees, the same. ``"sureness"``: how sure the kit is of single
        digits, and how often right. ``"letters_pages"``, ``"empty"``, ``"letters"`` and
        ``"marks"``: what is taken for a digit where there is none, and how surely.

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
        "single": _singles(read, [KIT, RESIZED, INVERTED, *programs], progress),
        "multi": _multis(read, programs, progress),
    }
    if turned:
        result["turned"] = _turned(read, progress)
    result["sureness"] = _sureness(read, progress)
    for key, what, reader, pictures, count in (
        ("letters_pages", "pages of letters, in fonts and hands not learnt from", read_page,
         blank_pages.letters_pages, 12),
        ("empty", "empty pages", read_page, blank_pages.empty_pages, 300),
        ("letters", "pictures of a letter", read_single, blank_pages.letters, 74),
        ("marks", "pictures of a mark", read_single, blank_pages.marks, 32),
    ):  # fmt: skip
        ask = functools.partial(reader, model=model)
        result[key] = _made_up(f"{count} {what}", ask, pictures(), count, progress)
    return result


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
        Scan(
            labels_csv.parent / row["file"],
            row["label"].replace("/", ""),
            row["layout"] == "single",
            row["kind"],
        )
        for row in kept
    ]


def edit_distance(one: str, other: str) -> int:
    """Count the insertions, deletions and changes that make one text the other.

    References
    ----------
    Wagner and Fischer 1974, *The string-to-string correction problem*.
    """
    line = list(range(len(other) + 1))
    for row, letter in enumerate(one, 1):
        corner, line[0] = line[0], row
        for column, match in enumerate(other, 1):
            changed = corner + (letter != match)
            corner = line[column]
            line[column] = min(line[column] + 1, line[column - 1] + 1, changed)
    return line[-1]


def error_rates(pairs: Iterable[tuple[str, str]]) -> dict[str, float]:
    """Of labels and texts: the character error rate, and the share that is entirely right."""
    labels, texts = zip(*pairs, strict=True)
    wrong = [*map(edit_distance, labels, texts)]
    whole = wrong.count(0) / len(wrong)
    return {"error_rate": sum(wrong) / sum(map(len, labels)), "entirely_right": whole}


def _read(scan: Scan, model: Any, others: Sequence[OtherReader], *, turned: bool) -> _Read:
    """Read a picture in all ways."""
    image = images.load_image(scan.file)
    page = (read_single if scan.single else read_page)(image, model)
    texts = {KIT: one_line(page)}
    texts |= {other.name: other.read(image, scan.single) for other in others}
    answer = np.zeros((0, 10), np.float32)
    if scan.single:
        texts |= _naive(image, model)
        answer = answer if page.probabilities is None else page.probabilities
    elif turned:
        for degrees in TURNS:
            sideways = Image(np.ascontiguousarray(np.rot90(image, -degrees // 90)))
            texts[str(degrees)] = one_line(read_page(sideways, model))
    return _Read(scan, texts, Probabilities(answer))


def one_line(page: PageReading) -> str:
    """What was read, without the breaks between lines."""
    return page.text.replace("\n", "")


def _naive(image: Image, model: Any) -> dict[str, str]:
    """What a course does at first: the whole picture on 28 x 28 pixels, and this inverted."""
    from mnist_lab import network

    small = np.asarray(cv2.resize(image, (28, 28), interpolation=cv2.INTER_AREA), np.uint8)
    both = Digits(np.stack([small, 255 - small]))
    labels = network.predict_probabilities(model, both).argmax(axis=1).tolist()
    return dict(zip((RESIZED, INVERTED), map(str, labels), strict=True))


def _by_kind(read: list[_Read], *, single: bool) -> dict[str, list[_Read]]:
    these = [one for one in read if one.scan.single is single]
    kinds = sorted({one.scan.kind for one in these})
    return {kind: [one for one in these if one.scan.kind == kind] for kind in kinds} | {
        "all": these
    }


def _row(progress: Progress, name: str, cells: Sequence[str], width: int) -> None:
    progress.say(f"{name:<22}" + "".join(f"{cell:>{width}}" for cell in cells))


def _singles(
    read: list[_Read], ways: list[str], progress: Progress
) -> dict[str, dict[str, float]]:
    table: dict[str, dict[str, float]] = {}
    _row(progress, "single digits, right", ["the kit", *ways[1:]], 11)
    for kind, these in _by_kind(read, single=True).items():
        table[kind] = {way: _share_right(these, way) for way in ways}
        cells = [f"{share:.1%}" for share in table[kind].values()]
        _row(progress, f"  {kind} ({len(these)})", cells, 11)
    return table


def _share_right(read: list[_Read], way: str) -> float:
    if not read:
        return float("nan")
    return sum(one.texts[way] == one.scan.label for one in read) / len(read)


def _multis(
    read: list[_Read], programs: list[str], progress: Progress
) -> dict[str, dict[str, Any]]:
    table: dict[str, dict[str, Any]] = {}
    progress.say("several digits: character error rate, and share of pictures entirely right")
    _row(progress, "", ["the kit", *programs], 18)
    for kind, these in _by_kind(read, single=False).items():
        rates = {way: _rates(these, way) for way in (KIT, *programs)}
        _row(progress, f"  {kind} ({len(these)})", [*map(_two_shares, rates.values())], 18)
        table[kind] = {**rates.pop(KIT), **rates}
    return table


def _turned(read: list[_Read], progress: Progress) -> dict[str, dict[str, float]]:
    these = [one for one in read if not one.scan.single]
    table = {str(degrees): _rates(these, str(degrees)) for degrees in TURNS}
    for degrees, rates in table.items():
        _row(progress, f"  turned by {degrees} degrees", [_two_shares(rates)], 16)
    return table


def _rates(read: list[_Read], way: str) -> dict[str, float]:
    if not read:
        return {"error_rate": float("nan"), "entirely_right": float("nan")}
    return error_rates((one.scan.label, one.texts[way]) for one in read)


def _two_shares(rates: dict[str, float]) -> str:
    return f"{rates['error_rate']:.1%}  {rates['entirely_right']:6.1%}"


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


def _made_up(
    what: str,
    ask: Callable[[Image], PageReading],
    pictures: Iterable[Image],
    count: int,
    progress: Progress,
) -> dict[str, int]:
    """Pictures without a digit: what is found in them, and how much of it surely."""
    found = sure = 0
    for done, picture in enumerate(pictures):
        progress.step(done, count, what)
        page = ask(picture)
        found += len(page)
        sure += int((page.confidences > SURE).sum())
    progress.step(count, count)
    progress.say(
        f"false digits on {what}: {found}, {sure} of these with a confidence above {SURE:.0%}"
    )
    return {"pictures": count, "found": found, "sure": sure}


def bench_speed(*, progress: Progress) -> dict[str, dict[str, float]]:
    """Time how long digits take to be found, beside the plainest segmentation there is.

    On all cores; the classifier is not counted. A ratio is to ``cv2.adaptiveThreshold`` and
    ``cv2.connectedComponentsWithStats`` of the same picture, in turn with it.

    Returns
    -------
    dict
        For ``"photo"``, ``"page"`` and ``"A4"``: median milliseconds, of both, and their
        ratio. For ``"memory"``: by how many MiB a page of 50 megapixels makes the process's
        peak grow; ``{}`` where the system does not tell.
    """
    progress.step(0, None, "drawing the pages")
    single = functools.partial(find_digits, single=True)
    page = _page()
    small = check_image(cv2.resize(page, (841, 1189), interpolation=cv2.INTER_AREA))
    return {
        "photo": _time("a digit from a 1-megapixel photo", _photo(), single, progress),
        "page": _time("a 1-megapixel page of 100 digits", small, find_digits, progress),
        "A4": _time("an A4 page of 100 digits at 300 dpi", page, find_digits, progress),
        "memory": _memory(page, progress),
    }


def _time(
    what: str, image: Image, read: Callable[[Image], Any], progress: Progress
) -> dict[str, float]:
    ours: list[float] = []
    plain: list[float] = []
    for done in range(-1, ROUNDS):  # the first warms up
        progress.step(done + 1, ROUNDS + 1, what)
        for times, do in ((ours, read), (plain, _plain)):
            start = time.perf_counter()
            do(image)
            times.append(1000 * (time.perf_counter() - start))
    progress.step(ROUNDS + 1, ROUNDS + 1)
    found = {"ms": statistics.median(ours[1:]), "plain_ms": statistics.median(plain[1:])}
    found["ratio"] = found["ms"] / found["plain_ms"]
    words = f"{found['ms']:.0f} ms, {found['ratio']:.1f} times the plain {found['plain_ms']:.0f} ms"
    progress.say(f"{what}: {words}")
    return found


def _plain(image: Image) -> None:
    mean, dark = cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV
    cv2.connectedComponentsWithStats(cv2.adaptiveThreshold(image, 255, mean, dark, 51, 10))
