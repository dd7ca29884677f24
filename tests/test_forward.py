"""Networks computed by forward.js, in real browsers from file://, against Keras.

Needs Playwright and Chromium, as test_pad_browser.py; Firefox (firefox-esr) where it is found.
"""

import base64
import json
import os

import keras
import numpy as np
import pytest
from keras import layers

from benchmarks import bare_page, lab
from mnist_lab import network
from mnist_lab.arrays import ArrayError, OptionError
from mnist_lab.pad.modules import join_modules

MUST = os.environ.get("MNIST_LAB_BROWSER") == "must"
needs_chromium = pytest.mark.skipif(
    not (MUST or lab.available()),
    reason="needs Chromium (apt-get install chromium, or MNIST_LAB_CHROMIUM=FILE) and Playwright",
)
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")  # of sockets, Playwright's
PROGRAM = """async ({ description, input, shape }) => {
  const text = (data) => {
    const bytes = new Uint8Array(data.buffer);
    let letters = "";
    for (const byte of bytes) letters += String.fromCharCode(byte);
    return btoa(letters);
  };
  const net = modules.forward.loadNetwork(description);
  const bytes = Uint8Array.from(atob(input), (letter) => letter.charCodeAt(0));
  const all = net.run(new Float32Array(bytes.buffer), shape);
  return all.map(({ name, kind, shape, data }) => ({ name, kind, shape, data: text(data) }));
}"""


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    with lab.chromium() as browser:
        page = browser.new_page()
        page.goto(bare_page.write_page(tmp_path_factory.mktemp("page"), ["forward"]).as_uri())
        yield page


def every_layer():
    """A network of each kind of layer that forward.js knows of a chain."""
    return keras.Sequential([
        keras.Input((28, 28, 1)),
        layers.Cropping2D(((1, 2), (0, 3))),
        layers.Conv2D(4, (3, 2), strides=(2, 1), padding="same", activation="tanh"),
        layers.BatchNormalization(scale=False),
        layers.MaxPooling2D((3, 2), strides=2, padding="same"),
        layers.Conv2D(6, 3, use_bias=False),
        layers.AveragePooling2D((2, 3), strides=2, padding="same"),
        layers.Activation("sigmoid"),
        layers.Dropout(0.5),
        layers.Conv2D(5, 2, activation="softmax"),
        layers.GlobalAveragePooling2D(),
        layers.Dense(7, activation="relu", use_bias=False),
        layers.Dense(10, activation="softmax"),
    ])  # fmt: skip


def shaken(model):
    """A network with other weights in all its places, averages too."""
    chance = np.random.default_rng(3)
    model.set_weights(
        [w + np.abs(chance.normal(0, 0.02, w.shape)).astype(w.dtype) for w in model.get_weights()]
    )
    return model


NETWORKS = {
    "every_layer": lambda: shaken(every_layer()),
    "course": network.course_cnn,
    "fast": lambda: shaken(network.fast_cnn()),
    "strong": network.strong_cnn,
    "pretrained": network.load_pretrained,
    "finder": network.load_finder,
    "segmenter": network.load_segmenter,
}


def some_input(model):
    height, width, _ = (side or 32 for side in model.input_shape[1:])
    return np.random.default_rng(5).random((1, height, width, 1), np.float32)


def question(model, batch):
    description = network.describe_network(model, "float32")
    text = base64.b64encode(batch.tobytes()).decode()
    return {"description": description, "input": text, "shape": list(batch.shape[1:])}


def check_agreement(model, batch, answers):
    """Every layer's output, as Keras gives it, to 1e-4."""
    names = [layer.name for layer in model.layers]
    outputs = keras.Model(model.inputs, [layer.output for layer in model.layers])([batch])
    expected = dict(zip(names, outputs, strict=True))
    computing = [name for name in names if not name.startswith(("flatten", "dropout", "input"))]
    assert [answer["name"] for answer in answers] == computing
    for answer in answers:
        want = np.asarray(expected[answer["name"]])[0]
        got = np.frombuffer(base64.b64decode(answer["data"]), np.float32)
        assert tuple(answer["shape"]) == want.shape
        np.testing.assert_allclose(got.reshape(want.shape), want, atol=1e-4, err_msg=answer["name"])


@needs_chromium
@pytest.mark.parametrize("name", NETWORKS)
def test_every_layer_agrees_with_keras(page, name):
    """Each layer's output in Chromium differs from Keras' by at most 1e-4."""
    model = NETWORKS[name]()
    batch = some_input(model)
    check_agreement(model, batch, page.evaluate(PROGRAM, question(model, batch)))


@pytest.mark.skipif(not bare_page.firefox(), reason="needs Firefox (apt-get install firefox-esr)")
@pytest.mark.parametrize("name", ["every_layer", "pretrained"])
def test_firefox_agrees_as_well(tmp_path, name):
    """The same holds in Firefox."""
    model = NETWORKS[name]()
    batch = some_input(model)
    answers = bare_page.in_firefox(tmp_path, ["forward"], PROGRAM, question(model, batch))
    check_agreement(model, batch, answers)


@needs_chromium
def test_half_the_bytes_cost_no_answer(page):
    """With float16 weights, probabilities differ by less than a hundredth."""
    model = network.load_pretrained()
    asked = question(model, batch := some_input(model))
    asked["description"] = network.describe_network(model)
    answer = page.evaluate(PROGRAM, asked)[-1]
    got = np.frombuffer(base64.b64decode(answer["data"]), np.float32)
    np.testing.assert_allclose(got, np.asarray(model(batch))[0], atol=0.01)


@needs_chromium
@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda layer: layer.update(kind="Lambda"), 'layer "conv2d.*", a Lambda.'),
        (lambda layer: layer.update(kind="toString"), "a toString."),
        (lambda layer: layer["config"].update(activation="gelu"), "the activation gelu of"),
        (lambda layer: layer["weights"]["bias"].update(crc32=7), "conv2d.*.bias are damaged"),
    ],
)
def test_what_cannot_be_computed_is_a_sentence(page, change, sentence):
    """An unknown layer or activation, or weights that were damaged on the way, are named."""
    model = network.course_cnn()
    asked = question(model, some_input(model))
    change(asked["description"]["layers"][0])
    with pytest.raises(Exception, match=sentence):
        page.evaluate(PROGRAM, asked)


@pytest.mark.parametrize(
    ("layer", "sentence"),
    [
        (lambda: layers.Lambda(lambda x: x), "'lambda.*', a Lambda; it computes Conv2D"),
        (lambda: layers.UpSampling2D(2), "a UpSampling2D"),
        (lambda: layers.Conv2D(2, 3, dilation_rate=2), "with dilation_rate .2, 2."),
        (lambda: layers.Conv2D(2, 3, activation="gelu"), "with activation 'gelu'"),
    ],
)
def test_python_refuses_what_the_browser_does_not_compute(layer, sentence):
    """Another layer, or one set otherwise, is refused by name before anything is sent."""
    model = keras.Sequential([keras.Input((28, 28, 1)), layer(), layers.Flatten()])
    with pytest.raises(ArrayError, match=sentence):
        network.describe_network(model)


def test_weights_that_are_no_numbers_are_refused():
    """NaN, and what float16 cannot hold, is named; so is another dtype."""
    model = network.course_cnn()
    model.layers[-1].set_weights([w + 1e6 for w in model.layers[-1].get_weights()])
    assert json.dumps(network.describe_network(model, "float32"))
    with pytest.raises(ArrayError, match=r"float16 can hold, .* in dense.*kernel"):
        network.describe_network(model)
    with pytest.raises(OptionError, match=r"expected float16 or float32 .* got int8"):
        network.describe_network(model, "int8")


def test_joined_modules_import_nothing():
    """A module comes behind what it imports, once, and exports what it did."""
    text = join_modules("forward")
    assert "import " not in text and text.count("const $forward") == 1
    assert text.rstrip().endswith("= $forward;") and "loadNetwork" in text.splitlines()[-1]
    assert "export default $pad.defaultExport" in join_modules("pad")
    with pytest.raises(OptionError, match=r"there is no nonsense\.js"):
        join_modules("nonsense")
