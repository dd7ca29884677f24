"""Train by a recipe: stop it at any time, keep the best network so far, go on from there."""

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from mnist_lab.arrays import DataError, MnistLabError, Split
from mnist_lab.files import atomic_write

HELD_BACK = 5000  # training digits, at most, that are not learnt from but measured on
STATE, BEST = "training.json", "best.npz"  # what a stopped training has beside the network

Weights = list[NDArray[Any]]


class Stopped(MnistLabError):
    """A training was stopped before its end."""


@dataclass(frozen=True)
class Trained:
    """Where a training is.

    Attributes
    ----------
    recipe, seed, epochs, digits
        What it was asked for, and a checksum of the digits it learns from.
    done : int
        Epochs done.
    best : int
        The epoch, from 1, whose network read the held-back digits best; 0 for none yet.
    accuracy, loss : float
        Of that network on them.
    """

    recipe: str
    seed: int
    epochs: int
    digits: int
    done: int = 0
    best: int = 0
    accuracy: float = 0.0
    loss: float = float("inf")


def train(
    recipe: str,
    split: Split,
    *,
    out: Path,
    seed: int = 0,
    epochs: int | None = None,
    resume: bool = False,
    on_step: Callable[[int, int], None] | None = None,
    on_epoch: Callable[[int, dict[str, float]], None] | None = None,
) -> Trained:
    """Train a network by a recipe, and save the one that reads held-back digits best.

    After every epoch all that is needed to go on is saved beside `out`. A training that was
    stopped and resumed ends in the same network as one that was not.

    Parameters
    ----------
    recipe : str
        A name of `network.RECIPES`.
    split : Split
        What to learn from; up to 5,000 of its digits are held back to measure on.
    out : Path
        The .keras file to write.
    seed : int
        The same seed gives the same network on the same machine.
    epochs : int, optional
        Rounds through the digits; by default the recipe's.
    resume : bool
        Whether to go on with a training that was stopped.
    on_step, on_epoch : callable, optional
        As for `network.fit`.

    Returns
    -------
    Trained
        What was trained, and which epoch's network was saved.

    Raises
    ------
    DataError
        There is nothing to resume, or what there is was trained otherwise; or a stopped
        training would be lost.
    Stopped
        By Ctrl-C. The best network so far is at `out`.
    Diverged
        The loss is no longer a number. The best network before that is at `out`.
    """
    from mnist_lab import network

    how = network.RECIPES[recipe]
    partial = out.with_name(f"{out.stem}.partial.keras")
    asked = Trained(recipe, seed, epochs or how.epochs, crc32(split.images.tobytes()))
    learn, held_back = hold_back(split, seed)
    network.set_seed(seed)
    if resume:
        model, state, best = _load(partial, asked)
    elif partial.exists():
        raise DataError(
            f"{partial}: holds a training that was stopped; go on with --resume, or delete it"
        )
    else:
        model, state, best = how.new(), asked, []
        how.compile(model, len(learn), asked.epochs)

    def after_epoch(number: int, figures: dict[str, float]) -> None:
        nonlocal state, best
        state = replace(state, done=number)
        accuracy, loss = figures["val_accuracy"], figures["val_loss"]
        if (accuracy, -loss) > (state.accuracy, -state.loss):
            state = replace(state, best=number, accuracy=accuracy, loss=loss)
            best = model.get_weights()
        _save(partial, model, state, best)
        if on_epoch:
            on_epoch(number, figures)

    try:
        network.fit_batches(
            model, how.batches(learn, seed), validation=held_back, epochs=asked.epochs,
            done=state.done, on_step=on_step, on_epoch=after_epoch,
        )  # fmt: skip
    except KeyboardInterrupt:
        kept = _keep(out, model, state, best)
        raise Stopped(f"stopped after epoch {state.done}; {kept}; --resume goes on") from None
    except network.Diverged as error:
        raise network.Diverged(f"{error}; {_keep(out, model, state, best)}") from None
    _keep(out, model, state, best)
    partial.unlink(missing_ok=True)
    return state


def hold_back(split: Split, seed: int) -> tuple[Split, Split]:
    """Part digits into those to learn from and up to 5,000, a sixth at most, to measure on."""
    order = np.random.default_rng((seed, len(split))).permutation(len(split))
    at = min(HELD_BACK, len(split) // 6)
    held, learn = order[:at], order[at:]
    return (
        Split(split.images[learn], split.labels[learn]),
        Split(split.images[held], split.labels[held]),
    )


def _keep(out: Path, model: Any, state: Trained, best: Weights) -> str:
    """Save the best network, if there is one yet; say which."""
    from mnist_lab import network

    if not best:
        return "no epoch was done, nothing is kept"
    model.set_weights(best)
    network.save(model, out)
    return f"the network of epoch {state.best} ({state.accuracy:.2%}) is kept in {out}"


def _save(partial: Path, model: Any, state: Trained, best: Weights) -> None:
    """Save the network with its optimizer, the state and the best weights as one file."""
    weights = io.BytesIO()
    np.savez(weights, *best)
    with atomic_write(partial) as draft:
        model.save(draft)
        with zipfile.ZipFile(draft, "a") as archive:
            archive.writestr(STATE, json.dumps(asdict(state)))
            archive.writestr(BEST, weights.getvalue())


def _load(partial: Path, asked: Trained) -> tuple[Any, Trained, Weights]:
    from mnist_lab import network

    if not partial.is_file():
        raise DataError(f"{partial}: no such file, so there is nothing to resume")
    model = network.load_model(partial, compiled=True)
    try:
        with zipfile.ZipFile(partial) as archive:
            state = Trained(**json.loads(archive.read(STATE)))
            with np.load(io.BytesIO(archive.read(BEST)), allow_pickle=False) as arrays:
                best = [arrays[f"arr_{number}"] for number in range(len(arrays.files))]
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(f"{partial}: is no stopped training ({error})") from None
    for what in ("recipe", "seed", "epochs", "digits"):
        was, now = getattr(state, what), getattr(asked, what)
        if was != now:
            raise DataError(f"{partial}: was begun with {what} {was}, not {now}; ask for the same")
    return model, state, best
