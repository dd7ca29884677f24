"""A procedural writer: digits written by a program, the built-in stand-in for MNIST.

A digit is one of the ways of writing it (an allograph, `glyphs.toml`), sampled, bent and
slanted as hands do (`tracing`), written again where it comes near another digit's ways
(`legibility`), drawn with a pen and brought to MNIST's form (`rendering`).
No image of MNIST is in it; its numbers were set by looking at MNIST's training images beside
written ones.

The same seed gives the same bytes on the same kind of machine with the same NumPy and
OpenCV. Elsewhere a sine or an exponential may be rounded otherwise, and here and there a
pixel differ.
"""

import inspect
from pathlib import Path

import cv2
import numpy as np

from mnist_lab import strokes
from mnist_lab.arrays import Digits, Image, Labels, OptionError, Split, Stroke, check_labels
from mnist_lab.images import to_digit
from mnist_lab.progress import SILENT, Progress
from mnist_lab.synth.glyphs import GLYPHS_FILE, Allograph, allographs
from mnist_lab.synth.legibility import trace_legible
from mnist_lab.synth.options import check_label
from mnist_lab.synth.rendering import draw_trace
from mnist_lab.synth.tracing import choose_allographs
from mnist_lab.synth.writer import Crowd, HabitSampler, Writer

DIGITS_PER_WRITER = 10  # in a split


def write(labels: Labels, *, seed: int, writer: Writer | None = None) -> Digits:
    """Write digits in the form of MNIST: uint8 (n, 28, 28), bright ink on dark, 0 to 255.

    `labels`, integers (n,) from 0 to 9, say which (ArrayError if they are none); `writer` in
    whose hand, by default each in somebody else's. The same labels, seed and writer give the
    same digits.
    """
    labels = check_labels(labels)
    return _write(labels, _by_one(writer, np.random.default_rng(seed), len(labels)))


def write_strokes(
    label: int, rng: np.random.Generator, *, writer: Writer | None = None
) -> list[Stroke]:
    """Write one digit, 0 to 9, as the way of the pen: one to three strokes, float32 (points, 2).

    x and y are in units of the digit's height: y from 0 to 1, x from 0. `writer` is in whose
    hand, by default anybody's. OptionError if `label` is not a digit.
    """
    sampler = _by_one(writer, rng)
    [(allograph, _)] = choose_allographs(Labels(np.array([check_label(label)], np.uint8)), sampler)
    points, in_air, _ = trace_legible(allograph, sampler)
    drawing = points[0] - points[0].min(axis=0)
    drawing /= drawing[:, 1].max()
    return [Stroke(line) for line in np.split(drawing, np.flatnonzero(in_air) + 1)]


def make_split(
    train: int = 60_000,
    test: int = 10_000,
    *,
    seed: int = 0,
    even: bool = False,
    progress: Progress = SILENT,
) -> tuple[Split, Split]:
    """Make a data set shaped like MNIST; nobody who wrote for the test wrote for the training.

    Parameters
    ----------
    train, test : int
        How many digits, at least one of each, else it is an OptionError. The ten classes are
        as equal as can be, in random order.
    seed : int
        The same seed gives the same digits.
    even : bool
        Whether rare ways of writing a digit are less rare than in MNIST (by the square roots
        of their shares), and those written, too, that MNIST does not have.
    progress : Progress
        Is told the digits written, and to be written.
    """
    if min(train, test) < 1:
        raise OptionError(f"expected at least one digit in each part, got {train} and {test}")

    def part(number: int, size: int, before: int) -> Split:
        rng = np.random.default_rng((seed, number))
        people = -(-size // DIGITS_PER_WRITER)
        crowd = Crowd([Writer((seed, number, person)) for person in range(people)])
        labels = Labels(rng.permutation(np.arange(size) % 10).astype(np.uint8))
        sampler = HabitSampler(rng, np.arange(size) % people, crowd, even)
        return Split(_write(labels, sampler, progress, (before, train + test)), labels)

    return part(0, train, 0), part(1, test, train)


def draw_allographs(*, columns: int = 16, seed: int = 0) -> Image:
    """Draw a sheet of every way of writing a digit: one row each, in the order of `allographs`.

    uint8 (allographs * 28, 140 + columns * 28), bright ink on dark: the allograph's name and
    share in 140 pixels, then its digits, every one by somebody else. The same seed gives the
    same sheet.
    """
    sampler = _by_one(None, np.random.default_rng(seed), columns)
    rows = []
    for allograph in allographs():
        name = np.zeros((28, 140), np.uint8)
        text = f"{allograph} {allograph.share:g}"
        cv2.putText(name, text, (4, 18), cv2.FONT_HERSHEY_SIMPLEX, 0.4, 160, 1, cv2.LINE_AA)
        rows.append(np.hstack([name, *draw_trace(trace_legible(allograph, sampler), sampler)]))
    return Image(np.vstack(rows))


def _by_one(writer: Writer | None, rng: np.random.Generator, n: int = 1) -> HabitSampler:
    """A sampler for n digits by one writer, or each by somebody else."""
    return HabitSampler(rng, np.zeros(n, np.intp), Crowd([writer]) if writer else None)


def _write(
    labels: Labels,
    sampler: HabitSampler,
    progress: Progress = SILENT,
    steps: tuple[int, int] = (0, 0),
) -> Digits:
    """Write digits; `steps` are how many were written before, and how many there will be."""
    digits = np.empty((len(labels), 28, 28), np.uint8)
    done, total = steps
    for allograph, at in choose_allographs(labels, sampler):
        these = sampler.select(at)
        digits[at] = draw_trace(trace_legible(allograph, these), these)
        done += len(at)
        progress.step(done, total, "writing digits")
    return Digits(digits)


WRITER_FILES = (  # on which every written digit depends: a cache of them is as old as these
    GLYPHS_FILE,
    *(
        Path(inspect.getfile(part))
        for part in (
            *(strokes.draw, to_digit, Allograph, Writer, choose_allographs),
            *(trace_legible, draw_trace, write),
        )
    ),
)
