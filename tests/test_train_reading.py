"""The finder's training: batches, checkpoints, and the plain network in the end."""

import os
import signal
import subprocess
import sys

import cv2
import numpy as np
import pytest

from mnist_lab import synth
from mnist_lab.arrays import DataError, MnistLabError, OptionError
from mnist_lab.network.finding import FINDER
from mnist_lab.progress import Progress
from mnist_lab.reading.views import CROP_SIDE, crop, local_contrast
from tools import train_finder, train_segmenter, training, window_batches
from tools.crops import NO_DIGIT, draw_crops
from tools.material import Material, by_label, write_digits
from tools.targets import CELLS
from tools.training import Task, TrainingState, learning_rate
from tools.window_batches import BATCH, draw_batches, draw_beside, replay

TINY = [(4, 5, 2), (6, 3, 2), (8, 3, 1)]  # convolutions that are quick to compile


@pytest.fixture(scope="module")
def material():
    """Without MNIST or fonts."""
    split, _ = synth.make_split(40, 1, seed=3)
    return Material(by_label(split), write_digits(3, seed=4, writers=12))


@pytest.fixture
def tiny(monkeypatch):
    """A network that a test can train."""
    from tools import finder_cnn

    monkeypatch.setattr(finder_cnn, "CONVOLUTIONS", TINY)


class Lines(Progress):
    def __init__(self):
        self.lines, self.stop_at = [], None

    def say(self, line):
        self.lines.append(line)

    def step(self, done, *_):
        if done == self.stop_at:
            raise KeyboardInterrupt


def new_state(seed):
    """Of a training of the finder."""
    from tools.finder_cnn import FIGURES, finder_cnn, losses

    return TrainingState.new(Task(finder_cnn, losses, FIGURES, 3, BATCH), seed)


def unsettled(model, rng):
    """Give batch normalisation something to do."""
    weights = [rng.normal(0, 0.3, w.shape) for w in model.get_weights()]
    names = [w.path for w in model.weights]
    model.set_weights(
        [abs(w) + 0.5 if "variance" in n else w for w, n in zip(weights, names, strict=True)]
    )


def test_folded_network_answers_as_the_unfolded_does():
    """At every cell, at the picture's edges too; it is of convolutions alone."""
    from tools.finder_cnn import finder_cnn, fold

    rng, model = np.random.default_rng(0), finder_cnn()
    unsettled(model, rng)
    folded = fold(model)
    pages = rng.uniform(-2, 2, (2, 72, 40, 1)).astype(np.float32)
    answers, expected = (np.asarray(each(pages, training=False)) for each in (folded, model))
    assert {type(layer).__name__ for layer in folded.layers} == {"Conv2D"}
    assert answers.shape == (2, 18, 10, 15)
    assert np.abs(answers - expected).max() < 1e-4 * np.abs(expected).max()


def test_folded_segmenter_answers_as_the_unfolded_does():
    """Ink and classes both."""
    from tools.finder_cnn import fold_weights
    from tools.segmenter_cnn import segmenter_cnn

    rng, model, folded = np.random.default_rng(0), segmenter_cnn(), segmenter_cnn(folded=True)
    unsettled(model, rng)
    fold_weights(model, folded)
    crops = rng.uniform(-2, 2, (3, CROP_SIDE, CROP_SIDE, 1)).astype(np.float32)
    for answers, expected in zip(folded(crops), model(crops, training=False), strict=True):
        assert np.abs(answers - expected).max() < 1e-4 * np.abs(expected).max()


def test_crops_show_a_digit_and_its_own_ink(material):
    """The ink is where the digit is seen, in the middle, and there is none of what is no digit."""
    batch = next(draw_crops(material, 0, [0], finder=FINDER))
    assert batch.crops.shape == batch.ink.shape == (128, CROP_SIDE, CROP_SIDE)
    none = batch.labels == NO_DIGIT
    assert 0.1 < none.mean() < 0.5 and set(batch.labels) == set(range(11))
    assert not batch.ink[none].any()
    inked = batch.ink[~none] > 0.5
    contrast = np.abs(batch.crops[~none].astype(np.float32))
    around = np.array([c[~i].mean() for c, i in zip(contrast, inked, strict=True)])
    within = np.array([c[i].mean() for c, i in zip(contrast, inked, strict=True)])
    assert (within > around).mean() > 0.9
    longer = [max(np.ptp(np.nonzero(ink), axis=1)) for ink in inked]
    assert np.median(longer) == pytest.approx(28, abs=3)


def test_crop_is_the_same_at_any_scale_and_place():
    """Of a picture twice as large, and near its edge, where nothing is seen beyond it."""
    rng = np.random.default_rng(0)
    rough = rng.integers(0, 255, (240, 240), np.uint8)
    small = cv2.normalize(cv2.GaussianBlur(rough, (0, 0), 4), None, 0, 255, cv2.NORM_MINMAX)
    large = cv2.resize(small, None, fx=2, fy=2, interpolation=cv2.INTER_LINEAR)
    box = np.array([100, 100, 156, 140], np.float32)
    assert np.abs(crop(small, box)[0] - crop(large, 2 * box)[0]).mean() < 0.1
    beyond, _ = crop(small, np.array([-28, 0, 28, 40], np.float32))
    assert not beyond[:, :23].any() and beyond[15:, 25:].all()


def test_right_answers_lose_less_than_wrong_ones(material):
    """Every part of the loss is about 0 for the targets themselves, and all digits are found."""
    from tools.finder_cnn import losses

    wanted = next(draw_batches(material, 0, [0])).wanted.astype(np.float32)
    right = np.zeros((*wanted.shape[:3], 15), np.float32)
    right[..., 0] = np.where(wanted[..., 0] == 1, 12, -12)
    right[..., 1:11] = 20 * (wanted[..., 2, None] == np.arange(10))
    right[..., 11:] = wanted[..., 3:]
    focal, entropy, sides, accuracy, found = np.asarray(losses(right, wanted))
    assert max(focal, entropy, sides) < 0.01
    assert min(accuracy, found) > 0.9  # a digit more is counted, lest nothing be divided by
    assert (np.asarray(losses(-right, wanted))[:3] > 1).all()


def test_local_contrast_is_the_same_in_any_light():
    """Twice as bright, or the negative: the same picture, up to its sign."""
    rng = np.random.default_rng(0)
    image = rng.integers(20, 110, (50, 60), dtype=np.uint8)
    seen = local_contrast(image)
    assert np.abs(seen).max() <= 2
    assert local_contrast(255 - image) == pytest.approx(-seen, abs=1e-4)
    assert local_contrast(image * 2) == pytest.approx(seen, abs=0.1)


def test_batches_depend_on_seed_and_number_alone(material):
    """Workers draw the same batches, in the same order, as the training itself would."""
    expected = list(draw_batches(material, 7, [4, 5, 6]))
    with draw_beside(draw_batches, material, seed=7, workers=2, first=4) as batches:
        drawn = [next(batches) for _ in range(3)]
    for batch, same in zip(drawn, expected, strict=True):
        assert np.array_equal(batch.views, same.views)
        assert np.array_equal(batch.wanted, same.wanted)


def test_worker_that_dies_stops_the_training():
    """Rather than let it wait for ever."""
    with (
        draw_beside(draw_batches, Material({}, {}), seed=0, workers=1, first=0) as batches,
        pytest.raises(MnistLabError, match="died with status 1"),
    ):
        next(batches)


def test_what_is_seen_again_was_seen_before(monkeypatch, material):
    """Two in three batches, once there are enough, are of targets that are known."""
    monkeypatch.setattr(window_batches, "KEPT_FIRST", 1)
    fresh = list(draw_batches(material, 0, range(3)))
    batches = replay(iter(fresh), 0, np.random.default_rng(0))
    seen = [next(batches) for _ in range(4)]
    known = {row.tobytes() for batch in seen[:2] for row in batch.wanted}
    assert [any(batch is each for each in fresh) for batch in seen] == [True, True, False, True]
    assert {row.tobytes() for row in seen[2].wanted} <= known
    assert not any(np.array_equal(view, row) for view in seen[2].views for row in seen[0].views)


def test_learning_rate_rises_and_falls():
    """It is highest at the end of the warm-up, and about nothing at the end."""
    rates = [learning_rate(step, 10_000) for step in range(10_001)]
    assert np.argmax(rates) == pytest.approx(training.WARM_UP, abs=2)
    assert rates[-1] == training.LAST_RATE


@pytest.mark.usefixtures("tiny")
def test_state_is_the_same_after_save_and_load(tmp_path):
    """Step, weights, average and optimizer."""
    rng, kept, other = np.random.default_rng(0), new_state(0), new_state(1)
    unsettled(kept.model, rng)
    kept.step = 7
    kept.update_average()
    kept.save(tmp_path / "a.npz")
    other.load(tmp_path / "a.npz")
    other.save(tmp_path / "b.npz")
    with np.load(tmp_path / "a.npz") as a, np.load(tmp_path / "b.npz") as b:
        assert a.files == b.files
        assert all(np.array_equal(a[name], b[name]) for name in a.files)


@pytest.mark.usefixtures("tiny")
def test_file_that_is_no_state_is_one_line(tmp_path):
    """A damaged one, one of another network, and one of something else."""
    state, path = new_state(0), tmp_path / "state.npz"
    np.savez(path, step=1, w0=np.zeros(3))
    with pytest.raises(DataError, match="no state of this training"):
        state.load(path)
    path.write_bytes(b"PK\x03\x04 broken")
    with pytest.raises(DataError, match="move it away"):
        state.load(path)


def test_too_few_windows_is_one_line(tmp_path, material):
    """Not a step, nothing written."""
    with pytest.raises(OptionError, match="at least 32 windows"):
        train_finder.train_finder(tmp_path / "out", material, windows=31)
    assert not (tmp_path / "out").exists()


@pytest.mark.usefixtures("tiny")
def test_training_goes_on_where_it_was_stopped(tmp_path, monkeypatch, material):
    """Two steps of 32 windows; a checkpoint after each; a plain network in the end."""
    import keras

    monkeypatch.setattr(training, "REPORT_STEPS", 1)
    progress = Lines()
    progress.stop_at = 2
    train = {"windows": 2 * BATCH, "workers": 0, "progress": progress}
    with pytest.raises(KeyboardInterrupt):
        train_finder.train_finder(tmp_path, material, **train)
    assert [path.name for path in tmp_path.iterdir()] == ["state.npz"]
    progress.stop_at = None
    written = train_finder.train_finder(tmp_path, material, **train)
    assert [line.split("  ")[0] for line in progress.lines] == [
        "step 1/2", "Going on from step 1", "step 2/2",
    ]  # fmt: skip
    model = keras.saving.load_model(written)
    assert model.predict(np.zeros((1, 128, 128, 1)), verbose=0).shape == (1, CELLS, CELLS, 15)
    assert {layer.dtype_policy.name for layer in model.layers} == {"float32"}


def test_segmenter_is_trained_and_plain_in_the_end(tmp_path, material):
    """A step of 128 crops."""
    import keras

    train_segmenter.train_segmenter(tmp_path, material, crops=128, workers=0)
    model = keras.saving.load_model(tmp_path / "segmenter.keras")
    ink, classes = model.predict(np.zeros((1, CROP_SIDE, CROP_SIDE, 1)), verbose=0)
    assert ink.shape == (1, CROP_SIDE, CROP_SIDE, 1) and classes.shape == (1, 11)
    with pytest.raises(OptionError, match="at least 128 crops"):
        train_segmenter.train_segmenter(tmp_path / "out", material, crops=127)


@pytest.mark.usefixtures("tiny")
def test_training_of_the_same_seed_is_the_same(tmp_path, material):
    """Weights and all, on this machine."""
    states = []
    for name in ("a", "b"):
        train_finder.train_finder(tmp_path / name, material, windows=2 * BATCH, workers=0)
        with np.load(tmp_path / name / "state.npz") as kept:
            states.append({key: kept[key] for key in kept.files})
    assert all(np.array_equal(states[0][key], states[1][key]) for key in states[0])


@pytest.mark.slow
def test_ctrl_c_is_one_line_and_leaves_no_process(tmp_path, small_folder, project):
    """As does the command that was stopped before its first checkpoint."""
    command = [sys.executable, "-m", "tools.train_finder", "--data", str(small_folder)]
    training = subprocess.Popen(
        [*command, "--out", str(tmp_path / "out"), "--workers", "1"],
        cwd=project, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        start_new_session=True, env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    for line in training.stdout:
        if "fonts" in line.lower():
            break
    os.killpg(training.pid, signal.SIGINT)
    _, said = training.communicate(timeout=120)
    assert training.returncode == 130
    assert said.splitlines() == [
        "train_finder: stopped; the same command goes on from the beginning"
    ]
    with pytest.raises(ProcessLookupError):
        os.killpg(training.pid, 0)
    assert not (tmp_path / "out").exists()


def test_help_says_what_the_command_does(capsys):
    """With every option."""
    with pytest.raises(SystemExit):
        train_finder.main(["--help"])
    said = capsys.readouterr().out
    assert all(option in said for option in ("--data", "--out", "--windows", "--workers", "--seed"))
