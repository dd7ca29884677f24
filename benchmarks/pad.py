"""The drawing pad in a real JupyterLab: how soon ink and answers are seen, and what travels."""

import json
import statistics
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import lab
from benchmarks.command import make_parser, measure
from mnist_lab.cli.arguments import positive
from mnist_lab.pad import kit_drawing
from mnist_lab.pad.modules import join_modules
from mnist_lab.progress import Progress

MOVES = 149  # of the mouse in a stroke ...
SECONDS = 2.4  # ... which takes about this long
CELLS = ["from mnist_lab.pad import DigitPad\npad = DigitPad()"]
FIRST_PAINT = """async () => {
    const kernel = jupyterapp.shell.currentWidget.sessionContext.session.kernel;
    const notebook = jupyterapp.shell.currentWidget.content;
    jupyterapp.commands.execute('notebook:insert-cell-below');
    notebook.activeCell.model.sharedModel.setSource('pad');
    const begin = performance.now();
    jupyterapp.commands.execute('notebook:run-cell');
    while (!document.querySelector('.mnl-board canvas')?.width)
        await new Promise(requestAnimationFrame);
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    return performance.now() - begin;
}"""
WATCH = """() => {
    const root = document.querySelector('.mnl-pad'), board = root.querySelector('canvas');
    const pen = board.getContext('2d'), seen = { waits: [], late: 0, moves: 0 };
    let up = 0;
    board.addEventListener('pointerup', (event) => { up = event.timeStamp; });
    board.addEventListener('pointermove', (event) => {
        if (!event.buttons) return;
        const box = board.getBoundingClientRect(), dense = board.width / box.width;
        const at = [event.clientX - box.left, event.clientY - box.top].map((v) => v * dense | 0);
        seen.moves++;
        seen.late += pen.getImageData(...at, 1, 1).data[3] === 0;
    });
    new MutationObserver(() => {
        if (!up || root.dataset.shown !== root.dataset.sent) return;
        const began = up;
        up = 0;
        requestAnimationFrame(() => setTimeout(() => seen.waits.push(performance.now() - began)));
    }).observe(root, { attributeFilter: ['data-shown'] });
    window.mnlSeen = seen;
}"""
KERNEL = """
import json, time
from mnist_lab.pad import kit_drawing
def _once(drawing):
    began = time.perf_counter()
    pad._update(drawing)
    return 1000 * (time.perf_counter() - began)
print(json.dumps([_once(kit_drawing(str(k % 10))) for k in range(100)]))
"""


def bench_pad(*, strokes: int, progress: Progress) -> dict[str, Any]:
    """Draw on a pad with a real mouse, and measure what a student would notice.

    Parameters
    ----------
    strokes : int
        How many to draw, each of 149 moves of the mouse in about 2.4 s.
    progress : Progress
        Takes each line of what was measured.

    Returns
    -------
    dict
        Milliseconds from pen-up to the bars on the screen (median, 95th percentile), share of
        moves whose ink is there in the same frame, messages and kB in both directions a stroke
        (median), milliseconds from strokes to probabilities in the kernel and from running the
        cell to the first paint, and the size of the ES module in bytes.

    Raises
    ------
    DataError
        JupyterLab, Playwright or Chromium is not here.
    """
    with tempfile.TemporaryDirectory() as folder, lab.chromium() as browser:
        progress.say("Starting JupyterLab ...")
        with lab.jupyterlab(Path(folder), CELLS) as address:
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            frames: list[int] = []
            page.on("websocket", lambda socket: _count(socket, frames))
            lab.run_all(page, address, pads=0)
            painted = page.evaluate(FIRST_PAINT)
            page.evaluate(WATCH)
            progress.say(f"{strokes} strokes, {SECONDS} s each ...")
            traffic = [_stroke(page, number, frames) for number in range(strokes)]
            seen = page.evaluate("window.mnlSeen")
            kernel = json.loads(lab.python(page, KERNEL))
    waits, sizes = seen["waits"], [sum(each) / 1000 for each in traffic]
    found = {
        "pen_up_to_bars_ms": statistics.median(waits),
        "pen_up_to_bars_p95_ms": float(np.percentile(waits, 95)),
        "ink_in_the_same_frame": 1 - seen["late"] / seen["moves"],
        "messages_a_stroke": statistics.median(map(len, traffic)),
        "kilobytes_a_stroke": statistics.median(sizes),
        "kernel_ms": statistics.median(kernel),
        "first_paint_ms": painted,
        "module_bytes": len(join_modules("pad").encode()),
        "strokes": len(waits),
    }
    for name, value in found.items():
        progress.say(f"{name:<24} {value:>10,.3f}".rstrip("0").rstrip("."))
    return found


def _count(socket: Any, frames: list[int]) -> None:
    if "/channels" in socket.url:
        for event in ("framesent", "framereceived"):
            socket.on(event, lambda payload: frames.append(len(payload)))


def _stroke(page: Any, number: int, frames: list[int]) -> list[int]:
    """Draw one stroke on the bare pad; give the sizes of the messages until it is answered."""
    page.keyboard.press("Escape")
    page.wait_for_function("document.querySelector('.mnl-words').textContent === 'Draw a digit.'")
    page.wait_for_timeout(300)
    frames.clear()
    [line, *_] = kit_drawing(str(number % 10)).strokes
    lab.draw(page, [line], moves=MOVES - 1, pause=1000 * SECONDS / MOVES - 4)
    page.wait_for_function(f"window.mnlSeen.waits.length > {number}")
    page.wait_for_timeout(100)
    return frames.copy()


def main() -> None:
    """Measure, from the command line."""
    parser = make_parser("pad", "Draw on the pad in a real JupyterLab: latency and traffic.")
    parser.add_argument(
        "--strokes", type=positive, default=50, metavar="N", help="to draw; default: 50"
    )
    args = parser.parse_args()
    measure(bench_pad, args, strokes=args.strokes)


if __name__ == "__main__":
    main()
