"""Trainings that go on where they were stopped, and average their weights."""

import math
import time
import zipfile
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from mnist_lab.arrays import DataError, MnistLabError
from mnist_lab.files import StrPath, atomic_write
from mnist_lab.progress import SILENT, Interrupts, Progress

PEAK_RATE, LAST_RATE = 3e-3, 1e-5  # of the learning rate
WARM_UP = 300  # steps
WEIGHT_DECAY, CLIP_NORM = 1e-4, 5.0
AVERAGED = 0.999  # share of the weights' average that stays at each step ...
AVERAGE_STEPS = 10  # ... which is reckoned every so many
REPORT_STEPS = 200  # between two lines, and two checkpoints


@dataclass(frozen=True)
class Task:
    """What is to be learnt.

    Attributes
    ----------
    build : callable
        A new network; called with nothing.
    losses : callable
        From a network's answers and what was wanted to a tensor of `figures`.
    figures : tuple of str
        Their names.
    trained : int
        How many of them, from the first on, are losses to be made small.
    batch_size : int
        Examples a step.
    """

    build: Callable[[], Any]
    losses: Callable[[Any, Any], Any]
    figures: tuple[str, ...]
    trained: int
    batch_size: int


def run_training(
    task: Task,
    saved: Path,
    batches: Callable[[int], Any],
    steps: int,
    *,
    seed: int,
    progress: Progress = SILENT,
) -> "TrainingState":
    """Train from the state in `saved`, or from the beginning, up to so many steps.

    `batches` is given the step that comes next, and gives a context that draws batches from
    there on: a view each first, then what is wanted of it.

    Raises
    ------
    DataError
        `saved` is not of such a training.
    MnistLabError
        The training diverged, or drawing failed.
    """
    state = TrainingState.new(task, seed)
    if saved.exists():
        state.load(saved)
        progress.say(f"Going on from step {state.step:,}")
    with Interrupts() as interrupts, batches(state.step) as drawn:
        for figures in _train(state, drawn, steps, progress):
            interrupts.check()
            if state.step % REPORT_STEPS == 0 or state.step == steps:
                progress.say(f"step {state.step:,}/{steps:,}  {figures}")
                state.save(saved)
    return state


@dataclass
class TrainingState:
    """A training as it stands: a network, its optimizer, and the average of its weights."""

    task: Task
    model: Any
    optimizer: Any
    average: list[NDArray[np.float32]]
    step: int = 0

    @classmethod
    def new(cls, task: Task, seed: int) -> Self:
        """A network that has learnt nothing, in bfloat16 where that is quicker."""
        from mnist_lab.network import Recipe
        from mnist_lab.network._keras import keras, random_state

        recipe = Recipe(task.build, epochs=1, batch_size=task.batch_size, mixed_precision=True)
        with random_state(seed):
            model = recipe.new()
        optimizer = keras.optimizers.AdamW(PEAK_RATE, weight_decay=WEIGHT_DECAY, clipnorm=CLIP_NORM)
        optimizer.build(model.trainable_variables)
        return cls(task, model, optimizer, [weight.copy() for weight in model.get_weights()])

    def save(self, path: StrPath) -> None:
        """Write it whole: step, and arrays w0 (weights), a0 (average), o0 (optimizer) and on."""
        groups = {
            "w": self.model.get_weights(),
            "a": self.average,
            "o": [np.asarray(variable) for variable in self.optimizer.variables],
        }
        arrays = {f"{k}{n}": array for k, group in groups.items() for n, array in enumerate(group)}
        with atomic_write(path) as draft:
            np.savez(draft, step=self.step, **arrays)

    def load(self, path: StrPath) -> None:
        """Become what was saved; DataError if that is something else."""
        try:
            with Path(path).open("rb") as file, np.load(file) as kept:
                self.model.set_weights([kept[f"w{n}"] for n in range(len(self.average))])
                self.average = [kept[f"a{n}"] for n in range(len(self.average))]
                for n, variable in enumerate(self.optimizer.variables):
                    variable.assign(kept[f"o{n}"])
                self.step = int(kept["step"])
        except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
            reason = str(error).splitlines()[0]
            raise DataError(
                f"{path}: is no state of this training ({reason}); move it away to begin anew"
            ) from None

    def update_average(self) -> None:
        """Move the average towards the weights, by as much as AVERAGE_STEPS steps are worth."""
        stays = min(AVERAGED, (1 + self.step) / (10 + self.step)) ** AVERAGE_STEPS
        for mean, weight in zip(self.average, self.model.get_weights(), strict=True):
            mean += (1 - stays) * (weight - mean)  # noqa: PLW2901 - in place

    def averaged(self) -> Any:
        """The network with averaged weights, in float32."""
        model = self.task.build()
        model.set_weights(self.average)
        return model


def _train(
    state: TrainingState, batches: Iterator[Any], steps: int, progress: Progress
) -> Iterator[str]:
    """Take the steps that are left; after each, tell how the latest went."""
    take_step = _make_step(state)
    latest: deque[NDArray[np.float32]] = deque(maxlen=REPORT_STEPS)
    began, first = time.monotonic(), state.step
    while state.step < steps:
        state.optimizer.learning_rate.assign(learning_rate(state.step, steps))
        latest.append(take_step(next(batches)))
        state.step += 1
        if state.step % AVERAGE_STEPS == 0:
            state.update_average()
        progress.step(state.step, steps, "training")
        means = np.mean(latest, axis=0)
        if not np.isfinite(means).all():
            raise MnistLabError("the training diverged; give another --seed, or go on from before")
        speed = state.task.batch_size * (state.step - first) / (time.monotonic() - began)
        figures = [
            f"{name} {mean:.3f}" for name, mean in zip(state.task.figures, means, strict=True)
        ]
        yield "  ".join([*figures, f"{speed:.0f} a second"])


def _make_step(state: TrainingState) -> Callable[[Any], NDArray[np.float32]]:
    """A function that learns from a batch and gives the task's figures, compiled."""
    import tensorflow as tf

    task, model, optimizer = state.task, state.model, state.optimizer

    def learn(views: Any, wanted: Any) -> Any:
        with tf.GradientTape() as tape:
            answers = model(views[..., None], training=True)
            figures = task.losses(tf.nest.map_structure(_single_precision, answers), wanted)
            loss = tf.reduce_sum(figures[: task.trained])
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
        return figures

    def _single_precision(tensor: Any) -> Any:
        return tf.cast(tensor, tf.float32)

    compiled = tf.function(learn)

    def take_step(batch: Any) -> NDArray[np.float32]:
        views, *wanted = (each.astype(np.float32) for each in batch)
        return np.asarray(compiled(views, wanted[0] if len(wanted) == 1 else wanted))

    return take_step


def learning_rate(step: int, steps: int) -> float:
    """It rises during the first steps, and falls in half a cosine to the last (Loshchilov 2017)."""
    fall = 0.5 + 0.5 * math.cos(math.pi * step / steps)
    return PEAK_RATE * min(1.0, (step + 1) / WARM_UP) * fall + LAST_RATE
