"""Grading: what is taken out of a student's kernel, and what it earns."""

import csv
import errno
import json
import ntpath
import os
import pickle
import shutil
import signal
import socket
import sqlite3
import struct
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
import zipfile
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path, PurePosixPath, PureWindowsPath
from types import SimpleNamespace

import nbformat
import numpy as np
import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from mnist_lab import course
from mnist_lab.arrays import DataError
from mnist_lab.cli import build_parser, main
from mnist_lab.cli.grade import GradingScreen, _chosen
from mnist_lab.exercises import Answer, all_exercises, find, mark, take
from mnist_lab.exercises.marking import answers_of
from mnist_lab.grading import (
    NoSandbox,
    Options,
    Result,
    batch,
    bwrap,
    cells,
    collect,
    grade_all,
    grade_one,
    job_summary,
    kit,
    limits,
    local_workers,
    make_gradebook,
    open_ledger,
    pages,
    sandbox,
    unpacking,
    unprotected,
    write_for,
    write_gradebook,
    write_pages,
)
from mnist_lab.grading import results as results_module
from mnist_lab.grading.kernel import launch, protocol
from mnist_lab.grading.marks import seed_of
from mnist_lab.grading.zips import member_name

START = "import numpy as np\nfrom mnist_lab.exercises import ____, check"
PIECE = find("1.2").solution
NUMBERS = find("1.1").solution
LESSON = ("1.1", "1.2", "1.3", "1.4", "1.5")
HERE = [sys.executable, "-m", "mnist_lab"]


@pytest.fixture(autouse=True)
def one_font_list(tmp_path_factory, monkeypatch):
    """matplotlib looks for fonts once, not once for each home."""
    monkeypatch.setenv("MPLCONFIGDIR", str(tmp_path_factory.getbasetemp() / "fonts"))


def notebook(*sources: str) -> bytes:
    """A notebook of some cells without metadata."""
    made = [nbformat.v4.new_code_cell(source) for source in sources]
    return nbformat.writes(nbformat.v4.new_notebook(cells=made)).encode()


def hand_in(folder: Path, **students: bytes) -> Path:
    """A folder with a notebook per student."""
    folder.mkdir(exist_ok=True)
    for name, content in students.items():
        (folder / f"{name}.ipynb").write_bytes(content)
    return folder


@pytest.fixture
def grade(tmp_path, small_folder):
    """Grade one notebook of some cells; give the result."""

    def run(*sources, student="anna", **how):
        place = hand_in(tmp_path / student, **{student: notebook(START, *sources)})
        with collect(place) as (submission,):
            how = {"secret": b"a secret", "data": str(small_folder), **how}
            return grade_one(submission, Options(**how))

    return run


def rows_of(path: Path) -> list[list[str]]:
    return list(csv.reader(path.read_text(encoding="utf-8").splitlines()))


def points(result) -> dict[str, float]:
    return {each.id: each.points for each in result.earned}


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=99)
    | arrays.arrays(st.sampled_from(["u1", "<i8", "<f4", "?"]), arrays.array_shapes(min_side=0)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=9,
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(PLAIN)
def test_plain_data_come_back_as_they_went(value):
    """What goes over the wire is the same afterwards, to the dtype."""
    there = protocol.load(protocol.dump(value))
    np.testing.assert_equal(there, value)
    if isinstance(value, np.ndarray):
        assert there.dtype == value.dtype and there.shape == value.shape


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no json",
        '{"array": ["O", [1], "AAAAAAAAAAA="]}',
        '{"array": ["uint8", [99999999999], "AAAA"]}',
        '{"array": ["uint8", [-1, -3], "AAAA"]}',
        '{"array": ["uint8", [3000000000, 0], ""]}',
        '{"pickle": "AAAA"}',
        '{"texts": ["long"]}',
        '{"array": ["uint8", [3], "AAAA"], "dict": {}}',
        "[" * 99_999,
        json.dumps([0] * (protocol.MAX_ITEMS + 1)),
        '"' + "x" * protocol.MAX_TEXT_CHARS + '"',
    ],
)
def test_what_is_not_plain_data_is_refused(text):
    """No object, no lie about a size, nothing too deep, too many or too long."""
    with pytest.raises(protocol.ProtocolError):
        protocol.load(text)


@pytest.mark.parametrize("exercise", all_exercises(), ids=lambda each: each.id)
def test_answers_and_hidden_inputs_fit_the_wire(exercise):
    """Every exercise's inputs and right answers can be sent, and far from the limits."""
    text = protocol.dump_answers(answers_of(exercise, exercise.solution, 7))
    assert len(text) < protocol.MAX_TEXT_CHARS / 4
    assert [each.kind for each in protocol.load_answers(text, len(exercise.notes))] == [
        "value"
    ] * len(exercise.notes)
    if exercise.cases:
        calls = [list(case.arguments) for case in exercise.cases(7)]
        np.testing.assert_equal(protocol.load(protocol.dump(calls), texts=True), calls)


def test_exercises_are_found_by_metadata_or_by_text(project):
    """In the course's own notebooks, with or without metadata, each exercise is found."""
    for path in sorted((project / "notebooks").glob("[01][0-9]_*.ipynb")):
        book = course.read_notebook(path)
        ours = {e.id for e in all_exercises() if e.lesson == int(path.name[:2])}
        assert cells.plan(nbformat.writes(book).encode()).exercises == ours
        for cell in book.cells:
            cell.metadata.pop("mnist_lab", None)
        assert cells.plan(nbformat.writes(book).encode()).exercises == ours
    assert cells.plan(notebook("f = 1", "check('1.2', f)")).exercises == {"1.2"}


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"\xff\xfe", b'{"nbformat": 4}', b"[1]", b"[" * 99_999]
)
def test_what_is_no_notebook_says_so(content):
    """Damaged files are named as such, whatever is wrong with them."""
    with pytest.raises(cells.Unreadable, match=r"it (is|has)"):
        cells.plan(content)


@pytest.mark.parametrize(
    ("sources", "says"),
    [
        (["1"] * 3000, "over 2,000 cells"),
        ([", " * 140_000] * 2, "characters of code"),
        (["1," * 400_000], "too much data"),
    ],
    ids=["cells", "code", "signs"],
)
def test_a_notebook_that_would_keep_the_grader_busy_is_not_read(sources, says):
    """More than a course can hold, and small enough to be opened: one line, and no time lost."""
    with pytest.raises(cells.Unreadable, match=says):
        cells.plan(notebook(*sources))


def test_two_cells_with_one_id_are_no_news(project):
    """A cell that was copied with its id, as some editors do, is read without a warning."""
    book = json.loads((project / "notebooks" / "01_look_at_the_data.ipynb").read_bytes())
    plan = cells.plan(json.dumps(book).encode())
    book |= {"nbformat_minor": 4, "cells": [cell | {"id": "same"} for cell in book["cells"]]}
    assert cells.plan(json.dumps(book).encode()) == plan


def test_an_old_notebook_is_read(project):
    """A notebook of format 3 has the same exercises."""
    book = course.read_notebook(project / "notebooks" / "01_look_at_the_data.ipynb")
    old = nbformat.convert(book, 3)
    assert cells.plan(nbformat.writes(old, version=3).encode()).exercises == {
        e.id for e in all_exercises() if e.lesson == 1
    }


def test_the_course_folder_is_one_student(tmp_path, project):
    """In a student's own repository `notebooks` is one submission, named after the repository."""
    place = tmp_path / "lab-anna" / "notebooks"
    place.mkdir(parents=True)
    for name in ("01_look_at_the_data", "03_one_neuron_learns"):
        (place / f"{name}.ipynb").write_bytes(
            (project / "notebooks" / f"{name}.ipynb").read_bytes()
        )
    (place / "scratch.ipynb").write_bytes(notebook("1"))
    with collect(place) as found:
        assert [(each.student, len(each.files)) for each in found] == [("lab-anna", 3)]


def test_nothing_is_unpacked_or_read_outside(tmp_path, monkeypatch):
    """A zip with `..`, an absolute path or a link, and a link in a folder, lead nowhere."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))  # a zip is unpacked one below
    (tmp_path / "secret.txt").write_text("secret")
    with zipfile.ZipFile(tmp_path / "class.zip", "w") as archive:
        archive.writestr("anna/nb.ipynb", notebook(NUMBERS))
        archive.writestr("../out.ipynb", notebook(NUMBERS))
        archive.writestr("/abs.ipynb", notebook(NUMBERS))
        link = zipfile.ZipInfo("anna/link.txt")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, str(tmp_path / "secret.txt"))
    with collect(tmp_path / "class.zip") as found:
        assert [(each.student, each.files) for each in found] == [("anna", ("nb.ipynb",))]
    assert not (tmp_path / "out.ipynb").exists()
    folder = hand_in(tmp_path / "class", anna=notebook(NUMBERS))
    (folder / "bert").mkdir()
    (folder / "bert" / "link.ipynb").symlink_to(tmp_path / "secret.txt")
    with collect(folder) as found:
        assert [(each.student, len(each.files)) for each in found] == [("anna", 1), ("bert", 0)]


def test_no_submission_is_said_so(tmp_path):
    """An empty folder, a missing one, a file that is neither, a zip that is none or is damaged."""
    (tmp_path / "empty").mkdir()
    (tmp_path / "bad.zip").write_bytes(b"PK nothing")
    (tmp_path / "class.tar").write_bytes(b"")
    with zipfile.ZipFile(tmp_path / "damaged.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("anna.ipynb", notebook(NUMBERS) * 50)
    content = bytearray((tmp_path / "damaged.zip").read_bytes())
    content[60:90] = b"\xff" * 30
    (tmp_path / "damaged.zip").write_bytes(content)
    for name in ("missing", "empty", "bad.zip", "class.tar", "damaged.zip"):
        with pytest.raises(DataError, match=name), collect(tmp_path / name):
            pass


def test_a_name_that_cannot_be_had_loses_only_its_file(tmp_path):
    """One that is a file and a folder at once; one that is too long is cut, and its student stays."""
    with zipfile.ZipFile(tmp_path / "class.zip", "w") as archive:
        for name in ("x" * 300 + ".ipynb", "anna.ipynb", "bert", "bert/nb.ipynb"):
            archive.writestr(name, b"{}")
    with collect(tmp_path / "class.zip") as (anna, long):
        assert anna.student == "anna" and long.student.startswith("x" * 200)
        assert all(each.read()[each.files[0]] == b"{}" for each in (anna, long))


NAMES = st.lists(
    st.sampled_from([*"aB.: /\\?*\x01", "..", "CON", "nul.", "com1", "C:", "x.ipynb"]), max_size=9
).map("".join)


@settings(deadline=None, max_examples=400)
@given(NAMES)
def test_no_name_of_a_zip_leaves_its_folder_or_is_another(name):
    """On Windows as elsewhere what is written lies below, under the name that it is given."""
    for windows, flavour in ((True, PureWindowsPath), (False, PurePosixPath)):
        inside = member_name(name, windows=windows)
        root = flavour("R:/root" if windows else "/root")
        path = root.joinpath(*inside.split("/"))
        assert path.is_relative_to(root) and ".." not in path.parts
        assert "/".join(path.parts[len(root.parts) :]) == inside
        if windows:
            assert not [p for p in path.parts[2:] if is_reserved(p) or p[-1] in ". "]
        else:
            assert not inside or inside.split("/") == [
                part for part in name.replace("\\", "/").split("/") if part not in {"", "."}
            ]


def is_reserved(part: str) -> bool:
    """Whether Windows would take a name for a device, or for another one."""
    if hasattr(ntpath, "isreserved"):  # from Python 3.13
        return ntpath.isreserved(part)
    return PureWindowsPath(part).is_reserved() or bool(set(part) & set('<>:"|?*\x01'))


@pytest.mark.parametrize(
    ("windows", "names"),
    [
        (True, ["C_a", "_CON", "anna", "bert", "dora_"]),
        (False, ["C:a", "CON", "anna", "bert", "dora."]),
    ],
    ids=["Windows", "elsewhere"],
)
def test_nothing_of_a_windows_zip_is_lost(tmp_path, monkeypatch, windows, names):
    """Drives, backslashes, devices and dots: each file is found where it was written."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(unpacking, "WINDOWS", windows)
    with zipfile.ZipFile(tmp_path / "class.zip", "w") as archive:
        archive.writestr("bert\\", b"")  # a folder
        for name in ("C:a.ipynb", "anna/C:evil.ipynb", "bert\\b.ipynb", "dora./nb.ipynb",
                     "CON.ipynb", "C:\\abs.ipynb", "\\\\server\\x.ipynb"):  # fmt: skip
            archive.writestr(name, notebook(NUMBERS))
    with collect(tmp_path / "class.zip") as found:
        assert sorted(each.student for each in found) == names
        assert all(each.read()[each.files[0]] for each in found)
        assert len(list(tmp_path.iterdir())) == 3  # the zip, the folder that it is in, its lock


@pytest.mark.parametrize(
    "exercise", [e for e in all_exercises() if e.cases], ids=lambda each: each.id
)
def test_no_student_is_lucky_with_their_inputs(exercise):
    """Whatever the hidden inputs, the solution is right and a known wrong earns its share alone."""
    for number in range(4 if exercise.task else 25):  # a model takes its time
        seed = seed_of(b"a secret", f"student {number}", exercise.id)
        right = mark(exercise, answers_of(exercise, exercise.solution, seed), seed=seed)
        assert right.verdict == "right"
        for wrong in exercise.misconceptions:
            earned = mark(exercise, answers_of(exercise, wrong.source, seed), seed=seed).points
            assert earned == round(exercise.points * wrong.share, 2), (seed, wrong.message)


def test_inputs_differ_from_student_to_student():
    """Another student, exercise or secret: other inputs; the same again: the same."""
    asked = [
        (b"s", "anna", "1.2"),
        (b"s", "bert", "1.2"),
        (b"s", "anna", "1.3"),
        (b"t", "anna", "1.2"),
    ]
    assert len({seed_of(*each) for each in asked}) == 4
    assert seed_of(*asked[0]) == seed_of(*asked[0]) > 0


def test_the_kernel_sees_no_solution(small_folder):
    """In no file that a kernel is given stands a solution, a wrong, or how it is judged."""
    told = {wrong.source for e in all_exercises() for wrong in e.misconceptions} | {
        e.solution for e in all_exercises()
    }
    lines = {line.strip() for text in told for line in text.splitlines() if "return" in line}
    lines = {line for line in lines if len(line) > len("return picture")}  # which says nothing
    lines |= (
        {hint for e in all_exercises() for hint in e.hints} | told | {repr(text) for text in told}
    )
    for path in kit.make_kit(str(small_folder)).folder.rglob("*"):
        if path.is_file():
            content = path.read_text(encoding="utf-8", errors="replace")
            assert not [line for line in lines if line in content], path


@pytest.fixture
def package(tmp_path) -> Path:
    """A copy of the package to change."""
    ignore = shutil.ignore_patterns("__pycache__")
    return Path(shutil.copytree(kit.PACKAGE, tmp_path / "mnist_lab", ignore=ignore))


def test_what_nobody_let_in_is_not_in_the_kit(package, tmp_path):
    """A new module beside the rooms, in a room of its own, among exercises or the grader's."""
    new = ("answers.py", "answers/__init__.py", "exercises/answer_key.py", "grading/answers.py",
           "exercises/lessons/lesson_99.py", "course/answers.py", "cli/answers.py")  # fmt: skip
    for name in new:
        (package / name).parent.mkdir(exist_ok=True)
        (package / name).write_text("# all that is right")
    kit.copy_package(package, tmp_path / "kit")
    copied = {p.relative_to(tmp_path / "kit"): p for p in (tmp_path / "kit").rglob("*.*")}
    assert len(copied) > 50
    assert not [p for p in copied.values() if b"all that is right" in p.read_bytes()]
    assert {path.parts[1] for path in copied if path.parts[0] == "grading"} == {"kernel"}


def test_the_kit_works_by_itself(small_folder):
    """With the kit alone on the path, an answer is asked for, checked and taken out."""
    program = (
        "import mnist_lab; from mnist_lab.exercises import check, find, hint, solution, progress, use\n"
        "from mnist_lab.grading.kernel import inside, protocol\n"
        "check('1.1', 3); hint('1.1'); progress(); assert use('1.1', 3) == 3\n"
        "print(mnist_lab.__file__, [solution('1.1').code])"
    )
    folder = kit.make_kit(str(small_folder)).folder
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True,
                          cwd=folder, env={**os.environ, "PYTHONPATH": str(folder)})  # fmt: skip
    used, shown = done.stdout.strip().splitlines()
    assert used == "1.1: your own my_numbers, right or not."
    assert shown == f"{folder}/mnist_lab/__init__.py ['']", done.stderr


def test_whatever_makes_marks_is_in_the_fingerprint(package):
    """A byte more in any kind of file of the kit, the exercises or the grader: other marks."""
    assert kit.fingerprint(package) == kit.fingerprint() == batch.version()
    seen = {kit.fingerprint()}
    for room in ("exercises", "grading", "network", "data", "images", "synth", "reading", "pad"):
        files = {path.suffix: path for path in (package / room).rglob("*.*") if path.is_file()}
        for path in files.values():
            path.write_bytes(path.read_bytes() + b" ")
            assert kit.fingerprint(package) not in seen, path
            seen.add(kit.fingerprint(package))
    (package / "network" / "new.py").write_bytes(b"")
    assert kit.fingerprint(package) not in seen


def test_what_makes_no_marks_is_not_in_the_fingerprint(package):
    """The command line, and what Python compiles."""
    (package / "cli" / "new.py").write_text("1")
    (package / "data" / "__pycache__").mkdir()
    (package / "data" / "__pycache__" / "mnist.pyc").write_bytes(b"1")
    assert kit.fingerprint(package) == kit.fingerprint()


def test_right_wrong_blank_and_broken_answers_earn_what_they_should(grade):
    """Each of four kinds at once; warnings and cells in between cost nothing."""
    result = grade(
        "import sys, warnings\nwarnings.warn('x')\nprint('noise', file=sys.stderr)",
        NUMBERS, 'check("1.1", my_numbers)', PIECE, "1 / 0",
        "def my_counts(labels):\n    return np.bincount(labels)",
        "def my_spread(images, labels, digit):\n    return ____",
        "def my_difference(one, other):\n    return one.nothing",
    )  # fmt: skip
    assert points(result) == {"1.1": 1, "1.2": 1, "1.3": 1, "1.4": 0, "1.5": 0}
    assert [each.verdict for each in result.earned][2:] == [
        "partly right", "not attempted", "raised an error",
    ]  # fmt: skip
    assert result.status == "graded" and pickle.loads(pickle.dumps(result)) == result


def test_constants_earn_nothing_and_no_hidden_input_is_told(grade):
    """What is right for the inputs of `check` alone, or tells its inputs, gets neither."""
    known = take(find("5.1"), [lambda size, window: size - window + 1])
    table = [each.value for each in known]
    result = grade(
        f"class Kept:\n    left, seen = {table}, []\n"
        "def my_places(size, window):\n    Kept.seen.append((size, window))\n"
        "    return Kept.left.pop(0) if Kept.left else size",
        "my_kernel = 1\nraise ValueError(str(Kept.seen))",
    )
    assert points(result) == {"5.1": 0, "5.3": 0}
    known = [str(case.arguments) for case in find("5.1").cases(0)]
    assert f"[{', '.join(known)}" in result.earned[1].error
    for case in find("5.1").cases(seed_of(b"a secret", "anna", "5.1")):
        assert str(case.arguments) not in result.earned[1].error


def test_feedback_shows_a_case_and_not_what_a_kernel_said_of_it(grade):
    """An example of public inputs, with what is wanted; what the function gave is its own word."""
    (earned,) = grade("def my_places(size, window):\n    return 7654").earned
    assert earned.example == "For `size = 17` and `window = 2`, `16` is wanted."
    assert (
        grade("def my_places(size, window):\n    return size - window + 1").earned[0].example == ""
    )


def test_always_equal_objects_and_patched_tools_earn_nothing(grade):
    """What is compared is plain data; tools in the kernel can spoil only what is taken out."""
    equal = "class Yes:\n    def __eq__(self, other): return True\n    __array__ = None\n"
    result = grade(
        f"{equal}my_numbers = Yes()",
        "import mnist_lab.exercises as e, mnist_lab.grading.kernel.protocol as w, json\n"
        'w.dump_answers = lambda answers: \'[["value", true, "", false]]\'\n'
        "e.check = lambda *a: 1\ndef my_piece(image):\n    return image",
    )
    assert points(result) == {"1.1": 0, "1.2": 0}


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        ("import os; os._exit(0)", "died in cell 3"),
        ("import itertools; sum(itertools.repeat(1))", "ran longer than 3 seconds"),
    ],
    ids=["exit", "a loop in C"],
)
def test_a_kernel_that_dies_or_hangs_costs_only_what_comes_after(grade, cell, says):
    """What was taken out before still counts, it is ended, and nothing is left running."""
    result = grade(NUMBERS, cell, PIECE, timeout=3)
    assert points(result) == {"1.1": 1, "1.2": 0} and result.status == "stopped"
    assert says in result.notes[-1]
    here = psutil.Process().children(recursive=True)
    assert not [each for each in here if "ipykernel" in " ".join(each.cmdline())]


def test_an_endless_loop_costs_only_itself(grade):
    """An interrupt reaches Python; the next cells run."""
    result = grade(NUMBERS, "while True: pass", PIECE, timeout=3)
    assert points(result) == {"1.1": 1, "1.2": 1} and result.status == "graded"


def answer_of(
    program: list[tuple[int, int, int, int]], number: int, arch: int, first: int, fourth: int = 0
) -> int:
    """What a seccomp filter answers to a system call: a machine for the BPF that ours uses."""
    data = struct.pack("<iIQ6Q", number, arch, 0, first, 0, 0, fourth, 0, 0)
    at = register = 0
    while True:
        code, if_true, if_false, k = program[at]
        at += 1
        if code == 0x20:  # ld [k]
            (register,) = struct.unpack_from("<I", data, k)
        elif code == 0x54:  # and k
            register &= k
        elif code == 0x06:  # ret k
            return k
        else:
            holds = {0x15: register == k, 0x35: register >= k, 0x45: bool(register & k)}[code]
            at += if_true if holds else if_false


ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}  # of linux/audit.h
NUMBERS_OF = {  # of each processor's asm/unistd.h: for x86_64, for aarch64
    "read": (0, 63), "write": (1, 64), "openat": (257, 56), "execve": (59, 221), "mmap": (9, 222),
    "futex": (202, 98), "socket": (41, 198), "exit_group": (231, 94), "prctl": (157, 167),
    "unshare": (272, 97), "setns": (308, 268), "mount": (165, 40), "ptrace": (101, 117),
    "memfd_create": (319, 279), "memfd_secret": (447, 447), "msgget": (68, 186),
    "semget": (64, 190), "mq_open": (240, 180), "vmsplice": (278, 75),
    "sched_setaffinity": (203, 122), "sched_getaffinity": (204, 123), "shmget": (29, 194),
    "bpf": (321, 280), "keyctl": (250, 219),
    "process_vm_writev": (311, 271), "io_uring_setup": (425, 425), "userfaultfd": (323, 282),
    "perf_event_open": (298, 241), "add_key": (248, 217), "request_key": (249, 218),
    "process_vm_readv": (310, 270), "open_tree": (428, 428), "move_mount": (429, 429),
    "fsopen": (430, 430), "clone": (56, 220), "clone3": (435, 435),
}  # fmt: skip
ALLOWED_CALLS = {"read", "write", "openat", "execve", "mmap", "futex", "socket", "exit_group",
                 "prctl", "clone", "sched_getaffinity"}  # fmt: skip
ALLOW, REFUSE, MISSING = 0x7FFF0000, 0x50000 | errno.EPERM, 0x50000 | errno.ENOSYS


@pytest.mark.parametrize("machine", ARCH)
def test_the_filter_forbids_what_it_should_on_each_processor(machine):
    """Common calls pass, dangerous ones do not; nor does another processor's set of numbers."""
    program, arch = launch.filter_program(machine), ARCH[machine]
    for name, numbers in NUMBERS_OF.items():
        number = numbers[list(ARCH).index(machine)]
        right = ALLOW if name in ALLOWED_CALLS else MISSING if name == "clone3" else REFUSE
        assert answer_of(program, number, arch, 0) == right, name
        assert answer_of(program, number, 0x40000003, 0) == REFUSE, name  # 32-bit calls
        assert answer_of(program, number | 0x40000000, arch, 0) == REFUSE, name
    clone = NUMBERS_OF["clone"][list(ARCH).index(machine)]
    for new in (0x10000000, 0x20000000, 0x40000000, 0x02000000, 0x04000000, 0x08000000, 0x00020000):
        assert answer_of(program, clone, arch, new | 17) == REFUSE
    assert answer_of(program, clone, arch, 0x3D0F00) == ALLOW  # a thread
    mmap = NUMBERS_OF["mmap"][list(ARCH).index(machine)]
    for private_or_file, right in ((0x22, ALLOW), (0x01, ALLOW), (0x21, REFUSE), (0x8021, REFUSE)):
        assert answer_of(program, mmap, arch, 0, private_or_file) == right


class Libc:
    """The C library, whose prctl refuses some options."""

    def __init__(self, *refused):
        self.refused, self.asked = refused, []

    def prctl(self, option, *_):
        self.asked.append(option)
        return -1 if option in self.refused else 0


@pytest.fixture
def libc(monkeypatch):
    """Put a C library in the place of this one."""

    def put(*refused):
        made = Libc(*refused)
        monkeypatch.setattr(launch.ctypes, "CDLL", lambda *_, **__: made)
        return made

    monkeypatch.setattr(launch.os, "fork", lambda: pytest.fail("went on"))
    monkeypatch.setattr(launch.os, "execv", lambda *_: pytest.fail("went on"))
    return put


def confine(monkeypatch, **how):
    """Run the program that confines a kernel, and give what it says as it refuses."""
    settings = {
        "limits": {},
        "user": 0,
        "cores": [],
        "copy": "",
        "filter": False,
        "supervise": False,
        **how,
    }
    monkeypatch.setattr(sys, "argv", ["launch.py", json.dumps(settings), sys.executable])
    with pytest.raises(SystemExit) as stop:
        launch.main()
    return stop.value.code


@pytest.mark.skipif(os.name == "nt", reason="Windows has no prctl")
@pytest.mark.parametrize(
    ("option", "how"),
    [
        ("PR_SET_NO_NEW_PRIVS", {"filter": True}),
        ("PR_SET_SECCOMP", {"filter": True}),
        ("PR_SET_PDEATHSIG", {"supervise": True}),
        ("PR_SET_CHILD_SUBREAPER", {"supervise": True}),
    ],
)
def test_what_cannot_be_confined_is_not_run(monkeypatch, libc, option, how):
    """A prctl that fails ends it, by a line that names it."""
    monkeypatch.setattr(launch.os, "uname", lambda: SimpleNamespace(machine="aarch64"))
    number = getattr(launch, option)
    asked = libc(number).asked
    assert f"{option} is refused" in confine(monkeypatch, **how) and asked[-1] == number


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such limits")
def test_no_filter_and_no_limit_is_passed_over(monkeypatch, libc):
    """A processor that is not known, and a limit that is refused, end it as well."""
    import resource

    libc()
    monkeypatch.setattr(launch.os, "uname", lambda: SimpleNamespace(machine="riscv64"))
    assert "no seccomp filter is known for riscv64" in confine(monkeypatch, filter=True)

    def refuse(*_):
        raise ValueError("not allowed")

    monkeypatch.setattr(resource, "setrlimit", refuse)
    assert "the limit NOFILE of 64 is refused" in confine(monkeypatch, limits={"NOFILE": 64})


@pytest.mark.skipif(bool(bwrap.why_no_sandbox()), reason="bubblewrap does not work here")
def test_a_sandbox_without_its_filter_is_none(tmp_path, monkeypatch):
    """The grader says so before it begins; where not even limits can be set it runs nothing."""
    stub = tmp_path / "launch.py"
    stub.write_text("import sys; sys.exit('the kernel cannot be confined: no filter')")
    monkeypatch.setattr(bwrap, "LAUNCH", stub)
    caches = bwrap.why_no_sandbox, limits.why_no_limits
    try:
        [each.cache_clear() for each in caches]
        assert "no filter" in unprotected() and not bwrap.has_sandbox(required=False)
        with pytest.raises(NoSandbox, match="no filter"):
            bwrap.has_sandbox(required=True)
        monkeypatch.setattr(limits, "LAUNCH", stub)
        limits.why_no_limits.cache_clear()
        with pytest.raises(NoSandbox, match="nor can limits be set"):
            bwrap.has_sandbox(required=False)
    finally:
        [each.cache_clear() for each in caches]


@pytest.mark.skipif(bool(bwrap.why_no_sandbox()), reason="bubblewrap does not work here")
def test_the_sandbox_shows_nothing_and_lets_nothing_out(grade, tmp_path):
    """No network, no other files, no environment, nothing to write to but a room of its own."""
    (tmp_path / "theirs.txt").write_text("theirs")
    listener = socket.create_server(("127.0.0.1", 0))
    result = grade(
        "import os, socket\nfrom pathlib import Path\nopen_ = []\n"
        f"open_ += [p for p in ['/etc/passwd', {str(tmp_path / 'theirs.txt')!r}, {__file__!r}]"
        " if Path(p).exists()]\n"
        "open_ += [k for k in os.environ if 'SECRET' in k or 'PYTEST' in k]\n"
        "for place in ('/', '/usr', os.path.dirname(np.__file__), os.environ['PYTHONPATH']):\n"
        "    if os.access(place, os.W_OK): open_.append(place)\n"
        "open_ += [p for p in os.listdir('/proc') if p.isdigit() and int(p) > 99]\n"
        f"try:\n    socket.create_connection({listener.getsockname()!r}, 1)\n    open_.append('net')\n"
        "except OSError:\n    pass\n"
        f"{NUMBERS}\nif open_: raise ValueError(str(open_))",
    )
    listener.close()
    assert result.earned[0].error == "" and points(result) == {"1.1": 1}


def test_without_a_sandbox_it_is_said_or_refused(monkeypatch, grade):
    """The grader says what is not protected; with `require_sandbox` it goes no further."""
    monkeypatch.setattr(bwrap, "why_no_sandbox", lambda: "bubblewrap is not installed")
    assert "NO SANDBOX" in unprotected()
    with pytest.raises(NoSandbox, match="not installed"):
        grade(NUMBERS, require_sandbox=True)
    assert points(grade(NUMBERS, "import os; os.fork() or os._exit(0)", PIECE)) == {
        "1.1": 1,
        "1.2": 1,
    }


def test_only_what_changed_is_run_again(tmp_path, small_folder, monkeypatch):
    """A second call runs nothing; a changed notebook, secret or package is run anew."""
    place = hand_in(tmp_path / "class", anna=notebook(START, NUMBERS), bert=notebook("1"))

    def go(**how):
        began = []

        def workers(todo, options, started):
            began.extend(each.student for each in todo)
            return local_workers(2)(todo, options, started)

        with collect(place) as found, open_ledger(tmp_path / "out") as ledger:
            options = Options(**{"data": str(small_folder), **how})
            results = grade_all(found, options, ledger, workers=workers)
        assert [each.points for each in results] == [1, 0]
        return began

    assert go() == ["anna", "bert"] and go() == []
    hand_in(place, bert=notebook("2"))
    assert go() == ["bert"] and go(secret=b"x") == ["anna", "bert"]
    monkeypatch.setattr(batch, "version", lambda: "another network")
    assert go() == ["anna", "bert"] and go() == []


def test_a_fault_of_the_grader_loses_one_student_and_is_not_kept(
    tmp_path, small_folder, monkeypatch
):
    """The others are graded, the command exits with 1, and the next call tries again."""
    place = hand_in(tmp_path / "class", anna=notebook(START, NUMBERS), bert=notebook("1"))
    asked = [
        "grade",
        str(place),
        "--lesson",
        "1",
        "--out",
        str(tmp_path / "out"),
        "--data",
        str(small_folder),
    ]
    plan = cells.plan
    with monkeypatch.context() as broken:
        broken.setattr(
            cells, "plan", lambda content: plan(content) if b"import" in content else 1 / 0
        )
        assert main(asked) == 1
    assert rows_of(tmp_path / "out" / "gradebook.csv")[1][-2:] == ["1", "graded"]
    assert rows_of(tmp_path / "out" / "gradebook.csv")[2][-2:] == ["", "failed"]
    assert main(asked) == 0


@pytest.fixture
def results(grade):
    """Three results, with what is hard to write in each form."""
    one = grade(NUMBERS, "def my_piece(image):\n    return image[10:18, 4:12]")
    odd = replace(one, student="=cmd|'\x01<b>&\udce4 (9)", number="9", notes=("]]>\x00",))
    return [one, odd, replace(one, student="../x", earned=(), status="unreadable", notes=())]


def test_every_form_of_the_gradebook_agrees(results, tmp_path):
    """CSV, JSON, Canvas, Moodle, JUnit and the summary give the same totals for all."""
    made = make_gradebook(results, LESSON)
    write_gradebook(made, tmp_path)
    written = write_pages(made, tmp_path)
    for form in ("canvas", "moodle"):
        write_for(form, made, written, tmp_path)
    read = {p.stem: rows_of(p) for p in tmp_path.glob("*.csv")}
    book = json.loads((tmp_path / "gradebook.json").read_text(encoding="utf-8"))
    totals = ["1.5", "1.5", "0"]
    assert [f"{each['total']:g}" for each in book["students"]] == totals
    assert [row[-2] for row in read["gradebook"][1:]] == totals
    assert [row[5] for row in read["canvas"][2:]] == totals and read["canvas"][1][5] == "8"
    assert [row[2] for row in read["moodle"][1:]] == totals
    assert read["moodle"][2][0] == "Participant 9" and read["canvas"][3][1] == "9"
    assert not any(row[0].startswith("=") for rows in read.values() for row in rows)
    suites = ET.parse(tmp_path / "junit.xml").getroot()
    assert [len(suite.findall("testcase")) for suite in suites] == [5, 5, 5]
    assert [len(suite.findall("testcase/failure")) for suite in suites] == [1, 1, 0]
    assert "| 1.5 |" in job_summary(made)


def test_pages_hold_a_card_for_each_exercise_and_nothing_strange(results, tmp_path):
    """Feedback for each student under a safe name, the class with a link to each; all escaped."""
    out = tmp_path / "out"
    write_pages(make_gradebook(results, LESSON), out)
    found = sorted((out / "feedback").iterdir())
    assert len(found) == 3 and {p.name for p in out.iterdir()} == {"class.html", "feedback"}
    texts = [path.read_text(encoding="utf-8") for path in [*found, out / "class.html"]]
    assert all(text.count('aria-label="Exercise 1.') == 5 for text in texts[:3])
    assert not any("<b>&" in text or "http" in text for text in texts)
    assert "You took the columns for the rows" in texts[-1]
    assert find("1.2").solution.splitlines()[1].strip() not in "".join(texts)


def test_class_counts_who_has_not_tried_an_exercise(results):
    """The count beside an exercise is that of the signs for it, not tried and not handed in."""
    book = make_gradebook(results, LESSON)
    for number, exercise in enumerate(book.exercises):
        [line] = [each for each in pages._hardest(book) if each["id"] == exercise.id]
        verdicts = [row.earned[number].verdict for row in book.rows]
        assert line["untried"] == sum(v in {"not attempted", "missing"} for v in verdicts) > 0


def test_names_of_files_are_safe_and_apart():
    """No separator, nothing hidden or empty, and no two alike, even where case is one."""
    names = pages.file_names(["../x", "x", "X", "a/b", "a\\b", "", "..", "\udce4", "Zoë"])
    assert len({name.casefold() for name in names}) == len(names)
    assert not [name for name in names if set(name) & set('/\\:*?"<>|') or name.startswith(".")]


def test_grade_writes_everything_and_tells_low_scores(tmp_path, small_folder, capsys, monkeypatch):
    """One call: progress, gradebook, pages, the job summary; exit 3 only below --min-score."""
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    place = hand_in(tmp_path / "class", anna=notebook(START, NUMBERS, PIECE), bert=b"broken")
    out, secret = tmp_path / "out", tmp_path / "secret"
    secret.write_text("s")
    asked = [
        "grade",
        str(place),
        "--out",
        str(out),
        "--data",
        str(small_folder),
        "--only",
        "1.1,1.2",
    ]
    assert main([*asked, "--secret-file", str(secret), "--min-score", "50"]) == 3
    said = capsys.readouterr()
    assert "anna" in said.out and "unreadable" in said.out and "below 50 %: bert" in said.err
    assert main([*asked, "--secret-file", str(secret)]) == 0
    assert {p.name for p in out.iterdir()} == {
        "changes.csv", "class.html", "feedback", "gradebook.csv", "gradebook.json", "grades.sqlite", "junit.xml",
    }  # fmt: skip
    rows = rows_of(out / "gradebook.csv")
    assert rows[0] == ["student", "1.1", "1.2", "total", "status"]
    assert [row[3] for row in rows[1:]] == ["2", "0"] and "anna" in (
        tmp_path / "summary.md"
    ).read_text()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT to send")
def test_an_interrupt_loses_only_what_is_under_way(tmp_path, small_folder):
    """Ctrl-C: what is done is kept, kernels end, and the next call goes on from there."""
    slow = notebook(START, NUMBERS, "import time; time.sleep(600)")
    place = hand_in(tmp_path / "class", a=notebook(START, NUMBERS), b=slow)
    asked = [
        *HERE,
        "grade",
        place,
        "--lesson",
        "1",
        "--out",
        tmp_path / "out",
        "--jobs",
        "1",
        "--data",
        small_folder,
    ]
    command = list(map(str, asked))
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as run:
        while not run.stdout.readline().startswith("1/2"):
            assert run.poll() is None
        run.send_signal(signal.SIGINT)
        _, error = run.communicate(timeout=60)
    assert run.returncode == 130 and "1 of 2 are kept" in error and "Traceback" not in error
    hand_in(place, b=notebook(START, NUMBERS))
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0 and "a  1 points, graded, known" in done.stdout


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT to send")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_no_interrupt_is_lost(monkeypatch):
    """One that comes while Python tidies up, and that Python drops, stops the class all the same."""

    class Untidy:
        def __del__(self):
            signal.raise_signal(signal.SIGINT)

    def grade_one(submission, *_):
        if submission.student == "slow":
            assert sandbox.stopping.wait(20)
        return Result(submission.student, "", "graded")

    monkeypatch.setattr(batch, "grade_one", grade_one)
    monkeypatch.setattr(batch, "make_kit", lambda _: None)
    todo = [SimpleNamespace(student="quick"), SimpleNamespace(student="slow")]
    found = local_workers(1)(todo, Options(), lambda _: None)
    assert next(found).student == "quick"
    Untidy()
    with pytest.raises(KeyboardInterrupt):
        next(found)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_of_a_submission_only_so_much_is_kept(tmp_path):
    """However many files, notebooks among them: the first that fit count, the others are named."""
    for student in ("anna", "bob"):
        (tmp_path / student).mkdir()
        for name in ("a.ipynb", "b.ipynb", "c.ipynb", "d.ipynb", "table.csv"):
            with (tmp_path / student / name).open("wb") as file:
                file.truncate(15_000_000)
    with collect(tmp_path) as (submission, _):
        assert submission.files == ("a.ipynb", "b.ipynb", "c.ipynb")
        assert sum(path.stat().st_size for path in submission.paths) <= 50_000_000
        assert [note.split()[0] for note in submission.notes] == ["d.ipynb", "table.csv"]


def test_who_was_kept_waiting_is_tried_again_alone(monkeypatch):
    """Once all others are done, and with nobody beside; what comes then is kept as it is."""
    running, beside = [], {}

    def grade_one(submission, _options, cores=()):
        running.append(submission.student)
        time.sleep(0.02)
        beside.setdefault(submission.student, []).append((len(running), cores))
        running.remove(submission.student)
        return Result(submission.student, "", "graded", late=submission.student in {"b", "c"})

    monkeypatch.setattr(batch, "grade_one", grade_one)
    monkeypatch.setattr(batch, "make_kit", lambda _: None)
    todo = [SimpleNamespace(student=each) for each in "abcdef"]
    found = list(local_workers(3)(todo, Options(), lambda _: None))
    assert {each.student for each in found[-2:]} == {"b", "c"} and len(found) == len(todo)
    assert [each.student for each in found if each.retried] == [r.student for r in found[-2:]]
    assert all(len(times) == 1 + (who in "bc") for who, times in beside.items())
    assert all(times[-1] == (1, ()) for who, times in beside.items() if who in "bc")
    alone = list(local_workers(1)(todo, Options(), lambda _: None))
    assert len(alone) == len(todo) and not any(each.retried for each in alone)


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="cores are told by Linux alone")
@given(st.integers(1, 6), st.sets(st.integers(0, 20), min_size=1, max_size=9))
def test_cores_are_shared_fairly(kernels, cores):
    """Everybody has one at least, and nobody another's as long as there are enough."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batch.os, "sched_getaffinity", lambda _: cores)
        shares, stack = batch._Cores(kernels), ExitStack()
        with stack:
            some = [stack.enter_context(shares.share()) for _ in range(kernels)]
    assert all(some) and set().union(*some) == cores
    if kernels <= len(cores):
        assert sum(map(len, some)) == len(cores)
        assert max(map(len, some)) - min(map(len, some)) <= 1


@pytest.mark.skipif(bool(bwrap.why_no_sandbox()), reason="bubblewrap does not work here")
def test_a_heavy_neighbour_costs_nobody_a_point(tmp_path, small_folder):
    """Fifty busy processes beside it: who needs time of their own has it."""
    busy = "import os\nfor _ in range(50):\n    if os.fork() == 0:\n        while True: pass\n"
    works = "import time\nuntil = time.process_time() + 3\nwhile time.process_time() < until: pass"
    place = hand_in(
        tmp_path,
        heavy=notebook(START, NUMBERS, f"{busy}while True: pass"),
        honest=notebook(START, NUMBERS, works, PIECE),
    )
    options = Options(secret=b"a secret", data=str(small_folder), timeout=6)
    with collect(place) as found:
        results = {each.student: each for each in local_workers(2)(found, options, lambda _: None)}
    assert points(results["honest"]) == {"1.1": 1, "1.2": 1}, results["honest"]


def test_many_notebooks_have_one_time_together(tmp_path, small_folder):
    """However many are handed in, they take no longer than all of them may."""
    for student in ("anna", "bob"):
        (tmp_path / student).mkdir()
        for n in range(30):
            endless = notebook(START, NUMBERS, "while True: pass")
            (tmp_path / student / f"{n}.ipynb").write_bytes(endless)
    options = Options(secret=b"a secret", data=str(small_folder), timeout=0.5)
    with collect(tmp_path) as (submission, _):
        result = grade_one(submission, options)
    said = [note for note in result.notes if "taken the time of all" in note]
    assert result.status == "stopped" and len(said) > 5


def test_the_grader_never_loads_tensorflow(tmp_path):
    """Nor what draws: it stays small."""
    hand_in(tmp_path / "class", anna=notebook("1"))
    program = (
        "import sys\nfrom mnist_lab.cli import main\n"
        f"main(['grade', {str(tmp_path / 'class')!r}, '--out', {str(tmp_path / 'out')!r}])\n"
        "print(sorted({'keras', 'tensorflow', 'matplotlib', 'cv2', 'pandas'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "[]", done.stderr


def test_lines_tell_the_time_that_is_left(monkeypatch, capsys):
    """In a log each line says how long the rest takes, at the pace of those that were run."""
    now = [0.0]
    monkeypatch.setattr("mnist_lab.cli.grade.time.monotonic", lambda: now[0])
    from rich.console import Console

    with GradingScreen(Console(width=200)) as screen:
        screen.step(1, 4)
        screen.say("1/4  known")
        screen.step(1, 4, "anna, bert")
        for done in (2, 3):
            now[0] += 300
            screen.step(done, 4, "bert")
            screen.say(f"{done}/4")
        screen.step(4, 4)
        screen.say("4/4")
    lines = capsys.readouterr().out.split("\n")
    assert lines[:4] == ["1/4  known", "2/4; about 10 min left", "3/4; about 5 min left", "4/4"]


def test_a_damaged_ledger_is_one_line(tmp_path, capsys):
    """What is no ledger is named, and left as it is."""
    place = hand_in(tmp_path / "class", anna=notebook("1"))
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "grades.sqlite").write_text("no ledger, " * 99)
    assert main(["grade", str(place), "--lesson", "1", "--out", str(tmp_path / "out")]) == 1
    assert "take it away" in capsys.readouterr().err


def test_answers_of_an_answer_too_large_are_refused():
    """What is far too large to be sent becomes a refusal that says so."""
    (answer,) = protocol.load_answers(protocol.dump_answers([Answer("value", np.zeros(10**7))]), 1)
    assert answer.kind == "refused" and "larger" in answer.message


@pytest.mark.parametrize(
    ("asked", "first", "count"),
    [
        (["--lesson", "1"], "1.1", 5), (["--lesson", "1,3-4"], "1.1", 16),
        (["--lesson", "1", "--only", "1.2,1.3"], "1.2", 2), (["--only", "1.3"], "1.3", 1),
        (["--lesson", "1", "--exclude", "1.1"], "1.2", 4),
    ],
)  # fmt: skip
def test_what_is_graded_is_the_instructors_choice(asked, first, count):
    """Lessons, of these some, but not others."""
    args = build_parser().parse_args(["grade", "class", "--out", "out", *asked])
    chosen = _chosen(args)
    assert chosen[0] == first and len(chosen) == count


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ([], "--lesson 3"), (["--exclude", "1.1"], "--lesson 3"),
        (["--only", "1.1", "--exclude", "1.1"], "nothing is left"),
    ],
)  # fmt: skip
def test_nothing_is_graded_by_guess(tmp_path, capsys, asked, says):
    """Without a choice no submission is opened, and one line says what to name."""
    place = hand_in(tmp_path / "class", anna=notebook("1"))
    assert main(["grade", str(place), "--out", str(tmp_path / "out"), *asked]) == 1
    said = capsys.readouterr().err
    assert says in said and said.count("\n") == 1 and not (tmp_path / "out").exists()


@pytest.mark.parametrize("text", ["", "0", "1-99", "3-1", "x", "1,,2", "all,1", "99999999-1"])
def test_lessons_that_are_none_are_told(capsys, text):
    """One line names what was expected."""
    with pytest.raises(SystemExit):
        main(["grade", "class", "--out", "out", f"--lesson={text}"])
    assert "expected 3, or 1,3-5, or all" in capsys.readouterr().err


def test_what_is_handed_in_besides_changes_no_total(grade):
    """A call of another lesson's check in a comment makes nobody's total larger."""
    extra = "# check('2.2') check('3.1') check('8.4')"
    ours, theirs = (make_gradebook([grade(NUMBERS, more)], LESSON) for more in ("1", extra))
    assert ours.max_points == theirs.max_points == 8


def test_a_ledger_that_another_grading_keeps_is_one_line(tmp_path, capsys, monkeypatch):
    """It is waited for, and then told, with the way out; what is in it stays."""
    monkeypatch.setattr(results_module, "LOCKED_SECONDS", 0.05)
    place = hand_in(tmp_path / "class", anna=notebook("1"))
    with open_ledger(tmp_path / "out") as ledger:
        ledger.add(Result("anna", "", "graded"), "key")
    other = sqlite3.connect(tmp_path / "out" / "grades.sqlite", isolation_level=None)
    other.execute("begin exclusive")
    asked = ["grade", str(place), "--lesson", "1", "--out", str(tmp_path / "out")]
    assert main(asked) == 1
    said = capsys.readouterr().err
    assert "another grading writes there" in said and said.count("\n") == 1
    other.close()
    with open_ledger(tmp_path / "out") as ledger:
        assert ledger.known("anna", "key")


def test_a_result_of_another_edition_is_as_good_as_none(tmp_path):
    """What a ledger holds in another form is graded anew."""
    with open_ledger(tmp_path) as ledger:
        ledger.add(Result("anna", "", "graded"), "key")
    with sqlite3.connect(tmp_path / "grades.sqlite") as other:
        other.execute("""update results set result = '{"student": "anna", "marks": 3}'""")
    other.close()
    with open_ledger(tmp_path) as ledger:
        assert ledger.known("anna", "key") is None
