"""A page to digits: find them, put them into lines, ask the network, explain."""

from mnist_lab.reading.explain import EmbeddedImage, boxed_page, embed_image
from mnist_lab.reading.files import FileReading, find_files, read_files
from mnist_lab.reading.page import PageReading, Step
from mnist_lab.reading.read import (
    NoDigit,
    find_digits,
    read_digit,
    read_page,
    read_single,
)

__all__ = [
    "EmbeddedImage",
    "FileReading",
    "NoDigit",
    "PageReading",
    "Step",
    "boxed_page",
    "embed_image",
    "find_digits",
    "find_files",
    "read_digit",
    "read_files",
    "read_page",
    "read_single",
]
