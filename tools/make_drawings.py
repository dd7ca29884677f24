"""Make the drawings that the course replays on the pad: python -m tools.make_drawings."""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mnist_lab.arrays import Stroke
from mnist_lab.pad import Drawing
from mnist_lab.synth import Writer, write_strokes

FOLDER = Path(__file__).parent.parent / "data" / "drawings"
HEIGHT = 0.7  # of a digit, in the pad's
MAX_WIDTH = 0.8
SPEED = 1.6  # heights of the pad in a second
LIFT_SECONDS = 0.25  # that the pen is in the air
HANDS = [21, 0, 7, 1, 8, 10, 12, 2, 0, 4]  # who wrote the 0, the 1 ...
FOOLING = {0: 191, 1: 491, 6: 0, 9: 11}  # who wrote what the pretrained network takes for another


def place(strokes: Sequence[Stroke]) -> list[Stroke]:
    """Put a digit in the middle of the pad."""
    points = np.concatenate(strokes)
    low, high = points.min(axis=0), points.max(axis=0)
    scale = min(HEIGHT / (high - low)[1], MAX_WIDTH / (high - low)[0])
    middle = (low + high) / 2
    return [Stroke(((line - middle) * scale + 0.5).astype(np.float32)) for line in strokes]


def pace(strokes: Sequence[Stroke]) -> list[NDArray[np.float64]]:
    """When the pen was where, in seconds, at an even speed."""
    now, times = 0.0, list[NDArray[np.float64]]()
    for line in strokes:
        way = np.hypot(*np.diff(line, axis=0, prepend=line[:1]).T)
        times.append(now + np.cumsum(way) / SPEED)
        now = float(times[-1][-1]) + LIFT_SECONDS
    return times


def write(label: int, hand: int, seed: int = 1) -> Drawing:
    """One digit in somebody's hand, as a drawing."""
    strokes = place(write_strokes(label, np.random.default_rng(seed), writer=Writer(hand)))
    return Drawing.of(strokes, seconds=pace(strokes))


def main() -> None:
    """Write a JSON file a drawing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=FOLDER, metavar="DIR", help="where to")
    out = parser.parse_args().out
    for label, hand in enumerate(HANDS):
        write(label, hand).save(out / f"{label}.json")
    for label, hand in FOOLING.items():
        write(label, hand).save(out / f"fool_{label}.json")


if __name__ == "__main__":
    main()
