"""The page for the pocket in a real browser: how soon it is there, and how soon a photo is read."""

import statistics
import tempfile
from pathlib import Path
from typing import Any

import cv2

from benchmarks import lab
from benchmarks.command import make_parser, measure
from mnist_lab.cli.arguments import positive
from mnist_lab.data import demonstration_folder
from mnist_lab.images import load_image
from mnist_lab.pad import save_page
from mnist_lab.pad.modules import STATIC
from mnist_lab.progress import Progress

PHOTO = "ruled.jpg"  # of the demonstration pages
SIZES = {"1": (1155, 866), "12": (4000, 3000)}  # pixels, by megapixels
USABLE = """async () => {
    while (!document.querySelector('.mnl-board canvas')?.width)
        await new Promise(requestAnimationFrame);
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    return performance.now();
}"""  # since the navigation began
WATCH = """() => {
    const state = document.querySelector('.pocket-state');
    const seen = window.mnlSeen = { waits: [], pause: 0 };
    let began = 0, last = performance.now();
    setInterval(() => {
        const now = performance.now();
        if (began) seen.pause = Math.max(seen.pause, now - last);
        last = now;
    }, 5);
    for (const input of document.querySelectorAll('input[type=file]'))
        input.addEventListener('change', () => { began = performance.now(); });
    new MutationObserver(() => {
        if (!state.textContent.startsWith('Read:')) return;
        const from = began;
        began = 0;
        requestAnimationFrame(() => setTimeout(() => {
            document.body.dataset.read = seen.waits.push(performance.now() - from);
        }));
    }).observe(state, { childList: true, characterData: true, subtree: true });
}"""


def bench_pocket(*, photos: int, progress: Progress) -> dict[str, Any]:
    """Open the pages of the course's network and of the pretrained one, and read photos.

    Parameters
    ----------
    photos : int
        How many to read of each size, after a first one that makes the reader ready.
    progress : Progress
        Takes each line of what was measured.

    Returns
    -------
    dict
        Bytes of the two pages and of all hand-written JavaScript; milliseconds from opening the
        file to a page that can be drawn on (median of five); from the choice of a photo of 1 and
        of 12 megapixels to the answers (medians), for the first one too; and the longest that the
        page did not react meanwhile.

    Raises
    ------
    DataError
        Playwright or Chromium is not here.
    """
    from mnist_lab import course_cnn

    with tempfile.TemporaryDirectory() as name, lab.chromium() as browser:
        folder = Path(name)
        save_page(course_cnn(), folder / "course.html")
        save_page(None, folder / "pretrained.html")
        picture = load_image(demonstration_folder() / PHOTO)
        for megapixels, size in SIZES.items():
            larger = cv2.resize(picture, size, interpolation=cv2.INTER_CUBIC)
            cv2.imwrite(str(folder / f"{megapixels}.jpg"), larger)
        page = browser.new_page(viewport={"width": 360, "height": 740}, device_scale_factor=3)
        page.set_default_timeout(600_000)
        opened = []
        for _ in range(5):
            page.goto((folder / "course.html").as_uri())
            opened.append(page.evaluate(USABLE))
        page.goto((folder / "pretrained.html").as_uri())
        page.evaluate(WATCH)
        page.get_by_role("button", name="Photo", exact=True).click()
        waits: dict[str, list[float]] = {}
        for megapixels in SIZES:
            for _ in range(photos + 1):
                count = page.evaluate("mnlSeen.waits.length")
                photo = folder / f"{megapixels}.jpg"
                page.get_by_label("Choose a picture").set_input_files(photo)
                page.locator(f'body[data-read="{count + 1}"]').wait_for()
            waits[megapixels] = page.evaluate(f"mnlSeen.waits.slice(-{photos + 1})")
        found = {
            "course_page_bytes": (folder / "course.html").stat().st_size,
            "pretrained_page_bytes": (folder / "pretrained.html").stat().st_size,
            "script_bytes": sum(file.stat().st_size for file in STATIC.glob("*.js")),
            "usable_ms": statistics.median(opened),
            "first_photo_ms": waits["1"][0],
            "photo_1_megapixel_ms": statistics.median(waits["1"][1:]),
            "photo_12_megapixels_ms": statistics.median(waits["12"][1:]),
            "longest_pause_ms": page.evaluate("mnlSeen.pause"),
        }
    for name, value in found.items():
        progress.say(f"{name:<24} {value:>12,.0f}")
    return found


def main() -> None:
    """Measure, from the command line."""
    parser = make_parser("pocket", "Open a network's page from file://, and let it read photos.")
    parser.add_argument(
        "--photos", type=positive, default=5, metavar="N", help="of each size; default: 5"
    )
    args = parser.parse_args()
    measure(bench_pocket, args, photos=args.photos)


if __name__ == "__main__":
    main()
