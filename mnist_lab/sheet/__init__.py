"""A page to print and write on: four marks that name it, and a hundred boxes for digits.

All that stands on the page is measured from the upper left corner of the plate, which is the
same on every paper: x to the right, y down, in millimetres. The corner marks are ArUco marks
(Garrido-Jurado 2014), and each says which corner it is. Together they say the sheet's code:
the values of corners 0 to 3 lie on a line modulo a prime (Reed and Solomon 1960), so that any
two give the code, and a third must agree.
"""

import hashlib
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mnist_lab.arrays import ArrayError, Image, Labels
from mnist_lab.files import atomic_write
from mnist_lab.strokes import Stroke
from mnist_lab.synth import A4, LETTER, MM_PER_INCH, Hand, Page, PageDigit, on_baseline

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PAPERS = {"A4": A4, "Letter": LETTER}
ORDERS = "mixed", "rows"
CORNERS = "upper left", "upper right", "lower right", "lower left"

PLATE = 186.0, 255.0  # mm, wide and high
MARK = 16.0  # mm, a mark's side
ROWS, COLUMNS = 10, 10
BOXES = ROWS * COLUMNS
PITCH = 18.6, 21.5  # mm, from box to box, across and down
FIRST = 1.8, 24.6  # mm, the upper left corner of the first box
BOX = 15.0  # mm, a box's side
LABEL_UP = 1.3  # mm, from the top of a box up to the foot of its printed digit
LABEL_HIGH = 2.9  # mm, the printed digit
AROUND = 0.5  # mm around it that are its own
FONT = "DejaVu Sans"  # which comes with matplotlib
DIGIT_EM = 0.729  # the height of a digit, as a share of the letters' em

MARKS = cv2.aruco.DICT_6X6_1000  # marks differ in 9 of 36 cells or more
PRIME = 241  # values of a mark; four times as many are in the dictionary
NUMBERS = PRIME * PRIME // len(ORDERS)  # sheets that have a code

FRAME, PRINT, SOFT = "#b4cbe2", "#3a3f47", "#7a828d"  # the light lines, and the letters
POINT = MM_PER_INCH / 72  # mm


@dataclass(frozen=True)
class Sheet:
    """One page to write on.

    Attributes
    ----------
    number : int
        Its name, 0 to 29,039.
    order : str
        ``"mixed"``: ten of each digit in an order of the sheet's own; ``"rows"``: a row of
        zeros, one of ones, and so on.
    """

    number: int
    order: str = "mixed"

    def __post_init__(self) -> None:
        if not isinstance(self.number, int | np.integer) or not 0 <= self.number < NUMBERS:
            raise ArrayError(
                f"expected a sheet's number from 0 to {NUMBERS - 1}, got {self.number!r}"
            )
        if self.order not in ORDERS:
            raise ArrayError(f"expected an order mixed or rows, got {self.order!r}")

    @property
    def labels(self) -> Labels:
        """What to write in each box, row by row: uint8 (100,), ten of each digit."""
        if self.order == "rows":
            return np.repeat(np.arange(10, dtype=np.uint8), COLUMNS)
        # by a hash, not by a random generator: a sheet in a drawer must mean the same for ever
        turn = [hashlib.sha256(f"{self.number}/{box}".encode()).digest() for box in range(BOXES)]
        return (np.array(sorted(range(BOXES), key=turn.__getitem__)) % 10).astype(np.uint8)

    @property
    def marks(self) -> tuple[int, ...]:
        """The ArUco number of each corner's mark, in the order of `CORNERS`."""
        start, step = divmod(len(ORDERS) * self.number + ORDERS.index(self.order), PRIME)
        return tuple(PRIME * corner + (start + step * corner) % PRIME for corner in range(4))


def new_number() -> int:
    """A sheet's number by chance, so that no two classes have the same."""
    return secrets.randbelow(NUMBERS)


def some_sheets(first: int, copies: int, *, order: str = "mixed") -> list[Sheet]:
    """So many sheets with numbers that follow each other; after the last comes 0 again.

    Raises
    ------
    ArrayError
        `first` is no sheet's number, or there are fewer numbers than `copies`.
    """
    if not 1 <= copies <= NUMBERS:
        raise ArrayError(f"expected 1 to {NUMBERS} copies, got {copies}")
    Sheet(first, order)
    return [Sheet((first + more) % NUMBERS, order) for more in range(copies)]


def which_sheet(marks: Mapping[int, int]) -> tuple[Sheet, set[int]] | None:
    """Say which sheet has these marks, and which corners say so.

    Parameters
    ----------
    marks : dict of int to int
        The ArUco number seen at each corner, 0 to 3.

    Returns
    -------
    (Sheet, set of int) or None
        None where fewer than three corners agree.
    """
    values = {corner: number - PRIME * corner for corner, number in marks.items()}
    corners = sorted(values)
    for one, other in ((a, b) for a in corners for b in corners if a < b):
        step = (values[other] - values[one]) * pow(other - one, -1, PRIME) % PRIME
        start = (values[one] - step * one) % PRIME
        agree = {k for k in corners if values[k] == (start + step * k) % PRIME}
        number, order = divmod(start * PRIME + step, len(ORDERS))
        if len(agree) >= 3 and number < NUMBERS:
            return Sheet(number, ORDERS[order]), agree
    return None


def corner_of(mark: int) -> int | None:
    """The corner, 0 to 3, at which an ArUco mark stands; None if it is not a sheet's."""
    return mark // PRIME if 0 <= mark < 4 * PRIME else None


def mark_corners(corner: int) -> NDArray[np.float64]:
    """Where the corners of a mark lie on the plate: (4, 2) in mm, clockwise from upper left."""
    x = (PLATE[0] - MARK) * (corner in {1, 2})
    y = (PLATE[1] - MARK) * (corner in {2, 3})
    return np.array([[x, y], [x + MARK, y], [x + MARK, y + MARK], [x, y + MARK]])


def box_corner(box: int) -> tuple[float, float]:
    """The upper left corner of a box, 0 to 99, on the plate: x and y in mm."""
    row, column = divmod(box, COLUMNS)
    return FIRST[0] + PITCH[0] * column, FIRST[1] + PITCH[1] * row


def label_place(box: int) -> tuple[float, float, float, float]:
    """Where the printed digit of a box lies on the plate, in mm: x, y, width and height."""
    x, y = box_corner(box)
    side = LABEL_HIGH + 2 * AROUND
    return x + (BOX - side) / 2, y - LABEL_UP - LABEL_HIGH - AROUND, side, side


@cache
def printed_digit(label: int, fine: int) -> Image:
    """The printed digit of `label_place` as bright ink, with `fine` pixels a millimetre."""
    import matplotlib as mpl
    from PIL import Image as Picture
    from PIL import ImageDraw, ImageFont

    sharp = 4 * fine
    side = LABEL_HIGH + 2 * AROUND
    file = Path(mpl.get_data_path(), "fonts", "ttf", f"{FONT.replace(' ', '')}.ttf")
    font = ImageFont.truetype(file, LABEL_HIGH / DIGIT_EM * sharp)
    large = Picture.new("L", (round(side * sharp),) * 2)
    foot = side / 2 * sharp, (AROUND + LABEL_HIGH) * sharp
    ImageDraw.Draw(large).text(foot, str(label), fill=255, font=font, anchor="ms")
    size = round(side * fine), round(side * fine)
    small = cv2.resize(np.array(large), size, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.GaussianBlur(small, (0, 0), 0.15 * fine), np.uint8)


def plate_corner(paper: str) -> tuple[float, float]:
    """Where the plate's upper left corner lies on the paper: x and y in mm."""
    width, height = paper_size(paper)
    return (width - PLATE[0]) / 2, (height - PLATE[1]) / 2


def paper_size(paper: str) -> tuple[float, float]:
    """Width and height of ``"A4"`` or ``"Letter"``, in mm.

    Raises
    ------
    ArrayError
        `paper` is neither.
    """
    if paper not in PAPERS:
        raise ArrayError(f"expected a paper A4 or Letter, got {paper!r}")
    return PAPERS[paper]


# Printing


def write_pdf(sheets: Iterable[Sheet], path: Path, *, paper: str = "A4", name: str = "") -> None:
    """Write sheets as a PDF to print, a page each.

    Parameters
    ----------
    sheets : iterable of Sheet
        In the order of the pages.
    path : Path
        Where to.
    paper : str
        ``"A4"`` or ``"Letter"``.
    name : str
        What to print beside the sheet's number; by default nothing personal is on it.

    Raises
    ------
    CannotWrite
        The place cannot be written.
    """
    from matplotlib.backends.backend_pdf import PdfPages

    with atomic_write(path) as draft, PdfPages(draft, metadata={"CreationDate": None}) as pdf:
        for sheet in sheets:
            pdf.savefig(draw(sheet, paper=paper, name=name))


def picture(
    sheet: Sheet, *, paper: str = "A4", name: str = "", dpi: float = 300
) -> NDArray[np.uint8]:
    """The printed page as a picture, uint8 (height, width, 3): for `synth.Page`."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    figure = draw(sheet, paper=paper, name=name)
    figure.set_dpi(dpi)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()  # type: ignore[no-untyped-call]
    return np.array(canvas.buffer_rgba())[..., :3]  # type: ignore[no-untyped-call]


def draw(sheet: Sheet, *, paper: str = "A4", name: str = "") -> "Figure":
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

    dictionary = cv2.aruco.getPredefinedDictionary(MARKS)
    cells = cv2.aruco.generateImageMarker(dictionary, number, 8) == 0
    x, y = mark_corners(corner)[0]
    side, over = MARK / 8, 0.02  # mm; neighbours reach over each other, lest a seam show
    black = [
        Rectangle(
            (x + column * side - over, y + row * side - over), side + 2 * over, side + 2 * over
        )
        for row, column in np.argwhere(cells)
    ]
    ax.add_collection(PatchCollection(black, facecolor="black", linewidth=0))


def _draw_words(ax: "Axes", sheet: Sheet, name: str) -> None:
    middle = PLATE[0] / 2
    _text(ax, (middle, 5.0), "Write each digit as you always do", size=5.2, weight="bold")
    what = "In every box the small digit above it. Stay inside the box; use any dark pen."
    _text(ax, (middle, 10.4), what, size=3.1, color=SOFT)
    slip = "A slip of the pen? Scribble it out or leave the box empty: it will not be counted."
    _text(ax, (middle, 15.0), slip, size=3.1, color=SOFT)
    low = PLATE[1] - MARK
    how = "Scan it, or photograph it with its four black marks:"
    _text(ax, (middle, low + 4.4), how, size=3.1, color=SOFT)
    command = "mnist-lab sheet read PICTURE --out my_digits.npz"
    _text(ax, (middle, low + 9.2), command, size=3.1, family=f"{FONT} Mono")
    code = f"sheet {sheet.number:05d}, {sheet.order}" + (f", {name}" if name else "")
    _text(ax, (middle, low + 14.0), code, size=3.1, color=SOFT)


def _draw_box(ax: "Axes", box: int, label: int) -> None:
    from matplotlib.patches import FancyBboxPatch

    x, y = box_corner(box)
    _text(ax, (x + BOX / 2, y - LABEL_UP), str(label), size=LABEL_HIGH / DIGIT_EM)
    frame = FancyBboxPatch(
        (x, y), BOX, BOX, boxstyle="round,pad=0,rounding_size=1.2",
        facecolor="none", edgecolor=FRAME, linewidth=0.3 / POINT,
    )  # fmt: skip
    ax.add_patch(frame)


def _text(ax: "Axes", at: tuple[float, float], text: str, *, size: float, **look: Any) -> None:
    """Letters whose em is `size` mm high; the middle of their foot is at a place."""
    look = {"color": PRINT, "family": FONT, **look}
    ax.text(*at, text, fontsize=size / POINT, ha="center", va="baseline", **look)


# Filling in, where there is no printer


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

    Parameters
    ----------
    sheet : Sheet
        Which one.
    write : callable (label, rng) -> list of float32 (points, 2)
        A hand, as for `synth.lay_out`.
    seed : int
        The same seed gives the same drawing.
    paper : str
        ``"A4"`` or ``"Letter"``.
    height : float
        Of a digit, in mm, more or less.
    empty, struck : iterables of int
        Boxes, 0 to 99, to be left empty, and to be scribbled out.
    dpi : float
        How finely the page is printed.

    Returns
    -------
    Page
        The printed page, the digits in the order of their boxes, and scribbles as marks.
    """
    rng = np.random.default_rng((seed, sheet.number))
    corner = np.array(plate_corner(paper))
    digits: list[PageDigit] = []
    marks: list[Stroke] = []
    for box, label in enumerate(sheet.labels):
        middle = corner + box_corner(box) + BOX / 2 + rng.normal(0, 0.6, 2)
        tall = float(np.clip(height * np.exp(rng.normal(0, 0.08)), 1, BOX - 2))
        lines = write(int(label), rng)
        if box in set(empty):
            continue
        placed = _in_the_middle(lines, middle, tall)
        digits.append(PageDigit(int(label), placed, box // COLUMNS))
        if box in set(struck):
            marks.append(_scribble(middle, rng))
    printed = picture(sheet, paper=paper, dpi=dpi)
    return Page(tuple(digits), paper_size(paper), printed=printed, marks=marks)


def _in_the_middle(
    lines: Iterable[Stroke], middle: NDArray[np.float64], tall: float
) -> list[Stroke]:
    """Strokes `tall` mm high, and narrower than a box, around a place."""
    lines = on_baseline(list(lines), 0.0, 0.0, tall)
    points = np.concatenate(lines)
    low, high = points.min(axis=0), points.max(axis=0)
    zoom = min(1.0, (BOX - 3) / max(float(high[0] - low[0]), 1e-3))
    return [((line - (low + high) / 2) * zoom + middle).astype(np.float32) for line in lines]


def _scribble(middle: NDArray[np.float64], rng: np.random.Generator) -> Stroke:
    """A zigzag over a digit."""
    turns = 9
    x = np.where(np.arange(turns) % 2, 4.5, -4.5) + rng.normal(0, 0.5, turns)
    y = np.linspace(-4.5, 4.5, turns) + rng.normal(0, 0.4, turns)
    return (np.stack([x, y], axis=1) + middle).astype(np.float32)
