"""Finding, fetching, verifying and reading the data."""

import contextlib
import gzip
import hashlib
import http.server
import inspect
import os
import subprocess
import sys
import threading
import zipfile
from pathlib import Path

import numpy as np
import pytest
from conftest import write_idx

from mnist_lab import images, synth
from mnist_lab.arrays import DataError
from mnist_lab.data import (
    SHA256,
    STAND_IN,
    download,
    download_mnist,
    formats,
    load_mnist,
    read_data,
    read_idx,
    stand_in,
    stand_in_file,
)
from mnist_lab.files import CannotWrite
from mnist_lab.progress import SILENT, Progress

FIRST = next(iter(SHA256))


class Heard(Progress):
    """Keeps what it is told."""

    def __init__(self):
        self.lines, self.steps = [], []

    def say(self, line):
        self.lines.append(line)

    def step(self, done, total, what=""):
        self.steps.append((done, total, what))


@pytest.mark.parametrize("zipped", [False, True])
@pytest.mark.parametrize("shape", [(0,), (7,), (3, 28, 28), (2, 3, 4, 5)])
def test_idx_gives_back_what_was_written(tmp_path, zipped, shape):
    """Reading undoes writing, plain or gzip, whatever the dimensions."""
    array = np.random.default_rng(0).integers(0, 256, shape).astype(np.uint8)
    path = write_idx(tmp_path / "array", array, zipped=zipped)
    assert (read_idx(path) == array).all()


def cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


def bomb(_: bytes) -> bytes:
    return gzip.compress(b"\0" * (formats.MAX_DATA_BYTES + 1))


@pytest.mark.parametrize(
    ("zipped", "damage", "says"),
    [
        (True, cut, "cut short"),
        (True, lambda content: content[:20] + b"junk" + content[24:], "damaged|cut short"),
        (True, bomb, "far larger"),
        (False, cut, "its header promises"),
        (False, lambda content: content + b"\0", "its header promises"),
        (False, lambda content: b"<html>404</html>", "not an IDX file"),
        (False, lambda content: b"\0\0\x0d\x03" + content[4:], "not an IDX file"),
        (False, lambda content: b"", "not an IDX file"),
        (False, lambda content: content[:3], "not an IDX file"),
    ],
)
def test_damaged_idx_is_refused_in_one_line(tmp_path, zipped, damage, says):
    """Whatever is wrong with a file, its name and what is wrong are said."""
    array = np.random.default_rng(0).integers(0, 256, (30, 28, 28)).astype(np.uint8)
    path = write_idx(tmp_path / "array", array, zipped=zipped)
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(DataError, match=says) as caught:
        read_idx(path)
    assert str(path) in str(caught.value) and "\n" not in str(caught.value)


def test_folder_of_your_own_is_read_and_said_not_to_be_mnist(idx_folder, small):
    """Other data in MNIST's form works, under its own name and with a notice."""
    heard = Heard()
    train, test = load_mnist(idx_folder, progress=heard)
    assert (train.images == small[0].images).all() and (test.labels == small[1].labels).all()
    assert not train.provenance.verified
    assert "not MNIST's own bytes" in heard.lines[-1]


def test_npz_and_idx_have_the_same_checksums(idx_folder, small, tmp_path):
    """What verifies is the arrays, whatever they are packed in."""
    train, test = small
    path = tmp_path / "own.npz"
    np.savez_compressed(
        path,
        x_train=train.images,
        y_train=train.labels,
        x_test=test.images,
        y_test=test.labels,
    )
    packed, _ = read_data(path)
    plain, _ = read_data(idx_folder)
    assert packed.provenance.sha256 == plain.provenance.sha256
    name = "train-images-idx3-ubyte"
    digest = hashlib.sha256((idx_folder / name).read_bytes()).hexdigest()
    assert plain.provenance.sha256[name] == digest


def test_checksums_say_which_part_changed(idx_folder):
    """One pixel more, and the data does not verify any longer."""
    before = read_data(idx_folder)[0].provenance.sha256
    path = idx_folder / "t10k-images-idx3-ubyte"
    content = bytearray(path.read_bytes())
    content[500] ^= 1
    path.write_bytes(content)
    after = read_data(idx_folder)[0].provenance.sha256
    assert [name for name in SHA256 if before[name] != after[name]] == [path.name]


def change_labels(folder: Path) -> None:
    labels = read_idx(folder / "train-labels-idx1-ubyte").copy()
    labels[3] = 12
    write_idx(folder / "train-labels-idx1-ubyte", labels)


def drop_labels(folder: Path) -> None:
    labels = read_idx(folder / "train-labels-idx1-ubyte")
    write_idx(folder / "train-labels-idx1-ubyte", labels[:-1])


def make_smaller(folder: Path) -> None:
    images = read_idx(folder / "t10k-images-idx3-ubyte")
    write_idx(folder / "t10k-images-idx3-ubyte", np.ascontiguousarray(images[:, ::2]))


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (change_labels, "labels from 0 to 9, got 12 at position 3"),
        (drop_labels, "512 images and 511 labels"),
        (make_smaller, "expected digits"),
        (lambda folder: (folder / FIRST).unlink(), "all four files are needed"),
        (lambda folder: [path.unlink() for path in folder.iterdir()], "under none of the names"),
    ],
)
def test_folder_that_disagrees_with_itself_is_refused(idx_folder, spoil, says):
    """A folder is taken whole and consistent, or not at all."""
    spoil(idx_folder)
    with pytest.raises(DataError, match=says) as caught:
        read_data(idx_folder)
    assert str(idx_folder) in str(caught.value)


def test_missing_or_odd_places_are_refused(tmp_path):
    """No folder there, or an .npz that is none."""
    with pytest.raises(DataError, match="no such folder"):
        read_data(tmp_path / "nowhere")
    (tmp_path / "text.npz").write_text("not a zip")
    with pytest.raises(DataError, match="not an"):
        read_data(tmp_path / "text.npz")
    np.savez(tmp_path / "half.npz", x_train=np.zeros((1, 28, 28), np.uint8))
    with pytest.raises(DataError, match="has no y_train, x_test, y_test"):
        read_data(tmp_path / "half.npz")


@pytest.mark.parametrize("shape", [b"(9, 28", b"(-1,)", b"9" * 30, b"[9]", b"'"])
def test_npz_with_a_damaged_header_is_refused(tmp_path, shape):
    """Whatever numpy makes of it, the file is named in one line."""
    head = b"{'descr': '|u1', 'fortran_order': False, 'shape': " + shape + b"}\n"
    with zipfile.ZipFile(tmp_path / "mnist.npz", "w") as file:
        for name in ("x_train", "y_train", "x_test", "y_test"):
            size = len(head).to_bytes(2, "little")
            file.writestr(f"{name}.npy", b"\x93NUMPY\x01\0" + size + head)
    with pytest.raises(DataError, match="that can be read") as caught:
        read_data(tmp_path)
    assert "\n" not in caught.value.args[0]


def test_npz_that_holds_a_bare_array_is_refused(tmp_path):
    """A file that np.save wrote, under another's name, is a line, not a traceback."""
    np.save(tmp_path / "bare.npy", np.zeros(3))
    (tmp_path / "bare.npy").rename(tmp_path / "bare.npz")
    with pytest.raises(DataError, match=r"bare\.npz: not an \.npz file"):
        read_data(tmp_path / "bare.npz")


def test_pickled_npz_is_never_unpickled(tmp_path):
    """An object array could run code: it is refused."""
    path = tmp_path / "evil.npz"
    np.savez(path, **dict.fromkeys(formats.NPZ_NAMES, np.array([{"a": 1}], dtype=object)))
    with pytest.raises(DataError, match="allow_pickle"):
        read_data(path)


def test_named_place_is_never_replaced_by_another(idx_folder, monkeypatch):
    """A place that was asked for and is broken is an error, not a reason to look elsewhere."""
    (idx_folder / FIRST).unlink()
    monkeypatch.setenv("MNIST_LAB_DATA", str(idx_folder))
    with pytest.raises(DataError, match="all four"):
        load_mnist(progress=SILENT)


def test_damaged_cache_is_passed_over_and_said(idx_folder, small_folder, monkeypatch):
    """What lies in a usual place and does not verify is named, and the search goes on."""
    monkeypatch.setattr(download, "cache_folder", lambda: idx_folder)
    monkeypatch.setattr(stand_in, "load_stand_in", lambda *, progress: read_data(small_folder))
    heard = Heard()
    train, _ = load_mnist(progress=heard)
    assert train.provenance.place == str(small_folder)
    assert heard.lines[0].startswith(f"Passed over: {idx_folder}")
    assert "could not be downloaded" in heard.lines[1]


@pytest.fixture
def quick_writer(monkeypatch):
    """The writer, writing 600 digits instead of 70,000; counts how often it is asked."""
    asked = []

    def make_split(*, progress):
        asked.append(progress)
        return whole_split(500, 100, progress=progress)

    whole_split = synth.make_split
    monkeypatch.setattr(synth, "make_split", make_split)
    return asked


@pytest.mark.usefixtures("quick_writer")
def test_without_any_mnist_the_stand_in_says_so():
    """Digits in MNIST's form, and a notice that says what they are and the way to real ones."""
    heard = Heard()
    train, test = load_mnist(progress=heard)
    said = heard.lines
    assert train.images.shape == (500, 28, 28) and len(test) == 100
    assert said[-1].startswith("THIS IS NOT MNIST") and "--download" in said[-1]
    assert "written by a program" in said[-1] and not train.provenance.verified
    assert heard.steps[-1] == (600, 600, "writing digits")


def test_stand_in_is_written_again_if_and_only_if_its_writer_changes(tmp_path, monkeypatch):
    """Another byte in what writes digits makes another file; what loads pictures plays no part."""
    assert Path(inspect.getfile(images.load_image)) not in synth.WRITER_FILES
    assert Path(inspect.getfile(images.to_digit)) in synth.WRITER_FILES
    copies = [tmp_path / f"{k} {path.name}" for k, path in enumerate(synth.WRITER_FILES)]
    for copy, path in zip(copies, synth.WRITER_FILES, strict=True):
        copy.write_bytes(path.read_bytes())
    before = stand_in_file()
    monkeypatch.setattr(synth, "WRITER_FILES", tuple(copies))
    assert stand_in_file() == before
    copies[-1].write_bytes(copies[-1].read_bytes() + b"#")
    assert stand_in_file() != before


def test_stand_in_is_kept_and_verified(quick_writer):
    """It is written once; a damaged copy is written again; the digits stay the same."""
    first, _ = load_mnist(STAND_IN, progress=SILENT)
    second, _ = load_mnist(STAND_IN, progress=SILENT)
    assert len(quick_writer) == 1 and (first.images == second.images).all()
    [kept] = download.cache_folder().parent.iterdir()
    content = bytearray(kept.read_bytes())
    content[5000] ^= 1
    kept.write_bytes(content)
    third, _ = load_mnist(STAND_IN, progress=SILENT)
    assert len(quick_writer) == 2 and (third.images == first.images).all()


@pytest.mark.usefixtures("quick_writer")
def test_stand_in_works_where_nothing_can_be_kept(tmp_path, monkeypatch):
    """Without a cache that can be written it still serves, and says so."""
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(download, "cache_folder", lambda: tmp_path / "file" / "cache" / "mnist")
    heard = Heard()
    assert len(load_mnist(STAND_IN, progress=heard)[0]) == 500
    assert "not kept" in heard.lines[0]


class Mirror(http.server.BaseHTTPRequestHandler):
    """A mirror on this machine that behaves as its address says."""

    files: dict[str, bytes] = {}

    def do_GET(self) -> None:
        manner, name = self.path.strip("/").split("/")
        content = self.files[name]
        if manner == "gone":
            self.send_error(404)
            return
        if manner == "page":
            content = b"<html>Please log in to the network</html>"
        self.send_response(200)
        if manner != "unsized":
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content[: len(content) // 2] if manner == "cut" else content)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def mirror(idx_folder, monkeypatch):
    """The address of a mirror that has the small files, whose checksums are the right ones."""
    files = {name: (idx_folder / name).read_bytes() for name in SHA256}
    Mirror.files = {f"{name}.gz": gzip.compress(content) for name, content in files.items()}
    for name, content in files.items():
        monkeypatch.setitem(SHA256, name, hashlib.sha256(content).hexdigest())
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Mirror)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_download_verifies_and_is_found_again(mirror, tmp_path):
    """A download lands whole, verifies, and is not fetched twice."""
    folder = tmp_path / "new folder" / "mnist"
    download_mnist(folder, mirrors=(f"{mirror}/good/",))
    assert read_data(folder)[0].provenance.verified
    assert sorted(path.name for path in folder.iterdir()) == sorted(SHA256)
    download_mnist(folder, mirrors=())


@pytest.mark.parametrize(
    ("manner", "says"),
    [("gone", "answered 404"), ("page", "web page came instead.*log in"), ("cut", "broke off")],
)
def test_bad_mirror_is_named_and_leaves_nothing(mirror, tmp_path, manner, says):
    """An error page with status 200, a cut download, a 404: said, and nothing is kept."""
    folder = tmp_path / "mnist"
    with pytest.raises(DataError, match=says):
        download_mnist(folder, mirrors=(f"{mirror}/{manner}/",))
    assert not folder.exists()


def test_certificate_and_proxy_are_named(mirror, tmp_path, monkeypatch):
    """What stands between a school and a mirror is told from a dead mirror, with the next step."""
    secure = mirror.replace("http://", "https://")
    with pytest.raises(DataError, match=r"certificate.*REQUESTS_CA_BUNDLE"):
        download_mnist(tmp_path / "mnist", mirrors=(f"{secure}/good/",))
    monkeypatch.delenv("NO_PROXY")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with pytest.raises(DataError, match="proxy") as caught:
        download_mnist(tmp_path / "mnist", mirrors=("http://mirror.example/",))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("manner", ["good", "cut", "unsized"])
def test_download_tells_its_bytes_and_the_bar_goes_away(mirror, tmp_path, manner):
    """Each file's bytes are told; the last step of each is full, however it ended."""
    heard = Heard()
    with contextlib.suppress(DataError):
        download_mnist(tmp_path / "mnist", mirrors=(f"{mirror}/{manner}/",), progress=heard)
    files = {what: (done, total) for done, total, what in heard.steps}
    assert len(files) == (1 if manner == "cut" else 4)
    assert all(done == total > 0 for done, total in files.values())
    assert all(what.startswith("downloading ") for what in files)


def test_next_mirror_is_tried(mirror, tmp_path):
    """A dead mirror and a lying one do not keep the third from serving."""
    mirrors = ("http://127.0.0.1:9/", f"{mirror}/page/", f"{mirror}/good/")
    assert read_data(download_mnist(tmp_path / "mnist", mirrors=mirrors))[0].provenance.verified


def test_cache_that_cannot_be_written_is_said(mirror, tmp_path):
    """The error names the folder and the way out."""
    blocked = tmp_path / "a file"
    blocked.write_text("")
    with pytest.raises(CannotWrite, match=r"a file.*give another place"):
        download_mnist(blocked / "mnist", mirrors=(f"{mirror}/good/",))


def test_two_processes_can_fill_the_cache_at_once(mirror, tmp_path):
    """Both succeed, and what lies there in the end is whole."""
    folder = tmp_path / "mnist"
    program = (
        "import sys; from mnist_lab import data\n"
        f"data.SHA256.update({dict(SHA256)!r})\n"
        "data.download_mnist(sys.argv[1], mirrors=(sys.argv[2],))"
    )
    command = [sys.executable, "-c", program, str(folder), f"{mirror}/good/"]
    both = [subprocess.Popen(command, env=dict(os.environ)) for _ in range(2)]
    assert [process.wait() for process in both] == [0, 0]
    assert sorted(path.name for path in folder.iterdir()) == sorted(SHA256)
    assert read_data(folder)[0].provenance.verified


@pytest.mark.real_mnist
def test_real_mnist_verifies(mnist_place):
    """The 70,000 canonical digits, to the byte."""
    train, test = load_mnist(mnist_place, progress=SILENT)
    assert (len(train), len(test)) == (60_000, 10_000)
    assert train.provenance.verified and not train.provenance.notice
    assert np.bincount(train.labels).tolist()[:3] == [5923, 6742, 5958]
