"""Networks that were made elsewhere: read rightly, or refused in one line with the way out."""

import json
import pickle
import re
import shutil
import zipfile
from pathlib import Path

import h5py
import keras
import numpy as np
import pytest

from mnist_lab import network
from mnist_lab.arrays import ArrayError, DataError, MnistLabError
from mnist_lab.exercises.answers import _describe_error
from mnist_lab.exercises.errors import explain
from mnist_lab.network import loading
from mnist_lab.network.adapting import adapt
from mnist_lab.progress import SILENT

layers, Input, Sequential = keras.layers, keras.Input, keras.Sequential
KERNEL = np.random.default_rng(0).normal(0, 0.2, (784, 10)).astype(np.float32)
BIAS = np.linspace(-1, 1, 10, dtype=np.float32)
SUMS = KERNEL.sum(axis=0)


def dense(activation="softmax", kernel=KERNEL, bias=BIAS):
    """The last layer, with its weights."""
    layer = layers.Dense(10, activation=activation)
    layer.build((None, len(kernel)))
    layer.set_weights([kernel, bias])
    return layer


def functional(shape, *then, scale=lambda image: image):
    """A network that is no Sequential."""
    image = Input(shape)
    answer = scale(image)
    for layer in then:
        answer = layer(answer)
    return keras.Model(image, answer)


def normalised():
    """A network that begins with what was fitted to grey levels."""
    fitted = layers.Normalization(axis=None, mean=33.0, variance=78.0**2)
    last = dense(kernel=KERNEL * 78 / 255, bias=BIAS + SUMS * 33 / 255)
    return Sequential([Input((28, 28)), fitted, layers.Flatten(), last])


def scaled():
    """A network for grey levels, without its input."""
    return layers.Rescaling(1 / 255), layers.Flatten(), dense("linear")


def coloured():
    """A network for colours: a third of each weight for each."""
    thirds = np.repeat(KERNEL / 3, 3, axis=0)
    return Sequential([Input((28, 28, 3)), layers.Flatten(), dense(kernel=thirds)])


def halved():
    """A network for -1 to 1, which it makes of grey levels itself."""
    scaling = layers.Rescaling(1 / 127.5, offset=-1)
    last = dense(kernel=KERNEL / 2, bias=BIAS + SUMS / 2)
    return Sequential([Input((28, 28, 1)), scaling, layers.Flatten(), last])


FORMS = {
    "own": lambda: Sequential([Input((28, 28, 1)), layers.Flatten(), dense()]),
    "logits": lambda: Sequential([Input((28, 28, 1)), layers.Flatten(), dense("linear")]),
    "log of softmax": lambda: Sequential([Input((28, 28)), layers.Flatten(), dense("log_softmax")]),
    "no channel": lambda: Sequential([Input((28, 28)), layers.Flatten(), dense()]),
    "channel first": lambda: Sequential([Input((1, 28, 28)), layers.Flatten(), dense()]),
    "784 values": lambda: Sequential([Input((784,)), dense(), layers.Dropout(0.5)]),
    "reshaped": lambda: Sequential(
        [Input((28, 28)), layers.Reshape((28, 28, 1)), layers.Flatten(), dense()]
    ),
    "three channels": coloured,
    "rescaled": lambda: Sequential([Input((28, 28)), *scaled()]),
    "augmented": lambda: Sequential([Input((28, 28, 1)), layers.RandomRotation(0.1), *scaled()]),
    "from -1": halved,
    "normalised": normalised,
    "nested": lambda: Sequential(
        [Sequential([Input((28, 28)), layers.Flatten(), dense("linear")]), layers.Softmax()]
    ),
    "functional": lambda: functional((28, 28), layers.Flatten(), dense("linear")),
    "divided": lambda: functional(
        (28, 28), layers.Flatten(), dense("linear"), scale=lambda image: image / 255.0
    ),
}
SILENTLY = {"own", "no channel", "channel first", "784 values", "reshaped", "nested"}
IN_THE_BROWSER = SILENTLY | {"logits", "three channels", "rescaled", "functional"}


@pytest.fixture(scope="module")
def digits(small):
    """A few digits."""
    return small[1].images[:12]


@pytest.fixture(scope="module")
def expected(digits):
    """What the weights make of them, by numpy alone."""
    scores = np.exp(digits.reshape(len(digits), 784) / 255 @ KERNEL + BIAS)
    return scores / scores.sum(axis=1, keepdims=True)


def answers(model, digits):
    """A network's answers: asked by the kit, and asked by Keras for a batch."""
    batch = network.to_batch(digits)
    return network.predict_probabilities(model, digits), model.predict_on_batch(batch)


@pytest.mark.parametrize("form", FORMS)
def test_the_same_weights_read_the_same_in_every_form(tmp_path, capsys, digits, expected, form):
    """From a file or as it is, whatever it takes and gives; one line says what was changed."""
    path = tmp_path / "foreign.keras"
    model = FORMS[form]()
    model.save(path)
    assert np.allclose(network.predict_probabilities(model, digits), expected, atol=1e-5)
    loaded = network.load_model(path)
    assert (loaded.input_shape, loaded.output_shape) == ((None, 28, 28, 1), (None, 10))
    for found in answers(loaded, digits):
        assert np.allclose(found, expected, atol=1e-5)
    said = " ".join(capsys.readouterr().out.split())
    assert said.count("foreign.keras: ") == (form not in SILENTLY)


@pytest.mark.parametrize("form", FORMS)
def test_what_was_adapted_is_saved_and_goes_on(tmp_path, digits, expected, form):
    """Saved by the kit, it reads the same; where it is a chain of plain layers, browsers know it."""
    adapted = adapt(FORMS[form]())
    network.save_model(adapted, tmp_path / "again.keras")
    again = network.load_model(tmp_path / "again.keras")
    assert np.allclose(network.predict_probabilities(again, digits), expected, atol=1e-5)
    if form in IN_THE_BROWSER:
        assert "outputs" not in network.describe_network(again)


def test_an_adapted_network_has_the_weights_of_the_one_it_was(digits):
    """What one learns the other knows."""
    model = FORMS["rescaled"]()
    adapted = adapt(model)
    before = network.predict_probabilities(adapted, digits)
    model.set_weights([weights[::-1] for weights in model.get_weights()])
    both = [network.predict_probabilities(each, digits) for each in (model, adapted)]
    assert np.allclose(*both, atol=1e-6) and not np.allclose(before, both[0], atol=1e-3)


def test_what_it_gives_is_asked_anew_each_time(digits, expected):
    """Given a softmax of its own, or what it scales by, later: it gets neither twice."""
    model = FORMS["logits"]()
    network.predict_probabilities(model, digits)
    model.layers[-1].activation = keras.activations.softmax
    assert np.allclose(network.predict_probabilities(model, digits), expected, atol=1e-5)
    model = normalised()
    for layer in (layers.BatchNormalization(momentum=0.0), model.layers[0]):
        other = Sequential([Input((28, 28)), layer, *model.layers[1:]])
        if isinstance(layer, layers.BatchNormalization):
            network.predict_probabilities(other, digits)
            layer.set_weights([np.full(28, each) for each in (1, 0, 33, 78.0**2 - layer.epsilon)])
        found = network.predict_probabilities(other, digits)
        assert np.allclose(found, expected, atol=1e-4)


class Opaque(keras.Model):
    """A network whose answers come of its own code."""

    input_shape, output_shape = (None, 28, 28, 1), (None, 10)

    def __init__(self):
        super().__init__()
        self.last = dense("linear")

    def call(self, batch, training=False):  # noqa: ARG002
        return keras.ops.softmax(self.last(keras.ops.reshape(batch, (-1, 784))))


def test_what_cannot_be_looked_into_is_taken_at_its_word(digits, expected):
    """A network or an activation of one's own gives what it gives: no softmax of a softmax."""

    def of_ones_own(scores):
        return keras.ops.softmax(scores)

    for model in (Opaque(), Sequential([Input((784,)), dense(of_ones_own)])):
        assert np.allclose(network.predict_probabilities(model, digits), expected, atol=1e-5)


def test_sigmoids_are_read_as_cross_entropy_reads_them(tmp_path, digits):
    """Each divided by the sum of its row: Keras' own loss of both is the same."""
    model = Sequential([Input((784,)), dense("sigmoid")])
    model.save(tmp_path / "sigmoid.keras")
    found, _ = answers(network.load_model(tmp_path / "sigmoid.keras", progress=SILENT), digits)
    raw = model.predict_on_batch(digits.reshape(-1, 784) / np.float32(255))
    labels = np.arange(len(digits)) % 10
    one, other = (keras.losses.sparse_categorical_crossentropy(labels, p) for p in (found, raw))
    assert np.allclose(one, other, atol=1e-4) and np.allclose(found.sum(axis=1), 1, atol=1e-5)


def unpack(model, folder):
    path = save(model, folder)
    with zipfile.ZipFile(path) as archive:
        archive.extractall(folder / "unpacked")
    return folder / "unpacked"


def save(model, folder, name="saved.keras", renamed=""):
    model.save(folder / name)
    return shutil.move(folder / name, folder / renamed) if renamed else folder / name


def save_as_keras_2(model, folder, old=('"groups"', '"groups"')):
    """An .h5 file whose layers are described as Keras 2 did it."""

    def describe(layer):
        config = {key: value for key, value in layer["config"].items() if key != "optional"}
        config["dtype"] = "float32"
        if "batch_shape" in config:
            config["batch_input_shape"] = config.pop("batch_shape")
        for key, value in config.items():
            if isinstance(value, dict) and "module" in value:
                config[key] = {"class_name": value["class_name"], "config": {}}
        config.pop("quantization_config", None)
        return {"class_name": layer["class_name"], "config": config}

    path = save(model, folder, "keras2.h5")
    with h5py.File(path, "r+") as file:
        config = json.loads(file.attrs["model_config"])["config"]["layers"]
        text = json.dumps({
            "class_name": "Sequential",
            "config": {"name": "sequential", "layers": [describe(layer) for layer in config]},
        })  # fmt: skip
        file.attrs["model_config"] = text.replace(*old)
        file.attrs["keras_version"] = "2.15.0"
    return path


FILES = {
    ".keras": save,
    ".h5": lambda model, folder: save(model, folder, "saved.h5"),
    "h5 of Keras 2": save_as_keras_2,
    "unpacked": unpack,
    "called .zip": lambda model, folder: save(model, folder, renamed="saved.keras.zip"),
    "h5 called .keras": lambda model, folder: save(model, folder, "saved.h5", "odd.keras"),
    "keras called .h5": lambda model, folder: save(model, folder, renamed="odd.h5"),
    "no suffix": lambda model, folder: save(model, folder, "saved.h5", "model"),
}


@pytest.mark.parametrize("kind", FILES)
@pytest.mark.parametrize("form", ["own", "logits", "no channel"])
def test_the_same_network_reads_the_same_from_every_file(tmp_path, digits, expected, form, kind):
    """Its kind is found in the content, whatever the name."""
    path = FILES[kind](FORMS[form](), tmp_path)
    for found in answers(network.load_model(path, progress=SILENT), digits):
        assert np.allclose(found, expected, atol=1e-5)


class Foreign(layers.Layer):
    """A layer of somebody else's."""

    def call(self, inputs):
        return inputs


def half(path: Path) -> Path:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    return path


def flip(path: Path) -> Path:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 255
    path.write_bytes(content)
    return path


def weights(model, folder):
    model.save_weights(folder / "own.weights.h5")
    return folder / "own.weights.h5"


def export(model, folder):
    model.export(folder / "exported", verbose=False)
    return folder / "exported"


def write(folder, content):
    path = folder / "odd.keras"
    path.write_bytes(content)
    return path


def pytorch(folder):
    with zipfile.ZipFile(folder / "net.pth", "w") as archive:
        archive.writestr("net/data.pkl", b"\x80\x02")
    return folder / "net.pth"


def with_layer(layer):
    return Sequential([Input((28, 28, 1)), layer, layers.Flatten(), dense()])


def ending(shape, *ends):
    return Sequential([Input(shape), layers.Flatten(), *ends])


REFUSED = {
    "weights alone": (lambda at: weights(FORMS["own"](), at), "holds weights alone.*load_weights"),
    "SavedModel": (lambda at: export(FORMS["own"](), at), r"SavedModel.*model\.save\("),
    "layers alone": (lambda at: write(at, FORMS["own"]().to_json().encode()), "without weights"),
    "pickle": (lambda at: write(at, pickle.dumps({})), "pickle, which could run anything"),
    "PyTorch": (pytorch, "PyTorch's"),
    "empty folder": (lambda at: at, "folder without a network"),
    "page": (lambda at: write(at, b"<html>404"), r"is no \.keras file"),
    "half": (lambda at: half(save(FORMS["own"](), at)), r"is no \.keras file, or only part"),
    "half .h5": (lambda at: half(save(FORMS["own"](), at, "a.h5")), "damaged.*copy or train"),
    "flipped": (lambda at: flip(save(FORMS["own"](), at)), "damaged.*copy or train"),
    "lambda": (lambda at: save(with_layer(layers.Lambda(lambda x: x)), at), "Lambda.*Rescaling"),
    "lambda .h5": (
        lambda at: save(with_layer(layers.Lambda(lambda x: x)), at, "a.h5"), "Lambda.*Rescaling",
    ),
    "custom": (lambda at: save(with_layer(Foreign()), at), "has Foreign.*register_keras"),
    "custom .h5": (lambda at: save(with_layer(Foreign()), at, "a.h5"), "has Foreign.*register"),
    "op of Keras 2": (
        lambda at: save_as_keras_2(FORMS["own"](), at, ('"Flatten"', '"TFOpLambda"')),
        "TFOpLambda.*Rescaling for / 255",
    ),
    "word of Keras 2": (
        lambda at: save_as_keras_2(FORMS["own"](), at, ('"units"', '"time_major": 0, "units"')),
        "has a Dense as another version of Keras describes it.*load_weights",
    ),
    "letters": (lambda at: save(ending((28, 28, 1), layers.Dense(26)), at), "there are ten digits"),
    "one number": (lambda at: save(ending((784,), layers.Dense(1)), at), "there are ten digits"),
    "32 pixels": (lambda at: save(ending((32, 32, 1), layers.Dense(10)), at), "ZeroPadding2D"),
    "relu": (lambda at: save(ending((784,), layers.Dense(10, "relu")), at), "got relu at its end"),
}  # fmt: skip


@pytest.mark.parametrize("kind", REFUSED)
def test_what_cannot_be_read_is_one_line_with_the_way_out(tmp_path, kind):
    """It names the file, says what it is, and what to do; never a traceback of Keras' own."""
    make, says = REFUSED[kind]
    path = make(tmp_path)
    with pytest.raises((DataError, ArrayError), match=says) as error:
        network.load_model(path)
    text = str(error.value)
    assert text.startswith(f"{path}: ") and "\n" not in text and len(text) < 400 + len(str(path))


@pytest.mark.parametrize("name", ["odd.keras", "odd.h5"])
def test_code_in_a_file_is_never_run(tmp_path, name):
    """A Lambda layer that would leave a trace leaves none."""
    trace = tmp_path / "trace"
    touch = layers.Lambda(lambda x, path=str(trace): [x, __import__("os").mkdir(path)][0])
    with_layer(touch).save(tmp_path / name)
    trace.rmdir()
    with pytest.raises(DataError, match="code in a file is not run"):
        network.load_model(tmp_path / name)
    assert not trace.exists()


@pytest.mark.parametrize("make", [weights, save_as_keras_2])
def test_the_way_out_of_weights_is_one(tmp_path, digits, expected, make):
    """The same layers, load_weights, save: it reads as it did."""
    path = make(FORMS["own"](), tmp_path)
    model = FORMS["own"]()
    model.set_weights([0 * each for each in model.get_weights()])
    model.load_weights(path)
    model.save(tmp_path / "my_model.keras")
    found, _ = answers(network.load_model(tmp_path / "my_model.keras"), digits)
    assert np.allclose(found, expected, atol=1e-5)


def test_a_registered_layer_of_ones_own_is_loaded(tmp_path, digits, expected):
    """As the line about it says: defined and registered, it is no stranger."""
    mine = keras.saving.register_keras_serializable("tests")(type("Mine", (Foreign,), {}))
    with_layer(mine()).save(tmp_path / "mine.keras")
    found, _ = answers(network.load_model(tmp_path / "mine.keras"), digits)
    assert np.allclose(found, expected, atol=1e-5)


def test_every_door_says_the_line(tmp_path, capsys):
    """`load_own` prints it; `mnist-lab read --json` keeps stdout for JSON, `pocket` takes it too."""
    from mnist_lab.cli import main
    from mnist_lab.data import demonstration_folder

    path = tmp_path / "logits.keras"
    FORMS["logits"]().save(path)
    network.load_own(path)
    assert "it gives logits" in " ".join(capsys.readouterr().out.split())
    picture = str(demonstration_folder() / "four.jpg")
    assert main(["read", picture, "--model", str(path), "--json"]) == 0
    said = capsys.readouterr()
    assert json.loads(said.out) and said.err.count("\n") == said.err.count("it gives logits") == 1
    assert main(["pocket", str(path), "--out", str(tmp_path / "page.html")]) == 0
    assert "it gives logits" in capsys.readouterr().err


@pytest.mark.parametrize("model", ["my_network.keras", Path("a.keras"), Sequential(), 7, None])
def test_no_network_is_said(digits, model):
    """A path, what is not built yet and what is no model at all are one line."""
    if model is None:
        model = keras.Model()
    with pytest.raises(ArrayError, match=r"expected a network .* got one from \(\) to \(\)"):
        network.predict_probabilities(model, digits)


@pytest.mark.parametrize(
    "form", sorted(FORMS.keys() - {"784 values", "augmented"})
)  # which have chance
def test_every_form_is_trained_on_what_it_takes(small, form):
    """The same weights have the same loss and accuracy, whatever they take, give and end in."""
    part = small[0].select(np.arange(64))
    figures = []
    for each in ("own", form):
        model = FORMS[each]()
        network.compile_model(model, optimizer=keras.optimizers.SGD(0.0))
        figures.append(network.fit(model, part, validation=part, epochs=1, batch_size=64))
    assert np.allclose(*figures, atol=1e-4)


@pytest.mark.parametrize("loss", [
    "sparse_categorical_crossentropy",
    keras.losses.SparseCategoricalCrossentropy(),
    keras.losses.sparse_categorical_crossentropy,
    "categorical_crossentropy",
])  # fmt: skip
def test_labels_come_as_the_loss_wants_them(small, loss):
    """Numbers or one-hot: the figures are the same, and no error comes of Keras'."""
    part = small[0].select(np.arange(64))
    figures = []
    for each in ("categorical_crossentropy", loss):
        model = FORMS["own"]()
        model.compile("sgd", each, metrics=["accuracy"])
        figures.append(network.fit(model, part, epochs=1, batch_size=64))
    assert np.allclose(*figures, atol=1e-5)


def test_digits_and_labels_may_come_one_by_one(small):
    """As Keras' own fit has them; what else comes is said in a sentence."""
    part = small[0].select(np.arange(64))
    figures = [
        network.fit(FORMS["own"](), *given, epochs=1, batch_size=64)
        for given in ((part,), (part.images, part.labels))
    ]
    assert np.allclose(*figures, atol=1e-5)
    rows = network.one_hot(part.labels)
    for given, says in (
        ((part.images,), r"got \(64, 28, 28\) uint8: .*Split\(images, labels\) joins the two"),
        ((part.images, rows), r"argmax\(axis=1\)"),
        ((part.images / 255, part.labels), "before any scaling"),
        ((part.images[..., np.newaxis], part.labels), r"images\.reshape\(-1, 28, 28\)"),
        ((part.images.reshape(-1, 784).astype(int), part.labels), r"images\.astype\(np\.uint8\)"),
    ):
        with pytest.raises(ArrayError, match=says):
            network.fit(FORMS["own"](), *given)


@pytest.mark.parametrize("ask", [
    lambda part: network.train("course", part.images, out="x.keras"),
    lambda part: network.hold_back(part.images, seed=0),
    lambda part: network.fine_tune(FORMS["own"](), part.images, part, seed=0),
])  # fmt: skip
def test_images_without_their_labels_are_one_sentence(small, ask):
    """Whoever hands over the images alone is told what joins them with their labels."""
    with pytest.raises(MnistLabError, match="digits with their labels"):
        ask(small[0])


def compiled(loss):
    model = FORMS["own"]()
    model.compile("sgd", loss)
    return model


BLANK, LABELS = np.zeros((4, 28, 28, 1), np.float32), np.arange(4)
HABITS = {
    r"model\.predict\(\.\.\.\)\.argmax\(axis=1\)": lambda: compiled(None).predict_classes(BLANK),
    "gives the probabilities": lambda: compiled(None).predict_proba(BLANK),
    r"model\.fit\(\.\.\.\) takes": lambda: compiled(None).fit_generator(BLANK),
    "to_categorical": lambda: keras.utils.np_utils,
    "without a further part": lambda: __import__("keras.layers.core"),
    r'metrics=\["accuracy"\]': lambda: FORMS["own"]().compile(metrics="accuracy"),
    'called "accuracy"': lambda: {"accuracy": 1}["acc"],
    "called learning_rate": lambda: keras.optimizers.SGD(lr=0.1),
    "called epochs": lambda: compiled(None).fit(BLANK, LABELS, nb_epoch=1),
    "labels are numbers": lambda: compiled("categorical_crossentropy").fit(BLANK, LABELS, verbose=0),
    "labels are one-hot": lambda: compiled("sparse_categorical_crossentropy").fit(
        BLANK, network.one_hot(LABELS), verbose=0
    ),
    r"history\.history\[": lambda: keras.callbacks.History()["accuracy"],
    "have no channel": lambda: Sequential([layers.Conv2D(1, 3)])(BLANK[..., 0]),
    "not a batch": lambda: FORMS["no channel"]().predict(BLANK[0, ..., 0], verbose=0),
    "wants 784 numbers": lambda: FORMS["own"]().predict(BLANK[0], verbose=0),
}  # fmt: skip


@pytest.mark.parametrize("says", HABITS)
def test_what_keras_has_changed_is_told_in_a_sentence(says):
    """What a tutorial of its day writes: the error's sentence says how it is written now."""
    with pytest.raises(Exception) as error:
        HABITS[says]()
    sentence, line = explain(_describe_error(error.value)).split("\n")
    assert re.search(says, sentence.replace("`", "")), (sentence, line)


@pytest.mark.parametrize("program", ["while True: pass", "import os; os.abort()"])
def test_a_file_that_hdf5_cannot_cope_with_is_refused(tmp_path, monkeypatch, program):
    """One that its library hangs or crashes on is called damaged, in a process of its own."""
    model = keras.Sequential([keras.Input((28, 28, 1)), keras.layers.Flatten()])
    model.save(tmp_path / "model.h5")
    monkeypatch.setattr(loading, "READ_THROUGH", program)
    monkeypatch.setattr(loading, "HDF5_SECONDS", 1)
    with pytest.raises(DataError, match="is damaged, or only part of a network"):
        network.load_network(tmp_path / "model.h5")
