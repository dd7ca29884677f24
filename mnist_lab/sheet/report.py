"""Sheets as pages to look at: every box with its label, and how well a network reads them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mnist_lab import evaluate
from mnist_lab.arrays import Probabilities
from mnist_lab.data import Collection
from mnist_lab.files import atomic_write
from mnist_lab.reading import web
from mnist_lab.sheet import BOXES, COLUMNS
from mnist_lab.sheet.files import Scanned

LEAST = 10  # digits that are shown as the least readable


def write_contact(scans: Sequence[Scanned], path: Path) -> None:
    """Write every box of every page with its number and label, as one HTML file.

    Raises
    ------
    CannotWrite
        The place cannot be written.
    """
    read = [scanned for scanned in scans if scanned.page is not None]
    pages = [_contact(scanned, number) for number, scanned in enumerate(read)]
    with atomic_write(path) as draft:
        draft.write_text(web.render("contact.html", pages=pages), encoding="utf-8")


def _contact(scanned: Scanned, number: int) -> dict[str, Any]:
    page = scanned.page
    assert page is not None
    digits = dict(zip(page.boxes.tolist(), page.digits, strict=True))
    cells = [
        {
            "number": BOXES * number + box + 1,
            "label": int(label),
            "cell": web.show(page.cells[box]),
            "digit": web.show(digits[box]) if box in digits else None,
            "why": page.left_out.get(box, ""),
        }
        for box, label in enumerate(page.sheet.labels)
    ]
    return {
        "name": Path(scanned.name).name,
        "words": scanned.in_words().split(": ", 1)[1],
        "rows": [cells[at : at + COLUMNS] for at in range(0, BOXES, COLUMNS)],
    }


def write_measure(
    own: Collection, probabilities: Probabilities, path: Path, *, name: str, network: str
) -> None:
    """Write how well a network reads a collection, as one HTML file that needs nothing else.

    Parameters
    ----------
    own : Collection
        The digits.
    probabilities : float32 (n, 10)
        What the network answered for each.
    path : Path
        Where to.
    name, network : str
        What to call the collection and the network.

    Raises
    ------
    CannotWrite
        The place cannot be written.
    """
    page = web.render("measure.html", name=name, network=network, **_measured(own, probabilities))
    with atomic_write(path) as draft:
        draft.write_text(page, encoding="utf-8")


def figures(own: Collection, probabilities: Probabilities) -> dict[str, Any]:
    """What the page says, for ``--json``: accuracy with its bounds, confusion, who and how many."""
    low, high = evaluate.accuracy_bounds(own.labels, probabilities)
    return {
        "accuracy": evaluate.accuracy(own.labels, probabilities),
        "accuracy_low": low,
        "accuracy_high": high,
        "digits": len(own),
        "writers": len(own.writers),
        "confusion": evaluate.confusion(own.labels, probabilities).tolist(),
    }


def _measured(own: Collection, probabilities: Probabilities) -> dict[str, Any]:
    found = figures(own, probabilities)
    answers = probabilities.argmax(axis=1)
    hard = np.argsort(probabilities[np.arange(len(own)), own.labels], kind="stable")[:LEAST]
    right = answers == own.labels
    many = len(np.unique(own.sheet)) > 1
    return {
        "count": len(own),
        "right": int(right.sum()),
        "accuracy": f"{found['accuracy']:.1%}",
        "low": f"{found['accuracy_low']:.0%}",
        "high": f"{found['accuracy_high']:.0%}",
        "confusion": found["confusion"],
        "hard": [
            {
                "digit": web.show(own.images[at]),
                "label": int(own.labels[at]),
                "answer": int(answers[at]),
                "right": bool(right[at]),
                "sure": f"{probabilities[at].max():.0%}",
                "place": f"box {own.box[at] + 1}" + (f" of {own.sheet[at]:05d}" if many else ""),
                "bars": [round(float(share), 3) for share in probabilities[at]],
            }
            for at in hard
        ],
        "writers": [
            {"name": who, "count": int(rows.sum()), "right": int((right & rows).sum())}
            for who in own.writers
            for rows in [own.writer == who]
        ],
    }
