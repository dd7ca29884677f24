"""Pictures with their truth beside them: pages, read in three ways, and single digits."""

import csv
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mnist_lab import images, synth
from mnist_lab.arrays import DataError, Digits, Image, Labels, Probabilities
from mnist_lab.reading import scan

LIST = "labels.csv"
COLUMNS = {"file", "label", "layout", "boxes", "made"}
WAYS = "as_it_is", "inverted", "read"
SAME = 0.3  # of what two boxes cover together, from which on they are one digit's
CUT = 0.6  # share of the room around a single digit that may be missing on a side
TALL = 13.0, 24.0  # mm, from and to; on a blackboard as many times more as its scale says

_SCANNER = replace(synth.SCANNER, dpi=100, rotation=0, framing="digits", jpeg=None)
_PHONE = replace(
    synth.PHONE, dpi=100, tilt=4, rotation=0, margin=14, exposure=1.0, jpeg=None
)  # fmt: skip
LOOKS = {  # of a picture of one digit: what it is written on and with, how seen, its scale
    "scan": (synth.PLAIN, synth.FELT, replace(_SCANNER, margin=5), 1.0),
    "ballpoint": (synth.PLAIN, synth.BALLPOINT, replace(_SCANNER, margin=14), 1.0),
    "shadow": (synth.PLAIN, synth.FELT, replace(_PHONE, shadow=0.6, shadow_edge=6), 1.0),
    "pencil": (synth.PLAIN, synth.PENCIL, replace(_PHONE, uneven=0.6), 1.0),
    "chalk": (synth.BLACKBOARD, synth.CHALK, replace(_PHONE, dpi=24, margin=58, exposure=1.4), 4.2),
}


@dataclass(frozen=True, eq=False)
class Page:
    """A picture and what it shows.

    Attributes
    ----------
    file : str
        Its name.
    made : str
        How it came about, in words.
    image : uint8 (height, width)
        0 to 255, either polarity.
    rows : tuple of str
        Its digits, line by line.
    boxes : int64 (n, 4)
        x, y, width, height of each digit, in pixels, in reading order.
    single : bool
        Whether it shows one digit alone.
    """

    file: str
    made: str
    image: Image
    rows: tuple[str, ...]
    boxes: NDArray[np.int64]
    single: bool


@dataclass(frozen=True, eq=False)
class Trial:
    """What a network made of a page.

    Attributes
    ----------
    page : Page
        The page.
    reading : scan.Reading
        What was found on it.
    probabilities : float32 (m, 10)
        What the network answered to each digit of the reading.
    answers : dict of str to str
        For each of `WAYS` a character for each digit of the page: the answer, or ``"_"``
        where no digit was found.
    """

    page: Page
    reading: scan.Reading
    probabilities: Probabilities
    answers: dict[str, str]

    @property
    def truth(self) -> str:
        """The page's digits in reading order."""
        return "".join(self.page.rows)

    @property
    def made_up(self) -> int:
        """How many digits were found where there is none."""
        return len(self.reading) - (len(self.truth) - self.answers["read"].count("_"))

    def right(self, way: str) -> int:
        """How many digits were read right."""
        return sum(a == b for a, b in zip(self.answers[way], self.truth, strict=True))

    def rows(self, way: str) -> list[str]:
        """The answers, line by line as the page has them."""
        left = iter(self.answers[way])
        return ["".join(next(left) for _ in row) for row in self.page.rows]


def read_list(path: Path, columns: set[str]) -> list[dict[str, str]]:
    """Read a CSV list of pictures: a dict of its columns for each.

    Raises
    ------
    DataError
        The list is not there, or lacks one of `columns`.
    """
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path}: cannot be read ({error})") from None
    missing = columns - set(rows[0] if rows else ())
    if missing:
        raise DataError(f"{path}: expected the columns {', '.join(sorted(missing))}")
    return rows


def pages_folder() -> Path:
    """The kit's own pages: where a wheel has put them, else in the project."""
    here = Path(__file__).parent
    return here / "pages" if (here / "pages").is_dir() else here.parent / "data" / "pages"


def load_pages(folder: Path | None = None) -> list[Page]:
    """Load the pages that a folder's list, labels.csv, names; without one, the kit's own.

    Raises
    ------
    DataError
        The list is missing, or is not one.
    PictureError
        One of its pictures cannot be read.
    """
    folder = folder or pages_folder()
    rows = read_list(folder / LIST, COLUMNS)
    return [_page(folder, row) for row in rows]


def _page(folder: Path, row: dict[str, str]) -> Page:
    lines = tuple(row["label"].split("/"))
    try:
        boxes = np.array([box.split() for box in row["boxes"].split(";")], np.int64)
    except ValueError:
        boxes = np.empty((0, 4), np.int64)
    if boxes.shape != (sum(map(len, lines)), 4):
        raise DataError(
            f"{folder / LIST}: expected a box, x y width height, for each digit of {row['file']}, "
            "with semicolons between them"
        )
    image = images.load_image(folder / row["file"])
    return Page(row["file"], row["made"], image, lines, boxes, row["layout"] == "single")


def write_pictures(
    count: int, *, looks: Sequence[str] = tuple(LOOKS), seed: int = 0
) -> tuple[list[Image], Labels]:
    """Write pictures of one digit each, in as many hands, somewhere in the picture.

    Parameters
    ----------
    count : int
        How many: a 0, a 1, and so on up to 9, and again from 0 with the next look.
    looks : sequence of str
        Names of `LOOKS`: what they are written with, and how they are seen.
    seed : int
        The same seed gives the same pictures.

    Returns
    -------
    pictures : list of uint8 (height, width)
        0 to 255, either polarity, each of another size.
    labels : uint8 (count,)
        What they show.
    """
    labels = np.arange(count, dtype=np.uint8) % 10
    pictures = [_write_one(n, looks[n // 10 % len(looks)], seed) for n in range(count)]
    return pictures, labels


def _write_one(number: int, look: str, seed: int) -> Image:
    sheet, pen, camera, scale = LOOKS[look]
    rng = np.random.default_rng((seed, number))
    chance = int(rng.integers(2**31))
    write = partial(synth.write_strokes, writer=synth.Writer((seed, number)))
    tall = scale * rng.uniform(*TALL)
    drawing = synth.lay_out(str(number % 10), write, seed=chance, height=tall, margin=18 * scale)
    picture, truth = synth.photograph(drawing, seed=chance, paper=sheet, pen=pen, camera=camera)
    (x, y, width, height), (bottom, right) = truth.boxes[0], picture.shape[:2]
    room = np.array([y, x, bottom - y - height, right - x - width])
    top, left, below, beside = (CUT * room * rng.random(4)).astype(int)
    return images.load_image(picture[top : bottom - below, left : right - beside])


def try_pages(pages: Sequence[Page], predict: Callable[[Digits], Probabilities]) -> list[Trial]:
    """Read pages as a beginner does, then inverted, then properly.

    The first two are told where each digit is, and resize what is in its box to 28 by 28
    pixels; the third finds the digits by itself.

    Parameters
    ----------
    pages : sequence of Page
        From `load_pages`.
    predict : callable
        From digits, uint8 (n, 28, 28), to probabilities, float32 (n, 10). It is asked once.
    """
    readings = [(scan.read_one if page.single else scan.read_page)(page.image) for page in pages]
    naive = [_resized(page) for page in pages]
    asked = [*naive, *map(images.invert, naive), *(reading.digits for reading in readings)]
    answered = _split(predict(np.concatenate(asked)), asked) if pages else []
    n = len(pages)
    return [
        Trial(page, reading, answered[2 * n + k], {
            "as_it_is": _text(answered[k]),
            "inverted": _text(answered[n + k]),
            "read": _text_of_found(page, reading, answered[2 * n + k]),
        })
        for k, (page, reading) in enumerate(zip(pages, readings, strict=True))
    ]  # fmt: skip


def _resized(page: Page) -> Digits:
    """What is in each box, on 28 x 28 pixels."""
    cut = [page.image[y : y + h, x : x + w] for x, y, w, h in page.boxes]
    return np.stack([cv2.resize(each, (28, 28), interpolation=cv2.INTER_AREA) for each in cut])


def _split(rows: Probabilities, parts: Sequence[Digits]) -> list[Probabilities]:
    return np.split(rows, np.cumsum([len(part) for part in parts])[:-1])


def _text(probabilities: Probabilities) -> str:
    return "".join(map(str, probabilities.argmax(axis=1)))


def _text_of_found(page: Page, reading: scan.Reading, probabilities: Probabilities) -> str:
    """For each digit of the page the answer to the one found in its place."""
    if not len(reading):
        return "_" * len(page.boxes)
    shared = overlap(page.boxes, reading.boxes)
    theirs = (shared > SAME) & (shared == shared.max(axis=0))
    best = shared.argmax(axis=1)
    answers = probabilities.argmax(axis=1)
    return "".join(
        str(answers[at]) if here[at] else "_" for here, at in zip(theirs, best, strict=True)
    )


def overlap(ours: NDArray[np.int64], theirs: NDArray[np.int64]) -> NDArray[np.float64]:
    """The share (n, m) of what two boxes cover together that both cover, for each pair.

    Parameters
    ----------
    ours, theirs : int64 (n, 4), int64 (m, 4)
        x, y, width, height, each side above 0.

    References
    ----------
    Jaccard 1901; in pictures, intersection over union.
    """
    one, other = ours[:, None], theirs[None]
    low = np.maximum(one[..., :2], other[..., :2])
    high = np.minimum(one[..., :2] + one[..., 2:], other[..., :2] + other[..., 2:])
    both = np.maximum(high - low, 0).prod(axis=-1)
    return both / (one[..., 2:].prod(axis=-1) + other[..., 2:].prod(axis=-1) - both)


def share_right(trials: Iterable[Trial]) -> dict[str, float]:
    """For each way the share of all digits that was read right; of none, it is 0."""
    tried = list(trials)
    digits = max(1, sum(len(trial.truth) for trial in tried))
    return {way: sum(trial.right(way) for trial in tried) / digits for way in WAYS}


def figures(trials: Sequence[Trial]) -> dict[str, Any] | None:
    """Every figure in plain numbers and texts, for JSON; None without a page."""
    if not trials:
        return None
    return {
        "pages": len(trials),
        "digits": sum(len(trial.truth) for trial in trials),
        "share_right": share_right(trials),
        "made_up": sum(trial.made_up for trial in trials),
        "by_page": [
            {
                "file": trial.page.file,
                "truth": "/".join(trial.page.rows),
                **{way: "/".join(trial.rows(way)) for way in WAYS},
                "made_up": trial.made_up,
            }
            for trial in trials
        ],
    }
