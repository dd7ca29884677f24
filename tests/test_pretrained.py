"""The pretrained network, its card, and the script that makes both."""

import dataclasses
import random

import numpy as np
import pytest

from mnist_lab import evaluate, network
from mnist_lab.synth import handwriting, non_digits
from tools import ship_finding, train_pretrained


def test_pretrained_network_is_small_and_not_compiled():
    """1.5 MB at most, without what it was trained with, of the architecture it is said to be."""
    from mnist_lab.network.pretrained import PRETRAINED

    model = network.load_pretrained()
    assert PRETRAINED.stat().st_size <= 1_500_000 and not model.compiled
    assert network.describe_layers(model) == network.describe_layers(network.pretrained_cnn())


def test_who_changes_a_pretrained_network_changes_nobody_else_s(small):
    """Every load is a network of its own; what answers where none is given stays as it was."""
    digits = small[1].images[:20]
    mine, other = network.load_pretrained(), network.load_pretrained()
    before = network.predict_probabilities(None, digits)
    mine.set_weights([0 * weights for weights in mine.get_weights()])
    for model in (None, other, network.load_pretrained()):
        assert (network.predict_probabilities(model, digits) == before).all()
    assert not np.allclose(network.predict_probabilities(mine, digits), before)


def test_loading_draws_no_chance_of_the_caller_s():
    """What follows a seed is the same, whether a network was loaded in between or not."""
    random.seed(7)
    expected = random.random()
    random.seed(7)
    network.load_pretrained()
    assert random.random() == expected


def test_card_is_of_this_network():
    """The cards count the parameters that the files have, and fit a terminal."""
    card = network.pretrained_card()
    assert card.parameters == network.load_pretrained().count_params()
    finding = network.finding_card()
    assert finding.finder_parameters == network.load_finder().count_params()
    assert finding.segmenter_parameters == network.load_segmenter().count_params()
    lines = str(card).splitlines()
    assert max(map(len, lines + str(finding).splitlines())) <= 100
    words = " ".join(lines)
    assert f"{card.mnist_accuracy:.2%}" in words
    assert f"ECE {card.mnist_calibration_error:.1%} on MNIST" in words


def test_card_without_pictures_is_a_card():
    """One that was measured without a list of pictures says nothing of them, and the rest alike."""
    card = network.finding_card()
    bare = str(dataclasses.replace(card, scans=None))
    assert "Real pictures" in str(card) and "Real pictures" not in bare
    assert set(bare.split("\n\n")) < set(str(card).split("\n\n"))


def test_ones_own_network_is_used_where_there_is_one(tmp_path, capsys):
    """The file beside the notebook, else the pretrained network; a line says which, and why."""
    path = tmp_path / "my_network.keras"
    kit = network.load_pretrained().count_params()
    assert network.load_own(path).count_params() == kit
    path.write_text("a page that says: not found")
    assert network.load_own(path).count_params() == kit
    network.save_model(network.course_cnn(), path)
    assert network.load_own(path).count_params() == 90_170
    said = " ".join(capsys.readouterr().out.split())
    assert "is not here: this is the pretrained network of the kit." in said
    assert "is no .keras file" in said and said.count("pretrained network of the kit.") == 2
    assert said.endswith("your own network, 90,170 parameters.")


@pytest.fixture(scope="module")
def photographed():
    """Simulated photos of single digits that it has not seen, with its answers."""
    split = train_pretrained.photograph_digits(100, seed=99)
    return split, network.predict_probabilities(network.load_pretrained(), split.images)


def test_it_reads_photographed_digits(photographed):
    """9 of 10 simulated photos of written digits, at least."""
    split, answers = photographed
    assert evaluate.accuracy(split.labels, answers) > 0.9


def test_it_is_calibrated(photographed):
    """Its mean confidence is its accuracy, to a few in a hundred."""
    split, answers = photographed
    assert answers.max(axis=1).mean() == pytest.approx(
        evaluate.accuracy(split.labels, answers), abs=0.05
    )


def test_it_is_not_confident_of_non_digits():
    """Of letters and scribbles it is confident far less often than of digits."""
    nothing = network.predict_probabilities(None, non_digits(300, seed=77))
    digits = handwriting.write(np.arange(300, dtype=np.uint8) % 10, seed=77)
    known = network.predict_probabilities(None, digits)
    assert (nothing.max(axis=1) > 0.9).mean() < 0.2
    assert (known.max(axis=1) > 0.9).mean() > 0.8


def test_what_cannot_train_it_is_one_line(small_folder, tmp_path, capsys):
    """Other digits in MNIST's form: refused before anything is trained or written."""
    asked = ["--out", str(tmp_path / "out"), "--data", str(small_folder)]
    assert train_pretrained.main(asked) == 1
    error = capsys.readouterr().err
    assert "needs real MNIST" in error and error.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_what_was_not_trained_is_not_shipped(tmp_path, capsys):
    """A folder without networks is one line, and the package stays as it is."""
    before = network.load_finder().get_weights()[0]
    assert ship_finding.main([str(tmp_path)]) == 1
    error = capsys.readouterr().err
    assert "train it to the end first" in error and error.count("\n") == 1
    assert (network.load_finder().get_weights()[0] == before).all()


def test_script_has_help(capsys):
    """Every option of the script has a word of help."""
    with pytest.raises(SystemExit, match="0"):
        train_pretrained.main(["--help"])
    said = capsys.readouterr().out
    assert all(option in said for option in ("--out DIR", "--data MNIST"))
