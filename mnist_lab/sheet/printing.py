"""A sheet as it is printed: as a PDF, as pixels, and one of its small digits to look for."""

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mnist_lab.arrays import Image
from mnist_lab.files import StrPath, atomic_write
from mnist_lab.sheet.layout import (
    BOX,
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
from mnist_lab.synth import MM_PER_INCH

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FONT = "DejaVu Sans"  # which comes with matplotlib
DIGIT_EM = 0.729  # the height of a digit, as a share of the letters' em
FRAME_COLOUR, TEXT_COLOUR, SOFT_COLOUR = "#b4cbe2", "#3a3f47", "#7a828d"
POINT = MM_PER_INCH / 72  # mm
MARK_CELLS = 8  # across a mark, its black border counted


def write_pdf(sheets: Iterable[Sheet], path: StrPath, *, paper: str = "A4", name: str = "") -> None:
    """Write sheets as a PDF to print, a page each.

    Parameters
    ----------
    sheets : iterable of Sheet
        In the order of the pages.
    path : str or Path
        Where to.
    paper : str
        ``"A4"`` or ``"Letter"``.
    name : str
        What to print beside the sheet's number; by default nothing personal is on it.

    Raises
    ------
    CannotWrite
        The place cannot be written.
    OptionError
        There is no such paper.
    """
    from matplotlib.backends.backend_pdf import PdfPages

    with atomic_write(path) as draft, PdfPages(draft, metadata={"CreationDate": None}) as pdf:
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
    code = f"sheet {sheet.number:05d}, {sheet.order}" + (f", {name}" if name else "")
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
    _text(ax, (x + BOX / 2, y - LABEL_LIFT), str(label), size=LABEL_HEIGHT / DIGIT_EM)
    frame = FancyBboxPatch(
        (x, y), BOX, BOX, boxstyle="round,pad=0,rounding_size=1.2",
        facecolor="none", edgecolor=FRAME_COLOUR, linewidth=0.3 / POINT,
    )  # fmt: skip
    ax.add_patch(frame)


def _text(ax: "Axes", at: tuple[float, float], text: str, *, size: float, **look: Any) -> None:
    """Letters whose em is `size` mm high; the middle of their foot is at a place."""
    look = {"color": TEXT_COLOUR, "family": FONT, **look}
    ax.text(*at, text, fontsize=size / POINT, ha="center", va="baseline", **look)


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
