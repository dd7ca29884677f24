"""Sheets as pages to look at: every box with its label, and how well a network reads them."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_lab import evaluate
from mnist_lab.arrays import Image, Probabilities
from mnist_lab.data import Collection
from mnist_lab.files import StrPath, write_text
from mnist_lab.html import render_template
from mnist_lab.names import readable
from mnist_lab.reading import embed_image
from mnist_lab.sheet.files import ScannedFile
from mnist_lab.sheet.layout import BOXES, COLUMNS
from mnist_lab.sheet.scan import SheetReading

HARDEST_SHOWN = 10  # digits that are shown as the least readable


@dataclass(frozen=True, eq=False)
class Measurement:
    """How well a network reads a collection."""

    accuracy: float  # share read right, 0 to 1
    accuracy_low: float  # its 95 % bounds
    accuracy_high: float
    digits: int  # how many
    writers: int  # by how many
    confusion: NDArray[np.int64]  # (10, 10), a row for what was written, a column for what was read

    def to_dict(self) -> dict[str, Any]:
        """The same for JSON."""
        return {**asdict(self), "confusion": self.confusion.tolist()}


def measure(own: Collection, probabilities: Probabilities) -> Measurement:
    """Compare what a network answered, float32 (n, 10), with the n labels of a collection."""
    low, high = evaluate.accuracy_bounds(own.labels, probabilities)
    return Measurement(
        accuracy=evaluate.accuracy(own.labels, probabilities),
        accuracy_low=low,
        accuracy_high=high,
        digits=len(own),
        writers=len(own.writers),
        confusion=evaluate.confusion(own.labels, probabilities),
    )


def write_contact_sheet(scans: Sequence[ScannedFile], path: StrPath) -> None:
    """Write every box of every sheet with its number and label, as one HTML file.

    CannotWrite if the place cannot be written.
    """
    read = [(each.name, each.reading) for each in scans if each.reading is not None]
    pages = [_contact(name, reading, number) for number, (name, reading) in enumerate(read)]
    write_text(path, render_template("contact.html", pages=pages))


def write_measurement(
    own: Collection, probabilities: Probabilities, path: StrPath, *, name: str, network: str
) -> None:
    """Write how well a network reads a collection, as one HTML file that needs nothing else.

    `probabilities`, float32 (n, 10), are its answers; `name` and `network` are what to call the
    two. CannotWrite if the place cannot be written.
    """
    found = measure(own, probabilities)
    right = probabilities.argmax(axis=1) == own.labels
    hardest = np.argsort(probabilities[np.arange(len(own)), own.labels], kind="stable")
    page = render_template(
        "measure.html",
        name=readable(name),
        network=readable(network),
        count=found.digits,
        right=int(right.sum()),
        accuracy=f"{found.accuracy:.1%}",
        low=f"{found.accuracy_low:.0%}",
        high=f"{found.accuracy_high:.0%}",
        confusion=found.confusion.tolist(),
        hard=[_answered(own, probabilities, int(at)) for at in hardest[:HARDEST_SHOWN]],
        writers=[
            {"name": readable(who), "count": int(rows.sum()), "right": int((right & rows).sum())}
            for who in own.writers
            for rows in [own.writer == who]
        ],
    )
    write_text(path, page)


def _contact(name: str, reading: SheetReading, number: int) -> dict[str, Any]:
    digits = dict(zip(reading.boxes.tolist(), reading.digits, strict=True))
    cells = [
        {
            "number": BOXES * number + box + 1,
            "label": int(label),
            "cell": embed_image(Image(reading.cells[box])),
            "digit": embed_image(Image(digits[box])) if box in digits else None,
            "why": reading.left_out.get(box, ""),
        }
        for box, label in enumerate(reading.sheet.labels)
    ]
    return {
        "name": Path(name).name,
        "words": reading.summary(),
        "rows": [cells[at : at + COLUMNS] for at in range(0, BOXES, COLUMNS)],
    }


def _answered(own: Collection, probabilities: Probabilities, at: int) -> dict[str, Any]:
    """One digit with what the network made of it."""
    label, answer = int(own.labels[at]), int(probabilities[at].argmax())
    several = len(np.unique(own.sheet)) > 1
    return {
        "digit": embed_image(Image(own.images[at])),
        "label": label,
        "answer": answer,
        "right": label == answer,
        "sure": f"{probabilities[at].max():.0%}",
        "place": f"box {own.box[at] + 1}" + (f" of {own.sheet[at]:05d}" if several else ""),
        "bars": [round(float(share), 3) for share in probabilities[at]],
    }
