"""The page for the pocket: from file://, without a network, as on a phone, in real browsers.

Needs Playwright and Chromium, as test_pad_browser.py; Firefox (firefox-esr) where it is found.
"""

import json
import os
import re
from base64 import b64encode
from pathlib import Path

import cv2
import keras
import numpy as np
import pytest
from keras import layers

from benchmarks import bare_page, firefox, lab
from mnist_lab import network
from mnist_lab.arrays import ArrayError
from mnist_lab.cli import main
from mnist_lab.data import demonstration_folder, load_demonstration
from mnist_lab.pad import kit_drawing, save_page
from mnist_lab.reading import read_page

MUST = os.environ.get("MNIST_LAB_BROWSER") == "must"
AXE = Path(os.environ.get("MNIST_LAB_AXE", "axe.min.js"))
PHONE = {
    "viewport": {"width": 360, "height": 740},
    "device_scale_factor": 3,
    "has_touch": True,
    "is_mobile": True,
}
BOXES = "(all) => all.map(({ style }) => ['left', 'top', 'width', 'height'].map((s) => parseFloat(style[s]) / 100))"
needs_browser = pytest.mark.skipif(
    not (MUST or lab.available()),
    reason="needs Chromium (apt-get install chromium, or MNIST_LAB_CHROMIUM=FILE) and Playwright",
)
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")  # of sockets, Playwright's


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    """The pretrained network's page."""
    path = tmp_path_factory.mktemp("a phone") / "pretrained.html"
    save_page(None, path)
    return path


@pytest.fixture
def open_on(chromium, file):
    """Open the page in a context of its own with the network cut off; nothing may go wrong in it."""
    contexts, wrong = [], []

    def open_page(*, path=file, **options):
        context = chromium.new_context(offline=True, **(options or PHONE))
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(240_000)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda said: wrong.append(said.text))  # a refused request is said there
        page.on(
            "request", lambda request: wrong.extend([request.url] * request.url.startswith("http"))
        )
        page.goto(path.as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert wrong == []


def words(page):
    return page.locator(".mnl-words").first


def state(page):
    return page.locator(".pocket-state")


def photograph(page, picture):
    """Give the file input a picture, a path or {name, mimeType, buffer}, and wait for the answer."""
    page.get_by_role("button", name="Photo", exact=True).click()
    page.get_by_label("Choose a picture").set_input_files(picture)
    said = re.compile("^(Read:|No digit|This browser|This picture)|no picture")
    page.locator(".pocket-state", has_text=said).wait_for()  # an expression would need eval


def finger(page, strokes):
    """Draw with a touch."""
    client = page.context.new_cdp_session(page)
    page.locator(".mnl-board").first.scroll_into_view_if_needed()
    for stroke in strokes:
        box = page.locator(".mnl-board").first.bounding_box()
        way = [
            {"x": box["x"] + x * box["width"], "y": box["y"] + y * box["width"]}
            for x, y in stroke.tolist()
        ]
        for kind, point in [("touchStart", way[0]), *(("touchMove", each) for each in way[1:])]:
            client.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [point]})
        client.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def model(*more):
    return keras.Sequential([keras.Input((28, 28, 1)), layers.Flatten(), *more])


@pytest.mark.parametrize(
    ("last", "sentence"),
    [
        ([layers.Lambda(lambda x: x), layers.Dense(10, activation="softmax")], "a Lambda"),
        ([layers.Dense(10, activation="sigmoid")], "ends in a softmax"),
        ([layers.Dense(3, activation="softmax")], r"from \(28, 28, 1\) to \(10,\)"),
    ],
)
def test_what_a_page_cannot_compute_is_refused_before_it_is_written(tmp_path, last, sentence):
    """The layer, or what is missing, is named, and no file is left."""
    with pytest.raises(ArrayError, match=sentence):
        save_page(model(*last), tmp_path / "page.html")
    assert not list(tmp_path.iterdir())


def test_pages_are_small(tmp_path, file):
    """Two megabytes with the course's network, three with the pretrained ones."""
    save_page(network.course_cnn(), tmp_path / "course.html")
    assert (tmp_path / "course.html").stat().st_size <= 2_000_000
    assert file.stat().st_size <= 3_000_000


def test_a_page_may_connect_to_nothing_and_run_nothing_else(file):
    """Its policy begins with nothing at all; a program runs by its hash; no address is in it."""
    text = file.read_text(encoding="utf-8")
    policy = re.search(r'Security-Policy" content="([^"]+)"', text)[1]
    assert policy.startswith("default-src 'none';") and "connect-src" not in policy
    assert re.search(r"script-src 'sha256-[\w+/=]+' 'wasm-unsafe-eval';", policy)
    assert "http:" not in text and "https:" not in text


def test_a_page_says_whose_it_is_and_how_good_it_was(tmp_path, file):
    """Names are taken as text; what was not measured is said not to be; the card is the kit's."""
    words = {"title": "</title><b>Ada's", "accuracy": 0.98, "data": "my digits"}
    save_page(network.course_cnn(), tmp_path / "a.html", **words)
    text = (tmp_path / "a.html").read_text(encoding="utf-8")
    assert "<h1>&lt;/title&gt;&lt;b&gt;Ada&#x27;s</h1>" in text
    assert "It reads 98.00 % of my digits right." in text and "90,170 numbers" in text
    save_page(network.course_cnn(), tmp_path / "b.html")
    text = (tmp_path / "b.html").read_text(encoding="utf-8")
    assert "How well it reads was not measured." in text
    assert "99.47 % of the 10,000 test digits of MNIST" in file.read_text(encoding="utf-8")


def test_the_command_knows_what_the_run_measured(tmp_path, capsys):
    """run.json beside model.keras; another file beside it is none."""
    network.save_model(network.course_cnn(), tmp_path / "model.keras")
    figures = {"test_accuracy": 0.9803, "data": {"name": "MNIST", "verified": True, "test": 10_000}}
    for content, said in [
        (json.dumps(figures), "98.03 % of the 10,000 test digits of MNIST"),
        ("[]", "not measured"),
    ]:
        (tmp_path / "run.json").write_text(content)
        out = tmp_path / "out" / "mine.html"
        assert main(["pocket", str(tmp_path / "model.keras"), "--out", str(out)]) == 0
        assert said in out.read_text(encoding="utf-8")
        assert "opens without a network" in capsys.readouterr().out
    assert main(["pocket", str(tmp_path / "none.keras"), "--out", str(tmp_path / "x.html")]) == 1
    assert "no such network" in capsys.readouterr().err and not (tmp_path / "x.html").exists()


@needs_browser
def test_ten_digits_are_read_as_they_are_drawn_with_a_finger(open_on):
    """Each drawing of the writer's is read, its bar is the longest, and the page does not scroll."""
    page = open_on()
    for digit in range(10):
        page.keyboard.press("Escape")
        finger(page, kit_drawing(str(digit)).strokes)
        page.locator(".mnl-words", has_text=re.compile(rf" an? {digit} ")).first.wait_for()
        assert page.locator(".mnl-best b").first.inner_text() == str(digit)
    assert page.evaluate("scrollY") == 0


@needs_browser
def test_demonstration_pages_are_read_as_python_reads_them(open_on):
    """By the file input: the same digits in the same lines, each box where Python has it."""
    page = open_on()
    for each in load_demonstration():
        photograph(page, demonstration_folder() / each.file)
        here = read_page(each.image)
        answers = here.answers(0.5)
        text = " / ".join(" ".join(answers[at] for at in line) for line in here.lines)
        assert state(page).inner_text().startswith(f"Read: {text}."), each.file
        height, width = each.image.shape
        shares = np.array(page.locator(".pocket-picture button").evaluate_all(BOXES))
        boxes = shares * [width, height, width, height]
        assert np.abs(boxes - here.boxes).max() <= 2, (
            each.file
        )  # JPEG is decoded a little otherwise


@needs_browser
def test_a_tap_looks_inside(open_on):
    """The digit that was tapped, its 28 by 28 and the layers; another tap shows another."""
    page = open_on()
    photograph(page, demonstration_folder() / "scan.jpg")
    pictures = []
    for number in (2, 9):
        page.locator(".pocket-picture button").nth(number).tap()
        page.get_by_role("heading", name=f"Digit {number + 1} of").wait_for()
        assert page.locator(".pocket-picture [aria-pressed=true]").count() == 1
        page.wait_for_timeout(100)
        seen = page.locator(".pocket-digit canvas").first
        pictures.append(seen.evaluate("(canvas) => canvas.toDataURL()"))
    assert len(set(pictures)) == 2 and page.locator(".pocket-digit figure").count() > 5


STOP_AT_ONCE = """() => {
  const busy = document.querySelector(".pocket-busy");
  const press = (_, seen) => busy.hidden || (seen.disconnect(), busy.querySelector("button").click());
  new MutationObserver(press).observe(busy, { attributes: true });
}"""  # a photo may be read before a test finds the button


@needs_browser
def test_a_large_photo_is_made_smaller_and_can_be_stopped(open_on, tmp_path):
    """Twelve megapixels: Stop ends it, the page works meanwhile, and then it is read."""
    scan = cv2.imread(str(demonstration_folder() / "scan.jpg"))
    scan = cv2.resize(scan, (4000, 3000), interpolation=cv2.INTER_CUBIC)
    cv2.imwrite(str(tmp_path / "large.jpg"), scan)
    page = open_on()
    page.get_by_role("button", name="Photo", exact=True).click()
    page.get_by_label("Choose a picture").set_input_files(tmp_path / "large.jpg")
    page.get_by_role("button", name="Draw", exact=True).click()
    finger(page, kit_drawing("7").strokes)
    page.get_by_text("reads a 7").first.wait_for()
    page.get_by_role("button", name="Photo", exact=True).click()
    page.evaluate(STOP_AT_ONCE)
    page.get_by_label("Choose a picture").set_input_files(tmp_path / "large.jpg")
    page.get_by_text("Stopped.").wait_for()
    assert not page.locator("progress").is_visible()
    photograph(page, tmp_path / "large.jpg")
    canvas = page.locator(".pocket-picture canvas")
    assert canvas.evaluate("({ width, height }) => width * height") <= 1_001_000
    assert re.sub(r"\D", "", state(page).inner_text()).startswith("0123456789")


@needs_browser
@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("notes.txt", b"no picture", "notes.txt is no picture that this browser can read"),
        ("cut.jpg", (demonstration_folder() / "scan.jpg").read_bytes()[:300], "cut.jpg is no picture"),
        ("empty.png", b"", "empty.png is no picture"),
        ("IMG_1.HEIC", b"\0\0\0\x18ftypheic" + bytes(90), "cannot read IMG_1.HEIC, a HEIC picture. Take"),
        ("white.png", cv2.imencode(".png", np.full((90, 90), 255, np.uint8))[1].tobytes(), "No digit found"),
        ("dot.png", cv2.imencode(".png", np.zeros((1, 1), np.uint8))[1].tobytes(), "No digit found"),
    ],
)  # fmt: skip
def test_a_picture_that_is_none_is_a_sentence(open_on, name, content, sentence):
    """It names the file and says what to do; the next picture is read."""
    page = open_on()
    photograph(page, {"name": name, "mimeType": "", "buffer": content})
    assert sentence in state(page).inner_text()
    photograph(page, demonstration_folder() / "seven.jpg")
    assert state(page).inner_text().startswith("Read: 7")


VIEWS = {
    "phone": PHONE,
    "phone-dark": {**PHONE, "color_scheme": "dark"},
    "landscape": {**PHONE, "viewport": {"width": 740, "height": 360}},
    "desk-dark": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "dark"},
}


@needs_browser
@pytest.mark.parametrize("view", VIEWS)
def test_every_view_is_accessible_and_fits(open_on, tmp_path, view):
    """Drawing, photo and a look inside: nothing for axe-core to say, nothing beyond the edge."""
    page = open_on(**VIEWS[view])
    lab.draw(page, kit_drawing("4").strokes)
    page.get_by_text("reads a 4").first.wait_for()
    looks = {"draw": lambda: None, "photo": lambda: photograph(page, demonstration_folder() / "ruled.jpg"),
             "inside": lambda: page.locator(".pocket-picture button").nth(1).click()}  # fmt: skip
    folder = Path(os.environ.get("MNIST_LAB_SCREENSHOTS", tmp_path))
    folder.mkdir(parents=True, exist_ok=True)
    if AXE.exists():
        page.evaluate(AXE.read_text(encoding="utf-8"))
    assert AXE.exists() or not MUST, f"{AXE}: no axe-core"
    for name, look in looks.items():
        look()
        page.screenshot(path=folder / f"pocket-{view}-{name}.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
        if AXE.exists():
            found = page.evaluate("axe.run()")
            assert found["passes"]
            assert not [(v["id"], [n["html"] for n in v["nodes"]]) for v in found["violations"]]


@needs_browser
def test_large_type_stays_on_the_page(open_on):
    """With type twice as large, nothing is cut off at 360 pixels."""
    page = open_on()
    page.add_style_tag(content="html { font-size: 200% }")
    photograph(page, demonstration_folder() / "seven.jpg")
    page.locator(".pocket-picture button").first.click()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


@needs_browser
def test_by_keyboard_alone(open_on):
    """Draw a 1, go to the photo, open a digit: Tab, arrows, Space and Enter."""
    page = open_on(viewport={"width": 900, "height": 800})
    page.locator(".mnl-board canvas").first.focus()
    for key in [*["ArrowUp"] * 7, "Space", *["ArrowDown"] * 14, "Space"]:
        page.keyboard.press(key)
    page.get_by_text("reads a 1").first.wait_for()
    page.get_by_role("button", name="Photo", exact=True).focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.type") == "file"
    photograph(page, demonstration_folder() / "seven.jpg")
    page.get_by_label("Choose a picture").focus()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.ariaLabel").startswith("7, ")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Digit 1 of 1: a 7").wait_for()


@pytest.mark.skipif(not bare_page.firefox(), reason="needs Firefox (apt-get install firefox-esr)")
def test_firefox_reads_a_drawing(file, tmp_path):
    """From file:// as well, with the mouse, and no message in the page of a refusal."""
    with firefox.started(tmp_path) as browser:
        browser.call("WebDriver:Navigate", url=file.as_uri())
        for digit in "47":
            browser.evaluate("document.querySelector('[name=clear]').click()")
            browser.draw(".mnl-board", kit_drawing(digit).strokes)
            browser.wait(f"/ a {digit} /.test(document.querySelector('.mnl-words').textContent)")


CHOOSE = """
const [name, content] = arguments, chosen = new DataTransfer();
const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
chosen.items.add(new File([bytes], name, { type: "image/jpeg" }));
const input = document.querySelector("input[type=file]");
input.files = chosen.files;
input.dispatchEvent(new Event("change", { bubbles: true }));"""


@pytest.mark.skipif(not bare_page.firefox(), reason="needs Firefox (apt-get install firefox-esr)")
def test_firefox_reads_whole_pages(file, tmp_path):
    """A demonstration page gives as many digits as it has in Python, and a picture that is none a sentence."""
    photo = demonstration_folder() / load_demonstration()[1].file
    expected = len(read_page(load_demonstration()[1].image))
    with firefox.started(tmp_path) as browser:
        browser.call("WebDriver:Navigate", url=file.as_uri())
        browser.evaluate(CHOOSE, photo.name, b64encode(photo.read_bytes()).decode())
        browser.wait("document.querySelectorAll('.pocket-picture button').length")
        found = browser.evaluate(
            "return document.querySelectorAll('.pocket-picture button').length"
        )
        assert abs(found - expected) <= 1
        browser.evaluate(CHOOSE, "no.jpg", b64encode(b"no picture").decode())
        browser.wait("document.querySelector('.pocket-state').textContent.includes('no.jpg')")
