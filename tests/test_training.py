"""A training that is stopped, resumed, or goes wrong."""

import dataclasses
import zipfile

import keras
import numpy as np
import pytest

from mnist_lab import network
from mnist_lab.arrays import DataError, OptionError
from mnist_lab.progress import Progress


def same(one, other):
    """Whether two networks hold the same numbers."""
    pairs = zip(
        network.load_model(one).get_weights(), network.load_model(other).get_weights(), strict=True
    )
    return all((a == b).all() for a, b in pairs)


class StopAfter(Progress):
    """Stands in for Ctrl-C in the first step after so many epochs."""

    def __init__(self, epochs):
        self.epochs, self.seen = epochs, []

    def step(self, *_):
        if len(self.seen) == self.epochs:
            raise KeyboardInterrupt

    def epoch(self, _, figures):
        self.seen.append(figures)


@pytest.mark.parametrize("recipe", ["course", "strong"])
def test_stopped_and_resumed_is_the_same_as_in_one_go(small, tmp_path, recipe):
    """Order, distortion, dropout and optimizer go on as if nothing had happened."""
    whole, parts = tmp_path / "whole.keras", tmp_path / "parts.keras"
    network.train(recipe, small[0], out=whole, seed=4, epochs=3)
    with pytest.raises(network.TrainingInterrupted, match="epoch 1"):
        network.train(recipe, small[0], out=parts, seed=4, epochs=3, progress=StopAfter(1))
    done = network.train(recipe, small[0], out=parts, seed=4, epochs=3, resume=True)
    assert done.done == 3 and same(whole, parts)
    assert [path.name for path in tmp_path.iterdir() if "partial" in path.name] == []


def test_stopping_keeps_the_best_network_so_far(small, tmp_path):
    """What is saved reads the held-back digits as well as the best epoch's line said."""
    out, stop = tmp_path / "n.keras", StopAfter(2)
    with pytest.raises(network.TrainingInterrupted, match=r"kept in .*n\.keras; --resume"):
        network.train("course", small[0], out=out, epochs=4, progress=stop)
    assert not network.load_model(out, compiled=True).compiled  # the network and no more
    held = network.hold_back(small[0], seed=0)[1]
    answers = network.predict_probabilities(network.load_model(out), held.images)
    best = max(line["val_accuracy"] for line in stop.seen)
    assert (answers.argmax(1) == held.labels).mean() == pytest.approx(best)


def test_stopping_before_the_first_epoch_leaves_nothing(small, tmp_path):
    """No file, and the message says so."""
    with pytest.raises(network.TrainingInterrupted, match="nothing is kept"):
        network.train("course", small[0], out=tmp_path / "n.keras", progress=StopAfter(0))
    assert list(tmp_path.iterdir()) == []


def test_a_stopped_training_is_not_lost_nor_mixed_up(small, tmp_path):
    """Beginning anew, or resuming with other settings, is refused and changes nothing."""
    out = tmp_path / "n.keras"
    with pytest.raises(DataError, match="nothing to resume"):
        network.train("course", small[0], out=out, resume=True)
    with pytest.raises(network.TrainingInterrupted):
        network.train("course", small[0], out=out, epochs=2, progress=StopAfter(1))
    partial = (tmp_path / "n.partial.keras").read_bytes()
    with pytest.raises(DataError, match="--resume, or delete it"):
        network.train("course", small[0], out=out, epochs=2)
    with pytest.raises(DataError, match="begun with seed 0, not 1"):
        network.train("course", small[0], out=out, epochs=2, seed=1, resume=True)
    assert (tmp_path / "n.partial.keras").read_bytes() == partial


def test_resuming_on_other_digits_or_by_no_recipe_is_refused(small, tmp_path):
    """One line that says what to give; what was stopped stays."""
    out = tmp_path / "n.keras"
    with pytest.raises(network.TrainingInterrupted):
        network.train("course", small[0], out=out, epochs=2, progress=StopAfter(1))
    with pytest.raises(DataError, match="begun on other digits"):
        network.train("course", small[1], out=out, epochs=2, resume=True)
    with pytest.raises(OptionError, match="course, fast, strong, got 'slow'"):
        network.train("slow", small[0], out=out)
    assert (tmp_path / "n.partial.keras").exists()


def test_a_loss_that_is_no_number_stops_the_training(small, tmp_path, monkeypatch):
    """The step is named, and no network of nothing is left."""
    wild = dataclasses.replace(network.RECIPES["fast"], peak=float("nan"))
    monkeypatch.setitem(network.RECIPES, "fast", wild)
    with pytest.raises(network.Diverged, match=r"by step \d+ of \d+; .* nothing is kept"):
        network.train("fast", small[0], out=tmp_path / "n.keras", epochs=3)
    assert not list(tmp_path.iterdir())


def test_held_back_digits_are_not_learnt_from(small):
    """Every digit is in one of the two parts, and in one only."""
    learn, held = network.hold_back(small[0], seed=5)
    both = np.concatenate([learn.images, held.images]).reshape(len(small[0]), -1)
    assert sorted(map(bytes, both)) == sorted(map(bytes, small[0].images.reshape(len(both), -1)))
    assert len(held) == len(small[0]) // 6


def damage(path, kind):
    """Write a model file that is not one to be trusted."""
    if kind == "text":
        path.write_text("not a network")
    elif kind == "truncated":
        network.course_cnn().save(path)
        path.write_bytes(path.read_bytes()[:5000])
    elif kind == "newer":
        network.course_cnn().save(path)
        _rewrite(path, "config.json", b'"Conv2D"', b'"Conv2D9"')
    elif kind == "lambda":
        shout = keras.layers.Lambda(lambda x: x)
        keras.Sequential([keras.Input((28, 28, 1)), shout]).save(path)
    elif kind == "empty":
        path.write_bytes(b"")


def _rewrite(path, member, old, new):
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts[member] = parts[member].replace(old, new)
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


@pytest.mark.parametrize("kind", ["text", "truncated", "newer", "lambda", "empty"])
def test_a_file_that_is_no_network_of_ours_is_refused(tmp_path, kind):
    """One line with the file's name, and nothing of it is run."""
    path = tmp_path / "odd.keras"
    damage(path, kind)
    with pytest.raises(
        DataError,
        match=r"odd\.keras: (is no network that Keras can load|is no \.keras file|has a Lambda layer)",
    ) as error:
        network.load_model(path)
    assert "\n" not in str(error.value)
