"""Arrays to what an HTML page shows: pictures inside the page, and a picture with its answers."""

from base64 import b64encode
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mnist_lab.arrays import Image, Probabilities
from mnist_lab.html import render
from mnist_lab.reading.scan import Reading

__all__ = ["Shown", "render", "show", "show_page", "spell"]

QUALITY = 70  # of a JPEG
WIDEST = 900  # pixels of a picture's longer side


@dataclass(frozen=True, eq=False)
class Shown:
    """A picture to show.

    Attributes
    ----------
    uri : str
        The picture itself, as a data URI.
    width, height : int
        In pixels, as it is shown.
    zoom : float
        Pixels shown for a pixel of the picture.
    """

    uri: str
    width: int
    height: int
    zoom: float


def show(image: Image, *, most: int = WIDEST) -> Shown:
    """Put a picture, uint8 (height, width), into a page, its longer side at most `most` pixels."""
    height, width = image.shape
    zoom = min(1.0, most / max(height, width))
    if zoom < 1:
        size = max(1, round(width * zoom)), max(1, round(height * zoom))
        image = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
    coded = [
        ("png", cv2.imencode(".png", image)[1]),
        ("jpeg", cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1]),
    ]
    kind, content = min(coded, key=lambda each: len(each[1]))
    uri = f"data:image/{kind};base64,{b64encode(content.tobytes()).decode()}"
    return Shown(uri, image.shape[1], image.shape[0], zoom)


def show_page(
    image: Image,
    reading: Reading,
    probabilities: Probabilities,
    *,
    doubtful: float,
    most: int = WIDEST,
) -> dict[str, Any]:
    """What the template's `boxed` needs to draw a picture with its boxes and answers.

    Parameters
    ----------
    image : uint8 (height, width)
        The picture that was read.
    reading : Reading
        What was found in it.
    probabilities : float32 (n, 10)
        What the network answered.
    doubtful : float
        Probability, 0 to 1, below which an answer gets a question mark.
    most : int
        Pixels of the shown picture's longer side, at the most.
    """
    shown = show(image, most=most)
    boxes = reading.boxes * shown.zoom
    high = float(np.median(boxes[:, 3])) if len(boxes) else 0.0
    smallest, largest = shown.width / 45, max(shown.width, shown.height) / 16
    lines = spell(reading, probabilities, doubtful=doubtful)
    count = len(reading)
    return {
        "picture": shown,
        "size": round(float(np.clip(0.45 * high, smallest, largest)), 1),
        "boxes": [
            _box(box, row, doubtful) for box, row in zip(boxes, probabilities, strict=True)
        ],
        "alt": (
            f"The picture with {'one box' if count == 1 else f'{count} boxes'} and what was read "
            f"in each. {'Line by line' if len(lines) > 1 else 'From left to right'}: "
            f"{'; '.join(lines)}."
            if count
            else "The picture; no box is in it, for no digit was found."
        ),
    }  # fmt: skip


def spell(reading: Reading, probabilities: Probabilities, *, doubtful: float) -> list[str]:
    """What was read, line by line; a doubtful digit has a question mark behind it."""
    return ["".join(_answer(probabilities[at], doubtful) for at in line) for line in reading.lines]


def _box(box: NDArray[np.float64], row: NDArray[np.float32], doubtful: float) -> dict[str, Any]:
    x, y, width, height = (round(float(side), 1) for side in box)
    text, sure = _answer(row, doubtful), bool(row.max() >= doubtful)
    return {"x": x, "y": y, "width": width, "height": height, "text": text, "sure": sure}


def _answer(row: NDArray[np.float32], doubtful: float) -> str:
    return f"{int(row.argmax())}{'' if row.max() >= doubtful else '?'}"
