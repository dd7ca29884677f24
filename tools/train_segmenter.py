"""Train the network that takes a second look at what was found on a page.

It learns from crops of the same messy windows as the finder: which ink is the digit's own, and
which digit it is, or none, as of much that the finder takes for digits: the one that was trained
into the same folder, else the one that ships. An hour or two on two processors. A training that
was stopped goes on with the same command.
"""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from mnist_lab.arrays import OptionError
from mnist_lab.files import StrPath
from mnist_lab.progress import SILENT, Progress
from tools import train_finder
from tools.crops import BATCH, CropBatch, draw_crops
from tools.material import Material
from tools.training import Task, run_training
from tools.training_command import run_command
from tools.window_batches import draw_beside

CROPS = 1_000_000
STATE, NETWORK = "segmenter_state.npz", "segmenter.keras"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and give its exit status."""
    examples = ("crops", CROPS, "to learn from")
    return run_command(
        train_segmenter, examples,
        description=__doc__, state=STATE, arguments=arguments,
    )  # fmt: skip


def train_segmenter(
    out: StrPath,
    material: Material,
    *,
    crops: int = CROPS,
    workers: int = 2,
    seed: int = 0,
    progress: Progress = SILENT,
) -> Path:
    """Train the segmenter, and write it into a folder; a training found there goes on.

    Parameters and errors are those of `train_finder`, with crops for windows: 128 a step.

    Returns
    -------
    Path
        ``segmenter.keras``: averaged weights, float32, batch normalisation folded into the
        convolutions.
    """
    if crops < BATCH or workers < 0:
        raise OptionError(
            f"expected at least {BATCH} crops and no less than 0 workers, got {crops} and {workers}"
        )
    from mnist_lab.network import save_model
    from mnist_lab.network.finding import FINDER
    from tools.finder_cnn import fold_weights
    from tools.segmenter_cnn import FIGURES, losses, segmenter_cnn

    @contextmanager
    def batches(first: int) -> Iterator[Iterator[CropBatch]]:
        with draw_beside(draw, material, seed=seed, workers=workers, first=first) as drawn:
            yield drawn

    finder = Path(out) / train_finder.NETWORK
    draw = partial(draw_crops, finder=finder if finder.exists() else FINDER)
    task = Task(segmenter_cnn, losses, FIGURES, trained=2, batch_size=BATCH)
    state = run_training(
        task, Path(out) / STATE, batches, crops // BATCH, seed=seed, progress=progress
    )
    folded = segmenter_cnn(folded=True)
    fold_weights(state.averaged(), folded)
    save_model(folded, Path(out) / NETWORK)
    return Path(out) / NETWORK


if __name__ == "__main__":
    sys.exit(main())
