"""Train by a recipe: stop it at any time, keep the best network so far, go on from there."""

import json
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Self
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from mnist_lab.arrays import DataError, MnistLabError, OptionError, Split, check_split
from mnist_lab.files import StrPath, atomic_write
from mnist_lab.network._keras import keras, random_state
from mnist_lab.network.fitting import Diverged, fit_batches
from mnist_lab.network.loading import load_model
from mnist_lab.network.models import save_model
from mnist_lab.network.recipes import RECIPES
from mnist_lab.progress import SILENT, Progress

MAX_HELD_BACK = 5000  # training digits that are not learnt from but measured on
STATE, BEST = "training.json", "best.npz"  # what a checkpoint has beside the network


class TrainingInterrupted(MnistLabError):
    """A training was stopped before its end."""


@dataclass(frozen=True)
class TrainingState:
    """What a training was asked for, and where it is."""

    recipe: str
    seed: int
    epochs: int
    digits: int  # CRC-32 of those it learns from
    done: int = 0  # epochs
    best: int = 0  # the epoch, from 1, whose network read the held-back digits best
    accuracy: float = 0.0  # of that network on them, as its loss
    loss: float = float("inf")


def train(
    recipe: str,
    split: Split,
    *,
    out: StrPath,
    seed: int = 0,
    epochs: int | None = None,
    resume: bool = False,
    progress: Progress = SILENT,
) -> TrainingState:
    """Train a network by a recipe, and save the one that reads held-back digits best.

    `recipe` is a name of `RECIPES`, which has its own number of `epochs` if none is given. Up to
    5,000 digits are held back to measure on. After every epoch all that is needed to go on is
    saved beside `out`, the .keras file to write. A training that was stopped, and then resumed,
    ends in the same network as one that was not; so does one from the same seed, on the same
    machine.

    Raises
    ------
    OptionError
        There is no such recipe.
    DataError
        There is nothing to resume, or what there is was trained otherwise; or a stopped
        training would be lost.
    TrainingInterrupted
        By Ctrl-C. The best network so far is at `out`.
    Diverged
        The loss is no longer a number. The best network before that is at `out`.
    """
    if recipe not in RECIPES:
        raise OptionError(f"expected a recipe of {', '.join(RECIPES)}, got {recipe!r}")
    how, out = RECIPES[recipe], Path(out)
    check_split(split)
    partial = out.with_name(f"{out.stem}.partial.keras")
    asked = TrainingState(recipe, seed, epochs or how.epochs, crc32(split.images.tobytes()))
    learn, held_back = hold_back(split, seed=seed)
    with random_state(seed):
        if resume:
            run = _Run.load(partial, asked, progress)
        elif partial.exists():
            raise DataError(
                f"{partial}: holds a training that was stopped; go on with --resume, or delete it"
            )
        else:
            run = _Run(partial, how.new(), asked, progress)
            how.compile(run.model, len(learn), asked.epochs)
        try:
            fit_batches(
                run.model, how.batches(learn, seed), validation=held_back, epochs=asked.epochs,
                done=run.state.done, progress=run,
            )  # fmt: skip
        except KeyboardInterrupt:
            raise TrainingInterrupted(
                f"stopped after epoch {run.state.done}; {run.keep_best(out)}; --resume goes on"
            ) from None
        except Diverged as error:
            raise Diverged(f"{error}; {run.keep_best(out)}") from None
    run.keep_best(out)
    partial.unlink(missing_ok=True)
    return run.state


def hold_back(split: Split, *, seed: int) -> tuple[Split, Split]:
    """Part digits into those to learn from and up to 5,000, a sixth at most, to measure on."""
    check_split(split)
    order = np.random.default_rng((seed, len(split))).permutation(len(split))
    at = min(MAX_HELD_BACK, len(split) // 6)
    return split.select(order[at:]), split.select(order[:at])


@dataclass
class _Run(Progress):
    """A training under way: after each epoch it keeps the best weights and saves a checkpoint."""

    partial: Path
    model: keras.Model
    state: TrainingState
    progress: Progress
    best: list[NDArray[Any]] = field(default_factory=list)

    def step(self, done: int, total: int | None, what: str = "") -> None:
        self.progress.step(done, total, what)

    def epoch(self, number: int, figures: Mapping[str, float]) -> None:
        self.state = replace(self.state, done=number)
        accuracy, loss = figures["val_accuracy"], figures["val_loss"]
        if (accuracy, -loss) > (self.state.accuracy, -self.state.loss):
            self.state = replace(self.state, best=number, accuracy=accuracy, loss=loss)
            self.best = self.model.get_weights()
        self._save()
        self.progress.epoch(number, figures)

    def keep_best(self, out: Path) -> str:
        """Save the best network, if there is one yet; say which."""
        if not self.best:
            return "no epoch was done, nothing is kept"
        self.model.set_weights(self.best)
        save_model(self.model, out)
        best, accuracy = self.state.best, self.state.accuracy
        return f"the network of epoch {best} ({accuracy:.2%}) is kept in {out}"

    def _save(self) -> None:
        """Save the network with its optimizer, the state and the best weights as one file."""
        with atomic_write(self.partial) as draft:
            self.model.save(draft)
            with zipfile.ZipFile(draft, "a") as archive:
                archive.writestr(STATE, json.dumps(asdict(self.state)))
                with archive.open(BEST, "w") as file:
                    np.savez(file, *self.best)

    @classmethod
    def load(cls, partial: Path, asked: TrainingState, progress: Progress) -> Self:
        """Load a checkpoint of the training that is asked for."""
        if not partial.is_file():
            raise DataError(f"{partial}: no such file, so there is nothing to resume")
        model = load_model(partial, compiled=True)
        try:
            with zipfile.ZipFile(partial) as archive, archive.open(BEST) as file:
                state = TrainingState(**json.loads(archive.read(STATE)))
                best = [*np.load(file, allow_pickle=False).values()]
        except (KeyError, TypeError, ValueError) as error:
            raise DataError(f"{partial}: is no stopped training ({error})") from None
        if state.digits != asked.digits:
            raise DataError(f"{partial}: was begun on other digits; give the same --data")
        for what in ("recipe", "seed", "epochs"):
            was, now = getattr(state, what), getattr(asked, what)
            if was != now:
                raise DataError(
                    f"{partial}: was begun with {what} {was}, not {now}; ask for the same"
                )
        return cls(partial, model, state, progress, best)
