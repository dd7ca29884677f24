"""The ten neurons that learn on the site's page for lesson 3, in a real browser."""

import base64
import json
import os
import re
from pathlib import Path

import cv2
import numpy as np
import pytest

from benchmarks import lab
from tools import make_site

HERE = Path(__file__).parent.parent
MUST = os.environ.get("MNIST_LAB_BROWSER") == "must"
pytestmark = pytest.mark.skipif(
    not (MUST or lab.available()),
    reason="needs Chromium (apt-get install chromium, or MNIST_LAB_CHROMIUM=FILE) and Playwright",
)


@pytest.fixture(scope="module")
def neurons(chromium, tmp_path_factory):
    """The page on which ten neurons learn, open in Chromium, and its digits as rows of pixels."""
    folder = tmp_path_factory.mktemp("neurons")
    script = make_site.digits_script()
    learn = (HERE / "docs" / "site" / "learn.js").read_text(encoding="utf-8")
    (folder / "page.html").write_text(
        f'<div class="learn"></div><script>{script}</script><script>{learn}</script>',
        encoding="utf-8",
    )
    said = json.loads(script.removeprefix("const DIGITS = ").rstrip(";\n"))
    sheet = cv2.imdecode(
        np.frombuffer(base64.b64decode(said["picture"].partition(",")[2]), np.uint8), 0
    )
    tiles = sheet.reshape(-1, 28, make_site.ACROSS, 28).transpose(0, 2, 1, 3).reshape(-1, 784)
    page = chromium.new_page()
    page.goto((folder / "page.html").as_uri())
    page.wait_for_selector(".learn button")
    return page, tiles / 255, np.array(list(said["labels"]), int)


def test_ten_neurons_step_on_the_page_as_in_numpy(neurons):
    """The same digits in the same order give the weights that the lesson's own lines give."""
    page, pixels, labels = neurons
    some = slice(0, 60)
    found = page.evaluate(
        """([pixels, labels]) => {
            const ten = new Neurons();
            const digits = labels.map((label, n) => ({ label, pixels: pixels[n] }));
            for (let at = 0; at < 60; at += 20) ten.step(digits.slice(at, at + 20), 0.2);
            return ten.weights.map((row) => [...row]);
        }""",
        [pixels[some].tolist(), labels[some].tolist()],
    )
    ten = np.zeros((784, 10))
    for at in range(0, 60, 20):
        x, truth = pixels[at : at + 20], np.eye(10)[labels[at : at + 20]]
        powers = np.exp(x @ ten)
        ten -= 0.2 * x.T @ (powers / powers.sum(axis=1, keepdims=True) - truth) / 20
    assert np.allclose(np.transpose(found), ten, atol=1e-12) and np.abs(ten).max() > 0.01


def test_ten_neurons_learn_while_one_watches(neurons):
    """After *Learn* the curve grows and falls, most of those held back are right; then it stops."""
    page, _, labels = neurons
    page.click("[name=learn]")
    page.wait_for_function(
        "document.querySelector('[role=status]').textContent.startsWith('Pass 2')"
    )
    page.click("[name=learn]")
    points = page.get_attribute(".learn-held", "points").split()
    heights = [float(point.partition(",")[2]) for point in points]
    assert len(points) > 20 and heights[-1] > heights[0] + 50  # downwards on the page
    loss, share, kept = re.findall(r"[\d.]*\d", page.inner_text("[role=status]"))[1:]
    assert float(loss) < 1.2 and int(share) > 65 and int(kept) == len(labels) - make_site.LEARN
    page.click("[name=anew]")
    assert len(page.get_attribute(".learn-held", "points").split()) == 1
