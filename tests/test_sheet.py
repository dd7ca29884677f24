"""The page to print: its code, and where everything stands on it."""

from itertools import combinations

import numpy as np
import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_lab import sheet
from mnist_lab.arrays import OptionError
from mnist_lab.sheet import Sheet, layout

sheets = st.builds(Sheet, st.integers(0, layout.NUMBERS - 1), st.sampled_from(layout.ORDERS))
corners = st.integers(0, 3)


@given(sheets)
def test_any_three_marks_name_the_sheet(one):
    """Number and order come back from all four marks, and from each three of them."""
    for some in [*combinations(range(4), 3), range(4)]:
        marks = {k: one.marks[k] for k in some}
        assert sheet.decode_marks(marks) == (one, set(some))


@given(sheets, corners, st.integers(1, layout.PRIME - 1))
def test_a_mark_misread_is_found_out(one, corner, error):
    """One wrong mark of four is outvoted; one of three, and nothing is believed."""
    value = (one.marks[corner] - layout.PRIME * corner + error) % layout.PRIME
    marks = {**dict(enumerate(one.marks)), corner: layout.PRIME * corner + value}
    assert sheet.decode_marks(marks) == (one, set(range(4)) - {corner})
    del marks[(corner + 1) % 4]
    assert sheet.decode_marks(marks) is None


@given(sheets)
def test_every_order_has_ten_of_each_digit(one):
    """Whatever the number, a page gives as many of each digit."""
    assert one.labels.dtype == np.uint8
    assert np.bincount(one.labels, minlength=10).tolist() == [10] * 10


def test_an_order_is_for_ever():
    """A sheet printed today means the same with every later version."""
    assert Sheet(4711).labels[:10].tolist() == [0, 8, 9, 7, 4, 4, 5, 9, 1, 4]
    assert Sheet(4711, "rows").labels.reshape(10, 10)[:, 3].tolist() == [*range(10)]
    assert Sheet(4711).marks == (39, 303, 567, 831)


def test_what_is_printed_never_moves():
    """A sheet in a drawer stays readable: first and last of what stands on the plate, in mm."""
    assert layout.box_corner(0) == (1.8, 24.6)
    assert layout.box_corner(99) == pytest.approx((169.2, 218.1))
    assert layout.label_box(0) == pytest.approx((7.35, 19.9, 3.9, 3.9))
    assert layout.mark_corners(2).tolist() == [[170, 239], [186, 239], [186, 255], [170, 255]]
    assert layout.plate_corner("A4") == (12, 21) and layout.BOX_MM == 15


@pytest.mark.parametrize("paper", layout.PAPERS)
def test_everything_has_its_place_on_the_paper(paper):
    """Boxes and their printed digits stand on the plate, clear of the marks and of each other."""
    taken = [(*layout.mark_corners(k)[0], layout.MARK, layout.MARK) for k in range(4)]
    for box in range(layout.BOXES):
        taken += [(*layout.box_corner(box), layout.BOX_MM, layout.BOX_MM), layout.label_box(box)]
    for (x, y, w, h), (u, v, a, b) in combinations(taken, 2):
        assert x + w <= u or u + a <= x or y + h <= v or v + b <= y
    left, top = layout.plate_corner(paper)
    width, height = layout.paper_size(paper)
    assert min(left, top) >= 10  # mm; few printers reach further
    assert all(left + x + w <= width and top + y + h <= height for x, y, w, h in taken)


def test_the_pdf_says_what_to_write_and_nothing_personal(tmp_path):
    """A page a sheet, as large as its paper; each digit ten times; a name only if one is given."""
    path = tmp_path / "two sheets.pdf"
    for name in ("", "Ada"):
        sheet.write_pdf(sheet.sheet_series(7, 2), path, paper="Letter", name=name)
        pages = pypdfium2.PdfDocument(path)
        text = pages[1].get_textpage().get_text_range()
        boxes = "".join(line for line in text.splitlines() if not set(line) & {*"abcdeflmno"})
        assert [boxes.count(str(digit)) for digit in range(10)] == [10] * 10
        assert "sheet 00008, mixed" in text and ("Ada" in text) == bool(name)
        width, height = (side / 72 * 25.4 for side in pages[0].get_size())
        assert (width, height) == pytest.approx(layout.PAPERS["Letter"], abs=0.1)
        assert len(pages) == 2
        pages.close()


def test_the_same_sheet_is_the_same_file(tmp_path):
    """Printed again it is the same, byte by byte: no clock is in it."""
    for name in "ab":
        sheet.write_pdf([Sheet(7)], tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_sheet_may_be_written_to_a_path_of_either_kind(tmp_path):
    """Text and Path give the same file; a paper there is not leaves none."""
    sheet.write_pdf([Sheet(7)], tmp_path / "path")
    sheet.write_pdf([Sheet(7)], str(tmp_path / "text"))
    assert (tmp_path / "path").read_bytes() == (tmp_path / "text").read_bytes()
    with pytest.raises(OptionError, match="A4 or Letter"):
        sheet.write_pdf([Sheet(7)], tmp_path / "none", paper="A5")
    assert not (tmp_path / "none").exists()


def test_numbers_go_round():
    """After the last number comes 0; more copies than numbers are refused."""
    assert [each.number for each in sheet.sheet_series(layout.NUMBERS - 1, 2)] == [29_039, 0]
    assert 0 <= sheet.random_number() < layout.NUMBERS
    with pytest.raises(OptionError, match="copies"):
        sheet.sheet_series(0, layout.NUMBERS + 1)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (lambda: Sheet(29_040), "from 0 to 29039, got 29040"),
        (lambda: Sheet(1, "random"), "mixed or rows, got 'random'"),
        (lambda: layout.paper_size("A5"), "A4 or Letter, got 'A5'"),
    ],
)
def test_what_is_no_sheet_is_refused(wrong, says):
    """The rule and the offending value."""
    with pytest.raises(OptionError, match=says):
        wrong()
