"""A drawing: what a pen did, as a file, as bytes for the browser, as an image and as a digit."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mnist_lab import images, strokes
from mnist_lab.arrays import ArrayError, DataError, Digit, Image, Stroke, describe
from mnist_lab.files import StrPath, write_text
from mnist_lab.strokes import Width

GRID = 10_000  # steps to the drawing's height, on which every point lies
MAX_DISTANCE = 3.0  # heights; what is farther away is moved here, and is out of sight either way
MAX_SECONDS = 1e12  # since any beginning
MAX_POINTS = 20_000  # in a drawing
MAX_DRAWING_BYTES = 2_000_000  # above which a file is no drawing
PEN_WIDTH = 0.08  # heights, the usual one
IMAGE_SIZE = 280  # pixels, height and width
FILE_COLUMNS = "x", "y", "width", "seconds"  # of a file


@dataclass(frozen=True, eq=False)
class Drawing:
    """Strokes on a square, with the width of the line and the time at each point.

    All of it lies on a grid of whole numbers, so that a drawing comes back from a file or from
    a browser as it was, to the last bit, and gives the same digit on every machine.

    `points`, int16 (n, 4), are x, y and width in ten-thousandths of the drawing's height, and
    milliseconds since the point before. A width of 0 ends a stroke.
    """

    points: NDArray[np.int16]

    @classmethod
    def of(
        cls,
        lines: Sequence[Stroke],
        *,
        pen: float | Sequence[Width] = PEN_WIDTH,
        seconds: Sequence[NDArray[np.floating]] | None = None,
    ) -> "Drawing":
        """Make a drawing of strokes, float32 (points, 2) each.

        x and y are in units of the drawing's height, y down; (1, 1) is its lower right corner.
        `pen` is the width of the line in the same unit, or a list of one for each stroke, as for
        `strokes.rasterise`. `seconds`, float (points,) for each stroke, say when the pen was
        where, counted from any beginning; by default it was everywhere at once.

        Raises
        ------
        ArrayError
            A stroke is not finite (points, 2), a pen is not positive, the lists differ in
            length, or there are more than 20,000 points.
        """
        count = sum(np.size(line) // 2 for line in lines)
        if count > MAX_POINTS:
            raise ArrayError(
                f"expected a drawing of at most {MAX_POINTS:,} points, got {count:,}: "
                "keep every tenth, the line will look the same"
            )
        pens = list(pen) if isinstance(pen, Sequence) else [pen] * len(lines)
        times = [np.zeros(len(line)) for line in lines] if seconds is None else list(seconds)
        if not len(lines) == len(pens) == len(times):
            raise ArrayError(
                f"expected a pen and the seconds of each of {len(lines)} strokes, "
                f"got {len(pens)} and {len(times)}"
            )
        rows: list[NDArray[np.float64]] = []
        before: float | None = None  # the time of the last point
        for number, (line, width, when) in enumerate(zip(lines, pens, times, strict=True)):
            places, widths = strokes.check_strokes(line, width, number)
            places, widths = places[: len(line)], widths[: len(line)]
            clock = np.asarray(when, np.float64)
            if clock.shape != widths.shape or not np.isfinite(clock).all():
                raise ArrayError(
                    f"expected a time for each of the {len(line)} points of stroke {number}"
                )
            clock = clock.clip(-MAX_SECONDS, MAX_SECONDS)
            waits = np.diff(clock, prepend=clock[0] if before is None else before) * 1000
            before = float(clock[-1])
            places, widths = places.clip(-MAX_DISTANCE, MAX_DISTANCE), widths.clip(0, MAX_DISTANCE)
            steps = np.column_stack([places * GRID, widths * GRID, waits])
            steps[:, 2:] = steps[:, 2:].clip([1, 0], np.iinfo(np.int16).max)
            rows += [steps, np.zeros((1, 4))]
        return cls(np.rint(np.concatenate([np.zeros((0, 4)), *rows])).astype(np.int16))

    @classmethod
    def from_bytes(cls, content: bytes) -> "Drawing":
        """Read what the browser sent: `points`, little-endian; ArrayError if they are none."""
        if not isinstance(content, bytes | bytearray | memoryview):
            raise ArrayError(f"expected the bytes of a drawing, got {describe(content)}")
        if len(content) % 8 or len(content) > 16 * MAX_POINTS:  # each may end a stroke
            raise ArrayError(
                f"expected points of 8 bytes, at most {MAX_POINTS:,}, got {len(content)} bytes"
            )
        drawing = cls(np.frombuffer(content, "<i2").reshape(-1, 4).astype(np.int16))
        return cls.of(drawing.strokes, pen=drawing.pens, seconds=drawing.seconds)

    def to_bytes(self) -> bytes:
        """The points as the browser reads them."""
        return self.points.astype("<i2").tobytes()

    @classmethod
    def load(cls, path: StrPath) -> "Drawing":
        """Read a drawing from the file that `save` wrote; DataError if there is none in it."""
        path = Path(path)
        try:
            if path.stat().st_size > MAX_DRAWING_BYTES:
                raise DataError(f"{path}: is no drawing; it is too long for one")
            lines = json.loads(path.read_text(encoding="utf-8"))["strokes"]
            x, y, width, seconds = (
                [np.array(line[name], np.float64) for line in lines] for name in FILE_COLUMNS
            )
            places = [Stroke(np.column_stack(each)) for each in zip(x, y, strict=True)]
            return cls.of(places, pen=width, seconds=seconds)
        except OSError as error:
            raise DataError(f"{path}: cannot be read ({error.strerror})") from None
        except (ValueError, LookupError, TypeError, ArithmeticError, RecursionError) as error:
            raise DataError(
                f"{path}: is no drawing ({type(error).__name__}: {error}); pad.save writes one"
            ) from None

    def save(self, path: StrPath) -> None:
        """Write the drawing as JSON: of each stroke x, y, width and seconds."""
        columns = [part.round(4).T.tolist() for part in self._parts()]
        lines = [dict(zip(FILE_COLUMNS, line, strict=True)) for line in columns]
        write_text(path, json.dumps({"strokes": lines}) + "\n")

    @property
    def strokes(self) -> list[Stroke]:
        """float32 (points, 2) each: x and y, in units of the drawing's height."""
        return [Stroke(part[:, :2].astype(np.float32)) for part in self._parts()]

    @property
    def pens(self) -> list[NDArray[np.float32]]:
        """float32 (points,) each: how wide the line is; where a pen was pressed, it is wider."""
        return [part[:, 2].astype(np.float32) for part in self._parts()]

    @property
    def seconds(self) -> list[NDArray[np.float64]]:
        """float64 (points,) each: when the pen was there, since it first came down."""
        return [part[:, 3] for part in self._parts()]

    @property
    def image(self) -> Image:
        """The drawing as it looks: uint8 (280, 280), bright ink on dark."""
        return strokes.rasterise(self.strokes, size=IMAGE_SIZE, pen=self.pens)

    @property
    def digit(self) -> Digit | None:
        """The drawing as a network sees it: uint8 (28, 28); None where there is no ink."""
        image = self.image
        return images.to_digit(images.even_stroke(image)) if image.any() else None

    def __len__(self) -> int:
        return len(self._parts())

    def _parts(self) -> list[NDArray[np.float64]]:
        """Each stroke's points, without what ends it: float64 (points, 4), as `FILE_COLUMNS`."""
        width, wait = self.points[:, 2], self.points[:, 3]
        seconds = np.cumsum(wait * (width > 0)) / 1000
        rows = np.column_stack([self.points[:, :3] / GRID, seconds])
        parts = np.split(rows, np.flatnonzero(width == 0) + 1)
        return [kept for part in parts if len(kept := part[part[:, 2] > 0])]


def kit_drawing(name: str) -> Drawing:
    """A drawing that comes with the kit, by its name: "7", or "fool_9"; else DataError."""
    here = Path(__file__).parent
    installed, checkout = here / "drawings", here.parents[1] / "data" / "drawings"
    return Drawing.load((installed if installed.is_dir() else checkout) / f"{name}.json")
