"""Put the finder and the segmenter that were trained into the package, and write their card.

The folder is the one that ``tools.train_finder`` and ``tools.train_segmenter`` wrote into.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mnist_lab.arrays import DataError, MnistLabError
from mnist_lab.files import write_text
from mnist_lab.progress import SILENT, Progress
from tools import train_finder, train_segmenter
from tools.crops import BATCH as CROPS
from tools.material import installed_fonts
from tools.window_batches import BATCH as WINDOWS

if TYPE_CHECKING:
    from mnist_lab.network import FindingCard


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and give its exit status."""
    parser = argparse.ArgumentParser(prog="python -m tools.ship_finding", description=__doc__)
    parser.add_argument("folder", type=Path, metavar="DIR", help="where both were trained")
    parser.add_argument(
        "--labels", type=Path, metavar="CSV", help="a list of real pictures to measure on"
    )
    args = parser.parse_args(arguments)
    from mnist_lab.cli.console import Screen, make_console

    try:
        with Screen(make_console(quiet_stdout=False)) as screen:
            print(ship(args.folder, labels_csv=args.labels, progress=screen))
    except MnistLabError as error:
        print(f"ship_finding: {error}", file=sys.stderr)
        return 1
    return 0


def ship(
    folder: Path, *, labels_csv: Path | None = None, progress: Progress = SILENT
) -> "FindingCard":
    """Copy both networks into the package, and write their card beside them.

    Raises
    ------
    DataError
        One of them was not trained to the end, or the list of pictures cannot be read.
    """
    from benchmarks.scans import bench_scans
    from mnist_lab.network import FindingCard, finding, load_network, save_model

    trainings = (
        (finding.FINDER, folder / train_finder.NETWORK, folder / train_finder.STATE),
        (finding.SEGMENTER, folder / train_segmenter.NETWORK, folder / train_segmenter.STATE),
    )
    for _, trained, state in trainings:
        if not (trained.is_file() and state.is_file()):
            raise DataError(f"{trained}: no such network; train it to the end first")
    steps = []
    for shipped, trained, state in trainings:
        save_model(_half_precise(load_network(trained)), shipped)
        with np.load(state) as kept:
            steps.append(int(kept["step"]))
    card = FindingCard(
        finder_parameters=finding.load_finder().count_params(),
        segmenter_parameters=finding.load_segmenter().count_params(),
        windows=WINDOWS * steps[0],
        crops=CROPS * steps[1],
        fonts=len(installed_fonts()),
        scans=bench_scans(labels_csv=labels_csv, model=None, progress=progress)
        if labels_csv
        else None,
    )
    write_text(finding.CARD, json.dumps(asdict(card), indent=1) + "\n")
    return card


def _half_precise(model: Any) -> Any:
    """The network with weights that float16 holds as they are, as the browser is sent them."""
    model.set_weights(
        [weight.astype(np.float16).astype(weight.dtype) for weight in model.get_weights()]
    )
    return model


if __name__ == "__main__":
    sys.exit(main())
