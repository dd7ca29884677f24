"""The drawing pad in a real JupyterLab with a real browser.

Needs Playwright (in the dev extra) and Chromium: apt-get install chromium, or
MNIST_LAB_CHROMIUM=FILE. With MNIST_LAB_BROWSER=must, as in .ci/run, missing is failing.
"""

import os
import re
from pathlib import Path

import numpy as np
import pytest

from benchmarks import lab
from mnist_lab.pad import DigitPad, Drawing, kit_drawing

MUST = os.environ.get("MNIST_LAB_BROWSER") == "must"
AXE = Path(os.environ.get("MNIST_LAB_AXE", "axe.min.js"))
CELLS = [
    "import threading\nfrom mnist_lab.pad import DigitPad\npad = DigitPad()\npad",
    "game = DigitPad(ask='fool')\ngame",
    "pad",  # once more
]
THIN = """
import threading
import numpy as np
from mnist_lab.pad import DigitPad
pad = DigitPad(lambda digits: np.eye(10)[[1 if digits[0, :, :10].max() == 0 else 7]])
pad
"""  # takes for a 1 what is thin, and for a 7 what is not; starts in no time
BUSY_UNTIL_INTERRUPTED = """
try:
    threading.Event().wait()
except KeyboardInterrupt:
    pass
"""
NO_SUBSHELLS = {
    "@jupyterlab/apputils-extension:kernels-settings": {"commsOverSubshells": "disabled"}
}
pytestmark = [
    pytest.mark.skipif(
        not (MUST or lab.available()),
        reason="needs Chromium (apt-get install chromium, or MNIST_LAB_CHROMIUM=FILE) and Playwright",
    ),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),  # of sockets, at Playwright's end
]


def words(page, pad=0):
    return page.locator(".mnl-words").nth(pad)


def press(page, *keys, pad=0):
    page.locator(".mnl-board canvas").nth(pad).focus()
    for key in keys:
        page.keyboard.press(key)


def settled(page):
    """Wait until every drawing that was sent has its answer on the page."""
    page.wait_for_function(
        "[...document.querySelectorAll('.mnl-pad')].every("
        "({dataset}) => !dataset.sent || +dataset.shown >= +dataset.sent)"
    )


def inked(page, pad=0):
    """Share of the pad's pixels that hold ink."""
    return (
        page.locator(".mnl-board canvas")
        .nth(pad)
        .evaluate(
            "(c) => { const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;"
            "let n = 0; for (let i = 3; i < d.length; i += 4) n += d[i] > 127; return 4 * n / d.length; }"
        )
    )


@pytest.fixture(scope="module")
def chromium():
    with lab.chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    with lab.jupyterlab(tmp_path_factory.mktemp("lab"), CELLS) as address:
        yield address


@pytest.fixture(scope="module")
def open_page(chromium, address):
    """One page for the tests that leave the kernel alone, at doubled density."""
    page = chromium.new_page(viewport={"width": 1280, "height": 1000}, device_scale_factor=2)
    page.set_default_timeout(90_000)
    page.errors = []
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    lab.run_all(page, address, pads=len(CELLS))
    yield page
    page.close()


@pytest.fixture
def page(open_page):
    """That page, with bare pads; it must not have thrown anything at the end."""
    lab.python(open_page, "pad.strokes = game.strokes = []; game.kept.clear()")
    open_page.wait_for_function("document.querySelectorAll('.mnl-empty').length === 3")
    yield open_page
    assert open_page.errors == []


def picture(page, name, tmp_path):
    """Keep what the page looks like; in CI as an artefact."""
    folder = Path(os.environ.get("MNIST_LAB_SCREENSHOTS", tmp_path))
    folder.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=folder / f"pad-{name}.png")
    return folder / f"pad-{name}.png"


@pytest.mark.parametrize("digit", range(10))
def test_each_digit_is_read_off_the_page(page, digit):
    """A digit drawn with the mouse is read, and its bar is the longest."""
    lab.draw(page, kit_drawing(str(digit)).strokes)
    settled(page)
    assert re.search(rf"\ban? {digit} ", words(page).inner_text())
    assert page.locator(".mnl-best b").first.inner_text() == str(digit)


def test_headless_gives_the_same_to_the_last_bit(page):
    """What the browser sent gives the same digit and probabilities in a process without one."""
    lab.draw(page, kit_drawing("8").strokes)
    settled(page)
    sent = lab.python(
        page, "print(pad.drawing.to_bytes().hex(), pad.probabilities.tobytes().hex())"
    )
    drawing, probabilities = map(bytes.fromhex, sent.split())
    here = DigitPad(strokes=Drawing.from_bytes(drawing))
    assert here.probabilities.tobytes() == probabilities
    there = kit_drawing("8").strokes
    drawn = Drawing.from_bytes(drawing).strokes
    for line, path in zip(drawn, there, strict=True):  # where the mouse went, to a pixel or two
        assert np.abs(line[[0, -1]] - path[[0, -1]]).max() < 0.015


def test_undo_redo_and_clear(page):
    """Buttons and keys take strokes back, bring them again, and wipe all of it."""
    lab.draw(page, kit_drawing("4").strokes)
    full = inked(page)
    press(page, "Control+z")
    assert inked(page) < full
    press(page, "Control+y")
    assert inked(page) == full
    page.get_by_role("button", name="Clear").first.click()
    assert inked(page) == 0
    page.get_by_role("button", name="Undo").first.click()
    assert inked(page) == full
    press(page, "Escape")
    settled(page)
    assert words(page).inner_text() == "Draw a digit."
    assert lab.python(page, "print(pad.strokes)") == "[]"


def test_a_click_is_a_dot(page):
    """Pen down and up in one place leaves a round dot, there and in the kernel alike."""
    board = page.locator(".mnl-board").first
    board.click()
    settled(page)
    there = float(lab.python(page, "print((pad.image > 127).mean())"))
    assert inked(page) == pytest.approx(there, rel=0.1)
    assert there == pytest.approx(np.pi * 0.04**2, rel=0.2)


def test_a_digit_by_keyboard_alone(page):
    """Arrow keys and Space draw a 1; each step of it is said to a screen reader."""
    press(page, *["ArrowUp"] * 7, "Space", *["ArrowDown"] * 14)
    assert "Pen down at 50, 15" in page.locator(".mnl-said").first.inner_text()
    page.keyboard.press("Space")
    settled(page)
    assert " 1 " in words(page).inner_text()
    assert " 1 " in page.locator(".mnl-said").first.inner_text()


def test_keys_stay_on_the_pad_and_tab_leaves_it(page):
    """No shortcut of the notebook is pressed by drawing; the pad is no trap."""
    before = page.locator(".jp-Cell").count()
    press(page, "a", "b", "d", "d", "x", "Tab")
    assert page.locator(".jp-Cell").count() == before
    assert page.evaluate("document.activeElement.name") == "undo"
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    assert not page.evaluate("document.activeElement.closest('.mnl-board')")


def test_pads_mind_their_own(page):
    """Of two pads on a page, the one that is drawn on answers."""
    lab.draw(page, kit_drawing("3").strokes, pad=1)
    settled(page)
    assert inked(page, 0) == 0 and inked(page, 1) > 0
    assert " 3 " in words(page, 1).inner_text()
    assert words(page, 0).inner_text() == "Draw a digit."


def test_a_cell_and_a_second_view_share_the_drawing(page):
    """What a cell puts on the pad, and what is drawn on it, is seen wherever the pad is shown."""
    lab.python(page, "from mnist_lab.pad import kit_drawing; pad.strokes = kit_drawing('6')")
    page.wait_for_function("document.querySelector('.mnl-words').textContent.includes(' 6 ')")
    shown = inked(page)
    assert shown > 0
    lab.draw(page, kit_drawing("1").strokes)
    settled(page)
    assert lab.python(page, "print(len(pad.strokes))") == str(
        len(kit_drawing("6")) + len(kit_drawing("1"))
    )
    assert inked(page, 2) == pytest.approx(inked(page), rel=0.01)
    assert words(page, 2).inner_text() == words(page).inner_text()


def test_fooling_collects(page):
    """What is kept has the label that was asked for; the score runs; the pad is bare again."""
    lab.draw(page, kit_drawing("7").strokes, pad=1)
    page.get_by_role("button", name="Keep it").click()
    page.wait_for_function(
        "document.querySelectorAll('.mnl-task')[1].textContent.includes('1 of 1')"
    )
    assert words(page, 1).inner_text() == "Kept. It read your 0 as a 7."
    assert inked(page, 1) == 0
    assert lab.python(page, "print(game.collected.labels)") == "[0]"


def test_the_saved_notebook_shows_the_last_drawing(page):
    """Beside the live pad a picture is kept that says what is on it; it is not seen meanwhile."""
    still = (
        "() => jupyterapp.shell.currentWidget.content.model.cells.get(0).outputs.toJSON()[1].data"
    )
    lab.draw(page, kit_drawing("5").strokes)
    page.wait_for_function(f"({still})()['text/plain'].includes(' 5 ')")
    assert page.evaluate(still)["image/png"].startswith("iVBOR")
    assert not page.locator(".jp-RenderedImage img").first.is_visible()


def test_the_pen_is_as_wide_as_the_slider_says(page):
    """A wider pen leaves more ink, and the kernel knows."""
    line = [np.float32([[0.2, 0.5], [0.8, 0.5]])]
    lab.draw(page, line)
    thin = inked(page)
    slider = page.get_by_label("Pen", exact=True).first
    slider.focus()
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    press(page, "Escape")
    lab.draw(page, line)
    settled(page)
    assert inked(page) > 1.3 * thin
    assert float(lab.python(page, "print(pad.drawing.pens[0][0])")) == pytest.approx(0.12)
    lab.python(page, "pad.pen = 0.08")
    assert slider.input_value() == "0.08"


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_themes_and_density(page, theme, tmp_path):
    """The ink is as sharp as the screen, and words stand out from the page in both themes."""
    page.evaluate(f"jupyterapp.commands.execute('apputils:change-theme', {{theme: '{theme}'}})")
    dark = str(theme.endswith("Light")).lower()
    page.wait_for_function(f"document.body.dataset.jpThemeLight === '{dark}'")
    page.wait_for_selector("#jupyterlab-splash", state="detached")  # it would take the mouse
    lab.draw(page, kit_drawing("2").strokes)
    settled(page)
    assert page.locator(".mnl-board canvas").first.evaluate("(c) => c.width / c.clientWidth") == 2
    assert " 2 " in words(page).inner_text()
    assert picture(page, theme.split()[-1].lower(), tmp_path).stat().st_size > 10_000


def test_axe_finds_nothing(page):
    """axe-core, which knows the rules of accessibility, has nothing to say about a pad."""
    if not AXE.exists():
        assert not MUST, f"{AXE}: no axe-core"
        pytest.skip("needs axe-core: npm pack axe-core, and MNIST_LAB_AXE=package/axe.min.js")
    lab.draw(page, kit_drawing("2").strokes)
    settled(page)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run('.mnl-pad')")
    assert found["passes"]
    assert not [(v["id"], [n["html"] for n in v["nodes"]]) for v in found["violations"]]


def test_a_finger_draws_and_does_not_scroll(page):
    """A touch that moves over the pad leaves ink; the page stays where it is."""
    client = page.context.new_cdp_session(page)
    box = page.locator(".mnl-board").first.bounding_box()

    def touch(kind, *shares):
        points = [
            {"x": box["x"] + 0.5 * box["width"], "y": box["y"] + s * box["height"]} for s in shares
        ]
        client.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    scroll = "[...document.querySelectorAll('*')].map((e) => e.scrollTop).reduce((a, b) => a + b)"
    before = page.evaluate(scroll)
    touch("touchStart", 0.8)
    for share in np.linspace(0.8, 0.2, 12):
        touch("touchMove", share)
    touch("touchEnd")
    settled(page)
    assert page.evaluate(scroll) == before
    assert " 1 " in words(page).inner_text()


HAND = """(steps) => {
  const board = document.querySelector(".mnl-board canvas");
  const { left, top, width } = board.getBoundingClientRect();
  board.setPointerCapture = () => {};
  for (const [type, kind, share, time] of steps) {
    const options = { pointerType: kind, pointerId: kind === "pen" ? 71 : 72, bubbles: true,
      cancelable: true, pressure: 0.5, clientX: left + width * share, clientY: top + width * share };
    const event = new PointerEvent("pointer" + type, options);
    Object.defineProperty(event, "timeStamp", { value: time });
    board.dispatchEvent(event);
  }
  return document.querySelector(".mnl-said").textContent;
}"""


def stroke(kind, start, *, at):
    """What the browser tells of a short line, from a share of the board on, at a time in ms."""
    shares = [start, start + 0.1, start + 0.2]
    steps = [["down", kind, start, at], *(["move", kind, share, at + 9] for share in shares)]
    return [*steps, ["up", kind, shares[-1], at + 20]]


def test_a_palm_does_not_draw_and_a_finger_may_once_the_pen_is_away(page):
    """A touch just after a pen is told to be a palm; later it draws, and a pen takes over from it."""
    page.evaluate(HAND, stroke("pen", 0.1, at=10_000))
    ink = inked(page)
    assert ink > 0
    said = page.evaluate(HAND, stroke("touch", 0.5, at=10_500))
    assert inked(page) == ink and "counts as a palm" in " ".join(said.split())
    page.evaluate(HAND, stroke("touch", 0.5, at=20_000))
    assert inked(page) > 1.5 * ink
    press(page, "Escape")
    page.evaluate(HAND, [*stroke("touch", 0.5, at=30_000)[:-1], *stroke("pen", 0.1, at=30_100)])
    assert inked(page) == pytest.approx(ink, rel=0.1)


def test_an_answer_comes_while_a_cell_runs(page):
    """Where the kernel has subshells, a busy cell does not keep the pad from answering."""
    lab.python(
        page,
        "answered = threading.Event()\n"
        "pad.observe(lambda change: change.new is not None and answered.set(), 'probabilities')",
    )
    lab.python(page, "came = answered.wait(30)", wait=False)
    lab.draw(page, kit_drawing("9").strokes)
    assert lab.python(page, "pad.unobserve_all('probabilities'); print(came)") == "True"
    assert " 9 " in words(page).inner_text()


@pytest.fixture(scope="module")
def plain_page(chromium, tmp_path_factory):
    """A page whose kernel has no subshells, as everywhere but in a new JupyterLab."""
    with lab.jupyterlab(tmp_path_factory.mktemp("plain"), [THIN], settings=NO_SUBSHELLS) as address:
        page = chromium.new_page()
        lab.run_all(page, address)
        yield page
        page.close()


def test_a_busy_kernel_is_said_and_the_last_drawing_wins(plain_page):
    """The ink stays, one message waits, and the latest drawing is answered."""
    page = plain_page
    lab.python(page, BUSY_UNTIL_INTERRUPTED, wait=False)
    for digit in "17":
        press(page, "Escape")
        lab.draw(page, kit_drawing(digit).strokes)
    page.get_by_text("The kernel is busy").wait_for()
    assert inked(page) > 0
    sent = int(page.locator(".mnl-pad").get_attribute("data-sent"))
    page.evaluate("jupyterapp.shell.currentWidget.sessionContext.session.kernel.interrupt()")
    page.wait_for_function("document.querySelector('.mnl-words').textContent.includes(' 7 ')")
    settled(page)
    assert int(page.locator(".mnl-pad").get_attribute("data-sent")) == sent + 1
    assert page.locator(".mnl-note").inner_text() == ""


def test_a_restarted_kernel_is_said_and_the_ink_stays(plain_page):
    """After a restart the pad says what to do; the cell, run again, gives one that answers."""
    page = plain_page
    lab.draw(page, kit_drawing("1").strokes)
    settled(page)
    page.evaluate("jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()")
    page.get_by_text("run the cell again").wait_for()
    assert inked(page) > 0
    page.wait_for_function(lab.IDLE)
    page.evaluate("jupyterapp.commands.execute('notebook:run-all-cells')")
    page.wait_for_selector(".mnl-empty")
    lab.draw(page, kit_drawing("7").strokes)
    settled(page)
    assert " 7 " in words(page).inner_text()


def test_skipping_is_not_possible_in_ci(project):
    """.ci/run says that the browser must be there, and installs it."""
    script = (project / ".ci" / "run").read_text(encoding="utf-8")
    assert "MNIST_LAB_BROWSER=must" in script and "chromium" in script and "axe-core" in script
