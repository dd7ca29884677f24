"""Pictures without a digit: pages of letters, bare paper, single letters, ticks and crosses.

What is found in them is made up. They are the same in every run; the fonts are those that
matplotlib brings along, from which no network of the kit has learnt.
"""

import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from itertools import cycle, product
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pictures
from PIL import ImageDraw, ImageFont

from mnist_lab import synth
from mnist_lab.arrays import Image, Stroke, check_image
from mnist_lab.progress import Progress
from mnist_lab.reading import PageReading, read_page, read_single

LETTERS = "ACDEFGHJKLMNPQRTUVWXYadefhjkmnrtuvwxy"  # without those that are like a digit
PAGE_LETTERS = "ACDEFGHJKLMNPQRTUVWXYacdefhijkmnprtuvwxy"  # the same, of all letters
FONTS = (
    "cmr10", "cmss10", "cmti10", "cmtt10", "cmb10", "cmmi10", "STIXGeneral", "STIXGeneralItalic",
    "STIXGeneralBol", "STIXGeneralBolIta",
)  # fmt: skip
# Alphabets within a font: where its capitals and its small letters begin
SCRIPT = "STIXGeneralItalic", 0x1D49C, 0x1D4B6
FRAKTUR = "STIXGeneral", 0x1D504, 0x1D51E
LINES = 40  # on a page
DPI = 150  # of a printed page
MARGIN, LEADING, LETTER_SIZE = 15.0, 6.6, 4.6  # mm: around the text, of a line, of a font
WORD = 2, 10  # letters of a word, at the least and at the most
EMPTY_SIZE = 120, 80  # mm of an empty page
EMPTY_DPI = 90
SEEDS = 10  # of each paper under each camera
SURE = 0.9  # confidence that what is no digit should stay below


def bench_blank_pages(*, model: Any, progress: Progress) -> dict[str, dict[str, int]]:
    """Read pictures without a digit, and count what is taken for one.

    Parameters
    ----------
    model : keras.Model or None
        As for `read_page`.
    progress : Progress
        Takes a line for each sort of pictures.

    Returns
    -------
    dict
        For ``"letters_pages"``, ``"empty"``, ``"letters"`` and ``"marks"`` the number of
        pictures, of digits found in them, and of those with a confidence above 90 %.
    """
    page, single = partial(read_page, model=model), partial(read_single, model=model)
    return {
        "letters_pages": count_false_digits(letters_pages(), page, progress),
        "empty": count_false_digits(empty_pages(), page, progress, "empty pages", 300),
        "letters": count_false_digits(letters(), single, progress, "pictures of one letter", 74),
        "marks": count_false_digits(marks(), single, progress, "pictures of a mark", 32),
    }


def count_false_digits(
    pictures: Iterable[Image],
    read: Callable[[Image], PageReading],
    progress: Progress,
    what: str = "pages of letters, in fonts and hands not learnt from",
    count: int = 12,
) -> dict[str, int]:
    """Count what is found in some pictures of no digit, and how much of it surely.

    `count` is how many pictures are expected, for the progress that is shown.
    """
    found = sure = seen = 0
    for picture in pictures:
        progress.step(seen, count, what)
        page = read(picture)
        seen += 1
        found += len(page)
        sure += int((page.confidences > SURE).sum())
    progress.step(count, count)
    progress.say(
        f"false digits on {seen} {what}: {found}, "
        f"{sure} of these with a confidence above {SURE:.0%}"
    )
    return {"pictures": seen, "found": found, "sure": sure}


def letters_pages() -> Iterator[Image]:
    """Twelve pages of forty lines of letters, scans and photographs in turn.

    Ten are in fonts for text, one is in script letters, one in broken ones. None of the letters
    looks exactly like a digit: I, l, O, o, S, s, Z, z, B, b, g and q are left out.
    """
    scanner, phone = replace(synth.SCANNER, dpi=DPI), replace(synth.PHONE, framing="page", dpi=DPI)
    cameras = cycle([scanner, phone, replace(scanner, rotation=-1.5), _with_shadow(phone)])
    papers = cycle([synth.PLAIN, synth.RECYCLED, synth.RULED, synth.PLAIN, synth.SQUARED])
    alphabets = [(font, ord("A"), ord("a")) for font in FONTS] + [SCRIPT, FRAKTUR]
    for seed, ((font, *starts), camera, paper) in enumerate(
        zip(alphabets, cameras, papers, strict=False)
    ):
        printed = _print_letters(font, _alphabet(*starts), seed)
        page = synth.Page((), synth.A4, printed=printed)
        yield _grey(synth.photograph(page, seed=seed, paper=paper, camera=camera)[0])


def _alphabet(capital: int, small: int) -> list[str]:
    """The letters of an alphabet that begins at two code points, without those it lacks."""
    places = [
        small + ord(letter) - ord("a") if letter.islower() else capital + ord(letter) - ord("A")
        for letter in PAGE_LETTERS
    ]
    return [chr(place) for place in places if unicodedata.category(chr(place)) != "Cn"]


def _print_letters(font: str, alphabet: list[str], seed: int) -> NDArray[np.uint8]:
    """A page of words that mean nothing."""
    rng = np.random.default_rng(seed)
    scale = DPI / synth.MM_PER_INCH
    width, height = (round(side * scale) for side in synth.A4)
    size = round(LETTER_SIZE * scale)
    face = _font(font, size)
    sheet = Pictures.new("L", (width, height), 255)
    pen = ImageDraw.Draw(sheet)
    for line in range(LINES):
        x, y = MARGIN * scale, (MARGIN + LEADING * line) * scale
        while True:
            word = "".join(rng.choice(alphabet, rng.integers(*WORD, endpoint=True)))
            if x + face.getlength(word) > width - MARGIN * scale:
                break
            pen.text((x, y), word, fill=int(rng.integers(20, 80)), font=face)
            x += face.getlength(word) + 0.4 * size
    return np.asarray(sheet, np.uint8)


def _font(name: str, size: int) -> ImageFont.FreeTypeFont:
    """One of those that come with matplotlib, in pixels."""
    import matplotlib

    path = Path(matplotlib.get_data_path(), "fonts", "ttf", f"{name}.ttf")
    return ImageFont.truetype(str(path), size, layout_engine=ImageFont.Layout.BASIC)


def empty_pages() -> Iterator[Image]:
    """300 scans and photographs of bare paper and of a blackboard, each of some more chance."""
    scanner = replace(synth.SCANNER, dpi=EMPTY_DPI)
    phone = replace(synth.PHONE, framing="page", dpi=EMPTY_DPI)
    cameras = (
        scanner,
        replace(scanner, rotation=91, margin=5),
        phone,
        _with_shadow(phone),
        replace(phone, margin=0, tilt=20, noise=6, jpeg=50),
        replace(phone, margin=3, rotation=40, exposure=0.5),
    )
    papers = synth.PLAIN, synth.RULED, synth.SQUARED, synth.RECYCLED, synth.BLACKBOARD
    page = synth.Page((), EMPTY_SIZE)
    for seed, (paper, camera, _) in enumerate(product(papers, cameras, range(SEEDS))):
        yield _grey(synth.photograph(page, seed=seed, paper=paper, camera=camera)[0])


def letters() -> Iterator[Image]:
    """Photographs of single letters that are not like a digit, in two fonts."""
    for font in ("DejaVuSans", "STIXGeneralItalic"):
        face = _font(font, 180)
        for letter in LETTERS:
            sheet = Pictures.new("L", (400, 400), 255)
            ImageDraw.Draw(sheet).text((200, 200), letter, fill=70, font=face, anchor="mm")
            printed = np.asarray(sheet, np.uint8)
            yield _photographed(synth.Page((), (40, 40), printed=printed), ord(letter))


def marks() -> Iterator[Image]:
    """Photographs of ticks, crosses, dashes, arrows, zigzags and scribbles by hand."""
    shapes: dict[str, list[list[tuple[float, float]]]] = {
        "tick": [[(12, 20), (17, 28), (28, 10)]],
        "cross": [[(12, 12), (28, 28)], [(28, 12), (12, 28)]],
        "plus": [[(20, 10), (20, 30)], [(10, 20), (30, 20)]],
        "dash": [[(12, 20), (28, 20)]],
        "arrow": [[(10, 20), (30, 20)], [(25, 15), (30, 20), (25, 25)]],
        "equals": [[(12, 17), (28, 17)], [(12, 23), (28, 23)]],
        "zigzag": [[(10, 24), (14, 14), (18, 26), (22, 14), (26, 26), (30, 14)]],
        "scribble": [[(12 + k % 2 * 16, 12 + k) for k in range(18)]],
    }
    rng = np.random.default_rng(0)
    for seed, strokes in enumerate([*shapes.values()] * 4):
        bent = [np.array(s, np.float32) + rng.normal(0, 0.8, (len(s), 2)) for s in strokes]
        drawing = synth.Page((), (40, 40), marks=[Stroke(each.astype(np.float32)) for each in bent])
        yield _photographed(drawing, seed)


def _photographed(drawing: synth.Page, seed: int) -> Image:
    """A picture close to what is drawn."""
    pen = replace(synth.BALLPOINT, width=0.9)
    camera = replace(synth.PHONE, framing="page", margin=0, dpi=200)
    return _grey(synth.photograph(drawing, seed=seed, pen=pen, camera=camera)[0])


def _with_shadow(camera: synth.Camera) -> synth.Camera:
    return replace(camera, shadow=0.5, shadow_edge=2.0)


def _grey(picture: NDArray[np.uint8]) -> Image:
    return check_image(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY))
