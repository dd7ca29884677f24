"""Picture files to what is written in them: find them, read them, ask the network, tell."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from glob import glob
from pathlib import Path
from typing import Any

from mnist_lab import images, scan
from mnist_lab.arrays import Image, MnistLabError, Probabilities

ENDINGS = {
    ".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".gif", ".webp", ".heic", ".heif",
    ".pdf", ".ppm", ".pgm",
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Found:
    """What was read in one file: a page or more, or an error and none.

    Attributes
    ----------
    file : str
        Its path, as it was given or found.
    pages : tuple of (uint8 (height, width), Reading, float32 (n, 10))
        Each page's image, what was found on it, and what the network answered.
    error : str or None
        What is wrong with it.
    """

    file: str
    pages: tuple[tuple[Image, scan.Reading, Probabilities], ...] = ()
    error: str | None = None

    def as_text(self, min_confidence: float) -> str:
        """The file's name and its digits, line by line; doubtful ones with a question mark."""
        rows = [
            " ".join(_digit(probabilities[at], min_confidence) for at in line)
            for _, reading, probabilities in self.pages
            for line in reading.lines
        ]
        return "\n".join([f"{self.file}:", *(rows or ["no digit found"])])

    def as_json(self) -> dict[str, Any]:
        """An object for ``--json``."""
        lines = [
            [_as_json(reading.boxes[at], probabilities[at]) for at in line]
            for _, reading, probabilities in self.pages
            for line in reading.lines
        ]
        first = self.pages[0][1] if self.pages else None
        return {
            "file": self.file,
            "text": "\n".join("".join(str(each["digit"]) for each in line) for line in lines),
            "lines": lines,
            "polarity": first.polarity if first else None,
            "rotation": first.rotation if first else None,
            "error": self.error,
        }


def find_files(names: Iterable[str]) -> list[str]:
    """Files for names: a folder stands for the pictures below it, a pattern for what matches."""
    files: list[str] = []
    for name in names:
        if Path(name).is_dir():
            inside = sorted(Path(name).rglob("*"))
            files += [str(path) for path in inside if path.suffix.lower() in ENDINGS]
        elif any(sign in name for sign in "*?[") and not Path(name).exists():
            files += sorted(glob(name, recursive=True)) or [name]  # noqa: PTH207
        else:
            files.append(name)
    return files


def read_files(names: Sequence[str], model: Any, *, single: bool = False) -> Iterator[Found]:
    """Read files one by one; one that cannot be read gives its error, and the rest are read.

    Parameters
    ----------
    names : sequence of str
        Files, folders and patterns.
    model : keras.Model
        From (28, 28, 1) to (10,).
    single : bool
        Whether each picture holds one digit.
    """
    for file in find_files(names):
        try:
            yield _read_file(file, model, single=single)
        except MnistLabError as error:
            yield Found(file, error=str(error))


def _read_file(file: str, model: Any, *, single: bool) -> Found:
    from mnist_lab import network

    read = scan.read_one if single else scan.read_page
    pages = []
    for image in images.load_pages(file):
        reading = read(image)
        pages.append((image, reading, network.predict_probabilities(model, reading.digits)))
    return Found(file, tuple(pages))


def write_pages(
    found: Found, overlay: Path | None, explain: Path | None, min_confidence: float
) -> None:
    """Write the picture with its answers, and the steps that led there, as PNG files.

    Raises
    ------
    CannotWrite
        A folder cannot be written.
    """
    from mnist_lab import plots

    for number, (image, reading, probabilities) in enumerate(found.pages):
        name = Path(found.file).name + (f"-{number + 1}" if len(found.pages) > 1 else "") + ".png"
        if overlay:
            ax = plots.show_page(image, reading, probabilities, doubtful=min_confidence)
            plots.save(ax, overlay / name)
        if explain:
            plots.save(plots.show_steps(reading), explain / name)


def _digit(probabilities: Probabilities, min_confidence: float) -> str:
    sure = probabilities.max() >= min_confidence
    return f"{probabilities.argmax()}{'' if sure else '?'} ({probabilities.max():.0%})"


def _as_json(box: Any, probabilities: Probabilities) -> dict[str, Any]:
    return {
        "digit": int(probabilities.argmax()),
        "confidence": float(probabilities.max()),
        "box": [int(side) for side in box],
        "probabilities": [float(each) for each in probabilities],
    }
