"""The network that ships, and its card."""

import numpy as np
import pytest

from mnist_lab import evaluate, network, synth
from mnist_lab.arrays import DataError
from tools import train_pretrained as shipping


def test_network_that_ships_is_small_and_loaded_once():
    """1.5 MB at most, without what it was trained with, and one object a process."""
    assert network.SHIPPED.stat().st_size <= 1_500_000
    assert network.shipped() is network.shipped()
    assert not network.shipped().compiled


def test_card_is_of_this_network():
    """The card counts the parameters that the file has, and fits a terminal."""
    card = shipping.card()
    assert card["parameters"] == network.shipped().count_params()
    words = shipping.in_words(card)
    assert f"{card['mnist_accuracy']:.2%}" in words
    assert max(map(len, words.splitlines())) <= 100


@pytest.fixture(scope="module")
def photographed():
    """Simulated photos of single digits that it has not seen, with its answers."""
    split = shipping.photographed(100, seed=99)
    return split, network.predict_probabilities(network.shipped(), split.images)


def test_it_reads_photographed_digits(photographed):
    """9 of 10 simulated photos of written digits, at least."""
    split, answers = photographed
    assert evaluate.accuracy(split.labels, answers) > 0.9


def test_it_means_how_sure_it_is(photographed):
    """Its mean confidence is its accuracy, to a few in a hundred."""
    split, answers = photographed
    assert answers.max(axis=1).mean() == pytest.approx(
        evaluate.accuracy(split.labels, answers), abs=0.05
    )


def test_it_doubts_what_is_no_digit():
    """Of letters and scribbles it is sure far less often than of digits."""
    nothing = network.predict_probabilities(network.shipped(), synth.non_digits(300, seed=77))
    digits = synth.write(np.arange(300, dtype=np.uint8) % 10, seed=77)
    known = network.predict_probabilities(network.shipped(), digits)
    assert (nothing.max(axis=1) > 0.9).mean() < 0.2
    assert (known.max(axis=1) > 0.9).mean() > 0.8


def test_it_is_made_of_real_mnist_only(small_folder, tmp_path):
    """Other digits in MNIST's form are refused before anything is trained or written."""
    with pytest.raises(DataError, match="real MNIST"):
        shipping.make(
            tmp_path / "out", data=str(small_folder), labels=tmp_path, say=lambda line: None
        )
    assert not (tmp_path / "out").exists()
