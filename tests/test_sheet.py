"""The page to print: its code, and where everything stands on it."""

from itertools import combinations

import numpy as np
import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_lab import sheet
from mnist_lab.arrays import ArrayError
from mnist_lab.sheet import Sheet

sheets = st.builds(Sheet, st.integers(0, sheet.NUMBERS - 1), st.sampled_from(sheet.ORDERS))
corners = st.integers(0, 3)


@given(sheets)
def test_any_three_marks_name_the_sheet(one):
    """Number and order come back from all four marks, and from each three of them."""
    for some in [*combinations(range(4), 3), range(4)]:
        marks = {k: one.marks[k] for k in some}
        assert sheet.which_sheet(marks) == (one, set(some))


@given(sheets, corners, st.integers(1, sheet.PRIME - 1))
def test_a_mark_misread_is_found_out(one, corner, error):
    """One wrong mark of four is outvoted; one of three, and nothing is believed."""
    value = (one.marks[corner] - sheet.PRIME * corner + error) % sheet.PRIME
    marks = {**dict(enumerate(one.marks)), corner: sheet.PRIME * corner + value}
    assert sheet.which_sheet(marks) == (one, set(range(4)) - {corner})
    del marks[(corner + 1) % 4]
    assert sheet.which_sheet(marks) is None


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


@pytest.mark.parametrize("paper", sheet.PAPERS)
def test_everything_has_its_place_on_the_paper(paper):
    """Boxes and their printed digits stand on the plate, clear of the marks and of each other."""
    taken = [(*sheet.mark_corners(k)[0], sheet.MARK, sheet.MARK) for k in range(4)]
    for box in range(sheet.BOXES):
        taken += [(*sheet.box_corner(box), sheet.BOX, sheet.BOX), sheet.label_place(box)]
    for (x, y, w, h), (u, v, a, b) in combinations(taken, 2):
        assert x + w <= u or u + a <= x or y + h <= v or v + b <= y
    left, top = sheet.plate_corner(paper)
    width, height = sheet.paper_size(paper)
    assert min(left, top) >= 10  # mm; few printers reach further
    assert all(left + x + w <= width and top + y + h <= height for x, y, w, h in taken)


def test_the_pdf_says_what_to_write_and_nothing_personal(tmp_path):
    """A page a sheet, as large as its paper; each digit ten times; a name only if one is given."""
    path = tmp_path / "two sheets.pdf"
    for name in ("", "Ada"):
        sheet.write_pdf(sheet.some_sheets(7, 2), path, paper="Letter", name=name)
        pages = pypdfium2.PdfDocument(path)
        text = pages[1].get_textpage().get_text_range()
        boxes = "".join(line for line in text.splitlines() if not set(line) & {*"abcdeflmno"})
        assert [boxes.count(str(digit)) for digit in range(10)] == [10] * 10
        assert "sheet 00008, mixed" in text and ("Ada" in text) == bool(name)
        width, height = (side / 72 * 25.4 for side in pages[0].get_size())
        assert (width, height) == pytest.approx(sheet.PAPERS["Letter"], abs=0.1)
        assert len(pages) == 2
        pages.close()


def test_the_same_sheet_is_the_same_file(tmp_path):
    """Printed again it is the same, byte by byte: no clock is in it."""
    for name in "ab":
        sheet.write_pdf([Sheet(7)], tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_numbers_go_round():
    """After the last number comes 0; more copies than numbers are refused."""
    assert [each.number for each in sheet.some_sheets(sheet.NUMBERS - 1, 2)] == [29_039, 0]
    assert 0 <= sheet.new_number() < sheet.NUMBERS
    with pytest.raises(ArrayError, match="copies"):
        sheet.some_sheets(0, sheet.NUMBERS + 1)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (lambda: Sheet(29_040), "from 0 to 29039, got 29040"),
        (lambda: Sheet(1, "random"), "mixed or rows, got 'random'"),
        (lambda: sheet.paper_size("A5"), "A4 or Letter, got 'A5'"),
    ],
)
def test_what_is_no_sheet_is_refused(wrong, says):
    """The rule and the offending value."""
    with pytest.raises(ArrayError, match=says):
        wrong()
