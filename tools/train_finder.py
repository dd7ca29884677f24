"""Train the network that finds digits on pages.

It learns from windows of messy pages that are drawn meanwhile, in processes of their own: digits
of MNIST's training part and of the writer, words in this machine's fonts. A night on two
processors. A training that was stopped goes on with the same command.
"""

import argparse
import math
import sys
import time
import zipfile
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from mnist_lab.arrays import DataError, MnistLabError, OptionError
from mnist_lab.data import load_mnist
from mnist_lab.files import StrPath, atomic_write
from mnist_lab.progress import SILENT, Interrupts, Progress
from tools.material import Material, by_label, installed_fonts, write_digits
from tools.window_batches import BATCH, WindowBatch, draw_beside, replay

WINDOWS = 420_000
WRITTEN = 2_500  # digits of each label
STATE, NETWORK = "state.npz", "finder.keras"
PEAK_RATE, LAST_RATE = 3e-3, 1e-5  # of the learning rate
WARM_UP = 300  # steps
WEIGHT_DECAY, CLIP_NORM = 1e-4, 5.0
AVERAGED = 0.999  # share of the weights' average that stays at each step ...
AVERAGE_STEPS = 10  # ... which is reckoned every so many
REPORT_STEPS = 200  # between two lines, and two checkpoints


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and give its exit status."""
    args = _parse(arguments)
    from mnist_lab.cli.console import Screen, make_console

    try:
        with Screen(make_console(quiet_stdout=False)) as screen:
            train, _ = load_mnist(args.data, progress=screen)
            fonts = installed_fonts()
            screen.say(
                f"{len(fonts)} fonts" if fonts else "No fonts: words are joined letters only"
            )
            material = Material(by_label(train), write_digits(WRITTEN, seed=args.seed), fonts)
            written = train_finder(
                args.out, material, windows=args.windows, workers=args.workers, seed=args.seed,
                progress=screen,
            )  # fmt: skip
            screen.say(f"Wrote {written}")
    except MnistLabError as error:
        print(f"train_finder: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        state = args.out / STATE
        where = f"from {state}" if state.exists() else "from the beginning"
        print(f"train_finder: stopped; the same command goes on {where}", file=sys.stderr)
        return 130
    return 0


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.train_finder", description=__doc__)
    parser.add_argument("--data", metavar="MNIST", help="the folder of MNIST's files, as elsewhere")
    parser.add_argument(
        "--out", type=Path, required=True, metavar="DIR",
        help=f"where {NETWORK} goes, and meanwhile {STATE}",
    )  # fmt: skip
    numbers = {
        "windows": (WINDOWS, "to learn from, half of them seen again"),
        "workers": (2, "processes that draw windows; with 0 the training draws them itself"),
        "seed": (0, "of the weights, the windows and their order"),
    }
    for name, (default, meaning) in numbers.items():
        parser.add_argument(
            f"--{name}", type=int, default=default, metavar="N", help=f"{meaning} [{default}]"
        )
    return parser.parse_args(arguments)


def train_finder(
    out: StrPath,
    material: Material,
    *,
    windows: int = WINDOWS,
    workers: int = 2,
    seed: int = 0,
    progress: Progress = SILENT,
) -> Path:
    """Train the finder, and write it into a folder; a training found there goes on.

    The same seed and material draw the same batches in the same order, however many workers
    there are. The weights are the same too where TensorFlow adds up in the same order, as it
    does on the same machine. A training that was stopped differs from one that was not: what
    it had seen lately is not seen again.

    Parameters
    ----------
    out : str or PathLike
        The folder for ``finder.keras`` and, every 200 steps, ``state.npz``.
    material : Material
        What windows are made of.
    windows : int
        To learn from, 32 a step; every other step is of windows that were seen before.
    workers : int
        Processes that draw windows; with 0 the training draws them itself.
    seed : int
        Of the weights, the windows and their order.

    Returns
    -------
    Path
        ``finder.keras``: averaged weights, float32, batch normalisation folded into the
        convolutions.

    Raises
    ------
    OptionError
        There are not enough windows for a step, or fewer than no workers.
    DataError
        ``state.npz`` is not of such a training.
    MnistLabError
        A worker died, or the training diverged.
    """
    if windows < BATCH or workers < 0:
        raise OptionError(
            f"expected at least {BATCH} windows and no less than 0 workers, "
            f"got {windows} and {workers}"
        )
    from mnist_lab.network import save_model
    from tools.finder_cnn import fold

    saved, steps = Path(out) / STATE, windows // BATCH
    state = TrainingState.new(seed)
    if saved.exists():
        state.load(saved)
        progress.say(f"Going on from step {state.step:,}")
    first = state.step  # never draws again what was drawn before
    with (
        Interrupts() as interrupts,
        draw_beside(material, seed=seed, workers=workers, first=first) as fresh,
    ):
        batches = replay(fresh, first, np.random.default_rng((seed, first)))
        for figures in _train(state, batches, steps, progress):
            interrupts.check()
            if state.step % REPORT_STEPS == 0 or state.step == steps:
                progress.say(f"step {state.step:,}/{steps:,}  {figures}")
                state.save(saved)
    save_model(fold(state.averaged()), Path(out) / NETWORK)
    return Path(out) / NETWORK


@dataclass
class TrainingState:
    """A training as it stands: a network, its optimizer, and the average of its weights."""

    model: Any
    optimizer: Any
    average: list[NDArray[np.float32]]
    step: int = 0

    @classmethod
    def new(cls, seed: int) -> Self:
        """A network that has learnt nothing, in bfloat16 where that is quicker."""
        from mnist_lab.network import Recipe
        from mnist_lab.network._keras import keras, random_state
        from tools.finder_cnn import finder_cnn

        recipe = Recipe(finder_cnn, epochs=1, batch_size=BATCH, mixed_precision=True)
        with random_state(seed):
            model = recipe.new()
        optimizer = keras.optimizers.AdamW(PEAK_RATE, weight_decay=WEIGHT_DECAY, clipnorm=CLIP_NORM)
        optimizer.build(model.trainable_variables)
        return cls(model, optimizer, [weight.copy() for weight in model.get_weights()])

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
        from tools.finder_cnn import finder_cnn

        model = finder_cnn()
        model.set_weights(self.average)
        return model


def _train(
    state: TrainingState, batches: Iterator[WindowBatch], steps: int, progress: Progress
) -> Iterator[str]:
    """Take the steps that are left; after each, tell how the latest went."""
    from tools.finder_cnn import FIGURES

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
        speed = BATCH * (state.step - first) / (time.monotonic() - began)
        figures = [f"{name} {mean:.3f}" for name, mean in zip(FIGURES, means, strict=True)]
        yield "  ".join([*figures, f"{speed:.0f} windows/s"])


def _make_step(state: TrainingState) -> Callable[[WindowBatch], NDArray[np.float32]]:
    """A function that learns from a batch and gives `losses`, compiled by TensorFlow."""
    import tensorflow as tf

    from tools.finder_cnn import losses

    model, optimizer = state.model, state.optimizer

    def learn(views: Any, wanted: Any) -> Any:
        with tf.GradientTape() as tape:
            figures = losses(tf.cast(model(views[..., None], training=True), tf.float32), wanted)
            loss = tf.reduce_sum(figures[:3])
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
        return figures

    compiled = tf.function(learn)
    return lambda batch: compiled(*(each.astype(np.float32) for each in batch)).numpy()


def learning_rate(step: int, steps: int) -> float:
    """It rises during the first steps, and falls in half a cosine to the last (Loshchilov 2017)."""
    fall = 0.5 + 0.5 * math.cos(math.pi * step / steps)
    return PEAK_RATE * min(1.0, (step + 1) / WARM_UP) * fall + LAST_RATE


if __name__ == "__main__":
    sys.exit(main())
