"""The curves of a training while it runs: what is drawn, shown, printed and kept."""

import subprocess
import sys

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient

from benchmarks import lab
from mnist_lab import network, plots
from tests.test_pad_browser import pytestmark as browser

TRAIN = """
import numpy as np, keras
from mnist_lab import plots
x = np.random.default_rng(0).random((640, 4), np.float32)
y = (x.sum(axis=1) > 2).astype("float32")
model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1, activation="sigmoid")])
model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
curves = plots.LiveCurves()
def fit(epochs=2, **options):
    return model.fit(x, y, validation_split=0.5, epochs=epochs, verbose=0, callbacks=[curves], **options)
"""
INTERRUPTED = """
class Stop(keras.callbacks.Callback):
    def on_train_batch_end(self, batch, logs=None):
        if batch == 5: raise KeyboardInterrupt
try:
    model.fit(x, y, epochs=3, verbose=0, callbacks=[curves, Stop()])
except KeyboardInterrupt:
    print("stopped")
"""


@pytest.fixture
def trained():
    """A small training with the curves on."""
    space = {}
    exec(TRAIN, space)
    return space


def curve(figure, panel, label):
    """The points of a curve: epochs done, values."""
    [line] = [line for line in figure.axes[panel].lines if line.get_label() == label]
    return line.get_xydata()


def test_both_quantities_of_both_splits_are_drawn(trained):
    """At each epoch's end stands what Keras' own history says."""
    history = trained["fit"]()
    figure = trained["curves"].draw()
    for panel, name in enumerate(["loss", "accuracy"]):
        for label, what in {"training": name, "validation": f"val_{name}"}.items():
            points = curve(figure, panel, label)
            assert points[:, 0].tolist() == [1, 2]
            assert points[:, 1] == pytest.approx(history.history[what])


def test_the_thin_line_is_what_the_last_steps_lost(trained):
    """Averaged over an epoch, its pieces are the epoch's mean."""
    trained["fit"](1)
    figure = trained["curves"].draw()
    trace = figure.axes[0].lines[0].get_xydata()
    assert len(trace) == 10 and trace[-1, 0] == 1  # 320 digits are 10 steps
    assert trace[:, 1].mean() == pytest.approx(curve(figure, 0, "training")[0, 1], rel=1e-4)


def test_a_second_training_goes_on_behind_a_line(trained):
    """The axis is one, the curves have a gap, and a line stands between; no epoch is lost."""
    trained["fit"]()
    trained["fit"](5, initial_epoch=2)
    figure = trained["curves"].draw()
    points = curve(figure, 0, "training")
    assert points[np.isfinite(points[:, 1]), 0].tolist() == [1, 2, 3, 4, 5]
    assert figure.axes[0].lines[-1].get_xdata() == [2, 2]


def test_an_interrupt_leaves_the_picture_so_far(trained):
    """What was drawn stays, and the next training begins where it stopped."""
    trained["fit"](1)
    exec(INTERRUPTED, trained)
    stopped = trained["curves"].draw().axes[0].lines[0].get_xdata()[-1]
    assert 1 < stopped < 2
    trained["fit"](1)
    figure = trained["curves"].draw()
    assert figure.axes[0].lines[-1].get_xdata()[0] == stopped
    assert curve(figure, 0, "training")[-1, 0] == stopped + 1


def test_without_validation_and_accuracy_the_loss_is_drawn(trained):
    """What Keras does not measure is not drawn."""
    model = trained["keras"].Sequential([trained["keras"].layers.Dense(1)])
    model.compile("adam", "mse")
    model.fit(trained["x"], trained["y"], epochs=1, verbose=0, callbacks=[trained["curves"]])
    assert len(trained["curves"].draw().axes) == 1


def test_a_terminal_has_a_line_an_epoch(trained, capsys):
    """And nothing else: no picture, no figure that pyplot would keep."""
    import matplotlib.pyplot as plt

    trained["fit"](3)
    lines = capsys.readouterr().out.splitlines()
    assert [line[:9] for line in lines] == ["epoch 1/3", "epoch 2/3", "epoch 3/3"]
    assert "left" in lines[0] and lines[-1].endswith("of training") and "validation" in lines[0]
    assert not plt.get_fignums()


def test_the_kits_own_fit_takes_it(small, capsys):
    """`network.fit` hands callbacks on."""
    model, curves = network.course_cnn(), plots.LiveCurves()
    network.fit(model, small[0], validation=small[1], epochs=1, callbacks=[curves])
    assert "epoch 1/1" in capsys.readouterr().out and len(curves.draw().axes) == 2


def test_plots_does_not_load_keras():
    """Until somebody trains, there is nothing to load."""
    program = (
        "import sys; from mnist_lab import plots; plots.LiveCurves(); print('keras' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.strip() == "False", done.stderr


def test_a_notebook_that_a_program_runs_has_lines_and_one_picture():
    """Under nbclient: a line an epoch, and the last picture stays, also of an interrupted training."""
    cells = [TRAIN, "_ = fit()", INTERRUPTED]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    NotebookClient(notebook, kernel_name="python3").execute()
    for cell, said in zip(notebook.cells[1:], ["epoch 2/2", "stopped"], strict=True):
        pictures = [out for out in cell.outputs if "image/png" in out.get("data", {})]
        text = "".join(out.text for out in cell.outputs if out.output_type == "stream")
        assert len(pictures) == (1 if "epoch" in said else 0) and said in text
        assert not any(out.get("name") == "stderr" for out in cell.outputs)
    assert "2/2 epochs done" in notebook.cells[1].outputs[0]["data"]["text/plain"]


WATCH = """() => {
    window.seen = { pictures: new Set(), heights: new Set(), most: 0 };
    const look = () => {
        const images = [...document.querySelectorAll('.jp-RenderedImage img')];
        for (const image of images) seen.pictures.add(image.src);
        if (images.length) seen.heights.add(images[0].closest('.jp-OutputArea-output').offsetHeight);
        seen.most = Math.max(seen.most, images.length);
        requestAnimationFrame(look);
    };
    look();
}"""

OUTPUTS = "jupyterapp.shell.currentWidget.content.model.cells.get(1).outputs.toJSON()"


@browser[0]
@browser[1]
def test_in_jupyterlab_one_picture_grows(tmp_path):
    """It changes while the cell runs, in its place and without a jump, and no line is printed."""
    slow = "class Slow(keras.callbacks.Callback):\n    def on_train_batch_end(self, batch, logs=None):\n"
    slow += "        __import__('time').sleep(0.05)\n"
    fit = "_ = model.fit(x, y, epochs=8, verbose=0, callbacks=[curves, Slow()])"
    with lab.chromium() as chromium, lab.jupyterlab(tmp_path, [TRAIN + slow, fit]) as address:
        page = chromium.new_page()
        page.goto(address)
        page.wait_for_function(lab.IDLE, timeout=60_000)
        page.evaluate(WATCH)
        page.evaluate("window.jupyterapp.commands.execute('notebook:run-all-cells')")
        page.wait_for_function(f"JSON.stringify({OUTPUTS}).includes('8/8 epochs')", timeout=90_000)
        seen = page.evaluate(
            "({...seen, pictures: seen.pictures.size, heights: seen.heights.size})"
        )
    assert seen["pictures"] >= 3 and seen["most"] == 1 and seen["heights"] == 1
