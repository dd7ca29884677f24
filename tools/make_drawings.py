"""Make the drawings that the course replays on the pad: python data/make_drawings.py"""

from pathlib import Path

import numpy as np

from mnist_lab.pad import Drawing
from mnist_lab.strokes import Stroke
from mnist_lab.synth.handwriting import Writer, write_strokes

HERE = Path(__file__).parent / "drawings"
HEIGHT = 0.7  # of a digit, in the pad's
WIDEST = 0.8
SPEED = 1.6  # heights of the pad in a second
LIFT = 0.25  # seconds that the pen is in the air
HANDS = [21, 0, 7, 1, 8, 10, 12, 2, 0, 4]  # who wrote the 0, the 1 ...
FOOLING = {0: 191, 1: 68, 6: 0, 9: 253}  # who wrote what the network that ships takes for another


def place(strokes: list[Stroke]) -> list[Stroke]:
    """Put a digit in the middle of the pad."""
    points = np.concatenate(strokes)
    low, high = points.min(axis=0), points.max(axis=0)
    scale = min(HEIGHT / (high - low)[1], WIDEST / (high - low)[0])
    return [((line - (low + high) / 2) * scale + 0.5).astype(np.float32) for line in strokes]


def pace(strokes: list[Stroke]) -> list[np.ndarray]:
    """When the pen was where, in seconds, at an even speed."""
    now, times = 0.0, []
    for line in strokes:
        way = np.hypot(*np.diff(line, axis=0, prepend=line[:1]).T)
        times.append(now + np.cumsum(way) / SPEED)
        now = float(times[-1][-1]) + LIFT
    return times


def write(label: int, hand: int, seed: int = 1) -> Drawing:
    """One digit in somebody's hand, as a drawing."""
    strokes = place(write_strokes(label, np.random.default_rng(seed), Writer(hand)))
    return Drawing.of(strokes, seconds=pace(strokes))


if __name__ == "__main__":
    HERE.mkdir(exist_ok=True)
    for label, hand in enumerate(HANDS):
        write(label, hand).save(HERE / f"{label}.json")
    for label, hand in FOOLING.items():
        write(label, hand).save(HERE / f"fool_{label}.json")
