"""A sheet as it is printed, as a PDF or as pixels, and filled in where nobody writes."""

import warnings
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mnist_lab.arrays import Image, Stroke
from mnist_lab.files import StrPath, atomic_write
from mnist_lab.names import readable
from mnist_lab.sheet.layout import (
    BOX_MM,
    COLUMNS,
    LABEL_HEIGHT,
    LABEL_LIFT,
    LABEL_MARGIN,
    LABEL_SIDE,
    MARK,
    MARK_DICTIONARY,
    PLATE,
    Sheet,
    box_corner,
    mark_corners,
    paper_size,
    plate_corner,
)
from mnist_lab.synth import MM_PER_INCH, Hand, Page, PageDigit, on_baseline

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FONT = "DejaVu Sans"  # which comes with matplotlib
DIGIT_EM = 0.729  # the height of a digit, as a share of the letters' em
FRAME_COLOUR, TEXT_COLOUR, SOFT_COLOUR = "#b4cbe2", "#3a3f47", "#7a828d"
POINT = MM_PER_INCH / 72  # mm
MARK_CELLS = 8  # across a mark, its black border counted
ROOM = 3.0  # mm of a box's width that a digit leaves free


def write_pdf(sheets: Iterable[Sheet], path: StrPath, *, paper: str = "A4", name: str = "") -> None:
    """Write sheets as a PDF to print, a page each, for paper ``"A4"`` or ``"Letter"``.

    A `name` stands beside the sheet's number; without one nothing personal is on it. CannotWrite
    if the place cannot be written, OptionError if there is no such paper.
    """
    from matplotlib.backends.backend_pdf import PdfPages

    with (
        atomic_write(path) as draft,
        PdfPages(draft, metadata={"CreationDate": None}) as pdf,
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")  # of a name's letters that are not in the font
        for sheet in sheets:
            pdf.savefig(draw_sheet(sheet, paper=paper, name=name))


def render(
    sheet: Sheet, *, paper: str = "A4", name: str = "", dpi: float = 300
) -> NDArray[np.uint8]:
    """The printed page in colour, uint8 (height, width, 3), as `synth.Page` takes it."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    figure = draw_sheet(sheet, paper=paper, name=name)
    figure.set_dpi(dpi)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()  # type: ignore[no-untyped-call]
    return np.array(canvas.buffer_rgba())[..., :3]  # type: ignore[no-untyped-call]


def draw_sheet(sheet: Sheet, *, paper: str = "A4", name: str = "") -> "Figure":
    """Draw a sheet as a matplotlib figure, as large as the paper."""
    from matplotlib.figure import Figure

    width, height = paper_size(paper)
    figure = Figure(figsize=(width / MM_PER_INCH, height / MM_PER_INCH), facecolor="white")
    ax = figure.add_axes((0, 0, 1, 1))
    left, top = plate_corner(paper)
    ax.set_xlim(-left, width - left)
    ax.set_ylim(height - top, -top)
    ax.set_axis_off()
    for corner, number in enumerate(sheet.marks):
        _draw_mark(ax, corner, number)
    _draw_words(ax, sheet, name)
    for box, label in enumerate(sheet.labels):
        _draw_box(ax, box, int(label))
    return figure


def _draw_mark(ax: "Axes", corner: int, number: int) -> None:
    from matplotlib.collections import PatchCollection
    from matplotlib.patches import Rectangle

    dictionary = cv2.aruco.getPredefinedDictionary(MARK_DICTIONARY)
    cells = cv2.aruco.generateImageMarker(dictionary, number, MARK_CELLS) == 0
    x, y = mark_corners(corner)[0]
    side, over = MARK / MARK_CELLS, 0.02  # mm; neighbours reach over each other, lest a seam show
    black = [
        Rectangle(
            (x + column * side - over, y + row * side - over), side + 2 * over, side + 2 * over
        )
        for row, column in np.argwhere(cells)
    ]
    ax.add_collection(PatchCollection(black, facecolor="black", linewidth=0))


def _draw_words(ax: "Axes", sheet: Sheet, name: str) -> None:
    low = PLATE[1] - MARK
    code = f"sheet {sheet.number:05d}, {sheet.order}" + (f", {readable(name)}" if name else "")
    title = {"size": 5.2, "weight": "bold", "color": TEXT_COLOUR}
    typed = {"family": f"{FONT} Mono", "color": TEXT_COLOUR}
    slip = "A slip of the pen? Scribble it out or leave the box empty: it will not be counted."
    lines: list[tuple[float, str, dict[str, Any]]] = [
        (5.0, "Write each digit as you always do", title),
        (10.4, "In every box the small digit above it. Stay inside the box; use any dark pen.", {}),
        (15.0, slip, {}),
        (low + 4.4, "Scan it, or photograph it with its four black marks:", {}),
        (low + 9.2, "mnist-lab sheet read PICTURE --out my_digits.npz", typed),
        (low + 14.0, code, {}),
    ]
    for y, text, look in lines:
        _text(ax, (PLATE[0] / 2, y), text, **{"size": 3.1, "color": SOFT_COLOUR, **look})


def _draw_box(ax: "Axes", box: int, label: int) -> None:
    from matplotlib.patches import FancyBboxPatch

    x, y = box_corner(box)
    _text(ax, (x + BOX_MM / 2, y - LABEL_LIFT), str(label), size=LABEL_HEIGHT / DIGIT_EM)
    frame = FancyBboxPatch(
        (x, y), BOX_MM, BOX_MM, boxstyle="round,pad=0,rounding_size=1.2",
        facecolor="none", edgecolor=FRAME_COLOUR, linewidth=0.3 / POINT,
    )  # fmt: skip
    ax.add_patch(frame)


def _text(ax: "Axes", at: tuple[float, float], text: str, *, size: float, **look: Any) -> None:
    """Letters whose em is `size` mm high; the middle of their foot is at a place."""
    look = {"color": TEXT_COLOUR, "family": FONT, **look}
    ax.text(*at, text, fontsize=size / POINT, ha="center", va="baseline", parse_math=False, **look)


@cache
def printed_digit(label: int, pixels_per_mm: int) -> Image:
    """The printed digit of `label_box` as bright ink: uint8, as many pixels a millimetre."""
    import matplotlib as mpl
    from PIL import Image as Pillow
    from PIL import ImageDraw, ImageFont

    fine = 4 * pixels_per_mm
    file = Path(mpl.get_data_path(), "fonts", "ttf", f"{FONT.replace(' ', '')}.ttf")
    font = ImageFont.truetype(file, LABEL_HEIGHT / DIGIT_EM * fine)
    large = Pillow.new("L", (round(LABEL_SIDE * fine),) * 2)
    foot = LABEL_SIDE / 2 * fine, (LABEL_MARGIN + LABEL_HEIGHT) * fine
    ImageDraw.Draw(large).text(foot, str(label), fill=255, font=font, anchor="ms")
    size = (round(LABEL_SIDE * pixels_per_mm),) * 2
    small = cv2.resize(np.array(large), size, interpolation=cv2.INTER_AREA)
    blurred = cv2.GaussianBlur(small, (0, 0), 0.15 * pixels_per_mm)
    return Image(np.asarray(blurred, np.uint8))


def fill_in(
    sheet: Sheet,
    write: Hand,
    *,
    seed: int,
    paper: str = "A4",
    height: float = 9.0,
    empty: Iterable[int] = (),
    struck: Iterable[int] = (),
    dpi: float = 300,
) -> Page:
    """Fill in a sheet by a program, for `synth.photograph`.

    `write` is a hand, as for `synth.lay_out`; its digits are `height` mm high, more or less. The
    boxes `empty` and `struck`, 0 to 99, are left empty and scribbled out. The same seed gives the
    same page: printed, with the digits in the order of their boxes, and scribbles as marks.
    """
    rng = np.random.default_rng((seed, sheet.number))
    corner = np.array(plate_corner(paper))
    empty, struck = set(empty), set(struck)
    digits: list[PageDigit] = []
    marks: list[Stroke] = []
    for box, label in enumerate(sheet.labels):
        middle = corner + box_corner(box) + BOX_MM / 2 + rng.normal(0, 0.6, 2)
        tall = float(np.clip(height * np.exp(rng.normal(0, 0.08)), 1, BOX_MM - 2))
        strokes = write(int(label), rng)
        if box in empty:
            continue
        digits.append(PageDigit(int(label), _centred(strokes, middle, tall), box // COLUMNS))
        if box in struck:
            marks.append(_scribble(middle, rng))
    printed = render(sheet, paper=paper, dpi=dpi)
    return Page(tuple(digits), paper_size(paper), printed=printed, marks=marks)


def _centred(strokes: Iterable[Stroke], middle: NDArray[np.float64], tall: float) -> list[Stroke]:
    """Strokes `tall` mm high, and narrower than a box, around a place."""
    placed = on_baseline(list(strokes), 0.0, 0.0, tall)
    points = np.concatenate(placed)
    low, high = points.min(axis=0), points.max(axis=0)
    zoom = min(1.0, (BOX_MM - ROOM) / max(float(high[0] - low[0]), 1e-3))
    moved = [(stroke - (low + high) / 2) * zoom + middle for stroke in placed]
    return [Stroke(stroke.astype(np.float32)) for stroke in moved]


def _scribble(middle: NDArray[np.float64], rng: np.random.Generator) -> Stroke:
    """A zigzag over a digit."""
    turns = 9
    x = np.where(np.arange(turns) % 2, 4.5, -4.5) + rng.normal(0, 0.5, turns)
    y = np.linspace(-4.5, 4.5, turns) + rng.normal(0, 0.4, turns)
    return Stroke((np.stack([x, y], axis=1) + middle).astype(np.float32))
