"""Which way is up: pages stored sideways are stood up, slanting ones turned upright."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mnist_lab.arrays import Digits
from mnist_lab.reading.components import (
    Piece,
    could_be_digit,
    drawn,
    find_pieces,
    is_edge,
    to_digit,
    touches,
    whole_digits,
)  # fmt: skip
from mnist_lab.reading.ink import Ink

SIDEWAYS = 0.05  # by how much more like digits a page must look before it is turned a quarter
SLANT = 1.2  # degrees from which on a page is turned upright


def stand_upright(ink: Ink) -> tuple[Ink, list[Piece]]:
    """Turn ink that lies on its side or slants; also give its pieces, without edges."""
    pieces = [p for p in find_pieces(ink) if not is_edge(p, ink.levels.shape)]
    ink = replace(ink, mask=drawn(pieces, ink.mask.shape))
    shaped = [p for p in pieces if p.length > 4 * p.stroke and not touches(p, ink.levels.shape)]
    if _lies_down(shaped):
        ink, pieces = _stood_up(ink, pieces)
    slope = _slope([p for p in pieces if could_be_digit(p)])
    if abs(slope) > SLANT:
        ink = ink.turned(slope)
        sentence = f"Turned back by {slope:.1f} degrees, along its lines."
        ink = ink.then("upright", sentence, ink.levels)
        pieces = find_pieces(ink)
    return ink, pieces


def _lies_down(pieces: Sequence[Piece]) -> bool:
    """Whether most pieces are wider than high, which written digits are not."""
    tall = float(np.median([max(p.width, p.height) for p in pieces])) if pieces else 0
    aspects = [
        np.clip(np.log(p.width / p.height), -1, 1)
        for p in pieces
        if 0.4 * tall < max(p.width, p.height) < 2.5 * tall
        and p.length > 1.15 * np.hypot(p.width, p.height)  # a straight line lies in any way
    ]
    return len(aspects) >= 3 and float(np.mean(aspects)) > -0.1


def _stood_up(ink: Ink, pieces: list[Piece]) -> tuple[Ink, list[Piece]]:
    """The best of three: as it lies, or turned by a quarter either way."""
    choices = []
    for degrees in (0, 90, -90):
        other = ink.turned(degrees) if degrees else ink
        found = find_pieces(other) if degrees else pieces
        apart = whole_digits(found[:40])
        digits = [to_digit(p, other.levels) for p in apart if could_be_digit(p)]
        likeness = _looks_upright(digits) - (SIDEWAYS if degrees else 0)
        choices.append((likeness, other, found))
    _, best, found = max(choices, key=lambda choice: choice[0])
    return best, found


def _slope(pieces: Sequence[Piece]) -> float:
    """The angle of the lines of writing, in degrees clockwise: of neighbours, the median."""
    if len(pieces) < 3:
        return 0.0
    x, y = np.array([p.middle for p in pieces]).T
    tall = np.array([p.height for p in pieces], float)
    right, down = x[None] - x[:, None], y[None] - y[:, None]
    like = np.abs(np.log(tall[None] / tall[:, None])) < np.log(1.8)
    beside = (right > 0.3 * tall[:, None]) & (np.abs(down) < 0.5 * right) & like
    right = np.where(beside & (right < 6 * tall[:, None]), right, np.inf)
    nearest = right.argmin(axis=1)
    near = right[np.arange(len(x)), nearest]
    has = np.isfinite(near)
    if np.count_nonzero(has) < 3:
        return 0.0
    angles = np.degrees(np.arctan2(down[np.arange(len(x)), nearest][has], near[has]))
    return float(np.median(angles))


def _looks_upright(digits: Sequence[Digits]) -> float:
    """How like they are, on average, to one of ten mean digits: highest when upright."""
    if not digits:
        return 0.0
    found = _unit(np.stack(digits))
    return float((found @ _unit(_mean_digits()).T).max(axis=1).mean())


def _unit(digits: NDArray[Any]) -> NDArray[np.float32]:
    soft = np.stack([cv2.GaussianBlur(d.astype(np.float32), (0, 0), 1.5) for d in digits])
    flat = soft.reshape(len(soft), -1)
    flat = flat - flat.mean(axis=1, keepdims=True)
    return flat / np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-6)


@cache
def _mean_digits() -> NDArray[np.float32]:
    """The mean of 60 written digits of each kind: float32 (10, 28, 28)."""
    from mnist_lab import synth

    labels = np.repeat(np.arange(10, dtype=np.uint8), 60)
    return synth.write(labels, seed=0).reshape(10, 60, 28, 28).mean(axis=1, dtype=np.float32)
