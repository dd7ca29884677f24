"""Train the pretrained network again, calibrate and measure it, and write its card.

Minutes on real MNIST, which it needs. What it writes, ``pretrained.keras`` and ``card.json``,
belongs into ``mnist_lab/network/weights``.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from mnist_lab import synth
from mnist_lab.arrays import DataError, Digits, Labels, MnistLabError, Split, check_image
from mnist_lab.data import load_mnist
from mnist_lab.evaluate import accuracy, calibration, temperature
from mnist_lab.files import StrPath, write_text
from mnist_lab.progress import SILENT, Progress
from mnist_lab.reading import find_digits

if TYPE_CHECKING:
    from mnist_lab.network import ModelCard

SYNTHETIC_DIGITS = 25_000  # beside MNIST's
NON_DIGITS = 6_000
PHOTOS = 1_500  # simulated photos of one digit, to fit the temperature on
EPOCHS = 20
PAPERS = synth.PLAIN, synth.RULED, synth.SQUARED, synth.RECYCLED


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and give its exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.train_pretrained", description=(__doc__ or "").replace("``", "")
    )
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where both go")
    parser.add_argument("--data", metavar="MNIST", help="the folder of MNIST's files, as elsewhere")
    args = parser.parse_args(arguments)
    from mnist_lab.cli.console import Screen, make_console

    try:
        with Screen(make_console(quiet_stdout=False)) as screen:
            print(train_pretrained(args.out, data=args.data, progress=screen))
    except MnistLabError as error:
        print(f"train_pretrained: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("train_pretrained: stopped; nothing was written", file=sys.stderr)
        return 130
    return 0


def train_pretrained(
    out: StrPath,
    *,
    data: str | None,
    epochs: int = EPOCHS,
    progress: Progress = SILENT,
) -> "ModelCard":
    """Train the pretrained network, and write it and its card into a folder.

    It learns from MNIST's training part but 5,000 digits, from synthetic digits, and from
    non-digits, whose target is uniform. Its temperature is fitted on the 5,000 and on
    simulated photos; MNIST's test part is measured on once, at the end.

    Parameters
    ----------
    out : str or PathLike
        The folder for ``pretrained.keras`` and ``card.json``.
    data : str or None
        As for `load_mnist`; it must be the real MNIST.
    epochs : int
        Rounds through all digits.

    Raises
    ------
    DataError
        The data is not the real MNIST.
    """
    from mnist_lab import network

    train, test = load_mnist(data, progress=progress)
    if not (train.provenance and train.provenance.verified):
        raise DataError("the pretrained network needs real MNIST: mnist-lab data --download")
    learn, held = network.hold_back(train, seed=0)
    progress.say("Writing digits and non-digits ...")
    written, _ = synth.make_split(SYNTHETIC_DIGITS, 10, seed=2, even=True)
    others = synth.non_digits(NON_DIGITS, seed=0)
    digits = Digits(np.concatenate([learn.images, written.images, others]))
    known = network.one_hot(Labels(np.concatenate([learn.labels, written.labels])))
    targets = np.concatenate([known, np.full((NON_DIGITS, 10), 0.1, np.float32)])
    recipe = network.RECIPES["strong"]
    network.set_seed(0)
    model = network.pretrained_cnn()
    # all digits in each epoch: of the worst read, most would be non-digits
    replace(recipe, epoch_fraction=1.0).compile(model, len(digits), epochs)
    batches = network.Batches(
        digits, targets, batch_size=recipe.batch_size, seed=0,
        augment_strength=recipe.augment_strength,
    )  # fmt: skip
    network.fit_batches(model, batches, validation=held, epochs=epochs, progress=progress)
    progress.say("Fitting the temperature ...")
    photos = photograph_digits(PHOTOS, seed=0)
    labels = Labels(np.concatenate([held.labels, photos.labels]))
    both = Digits(np.concatenate([held.images, photos.images]))
    degrees = temperature(labels, network.predict_probabilities(model, both))
    network.apply_temperature(model, degrees)
    answers = network.predict_probabilities(model, test.images)
    card = network.ModelCard(
        parameters=model.count_params(),
        epochs=epochs,
        learnt_from={"MNIST": len(learn), "written": SYNTHETIC_DIGITS, "no digit": NON_DIGITS},
        temperature=degrees,
        mnist_accuracy=accuracy(test.labels, answers),
        mnist_calibration_error=calibration(test.labels, answers).error,
    )
    network.save_model(model, Path(out) / "pretrained.keras")
    write_text(Path(out) / "card.json", json.dumps(asdict(card), indent=1) + "\n")
    return card


def photograph_digits(n: int, *, seed: int) -> Split:
    """Digits written by a program, photographed or scanned, and found again by the reader.

    Those in whose picture no digit is found are left out.
    """
    rng = np.random.default_rng(seed)
    labels = rng.integers(10, size=n, dtype=np.uint8)
    looks = [(sheet, camera) for sheet in PAPERS for camera in (synth.SCANNER, synth.PHONE)]
    digits, kept = [], []
    for number, label in enumerate(labels):
        sheet, camera = looks[number % len(looks)]
        hand = partial(synth.write_strokes, writer=synth.Writer((seed, number)))
        page = synth.lay_out(str(label), hand, seed=number)
        picture, _ = synth.photograph(page, seed=number, paper=sheet, camera=camera)
        reading = find_digits(check_image(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)), single=True)
        if len(reading):
            digits.append(reading.digits[0])
            kept.append(label)
    return Split(Digits(np.stack(digits)), Labels(np.array(kept, np.uint8)))


if __name__ == "__main__":
    sys.exit(main())
