"""One grading call over a class of honest and hostile students: each gets what it earned."""

import csv
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import zipfile
from contextlib import suppress
from pathlib import Path
from xml.etree import ElementTree

import psutil
import pytest
from submissions import honest, hostile, write
from submissions.student import saved, short
from submissions.tables import tables

from mnist_lab.grading import (
    SOLUTION,
    Options,
    Result,
    collect,
    grade_all,
    has_sandbox,
    local_workers,
    make_gradebook,
    open_ledger,
    write_pages,
)

CELL_SECONDS = 12
MEMORY = 700  # megabytes
GRADER_MEMORY = 200e6  # bytes; 140 to 160 million were measured
SANDBOX = has_sandbox(required=False)
ORDINARY = 61_234  # a user's number
AS_BOTH = SANDBOX and os.geteuid() == 0 and bool(shutil.which("setpriv"))
WORDS = {
    "CANARY": secrets.token_hex(20),
    "NUMBER": f"8{secrets.randbelow(10**6)}",
    "HERE": str(Path(__file__).parents[1]),
    "OUTSIDE": "/nowhere",
    "ABSTRACT": f"mnist-lab-{secrets.token_hex(4)}",
    "PORT": "9",
}
HONEST, HOSTILE = honest(), hostile(WORDS, Path("/nowhere"))
EARNED = {student.name: student for student in [*HONEST, *(HOSTILE if SANDBOX else [])]}
closed = pytest.mark.skipif(not SANDBOX, reason="hostile code: needs bubblewrap, which is not here")
pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="the class has names that only Linux can hold"
)


def _running() -> list[list[str]]:
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            found.append(process.cmdline())
    return found


def _listing(folder: Path) -> dict[str, tuple[int, int]]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path): (path.stat().st_size, path.stat().st_mtime_ns) for path in files}


def _as_ordinary_user(command: list[str]) -> list[str]:
    """The command, run by a user who may do little, where root runs the tests.

    Python and this project are seen at their places, whatever folder of root's they lie in.
    """
    seen = {Path(sys.prefix), Path(sys.base_prefix), Path(WORDS["HERE"])}
    mounts = ["--dev-bind", "/", "/"]
    barred = {p for path in seen for p in path.parents if not p.stat().st_mode & 1}
    for closed in sorted(p for p in barred if barred.isdisjoint(p.parents)):
        inside = sorted(path for path in seen if path.is_relative_to(closed))
        mounts += ["--perms", "0755", "--tmpfs", str(closed)]
        down = sorted({p for path in inside for p in path.parents if p.is_relative_to(closed)})
        mounts += [part for p in down[1:] for part in ("--perms", "0755", "--dir", str(p))]
        mounts += [part for path in inside for part in ("--dev-bind", str(path), str(path))]
    user = ["--reuid", str(ORDINARY), "--regid", str(ORDINARY), "--clear-groups"]
    return ["bwrap", "--die-with-parent", *mounts, "--", "setpriv", *user, "--", *command]


class Graded:
    """A class, graded by one call of the command line, and what stood around it."""

    def __init__(self, folder: Path, data: Path, *, ordinary: bool) -> None:
        self.folder, self.outside, self.out = folder, folder / "outside", folder / "out"
        self.outside.mkdir()
        (self.outside / "solved.ipynb").write_bytes(saved(short()))
        (self.outside / "other.txt").write_text(WORDS["CANARY"])
        secret = self.outside / "secret"
        secret.write_text(WORDS["CANARY"])
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.abstract = self._abstract()
        words = {
            **WORDS,
            "CANARY": WORDS["CANARY"][::-1],
            "OUTSIDE": str(self.outside),
            "PORT": str(self.listener.getsockname()[1]),
        }
        write([*HONEST, *(hostile(words, self.outside) if SANDBOX else [])], folder / "class")
        self.before = _listing(self.outside) | _listing(folder / "class")
        (folder / "tmp").mkdir()
        shutil.copytree(data, folder / "data")
        command = [
            *(sys.executable, "-m", "mnist_lab", "grade", str(folder / "class")),
            *("--lesson", "1", "--jobs", "2"),
            *("--out", str(self.out), "--secret-file", str(secret), "--data", str(folder / "data")),
            *("--timeout", str(CELL_SECONDS), "--memory", str(MEMORY), "--similarity"),
        ]
        env = {**os.environ, "TMPDIR": str(folder / "tmp"), "CANARY": WORDS["CANARY"]}
        if ordinary:
            command = _as_ordinary_user(command)
            env["HOME"] = str(folder / "home")
            (folder / "home").mkdir()
            for path in (folder, *folder.rglob("*")):
                os.chown(path, ORDINARY, ORDINARY, follow_symlinks=False)
        with (folder / "said").open("wb") as said:
            grader = subprocess.Popen(command, env=env, stdout=said, stderr=said)
            self.memory = self._watch(grader)
        self.status = grader.wait()
        self.said = (folder / "said").read_text(encoding="utf-8", errors="replace")
        self.left = [c for c in _running() if str(folder) in str(c) or WORDS["NUMBER"] in c]

    def _abstract(self) -> socket.socket:
        line = socket.socket(socket.AF_UNIX)
        line.bind(f"\0{WORDS['ABSTRACT']}")
        line.listen()
        return line

    def _watch(self, grader: subprocess.Popen) -> int:
        """The most memory that the grader itself has used, in bytes."""
        most, process = 0, psutil.Process(grader.pid)
        while grader.poll() is None:
            with suppress(psutil.Error):
                if process.name() == "bwrap":  # what it has started is the grader
                    (process,) = process.children() or [process]
                most = max(most, process.memory_info().rss)
            with suppress(subprocess.TimeoutExpired):
                grader.wait(0.2)
        return most

    def of(self, name: str) -> dict:
        """What the gradebook says of a student."""
        book = json.loads((self.out / "gradebook.json").read_text(encoding="utf-8"))
        (found,) = [each for each in book["students"] if each["student"] == name]
        return found


@pytest.fixture(scope="module", params=[False, True] if AS_BOTH else [False],
                ids=["as root", "as an ordinary user"] if AS_BOTH else ["as who tests"])  # fmt: skip
def graded(small_folder, request):
    """The class, graded once; a short path, for the sockets' sake."""
    folder = Path(tempfile.mkdtemp(prefix="rt-"))
    found = Graded(folder, small_folder, ordinary=request.param)
    yield found
    for line in (found.listener, found.abstract):
        line.close()
    shutil.rmtree(folder)


@pytest.mark.parametrize(
    "name",
    [*(each.name for each in HONEST), *(pytest.param(e.name, marks=closed) for e in HOSTILE)],
)
def test_each_student_gets_what_was_earned(graded, name):
    """The points of each exercise, the status, and the reason, whoever came before."""
    must, found = EARNED[name], graded.of(name)
    told = [*found["notes"], *(f"{e['message']} {e['error']}" for e in found["earned"])]
    assert {each["id"]: each["points"] for each in found["earned"]} == must.earns, told
    assert found["status"] == must.status, told
    assert must.says in " ".join(told)


def test_the_grader_survives(graded):
    """It ends well, in a gradebook with a row for everybody, whatever was tried."""
    assert graded.status == 0, graded.said[-3000:]
    assert "Traceback" not in graded.said and "\x1b[31m" not in graded.said
    with (graded.out / "gradebook.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(EARNED)
    assert not [row for row in rows if row["student"].startswith("=")]


def test_who_took_the_published_solution_is_listed(graded):
    """Similarity reads the same class, hostile notebooks and all, and runs nothing of it."""
    with (graded.out / "similarity.csv").open(encoding="utf-8", newline="") as file:
        found = {row["student"]: row for row in csv.DictReader(file)}
    assert found["full"]["same as"] == SOLUTION and "blank" not in found


def test_nothing_is_left_running(graded):
    """No kernel outlives the call, nor anything that it has started."""
    assert graded.left == []


def test_nothing_is_written_outside(graded):
    """What was handed in is as it was, and so is what lies beside it; no temporary file stays."""
    assert _listing(graded.outside) | _listing(graded.folder / "class") == graded.before
    assert list((graded.folder / "tmp").iterdir()) == []
    assert not list(Path(WORDS["HERE"]).rglob("mnist-lab-was-here"))


def test_nobody_calls_home(graded):
    """No connection has come from a kernel, by address or by name."""
    for line in (graded.listener, graded.abstract):
        line.setblocking(False)
        with pytest.raises(BlockingIOError):
            line.accept()


def test_the_grader_stays_small(graded):
    """Neither a notebook of 200 MB nor an endless output is kept in its memory."""
    assert graded.memory < GRADER_MEMORY


def test_what_other_programs_read_is_well_formed(graded):
    """Names with control characters and errors that are markup leave the XML whole."""
    cases = ElementTree.parse(graded.out / "junit.xml").iter("testcase")
    assert sum(1 for _ in cases) >= len(EARNED)


@closed
def test_public_answers_earn_nothing_in_a_class(tmp_path, small_folder):
    """Two students for each exercise of the course: its public answers by table, and in order."""
    students = list(tables())
    write(students, tmp_path / "class")
    with collect(tmp_path / "class") as found, open_ledger(tmp_path / "out") as ledger:
        options = Options(secret=secrets.token_bytes(8), data=str(small_folder))
        results = grade_all(found, options, ledger, workers=local_workers(2))
    assert len(results) == len(students) > 80
    for result in results:
        (earned,) = result.earned
        assert (result.status, earned.points) == ("graded", 0), (earned, result.notes)
        assert earned.verdict == "wrong", earned


def test_a_zip_is_unpacked_nowhere_else(tmp_path):
    """Paths out of it, from the root, or by a link are left out; the rest is read."""
    link = zipfile.ZipInfo("Bob/link.ipynb")
    link.external_attr = 0o120777 << 16
    names = [
        "../x/a.ipynb",
        "/tmp/rt-evil.ipynb",
        "..\\y\\a.ipynb",
        "C:\\a.ipynb",
        "Ann/../../z.ipynb",
    ]
    with zipfile.ZipFile(tmp_path / "class.zip", "w") as archive:
        for name in [*names, "Ann/a.ipynb", "Bob/b.ipynb"]:
            archive.writestr(name, "{}")
        archive.writestr(link, str(tmp_path / "class.zip"))
    with collect(tmp_path / "class.zip") as found:
        files = {each.student: each.files for each in found}
    assert files == {"Ann": ("a.ipynb",), "Bob": ("b.ipynb",)}
    assert [path.name for path in tmp_path.iterdir()] == ["class.zip"]
    assert not Path("/tmp/rt-evil.ipynb").exists()


@pytest.mark.parametrize(
    "student", ["../x", "/tmp/rt-x", "..", "", ".", "a/b", "\0", "x" * 300, "CON"]
)
def test_a_name_is_no_path(tmp_path, student):
    """Whatever a student is called, their page is in the folder of pages."""
    (tmp_path / "out").mkdir()
    result = Result(student, "", "graded")
    write_pages(make_gradebook([result, result], ["1.1"]), tmp_path / "out")
    pages = [path.parent for path in tmp_path.rglob("*.html")]
    assert pages.count(tmp_path / "out" / "feedback") == 2 and len(pages) == 3


def test_nothing_handed_in_acts_in_a_page(graded):
    """Names and errors that are markup are text in the feedback, and none tells a secret."""
    pages = [path.read_text(encoding="utf-8") for path in graded.out.rglob("*.html")]
    assert len(pages) > len(EARNED)
    for page in pages:
        assert "<script>alert" not in page and "<img src=x" not in page
        assert WORDS["CANARY"] not in page and str(graded.outside) not in page


def test_no_hidden_input_is_told(graded):
    """Whatever a kernel says once it has hidden inputs is in no file that is written."""
    for path in graded.out.rglob("*.*"):
        assert b"SEEN hidden" not in path.read_bytes(), path
