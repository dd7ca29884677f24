"""A sheet filled in by a program, where there is no printer and nobody to write."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from mnist_lab.arrays import Stroke
from mnist_lab.sheet.layout import BOX, COLUMNS, Sheet, box_corner, paper_size, plate_corner
from mnist_lab.sheet.printing import render
from mnist_lab.synth import Hand, Page, PageDigit, on_baseline

ROOM = 3.0  # mm of a box's width that a digit leaves free


def fill_in(
    sheet: Sheet,
    write: Hand,
    *,
    seed: int,
    paper: str = "A4",
    height: float = 9.0,
    empty: Iterable[int] = (),
    struck: Iterable[int] = (),
    dpi: float = 300,
) -> Page:
    """Fill in a sheet by a program, for `synth.photograph`.

    Parameters
    ----------
    sheet : Sheet
        Which one.
    write : callable (label, rng) -> list of float32 (points, 2)
        A hand, as for `synth.lay_out`.
    seed : int
        The same seed gives the same page.
    paper : str
        ``"A4"`` or ``"Letter"``.
    height : float
        Of a digit, in mm, more or less.
    empty, struck : iterables of int
        Boxes, 0 to 99, to be left empty, and to be scribbled out.
    dpi : float
        How finely the page is printed.

    Returns
    -------
    Page
        The printed page, the digits in the order of their boxes, and scribbles as marks.
    """
    rng = np.random.default_rng((seed, sheet.number))
    corner = np.array(plate_corner(paper))
    empty, struck = set(empty), set(struck)
    digits: list[PageDigit] = []
    marks: list[Stroke] = []
    for box, label in enumerate(sheet.labels):
        middle = corner + box_corner(box) + BOX / 2 + rng.normal(0, 0.6, 2)
        tall = float(np.clip(height * np.exp(rng.normal(0, 0.08)), 1, BOX - 2))
        strokes = write(int(label), rng)
        if box in empty:
            continue
        digits.append(PageDigit(int(label), _centred(strokes, middle, tall), box // COLUMNS))
        if box in struck:
            marks.append(_scribble(middle, rng))
    printed = render(sheet, paper=paper, dpi=dpi)
    return Page(tuple(digits), paper_size(paper), printed=printed, marks=marks)


def _centred(strokes: Iterable[Stroke], middle: NDArray[np.float64], tall: float) -> list[Stroke]:
    """Strokes `tall` mm high, and narrower than a box, around a place."""
    placed = on_baseline(list(strokes), 0.0, 0.0, tall)
    points = np.concatenate(placed)
    low, high = points.min(axis=0), points.max(axis=0)
    zoom = min(1.0, (BOX - ROOM) / max(float(high[0] - low[0]), 1e-3))
    moved = [(stroke - (low + high) / 2) * zoom + middle for stroke in placed]
    return [Stroke(stroke.astype(np.float32)) for stroke in moved]


def _scribble(middle: NDArray[np.float64], rng: np.random.Generator) -> Stroke:
    """A zigzag over a digit."""
    turns = 9
    x = np.where(np.arange(turns) % 2, 4.5, -4.5) + rng.normal(0, 0.5, turns)
    y = np.linspace(-4.5, 4.5, turns) + rng.normal(0, 0.4, turns)
    return Stroke((np.stack([x, y], axis=1) + middle).astype(np.float32))
