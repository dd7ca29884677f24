"""Demonstration pages read in three ways: as they are, inverted, and properly."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mnist_lab.arrays import Digits, Probabilities
from mnist_lab.data import DemonstrationPage
from mnist_lab.images import invert
from mnist_lab.reading import PageReading, find_digits

WAYS = "as_it_is", "inverted", "read"
MIN_IOU = 0.3  # intersection over union from which on two boxes are one digit's


@dataclass(frozen=True, eq=False)
class Trial:
    """What a network made of a page.

    `answers` has for each of `WAYS` a character for each digit of the page: what was answered,
    or ``"_"`` where no digit was found.
    """

    page: DemonstrationPage
    reading: PageReading
    answers: dict[str, str]

    @property
    def truth(self) -> str:
        """The page's digits in reading order."""
        return "".join(self.page.rows)

    @property
    def false_positives(self) -> int:
        """How many digits were found where there is none."""
        return len(self.reading) - (len(self.truth) - self.answers["read"].count("_"))

    def right(self, way: str) -> int:
        """How many digits were read right."""
        return sum(a == b for a, b in zip(self.answers[way], self.truth, strict=True))

    def rows(self, way: str) -> list[str]:
        """The answers, line by line as the page has them."""
        left = iter(self.answers[way])
        return ["".join(next(left) for _ in row) for row in self.page.rows]


def try_pages(
    pages: Sequence[DemonstrationPage], predict: Callable[[Digits], Probabilities]
) -> list[Trial]:
    """Read pages as a beginner does, then inverted, then properly.

    The first two are told where each digit is, and resize what is in its box to 28 by 28
    pixels; the third finds the digits by itself. `predict` makes probabilities of digits.
    """
    return [_try_page(page, predict) for page in pages]


def _try_page(page: DemonstrationPage, predict: Callable[[Digits], Probabilities]) -> Trial:
    found, naive = find_digits(page.image, single=page.single), _resized(page)
    reading = found.with_probabilities(predict(found.digits))
    return Trial(page, reading, {
        "as_it_is": "".join(map(str, predict(naive).argmax(axis=1))),
        "inverted": "".join(map(str, predict(invert(naive)).argmax(axis=1))),
        "read": _text_of_found(page, reading),
    })  # fmt: skip


def _resized(page: DemonstrationPage) -> Digits:
    """What is in each box, on 28 x 28 pixels."""
    cut = [page.image[y : y + h, x : x + w] for x, y, w, h in page.boxes]
    small = [cv2.resize(each, (28, 28), interpolation=cv2.INTER_AREA) for each in cut]
    return Digits(np.stack(small).astype(np.uint8))


def _text_of_found(page: DemonstrationPage, reading: PageReading) -> str:
    """For each digit of the page the answer to the one found in its place."""
    if not len(reading):
        return "_" * len(page.boxes)
    shared = overlap(page.boxes, reading.boxes)
    same = (shared > MIN_IOU) & (shared == shared.max(axis=0))
    best = shared.argmax(axis=1)
    return "".join(
        str(reading.labels[at]) if here[at] else "_" for here, at in zip(same, best, strict=True)
    )


def overlap(ours: NDArray[np.int64], theirs: NDArray[np.int64]) -> NDArray[np.float64]:
    """Intersection over union (n, m) of each pair of boxes (n, 4), (m, 4): x, y, width, height.

    References
    ----------
    Jaccard 1901.
    """
    one, other = ours[:, None], theirs[None]
    low = np.maximum(one[..., :2], other[..., :2])
    high = np.minimum(one[..., :2] + one[..., 2:], other[..., :2] + other[..., 2:])
    both = np.maximum(high - low, 0).prod(axis=-1)
    return np.asarray(both / (one[..., 2:].prod(axis=-1) + other[..., 2:].prod(axis=-1) - both))


def share_right(trials: Sequence[Trial]) -> dict[str, float]:
    """For each way the share of all digits that was read right; of none, it is 0."""
    digits = max(1, sum(len(trial.truth) for trial in trials))
    return {way: sum(trial.right(way) for trial in trials) / digits for way in WAYS}


def trials_to_dict(trials: Sequence[Trial]) -> dict[str, Any] | None:
    """Every figure in plain numbers and texts, for JSON; None without a page."""
    if not trials:
        return None
    return {
        "pages": len(trials),
        "digits": sum(len(trial.truth) for trial in trials),
        "share_right": share_right(trials),
        "false_positives": sum(trial.false_positives for trial in trials),
        "by_page": [
            {
                "file": trial.page.file,
                "truth": "/".join(trial.page.rows),
                **{way: "/".join(trial.rows(way)) for way in WAYS},
                "false_positives": trial.false_positives,
            }
            for trial in trials
        ],
    }
