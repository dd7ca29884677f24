"""The course's network and its training."""

import gc
import importlib.util
import os
import random
import signal
import subprocess
import sys
import textwrap
import weakref
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import pytest

from mnist_lab import evaluate, network
from mnist_lab.arrays import ArrayError, Split
from mnist_lab.progress import Progress
from mnist_lab.synth import handwriting


class Told(Progress):
    """Keeps what it is told."""

    def __init__(self):
        self.steps, self.epochs = [], []

    def step(self, done, total, *_):
        self.steps.append((done, total))

    def epoch(self, number, figures):
        self.epochs.append((number, sorted(figures)))


@pytest.fixture(scope="module")
def trained(small):
    """The course's network after one epoch on a few hundred digits, twice."""
    results = []
    for _ in range(2):
        network.set_seed(3)
        model = network.course_cnn()
        history = network.fit(model, small[0], validation=small[1], epochs=2)
        results.append((model, history))
    return results


def test_course_network_is_the_course_s():
    """Layer by layer what the course says, 90,170 parameters in all."""
    layers = network.describe_layers(network.course_cnn())
    assert [layer.kind for layer in layers[:4]] == ["Input", "Conv2D", "MaxPooling2D", "Flatten"]
    assert [layer.shape for layer in layers[4:]] == [(16,), (32,), (64,), (10,)]
    assert [layer.parameters for layer in layers] == [0, 320, 0, 0, 86_544, 544, 2_112, 650]


def test_same_seed_gives_the_same_network(trained):
    """Two trainings from one seed end in the same weights, to the bit."""
    (first, one), (second, two) = trained
    pairs = zip(first.get_weights(), second.get_weights(), strict=True)
    assert all((a == b).all() for a, b in pairs)
    assert one.equals(two)


def test_history_has_a_row_an_epoch(trained):
    """Counted from 1, with both losses and both accuracies."""
    history = trained[0][1]
    assert list(history.index) == [1, 2]
    assert set(history) == {"accuracy", "loss", "val_accuracy", "val_loss"}


def test_history_is_had_as_keras_has_it(trained):
    """`.history` is the same figures as lists; a name that Keras has changed is said."""
    table = trained[0][1]
    assert table.history == {name: list(table[name]) for name in table.columns}
    assert table["val_loss"].equals(table.val_loss)
    with pytest.raises(
        network.NoFigure, match=r"^expected .* got 'val_acc': it is called 'val_acc"
    ):
        table["val_acc"]
    with pytest.raises(KeyError, match=r"figure of accuracy, loss, .* got 'precision'$"):
        table["precision"]
    assert type(table.tail(1)) is type(table.copy()) is pd.DataFrame


def test_validation_is_measured_on_the_split_given(trained, small):
    """The last val_accuracy is the accuracy of the answers on that split."""
    model, history = trained[0]
    answers = network.predict_probabilities(model, small[1].images).argmax(axis=1)
    share = (answers == small[1].labels).mean()
    assert history["val_accuracy"].iloc[-1] == pytest.approx(share, abs=1e-6)


def test_progress_counts_every_step_to_the_end(small):
    """Steps rise to their total, epochs come in order with their figures."""
    told = Told()
    network.fit(
        network.course_cnn(), small[0], validation=small[1], epochs=2, batch_size=60, progress=told
    )
    assert told.steps[-1] == (18, 18) and told.steps == sorted(told.steps)
    assert told.epochs == [(n, ["accuracy", "loss", "val_accuracy", "val_loss"]) for n in (1, 2)]


def test_probabilities_are_probabilities(trained, small):
    """A row a digit, each summing to 1; none for none."""
    model = trained[0][0]
    answers = network.predict_probabilities(model, small[1].images[:7])
    assert answers.shape == (7, 10) and answers.dtype == np.float32
    assert np.allclose(answers.sum(axis=1), 1, atol=1e-5)
    assert network.predict_probabilities(model, small[1].images[:0]).shape == (0, 10)


def test_probabilities_are_those_of_the_network_as_it_is_now(small):
    """What is kept to answer quickly follows the weights and the layers, and goes with them."""
    model, digits = network.course_cnn(), small[1].images[:5]
    before = network.predict_probabilities(model, digits)
    model.layers[-1].set_weights([weights + 1 for weights in model.layers[-1].get_weights()])
    model.layers[0].set_weights([3 * weights for weights in model.layers[0].get_weights()])
    now = network.predict_probabilities(model, digits)
    assert not np.allclose(before, now)
    assert np.allclose(now, model.predict_on_batch(network.to_batch(digits)), atol=1e-6)
    model.add(keras.layers.Rescaling(0.5))
    assert np.allclose(network.predict_probabilities(model, digits), now / 2, atol=1e-6)
    gone = weakref.ref(model)
    del model
    gc.collect()
    assert gone() is None


def test_network_of_another_shape_is_refused(small):
    """A network that does not take digits is named by its shapes."""
    other = keras.Sequential([keras.Input((8,)), keras.layers.Dense(10)])
    with pytest.raises(ArrayError, match=r"\(28, 28, 1\) to \(10,\), got one from \(8,\)"):
        network.predict_probabilities(other, small[1].images)


def test_batch_and_one_hot_keep_what_they_are_given(small):
    """Scaling and one-hot lose nothing: undone, they give back digits and labels."""
    digits, labels = small[0].images, small[0].labels
    batch, rows = network.to_batch(digits), network.one_hot(labels)
    assert batch.shape == (512, 28, 28, 1) and batch.min() >= 0 and batch.max() <= 1
    assert (np.round(batch[..., 0] * 255) == digits).all()
    assert (rows.sum(axis=1) == 1).all() and (rows.argmax(axis=1) == labels).all()


@pytest.mark.real_mnist
@pytest.mark.slow
def test_course_network_reads_mnist(mnist_place):
    """Five epochs as the course has them reach 98.0% of MNIST's test part: the mean of 3 seeds."""
    from mnist_lab.data import load_mnist
    from mnist_lab.progress import SILENT

    train, test = load_mnist(mnist_place, progress=SILENT)
    reached = []
    for seed in (0, 1, 2):
        network.set_seed(seed)
        history = network.fit(network.course_cnn(), train, validation=test)
        reached.append(history["val_accuracy"].iloc[-1])
    assert np.mean(reached) >= 0.980


@pytest.mark.slow
@pytest.mark.parametrize("other", ["jax", "torch"])
def test_fast_recipe_runs_on_another_backend(other):
    """The same lines learn to read with JAX, in a folder of its own, and with PyTorch."""
    folder = os.environ.get(f"MNIST_LAB_{other.upper()}", "")
    if not folder and importlib.util.find_spec(other) is None:
        pytest.skip(f"{other} is not installed; set MNIST_LAB_{other.upper()}")
    paths = filter(None, [folder and str(Path(folder).resolve()), os.environ.get("PYTHONPATH")])
    program = """
        from mnist_lab.synth import handwriting
        from mnist_lab import network
        train, test = handwriting.make_split(6000, 500, seed=0)
        model = network.RECIPES["fast"].fit(train, seed=0, epochs=3)
        answers = network.predict_probabilities(model, test.images).argmax(axis=1)
        print(network.backend(), (answers == test.labels).mean())
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        env={**os.environ, "KERAS_BACKEND": other, "PYTHONPATH": os.pathsep.join(paths)},
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    name, right = done.stdout.split()
    assert name == other and float(right) > 0.8


def test_one_batch_size_is_as_good_as_another(trained, small):
    """Asked one by one, or all at once, the network answers the same."""
    model, digits = trained[0][0], small[1].images[:30]
    together = network.predict_probabilities(model, digits)
    alone = [network.predict_probabilities(model, digits[at : at + 1]) for at in range(30)]
    assert np.allclose(np.concatenate(alone), together, atol=1e-6)


def test_temperature_changes_confidence_but_never_the_answer(trained, small):
    """At temperature 2 the answers stay, and none is more confident than before."""
    model = keras.models.clone_model(trained[0][0])
    model.set_weights(trained[0][0].get_weights())
    before = network.predict_probabilities(model, small[1].images)
    network.apply_temperature(model, 2.0)
    after = network.predict_probabilities(model, small[1].images)
    assert (before.argmax(1) == after.argmax(1)).all()
    assert (after.max(1) <= before.max(1) + 1e-6).all()


def test_batches_are_every_digit_once_in_a_new_order_each_epoch(small):
    """An epoch shows each digit once with its own target; the next another order."""
    train = small[0]
    batches = network.Batches(train.images, network.one_hot(train.labels), batch_size=60, seed=1)
    seen = []
    for epoch in (0, 1):
        batches.begin(epoch)
        images, targets = (np.concatenate(part) for part in zip(*batches, strict=True))
        seen.append([bytes(np.round(255 * image).astype(np.uint8)) for image in images])
        known = dict(zip(map(bytes, train.images), train.labels, strict=True))
        assert [known[one] for one in seen[-1]] == list(targets.argmax(1))
    assert seen[0] != seen[1] and sorted(seen[0]) == sorted(seen[1])


def test_short_epochs_are_every_digit_once_then_the_worst_and_a_few_others(small):
    """Once all digits were seen, half of an epoch are those that the network reads worst."""
    train, sixth = small[0], 1 / 6
    targets, size = network.one_hot(train.labels), 86
    batches = network.Batches(train.images, targets, batch_size=40, seed=1, epoch_fraction=sixth)
    number = {bytes(image): at for at, image in enumerate(train.images)}

    def seen(epoch, predict=None):
        batches.begin(epoch, predict)
        images = np.concatenate([images for images, _ in batches])
        assert len(batches) == 3 and len(images) == size
        return [number[bytes(np.round(255 * image).astype(np.uint8))] for image in images]

    once = [at for epoch in range(6) for at in seen(epoch)]
    assert set(once) == set(range(512)) and len(once) == 6 * size  # four were needed twice
    for worst in (slice(0, 100), slice(400, 500)):
        answers = targets.copy()
        answers[worst] = 0.1
        now = seen(6, lambda digits, answers=answers: answers)
        assert len(set(now)) == size and len(set(now) & set(range(512)[worst])) >= size // 2
        assert set(now) - set(range(512)[worst])


@pytest.mark.parametrize("made_for_it", [True, False])
def test_mixed_precision_is_for_training_only(monkeypatch, tmp_path, made_for_it):
    """Layers compute in bfloat16 where that is quicker; what is saved, and all else, in float32."""
    monkeypatch.setattr("mnist_lab.network.recipes.has_bfloat16", lambda: made_for_it)
    model = network.RECIPES["strong"].new()
    *before, last = [layer.compute_dtype for layer in model.layers]
    assert set(before) == {"bfloat16" if made_for_it else "float32"} and last == "float32"
    assert {weights.dtype for weights in model.weights} == {"float32"}
    assert {layer.compute_dtype for layer in network.strong_cnn().layers} == {"float32"}
    network.save_model(model, tmp_path / "saved.keras")
    saved = network.load_model(tmp_path / "saved.keras")
    assert {layer.compute_dtype for layer in saved.layers} == {"float32"}
    pairs = zip(model.get_weights(), saved.get_weights(), strict=True)
    assert all((a == b).all() for a, b in pairs)


def test_strong_recipe_learns_and_gives_back_float32(small):
    """Trained in whatever the processor is made for, it answers in float32, and right."""
    model = network.RECIPES["strong"].fit(small[0], seed=0, epochs=60)
    assert {layer.compute_dtype for layer in model.layers} == {"float32"}
    answers = network.predict_probabilities(model, small[1].images)
    assert evaluate.accuracy(small[1].labels, answers) > 0.8


def test_what_is_set_for_the_whole_process_stays(small):
    """A training from a seed of its own, or fine-tuning, leaves chance and precision as they were."""
    own = small[0].select(np.arange(60))

    def drawn():
        chance = random.random(), np.random.rand()  # noqa: NPY002
        return chance, keras.config.dtype_policy().name

    def seeded():
        random.seed(3)
        np.random.seed(3)  # noqa: NPY002

    seeded()
    expected = drawn()
    seeded()
    model = network.RECIPES["strong"].fit(own, seed=0, epochs=1)
    network.fine_tune(model, own, own, seed=0, epochs=1)
    assert drawn() == expected


def test_progress_ends_at_the_last_step(small):
    """However many steps TensorFlow takes at once, no more are told than there are."""
    told = Told()
    network.RECIPES["fast"].fit(small[0], seed=0, epochs=3, progress=told)
    steps = -(-512 // network.RECIPES["fast"].batch_size)
    assert told.steps == [(steps * epoch, steps * 3) for epoch in (1, 2, 3)]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT to send")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("step", [20, 40])
def test_no_interrupt_is_lost(small, step):
    """One that comes while Python tidies up, and that Python drops, stops the training all the same."""

    class Untidy:
        def __del__(self):
            signal.raise_signal(signal.SIGINT)

    class Interrupted(Progress):
        def step(self, done, *_):
            if done == step:
                Untidy()

    train = Split(small[0].images[:320], small[0].labels[:320])
    with pytest.raises(KeyboardInterrupt):
        network.fit(network.course_cnn(), train, epochs=1, batch_size=8, progress=Interrupted())
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_one_cycle_rises_falls_and_ends():
    """It peaks at the end of its rise, and is 0 after its last step."""
    rate = network.OneCycle(0.5, 100, rise=0.3)
    rates = [float(rate(step)) for step in range(120)]
    assert max(rates) == rates[30] == 0.5
    assert rates[:31] == sorted(rates[:31]) and rates[30:] == sorted(rates[30:], reverse=True)
    assert not any(rates[100:])
    again = network.OneCycle.from_config(rate.get_config())
    assert float(again(17)) == rates[17]


def test_fine_tuning_adapts_a_copy(trained):
    """One person's digits are read better than before; the network one had stays as it is."""
    model, _ = trained[0]
    kept = [weights.copy() for weights in model.get_weights()]
    labels = np.tile(np.arange(10, dtype=np.uint8), 20)
    digits = handwriting.write(labels, seed=1, writer=handwriting.Writer(5))
    own, held_back = Split(digits[:100], labels[:100]), Split(digits[100:], labels[100:])
    done = [network.fine_tune(model, own, held_back, seed=0, epochs=8) for _ in range(2)]
    before, after = (evaluate.accuracy(labels[100:], p) for p in (done[0].before, done[0].after))
    assert after > before + 0.2
    assert all((a == b).all() for a, b in zip(kept, model.get_weights(), strict=True))
    assert (done[0].after == done[1].after).all()
