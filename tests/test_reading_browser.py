"""Drawings and pages read in real browsers, from file:// with the network cut off, against Python.

Needs Playwright and Chromium, as test_pad_browser.py; Firefox (firefox-esr) where it is found.
"""

import base64
import json
import os

import cv2
import numpy as np
import pytest

from benchmarks import bare_page, lab
from mnist_lab import data, images, network, reading
from mnist_lab.arrays import Digits
from mnist_lab.pad import Drawing
from mnist_lab.pad.reader import describe_reader
from mnist_lab.synth import Writer, write_strokes
from tools.make_drawings import place

MUST = os.environ.get("MNIST_LAB_BROWSER") == "must"
needs_chromium = pytest.mark.skipif(
    not (MUST or lab.available()),
    reason="needs Chromium (apt-get install chromium, or MNIST_LAB_CHROMIUM=FILE) and Playwright",
)
needs_firefox = pytest.mark.skipif(
    not bare_page.firefox(), reason="needs Firefox (apt-get install firefox-esr)"
)
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")  # of sockets, Playwright's
DRAWINGS = 1000
READ_DRAWINGS = """async ({ drawings, classifier }) => {
  const run = modules.helper.runner({ classifier });
  return drawings.map((drawing) => {
    const digit = modules.digit.strokesToDigit(drawing);
    if (!digit) return null;
    const [{ data }] = run("classifier", Float32Array.from(digit, (v) => v / 255), [28, 28, 1]);
    return [[...digit], [...data]];
  });
}"""
LOAD = """(description) => {
  globalThis.reader?.close();
  globalThis.reader = modules.reading.loadReader(description);
  return reader.helpers;
}"""
READ_PAGE = """async ({ grey, width, height }) => {
  const levels = Uint8Array.from(atob(grey), (letter) => letter.charCodeAt(0));
  const heard = [];
  const page = await modules.reading.readPage(levels, width, height, reader, (s) => heard.push(s));
  const digits = page.digits.map(({ box, digit, probabilities }) =>
    ({ box, digit: [...digit], probabilities: [...probabilities] }));
  return { ...page, digits, heard };
}"""


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """A page of the modules, with a reader that has every bit of the networks."""
    modules = ["reading", "digit", "helper", "forward", "simd", "pixels"]
    with lab.chromium() as browser:
        context = browser.new_context(offline=True)
        page = context.new_page()
        page.set_default_timeout(300_000)
        page.goto(bare_page.write_page(tmp_path_factory.mktemp("page"), modules).as_uri())
        page.evaluate(LOAD, describe_reader(dtype="float32"))
        yield page


def written(number):
    """A drawing by one of many writers, of any pen, now and then beyond the pad's edge."""
    chance = np.random.default_rng(number)
    lines = place(write_strokes(number % 10, chance, writer=Writer(number)))
    if number % 4 == 3:
        lines = [((line - 0.5) * 1.4 + 0.6).astype(np.float32) for line in lines]
    pens = {
        1: float(chance.uniform(0.02, 0.18)),
        2: [chance.uniform(0.03, 0.13, len(x)) for x in lines],
    }
    return Drawing.of(lines, pen=pens.get(number % 4, 0.08))


def drawings_to_read(drawings):
    each = [
        {
            "strokes": [
                np.c_[s, p].astype(float).tolist() for s, p in zip(d.strokes, d.pens, strict=True)
            ]
        }
        for d in drawings
    ]
    classifier = network.describe_network(network.load_pretrained(), "float32")
    return {"drawings": each, "classifier": classifier}


def check_drawings(drawings, answers):
    """Digits differ by at most one level in a pixel, probabilities by at most 1e-4."""
    digits = np.array([digit for digit, _ in answers], int).reshape(-1, 28, 28)
    expected = Digits(np.array([drawing.digit for drawing in drawings]))
    assert np.abs(digits - expected).max() <= 1
    asked = network.predict_probabilities(None, Digits(digits.astype(np.uint8)))
    np.testing.assert_allclose([p for _, p in answers], asked, atol=1e-4)


@needs_chromium
def test_a_thousand_drawings_become_the_same_digits(page):
    """Strokes give the digit that Python gives, and its probabilities, in Chromium."""
    drawings = [written(number) for number in range(DRAWINGS)]
    check_drawings(drawings, page.evaluate(READ_DRAWINGS, drawings_to_read(drawings)))


@needs_firefox
def test_drawings_are_the_same_in_firefox(tmp_path):
    """The same holds in Firefox."""
    drawings = [written(number) for number in range(60)]
    asked = drawings_to_read(drawings)
    modules = ["digit", "helper"]
    check_drawings(drawings, bare_page.in_firefox(tmp_path, modules, READ_DRAWINGS, asked))


@needs_chromium
def test_a_dot_is_a_digit_and_nothing_is_none(page):
    """One point is a dot; no strokes, or strokes out of sight, are no digit."""
    ask = "(drawings) => drawings.map((d) => modules.digit.strokesToDigit(d)?.length ?? null)"
    strokes = [[[[0.5, 0.5, 0.1]]], [], [[[2, 2, 0.1], [2.5, 2, 0.1]]]]
    assert page.evaluate(ask, [{"strokes": each} for each in strokes]) == [784, None, None]


def ask_page(page, image):
    height, width = image.shape
    grey = base64.b64encode(np.ascontiguousarray(image).tobytes()).decode()
    return page.evaluate(READ_PAGE, {"grey": grey, "width": width, "height": height})


def slanted(image, degrees):
    height, width = image.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), -degrees, 1)
    paper = int(np.median(image))
    return cv2.warpAffine(image, matrix, (width, height), borderValue=(paper,) * 4)


PAGES = sorted(path.stem for path in data.demonstration_folder().glob("*.jpg"))


def demonstration_page(name):
    return images.load_image(data.demonstration_folder() / f"{name}.jpg")


def check_reading(answer, expected, *, pixels=0):
    boxes = np.array([digit["box"] for digit in answer["digits"]], int).reshape(-1, 4)
    assert boxes.shape == expected.boxes.shape
    assert np.abs(boxes - expected.boxes).max(initial=0) <= pixels
    digits = np.array([digit["digit"] for digit in answer["digits"]], int).reshape(-1, 28, 28)
    assert np.abs(digits - expected.digits).max(initial=0) <= 1
    probabilities = [digit["probabilities"] for digit in answer["digits"]]
    np.testing.assert_allclose(probabilities, expected.probabilities, atol=1e-4)
    assert answer["lines"] == [list(line) for line in expected.lines]
    assert answer["rotation"] == pytest.approx(expected.rotation, abs=0.02)


@needs_chromium
@pytest.mark.parametrize("name", PAGES)
def test_pages_are_read_alike(page, name):
    """On each demonstration page boxes are the same to a pixel, digits to a level."""
    image = demonstration_page(name)
    answer = ask_page(page, image)
    check_reading(answer, reading.read_page(image))
    assert answer["heard"] == sorted(answer["heard"]) and answer["heard"][-1] == 1


@needs_chromium
@pytest.mark.parametrize("way", ["on its side", "on its head", "slanting"])
def test_turned_pages_are_read_alike(page, way):
    """A page that is turned is turned back; where it slants, boxes may be a pixel apart."""
    image = demonstration_page("ruled")
    quarters = {"on its side": 1, "on its head": 2}.get(way)
    turned = np.rot90(image, quarters).copy() if quarters else slanted(image, 8)
    check_reading(ask_page(page, turned), reading.read_page(turned), pixels=not quarters)


@needs_chromium
@pytest.mark.parametrize("way", ["without an end", "like stairs"])
def test_long_strips_are_read_alike(page, way):
    """One line of 50,000 pixels is shown smaller; stairs that are no line are not turned to one."""
    stairs = way == "like stairs"
    image = demonstration_page("scan")
    if not stairs:
        image = cv2.resize(image, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    found = reading.find_digits(image).boxes[:10]
    steps = [image[y - 3 : y + h + 3, x - 3 : x + w + 3] for x, y, w, h in found]
    high, wide = np.max([step.shape for step in steps], axis=0)
    shape = (high + wide, 60 * wide) if stairs else (high, 50_000)
    strip = np.full(shape, int(np.median(image)), np.uint8)
    for at, step in enumerate(steps):
        y, x = (
            (at % 3 * 2 * wide // 5, at % 3 * wide + at // 3 * 9 * wide) if stairs else (0, at * 99)
        )
        strip[y : y + step.shape[0], x : x + step.shape[1]] = step
    expected = reading.read_page(strip)
    assert len(expected) >= 8
    check_reading(ask_page(page, strip), expected, pixels=1)


@needs_chromium
def test_an_empty_page_holds_nothing(page):
    """No digits, no lines, and nothing is turned."""
    answer = ask_page(page, np.full((200, 300), 230, np.uint8))
    assert answer["digits"] == [] and answer["lines"] == [] and answer["rotation"] == 0


@needs_chromium
def test_the_students_network_answers_alone(page):
    """With a classifier of one's own the answers are its, and nobody else's opinion counts."""
    model = network.course_cnn()
    image = demonstration_page("four")
    try:
        page.evaluate(LOAD, describe_reader(model, "float32"))
        check_reading(ask_page(page, image), reading.read_page(image, model))
    finally:
        page.evaluate(LOAD, describe_reader(dtype="float32"))


@needs_chromium
def test_half_the_bytes_find_the_same_digits(page):
    """With float16 weights the same digits are read, boxes a pixel apart at most."""
    image = demonstration_page("board")
    try:
        page.evaluate(LOAD, describe_reader())
        answer, expected = ask_page(page, image), reading.read_page(image)
    finally:
        page.evaluate(LOAD, describe_reader(dtype="float32"))
    boxes = np.array([digit["box"] for digit in answer["digits"]])
    assert np.abs(boxes - expected.boxes).max() <= 1
    labels = [int(np.argmax(digit["probabilities"])) for digit in answer["digits"]]
    assert labels == expected.labels.tolist()


@needs_chromium
def test_fast_convolutions_are_convolutions(page):
    """Each layer of the finder is the same four numbers at a time as one at a time."""
    ask = """(description) => {
      const [height, width] = [44, 52];
      const view = Float32Array.from({ length: height * width }, (_, at) => Math.sin(at * at));
      const [slow, fast] = [{}, modules.simd.fastLayers()].map((other) =>
        modules.forward.loadNetwork(description, other).run(view, [height, width, 1]));
      const apart = slow.map(({ data }, k) => Math.max(...data.map((v, at) => Math.abs(v - fast[k].data[at]))));
      WebAssembly.validate = () => false;
      return [Math.max(...apart), Object.keys(modules.simd.fastLayers()).length];
    }"""
    page.evaluate("void (globalThis.validate = WebAssembly.validate)")
    try:
        apart, layers = page.evaluate(ask, describe_reader(dtype="float32")["networks"]["finder"])
    finally:
        page.evaluate("void (WebAssembly.validate = validate)")
    assert apart < 1e-4
    assert layers == 0  # where there is no SIMD, plain loops remain


@needs_chromium
def test_colours_become_grey_as_pythons(page):
    """A canvas' pixels give the grey levels of cv2.COLOR_RGB2GRAY."""
    colours = np.random.default_rng(0).integers(0, 256, (20, 30, 3), np.uint8)
    seen = np.dstack([colours, np.full((20, 30), 255, np.uint8)]).ravel().tolist()
    grey = page.evaluate("(seen) => [...modules.reading.toGrey(Uint8Array.from(seen))]", seen)
    assert grey == cv2.cvtColor(colours, cv2.COLOR_RGB2GRAY).ravel().tolist()


def test_the_description_is_data():
    """The reader's description is JSON, and holds each constant as mnist_lab.reading has it."""
    described = json.loads(json.dumps(describe_reader()))
    assert described["constants"]["LEAST_HEAT"] == reading.find.LEAST_HEAT
    assert list(described["networks"]) == ["finder", "segmenter", "classifier"]
    assert "\nexport" not in described["helper"] and "$helper.help(self)" in described["helper"]
