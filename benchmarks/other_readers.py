"""What the kit is put beside: naive ways, other programs, and the plainest segmentation.

Tesseract and RapidOCR are asked where they are installed, as their manuals say; of what they
answer the digits are kept.
"""

import importlib
import logging
import shutil
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from mnist_lab.arrays import Digits, Image
from mnist_lab.progress import Progress

NAIVE = "resized", "inverted"
DIGITS = "0123456789"
ONE_CHARACTER, ONE_BLOCK = 10, 6  # Tesseract's page segmentation modes
LONGEST = 300  # seconds that Tesseract gets for a picture
ROUNDS = 7  # of each measurement of time
RAPID_PACKAGES = "rapidocr", "rapidocr_onnxruntime"  # its present name, and its former one


class _NotAvailable(Exception):
    """A program is not installed, or does not work here; says why."""


@dataclass(frozen=True)
class OtherReader:
    """Another program.

    Attributes
    ----------
    name : str
        As a table shows it.
    read : callable (image, single) -> str
        The digits that it reads in a picture, uint8 (height, width), from the first to the
        last; `single` tells it that there is one.
    """

    name: str
    read: Callable[[Image, bool], str]


def find_readers(progress: Progress) -> list[OtherReader]:
    """Those of the other programs that work here; each of the others is said in a line."""
    found = []
    trial = np.full((100, 300), 255, np.uint8)
    cv2.putText(trial, "2026", (40, 70), cv2.FONT_HERSHEY_SIMPLEX, 2, 0, 4)
    for number, (name, make) in enumerate((("Tesseract", _tesseract), ("RapidOCR", _rapid))):
        progress.step(number, 2, f"trying {name}")
        try:
            read = make()
            read(Image(trial), False)  # it may lack the files that it reads by
        except _NotAvailable as why:
            progress.say(f"{name} is left out: {why}")
        else:
            found.append(OtherReader(name, _or_nothing(read)))
    progress.step(2, 2)
    return found


def _or_nothing(read: Callable[[Image, bool], str]) -> Callable[[Image, bool], str]:
    """The same, for which a picture that the program fails at holds no digits."""

    def read_or_nothing(image: Image, single: bool) -> str:
        try:
            return read(image, single)
        except _NotAvailable:
            return ""

    return read_or_nothing


def _digits(text: str) -> str:
    return "".join(sign for sign in text if sign in DIGITS)


def _tesseract() -> Callable[[Image, bool], str]:
    program = shutil.which("tesseract")
    if not program:
        raise _NotAvailable("there is no command tesseract")

    def read(image: Image, single: bool) -> str:
        """Digits alone, as one character or as a block of text."""
        mode = str(ONE_CHARACTER if single else ONE_BLOCK)
        options = ["--psm", mode, "-c", f"tessedit_char_whitelist={DIGITS}"]
        png = cv2.imencode(".png", image)[1].tobytes()
        try:
            done = subprocess.run(
                [program, "stdin", "stdout", *options],
                input=png, capture_output=True, check=False, timeout=LONGEST,
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired) as error:
            raise _NotAvailable(_first_line(error)) from None
        if done.returncode and b"load" in done.stderr:  # its languages, not a picture of its own
            raise _NotAvailable(done.stderr.decode(errors="replace").strip().splitlines()[0])
        return _digits(done.stdout.decode(errors="replace"))

    return read


def _rapid() -> Callable[[Image, bool], str]:
    for package in RAPID_PACKAGES:
        try:
            module = importlib.import_module(package)
        except ImportError:
            continue
        with _quiet():
            engine = _or_not_available(module.RapidOCR)
        break
    else:
        raise _NotAvailable("there is no package rapidocr")

    def read(image: Image, single: bool) -> str:  # noqa: ARG001
        """All text, of which the digits are kept; it has no way to say that there is one."""
        with _quiet():
            answer = _or_not_available(engine, cv2.cvtColor(image, cv2.COLOR_GRAY2BGR))
        if isinstance(answer, tuple):  # by its former name: [box, text, score] for each line
            lines = [text for _, text, _ in answer[0] or ()]
        else:
            lines = list(answer.txts or ())
        return _digits("".join(lines))

    return read


def _or_not_available(call: Callable[..., Any], *values: Any) -> Any:
    """Call, and let whatever goes wrong mean that the program is not available.

    It downloads its networks as it first needs them, and says in many ways that it cannot.
    """
    try:
        return call(*values)
    except Exception as error:  # noqa: BLE001
        raise _NotAvailable(_first_line(error)) from None


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]


@contextmanager
def _quiet() -> Iterator[None]:
    """Without the lines that RapidOCR logs of each picture."""
    logging.disable(logging.ERROR)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)


def read_naively(image: Image, model: Any) -> dict[str, str]:
    """What a course does at first: the whole picture on 28 x 28 pixels, and this inverted."""
    from mnist_lab import network

    small = np.asarray(cv2.resize(image, (28, 28), interpolation=cv2.INTER_AREA), np.uint8)
    both = Digits(np.stack([small, 255 - small]))
    labels = network.predict_probabilities(model, both).argmax(axis=1).tolist()
    return dict(zip(NAIVE, map(str, labels), strict=True))


def time_reader(
    what: str, image: Image, read: Callable[[Image], Any], progress: Progress
) -> dict[str, float]:
    """Time a reading of a picture in turn with the plainest segmentation of it.

    Returns
    -------
    dict
        Median milliseconds ``"ms"`` and ``"plain_ms"``, and their ``"ratio"``.
    """
    times = []
    for done in range(ROUNDS + 1):  # the first warms up
        progress.step(done, ROUNDS + 1, what)
        clock = [time.perf_counter()]
        for do in (read, _segment_plainly):
            do(image)
            clock.append(time.perf_counter())
        times.append(np.diff(clock))
    progress.step(ROUNDS + 1, ROUNDS + 1)
    ours, plain = (1000 * np.median(times[1:], axis=0)).tolist()
    found = {"ms": ours, "plain_ms": plain, "ratio": ours / plain}
    progress.say(f"{what}: {ours:.0f} ms, {ours / plain:.1f} times the plain {plain:.1f} ms")
    return found


def _segment_plainly(image: Image) -> None:
    mean, dark = cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV
    cv2.connectedComponentsWithStats(cv2.adaptiveThreshold(image, 255, mean, dark, 51, 10))


def edit_distance(one: str, other: str) -> int:
    """Count the insertions, deletions and changes that make one text the other.

    References
    ----------
    Wagner and Fischer 1974, *The string-to-string correction problem*.
    """
    line = list(range(len(other) + 1))
    for row, letter in enumerate(one, 1):
        corner, line[0] = line[0], row
        for column, match in enumerate(other, 1):
            changed = corner + (letter != match)
            corner = line[column]
            line[column] = min(line[column] + 1, line[column - 1] + 1, changed)
    return line[-1]


def error_rates(pairs: Iterable[tuple[str, str]]) -> dict[str, float]:
    """Of labels and texts: the character error rate, and the share that is entirely right."""
    wrong, length = np.array([(edit_distance(*pair), len(pair[0])) for pair in pairs] or [(0, 0)]).T
    if not length.any():
        return {"error_rate": float("nan"), "entirely_right": float("nan")}
    return {
        "error_rate": float(wrong.sum() / length.sum()),
        "entirely_right": float((wrong == 0).mean()),
    }
