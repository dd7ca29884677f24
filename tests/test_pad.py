"""The drawing pad without a browser: the same answers, and nothing that stops it."""

import base64
import io
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from mnist_lab import pad, synth
from mnist_lab.arrays import ArrayError, DataError, OptionError
from mnist_lab.files import CannotWrite
from mnist_lab.pad import DigitPad, Drawing, describe_answer, widget


def reader(digits):
    """A network that knows nothing, but answers each digit by its own ink."""
    chances = digits.reshape(len(digits), 28, 28).sum(axis=1, dtype=float)[:, 9:19] + 1
    return (chances / chances.sum(axis=1, keepdims=True)).astype(np.float32)


def strokes(label, seed=1):
    """A written digit on the pad."""
    return [0.2 + 0.6 * x for x in synth.write_strokes(label, np.random.default_rng(seed))]


def send(drawing_pad, drawing, number=1, **more):
    """What happens when the browser sends a drawing."""
    ink = drawing if isinstance(drawing, bytes) else drawing.to_bytes()
    drawing_pad.set_state({"_drawing": {"number": number, "ink": memoryview(ink), **more}})
    return drawing_pad._answer


def test_with_and_without_a_browser_the_answer_is_the_same():
    """A drawing that the browser sent, one that was set, one from a file: the same to the bit."""
    drawing = Drawing.of(strokes(5))
    sent, was_set = DigitPad(reader), DigitPad(reader)
    send(sent, drawing)
    was_set.strokes = drawing
    for each in (sent, was_set, DigitPad(reader, strokes=drawing.strokes)):
        np.testing.assert_array_equal(each.probabilities, reader(drawing.digit[np.newaxis])[0])
        np.testing.assert_array_equal(each.digit, drawing.digit)
        np.testing.assert_array_equal(each.image, drawing.image)
        assert each.drawing.to_bytes() == drawing.to_bytes()


def test_a_saved_drawing_gives_the_same_pad(tmp_path):
    """save and load keep the strokes, their widths and times, and so the answer."""
    drawing = Drawing.of(strokes(3), pen=[np.linspace(0.05, 0.1, len(x)) for x in strokes(3)])
    DigitPad(reader, strokes=drawing).save(tmp_path / "three.json")
    back = DigitPad.load(tmp_path / "three.json", reader)
    assert back.drawing.to_bytes() == drawing.to_bytes()
    assert back._answer == DigitPad(reader, strokes=drawing)._answer


def test_the_pretrained_network_reads_the_drawings(project):
    """It reads each of the ten drawings, and none of those that fool it."""
    for path in sorted((project / "data" / "drawings").glob("*.json")):
        answer = int(DigitPad.load(path).probabilities.argmax())
        assert (answer == int(path.stem[-1])) is not path.stem.startswith("fool"), path.name


def test_any_callable_can_read():
    """A function reads as a network does; a better one can take its place."""
    drawn = DigitPad(reader, strokes=strokes(2))
    drawn.model = lambda digits: np.eye(10, dtype=np.float32)[[7] * len(digits)]
    assert drawn.words == "This is a 7 (over 99 %)."
    with pytest.raises(ArrayError, match="is a softmax missing"):
        drawn.model = lambda digits: np.ones((len(digits), 10), np.float32)


def test_observers_hear_each_answer():
    """`observe` is called when the browser draws and when a cell does, with the probabilities."""
    heard = []
    drawn = DigitPad(reader)
    drawn.observe(lambda change: heard.append(change.new), "probabilities")
    send(drawn, Drawing.of(strokes(4)))
    drawn.strokes = strokes(6)
    drawn.strokes = []
    assert [found is None for found in heard] == [False, False, True]
    assert heard[0].shape == (10,)


def test_an_answer_carries_the_number_of_its_drawing():
    """The browser can tell an answer that is late; what a cell draws gets a higher number."""
    drawn = DigitPad(reader)
    assert send(drawn, Drawing.of(strokes(4)), number=41)["number"] == 41
    drawn.strokes = strokes(6)
    assert drawn._drawing["number"] == drawn._answer["number"] == 42


@pytest.mark.parametrize("content", [b"123", b"\xff" * 16, b"\x80" * 16, bytes(8 * 50_000)])
def test_bad_input_from_the_browser_stops_nothing(content):
    """What is no drawing is said on the pad or ignored, and the next one is read."""
    drawn = DigitPad(reader, strokes=strokes(1))
    send(drawn, content)
    assert not send(drawn, Drawing.of(strokes(4)), number=2)["error"]
    assert drawn.probabilities is not None


@pytest.mark.parametrize("message", [{"ink": 10**9}, {"ink": "x"}, {"ink": [1.5], "number": {}}])
def test_what_is_no_message_is_answered_and_forgotten(message):
    """What a browser would never send is called none, and a cell may draw afterwards."""
    drawn = DigitPad(reader)
    drawn._drawing = message
    assert drawn._answer["error"].startswith("ArrayError: expected the bytes of a drawing")
    drawn.strokes = strokes(4)
    assert drawn._answer["number"] == drawn._drawing["number"] == 1


def test_a_reader_or_an_observer_that_fails_is_said_on_the_pad():
    """An exception in a callback would show nowhere."""

    def fail(_):
        raise ZeroDivisionError("too bad")

    drawn = DigitPad(reader)
    drawn.observe(fail, "probabilities")
    assert send(drawn, Drawing.of(strokes(4)))["error"] == "ZeroDivisionError: too bad"


@pytest.mark.parametrize(
    ("drawn", "says"),
    [
        ([np.float32([[0, np.nan]])], "expected numbers"),
        ([np.zeros((1_000_000, 2), np.float32)], "at most 20,000 points"),
        ("seven.json", "expected a stroke"),
    ],
)
def test_bad_strokes_are_refused_and_the_pad_goes_on(drawn, says):
    """Setting what are no strokes raises, and leaves what was there."""
    there = DigitPad(reader, strokes=strokes(7))
    before = there.drawing
    with pytest.raises(ArrayError, match=says):
        there.strokes = drawn
    assert there.drawing is before


def test_asking_in_turn_and_keeping():
    """A kept drawing has the label that was asked for; then the next is asked for, on a bare pad."""
    drawn = DigitPad(reader, ask=[3, 8])
    assert drawn._answer["ask"] == "Draw a 3."
    first = send(drawn, Drawing.of(strokes(3)), keep=True)
    assert first["ask"].startswith("Draw an 8. So far it has read")
    assert first["verdict"].startswith("Kept. It read your 3 as a")
    assert drawn.strokes == [] and drawn.probabilities is None
    send(drawn, Drawing.of(strokes(8)), number=9, keep=True)
    send(drawn, Drawing.of([]), number=12, keep=True)  # nothing to keep
    assert drawn.collected.labels.tolist() == [3, 8]
    np.testing.assert_array_equal(drawn.collected.images[0], Drawing.of(strokes(3)).digit)


def test_fooling_is_counted():
    """A drawing fools the network if its answer is not what was asked for."""
    drawn = DigitPad(lambda digits: np.eye(10, dtype=np.float32)[[0] * len(digits)], ask="fool")
    send(drawn, Drawing.of(strokes(0)), number=1, keep=True)
    assert "fooled it 0 of 1 times" in drawn._answer["ask"]
    send(drawn, Drawing.of(strokes(1)), number=5, keep=True)
    assert "Draw a 2" in drawn._answer["ask"] and "fooled it 1 of 2 times" in drawn._answer["ask"]


def test_without_being_asked_nothing_is_kept():
    """A browser that says keep to a pad that asks for nothing changes nothing."""
    drawn = DigitPad(reader)
    send(drawn, Drawing.of(strokes(0)), keep=True)
    assert not drawn.kept and drawn.strokes


def test_export_writes_what_the_kit_reads(tmp_path):
    """images and labels as uint8, loaded without pickle; nothing kept, nothing written."""
    drawn = DigitPad(reader, ask=7)
    with pytest.raises(DataError, match="nothing was kept"):
        drawn.export(tmp_path / "mine.npz")
    send(drawn, Drawing.of(strokes(7)), keep=True)
    drawn.export(tmp_path / "mine.npz")
    with np.load(tmp_path / "mine.npz", allow_pickle=False) as kept:
        assert kept["images"].dtype == kept["labels"].dtype == kept["answers"].dtype == np.uint8
        np.testing.assert_array_equal(kept["images"], drawn.collected.images)
        assert kept["labels"].tolist() == [7]
    with pytest.raises(OptionError, match=r"ends in \.npz"):
        drawn.export(tmp_path / "mine.csv")
    with pytest.raises(CannotWrite):
        drawn.export(tmp_path / "mine.npz" / "mine.npz")


@pytest.mark.parametrize("ask", ["7", 10, -1, [], [1, 11], 2.5, "all"])
def test_asking_for_no_digit_is_refused(ask):
    """`ask` is "fool", a digit, or digits."""
    with pytest.raises(OptionError, match="expected ask="):
        DigitPad(reader, ask=ask)


def test_load_says_what_is_no_drawing(tmp_path):
    """A file that is none is an error that says what writes one."""
    (tmp_path / "no.json").write_text("{}")
    with pytest.raises(DataError, match=r"pad\.save writes one"):
        DigitPad.load(tmp_path / "no.json", reader)


def test_words_say_how_sure():
    """Sure, less sure, and unsure: there a second answer stands beside the first."""
    sure = np.full(10, 0.005)
    sure[8] = 0.955
    assert describe_answer(sure) == "This is an 8 (96 %)."
    assert describe_answer(np.array([0, 0.7, 0, 0, 0, 0, 0, 0.3, 0, 0])) == "Probably a 1 (70 %)."
    doubt = describe_answer(np.array([0, 0.35, 0, 0, 0, 0, 0, 0.3, 0.35, 0]))
    assert doubt == "A 1 (35 %)? Or an 8 (35 %)?"
    assert describe_answer(None) == ""


def test_repr_is_the_same_everywhere():
    """No address of memory stands in it, or saved notebooks would differ from run to run."""
    assert repr(DigitPad(reader, strokes=strokes(0))) == "DigitPad(1 stroke)"
    assert repr(DigitPad(reader)) == "DigitPad(0 strokes)"


def test_a_saved_notebook_shows_the_drawing(monkeypatch):
    """Beside the live pad stands a picture, with the drawing on it and the answer in words."""
    shown = []
    monkeypatch.setattr(widget, "display", lambda data, **how: shown.append((data, how)))
    drawn = DigitPad(
        lambda digits: np.eye(10, dtype=np.float32)[[2] * len(digits)], strokes=strokes(2)
    )
    drawn._ipython_display_()
    (live, _), (still, how) = shown
    assert "application/vnd.jupyter.widget-view+json" in live
    assert still["text/plain"].endswith("This is a 2 (over 99 %).")
    assert how["metadata"]["image/png"]["alt"] == still["text/plain"]
    picture = np.array(Image.open(io.BytesIO(base64.b64decode(still["image/png"]))).convert("L"))
    assert (picture[16:352, 16:352] > 250).mean() > 0.02  # ink
    assert len(still["image/png"]) < 30_000


def test_a_pen_at_rest_renews_the_picture(monkeypatch):
    """The picture is of the last drawing, not of the first; other messages are ignored."""
    renewed = []
    drawn = DigitPad(reader)
    monkeypatch.setattr(widget, "update_display", lambda data, **how: renewed.append((data, how)))
    send(drawn, Drawing.of(strokes(2)))
    for message in ({"kind": "picture"}, {"kind": "else"}, None, [1]):
        drawn._on_message(drawn, message, [])
    [(data, how)] = renewed
    assert how["display_id"] == drawn._preview_id and "1 stroke" in data["text/plain"]


def test_module_is_small_and_needs_no_network():
    """The browser's part is under 15 kB, and fetches nothing."""
    assert len(DigitPad._esm.encode()) < 15_000
    for text in (DigitPad._esm, DigitPad._css):
        assert not [word for word in ("http", "import ", "fetch(", "url(", "eval") if word in text]


def test_a_drawing_needs_no_jupyter_and_a_pad_no_tensorflow():
    """Only the pad itself loads the widgets, and only the kit's own network loads Keras."""
    program = """
import sys
import numpy as np
heavy = {"anywidget", "IPython", "matplotlib", "tensorflow", "keras"}
from mnist_lab.pad import Drawing, kit_drawing
print(sorted(heavy & set(sys.modules)))
from mnist_lab.pad import DigitPad
pad = DigitPad(lambda digits: np.full((len(digits), 10), 0.1), strokes=kit_drawing("7"))
print(sorted(heavy & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.splitlines() == ["[]", "['IPython', 'anywidget']"], done.stderr


def test_a_pad_without_jupyter_says_what_installs_it(monkeypatch):
    """The name of the missing package, and the extra that brings it."""
    monkeypatch.setitem(sys.modules, "anywidget", None)
    monkeypatch.delitem(sys.modules, "mnist_lab.pad.widget")
    monkeypatch.delattr(pad, "widget")
    with pytest.raises(ModuleNotFoundError, match=r"needs anywidget: pip install .*\[lab\]"):
        pad.DigitPad  # noqa: B018
    with pytest.raises(AttributeError, match="has no attribute 'Nonsense'"):
        pad.Nonsense  # noqa: B018


def test_a_path_may_be_text(tmp_path):
    """Each door that takes a path takes text and Path alike, and does the same."""
    drawing, pad_ = Drawing.of(strokes(7)), DigitPad(reader, ask=7)
    send(pad_, drawing, keep=True)
    for save, suffix in ((drawing.save, "json"), (pad_.save, "json"), (pad_.export, "npz")):
        one, other = tmp_path / f"one.{suffix}", tmp_path / f"other.{suffix}"
        save(one)
        save(str(other))
        assert one.read_bytes() == other.read_bytes()
    drawing.save(tmp_path / "seven.json")
    for path in (tmp_path / "seven.json", str(tmp_path / "seven.json")):
        assert Drawing.load(path).to_bytes() == drawing.to_bytes()
        assert DigitPad.load(path, reader).drawing.to_bytes() == drawing.to_bytes()
