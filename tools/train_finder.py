"""Train the network that finds digits on pages.

It learns from windows of messy pages that are drawn meanwhile, in processes of their own: digits
of MNIST's training part and of the writer, words in this machine's fonts. A night on two
processors. A training that was stopped goes on with the same command.
"""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from mnist_lab.arrays import OptionError
from mnist_lab.files import StrPath
from mnist_lab.progress import SILENT, Progress
from tools.material import Material
from tools.training import Task, run_training
from tools.training_command import run_command
from tools.window_batches import BATCH, WindowBatch, draw_batches, draw_beside, replay

WINDOWS = 420_000
STATE, NETWORK = "state.npz", "finder.keras"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and give its exit status."""
    examples = ("windows", WINDOWS, "to learn from, each about three times")
    return run_command(
        train_finder, examples,
        description=__doc__, state=STATE, arguments=arguments,
    )  # fmt: skip


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
        To learn from, 32 a step; two steps in three are of windows that were seen before.
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
    from tools.finder_cnn import FIGURES, finder_cnn, fold, losses

    @contextmanager
    def batches(first: int) -> Iterator[Iterator[WindowBatch]]:
        with draw_beside(draw_batches, material, seed=seed, workers=workers, first=first) as fresh:
            yield replay(fresh, first, np.random.default_rng((seed, first)))

    task = Task(finder_cnn, losses, FIGURES, trained=3, batch_size=BATCH)
    state = run_training(
        task, Path(out) / STATE, batches, windows // BATCH, seed=seed, progress=progress
    )
    save_model(fold(state.averaged()), Path(out) / NETWORK)
    return Path(out) / NETWORK


if __name__ == "__main__":
    sys.exit(main())
