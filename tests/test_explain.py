"""The page that explains how a picture was read."""

import base64
import re
from html.parser import HTMLParser

import cv2
import numpy as np
import pytest

from mnist_lab import images
from mnist_lab.reading import FileReading, boxed_page, explain, find_digits, read_page


class Page(HTMLParser):
    """What a page holds: its words, its pictures with what is said of them, what it fetches."""

    def __init__(self, text):
        super().__init__()
        self.words, self.tags, self.pictures, self.fetched = "", [], [], []
        self._hidden = False
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self.tags.append((tag, found))
        self._hidden = tag == "style"
        for name in ("src", "href"):
            value = found.get(name, "data:")
            if not value.startswith("data:"):
                self.fetched.append(value)
            elif len(value) > 5:
                self.pictures.append(decode(value))

    def handle_data(self, data):
        self.words += "" if self._hidden else data

    def all(self, tag, **having):
        return [a for name, a in self.tags if name == tag and having.items() <= a.items()]


def decode(uri: str) -> np.ndarray:
    """The picture in a data URI, by OpenCV."""
    content = np.frombuffer(base64.b64decode(uri.partition(",")[2]), np.uint8)
    return cv2.imdecode(content, cv2.IMREAD_GRAYSCALE)


@pytest.fixture(scope="module")
def found(project):
    """A page, read, with answers that are sure of a 3 but for the first, which may be a 5."""
    digits = find_digits(images.load_image(project / "data" / "pages" / "board.jpg"))
    answers = np.repeat(np.eye(10, dtype=np.float32)[3:4], len(digits), axis=0)
    answers[0, [3, 5]] = 0.4, 0.6
    return digits.with_probabilities(answers)


def render(page, *, min_confidence):
    """The page that explains, as HTML text."""
    name = "<board> & co.jpg"
    return explain.render_explanation([page], name=name, min_confidence=min_confidence)


@pytest.fixture(scope="module")
def page(found):
    """It as a page, with what is less than 90 % sure doubtful."""
    return Page(render(found, min_confidence=0.9))


def test_page_tells_every_step(found, page):
    """Each step of the reading has its name, its sentence, and its picture."""
    steps = page.all("img", **{"class": "step"})
    assert len(steps) == len(found.steps)
    for step in found.steps:
        assert step.name in page.words.lower() and step.sentence in page.words
    for picture, step in zip(steps, found.steps, strict=True):
        shown = decode(picture["src"])
        assert max(shown.shape) <= explain.STEP_SIDE
        wanted = cv2.resize(step.image, shown.shape[::-1], interpolation=cv2.INTER_AREA)
        assert np.abs(shown.astype(int) - wanted).mean() < 4  # but for JPEG


def test_page_shows_each_digit_exactly_as_the_network_sees_it(found, page):
    """The 28 x 28 pixels, the answer, and bars as high as the probabilities."""
    seen = [decode(each["src"]) for each in page.all("img", **{"class": "seen"})]
    assert (np.stack(seen) == found.digits).all()
    bars = page.all("rect")[-10 * len(found) :]
    heights = np.array([float(bar["height"]) for bar in bars]).reshape(-1, 10)
    assert np.allclose(heights / 32, found.probabilities, atol=0.01)
    assert sum(bar.get("class") == "top" for bar in bars) == len(found)


def test_page_marks_what_is_doubtful(found, page):
    """In the picture, in the text and beside the digit; and nothing when all is sure enough."""
    assert len(page.all("g", **{"class": "doubtful"})) == 1
    assert "5?" in page.words and "1 is doubtful" in page.words
    sure = Page(render(found, min_confidence=0.1))
    assert "?" not in "".join(re.findall(r"\d\?", sure.words)) and "doubtful:" not in sure.words


def test_page_needs_nothing_and_says_what_its_pictures_show(found, page):
    """No address outside it, words for each picture, a name that is text, and it is small."""
    assert not page.fetched and not page.all("script")
    assert all(len(picture["alt"]) > 20 for picture in page.all("img"))
    [drawn] = page.all("svg", role="img")
    assert f"{len(found)} boxes" in drawn["aria-label"] and "5?333" in drawn["aria-label"]
    assert "How <board> & co.jpg was read" in page.words
    assert len(render(found, min_confidence=0.9)) < 400_000


def test_page_without_a_digit_says_so():
    """Nothing is found on bare paper, and the steps are there all the same."""
    bare = read_page(np.full((200, 300), 230, np.uint8))
    page = Page(explain.render_explanation([bare, bare], name="bare.tif", min_confidence=0.5))
    assert "No digit was found" in page.words and "What the classifier sees" not in page.words
    assert len(page.all("img")) == 2 * len(bare.steps)
    assert "What was read of page 2" in page.words


def test_reading_writes_its_own_page(found, tmp_path):
    """A page explains itself; a file does by its name, without the folders that it lies in."""
    found.explain(str(tmp_path / "page.html"))
    assert "How the picture was read" in (tmp_path / "page.html").read_text(encoding="utf-8")
    FileReading("some where/board.jpg", (found,)).explain(tmp_path / "new" / "file.html")
    text = (tmp_path / "new" / "file.html").read_text(encoding="utf-8")
    assert "How board.jpg was read" in text and "some where" not in text


def test_boxes_stand_where_the_digits_are(found):
    """A large picture is shown smaller, and its boxes with it."""
    shown = boxed_page(found, min_confidence=0.5)
    picture, shape = shown["picture"], found.image.shape
    assert max(picture.width, picture.height) == explain.PAGE_SIDE < max(shape)
    zoom = picture.width / shape[1]
    drawn = [[box[side] for side in ("x", "y", "width", "height")] for box in shown["boxes"]]
    assert np.allclose(np.array(drawn), found.boxes * zoom, atol=0.5)


@pytest.mark.parametrize(
    ("ground", "ink", "says"),
    [(0, 255, "black ground with brighter"), (255, 0, "white ground with darker")],
)
def test_words_for_a_picture_say_what_stands_out(ground, ink, says):
    """The ground, whether the marks are brighter or darker, and on how much of it."""
    image = np.full((100, 100), ground, np.uint8)
    assert "all over" in explain.alt_text(image)
    image[:10, :50] = ink
    assert says in explain.alt_text(image) and "5.0%" in explain.alt_text(image)


def test_a_picture_far_too_long_is_shown_as_it_looks():
    """Made smaller from some of its pixels, each place has its level."""
    levels = np.linspace(20, 230, 10**6).astype(np.uint8)
    shown = explain.embed_image(np.ascontiguousarray(levels[np.newaxis]), max_side=100)
    coded = np.frombuffer(base64.b64decode(shown.uri.partition("base64,")[2]), np.uint8)
    small = cv2.imdecode(coded, cv2.IMREAD_GRAYSCALE)
    assert small.shape == (1, 100) == (shown.height, shown.width)
    assert np.allclose(small[0], np.linspace(21, 229, 100), atol=3)
