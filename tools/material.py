"""What windows are made of: digits by people and by a program, and the machine's fonts."""

import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mnist_lab.arrays import Digits, Labels, Split, Stroke
from mnist_lab.synth import Writer
from mnist_lab.synth.tracing import choose_allographs, trace
from mnist_lab.synth.writer import Crowd, HabitSampler

WRITERS = 1_500  # of the digits by a program
WRITER_SEEDS = 9  # keeps them apart from those of other seeds' digits
LATIN_NOTO = "NotoSans-", "NotoSerif-"  # of Noto's hundreds of fonts, those with Latin letters


@dataclass(frozen=True, eq=False)
class Material:
    """What windows are made of.

    Attributes
    ----------
    scanned : mapping of int to uint8 (n, 28, 28)
        Digits by people, such as MNIST's training part, by label.
    written : mapping of int to sequence of list of float32 (points, 2)
        Strokes of digits, from 0 on, the longer side 1, by label.
    fonts : sequence of str
        Font files for other people's words; without any there are only joined letters.
    """

    scanned: Mapping[int, Digits]
    written: Mapping[int, Sequence[Sequence[Stroke]]]
    fonts: Sequence[str] = ()


def by_label(split: Split) -> dict[int, Digits]:
    """The digits of each label."""
    return {label: Digits(split.images[split.labels == label]) for label in range(10)}


def write_digits(
    per_label: int, *, seed: int, writers: int = WRITERS
) -> dict[int, list[list[Stroke]]]:
    """Strokes of digits by many writers, from 0 on, the longer side 1, by label.

    Rare ways of writing a digit are less rare than in MNIST. The same seed gives the same.
    """
    rng, n = np.random.default_rng(seed), 10 * per_label
    crowd = Crowd([Writer((seed, WRITER_SEEDS, person)) for person in range(writers)])
    labels = Labels(rng.permutation(np.arange(n) % 10).astype(np.uint8))
    sampler = HabitSampler(rng, np.arange(n) % writers, crowd, even=True)
    written: dict[int, list[list[Stroke]]] = {label: [] for label in range(10)}
    for allograph, at in choose_allographs(labels, sampler):
        points, in_air, _ = trace(allograph, sampler.select(at))
        points = points - points.min(axis=1, keepdims=True)
        points /= np.ptp(points, axis=1).max(axis=1)[:, None, None]
        lifts = np.flatnonzero(in_air) + 1
        written[allograph.digit] += [[Stroke(s) for s in np.split(p, lifts)] for p in points]
    return written


def installed_fonts() -> list[str]:
    """The machine's font files with Latin letters, as fontconfig lists them; [] without it."""
    if not shutil.which("fc-list"):
        return []
    listing = ["fc-list", ":lang=en", "file"]
    lines = subprocess.run(listing, capture_output=True, text=True, check=True).stdout.splitlines()
    files = sorted(line.rstrip(": ").strip() for line in lines)
    return [file for file in files if file.endswith((".ttf", ".otf")) and _is_wanted(file)]


def _is_wanted(file: str) -> bool:
    return "noto" not in file.lower() or any(name in file for name in LATIN_NOTO)
