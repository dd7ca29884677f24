"""Picture files on the command line: read, told, drawn over, explained."""

import json
from functools import partial

import cv2
import matplotlib.pyplot as plt
import numpy as np
import PIL.Image
import PIL.ImageOps
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mnist_lab import images, network, plots, synth
from mnist_lab.arrays import ArrayError, MnistLabError
from mnist_lab.cli import main
from mnist_lab.reading import find_digits, find_files, read_page, read_single


@pytest.fixture(scope="module")
def page() -> np.ndarray:
    """A scanned page of two lines of digits."""
    write = partial(synth.write_strokes, writer=synth.Writer(7))
    drawing = synth.lay_out("2026\n314", write, seed=1)
    picture, _ = synth.photograph(drawing, seed=1, camera=synth.SCANNER, pen=synth.FELT)
    return picture


@pytest.fixture(scope="module")
def folder(page, tmp_path_factory):
    """A page, an empty page and a file that is no picture, in a folder with a space."""
    folder = tmp_path_factory.mktemp("my pages")
    images.save_image(page, folder / "a page.png")
    images.save_image(np.full((300, 400), 240, np.uint8), folder / "empty.png")
    (folder / "text.png").write_text("not a picture")
    return folder


@pytest.fixture(scope="module")
def model_file(tmp_path_factory, small):
    """A network after a few seconds of training, as a file."""
    network.set_seed(0)
    model = network.course_cnn()
    network.fit(model, small[0], epochs=6)
    path = tmp_path_factory.mktemp("model") / "model.keras"
    model.save(path)
    return path


@pytest.fixture(scope="module")
def found(page):
    """The page's seven digits, before a network is asked."""
    return find_digits(images.load_image(page))


def answering(rows):
    """A model that gives these probabilities, float32 (n, 10), to the first digits of a page."""
    return lambda digits: rows[: len(digits)]


@pytest.fixture
def sure():
    """Seven answers, 0 to 6, each 82 % sure."""
    rows = np.full((7, 10), 0.02, np.float32)
    rows[np.arange(7), np.arange(7)] = 0.82
    return rows


@settings(max_examples=25)
@given(st.integers(1, 2**7 - 1))
def test_selecting_keeps_digits_boxes_and_answers_together(found, chosen):
    """Whatever is chosen, what belongs to one digit stays with it, in its line, in order."""
    mask = np.array([chosen >> at & 1 for at in range(7)], bool)
    whole = found.with_probabilities(np.eye(10, dtype=np.float32)[:7])
    some = whole.select(mask)
    at = np.flatnonzero(mask)
    assert (some.labels == at).all() and (some.boxes == whole.boxes[at]).all()
    assert [some.labels[list(line)].tolist() for line in some.lines] == [
        [at for at in line if mask[at]] for line in whole.lines if mask[list(line)].any()
    ]


def test_text_labels_and_confidences_say_one_thing(page, sure):
    """The text is the labels, line by line; what is doubtful has a question mark."""
    sure[2] = 0.3 * np.eye(10)[2] + 0.07
    read = read_page(images.load_image(page), answering(sure))
    assert read.text == "0123\n456" and "".join(map(str, read.labels)) == "0123456"
    assert np.allclose(read.confidences, sure.max(axis=1)) and read.labels.dtype == np.uint8
    assert read.answers(0.5) == ["0", "1", "2?", "3", "4", "5", "6"]


def test_page_that_was_not_asked_says_so(found):
    """Digits without answers have no text, and the error names what gives one."""
    assert found.probabilities is None and len(found) == 7
    for ask in ("text", "labels", "confidences"):
        with pytest.raises(MnistLabError, match="call read_page"):
            getattr(found, ask)
    with pytest.raises(ArrayError, match=r"expected probabilities \(7, 10\)"):
        found.with_probabilities(np.eye(10, dtype=np.float32)[:6])


def test_pretrained_networks_are_asked_by_default(page):
    """Without a model all the kit's own answer together, and a bare picture asks no classifier."""
    read = read_page(images.load_image(page))
    assert read.text == "2026\n314"
    alone = network.predict_probabilities(None, read.digits)
    logs = np.log(np.maximum(alone, 1e-7)) + np.log(np.maximum(read.opinions, 1e-7))
    assert (read.probabilities.argmax(axis=1) == logs.argmax(axis=1)).all()
    assert read.probabilities.sum(axis=1) == pytest.approx(1, abs=1e-5)
    bare = read_single(np.full((60, 60), 200, np.uint8), model="never looked at")
    assert len(bare) == 0 and bare.text == "" and bare.probabilities.shape == (0, 10)


def test_json_has_an_object_a_file_and_one_bad_file_costs_only_itself(folder, model_file, capsys):
    """The rest are read, the error is named once, and the exit status says that there was one."""
    assert main(["read", str(folder), "--model", str(model_file), "--json"]) == 1
    said = capsys.readouterr()
    found = json.loads(said.out)
    assert [each["file"].split("/")[-1].split("\\")[-1] for each in found] == [
        "a page.png",
        "empty.png",
        "text.png",
    ]
    written, empty, broken = found
    assert [len(line) for line in written["lines"]] == [4, 3]
    assert written["text"] == "\n".join(
        "".join(str(each["digit"]) for each in line) for line in written["lines"]
    )
    assert written["polarity"] == "dark-on-light" and written["error"] is None
    assert empty["lines"] == [] and empty["error"] is None
    assert empty["polarity"] == "dark-on-light" and empty["rotation"] == 0
    assert "text.png" in broken["error"] and said.err.count("\n") == 1


def test_every_page_of_a_file_has_its_own_word(page, model_file, tmp_path, capsys):
    """Its number, lines, polarity and rotation, in JSON; its number in what is printed."""
    upright = PIL.Image.fromarray(images.load_image(page))
    bare = PIL.Image.new("L", upright.size, 230)
    others = [PIL.ImageOps.invert(upright), bare, upright.rotate(-6, fillcolor=230, expand=True)]
    upright.save(tmp_path / "some.tif", save_all=True, append_images=others)
    name = str(tmp_path / "some.tif")
    assert main(["read", name, "--model", str(model_file), "--json"]) == 0
    [found] = json.loads(capsys.readouterr().out)
    assert [each["page"] for each in found["pages"]] == [1, 2, 3, 4]
    assert [len(each["lines"]) for each in found["pages"]] == [2, 2, 0, 2]
    dark = [each["polarity"] == "dark-on-light" for each in found["pages"]]
    assert dark == [True, False, True, True]
    turned = [each["rotation"] for each in found["pages"]]
    assert turned == pytest.approx([0, 0, 0, 6], abs=2)
    assert found["lines"] == [line for each in found["pages"] for line in each["lines"]]
    assert main(["read", name, "--model", str(model_file)]) == 0
    said = capsys.readouterr().out.splitlines()
    assert [line for line in said if line.startswith("page")] == [
        "page 1:", "page 2:", "page 3: no digit found", "page 4:",
    ]  # fmt: skip


def test_answers_are_the_network_s_for_the_page_s_digits(page, folder, model_file, capsys):
    """What is printed is what reading and asking by hand gives."""
    assert main(["read", str(folder / "a page.png"), "--model", str(model_file), "--json"]) == 0
    [found] = json.loads(capsys.readouterr().out)
    reading = find_digits(images.load_image(page))
    answers = network.predict_probabilities(network.load_model(model_file), reading.digits)
    each = [digit for line in found["lines"] for digit in line]
    assert [digit["digit"] for digit in each] == answers.argmax(axis=1).tolist()
    assert np.allclose([digit["probabilities"] for digit in each], answers, atol=1e-6)
    assert [digit["box"] for digit in each] == reading.boxes.tolist()


def test_doubtful_digits_get_a_question_mark(folder, model_file, capsys):
    """Every digit when only certainty will do, none when anything will."""
    name = str(folder / "a page.png")
    for least, marks in (("1", 7), ("0", 0)):
        assert main(["read", name, "--model", str(model_file), "--min-confidence", least]) == 0
        assert capsys.readouterr().out.count("?") == marks


def test_overlay_is_a_picture_and_explain_a_page(folder, model_file, tmp_path):
    """Each is named after the file, and lies in a folder that is made for it."""
    over, why = tmp_path / "new over", tmp_path / "why"
    name = str(folder / "a page.png")
    options = ["--overlay", str(over), "--explain", str(why)]
    assert main(["read", name, "--model", str(model_file), *options]) == 0
    assert [path.name for path in over.iterdir()] == ["a page.png.png"]
    assert cv2.imread(str(over / "a page.png.png")).std() > 5
    assert [path.name for path in why.iterdir()] == ["a page.png.html"]
    assert "How a page.png was read" in (why / "a page.png.html").read_text(encoding="utf-8")


def test_files_of_one_name_keep_apart(page, model_file, tmp_path, monkeypatch):
    """What is written lies in the folders that the files do not share, never above --overlay."""
    monkeypatch.chdir(tmp_path)
    names = ["in/a/1.png", "in/b/1.png", "in/b/c/1.png"]
    for name in names:
        images.save_image(page, tmp_path / name)
    options = ["--model", str(model_file), "--overlay", "out/over", "--explain", "out/why"]
    assert main(["read", "in/b/../a", "in/b", *options]) == 0
    for kind, ending in (("over", "png"), ("why", "html")):
        found = (tmp_path / "out" / kind).rglob("*.*")
        written = sorted(path.relative_to(tmp_path / "out" / kind).as_posix() for path in found)
        assert written == [f"{name[3:]}.{ending}" for name in names]


@pytest.mark.parametrize(
    ("content", "says"),
    [(None, "no such network"), (b"nonsense", "is no .keras file")],
)
def test_network_that_cannot_be_loaded_is_one_line(folder, tmp_path, capsys, content, says):
    """A missing file, or one that is no network."""
    path = tmp_path / "model.keras"
    if content:
        path.write_bytes(content)
    assert main(["read", str(folder / "empty.png"), "--model", str(path)]) == 1
    error = capsys.readouterr().err
    assert says in error and error.count("\n") == 1


def test_names_stand_for_files(folder):
    """A folder is its pictures in order, a pattern what matches, a missing name itself."""
    names = find_files([folder, str(folder / "*.png"), "missing.png"])
    assert len(names) == 7 and names[:3] == sorted(names[:3]) and names[-1] == "missing.png"


def test_steps_and_page_are_drawn(found):
    """Every step with its name; a box and an answer for each digit, within the picture."""
    steps = plots.show_steps(found)
    assert len(steps.images) == len(found.steps)
    assert {step.name for step in found.steps} <= {text.get_text() for text in steps.texts}
    ax = plots.show_page(found.with_probabilities(np.eye(10, dtype=np.float32)[:7]))
    assert [text.get_text() for text in ax.texts] == list("0123456")
    drawn = [patch.get_xy() for patch in ax.patches]
    corners = [(x, y, x + wide, y + high) for x, y, wide, high in found.boxes]
    assert [(*each.min(axis=0), *each.max(axis=0)) for each in drawn] == corners
    height, width = found.image.shape
    assert ax.get_xlim() == (-0.5, width - 0.5) and ax.get_ylim() == (height - 0.5, -0.5)
    plt.close("all")
