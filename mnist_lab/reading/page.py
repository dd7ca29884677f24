"""What was read on a page: one result that draws, exports and explains itself."""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_lab.arrays import (
    ArrayError,
    Digits,
    Image,
    Labels,
    MnistLabError,
    Polarity,
    Probabilities,
    describe,
)
from mnist_lab.files import StrPath

SURE_COLOR, DOUBTFUL_COLOR = "#0b62a4", "#b3261e"  # of boxes and answers that are drawn


@dataclass(frozen=True, eq=False)
class Step:
    """One thing that was done to a picture: its name, what was done and why, what came of it."""

    name: str
    sentence: str
    image: Image


@dataclass(frozen=True, eq=False)
class PageReading:
    """What was found in a picture and, once a network was asked, read in it.

    Attributes
    ----------
    image : uint8 (height, width)
        The picture itself, as it was given.
    digits : uint8 (n, 28, 28)
        In reading order.
    boxes : int64 (n, 4)
        x, y, width, height of each one's ink in the picture, in its pixels.
    lines : tuple of tuple of int
        Line by line, which digits stand on it.
    polarity : str
        ``"dark-on-light"`` or ``"light-on-dark"``.
    rotation : float
        By how many degrees the writing is turned in the picture, clockwise, -180 to 180.
    steps : tuple of Step
        What was done, in order, each with a picture of what came of it.
    opinions : float32 (n, 10)
        What the networks that found the digits take them for.
    probabilities : float32 (n, 10) or None
        What the network answered; None where none was asked (`find_digits`).
    """

    image: Image = field(repr=False)
    digits: Digits = field(repr=False)
    boxes: NDArray[np.int64] = field(repr=False)
    lines: tuple[tuple[int, ...], ...]
    polarity: Polarity
    rotation: float
    steps: tuple[Step, ...] = field(repr=False)
    opinions: Probabilities = field(repr=False)
    probabilities: Probabilities | None = field(default=None, repr=False)

    def __len__(self) -> int:
        return len(self.digits)

    def with_probabilities(self, probabilities: Probabilities) -> "PageReading":
        """The same with a network's answers, float32 (n, 10), a row for each digit.

        Raises
        ------
        ArrayError
            These are not as many as there are digits.
        """
        if np.shape(probabilities) != (len(self), 10):
            raise ArrayError(
                f"expected probabilities ({len(self)}, 10), a row for each digit, "
                f"got {describe(probabilities)}"
            )
        return replace(self, probabilities=probabilities)

    def select(self, mask: NDArray[np.bool_]) -> "PageReading":
        """The same with some of its digits alone: those where a mask, bool (n,), is true."""
        place = np.cumsum(mask) - 1
        lines = (tuple(int(place[at]) for at in line if mask[at]) for line in self.lines)
        asked = self.probabilities
        return replace(
            self,
            digits=Digits(self.digits[mask]),
            boxes=self.boxes[mask],
            opinions=Probabilities(self.opinions[mask]),
            lines=tuple(line for line in lines if line),
            probabilities=None if asked is None else Probabilities(asked[mask]),
        )

    @property
    def labels(self) -> Labels:
        """The most probable class of each digit: uint8 (n,)."""
        return Labels(self._answered().argmax(axis=1).astype(np.uint8))

    @property
    def confidences(self) -> NDArray[np.float32]:
        """The probability of that class: float32 (n,)."""
        return self._answered().max(axis=1)

    @property
    def text(self) -> str:
        """What was read, a row of text for each line."""
        labels = self.labels
        return "\n".join("".join(str(labels[at]) for at in line) for line in self.lines)

    def answers(self, min_confidence: float) -> list[str]:
        """Each digit's label as text, with a question mark if its probability is lower."""
        pairs = zip(self.labels, self.confidences, strict=True)
        return [f"{label}{'' if sure >= min_confidence else '?'}" for label, sure in pairs]

    def draw(self, ax: Any, *, min_confidence: float = 0.5) -> None:
        """Draw the picture on matplotlib axes, a box around each digit, its answer above it.

        An answer whose probability is below `min_confidence` is red and has a question mark.
        """
        ax.imshow(self.image, cmap="gray", vmin=0, vmax=255)
        ax.autoscale(False)
        answers = [""] * len(self) if self.probabilities is None else self.answers(min_confidence)
        for (x, y, width, height), answer in zip(self.boxes, answers, strict=True):
            color = DOUBTFUL_COLOR if answer.endswith("?") else SURE_COLOR
            right, bottom = x + width, y + height
            box = [x, right, right, x], [y, y, bottom, bottom]
            ax.fill(*box, fill=False, edgecolor=color, linewidth=0.9)
            ax.text(x, y, answer, color=color, fontsize=9, va="bottom", weight="bold")
        ax.set_axis_off()

    def to_dict(self) -> dict[str, Any]:
        """What was read, for JSON: text, lines of digits, polarity, rotation."""
        rows, labels, confidences = self._answered(), self.labels, self.confidences
        digits = [
            {
                "digit": int(labels[at]),
                "confidence": float(confidences[at]),
                "box": self.boxes[at].tolist(),
                "probabilities": rows[at].tolist(),
            }
            for at in range(len(self))
        ]
        return {
            "text": self.text,
            "lines": [[digits[at] for at in line] for line in self.lines],
            "polarity": self.polarity,
            "rotation": self.rotation,
        }

    def explain(self, path: StrPath, *, min_confidence: float = 0.5) -> None:
        """Write how it was read, step by step, as one HTML file that needs nothing else.

        Raises
        ------
        CannotWrite
            `path` cannot be written.
        """
        from mnist_lab.reading.explain import write_explanation

        write_explanation([self], path, name="the picture", min_confidence=min_confidence)

    def _answered(self) -> Probabilities:
        if self.probabilities is None:
            raise MnistLabError(
                "the digits were found and no network was asked what they are: call read_page, "
                "or with_probabilities"
            )
        return self.probabilities
