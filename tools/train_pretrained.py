"""The network that ships: how it is made again, and the card that says what it is."""

import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from benchmarks.scans import bench_scans
from mnist_lab import synth
from mnist_lab.arrays import DataError, Split
from mnist_lab.data.mnist import load_mnist
from mnist_lab.evaluate import accuracy, calibration, temperature
from mnist_lab.files import atomic_write
from mnist_lab.network.training import hold_back
from mnist_lab.reading import scan

WRITTEN = 25_000  # digits written by the program, beside MNIST's
CLUTTER = 6_000  # things that are no digit
PHOTOS = 1_500  # simulated photos of one digit, to set the temperature on
EPOCHS = 20
CARD = Path(__file__).parent / "weights" / "card.json"


def card() -> dict[str, Any]:
    """What is known of the network that ships: how it was made, and its figures."""
    return json.loads(CARD.read_text(encoding="utf-8"))


def in_words(card: dict[str, Any]) -> str:
    """The card for a reader."""
    learnt, scans = card["learnt_from"], card["scans"]
    single, several = scans["single"]["all"]["read"], scans["multi"]["all"]
    return f"""\
The network that ships: shipped_cnn, {card["parameters"]:,} parameters.

It reads {card["mnist_accuracy"]:.2%} of MNIST's test part (calibration error \
{card["mnist_calibration_error"]:.2%}). Of real pictures by other
people, photographed, scanned and drawn, it reads {single:.1%} of single digits (calibration
error {scans["sureness"]["calibration_error"]:.1%}); where there are several, \
{several["entirely_right"]:.1%} of the pictures entirely
right, with {several["error_rate"]:.1%} of the digits wrong, missed or made up.

Learnt from {learnt["MNIST"]:,} digits of MNIST's training part, {learnt["written"]:,} digits \
written by the
program, and {learnt["no digit"]:,} things that are no digit (letters, scribbles, rulings), in
{card["epochs"]} epochs, each digit distorted anew in each. Its temperature, \
{card["temperature"]:.2f}, was set on
5,000 digits held back and on simulated photos.

Not for: anything that counts. It reads single digits 0 to 9 in Western ways of writing; it
does not know letters, signs or printed figures, and where it was not taught to doubt it may
be sure and wrong.

Made by:
  mnist-lab weights --make DIR --data MNIST --labels labels.csv"""


def make(
    folder: Path,
    *,
    data: str | None,
    labels: Path,
    epochs: int = EPOCHS,
    say: Callable[[str], None],
    on_step: Callable[[int, int], None] | None = None,
    on_epoch: Callable[[int, dict[str, float]], None] | None = None,
) -> dict[str, Any]:
    """Make the network that ships, and its card.

    It learns from MNIST's training part but 5,000 digits, from written digits, and from
    things that are no digit, for which all ten answers are equally right. Its temperature
    is set on the 5,000 and on simulated photos; MNIST's test part and the pictures of
    `labels` are measured on once, at the end.

    Parameters
    ----------
    folder : Path
        Where ``shipped.keras`` and ``card.json`` go.
    data : str or None
        As for `mnist.load_mnist`; it must be the real MNIST.
    labels : Path
        As for `bench_scans`.
    epochs : int
        Rounds through all digits.
    say, on_step, on_epoch : callable
        Take lines of what is done, and the progress, as for `network.fit`.

    Returns
    -------
    dict
        The card.

    Raises
    ------
    DataError
        The data is not the real MNIST, or the list of pictures cannot be read.
    """
    from mnist_lab import network

    train, test = load_mnist(data, say=say)
    if not (train.provenance and train.provenance.verified):
        raise DataError("the network that ships learns from real MNIST: mnist-lab data --download")
    learn, held = hold_back(train, seed=0)
    say("Writing digits, and what is none ...")
    written, _ = synth.make_split(WRITTEN, 10, seed=2, even=True)
    nothing = synth.non_digits(CLUTTER, seed=0)
    digits = np.concatenate([learn.images, written.images, nothing])
    targets = np.concatenate(
        [
            network.one_hot(np.concatenate([learn.labels, written.labels])),
            np.full((CLUTTER, 10), 0.1, np.float32),
        ]
    )
    # all digits in each epoch: of the worst read, most would be no digit at all
    recipe = replace(network.RECIPES["strong"], share=1.0)
    network.set_seed(0)
    model = network.shipped_cnn()
    recipe.compile(model, len(digits), epochs)
    batches = network.Batches(
        digits, targets, batch_size=recipe.batch_size, seed=0, strength=recipe.strength
    )
    network.fit_batches(
        model, batches, validation=held, epochs=epochs, on_step=on_step, on_epoch=on_epoch
    )
    say("Setting its temperature ...")
    known = photographed(PHOTOS, seed=0)
    both = Split(
        np.concatenate([held.images, known.images]), np.concatenate([held.labels, known.labels])
    )
    degrees = temperature(both.labels, network.predict_probabilities(model, both.images))
    network.cool(model, degrees)
    answers = network.predict_probabilities(model, test.images)
    found = {
        "parameters": model.count_params(),
        "epochs": epochs,
        "learnt_from": {"MNIST": len(learn), "written": WRITTEN, "no digit": CLUTTER},
        "temperature": degrees,
        "mnist_accuracy": accuracy(test.labels, answers),
        "mnist_calibration_error": calibration(test.labels, answers).error,
        "scans": bench_scans(labels=labels, model=model, say=say),
    }
    network.save(model, folder / "shipped.keras")
    with atomic_write(folder / "card.json") as draft:
        draft.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return found


def photographed(n: int, *, seed: int) -> Split:
    """Digits written by the program, photographed or scanned, and found again by the reader."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(10, size=n, dtype=np.uint8)
    looks = [(sheet, camera) for sheet in PAPERS for camera in (synth.SCANNER, synth.PHONE)]
    digits, kept = [], []
    for number, label in enumerate(labels):
        sheet, camera = looks[number % len(looks)]
        hand = partial(synth.write_strokes, writer=synth.Writer((seed, number)))
        drawing = synth.lay_out(str(label), hand, seed=number)
        picture, _ = synth.photograph(drawing, seed=number, paper=sheet, camera=camera)
        reading = scan.read_one(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY))
        if len(reading):
            digits.append(reading.digits[0])
            kept.append(label)
    return Split(np.stack(digits), np.array(kept, np.uint8))


PAPERS = synth.PLAIN, synth.RULED, synth.SQUARED, synth.RECYCLED
