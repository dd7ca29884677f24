"""What each ingredient of the reading is worth: taken away, or used alone, one at a time."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks import blank_pages
from benchmarks.command import make_parser, measure
from benchmarks.other_readers import error_rates
from benchmarks.scans import Scan, add_sources, list_scans, one_line
from mnist_lab import images
from mnist_lab.arrays import Image
from mnist_lab.progress import SILENT, Progress
from mnist_lab.reading import PageReading, read_page, read_single
from mnist_lab.reading.find import MOST_PIXELS, Candidates, Looked, look_again
from mnist_lab.reading.views import CROP_SIDE, DIGIT_SIDE

COLUMNS = "singles", "CER", "entirely", "false"


@dataclass(frozen=True, eq=False)
class _Way:
    """A way to find digits, and the ways to say what those are that it finds.

    Attributes
    ----------
    instead : mapping of str to callable
        Functions of `mnist_lab.reading`, as module.name, and what stands in for each.
    answers : mapping of str to callable
        A name in the table, and a page's answers to those that are counted.
    """

    answers: Mapping[str, Callable[[PageReading], PageReading]]
    instead: Mapping[str, Callable[..., Any]] = field(default_factory=dict)

    def substitute(self) -> ExitStack:
        """A context within which the reading is done in this way."""
        stack = ExitStack()
        for name, function in self.instead.items():
            stack.enter_context(patch(f"mnist_lab.reading.{name}", function))
        return stack


def bench_ablation(*, scans: list[Scan], progress: Progress) -> dict[str, dict[str, float]]:
    """Read pictures with everything, and with one ingredient less, or one alone.

    Parameters
    ----------
    scans : list of Scan
        The pictures, as `list_scans` gives them.
    progress : Progress
        Takes a line for each row.

    Returns
    -------
    dict
        By row: ``"singles_right"`` and ``"entirely_right"``, shares of the pictures with one
        digit and with several; ``"error_rate"``, of characters in the latter;
        ``"false_digits"`` on the pages of letters.
    """
    progress.say(
        "Share of single digits right; of several digits the character error rate, and the share "
        "of pictures entirely right; false digits on 12 pages of letters"
    )
    progress.say(f"{'':<41}" + "".join(f"{column:>9}" for column in COLUMNS))
    table: dict[str, dict[str, float]] = {}
    for way in _ways():
        with way.substitute():
            found = _bench_way(way, scans, progress)
        for name, row in found.items():
            single, rate, whole, false = row.values()
            progress.say(f"{name:<41}{single:>9.1%}{rate:>9.1%}{whole:>9.1%}{false:>9.0f}")
        table |= found
    return table


def _bench_way(way: _Way, scans: list[Scan], progress: Progress) -> dict[str, dict[str, float]]:
    """The rows of a way to find digits, whose functions have been put in."""
    pairs: dict[str, dict[bool, list[tuple[str, str]]]] = {
        name: {True: [], False: []} for name in way.answers
    }
    for done, scan in enumerate(scans):
        progress.step(done, len(scans) + 1, next(iter(way.answers)))
        page = (read_single if scan.single else read_page)(images.load_image(scan.file))
        for name, answer in way.answers.items():
            pairs[name][scan.single].append((scan.label, one_line(answer(page))))
    progress.step(len(scans), len(scans) + 1, "pages of letters")
    false = blank_pages.count_false_digits(blank_pages.letters_pages(), read_page, SILENT)
    progress.step(len(scans) + 1, len(scans) + 1)
    return {
        name: {
            "singles_right": error_rates(both[True])["entirely_right"],
            **error_rates(both[False]),
            "false_digits": false["found"],
        }
        for name, both in pairs.items()
    }


def _ways() -> list[_Way]:
    return [
        _Way(
            {
                "everything": lambda page: page,
                "answered by the classifier alone": _ask_classifier,
                "answered by finder and segmenter alone": _ask_finders,
            }
        ),
        _Way(
            {"without the second look": lambda page: page},
            {"read.look_again": _look_for_ink_alone},
        ),
        _Way(
            {"without a pyramid, at one scale": lambda page: page},
            {"find._scales": _one_scale},
        ),
        _Way(
            {"ink by Otsu's threshold, classifier alone": _ask_classifier},
            {"read.look_again": _look_with_threshold},
        ),
        _Way(
            {"without turning": lambda page: page},
            {"read.quarter_turn": lambda *_: 0, "read.slant": lambda _: 0.0},
        ),
    ]


def _ask_classifier(page: PageReading) -> PageReading:
    from mnist_lab import network

    return page.with_probabilities(network.predict_probabilities(None, page.digits))


def _ask_finders(page: PageReading) -> PageReading:
    return page.with_probabilities(page.opinions)


def _look_for_ink_alone(image: Image, candidates: Candidates) -> Looked:
    """The second look, of which whether it is a digit does not count."""
    return replace(look_again(image, candidates), heat=candidates.heat)


def _one_scale(shape: tuple[int, ...], *, single: bool) -> list[float]:  # noqa: ARG001
    """The picture's own scale, unless it is too large for the pyramid as well."""
    return [min(1.0, (MOST_PIXELS / (shape[0] * shape[1])) ** 0.5)]


def _look_with_threshold(image: Image, candidates: Candidates) -> Looked:
    """The second look, of which the ink does not count: a box's is told by its grey levels."""
    looked = look_again(image, candidates)
    each = [_threshold(image, box) for box in candidates.boxes]
    ink = np.array(each, np.float32).reshape(looked.ink.shape)
    return replace(looked, ink=ink, levels=ink * looked.contrast[:, np.newaxis, np.newaxis])


def _threshold(image: Image, box: NDArray[np.floating]) -> NDArray[np.float32]:
    """The ink in a box, placed as the segmenter places it: float32 (48, 48), 0 to 1.

    References
    ----------
    Otsu 1979, *A threshold selection method from gray-level histograms*.
    """
    ink = np.zeros((CROP_SIDE, CROP_SIDE), np.float32)
    left, top, right, bottom = np.maximum(np.rint(box), 0).astype(int).tolist()
    part = image[top:bottom, left:right]
    if not part.size:
        return ink
    level, bright = cv2.threshold(part, 0, 1, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    room = max(part.shape) // 2
    around = image[max(0, top - room) : bottom + room, max(0, left - room) : right + room]
    own = 1 - bright if np.median(around) > level else bright
    height, width = (max(1, round(side * DIGIT_SIDE / max(part.shape))) for side in part.shape)
    y, x = (CROP_SIDE - height) // 2, (CROP_SIDE - width) // 2
    ink[y : y + height, x : x + width] = cv2.resize(
        own.astype(np.float32), (width, height), interpolation=cv2.INTER_AREA
    )
    return ink


def main() -> None:
    """Measure, from the command line."""
    parser = make_parser("ablation", "Read real pictures with one ingredient of the reading less.")
    parser.add_argument(
        "--labels", type=Path, metavar="CSV", required=True, help="a list of the pictures"
    )
    add_sources(parser)
    args = parser.parse_args()
    measure(partial(_measure, args.labels, args.only, args.without), args)


def _measure(
    labels_csv: Path, only: list[str], without: list[str], *, progress: Progress
) -> dict[str, dict[str, float]]:
    scans = list_scans(labels_csv, only=only, without=without)
    return bench_ablation(scans=scans, progress=progress)


if __name__ == "__main__":
    main()
