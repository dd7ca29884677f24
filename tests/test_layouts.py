"""Finding submissions: in every layout each student has one row, with all that is theirs."""

import errno
import hashlib
import io
import os
import pickle
import struct
import tempfile
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import nbformat
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mnist_lab.arrays import DataError
from mnist_lab.exercises import find
from mnist_lab.grading import Options, cells, collect, grade_one, look_into, submissions, unpacking

MOODLE, TEXT = "_assignsubmission_file_", "_assignsubmission_onlinetext_"
BOARD = "gradebook_CS_101_Lab 1_{}_attempt_2026-11-{}-10-00-00{}".format


def notebook(*exercises: str) -> bytes:
    """A notebook with the published solutions of some exercises; always the same bytes."""
    sources = ["import numpy as np", *(find(each).solution for each in exercises)]
    made = [nbformat.v4.new_code_cell(source, id=f"c{at}") for at, source in enumerate(sources)]
    return nbformat.writes(nbformat.v4.new_notebook(cells=made)).encode()


ONE, TWO, NUMBERS = notebook("1.1", "1.2"), notebook("1.2"), notebook("1.1")


def zip_bytes(files: dict[str, bytes]) -> bytes:
    """A zip of some files; like a platform's it has no empty folders."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            if not name.endswith("/"):
                archive.writestr(name, content)
    return buffer.getvalue()


def write(folder: Path, files: dict[str, bytes]) -> Path:
    """A folder with these files; a name that ends in `/` is an empty folder."""
    for name, content in files.items():
        path = folder / name
        (path if name.endswith("/") else path.parent).mkdir(parents=True, exist_ok=True)
        if not name.endswith("/"):
            path.write_bytes(content)
    return folder


def zip_of(files: dict[str, bytes], path: Path) -> Path:
    """The same as a zip."""
    path.write_bytes(zip_bytes(files))
    return path


def found_in(place, **how) -> dict[str, tuple]:
    """Each student's number and files."""
    with collect(place, **how) as found:
        names = [each.student for each in found]
        assert len(set(names)) == len(names) and names == sorted(names)
        return {each.student: (each.number, *each.files) for each in found}


LAYOUTS = {
    "moodle": (
        {
            f"Ann Lee_11{MOODLE}/nb.ipynb": ONE, f"Ann Lee_11{MOODLE}/helper.py": b"",
            f"Ann Lee_11{TEXT}/onlinetext.html": b"<p>", f"Bo Ek_12{MOODLE}/": b"",
            f"Cy Oz_13{MOODLE}/report.pdf": b"%PDF", f"Di Xu_14{TEXT}/onlinetext.html": b"<p>",
            f"Ed Wu_15{MOODLE}/work.zip": zip_bytes({"lab/nb.ipynb": ONE}), f"Flo_16{MOODLE}/nb.ipynb.txt": ONE,
            f"Gus Ünal_17{MOODLE}/nb.IPYNB": ONE, f"Hal_18{MOODLE}/grades.sqlite": b"SQLite",
            f"Ida_19{MOODLE}/._nb.ipynb": b"\0", f"Ida_19{MOODLE}/nb.ipynb": ONE,
            f"Ann Lee_20{MOODLE}/a b/nb.ipynb": ONE, "roster.csv": b"name",
        },
        {
            "Ann Lee (11)": ("11", "nb.ipynb", "helper.py", "onlinetext.html"),
            "Bo Ek (12)": ("12",), "Cy Oz (13)": ("13", "report.pdf"),
            "Di Xu (14)": ("14", "onlinetext.html"), "Ed Wu (15)": ("15", "work.zip/lab/nb.ipynb"),
            "Flo (16)": ("16", "nb.ipynb.txt"), "Gus Ünal (17)": ("17", "nb.IPYNB"),
            "Hal (18)": ("18",), "Ida (19)": ("19", "nb.ipynb"),
            "Ann Lee (20)": ("20", "a b/nb.ipynb"),
        },
    ),
    "moodle, flat": (
        {
            f"Ann Lee_11{MOODLE}nb.ipynb": ONE, f"Ann Lee_11{MOODLE}helper.py": b"",
            f"Bo_12{MOODLE}x_11{MOODLE}nb.ipynb": ONE, f"Cy_13{TEXT}onlinetext.html": b"<p>",
        },
        {
            "Ann Lee (11)": ("11", "nb.ipynb", "helper.py"),
            "Bo (12)": ("12", f"x_11{MOODLE}nb.ipynb"), "Cy (13)": ("13", "onlinetext.html"),
        },
    ),
    "canvas": (
        {
            "leeann_101_501_nb.ipynb": ONE, "leeann_101_502_helper.py": b"",
            "ekbo_LATE_102_503_nb (1).ipynb": ONE, "ozcy_late_103_504_nb-Copy1.ipynb": ONE,
            "xudi_104_505_report.pdf": b"%PDF", "wued_105_text.html": b"<p>",
            "foxflo_106_506_nb.ipynb.txt": ONE, "ünalgus_107_507_nb.ipynb.json": ONE,
            "moehal_108_508_work.zip": zip_bytes({"lab/nb.ipynb": ONE}), "roeida_109_509_lab-1.ipynb": ONE,
            "roeida_109_510_tools-1.py": b"", "doejo_110_511_a_1_101_7_nb.ipynb": ONE,
            "zoekai_112_link.html": b"",
        },
        {
            "leeann (101)": ("101", "nb.ipynb", "helper.py"), "ekbo (102)": ("102", "nb (1).ipynb"),
            "ozcy (103)": ("103", "nb-Copy1.ipynb"), "xudi (104)": ("104", "report.pdf"),
            "wued (105)": ("105", "wued_105_text.html"), "foxflo (106)": ("106", "nb.ipynb.txt"),
            "ünalgus (107)": ("107", "nb.ipynb.json"),
            "moehal (108)": ("108", "work.zip/lab/nb.ipynb"),
            "roeida (109)": ("109", "lab-1.ipynb", "tools-1.py", "tools.py"),
            "doejo (110)": ("110", "a_1_101_7_nb.ipynb"),
            "zoekai (112)": ("112", "zoekai_112_link.html"),
        },
    ),
    "canvas, anonymous": (
        {
            "anon_aB1x9_501_nb.ipynb": ONE, "anon_aB1x9_502_more.ipynb": TWO,
            "LATE_anon_12345_503_nb.ipynb": ONE, "anon_zzz_text.html": b"",
        },
        {
            "anon_aB1x9": ("", "nb.ipynb", "more.ipynb"), "anon_12345": ("", "nb.ipynb"),
            "anon_zzz": ("", "anon_zzz_text.html"),
        },
    ),
    "blackboard": (
        {
            BOARD("alee", 27, ".txt"): b"Name: Ann Lee (alee)", BOARD("alee", 27, "_nb.ipynb"): ONE,
            BOARD("alee", 27, "_helper.py"): b"", BOARD("bek", 25, "_nb.ipynb"): ONE,
            BOARD("bek", 26, "_nb2.ipynb"): TWO, BOARD("bek", 26, ".txt"): b"",
            BOARD("coz", 26, ".txt"): b"I was ill",
        },
        {
            "alee": ("", "nb.ipynb", BOARD("alee", 27, ".txt"), "helper.py"),
            "bek": ("", "nb2.ipynb", BOARD("bek", 26, ".txt")),
            "coz": ("", BOARD("coz", 26, ".txt")),
        },
    ),
    "google": (
        {
            "Ann Lee - 01_look_at_the_data.ipynb": ONE, "Bo Ek - 01_look_at_the_data.ipynb": ONE,
            "Ann Lee - 03_one_neuron_learns.ipynb": TWO,
        },
        {
            "Ann Lee": (
                "", "Ann Lee - 01_look_at_the_data.ipynb", "Ann Lee - 03_one_neuron_learns.ipynb"
            ),
            "Bo Ek": ("", "Bo Ek - 01_look_at_the_data.ipynb"),
        },
    ),
    "clones": (
        {
            "lab-ann/notebooks/nb.ipynb": ONE, "lab-ann/notebooks/.ipynb_checkpoints/nb.ipynb": ONE,
            "lab-ann/.git/HEAD": b"", "lab-ann/README.md": b"", "lab-bo/nb.ipynb": ONE,
            "lab-bo/.venv/x.ipynb": ONE, "lab-cy/": b"",
        },
        {
            "lab-ann": ("", "notebooks/nb.ipynb", "README.md"), "lab-bo": ("", "nb.ipynb"),
            "lab-cy": ("",),
        },
    ),
    "nbgrader": (
        {
            "submitted/ann/lab1/nb.ipynb": ONE, "submitted/bo/lab1/nb.ipynb": ONE,
            "submitted/bo/lab1/timestamp.txt": b"2026-11-27 10:00:00.5 UTC",
        },
        {"ann": ("", "lab1/nb.ipynb"), "bo": ("", "lab1/nb.ipynb", "lab1/timestamp.txt")},
    ),
    "by hand": (
        {
            "12_smith.ipynb": NUMBERS, "13_jones.ipynb": NUMBERS, "ann.ipynb": ONE,
            "ann-Copy1.ipynb": TWO, "bo.ipynb": ONE, "bo (1).ipynb": ONE, "cy.zip": zip_bytes({"nb.ipynb": ONE}),
            "di/nb.ipynb": ONE, "di.zip": zip_bytes({"nb.ipynb": ONE}), "ed_attempt_1.ipynb": ONE,
            "ed_attempt_2.ipynb": TWO, "notes.txt": b"", "grades/grades.sqlite": b"",
            "grades/gradebook.csv": b"", "flo/grades.sqlite": b"", "flo/a.txt": b"", "gus-Copy1.ipynb": ONE,
        },
        {
            "12_smith": ("", "12_smith.ipynb"), "13_jones": ("", "13_jones.ipynb"),
            "ann": ("", "ann-Copy1.ipynb", "ann.ipynb"), "bo": ("", "bo (1).ipynb", "bo.ipynb"),
            "cy": ("", "nb.ipynb"), "di": ("", "nb.ipynb"), "ed": ("", "ed_attempt_2.ipynb"),
            "flo": ("", "a.txt"), "gus-Copy1": ("", "gus-Copy1.ipynb"),
        },
    ),
}  # fmt: skip

EMPTY = {"Bo Ek (12)", "lab-cy"}  # folders, which are in no zip


@pytest.mark.parametrize("name", LAYOUTS)
def test_each_student_has_one_row_with_all_that_is_theirs(tmp_path, name):
    """As a folder, and as a zip, also where one folder is round all of it."""
    files, expected = LAYOUTS[name]
    assert found_in(write(tmp_path / "class", files)) == expected
    without = {who: what for who, what in expected.items() if who not in EMPTY}
    if name == "by hand":  # a gradebook lies in nobody's zip
        files = {each: content for each, content in files.items() if "grades/" not in each}
    assert found_in(zip_of(files, tmp_path / "class.zip")) == without
    if name != "nbgrader":  # which has a folder round it
        inside = {f"class/{each}": content for each, content in files.items()}
        assert found_in(zip_of(inside, tmp_path / "inside.zip")) == without


PEOPLE = st.lists(
    st.tuples(st.text("abcüß", min_size=1, max_size=4), st.integers(1, 10**6)),
    min_size=1, max_size=6, unique_by=(lambda each: each[0], lambda each: each[1]),
)  # fmt: skip
HANDED_IN = st.lists(
    st.sampled_from(["nb.ipynb", "nb-1.ipynb", "a (1).ipynb", "x_7_8_y.ipynb", "h.py", "a.pdf",
                     "work.zip", f"b_9{MOODLE}c.ipynb", "d_attempt_2026-11-26-10-00-00_e.txt"]),
    min_size=1, unique=True,
)  # fmt: skip
WRITERS = {
    "moodle": lambda name, number, at, file: f"{name}_{number}{MOODLE}/{file}",
    "moodle, flat": lambda name, number, at, file: f"{name}_{number}{MOODLE}{file}",
    "canvas": lambda name, number, at, file: f"{name}_{number}_{at}_{file}",
    "canvas, late": lambda name, number, at, file: f"{name}_LATE_{number}_{at}_{file}",
    "blackboard": lambda name, number, at, file: BOARD(name, 27, f"_{file}"),
    "folders": lambda name, number, at, file: f"{name}/{file}",
}


@pytest.mark.parametrize("layout", WRITERS)
@settings(max_examples=25, deadline=None)
@given(PEOPLE, st.data())
def test_whatever_is_handed_in_nobody_is_lost_or_doubled(layout, people, data):
    """Each has the number that is theirs, and whoever hands in a notebook has one."""
    assume(layout != "folders" or len(people) > 1)  # of one folder nobody knows whose it is
    files, books, at = {}, set(), 0
    for name, number in people:
        for file in data.draw(HANDED_IN):
            at += 1
            files[WRITERS[layout](name, number, at, file)] = (
                zip_bytes({"nb.ipynb": ONE}) if "zip" in file else ONE
            )
            books |= {name} if "ipynb" in file or "zip" in file else set()
    numbered = layout.startswith(("moodle", "canvas"))
    expected = {
        f"{name} ({number})" if numbered else name: (str(number) if numbered else "", name in books)
        for name, number in people
    }
    with tempfile.TemporaryDirectory() as folder:
        found = found_in(zip_of(files, Path(folder) / "class.zip"))
    assert {
        who: (number, bool(cells.notebooks(names))) for who, (number, *names) in found.items()
    } == expected


@pytest.mark.parametrize(
    ("files", "expected", "noted"),
    [
        (["ann.ipynb", "lee_12_7_nb.ipynb"], {"ann": "", "lee": ""}, {"lee"}),
        (["ann.ipynb", f"Lee_12{MOODLE}/nb.ipynb"], {"ann": "", "Lee": ""}, {"Lee"}),
        ([f"Ann_11{MOODLE}/nb.ipynb", "lee_12_7_nb.ipynb"], {"Ann": "", "lee": ""}, {"Ann", "lee"}),
        (["lab_1_2_ann.ipynb", "lab_3_2_bo.ipynb"], {"lab_1_2_ann": "", "lab_3_2_bo": ""}, set()),
        (["ann_11_LATE_7_nb_5_6_x.ipynb"], {"ann_11_LATE_7_nb_5_6_x": ""}, set()),
        (["ann_11_7_nb.ipynb", "bo_11_8_nb.ipynb", "cy_12_9_nb.ipynb"],
         {"ann": "", "bo": "", "cy (12)": "12"}, {"ann", "bo"}),
    ],
)  # fmt: skip
def test_a_number_counts_only_where_a_platform_has_given_it(tmp_path, files, expected, noted):
    """Not among names that somebody chose, nor where two claim it; a note says so."""
    write(tmp_path / "class", dict.fromkeys(files, ONE))
    with collect(tmp_path / "class") as found:
        assert {each.student: each.number for each in found} == expected
        told = {each.student for each in found if "number" in " ".join(each.notes)}
    assert told == noted


@pytest.mark.parametrize(
    ("files", "students"),
    [
        ({"01_look_at_the_data.ipynb": ONE, "03_one_neuron_learns.ipynb": b"{"}, ["lab"]),
        ({"01_mine.ipynb": ONE, "01_mine-Copy1.ipynb": TWO}, ["lab"]),
        ({"notebooks/01_mine.ipynb": ONE, "notebooks/scratch.ipynb": ONE, "data/x": b""}, ["lab"]),
        ({"12_smith.ipynb": ONE, "13_jones.ipynb": ONE}, ["12_smith", "13_jones"]),
        ({"01_ann.ipynb": ONE, "02_bo.ipynb": ONE}, ["01_ann", "02_bo"]),
        ({"01_ann.ipynb": ONE, "02_bo.ipynb": b"{"}, ["01_ann", "02_bo"]),
        ({"01_mine.ipynb": ONE, "01_mine (1).ipynb": ONE}, ["01_mine", "01_mine (1)"]),
        ({"01_look_at_the_data.ipynb": ONE, "ann/nb.ipynb": ONE, "bo/nb.ipynb": ONE},
         ["01_look_at_the_data", "ann", "bo"]),
    ],
)  # fmt: skip
def test_the_courses_own_notebooks_are_one_students(tmp_path, files, students):
    """Each of another lesson, which its name begins with; else a notebook is a student."""
    assert list(found_in(write(tmp_path / "lab", files))) == students


def test_students_alike_keep_their_rows(tmp_path):
    """One name in two encodings or compositions: two students, and each is told."""
    names = [b"J\xfcrgen\x80.ipynb", "J\u00fcrgen\u20ac.ipynb", "Ju\u0308rgen\u20ac.ipynb"]
    if os.name == "nt":
        names = names[1:]
    write(tmp_path, {os.fsdecode(name): ONE for name in names})
    with collect(tmp_path) as found:
        students = {each.student for each in found}
        assert all("are called" in each.notes[0] for each in found)
    assert students == {f"J\u00fcrgen\u20ac{n}" for n in ["", " (2)", " (3)"][: len(names)]}


@pytest.mark.parametrize("files", [
    {f"ann/attempt_{n}/nb.ipynb": book for n, book in ((1, NUMBERS), (2, ONE), (10, TWO))},
    {f"ann_attempt_{n}/nb.ipynb": book for n, book in ((1, NUMBERS), (2, ONE), (10, TWO))},
    {"ann/attempt_2/nb.ipynb": ONE, "ann/nb.ipynb": NUMBERS, "ann/attempt 3.zip": zip_bytes({"nb.ipynb": TWO})},
    {BOARD("ann", day, "_nb.ipynb"): book for day, book in ((10, NUMBERS), (11, ONE), (12, TWO))}
    | {BOARD("ann", 13, ".txt"): b"Please mark the last one."},
    {"ann_1_9_nb.ipynb": NUMBERS, "ann_1_10_nb-1.ipynb": ONE, "ann_1_11_nb-2.ipynb": TWO},
    {"ann_1_9_nb-3.ipynb": NUMBERS, "ann_1_10_nb-4.ipynb": ONE, "ann_1_11_nb-5.ipynb": TWO},
    {"ann_1_9_nb.ipynb": NUMBERS, "ann_1_10_nb.ipynb": ONE, "ann_1_11_nb.ipynb": TWO},
])  # fmt: skip
@pytest.mark.parametrize(
    ("attempt", "counts"), [("first", [NUMBERS]), ("last", [TWO]), ("best", [NUMBERS, ONE, TWO])]
)
def test_of_several_attempts_the_chosen_one_counts(tmp_path, files, attempt, counts):
    """In the order in which they were handed in; of the best, all are kept. A note says so."""
    write(tmp_path / "class", files)
    with collect(tmp_path / "class", attempt) as (ann,):
        content = ann.read()
        assert [content[name] for name in cells.notebooks(ann.files)] == counts
        assert ann.attempts == 3 + any("Lab 1" in name for name in files)
        assert attempt in ann.notes[0] and f"{ann.attempts} attempts" in ann.notes[0]


def test_what_only_looks_like_attempts_all_counts(tmp_path):
    """Two notebooks of other exercises, numbered by the student; and a helper keeps its name."""
    files = {
        "ann_1_5_lesson-1.ipynb": NUMBERS,
        "ann_1_6_lesson-2.ipynb": TWO,
        "ann_1_7_h-1.py": b"",
    }
    with collect(write(tmp_path / "class", files)) as (ann,):
        assert ann.files == ("lesson-1.ipynb", "lesson-2.ipynb", "h-1.py", "h.py")
        assert ann.attempts == 1 and not ann.notes


@pytest.mark.parametrize(("version", "helper"), [("last", b"new"), ("first", b"old")])
def test_a_helper_goes_with_its_attempt(tmp_path, version, helper):
    """Canvas has renamed both; the notebook finds the helper under the name that it imports."""
    files = {"ann_1_5_nb.ipynb": ONE, "ann_1_6_h.py": b"old", "ann_1_8_nb-1.ipynb": TWO,
             "ann_1_7_h-1.py": b"new", "ann_1_9_late.py": b""}  # fmt: skip
    with collect(write(tmp_path / "class", files), version) as (ann,):
        assert ann.read()["h.py"] == helper and "late.py" in ann.files


TEN = datetime(2026, 11, 27, 10, tzinfo=UTC)


def dated(name: str, content: bytes, *, utc: bool = True) -> bytes:
    """A zip of one file of ten o'clock; its own clock is an hour behind if it tells UTC."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        entry = zipfile.ZipInfo(name, TEN.astimezone().timetuple()[:6])
        if utc:
            entry.date_time = (2026, 11, 27, 9, 0, 0)
            entry.extra = struct.pack("<HHBI", 0x5455, 5, 1, int(TEN.timestamp()))
        archive.writestr(entry, content)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("files", "submitted", "late"),
    [
        ({"ann.ipynb": ONE}, TEN, None),
        ({"ann/nb.ipynb": ONE, "ann/.git/HEAD": b""}, None, None),
        ({"ann_LATE_1_2_nb.ipynb": ONE}, None, True),
        ({"ann_1_2_nb.ipynb": ONE, "ann_1_3_nb2.ipynb": ONE}, None, False),
        ({BOARD("ann", 27, "_nb.ipynb"): ONE}, TEN.replace(tzinfo=None).astimezone(UTC), None),
        ({"submitted/ann/l/nb.ipynb": ONE, "submitted/ann/l/timestamp.txt": b"2026-11-27 12:00:00.5 "
          b"Europe/Helsinki\n"}, TEN, None),
        ({"ann/l/nb.ipynb": ONE, "bo/l/timestamp.txt": b"2020-01-01 00:00:00 UTC"}, TEN, None),
        ({f"ann_1{MOODLE}/work.zip": dated("nb.ipynb", ONE)}, TEN.replace(minute=5), None),
    ],
)  # fmt: skip
def test_when_it_was_handed_in_is_known_where_something_tells_it(tmp_path, files, submitted, late):
    """The layout's word, else the file's time; not a clone's or Canvas', nor a student's zip's."""
    for path in write(tmp_path / "class", files).rglob("*"):
        seconds = TEN.replace(minute=5 if path.suffix == ".zip" else 0).timestamp()
        os.utime(path, (seconds, seconds))
    with collect(tmp_path / "class") as (ann, *_):
        assert (ann.submitted, ann.late) == (submitted, late)


@pytest.mark.parametrize("utc", [True, False])
def test_a_zip_tells_when_its_files_were_changed(tmp_path, utc):
    """In UTC where it can, else by this machine's zone; one without a time tells nothing."""
    (tmp_path / "class.zip").write_bytes(dated("ann.ipynb", ONE, utc=utc))
    with zipfile.ZipFile(tmp_path / "class.zip", "a") as archive:
        archive.writestr(zipfile.ZipInfo("bo.ipynb"), ONE)
    with collect(tmp_path / "class.zip") as (ann, bo):
        assert ann.submitted == TEN and bo.submitted is None


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("Ju\u0308rgen".encode(), "J\u00fcrgen"), (b"J\xfcrgen", "J\u00fcrgen"),
        (b"J\x81rgen", "J\u00fcrgen"), (b"Jurgen", "Jurgen"),
    ],
    ids=["macOS", "Windows-1252", "DOS", "ASCII"],
)  # fmt: skip
def test_names_in_a_zip_are_read_however_they_are_written(tmp_path, raw, name):
    """Without the flag for UTF-8: as macOS, Windows and DOS write them."""
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("@" * len(raw) + ".ipynb", ONE)
    content = (tmp_path / "x.zip").read_bytes().replace(b"@" * len(raw), raw)
    (tmp_path / "x.zip").write_bytes(content)
    assert list(found_in(tmp_path / "x.zip")) == [name]


def spoiled(files: dict[str, bytes], name: str) -> bytes:
    """A zip with one member whose content is not what its checksum says."""
    content = bytearray(zip_bytes(files))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        content[archive.getinfo(name).header_offset + 30 + len(name)] ^= 0xFF
    return bytes(content)


@pytest.mark.parametrize(
    ("name", "student"),
    [
        ("ann_1_2_nb.ipynb", "ann (1)"),
        (f"Ann_1{MOODLE}/nb.ipynb", "Ann (1)"),
        ("ann/nb.ipynb", "ann"),
    ],
)
def test_a_bad_member_loses_itself_and_nobody(tmp_path, name, student):
    """Its student has a row that tells it, and is to be graded again; the others are graded."""
    other = name.replace("nn_1_2", "bo_3_4").replace("nn_1", "bo_2").replace("nn/", "bo/")
    (tmp_path / "class.zip").write_bytes(spoiled({name: ONE, other: ONE}, name))
    with collect(tmp_path / "class.zip") as found:
        ann, bo = sorted(found, key=lambda each: each.student != student)
        assert (ann.student, ann.files, ann.incomplete) == (student, (), True)
        assert "nb.ipynb is left out: it cannot be unpacked (Bad CRC" in ann.notes[0]
        assert grade_one(ann, Options()).status == "failed" and bo.read()["nb.ipynb"] == ONE


def test_zips_in_zips_have_the_same_guards(tmp_path, monkeypatch):
    """Not out of their folder, not too much in all, not too deep; only their student loses."""
    monkeypatch.setattr(unpacking, "MAX_ZIP_BYTES", 10 * len(ONE))
    monkeypatch.setattr(unpacking, "MAX_DEPTH", 2)
    deep = zip_bytes({"nb.ipynb": ONE})
    files = {
        "ann/work.zip": zip_bytes({"../x.ipynb": ONE, "/y.ipynb": ONE, "nb.ipynb": ONE}),
        "bo/work.zip": zip_bytes({f"{n}.ipynb": ONE for n in range(11)}), "bo/nb.ipynb": ONE,
        "cy/work.zip": b"PK nothing", "di/a.zip": zip_bytes({"b.zip": zip_bytes({"c.zip": deep})}),
        "ed/nb.zip": zip_bytes({f"{n}.ipynb": ONE for n in range(9)}),
        "ed/more.zip": zip_bytes({f"{n}.ipynb": ONE for n in range(2)}),
    }  # fmt: skip
    with collect(zip_of(files, tmp_path / "class.zip")) as found:
        ann, bo, cy, di, ed = found
        assert ann.files == ("work.zip/nb.ipynb",) and bo.files == ("nb.ipynb",)
        assert "work.zip is left out: it has more than" in bo.notes[0]
        assert "work.zip is left out: it cannot be unpacked" in cy.notes[0] and not cy.incomplete
        assert di.files == ("a.zip/b.zip/c.zip",) and len(ed.files) == 2
    monkeypatch.setattr(unpacking, "MAX_UNPACKED_BYTES", 100)
    with pytest.raises(DataError, match=r"class.zip: it has more than .* when unpacked"):
        found_in(tmp_path / "class.zip")


@pytest.fixture
def io_error(monkeypatch):
    """Files whose name begins with `refused` cannot be opened, by whomever."""
    opened = Path.open

    def refuse(path, *mode, **how):
        if path.name.startswith("refused") and "w" not in str((mode, how)):
            raise OSError(errno.EIO, "Input/output error", str(path))
        return opened(path, *mode, **how)

    monkeypatch.setattr(Path, "open", refuse)


@pytest.mark.usefixtures("io_error")
def test_a_file_that_cannot_be_read_loses_itself_and_nobody(tmp_path):
    """It is left out with a note; who has nothing else is to be graded again, and has no mark."""
    files = {"ann/nb.ipynb": ONE, "ann/refused.py": b"", "bo/refused.ipynb": ONE, "cy/nb.ipynb": ONE,
             "di/nb.ipynb": ONE}  # fmt: skip
    with collect(write(tmp_path / "class", files)) as (ann, bo, cy, di):
        says = "is left out: it cannot be read (Input/output error)."
        assert ann.files == ("nb.ipynb",) and ann.notes == (f"refused.py {says}",)
        assert grade_one(bo, Options()).notes[0] == f"refused.ipynb {says}"
        assert grade_one(bo, Options()).status == "failed" and not cy.notes
        (tmp_path / "class/di/nb.ipynb").unlink()  # after it was found
        result = grade_one(pickle.loads(pickle.dumps(di.carried())), Options())
        assert result.status == "failed" and "it cannot be read" in result.notes[0]


def test_what_is_too_large_is_never_read(tmp_path, monkeypatch):
    """Of a sparse notebook of 20 GB the size says enough; of other files, too, and in a zip."""
    read = []
    digest = hashlib.file_digest
    monkeypatch.setattr(
        submissions.hashlib,
        "file_digest",
        lambda file, how: read.append(file.name) or digest(file, how),
    )
    write(tmp_path / "class", {"ann/nb.ipynb": b"", "ann/data.bin": b"", "ann/h.py": b"h"})
    for name in ("nb.ipynb", "data.bin"):
        os.truncate(tmp_path / "class/ann" / name, 20 * 10**9)
    with collect(tmp_path / "class") as (ann,):
        assert [Path(name).name for name in read] == ["h.py"] and ann.files == ("nb.ipynb", "h.py")
        assert "data.bin is left out" in ann.notes[0]
        assert look_into(ann)[0] == [f"nb.ipynb ({cells.TOO_LARGE})"]
        assert grade_one(ann.carried(), Options()).status == "unreadable"
    with zipfile.ZipFile(tmp_path / "class.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bo.ipynb", bytes(cells.MAX_NOTEBOOK_BYTES + 1))
    with collect(tmp_path / "class.zip") as (bo,):
        assert grade_one(bo, Options()).status == "unreadable"


def test_notebooks_are_read_one_at_a_time(tmp_path):
    """A submission's content is read as it is asked for; over 20 notebooks are said, and no more."""
    write(tmp_path / "class", {f"ann/{n:02}.ipynb": ONE for n in range(25)} | {"bo.ipynb": ONE})
    with collect(tmp_path / "class") as (ann, _):
        content = ann.read()
        assert len(content) == 20 and ann.notes == ("There are 25 notebooks; the first 20 count.",)
        (tmp_path / "class/ann/03.ipynb").write_bytes(b"later")
        assert content["03.ipynb"] == b"later" and content["04.ipynb"] == ONE


def test_a_gradebook_is_nobodys_submission(tmp_path):
    """Neither one that is whole, nor the one that is being written; a student's file hides nobody."""
    files = {"ann.ipynb": ONE, "out/grades.sqlite": b"", "bo/gradebook.csv": b"",
             "bo/grades.sqlite": b"", "bo/nb.ipynb": ONE}  # fmt: skip
    write(tmp_path, files)
    assert list(found_in(tmp_path, out=tmp_path / "out")) == ["ann", "bo"]
    assert list(found_in(tmp_path)) == ["ann", "bo", "out"]


def test_a_gradebook_in_ones_own_folder_is_not_handed_in(tmp_path):
    """Nothing of it reaches the notebooks, and the ledger, which may hold the secret, never does."""
    files = {"lab/01_look_at_the_data.ipynb": ONE, "lab/a/b/feedback/x.html": b"",
             "lab/old/grades.sqlite": b"", "lab/old/x.txt": b"", "lab/feedback/y.html": b""}  # fmt: skip
    write(tmp_path, files)
    ours = "01_look_at_the_data.ipynb"
    assert found_in(tmp_path / "lab", out=tmp_path / "lab/a/b") == {
        "lab": ("", ours, "feedback/y.html", "old/x.txt")
    }
    assert found_in(tmp_path / "lab", out=tmp_path / "lab")["lab"][1:] == (
        ours, "a/b/feedback/x.html", "old/x.txt"
    )  # fmt: skip


def test_an_export_beside_what_was_in_it_is_nobodys(tmp_path):
    """The zip that a class was unpacked from, and a student's; one with more in it is a student."""
    files = {f"Ann_1{MOODLE}/nb.ipynb": ONE, f"Bo_2{MOODLE}/nb.ipynb": ONE}
    zip_of(files, write(tmp_path / "class", files) / "CS 101-Lab 1-99.zip")
    assert [number for number, *_ in found_in(tmp_path / "class").values()] == ["1", "2"]
    zip_of(files | {"kim.ipynb": ONE}, tmp_path / "class/kim.zip")
    assert sorted(found_in(tmp_path / "class")) == ["Ann", "Bo", "kim"]


def test_a_students_own_zip_of_attempts_is_theirs(tmp_path):
    """Nobody is called attempt_2."""
    files = {"attempt_1/nb.ipynb": NUMBERS, "attempt_2/nb.ipynb": TWO}
    assert found_in(zip_of(files, tmp_path / "ann.zip")) == {"ann": ("", "nb.ipynb")}


def test_text_where_code_was_is_said():
    """A cell of an exercise that has become Markdown."""
    book = nbformat.reads(ONE.decode(), 4)
    book.cells.append(nbformat.v4.new_markdown_cell("my_piece = 1", metadata={
        "mnist_lab": {"exercise": "1.2", "part": "answer"}}))  # fmt: skip
    plan = cells.plan(nbformat.writes(book).encode())
    assert plan.notes[0] == "exercise 1.2: its answer cell is text; Esc and Y make it code"
