"""Picture files to what is written in them: find the files, and read their pages."""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from glob import glob
from itertools import takewhile
from pathlib import Path
from typing import Any

from mnist_lab import images
from mnist_lab.arrays import MnistLabError
from mnist_lab.files import StrPath
from mnist_lab.names import readable
from mnist_lab.reading.explain import write_explanation
from mnist_lab.reading.page import PageReading
from mnist_lab.reading.read import read_page, read_single

SUFFIXES = {
    ".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".gif", ".webp", ".heic", ".heif",
    ".avif", ".jp2", ".j2k", ".jpx", ".pdf", ".ppm", ".pgm",
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class FileReading:
    """What was read in one file: a page or more, or an error and none.

    Attributes
    ----------
    file : str
        Its path, as it was given or found.
    pages : tuple of PageReading
        Page by page.
    error : str or None
        What is wrong with the file.
    output_name : str
        Where below a folder what is written about it goes: its path without the folders that
        all files of the call have in common.
    """

    file: str
    pages: tuple[PageReading, ...] = ()
    error: str | None = None
    output_name: str = ""

    def to_text(self, *, min_confidence: float) -> str:
        """The file's name and its digits, line by line; doubtful ones with a question mark."""
        rows = []
        for number, page in enumerate(self.pages, 1):
            if len(self.pages) > 1:
                rows.append(f"page {number}:" if len(page) else f"page {number}: no digit found")
            pairs = zip(page.answers(min_confidence), page.confidences, strict=True)
            answers = [f"{answer} ({confidence:.0%})" for answer, confidence in pairs]
            rows += [" ".join(answers[at] for at in line) for line in page.lines]
        return "\n".join([f"{readable(self.file)}:", *(rows or ["no digit found"])])

    def to_dict(self) -> dict[str, Any]:
        """What was read, for JSON: of each page its number, text, lines, polarity and rotation.

        `lines` are those of all pages, `polarity` and `rotation` are the first page's.
        """
        pages = [{"page": number, **page.to_dict()} for number, page in enumerate(self.pages, 1)]
        first = pages[0] if pages else {"polarity": None, "rotation": None}
        return {
            "file": self.file,
            "text": "\n".join(page["text"] for page in pages if page["text"]),
            "lines": [line for page in pages for line in page["lines"]],
            "polarity": first["polarity"],
            "rotation": first["rotation"],
            "pages": pages,
            "error": self.error,
        }

    def explain(self, path: StrPath, *, min_confidence: float = 0.5) -> None:
        """Write how its pages were read as one HTML file, as `PageReading.explain` does."""
        name = Path(self.file).name
        write_explanation(self.pages, path, name=name, min_confidence=min_confidence)


def find_files(names: Iterable[StrPath]) -> list[str]:
    """Files for names: a folder stands for the pictures below it, a pattern for what matches."""
    files: list[str] = []
    for name in [os.fspath(name) for name in names]:
        if Path(name).is_dir():
            inside = sorted(Path(name).rglob("*"))
            files += [str(path) for path in inside if path.suffix.lower() in SUFFIXES]
        elif any(sign in name for sign in "*?[") and not Path(name).exists():
            files += sorted(glob(name, recursive=True)) or [name]  # noqa: PTH207
        else:
            files.append(name)
    return files


def read_files(
    names: Iterable[StrPath], model: Any = None, *, single: bool = False
) -> Iterator[FileReading]:
    """Read files one by one; one that cannot be read gives its error, and the rest are read.

    Parameters
    ----------
    names : iterable of path
        Files, folders and patterns.
    model : keras.Model or callable, optional
        As for `read_page`.
    single : bool
        Whether each picture holds one digit.
    """
    read = read_single if single else read_page
    files = find_files(names)
    for file, output_name in zip(files, _output_names(files), strict=True):
        try:
            pages = tuple(read(image, model) for image in images.load_pages(file))
        except MnistLabError as error:
            yield FileReading(file, error=str(error), output_name=output_name)
        else:
            yield FileReading(file, pages, output_name=output_name)


def _output_names(files: Sequence[str]) -> list[str]:
    """Each file's path without the folders that all have in common."""
    paths = [Path(os.path.abspath(file)) for file in files]  # noqa: PTH100, for it drops ".."
    folders = zip(*(path.parent.parts for path in paths), strict=False)
    shared = len(list(takewhile(lambda names: len(set(names)) == 1, folders)))
    return ["/".join(part.strip(":\\/") for part in path.parts[shared:]) for path in paths]
