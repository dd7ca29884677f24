"""Mark a Keras model: what was asked of its layers, one thing after another, then what it reads."""

import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from mnist_lab.arrays import Digits, Labels, Split
from mnist_lab.exercises.exercise import Case, Mark

Model = dict[str, Any]  # as `models.Reader` gives it
Check = Callable[[Model], str]  # what is wrong with a model, or ""
STAND_IN_HARDER = 0.06  # of accuracy: by so much less than MNIST is the stand-in read
BUILT = 0.5  # share of the points that the checks of a model can earn while one of them fails
READS = "It reads {} of {} digits that it has not seen."
BELOW = (
    "It is built as asked, and reads {} of {} digits that it has not seen; {} are wanted. Is it "
    "trained, long enough, with digits scaled to 0 to 1?"
)
NO_MODEL = (
    "It must be a Keras model: `keras.Sequential([...])`, given as it is, without calling it."
)

_source: ContextVar[str | None] = ContextVar("source", default=None)


@contextmanager
def digits_from(source: str | None) -> Iterator[None]:
    """Show models the digits of another place than `load_mnist` finds by itself."""
    token = _source.set(source)
    try:
        yield
    finally:
        _source.reset(token)


@dataclass(frozen=True)
class Task:
    """What is asked of a model.

    Attributes
    ----------
    checks : tuple of callable
        What must be true of it, in the order in which one builds it: `layers`, `activation`, ...
    accuracy : tuple of pairs
        The accuracy, in shares, and the share of the points that it earns, the best first; ()
        where the model need not be trained.
    count : int
        How many digits it is shown, of the test part; which ones, the seed says.
    """

    checks: tuple[Check, ...]
    accuracy: tuple[tuple[float, float], ...] = ()
    count: int = 400  # that fit, twice, into one request to a kernel

    def cases(self, seed: int) -> Iterator[Case]:
        """The one call: digits that the model has not seen."""
        digits, _ = self._digits(seed)
        yield Case(f"{self.count} digits", (digits,))

    def judge(self, model: Any, seed: int) -> Mark:
        """Mark a model as plain data; the digits are those that the seed makes."""
        try:
            wrong = [words for words in (check(model) for check in self.checks) if words]
        except (TypeError, ValueError, KeyError, IndexError):  # not what `models.Reader` gives
            return Mark(0, NO_MODEL)
        if wrong:
            share = BUILT * (1 - len(wrong) / len(self.checks))
            return Mark(math.floor(4 * share) / 4, wrong[0])
        return self._read(model, seed) if self.accuracy else Mark(1)

    def _read(self, model: Model, seed: int) -> Mark:
        _, labels = self._digits(seed)
        gives = np.asarray(model["gives"])
        if gives.ndim != 2 or len(gives) != len(labels):
            return Mark(0, f"For a digit it gives the shape {gives.shape[1:]}; a row is wanted.")
        wrong = np.flatnonzero(gives.argmax(axis=1) != labels)
        accuracy = 1 - len(wrong) / len(labels)
        harder = STAND_IN_HARDER if _test_part(_source.get())[1] else 0
        tiers = [(least - harder, share) for least, share in self.accuracy]
        share = next((share for least, share in tiers if accuracy >= least), 0.0)
        if share >= 1:
            return Mark(1, READS.format(f"{accuracy:.1%}", len(labels)))
        wanted = f"{tiers[0][0]:.1%}"
        at = wrong[0]
        example = (
            f"Number {at} of them, counted from 0, is a {labels[at]}, and it reads something else."
        )
        return Mark(share, BELOW.format(f"{accuracy:.1%}", len(labels), wanted), example)

    def _digits(self, seed: int) -> tuple[Digits, Labels]:
        test, _ = _test_part(_source.get())
        places = np.random.default_rng(seed).choice(len(test), self.count, replace=False)
        return Digits(test.images[places]), Labels(test.labels[places])


@cache
def _test_part(source: str | None) -> tuple[Split, bool]:
    """The digits that a model is shown are drawn from these; and whether they are the stand-in."""
    from mnist_lab import data
    from mnist_lab.progress import SILENT

    _, test = data.load_mnist(source, progress=SILENT)
    return test, bool(test.provenance and test.provenance.notice)


def quotes_nothing(message: str) -> bool:
    """Whether a message about a model has no words of the model's own in it."""
    fixed = (re.escape(text).replace(r"\{\}", r"[\d.]+%?") for text in (READS, BELOW))
    return message == NO_MODEL or any(re.fullmatch(each, message) for each in fixed)


def layers(*kinds: str) -> Check:
    """Its layers are of these kinds, in this order; dropout and the like may stand between."""

    def check(model: Model) -> str:
        found = [each["kind"] for each in model["layers"]]
        left = iter(found)
        missing = next((kind for kind in kinds if kind not in left), "")
        if not missing:
            return ""
        return f"No `{missing}` stands where one is wanted. Its layers are {_list(found)}."

    return check


def takes(*shape: int) -> Check:
    """It takes a digit in this shape."""

    def check(model: Model) -> str:
        has = tuple(int(n) for n in np.ravel(model["input"]))
        return "" if has == shape else f"It takes the shape {has}; {shape} is wanted."

    return check


def gives(*shape: int) -> Check:
    """It gives this shape for a digit of 28 by 28 pixels."""

    def check(model: Model) -> str:
        has = np.asarray(model["gives"]).shape[1:]
        wrong = f"For a digit of 28 by 28 it gives the shape {has}; {shape} is wanted."
        return "" if has == shape else wrong

    return check


def output(*shape: int, layer: int = -1) -> Check:
    """A layer, the last if none is named, gives this shape for a digit."""

    def check(model: Model) -> str:
        found, words = _layer(model, layer)
        gives = tuple(int(n) for n in np.ravel(found["output"])) if found else ()
        wrong = f"{words} gives the shape {gives} for a digit; {shape} is wanted."
        return "" if found and gives == shape else wrong

    return check


def activation(name: str, *, layer: int = -1) -> Check:
    """A layer, the last if none is named, has this activation."""

    def check(model: Model) -> str:
        found, words = _layer(model, layer)
        has = (found or {}).get("activation") or "none"
        return "" if has == name else f"{words} has the activation `{has}`; `{name}` is wanted."

    return check


def parameters(count: int) -> Check:
    """It has so many parameters in all."""

    def check(model: Model) -> str:
        has = model["parameters"]
        each = _list(f"{layer['kind']} {layer['parameters']:,}" for layer in model["layers"])
        wrong = f"It has {has:,} parameters and {count:,} are wanted: {each}."
        return "" if has == count else wrong

    return check


def at_most_parameters(count: int) -> Check:
    """It has no more parameters than these, in all."""

    def check(model: Model) -> str:
        has = model["parameters"]
        each = _list(f"{layer['kind']} {layer['parameters']:,}" for layer in model["layers"])
        wrong = f"It has {has:,} parameters and {count:,} at most are wanted: {each}."
        return "" if has <= count else wrong

    return check


def loss(*names: str) -> Check:
    """It is compiled, with one of these losses."""

    def check(model: Model) -> str:
        has = model["loss"]
        if not has:
            return "It is not compiled yet: `compile` says how it learns."
        return "" if has in names else f"Its loss is `{has}`; `{names[0]}` is wanted."

    return check


def _layer(model: Model, at: int) -> tuple[dict[str, Any] | None, str]:
    """A layer by its position, and words for it."""
    every: Sequence[dict[str, Any]] = model["layers"]
    if not -len(every) <= at < len(every):
        return None, f"Its {len(every)} layers are too few: the one that is missing"
    words = "Its last layer" if at == -1 else f"Its layer {at % len(every) + 1}"
    return every[at], f"{words}, `{every[at]['kind']}`,"


def _list(words: Iterable[str]) -> str:
    return ", ".join(f"`{word}`" for word in words) or "none"
