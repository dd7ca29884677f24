"""Real pictures of handwriting, read by the kit and in the naive way, with one network."""

import functools
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.command import make_parser, measure
from mnist_lab import images, synth
from mnist_lab.arrays import Digits, Image, Labels, Probabilities, Stroke, check_digits, check_image
from mnist_lab.cli.arguments import load_model_or_pretrained
from mnist_lab.data.demonstration import read_list
from mnist_lab.evaluate import accuracy, calibration
from mnist_lab.progress import Progress
from mnist_lab.reading import REJECT_BELOW, find_digits, read_digit

COLUMNS = {"file", "label", "layout", "kind"}
LETTERS = "ACDEFGHJKLMNPQRTUVWXYadefhjkmnrtuvwxy"  # without those that are like a digit
ROUNDS = 15  # of each measurement of time
SURE = 0.9  # confidence that what is no digit should stay below


@dataclass(frozen=True, eq=False)
class _Read:
    """A picture of the list, its digits, and what they were read as."""

    row: dict[str, str]
    digits: Digits
    text: str

    @property
    def wrong(self) -> int:
        """Insertions, deletions and changes from the label to the text."""
        return edit_distance(self.row["label"].replace("/", ""), self.text)


def bench_scans(*, labels_csv: Path, model: Any, progress: Progress) -> dict[str, Any]:
    """Read the pictures of a list, and say how many are read right.

    Parameters
    ----------
    labels_csv : Path
        A CSV file with the columns file (below its folder), label (rows separated by /),
        layout (single or multi) and kind.
    model : keras.Model
        A network from (28, 28, 1) to (10,).
    progress : Progress
        Takes each line of what was measured.

    Returns
    -------
    dict
        For singles the share right by kind, in three ways; for several digits the character
        error rate and the share of pictures entirely right, by kind; how sure it is of single
        digits, and how often right; what is taken for a digit on empty pages, in letters and
        in other marks, and how surely.

    Raises
    ------
    DataError
        The list is not there, or lacks a column.
    PictureError
        One of its pictures cannot be read.
    """
    rows = read_list(labels_csv, COLUMNS)
    loaded = [images.load_image(labels_csv.parent / row["file"]) for row in rows]
    found = [_find(row, image) for row, image in zip(rows, loaded, strict=True)]
    read = _answer(model, rows, found)
    naive = {
        "resized": _answer(model, rows, [_resized(image) for image in loaded]),
        "inverted": _answer(model, rows, [images.invert(_resized(image)) for image in loaded]),
    }
    result: dict[str, Any] = {
        "single": _singles(read, naive, progress),
        "multi": _multis(read, progress),
    }
    result["sureness"] = _sureness(model, rows, found, progress)
    found = [find_digits(page).digits for page in empty_pages()]
    result["empty"] = _made_up("pages without a digit", found, model, progress)
    for name, pictures in (("letters", letters()), ("marks", marks())):
        found = [find_digits(picture, single=True).digits for picture in pictures]
        result[name] = _made_up(f"pictures of {name}", found, model, progress)
    return result


def _kept(answers: Probabilities) -> NDArray[np.bool_]:
    """Those that the reader does not reject: bool (n,)."""
    return answers.max(axis=1) >= REJECT_BELOW


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


def _find(row: dict[str, str], image: Image) -> Digits:
    return find_digits(image, single=row["layout"] == "single").digits


def _resized(image: Image) -> Digits:
    """What a course does at first: the whole picture on 28 x 28 pixels."""
    return check_digits(cv2.resize(image, (28, 28), interpolation=cv2.INTER_AREA)[np.newaxis])


def _answer(model: Any, rows: Sequence[dict[str, str]], digits: Sequence[Digits]) -> list[_Read]:
    """Ask the network once for all pictures."""
    from mnist_lab import network

    ends = np.cumsum([len(each) for each in digits])
    answers = np.split(
        network.predict_probabilities(model, Digits(np.concatenate(digits))), ends[:-1]
    )
    texts = [
        "".join(
            map(
                str,
                (each if row["layout"] == "single" else each[_kept(Probabilities(each))]).argmax(1),
            )
        )
        for row, each in zip(rows, answers, strict=True)
    ]
    return [_Read(*each) for each in zip(rows, digits, texts, strict=True)]


def _singles(
    read: list[_Read], naive: dict[str, list[_Read]], progress: Progress
) -> dict[str, dict[str, float]]:
    ways = {"read": read, **naive}
    kinds = sorted({one.row["kind"] for one in read if one.row["layout"] == "single"})
    table: dict[str, dict[str, float]] = {}
    for kind in [*kinds, "all"]:
        table[kind] = {way: _share_right(which, kind) for way, which in ways.items()}
        shares = "  ".join(f"{way} {share:6.1%}" for way, share in table[kind].items())
        progress.say(f"single digits, {kind:<6} {shares}")
    return table


def _share_right(read: list[_Read], kind: str) -> float:
    right = [
        one.text == one.row["label"]
        for one in read
        if one.row["layout"] == "single" and kind in {one.row["kind"], "all"}
    ]
    return float(np.mean(right)) if right else float("nan")


def _sureness(
    model: Any,
    rows: Sequence[dict[str, str]],
    digits: Sequence[Digits],
    progress: Progress,
) -> dict[str, float]:
    """How sure the network is of the single digits that were found, beside how often right."""
    from mnist_lab import network

    pairs = zip(rows, digits, strict=True)
    of = [(row, each) for row, each in pairs if row["layout"] == "single" and len(each)]
    if not of:
        return {}
    labels = Labels(np.array([int(row["label"]) for row, _ in of], np.uint8))
    answers = network.predict_probabilities(model, Digits(np.concatenate([each for _, each in of])))
    sure, right = float(answers.max(axis=1).mean()), accuracy(labels, answers)
    error = calibration(labels, answers).error
    progress.say(
        f"single digits: {sure:.1%} sure on average, {right:.1%} right; "
        f"calibration error {error:.1%}"
    )
    return {"confidence": sure, "accuracy": right, "calibration_error": error}


def _multis(read: list[_Read], progress: Progress) -> dict[str, dict[str, float]]:
    multi = [one for one in read if one.row["layout"] == "multi"]
    table: dict[str, dict[str, float]] = {}
    for kind in [*sorted({one.row["kind"] for one in multi}), "all"]:
        these = [one for one in multi if kind in {one.row["kind"], "all"}]
        if not these:
            continue
        length = sum(len(one.row["label"].replace("/", "")) for one in these)
        rate = sum(one.wrong for one in these) / length
        whole = sum(not one.wrong for one in these) / len(these)
        table[kind] = {"error_rate": rate, "entirely_right": whole}
        progress.say(
            f"several digits, {kind:<6} character error rate {rate:5.1%}  "
            f"entirely right {whole:6.1%} of {len(these)} pictures"
        )
    return table


def _made_up(what: str, found: list[Digits], model: Any, progress: Progress) -> dict[str, int]:
    """Pictures without a digit: what is found in them, and how much the network is sure of."""
    from mnist_lab import network

    answers = network.predict_probabilities(model, Digits(np.concatenate(found)))
    taken, sure = int(_kept(answers).sum()), int((answers > SURE).sum())
    progress.say(
        f"{len(found)} {what}: {taken} taken for a digit, "
        f"{sure} of these with a confidence above {SURE:.0%}"
    )
    return {"pictures": len(found), "found": taken, "sure": sure}


def empty_pages() -> list[Image]:
    """Photographs and scans of bare paper, blank, ruled, squared and recycled."""
    blank = synth.Page((), (120, 80))
    cameras = synth.SCANNER, replace(synth.PHONE, framing="page"), _shadowed()
    papers = synth.PLAIN, synth.RULED, synth.SQUARED, synth.RECYCLED
    pictures = [
        synth.photograph(blank, seed=seed, paper=sheet, camera=camera)[0]
        for seed, (sheet, camera) in enumerate((s, c) for s in papers for c in cameras)
    ]
    return [_grey(picture) for picture in pictures]


def letters() -> list[Image]:
    """Photographs of single letters that are not like a digit, in two scripts."""
    pictures = []
    for font in (cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_SCRIPT_COMPLEX):
        for letter in LETTERS:
            sheet = np.full((400, 400), 255, np.uint8)
            cv2.putText(sheet, letter, (120, 270), font, 6, 70, 12, cv2.LINE_AA)
            pictures.append(_photographed(synth.Page((), (40, 40), printed=sheet), ord(letter)))
    return pictures


def marks() -> list[Image]:
    """Photographs of ticks, crosses, dashes, arrows, zigzags and scribbles by hand."""
    shapes: dict[str, list[list[tuple[float, float]]]] = {
        "tick": [[(12, 20), (17, 28), (28, 10)]],
        "cross": [[(12, 12), (28, 28)], [(28, 12), (12, 28)]],
        "plus": [[(20, 10), (20, 30)], [(10, 20), (30, 20)]],
        "dash": [[(12, 20), (28, 20)]],
        "arrow": [[(10, 20), (30, 20)], [(25, 15), (30, 20), (25, 25)]],
        "equals": [[(12, 17), (28, 17)], [(12, 23), (28, 23)]],
        "zigzag": [[(10, 24), (14, 14), (18, 26), (22, 14), (26, 26), (30, 14)]],
        "scribble": [[(12 + k % 2 * 16, 12 + k) for k in range(18)]],
    }
    rng = np.random.default_rng(0)
    pictures = []
    for seed, strokes in enumerate([*shapes.values()] * 4):
        bent = [np.array(s, np.float32) + rng.normal(0, 0.8, (len(s), 2)) for s in strokes]
        drawing = synth.Page((), (40, 40), marks=[Stroke(each.astype(np.float32)) for each in bent])
        pictures.append(_photographed(drawing, seed))
    return pictures


def _photographed(drawing: synth.Page, seed: int) -> Image:
    """A picture close to what is drawn."""
    pen = replace(synth.BALLPOINT, width=0.9)
    camera = replace(synth.PHONE, framing="page", margin=0, dpi=200)
    picture, _ = synth.photograph(drawing, seed=seed, pen=pen, camera=camera)
    return _grey(picture)


def _shadowed() -> synth.Camera:
    return replace(synth.PHONE, framing="page", shadow=0.5, shadow_edge=2.0)


def bench_speed(*, progress: Progress) -> dict[str, dict[str, float]]:
    """Time the reading of a photo and of a page, beside the plainest segmentation there is.

    One core; the network is not counted. A ratio is to ``cv2.adaptiveThreshold`` and
    ``cv2.connectedComponentsWithStats`` of the same picture, in turn with it.

    Returns
    -------
    dict
        For ``"photo"`` and ``"page"``: median milliseconds, of both, and their ratio.
    """
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        return {
            "photo": _time("a digit from a 1-megapixel photo", _photo(), read_digit, progress),
            "page": _time("an A4 page of 100 digits at 300 dpi", _page(), find_digits, progress),
        }
    finally:
        cv2.setNumThreads(threads)


def _time(
    what: str, image: Image, read: Callable[[Image], Any], progress: Progress
) -> dict[str, float]:
    ours: list[float] = []
    plain: list[float] = []
    for _ in range(ROUNDS):
        for times, do in ((ours, read), (plain, _plain)):
            start = time.perf_counter()
            do(image)
            times.append(1000 * (time.perf_counter() - start))
    found = {"ms": statistics.median(ours), "plain_ms": statistics.median(plain)}
    found["ratio"] = found["ms"] / found["plain_ms"]
    words = f"{found['ms']:.0f} ms, {found['ratio']:.1f} times the plain {found['plain_ms']:.0f} ms"
    progress.say(f"{what}: {words}")
    return found


def _plain(image: Image) -> None:
    mean, dark = cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV
    cv2.connectedComponentsWithStats(cv2.adaptiveThreshold(image, 255, mean, dark, 51, 10))


def _photo() -> Image:
    written = synth.lay_out("5", _hand(), seed=1, height=30, margin=20)
    picture, _ = synth.photograph(written, seed=1, camera=replace(synth.PHONE, dpi=360))
    return check_image(cv2.resize(_grey(picture), (1155, 866)))


def _page() -> Image:
    text = "\n".join(["0123456789"] * 10)
    options: dict[str, Any] = {
        "seed": 1,
        "size": synth.A4,
        "height": 10,
        "gap": 0.5,
        "leading": 2.2,
    }
    written = synth.lay_out(text, _hand(), **options)
    camera = replace(synth.SCANNER, dpi=300, rotation=0)
    picture, _ = synth.photograph(written, seed=1, camera=camera)
    return _grey(picture)


def _grey(picture: NDArray[np.uint8]) -> Image:
    return check_image(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY))


def _hand() -> synth.Hand:
    return functools.partial(synth.write_strokes, writer=synth.Writer(2))


def main() -> None:
    """Measure, from the command line."""
    parser = make_parser("scans", "Read real pictures of handwriting, beside the naive ways.")
    parser.add_argument("--labels", type=Path, metavar="CSV", help="a list of the pictures")
    parser.add_argument(
        "--model", type=Path, metavar="M", help="a .keras file; default: the pretrained network"
    )
    parser.add_argument(
        "--speed", action="store_true", help="time the reading, as ratios to plain OpenCV"
    )
    args = parser.parse_args()
    if not (args.speed or args.labels):
        parser.error("give --labels CSV, or --speed, or both")
    measure(_measure, args, labels_csv=args.labels, model=args.model, speed=args.speed)


def _measure(
    *, labels_csv: Path | None, model: Path | None, speed: bool, progress: Progress
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if labels_csv:
        network = load_model_or_pretrained(model)
        found = bench_scans(labels_csv=labels_csv, model=network, progress=progress)
    if speed:
        found["speed"] = bench_speed(progress=progress)
    return found


if __name__ == "__main__":
    main()
