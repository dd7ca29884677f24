"""The microscope: what Python hands to it, and what a browser shows, on a page and in JupyterLab.

The browser's part needs Playwright and Chromium, as test_pad_browser.py.
"""

import os
import re
from pathlib import Path

import keras
import nbformat
import numpy as np
import pytest
from keras import layers

from benchmarks import bare_page, lab
from mnist_lab import network
from mnist_lab.arrays import ArrayError, OptionError
from mnist_lab.pad import Drawing, Microscope, kit_drawing

MUST = os.environ.get("MNIST_LAB_BROWSER") == "must"
AXE = Path(os.environ.get("MNIST_LAB_AXE", "axe.min.js"))
HEAD = '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Microscope</title>\
<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark"><style>body { background: Canvas }</style></head><body><main>'
needs_chromium = pytest.mark.skipif(
    not (MUST or lab.available()),
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
MINUS = "\N{MINUS SIGN}"


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
        layers.AveragePooling2D((3, 2), strides=2, padding="same"),
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
    flat = layers.Flatten()(ends)
    branched = layers.Dense(10, activation="softmax")(layers.Concatenate()([flat, flat]))
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


@pytest.fixture
def open_page(chromium, tmp_path):
    """A function that opens a microscope on a page of its own, from file:// and without a net."""
    pages = []

    def open_page(microscope, *, html=None, width=1100, **options):
        file = tmp_path / f"page{len(pages)}.html"
        file.write_text(html or HEAD + microscope.to_html(), encoding="utf-8")
        page = chromium.new_page(viewport={"width": width, "height": 900}, offline=True, **options)
        page.set_default_timeout(90_000)
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
    return float(text.replace(MINUS, "-"))


def numbers(pattern, text):
    return [
        number(found) for found in re.findall(pattern.replace("#", rf"({MINUS}?\d+\.\d+)"), text)
    ]


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
        places = chance.random((5, 2)).tolist()
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
        assert [round(sum(number(row[k]) for row in rows), 3) for k in (2, 3)] == [
            number(bottom),
            1,
        ]


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


@needs_chromium
def test_terms_are_rounded_so_that_they_add_up(chromium, tmp_path):
    """Each to less than a unit of the third decimal; together to what their sum is rounded to."""
    page = chromium.new_page()
    page.goto(bare_page.write_page(tmp_path, ["reasons"]).as_uri())
    chance = np.random.default_rng(1)
    for count in (1, 2, 9, 300):
        terms = chance.normal(0, 3, count)
        shown = page.evaluate("(terms) => modules.reasons.addUp(terms)", terms.tolist())
        assert np.abs(shown - terms).max() < 0.001
        assert round(sum(shown), 3) == pytest.approx(round(terms.sum(), 3), abs=1e-9)
    page.close()


@needs_chromium
def test_by_keyboard_and_in_words(open_page, trained):
    """Tab, arrows and Enter open a number; what is said is what a click shows; Escape closes."""
    page = open_page(Microscope(trained[0], SEVEN.digit))
    said = page.locator(".mnl-said")
    page.locator(".mnl-tools input").focus()
    for key in ("Tab", "Tab", "ArrowDown", "ArrowRight", "ArrowRight", "PageDown"):
        page.keyboard.press(key)
    assert said.inner_text().startswith("map 1, row 1, column 2: ")
    page.keyboard.press("Enter")
    assert "look, map 1, row 1, column 2: " in said.inner_text()
    assert "It looked at rows 1 to 3, columns 2 to 4 of the digit." in said.inner_text()
    assert page.locator(".mnl-panels table").count() == 3
    page.keyboard.press("Escape")
    assert "Click any cell" in page.locator(".mnl-panels").inner_text()
    before = page.locator(".mnl-networks canvas").count()
    for key in ("a", "b", "x", "Tab", "Tab"):
        page.keyboard.press(key)
    assert page.evaluate("document.activeElement.tagName") == "BUTTON"
    page.keyboard.press("Enter")
    assert "Softmax" in said.inner_text()
    assert page.locator(".mnl-networks canvas").count() == before


@needs_chromium
def test_a_pooled_cell_shows_the_four_and_the_chosen(open_page, trained):
    """The chosen one is marked in the table and on the map; it is the largest of the four."""
    page = open_page(Microscope(trained[0], SEVEN.digit))
    page.evaluate(CELLS, [2, [[0.5, 0.2]]])
    cells = page.locator(".mnl-panels td")
    four = [number(text) for text in cells.all_inner_texts()]
    best = number(page.locator(".mnl-panels td.mnl-best").inner_text())
    assert len(four) == 4 and best == max(four)
    assert page.locator(".mnl-layer").nth(1).locator("i").count() == 2


@needs_chromium
def test_reasons_are_laid_over_the_digit_and_over_the_maps(open_page, trained):
    """For a unit fed by maps: two pictures, and a list of the strongest, strongest first."""
    page = open_page(Microscope(trained[0], SEVEN.digit))
    page.locator(".mnl-chances button").nth(7).click()
    assert page.locator(".mnl-panels canvas").count() == 2
    [reasons, _] = page.locator(".mnl-panels table").all_inner_texts()
    products = [abs(number(row.split()[-1])) for row in reasons.splitlines()[1:6]]
    assert products == sorted(products, reverse=True)
    colours = page.locator(".mnl-panels canvas").first.evaluate(
        "(c) => new Set(new Uint32Array(c.getContext('2d').getImageData(0, 0, 168, 168).data.buffer)).size"
    )
    assert colours > 50


@needs_chromium
def test_an_opened_number_moves_with_the_pen(open_page, trained):
    """What was opened stays open while one draws, with the numbers of the new digit."""
    page = open_page(Microscope(trained[0]))
    page.locator(".mnl-chances button").nth(7).click()
    bare = page.locator(".mnl-panels h3").inner_text()
    draw(page)
    assert page.locator(".mnl-panels h3").inner_text() != bare
    page.get_by_role("button", name="Clear").click()
    settled(page)
    assert page.locator(".mnl-panels h3").inner_text() == bare


@needs_chromium
def test_the_slider_goes_through_the_epochs(open_page, trained):
    """Each stop shows the network of that epoch; the last one stands first."""
    history = trained[1]
    page = open_page(Microscope(history, SEVEN.digit))
    label = page.locator(".mnl-epochs")
    for epochs in (3, 0, 1):
        if epochs != 3:
            label.locator("input").fill(str(epochs))
            settled(page)
        assert label.inner_text().split() == [
            "Trained",
            "for",
            str(epochs),
            "epoch" + "s" * (epochs != 1),
        ]
        there = np.asarray(history.model_at(epochs)(as_batch(SEVEN.digit)))[0]
        np.testing.assert_allclose(chances(page), there, atol=0.002)
    assert "4 networks" in page.locator(".mnl-held").inner_text()


@needs_chromium
def test_one_network_beside_another(open_page, trained):
    """Both read the same digit; a click in one opens the same number in both."""
    _, history, _ = trained
    both = {"before <training>": history.model_at(0), "after": history}
    page = open_page(Microscope(both, SEVEN.digit))
    assert page.locator(".mnl-networks h3").all_inner_texts() == list(both)
    assert page.locator(".mnl-words").inner_text().startswith("before <training> reads a")
    lefts = [
        box["x"]
        for box in (page.locator(".mnl-networks section").nth(k).bounding_box() for k in (0, 1))
    ]
    assert lefts[1] > lefts[0] + 300
    page.evaluate(CELLS, [1, [[0.1, 0.3]]])
    titles = page.locator(".mnl-panels h3").all_inner_texts()
    assert [title.partition(":")[0] for title in titles] == list(both)
    assert titles[0].split(": ")[1] == titles[1].split(": ")[1]


@needs_chromium
def test_an_unknown_layer_and_damaged_weights_are_a_sentence(open_page, trained):
    """Whoever changed the file sees one sentence in place of the microscope."""
    html = HEAD + Microscope(trained[0]).to_html()
    for old, new, said in (
        ('"kind": "MaxPooling2D"', '"kind": "Lambda"', r'the layer "pool", a Lambda'),
        ('"crc32": ', '"crc32": 1', "checksum does not fit"),
    ):
        page = open_page(None, html=html.replace(old, new, 1))
        assert re.search(said, page.locator("[role=alert]").inner_text())


@needs_chromium
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_and_in_both_themes(open_page, trained, scheme, tmp_path):
    """At 360 pixels nothing runs over the edge; what was tapped is in sight; a finger draws."""
    look = {"color_scheme": scheme, "device_scale_factor": 3, "has_touch": True}
    page = open_page(Microscope(trained[1]), width=360, **look)
    draw(page)
    layer = page.locator(".mnl-layer canvas").nth(1)
    layer.scroll_into_view_if_needed()
    layer.tap(position={"x": 20, "y": 30})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    box = page.locator(".mnl-panels h3").bounding_box()
    assert 0 <= box["y"] < 900
    picture(page, f"phone-{scheme}", tmp_path)


@needs_chromium
def test_axe_finds_nothing(open_page, trained):
    """axe-core, which knows the rules of accessibility, has nothing to say, open or closed."""
    if not AXE.exists():
        assert not MUST, f"{AXE}: no axe-core"
        pytest.skip("needs axe-core: npm pack axe-core, and MNIST_LAB_AXE=package/axe.min.js")
    for scheme in ("light", "dark"):
        page = open_page(Microscope(trained[1], SEVEN.digit), color_scheme=scheme)
        page.evaluate(AXE.read_text(encoding="utf-8"))
        for opened in (1, 3):
            page.locator(".mnl-layer canvas, .mnl-chances button").nth(opened).click()
            found = page.evaluate("axe.run('.mnl-microscope')")
            assert found["passes"]
            assert not [(v["id"], [n["html"] for n in v["nodes"]]) for v in found["violations"]]


@needs_chromium
def test_a_page_that_nbconvert_makes_works(open_page, trained):
    """A saved notebook without a kernel and without a net: the HTML beside the widget is at work."""
    from nbconvert import HTMLExporter

    data = {"text/html": Microscope(trained[0], SEVEN.digit).to_html()}
    output = nbformat.v4.new_output("display_data", data)
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("x", outputs=[output])])
    html, _ = HTMLExporter().from_notebook_node(notebook)
    page = open_page(None, html=html)
    assert "It reads a" in page.locator(".mnl-words").inner_text()
    assert "needs no kernel" in page.locator(".mnl-held").inner_text()


LAB = [
    """
import keras
from mnist_lab.pad import Microscope
model = keras.Sequential([
    keras.Input((28, 28, 1)), keras.layers.Conv2D(3, 3, activation="relu"),
    keras.layers.Flatten(), keras.layers.Dense(10, activation="softmax"),
])
scope = Microscope(model)
scope
""",
    "scope",
]


@pytest.fixture(scope="module")
def lab_page(chromium, tmp_path_factory):
    with lab.jupyterlab(tmp_path_factory.mktemp("lab"), LAB) as address:
        page = chromium.new_page(viewport={"width": 1280, "height": 1000})
        page.set_default_timeout(60_000)
        page.errors = []
        page.on("pageerror", lambda error: page.errors.append(str(error)))
        lab.run_all(page, address, pads=0)
        page.wait_for_function("document.querySelectorAll('.mnl-held').length >= 2")
        yield page
        assert page.errors == []
        page.close()


@needs_chromium
def test_in_jupyterlab_the_kernel_has_what_was_drawn(lab_page):
    """Strokes come to Python; a second view shows them; a digit that Python gives is shown."""
    page = lab_page
    draw(page)
    page.wait_for_function(
        "document.querySelectorAll('.mnl-words')[1].textContent.includes('reads')"
    )
    ink = bytes.fromhex(lab.python(page, "print(scope._ink.hex(), end='')"))
    assert len(Drawing.from_bytes(ink)) == len(SEVEN)
    lab.python(page, "import numpy as np; scope.digit = np.full((28, 28), 255, np.uint8)")
    page.wait_for_function("document.querySelectorAll('.mnl-empty').length === 2")
    words = page.locator(".mnl-words").all_inner_texts()
    assert len(set(words)) == 1 and "reads" in words[0]
    assert lab.python(page, "print(scope.digit.min(), scope.digit.shape)") == "255 (28, 28)"


@needs_chromium
def test_in_jupyterlab_one_is_seen_and_keys_stay_in_it(lab_page):
    """The HTML for a saved notebook stands hidden behind the live view; no key adds a cell."""
    page = lab_page
    assert page.locator(".mnl-still").count() == 2
    assert not page.locator(".mnl-still").first.is_visible()
    before = page.locator(".jp-Cell").count()
    page.locator(".mnl-layer canvas").nth(1).focus()
    for key in ("a", "b", "d", "d", "x", "ArrowRight", "Enter"):
        page.keyboard.press(key)
    assert page.locator(".jp-Cell").count() == before
    assert "row 0, column 1" in page.locator(".mnl-panels h3").first.inner_text()


@needs_chromium
@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_in_jupyterlabs_themes(lab_page, theme, tmp_path):
    """The words have the theme's colours."""
    page = lab_page
    page.evaluate(f"jupyterapp.commands.execute('apputils:change-theme', {{theme: '{theme}'}})")
    dark = str(theme.endswith("Light")).lower()
    page.wait_for_function(f"document.body.dataset.jpThemeLight === '{dark}'")
    page.wait_for_selector("#jupyterlab-splash", state="detached")
    level = page.locator(".mnl-words").first.evaluate(
        "(words) => getComputedStyle(words).color.match(/\\d+/g).slice(0, 3).reduce((a, b) => a + +b, 0)"
    )
    assert (level > 382) == theme.endswith("Dark")
    picture(page, theme.split()[-1].lower(), tmp_path)
