"""The microscope: what Python hands to it, and what a browser shows, on a page and in JupyterLab.

The browser's part needs Playwright and Chromium, as test_pad_browser.py.
"""

import os
import re
from importlib.util import find_spec
from pathlib import Path

import keras
import nbformat
import numpy as np
import pytest
from keras import layers

from benchmarks import lab
from mnist_lab import network
from mnist_lab.arrays import ArrayError, OptionError
from mnist_lab.pad import Drawing, Microscope, kit_drawing

MUST = os.environ.get("MNIST_LAB_BROWSER") == "must"
AXE = Path(os.environ.get("MNIST_LAB_AXE", "axe.min.js"))
HEAD = '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Microscope</title>\
<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark"></head><body><main>'
needs_chromium = pytest.mark.skipif(
    not (MUST or (lab.browser() and find_spec("playwright"))),
    reason="needs Chromium (apt-get install chromium, or MNIST_LAB_CHROMIUM=FILE) and Playwright",
)
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")  # of sockets, Playwright's
CELLS = """async ([number, places]) => {
  const canvas = document.querySelectorAll(".mnl-layer canvas")[number];
  return places.map(([x, y]) => {
    const box = canvas.getBoundingClientRect();
    const at = { clientX: box.x + x * box.width, clientY: box.y + y * box.height };
    canvas.dispatchEvent(new MouseEvent("click", at));
    const panel = document.querySelector(".mnl-panels");
    const tables = [...panel.querySelectorAll("table")].map((table) => table.innerText);
    return { text: panel.innerText, tables };
  });
}"""
SEVEN = kit_drawing("7")


def every_layer():
    """A network of each kind of layer that the microscope explains, with numbers of every sign."""
    model = keras.Sequential([
        keras.Input((28, 28, 1)),
        layers.Cropping2D(((1, 2), (0, 3))),
        layers.Conv2D(4, (3, 2), strides=(2, 1), padding="same", activation="tanh"),
        layers.BatchNormalization(),
        layers.MaxPooling2D((2, 2)),
        layers.Conv2D(6, 3, padding="same", activation="relu"),
        layers.Activation("sigmoid"),
        layers.Dropout(0.5),
        layers.Conv2D(5, 2, use_bias=False),
        layers.GlobalAveragePooling2D(),
        layers.Dense(7, activation="relu"),
        layers.Dense(10),
        layers.Activation("softmax"),
    ])  # fmt: skip
    chance = np.random.default_rng(3)
    model.set_weights([w + np.abs(chance.normal(0, 0.05, w.shape)) for w in model.get_weights()])
    return model


def in_half(model):
    """The network with weights that float16 holds, as the browser has it."""
    model.set_weights([w.astype(np.float16).astype(np.float32) for w in model.get_weights()])
    return model


def small():
    """A network that is soon made."""
    with keras.utils.CustomObjectScope({}):
        return keras.Sequential([
            keras.Input((28, 28, 1)),
            layers.Conv2D(3, 3, activation="relu", name="look"),
            layers.MaxPooling2D(2, name="pool"),
            layers.Flatten(),
            layers.Dense(10, activation="softmax", name="answer"),
        ])  # fmt: skip


@pytest.fixture(scope="module")
def trained():
    """A history of three epochs, and the network at its end."""
    model, history = small(), network.WeightHistory()
    model.compile("adam", "sparse_categorical_crossentropy")
    x = np.random.default_rng(0).random((64, 28, 28, 1), np.float32)
    first = model.get_weights()
    model.fit(x, np.arange(64) % 10, epochs=2, verbose=0, callbacks=[history])
    model.fit(x, np.arange(64) % 10, epochs=1, verbose=0, callbacks=[history])
    return model, history, first


def test_the_history_keeps_each_epoch(trained):
    """Before training, after each epoch, and on through a second training."""
    model, history, first = trained
    assert len(history) == 4 and repr(history) == "WeightHistory(3 epochs)"
    for epochs, weights in ((0, first), (3, model.get_weights())):
        for kept, there in zip(history.model_at(epochs).get_weights(), weights, strict=True):
            np.testing.assert_array_equal(kept, there)
    assert np.abs(history.weights[1][0] - first[0]).max() > 0


def test_a_history_says_what_it_does_not_hold(trained):
    """An epoch that was not, and a training that has not begun."""
    with pytest.raises(OptionError, match="expected 0 to 3 epochs, got 4"):
        trained[1].model_at(4)
    with pytest.raises(OptionError, match="callbacks="):
        network.WeightHistory().model_at(0)


def test_another_network_begins_another_history(trained):
    """What was kept of the first is not mixed with the second."""
    other, history = small(), network.WeightHistory()
    history.set_model(trained[0])
    history.on_train_begin()
    history.on_epoch_end(0)
    history.set_model(other)
    history.on_train_begin()
    assert len(history) == 1
    np.testing.assert_array_equal(history.weights[0][0], other.get_weights()[0])


def test_it_holds_the_students_own_weights(trained):
    """Each network as `describe_network` gives it, with its name; each epoch with its label."""
    model, history, _ = trained
    both = Microscope({"mine": model, "growing": history})._networks
    assert both[0] == [{**network.describe_network(model), "title": "mine", "label": ""}]
    labels = ["0 epochs", "1 epoch", "2 epochs", "3 epochs"]
    assert [epoch["label"] for epoch in both[1]] == labels
    assert both[1][3]["layers"] == both[0][0]["layers"]


def test_the_digit_is_what_was_given_or_drawn(trained):
    """Strokes from the browser become the digit that Python makes of them, to the last bit."""
    digit = np.arange(784, dtype=np.uint8).reshape(28, 28)
    microscope = Microscope(trained[0], digit)
    np.testing.assert_array_equal(microscope.digit, digit)
    microscope.set_state({"_ink": memoryview(SEVEN.to_bytes())})
    np.testing.assert_array_equal(microscope.digit, SEVEN.digit)
    microscope.digit = None
    assert microscope.digit is None and microscope._ink == b""


def test_what_it_cannot_show_is_said(trained):
    """No network, other shapes, a layer of another kind, branches, a batch for a digit."""
    model = trained[0]
    with pytest.raises(OptionError, match="got none"):
        Microscope({})
    with pytest.raises(ArrayError, match=r"expected digits .*28"):
        Microscope(model, np.zeros((1, 28, 28), np.uint8))
    with pytest.raises(ArrayError, match=r"from \(28, 28, 1\) to \(10,\)"):
        Microscope(keras.Sequential([keras.Input((8, 8, 1)), layers.Flatten()]))
    body = [keras.Input((28, 28, 1)), layers.Flatten()]
    with pytest.raises(ArrayError, match="'odd', a LayerNormalization"):
        Microscope(
            keras.Sequential([*body, layers.LayerNormalization(name="odd"), layers.Dense(10)])
        )
    ends = keras.Input((28, 28, 1))
    branched = layers.Dense(10)(layers.Flatten()(ends))
    with pytest.raises(ArrayError, match="expected a Sequential network"):
        Microscope(keras.Model(ends, branched))


def test_its_html_needs_nothing_and_is_the_same_each_time(trained):
    """It fetches nothing, holds a name as text only, and has no address of memory in it."""
    microscope = Microscope({"</script><b>": trained[0]})
    html = microscope.to_html()
    assert html == Microscope({"</script><b>": trained[0]}).to_html()
    assert html.count("</script>") == 1 and "<b>" not in html.partition("const $")[0]
    assert not [word for word in ("http", "fetch(", "url(", "eval", "import ") if word in html]
    assert repr(Microscope(trained[0])) == f"Microscope({trained[0].name})"


# In a browser


@pytest.fixture(scope="module")
def chromium():
    with lab.chromium() as browser:
        yield browser


@pytest.fixture
def open_page(chromium, tmp_path):
    """A function that opens a microscope on a page of its own, from file:// and without a net."""
    pages = []

    def open_page(microscope, *, html=None, width=1100, **options):
        file = tmp_path / f"page{len(pages)}.html"
        file.write_text(html or HEAD + microscope.to_html(), encoding="utf-8")
        page = chromium.new_page(viewport={"width": width, "height": 900}, offline=True, **options)
        page.set_default_timeout(30_000)
        page.errors = []
        page.on("pageerror", lambda error: page.errors.append(str(error)))
        pages.append(page)
        page.goto(file.as_uri())
        page.wait_for_selector(".mnl-microscope")
        return page

    yield open_page
    for page in pages:
        assert page.errors == []
        page.close()


def settled(page):
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")


def draw(page, drawing=SEVEN):
    lab.draw(page, drawing.strokes)
    settled(page)


def picture(page, name, tmp_path):
    """Keep what the page looks like; in CI as an artefact."""
    folder = Path(os.environ.get("MNIST_LAB_SCREENSHOTS", tmp_path))
    folder.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=folder / f"microscope-{name}.png", full_page=True)


def number(text):
    return float(text.replace("−", "-"))


def numbers(pattern, text):
    return [number(found) for found in re.findall(pattern.replace("#", r"(−?\d+\.\d+)"), text)]


def chances(page):
    rows = page.locator(".mnl-chances button").all_inner_texts()
    return np.array([number(row.split()[1]) for row in rows]) / 100


def as_batch(digit):
    return network.to_batch(digit[np.newaxis])


@needs_chromium
def test_it_reads_what_is_drawn_as_keras_does(open_page, trained):
    """Ten probabilities, those of Keras with the same weights, of a digit drawn by mouse."""
    model = in_half(keras.models.clone_model(trained[0]))
    page = open_page(Microscope(model))
    assert page.locator(".mnl-words").inner_text() == "Draw a digit."
    draw(page)
    best = int(np.argmax(chances(page)))
    assert re.search(rf"It reads an? {best} \(", page.locator(".mnl-words").inner_text())
    given = open_page(Microscope(model, SEVEN.digit))
    there = np.asarray(model(as_batch(SEVEN.digit)))[0]
    np.testing.assert_allclose(chances(given), there, atol=0.00051)
    np.testing.assert_allclose(chances(page), there, atol=0.03)  # the mouse goes by pixels


@needs_chromium
def test_each_number_is_that_of_keras_and_what_is_shown_adds_up(open_page):
    """In every kind of layer: the number that a click opens, and all the sums about it."""
    model = in_half(every_layer())
    page = open_page(Microscope(model, SEVEN.digit))
    shown = [layer for layer in model.layers if not isinstance(layer, layers.Dropout)]
    values = as_batch(SEVEN.digit)
    chance = np.random.default_rng(0)
    for column, layer in enumerate(shown[:-1], 1):
        values = np.asarray(layer(values, training=False)) if layer is shown[0] else layer(values)
        places = chance.random((12, 2)).tolist()
        for found in page.evaluate(CELLS, [column, places]):
            text = found["text"]
            title, *_ = text.splitlines()
            at = [int(digits) for digits in re.findall(r"(?:map|unit|row|column) (\d+)", title)]
            if np.ndim(values) == 4:
                at = [*at[-2:], at[0] if len(at) == 3 else 0]
            there = float(np.asarray(values)[(0, *at)])
            assert number(title.rsplit(" ", 1)[1]) == pytest.approx(there, abs=0.0011), text
            check_sums(type(layer).__name__, **found)
    for digit, expected in enumerate(np.asarray(model(as_batch(SEVEN.digit)))[0]):
        page.locator(".mnl-chances button").nth(digit).click()
        text = page.locator(".mnl-panels").inner_text()
        [(top, bottom, chance_)] = re.findall(r"([\d.]+) / ([\d.]+) = ([\d.]+)\.", text)
        assert number(top) / number(bottom) == pytest.approx(expected, abs=0.001)
        assert number(chance_) == pytest.approx(expected, abs=0.001)
        rows = [re.findall(r"\S+", row) for row in text.splitlines() if re.match(r"\d\s", row)]
        assert [round(sum(number(row[k]) for row in rows), 3) for k in (2, 3)] == [number(bottom), 1]


def check_sums(kind, text, tables):
    """What a panel shows adds up, to the last decimal that is shown."""
    if kind == "Conv2D":
        products = [table for table in tables if table.startswith("products")]
        for table in products:
            total, *parts = numbers("#", table)
            assert round(sum(parts), 3) == total, table
        parts = numbers("gives #", text) or numbers("add up to #", text)
        parts += numbers(r"the other \d+ together #", text) + numbers("With the bias #", text)
        assert len(products) in {1, 3}
        assert [round(sum(parts), 3)] == numbers("that is #", text), text
    if kind == "Dense":
        *parts, total = [number(row.split()[-1]) for row in tables[0].splitlines()[1:]]
        assert round(sum(parts), 3) == total, text
    if kind == "BatchNormalization":
        product, added, total = numbers(r"(?:gives|\d =|makes) #", text)
        assert round(product + added, 3) == total, text
