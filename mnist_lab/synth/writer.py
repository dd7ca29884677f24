"""Who writes: people with habits, and random numbers that are bent towards them."""

from collections.abc import Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

HABITS = 251  # numbers that make up a writer; a habit's name picks one
REGULARITY = 0.5, 0.85  # how much of a digit is its writer's habit, from careless to regular


class Writer:
    """A person with habits: the slant, the pen, the ways of writing each digit.

    Over many writers the digits vary as widely as without any: a habit is a number that a
    digit would otherwise draw for itself, drawn once. The same seed is the same person.
    """

    def __init__(self, seed: int | tuple[int, ...]) -> None:
        rng = np.random.default_rng(seed)
        self.regularity = rng.uniform(*REGULARITY)
        self.normals = rng.standard_normal(HABITS, np.float32)
        self.uniforms = rng.random(HABITS, np.float32)


class Crowd:
    """Writers side by side, so that many digits by many people are written at once."""

    def __init__(self, writers: Sequence[Writer]) -> None:
        self.normals = np.stack([writer.normals for writer in writers])
        self.uniforms = np.stack([writer.uniforms for writer in writers])
        self.regularity = np.array([writer.regularity for writer in writers], np.float32)


@dataclass(frozen=True, eq=False)
class HabitSampler:
    """The random numbers of n digits, each bent towards the habits of who writes it.

    `habit` names what a number decides ("4.bar"), so that one writer can be asked twice and
    answer alike.
    """

    rng: np.random.Generator
    who: NDArray[np.intp]  # (n,): the writer of each digit, as a place in `crowd`
    crowd: Crowd | None = None  # None where every digit is by somebody else
    even: bool = False  # whether rare ways of writing a digit are less rare than in MNIST

    @property
    def n(self) -> int:
        """How many digits."""
        return len(self.who)

    def normal(self, habit: str) -> NDArray[np.float32]:
        """Normal numbers (n,), cut off at twice their spread."""
        numbers = self.rng.standard_normal(self.n, np.float32)
        if self.crowd:
            regularity = self.crowd.regularity[self.who]
            usual = self.crowd.normals[self.who, _column(habit)]
            numbers = regularity * usual + np.sqrt(1 - regularity**2) * numbers
        return np.clip(numbers, -2, 2)

    def uniform(self, habit: str) -> NDArray[np.float32]:
        """Numbers (n,) from 0 to 1."""
        numbers = self.rng.random(self.n, np.float32)
        if self.crowd:
            as_usual = self.rng.random(self.n, np.float32) < self.crowd.regularity[self.who]
            usual = self.crowd.uniforms[self.who, _column(habit)]
            numbers = np.where(as_usual, usual, numbers)
        return numbers

    def select(self, digits: NDArray[np.intp]) -> "HabitSampler":
        """The same for some of the digits only."""
        return HabitSampler(self.rng, self.who[digits], self.crowd, self.even)


def _column(habit: str) -> int:
    return crc32(habit.encode()) % HABITS
