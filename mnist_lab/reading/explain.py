"""How one picture was read, step by step, as one self-contained page: a lesson on one's own ink."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_lab.arrays import Image, Probabilities
from mnist_lab.files import atomic_write
from mnist_lab.reading import web
from mnist_lab.reading.files import NONE, Found
from mnist_lab.reading.scan import Reading

ROOM = 0.15  # around a digit that is cut out of the picture, as a share of its height
STEP = 640  # pixels of a step's picture's longer side, at the most
CUT = 84  # pixels of its longer side, at the most
TURNED = 1.0  # degrees from which on the page says that the writing is turned
GROUNDS = {30: "black", 100: "dark", 170: "grey", 240: "light", 256: "white"}
STANDS_OUT = 40  # levels


def write_explanation(found: Found, path: Path, *, min_confidence: float) -> None:
    """Write how a file was read as one HTML file that needs nothing else.

    Raises
    ------
    CannotWrite
        `path` cannot be written.
    """
    page = render(found, min_confidence=min_confidence)
    with atomic_write(path) as draft:
        draft.write_text(page, encoding="utf-8")


def render(found: Found, *, min_confidence: float) -> str:
    """How a file was read, as HTML text.

    Parameters
    ----------
    found : reader.Found
        What was read in it.
    min_confidence : float
        Probability, 0 to 1, below which an answer is called doubtful.
    """
    pages = [_page(*page, doubtful=min_confidence) for page in found.pages]
    return web.render(
        "explain.html",
        name=Path(found.file).name,
        pages=pages,
        count=sum(len(reading) for _, reading, _ in found.pages),
        doubtful=sum(digit["doubtful"] for p in pages for line in p["lines"] for digit in line),
        least=f"{min_confidence:.0%}",
        no_digit=f"{NONE:.0%}",
    )


def _page(
    image: Image, reading: Reading, probabilities: Probabilities, *, doubtful: float
) -> dict[str, Any]:
    return {
        "boxed": web.show_page(image, reading, probabilities, doubtful=doubtful),
        "texts": web.spell(reading, probabilities, doubtful=doubtful),
        "steps": [
            {
                "name": step.name[:1].upper() + step.name[1:],
                "sentence": step.sentence,
                "picture": web.show(step.image, most=STEP),
                "alt": describe(step.image),
            }
            for step in reading.steps
        ],
        "turned": _turned(reading.rotation),
        "lines": [
            [_digit(image, reading, probabilities, at, doubtful) for at in line]
            for line in reading.lines
        ],
    }


def _digit(
    image: Image, reading: Reading, probabilities: Probabilities, at: int, doubtful: float
) -> dict[str, Any]:
    row = probabilities[at]
    second, first = np.argsort(row)[-2:]
    return {
        "cut": web.show(_cut(image, reading.boxes[at]), most=CUT),
        "seen": web.show(reading.digits[at]),
        "answer": int(first),
        "sure": f"{row[first]:.1%}",
        "doubtful": bool(row[first] < doubtful),
        "second": int(second),
        "second_sure": f"{row[second]:.1%}",
        "bars": [round(float(share), 3) for share in row],
    }


def _turned(rotation: float) -> str:
    way = "clockwise" if rotation > 0 else "anticlockwise"
    return f"{abs(rotation):.1f} degrees {way}" if abs(rotation) >= TURNED else ""


def _cut(image: Image, box: NDArray[np.int64]) -> Image:
    """A digit with some room around it, as it stands in the picture."""
    x, y, width, height = (int(side) for side in box)
    room = 1 + round(ROOM * max(width, height))
    return image[max(0, y - room) : y + height + room, max(0, x - room) : x + width + room]


def describe(image: Image) -> str:
    """What is to be seen in a picture, uint8 (height, width), for one who cannot see it."""
    middle = float(np.median(image))
    ground = next(name for level, name in GROUNDS.items() if middle < level)
    share = float(np.mean(np.abs(image - np.float32(middle)) > STANDS_OUT))
    if not share:
        return f"The whole picture, {ground} all over."
    stands_out = image[np.abs(image - np.float32(middle)) > STANDS_OUT]
    way = "brighter" if stands_out.mean() > middle else "darker"
    return f"The whole picture: a {ground} ground with {way} marks on {share:.1%} of it."
