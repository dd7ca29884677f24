"""Files of sheets to one collection, and the pages that show them."""

import shutil
from functools import partial

import cv2
import numpy as np
import PIL.Image
import pytest

from mnist_lab import sheet, synth
from mnist_lab.arrays import DataError
from mnist_lab.cli import main
from mnist_lab.images import save_image
from mnist_lab.sheet import Sheet, fill_in, gather, read_scans


@pytest.fixture(scope="module")
def pictures():
    """Two sheets by two people, scanned: uint8 (height, width)."""
    scans = []
    for number in (1, 2):
        hand = partial(synth.write_strokes, writer=synth.Writer(number))
        drawing = fill_in(Sheet(number), hand, seed=0, empty=[9], dpi=150)
        picture, _ = synth.photograph(drawing, seed=0, camera=synth.Camera(dpi=100))
        scans.append(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY))
    return scans


@pytest.fixture(scope="module")
def pdf(tmp_path_factory, pictures):
    """Both in a PDF, with a bare page between them."""
    bare = np.full_like(pictures[0], 255)
    path = tmp_path_factory.mktemp("scans") / "a class.pdf"
    return save_pages(path, [pictures[0], bare, pictures[1]])


def save_pages(path, pages):
    first, *more = map(PIL.Image.fromarray, pages)
    first.save(path, save_all=True, append_images=more, resolution=100)
    return path


def test_every_page_is_read_and_one_that_is_none_costs_itself(pictures, tmp_path):
    """Two sheets and a page of words: two pages read, one line of error that names the page."""
    words = np.full_like(pictures[0], 255)
    cv2.putText(words, "Dear class", (100, 300), cv2.FONT_HERSHEY_SIMPLEX, 3, 0, 9)
    path = save_pages(tmp_path / "a letter.pdf", [pictures[0], words, pictures[1]])
    scans = list(read_scans([str(path)]))
    assert [scanned.reading and scanned.reading.sheet.number for scanned in scans] == [1, None, 2]
    assert scans[1].error.startswith(f"{path}, page 2: no mark of a sheet")
    assert not scans[1].blank
    assert scans[0].reading.summary() == "sheet 00001, 99 digits; of the other boxes 1 empty"


def test_blank_backs_are_counted_and_no_error(pdf, tmp_path, capsys):
    """A pile scanned on both sides is read with exit status 0; blank pages alone are no sheet."""
    first, back, second = read_scans([str(pdf)])
    assert back.blank and back.error is None and back.reading is None
    assert not first.blank and not second.blank
    out = ["--out", str(tmp_path / "own.npz")]
    assert main(["sheet", "read", str(pdf), *out]) == 0
    said = capsys.readouterr()
    assert "1 blank page passed over" in said.out and said.err == ""
    save_image(np.full((400, 300), 255, np.uint8), tmp_path / "blank.png")
    assert main(["sheet", "read", str(tmp_path / "blank.png"), *out]) == 1
    assert "no sheet was read, and 1 blank page seen" in capsys.readouterr().err


def test_a_sheet_counts_once(pdf, pictures, tmp_path):
    """The same sheet in two files is read from the first, and the second is named."""
    save_image(pictures[0], tmp_path / "again.png")
    *_, last = read_scans([str(pdf), str(tmp_path / "again.png")])
    assert last.reading is None and "sheet 00001 was read already, from" in last.error
    twice = list(read_scans([str(tmp_path / "again.png")] * 2))
    assert twice[0].reading is not None and twice[1].reading is None


def test_a_file_that_is_no_picture_costs_itself(pictures, tmp_path):
    """Its error is given, and the next is read."""
    (tmp_path / "a.png").write_text("no picture")
    save_image(pictures[0], tmp_path / "b.png")
    first, second = read_scans([str(tmp_path)])
    assert "a.png: is no picture" in first.error and len(second.reading) == 99


def test_what_is_dropped_is_gone(pictures, tmp_path):
    """A number of the contact sheet takes out that box of that page, and no other."""
    for number, picture in enumerate(pictures):
        save_image(picture, tmp_path / f"{number}.png")
    pages = [scanned.reading for scanned in read_scans([str(tmp_path)])]
    whole, less = gather(pages), gather(pages, drop=(3, 117))
    gone = {(1, 2), (2, 16)}
    for own, without in ((whole, set()), (less, gone)):
        there = set(zip(own.sheet.tolist(), own.box.tolist(), strict=True))
        assert there == {(s, b) for s in (1, 2) for b in range(100) if b != 9} - without
    assert whole.writers == ["sheet 00001", "sheet 00002"]
    assert gather(pages, writer="Ada").writers == ["Ada"]
    with pytest.raises(DataError, match="got 10, which holds none"):
        gather(pages, drop=(3, 10))


def test_the_contact_sheet_shows_every_box(pdf, tmp_path):
    """A hundred cells a page, numbered through, each with its label; nothing from elsewhere."""
    named = shutil.copy(pdf, tmp_path / "a<b>.pdf")
    sheet.write_contact_sheet(list(read_scans([str(named)])), tmp_path / "contact.html")
    page = (tmp_path / "contact.html").read_text()
    assert page.count("<li") == page.count('alt="Box ') == 200
    assert page.count("the digit made of it") == page.count('class="seen"') == 198
    assert all(f'<span class="number">{number}</span>' in page for number in range(1, 201))
    assert "http" not in page and "a&lt;b&gt;.pdf" in page


def test_the_measure_page_says_what_is_so(pictures, tmp_path):
    """Right, wrong and least readable are those of the answers, whatever network gave them."""
    save_image(pictures[0], tmp_path / "1.png")
    own = gather([scanned.reading for scanned in read_scans([str(tmp_path)])])
    answers = np.eye(10, dtype=np.float32)[own.labels]
    answers[:3] = np.eye(10, dtype=np.float32)[(own.labels[:3] + 1) % 10]
    found = sheet.measure(own, answers).to_dict()
    assert found["accuracy"] == pytest.approx(96 / 99) and found["digits"] == 99
    assert found["accuracy_low"] < found["accuracy"] < found["accuracy_high"] < 1
    assert np.trace(found["confusion"]) == 96 and np.sum(found["confusion"]) == 99
    sheet.write_measurement(own, answers, tmp_path / "m.html", name="my <1>", network="a net")
    page = (tmp_path / "m.html").read_text()
    assert "my &lt;1&gt;" in page and "96 of 99" in page
    assert page.count('<li class="wrong">') == 3 and page.count("as the network sees it") == 10


def test_a_sheet_nobody_wrote_on_is_told_from_none(tmp_path):
    """It is read, all its boxes are empty, and there is nothing to keep."""
    save_image(sheet.render(Sheet(3), dpi=100), tmp_path / "bare.png")
    (scanned,) = read_scans([str(tmp_path)])
    assert scanned.reading.summary() == "sheet 00003, 0 digits; of the other boxes 100 empty"
    sheet.write_contact_sheet([scanned], tmp_path / "contact.html")
    with pytest.raises(DataError, match="no digit is left"):
        gather([scanned.reading])


def test_a_path_may_be_text(pictures, tmp_path):
    """Each door that takes a path takes text and Path alike, and does the same."""
    save_image(pictures[0], tmp_path / "1.png")
    (scanned,), (same,) = read_scans([tmp_path / "1.png"]), read_scans([str(tmp_path / "1.png")])
    np.testing.assert_array_equal(scanned.reading.digits, same.reading.digits)
    own = gather([scanned.reading])
    answers = np.eye(10, dtype=np.float32)[own.labels]
    for write in (
        lambda path: sheet.write_contact_sheet([scanned], path),
        lambda path: sheet.write_measurement(own, answers, path, name="mine", network="a net"),
    ):
        write(tmp_path / "path.html")
        write(str(tmp_path / "text.html"))
        assert (tmp_path / "path.html").read_bytes() == (tmp_path / "text.html").read_bytes()
