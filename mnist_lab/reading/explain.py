"""How a picture was read, as HTML: pictures in a page, boxes on them, and the page that explains.

The report of the experiment and the sheet's pages show pictures by this as well.
"""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from mnist_lab.arrays import Image
from mnist_lab.files import StrPath, write_text
from mnist_lab.names import readable
from mnist_lab.reading.page import PageReading

JPEG_QUALITY = 70  # of 100
PAGE_SIDE = 900  # pixels of a page's longer side, at the most
STEP_SIDE = 640  # of a step's picture
SAMPLES = 16  # rows and columns that a pixel of a picture made smaller is the mean of, at most
CUT_SIDE = 84  # of a digit that is cut out of the picture
CUT_MARGIN = 0.15  # around it, as a share of its longer side
MIN_TURN_DEGREES = 1.0  # from which on the page says that the writing is turned
GROUNDS = {30: "black", 100: "dark", 170: "grey", 240: "light", 256: "white"}  # below a level
MIN_MARK_CONTRAST = 40  # levels by which marks differ from the ground


@dataclass(frozen=True, eq=False)
class EmbeddedImage:
    """A picture in an HTML page: a data URI, its size as shown, and by what it was zoomed."""

    uri: str
    width: int
    height: int
    zoom: float


def embed_image(image: Image, *, max_side: int = PAGE_SIDE) -> EmbeddedImage:
    """Put a picture, uint8 (height, width), into a page, its longer side `max_side` at most."""
    height, width = image.shape
    zoom = min(1.0, max_side / max(height, width))
    if zoom < 1:
        apart = max(1, int(1 / zoom / SAMPLES))
        image = Image(np.ascontiguousarray(image[::apart, ::apart]))
        size = max(1, round(width * zoom)), max(1, round(height * zoom))
        image = Image(np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8))
    coded = [
        ("png", cv2.imencode(".png", image)[1]),
        ("jpeg", cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])[1]),
    ]
    kind, content = min(coded, key=lambda each: len(each[1]))
    uri = f"data:image/{kind};base64,{b64encode(content.tobytes()).decode()}"
    return EmbeddedImage(uri, image.shape[1], image.shape[0], zoom)


def boxed_page(
    page: PageReading, *, min_confidence: float, max_side: int = PAGE_SIDE
) -> dict[str, Any]:
    """What the template's `boxed` needs to draw a picture with its boxes and answers.

    An answer whose probability is below `min_confidence` gets a question mark; the picture's
    longer side is shown in `max_side` pixels at the most.
    """
    shown = embed_image(page.image, max_side=max_side)
    boxes = page.boxes * shown.zoom
    height = float(np.median(boxes[:, 3])) if len(boxes) else 0.0
    smallest, largest = shown.width / 45, max(shown.width, shown.height) / 16
    lines = _line_texts(page, min_confidence)
    count = len(page)
    return {
        "picture": shown,
        "size": round(float(np.clip(0.45 * height, smallest, largest)), 1),
        "boxes": [
            dict(zip(("x", "y", "width", "height"), np.round(box, 1).tolist(), strict=True))
            | {"text": answer, "sure": not answer.endswith("?")}
            for box, answer in zip(boxes, page.answers(min_confidence), strict=True)
        ],
        "alt": (
            f"The picture with {'one box' if count == 1 else f'{count} boxes'} and what was read "
            f"in each. {'Line by line' if len(lines) > 1 else 'From left to right'}: "
            f"{'; '.join(lines)}."
            if count
            else "The picture; no box is in it, for no digit was found."
        ),
    }  # fmt: skip


def write_explanation(
    pages: Sequence[PageReading], path: StrPath, *, name: str, min_confidence: float
) -> None:
    """Write how a file's pages were read as one HTML file that needs nothing else.

    Raises
    ------
    CannotWrite
        `path` cannot be written.
    """
    text = render_explanation(pages, name=name, min_confidence=min_confidence)
    write_text(path, text)


def render_explanation(pages: Sequence[PageReading], *, name: str, min_confidence: float) -> str:
    """How the pages of the file `name` were read, as HTML text.

    An answer whose probability is below `min_confidence` is called doubtful.
    """
    from mnist_lab.html import render_template

    return render_template(
        "explain.html",
        name=readable(name),
        pages=[_page(page, min_confidence) for page in pages],
        count=sum(map(len, pages)),
        doubtful=sum(int((page.confidences < min_confidence).sum()) for page in pages),
        min_confidence=f"{min_confidence:.0%}",
    )


def _page(page: PageReading, min_confidence: float) -> dict[str, Any]:
    rotation = page.rotation
    way = "clockwise" if rotation > 0 else "anticlockwise"
    return {
        "boxed": boxed_page(page, min_confidence=min_confidence),
        "texts": _line_texts(page, min_confidence),
        "steps": [
            {
                "name": step.name[:1].upper() + step.name[1:],
                "sentence": step.sentence,
                "picture": embed_image(step.image, max_side=STEP_SIDE),
                "alt": alt_text(step.image),
            }
            for step in page.steps
        ],
        "turned": f"{abs(rotation):.1f} degrees {way}" if abs(rotation) >= MIN_TURN_DEGREES else "",
        "lines": [[_digit(page, at, min_confidence) for at in line] for line in page.lines],
    }


def _digit(page: PageReading, at: int, min_confidence: float) -> dict[str, Any]:
    assert page.probabilities is not None
    row = page.probabilities[at]
    second, first = np.argsort(row)[-2:]
    return {
        "cut": embed_image(_cut(page, at), max_side=CUT_SIDE),
        "seen": embed_image(Image(page.digits[at])),
        "answer": int(first),
        "sure": f"{row[first]:.1%}",
        "doubtful": bool(row[first] < min_confidence),
        "second": int(second),
        "second_sure": f"{row[second]:.1%}",
        "bars": [round(float(share), 3) for share in row],
    }


def _line_texts(page: PageReading, min_confidence: float) -> list[str]:
    answers = page.answers(min_confidence)
    return ["".join(answers[at] for at in line) for line in page.lines]


def _cut(page: PageReading, at: int) -> Image:
    """A digit with some room around it, as it stands in the picture."""
    x, y, width, height = page.boxes[at].tolist()
    room = 1 + round(CUT_MARGIN * max(width, height))
    rows = slice(max(0, y - room), y + height + room)
    return Image(page.image[rows, max(0, x - room) : x + width + room])


def alt_text(image: Image) -> str:
    """What is to be seen in a picture, uint8 (height, width), for one who cannot see it."""
    levels = np.arange(256)
    counts = cv2.calcHist([image], [0], None, [256], [0, 256]).ravel()
    middle = int(np.searchsorted(counts.cumsum(), image.size / 2))
    ground = next(name for level, name in GROUNDS.items() if middle < level)
    counts[np.abs(levels - middle) <= MIN_MARK_CONTRAST] = 0
    if not counts.any():
        return f"The whole picture, {ground} all over."
    way = "brighter" if np.average(levels, weights=counts) > middle else "darker"
    share = counts.sum() / image.size
    return f"The whole picture: a {ground} ground with {way} marks on {share:.1%} of it."
