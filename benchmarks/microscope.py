"""The microscope in a real browser: how soon its layers follow the pen, and a click is answered."""

import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import lab
from benchmarks.command import make_parser, measure
from benchmarks.pad import FIRST_PAINT, MOVES, SECONDS
from mnist_lab.cli.arguments import positive
from mnist_lab.pad import Microscope, kit_drawing
from mnist_lab.pad.modules import STATIC
from mnist_lab.progress import Progress

CLICKS = 20
CELL = """
from mnist_lab import course_cnn
from mnist_lab.pad import Microscope
pad = Microscope(course_cnn())
"""
WATCH = """() => {
    const board = document.querySelector('.mnl-board canvas');
    const probability = document.querySelector('.mnl-chances span');
    const seen = window.mnlSeen = { moves: [], late: 0, clicks: [] };
    const after = (event, list) => requestAnimationFrame(() => setTimeout(() => {
        list.push(performance.now() - event.timeStamp);
    }));
    let changed = false;
    new MutationObserver(() => { changed = true; })
        .observe(probability, { childList: true, characterData: true, subtree: true });
    board.addEventListener('pointermove', (event) => {
        if (!event.buttons) return;
        changed = false;
        after(event, seen.moves);
        requestAnimationFrame(() => setTimeout(() => { seen.late += !changed; }));
    });
    document.querySelector('.mnl-networks').addEventListener('click', (event) => {
        after(event, seen.clicks);
    });
}"""


def bench_microscope(*, strokes: int, progress: Progress) -> dict[str, Any]:
    """Draw under a microscope on the course's network, click on its numbers, and time both.

    Parameters
    ----------
    strokes : int
        How many to draw, each of 149 moves of the mouse in about 2.4 s, on a page from file://.
    progress : Progress
        Takes each line of what was measured.

    Returns
    -------
    dict
        Milliseconds from a move of the pen to the end of the frame that shows it in every layer,
        and from a click to the sum (median, 95th percentile), the share of moves that the next
        frame shows, milliseconds from running the cell in JupyterLab (and in
        Notebook 7, where that is installed) to the first paint, and the
        sizes of the page and of the modules in bytes.

    Raises
    ------
    DataError
        JupyterLab, Playwright or Chromium is not here.
    """
    with tempfile.TemporaryDirectory() as folder, lab.chromium() as browser:
        from mnist_lab import course_cnn

        page = browser.new_page(viewport={"width": 1280, "height": 1000})
        file = Path(folder) / "microscope.html"
        file.write_text(f'<meta charset="utf-8">{Microscope(course_cnn()).to_html()}', "utf-8")
        page.goto(file.as_uri())
        page.wait_for_selector(".mnl-chances")
        page.evaluate(WATCH)
        progress.say(f"{strokes} strokes, {SECONDS} s each ...")
        for number in range(strokes):
            page.keyboard.press("Escape")
            [line, *_] = kit_drawing(str(number % 10)).strokes
            lab.draw(page, [line], moves=MOVES - 1, pause=1000 * SECONDS / MOVES - 4)
        layers = page.locator(".mnl-layer canvas, .mnl-chances button")
        for number in range(CLICKS):
            layers.nth(1 + number % 5).click()
            page.wait_for_timeout(50)
        seen = page.evaluate("window.mnlSeen")
        size = file.stat().st_size
        file.unlink()
        painted = {}
        for app in filter(find_spec, lab.APPS):
            progress.say(f"Starting {app} ...")
            own = Path(folder, app)
            own.mkdir()
            with lab.jupyterlab(own, [CELL], app=app) as address:
                lab.run_all(page, address, pads=0)
                painted[f"first_paint_{app}_ms"] = page.evaluate(FIRST_PAINT)
    moves, clicks = seen["moves"], seen["clicks"]
    modules = "board", "digit", "forward", "microscope", "pixels", "reasons"
    found = {
        "move_to_layers_ms": float(np.median(moves)),
        "move_to_layers_p95_ms": float(np.percentile(moves, 95)),
        "in_the_next_frame": 1 - seen["late"] / len(moves),
        "click_to_sum_ms": float(np.median(clicks)),
        "click_to_sum_p95_ms": float(np.percentile(clicks, 95)),
        **painted,
        "page_bytes": size,
        "module_bytes": sum((STATIC / f"{name}.js").stat().st_size for name in modules),
        "moves": len(moves),
    }
    for name, value in found.items():
        progress.say(f"{name:<24} {value:>10,.3f}".rstrip("0").rstrip("."))
    return found


def main() -> None:
    """Measure, from the command line."""
    parser = make_parser("microscope", "Draw under the microscope in a real browser: latency.")
    parser.add_argument(
        "--strokes", type=positive, default=20, metavar="N", help="to draw; default: 20"
    )
    args = parser.parse_args()
    measure(bench_microscope, args, strokes=args.strokes)


if __name__ == "__main__":
    main()
