"""MNIST under every name it travels by, and what is saved or sent in its place."""

import gzip
import http.server
import io
import pickle
import re
import socket
import sys
import threading
import types
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest
import requests
from conftest import write_idx

from mnist_lab.arrays import DataError, Split
from mnist_lab.data import SHA256, download, download_mnist, find_data, load_mnist, read_data
from mnist_lab.data.formats import PAGES
from mnist_lab.grading import bwrap
from mnist_lab.grading.kit import Kit
from mnist_lab.progress import SILENT

Digits = tuple[Split, Split]


@pytest.fixture(scope="module")
def digits(small) -> Digits:
    """A few of the written digits, to learn from and to test on."""
    return small[0].select(np.arange(40)), small[1].select(np.arange(20))


@pytest.fixture(autouse=True)
def pyarrow(monkeypatch):
    """What reads Parquet; one that reads pickled columns stands in where it is not installed."""
    try:
        import pyarrow
    except ImportError:
        pyarrow = types.ModuleType("pyarrow")
        pyarrow.parquet = types.ModuleType("pyarrow.parquet")
        pyarrow.ArrowException, pyarrow.BufferReader = type("Arrow", (Exception,), {}), bytes
        pyarrow.table, pyarrow.parquet.write_table = Columns, Columns.write
        pyarrow.parquet.read_table = Columns.read
        monkeypatch.setitem(sys.modules, "pyarrow", pyarrow)
        monkeypatch.setitem(sys.modules, "pyarrow.parquet", pyarrow.parquet)
    return pyarrow


class Columns(dict):
    """The little of a pyarrow table that is used here."""

    def __getitem__(self, name):
        return types.SimpleNamespace(to_pylist=lambda: self.get(name))

    @property
    def column_names(self):
        return list(self)

    def write(self, path):
        Path(path).write_bytes(b"PAR1" + pickle.dumps(dict(self)) + b"PAR1")

    @classmethod
    def read(cls, content):
        return cls(pickle.loads(content[4:-4]))


def idx(home="", *, dotted=False, zipped=False, suffix="", folders=False):
    """A writer of the four IDX files, as this or that download or unpacker leaves them."""

    def write(folder: Path, train: Split, test: Split) -> None:
        for name, array in zip(SHA256, [*train, *test], strict=True):
            place = folder / home / (name if folders else "")
            place.mkdir(parents=True, exist_ok=True)
            called = (name.replace("-idx", ".idx") if dotted else name) + suffix
            write_idx(place / called, array, zipped=zipped)

    return write


def npz(folder: Path, train: Split, test: Split) -> None:
    names = "x_train", "y_train", "x_test", "y_test"
    np.savez(folder / "mnist.npz", **dict(zip(names, [*train, *test], strict=True)))


def csv_text(split: Split, *, header=True, label="label", last=False) -> str:
    columns = [split.images.reshape(len(split), -1).astype(int), split.labels[:, None].astype(int)]
    names = [*(f"pixel{k}" for k in range(784)), label]
    if not last:
        columns.reverse()
        names = [names[-1], *names[:-1]]
    rows = [",".join(map(str, row)) for row in np.hstack(columns).tolist()]
    return "\n".join([",".join(names)] * header + rows) + "\n"


def csv(names, *, packed=False, as_saved=str, **how):
    """A writer of two CSV tables."""

    def write(folder: Path, train: Split, test: Split) -> None:
        for name, split in zip(names, (train, test), strict=True):
            content = as_saved(csv_text(split, **how)).encode()
            (folder / name).write_bytes(gzip.compress(content) if packed else content)

    return write


def parquet(home=""):
    """A writer of Hugging Face's two tables: PNGs and labels."""

    def write(folder: Path, train: Split, test: Split) -> None:
        import pyarrow
        import pyarrow.parquet

        (folder / home).mkdir(exist_ok=True)
        for name, split in ("train", train), ("test", test):
            pngs = [cv2.imencode(".png", image)[1].tobytes() for image in split.images]
            pictures = [{"bytes": png, "path": None} for png in pngs]
            table = pyarrow.table({"image": pictures, "label": split.labels.tolist()})
            pyarrow.parquet.write_table(table, folder / home / f"{name}-00000-of-00001.parquet")

    return write


CSV_NAMES = "mnist_train.csv", "mnist_test.csv"
FORMS = {
    "IDX": idx(),
    "IDX, gzip": idx(zipped=True, suffix=".gz"),
    "IDX, dots": idx(dotted=True),
    "IDX, dots, gzip": idx(dotted=True, zipped=True, suffix=".gz"),
    "IDX, unpacked and still called .gz": idx(suffix=".gz"),
    "IDX, packed and not called .gz": idx(zipped=True),
    "IDX, a folder each": idx(dotted=True, folders=True),
    "torchvision": idx("MNIST/raw"),
    "torchvision, MNIST named": idx("raw", zipped=True, suffix=".gz"),
    "Keras": npz,
    "CSV": csv(CSV_NAMES),
    "CSV, no header": csv(CSV_NAMES, header=False),
    "CSV, gzip": csv([f"{name}.gz" for name in CSV_NAMES], packed=True),
    "CSV, label last": csv(CSV_NAMES, last=True, label="class"),
    "CSV, saved by Excel": csv(
        CSV_NAMES, header=False, as_saved=lambda text: "\ufeff" + text.replace("\n", "\r\n")
    ),
    "CSV, Kaggle's names": csv(("train.csv", "test.csv")),
    "Parquet": parquet(),
    "Parquet, below": parquet("mnist"),
}
ONE_OF_EACH = ["IDX, gzip", "Keras", "CSV", "CSV, Kaggle's names", "Parquet"]  # as they are taken


def files_in(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def same(these: Digits, those: Digits) -> bool:
    return these[0].provenance.sha256 == those[0].provenance.sha256


def refusal(place: Path) -> str:
    """The one line in which what is wrong with a place is said."""
    with pytest.raises(DataError) as caught:
        read_data(place)
    text = str(caught.value)
    assert "\n" not in text and "pickle" not in text
    return text


@pytest.mark.parametrize("form", FORMS)
def test_the_same_digits_are_loaded_alike_from_any_form(tmp_path, digits, form):
    """The folder, each file of the form, and the place that is then named all give them."""
    FORMS[form](tmp_path, *digits)
    train, test = read_data(tmp_path)
    for got, wanted in zip((train, test), digits, strict=True):
        assert got.images.dtype == got.labels.dtype == np.uint8
        assert (got.images == wanted.images).all() and (got.labels == wanted.labels).all()
    (tmp_path / "other").mkdir()
    FORMS["IDX"](tmp_path / "other", *digits)
    for place in [*files_in(tmp_path), train.provenance.place]:
        assert same(read_data(place), read_data(tmp_path / "other"))


@pytest.mark.parametrize("first", range(len(ONE_OF_EACH)))
def test_the_first_form_that_is_whole_is_taken(tmp_path, digits, first):
    """In a folder with several the table's order decides; one that lacks files is passed."""
    turned = [Split(255 - split.images, split.labels) for split in digits]
    for form in ONE_OF_EACH[first + 1 :]:
        FORMS[form](tmp_path, *turned)
    FORMS[ONE_OF_EACH[first]](tmp_path, *digits)
    write_idx(tmp_path / "train-labels.idx1-ubyte", digits[0].labels)
    assert (read_data(tmp_path)[1].images == digits[1].images).all()


@pytest.mark.parametrize("form", ONE_OF_EACH)
@pytest.mark.parametrize("page", ["<!DOCTYPE html><html>", "\n<?xml version='1.0'?>", '{"e": 4}'])
def test_a_page_saved_as_data_is_said_to_be_one(tmp_path, digits, form, page):
    """Under whatever name, also where a server packed it."""
    FORMS[form](tmp_path, *digits)
    for path in files_in(tmp_path):
        content = path.read_bytes()
        for sent in (page.encode(), *[gzip.compress(page.encode())] * (path.suffix == ".gz")):
            path.write_bytes(sent)
            said = refusal(path)
            assert f"{path}: is a web page" in said and said.endswith("download it again")
        path.write_bytes(content)


@pytest.mark.parametrize("head", PAGES)
def test_no_form_begins_as_a_page_does(tmp_path, digits, head):
    """What is taken for a page is never data."""
    for name, write in FORMS.items():
        (tmp_path / name).mkdir()
        write(tmp_path / name, *digits)
    assert not [path for path in files_in(tmp_path) if path.read_bytes().startswith(head)]


@pytest.mark.parametrize("form", ["IDX", *ONE_OF_EACH, "CSV, gzip"])
def test_a_download_that_was_cut_short_is_said_to_be(tmp_path, digits, form):
    """Whichever of the files it is, it is named, with the way out."""
    FORMS[form](tmp_path, *digits)
    for path in files_in(tmp_path):
        content = path.read_bytes()
        path.write_bytes(content[: len(content) // 2])
        said = refusal(path)
        assert str(path) in said and "again" in said
        assert "cut short" in said or "its header promises" in said
        path.write_bytes(b"")
        assert str(path) in refusal(path)
        path.write_bytes(content)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda text: text.replace("\n", "\n1", 1), "training part: expected labels from 0 to 9"),
        (lambda text: text.replace(",0\n", ",256\n", 1), "from 0 to 255, got '256'"),
        (lambda text: text.replace(",0\n", ",0.5\n", 1), "from 0 to 255, got '0.5'"),
        (lambda text: text.replace("\n", ",0\n"), "784 pixels in a row.* got 786 columns"),
        (lambda text: text.replace(",", ";"), "with commas between, got 1 column;|got 1 column$"),
        (lambda text: text.split("\n")[0], "holds no digits"),
        (lambda text: "Not Found", "got 1 column$"),
        (lambda text: text[text.index("\n") + 1 :].replace(",", ",x", 1), "got 'x0'"),
        (lambda text: text.replace("\n", ",0\n").replace(",0\n", "\n", 1), "below a header of 785"),
        (lambda text: text.replace("label", "digit").replace("pixel1", "pixel é"), None),
        (lambda text: text.replace("pixel", ""), None),
        (lambda text: text.replace("\n", "\né", 1), "damaged"),
    ],
)
def test_what_is_no_table_of_digits_is_a_line(tmp_path, digits, change, says):
    """Labels, pixels, columns and rows are checked, and what is wrong is said."""
    FORMS["CSV"](tmp_path, *digits)
    path = tmp_path / CSV_NAMES[0]
    path.write_text(change(path.read_text("utf-8")), encoding="utf-8")
    if says is None:
        assert len(read_data(path)[0]) == len(digits[0])
        return
    with pytest.raises(DataError, match=says):
        read_data(path)
    refusal(path)


def without_labels(text: str) -> str:
    return "\n".join(line.partition(",")[2] for line in text.split("\n"))


@pytest.mark.parametrize("header", [True, False])
@pytest.mark.parametrize("beside", [True, False])
def test_without_labels_to_test_on_some_digits_are_held_back_and_said_to_be(
    tmp_path, digits, header, beside
):
    """As Kaggle gives it: each digit is in one part, all labels in both, and the notice says why."""
    path = tmp_path / "train.csv"
    path.write_text(csv_text(digits[0], header=header))
    if beside:
        (tmp_path / "test.csv").write_text(without_labels(csv_text(digits[1], header=header)))
    train, test = read_data(tmp_path)
    both = np.concatenate([train.images, test.images])
    assert sorted(map(bytes, both)) == sorted(map(bytes, digits[0].images))
    assert len(test) == len(both) // 7 + 1 or len(test) == len(both) // 7
    origin = test.provenance
    assert not origin.verified and origin.name != "MNIST" and "held back" in origin.notice
    assert ("test.csv has no labels" in origin.notice) == beside
    assert same(read_data(origin.place), (train, test))


def test_pixels_alone_are_nothing_to_learn_from(tmp_path, digits):
    """Kaggle's test.csv by itself, and a table too small to hold digits of it back."""
    path = tmp_path / "test.csv"
    path.write_text(without_labels(csv_text(digits[1])))
    assert "has pixels and no labels" in refusal(path)
    (tmp_path / "few.csv").write_text(csv_text(digits[0].select(np.arange(6))))
    assert "too few digits to hold some back" in refusal(tmp_path / "few.csv")


def test_parquet_of_something_else_is_a_line(tmp_path, digits, pyarrow, monkeypatch):
    """Other columns, pictures of another size, no picture; and a computer without pyarrow."""
    FORMS["Parquet"](tmp_path, *digits)
    path = tmp_path / "train-00000-of-00001.parquet"
    right = cv2.imencode(".png", digits[0].images[0])[1].tobytes()
    large = cv2.imencode(".png", np.zeros((32, 32), np.uint8))[1].tobytes()
    for columns, says in [
        ({"text": ["a"], "label": [1]}, "expected the columns image and label, got text, label"),
        ({"image": [{"bytes": large, "path": None}], "label": [1]}, "28 by 28 pixels in row 0"),
        ({"image": [{"bytes": b"no", "path": None}], "label": [1]}, "28 by 28 pixels in row 0"),
        ({"image": [{"bytes": large, "path": None}]}, "images and no labels"),
        ({"image": [{"bytes": right, "path": None}], "label": [None]}, "of whole numbers"),
        ({"image": [{"bytes": right, "path": None}], "label": ["1"]}, "of whole numbers"),
        ({"image": [], "label": []}, "no digits"),
    ]:
        pyarrow.parquet.write_table(pyarrow.table(columns), path)
        assert says in refusal(path)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    assert "pip install pyarrow" in refusal(path)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("digit-recognizer.zip", "is an archive; unpack it"),
        ("digits.txt", "has none of the names"),
        ("train-images-idx3-ubyte", "has no train-labels-idx1-ubyte"),
    ],
)
def test_a_file_that_is_no_form_says_what_is_wanted(tmp_path, name, says):
    """An archive is to be unpacked, one file of four wants the others; the folder says so too."""
    write_idx(tmp_path / name, np.zeros((1, 28, 28), np.uint8))
    assert says in refusal(tmp_path / name)
    wanted = {
        "digit-recognizer.zip": "unpack digit-recognizer.zip first",
        "digits.txt": "--download",
    }
    assert wanted.get(name, says) in refusal(tmp_path)


def test_load_mnist_unpacks_as_every_tutorial_writes_it(tmp_path, digits):
    """Arrays in Keras' order, beside splits with their provenance, whose length is of digits."""
    FORMS["Keras"](tmp_path, *digits)
    (x_train, y_train), (x_test, y_test) = load_mnist(tmp_path, progress=SILENT)
    train, test = load_mnist(tmp_path, progress=SILENT)
    assert len(train) == len(x_train) == len(y_train) == 40
    for array, wanted in zip((x_train, y_train, x_test, y_test), [*train, *test], strict=True):
        assert type(array) is np.ndarray and array.dtype == np.uint8 and (array == wanted).all()
    assert train.provenance and x_train.shape[1:] == (28, 28)


@pytest.mark.skipif(bool(bwrap.why_no_sandbox()), reason="bubblewrap does not work here")
@pytest.mark.parametrize("form", ["Keras", "CSV", "Parquet", "torchvision"])
def test_a_sandbox_sees_all_of_the_data_and_nothing_beside_it(tmp_path, digits, form):
    """The files of the form, or their folder, are what is bound."""
    FORMS[form](tmp_path, *digits)
    (tmp_path / "answers.txt").write_text("")
    found = find_data(tmp_path)
    kit = Kit(tmp_path / "kit", str(found.place), {})
    words = bwrap.bwrap_command(kit, connection=tmp_path / "s", work=tmp_path / "w")
    bound = {Path(at) for word, at in pairwise(words) if word.startswith("--ro-bind")}
    assert all({path, path.parent} & bound for path in found.files)
    assert not {tmp_path, tmp_path / "answers.txt"} & bound


class Proxy(http.server.BaseHTTPRequestHandler):
    """A proxy on this machine that lets nobody through."""

    status = 0

    def do_CONNECT(self) -> None:
        self.send_error(self.status)

    def do_GET(self) -> None:
        self.send_error(self.status)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def proxy(monkeypatch):
    """Its address, as the one that is to be asked for everything."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{server.server_port}")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    yield
    server.shutdown()
    server.server_close()


def download_refusal(folder: Path, *mirrors: str) -> str:
    with pytest.raises(DataError) as caught:
        download_mnist(folder, mirrors=mirrors, progress=SILENT)
    text = str(caught.value)
    assert "\n" not in text and not folder.exists()
    return text


@pytest.mark.usefixtures("proxy")
@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize(
    ("status", "says"),
    [
        (403, "403.*(ask who runs it|try another network)"),
        (407, "407.*your name and password.*HTTPS_PROXY="),
    ],
)
def test_a_proxy_that_refuses_is_named_with_what_to_do(tmp_path, monkeypatch, scheme, status, says):
    """Its number and the next step, whether or not it was to open a tunnel."""
    monkeypatch.setattr(Proxy, "status", status)
    said = download_refusal(tmp_path / "mnist", f"{scheme}://mirror.example/")
    assert re.search(f"mirror.example: .*{says}", said)


CAUSES = {
    "the certificate is not trusted: check": requests.exceptions.SSLError("self-signed"),
    "through the proxy that HTTPS_PROXY names: check": requests.exceptions.ProxyError(
        "NameResolutionError"
    ),
    "did not answer in time: try": requests.ConnectTimeout(),
    "reached, or broke off: try": requests.ConnectionError("refused"),
    "broke off: try": requests.exceptions.ChunkedEncodingError("IncompleteRead"),
    "invalid path: /no.pem): check": OSError("invalid\npath: /no.pem"),
    "(malformed): check HTTPS_PROXY": requests.exceptions.InvalidProxyURL("malformed"),
}


@pytest.mark.parametrize("says", CAUSES)
def test_what_keeps_a_mirror_away_is_named_once_with_what_to_do(tmp_path, monkeypatch, says):
    """Whatever requests raises; mirrors that failed alike share a sentence."""

    def get(*_, **__):
        raise CAUSES[says]

    monkeypatch.setattr(requests, "get", get)
    said = download_refusal(tmp_path / "mnist", "https://one.example/", "https://two.example/")
    assert "one.example, two.example: " in said and said.count(says) == 1


def test_a_name_that_does_not_resolve_is_told_from_a_dead_mirror(tmp_path, monkeypatch):
    """As on a computer without a network: the look-up itself fails."""

    def fail(*_, **__):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    monkeypatch.setenv("NO_PROXY", "*")
    said = download_refusal(tmp_path / "mnist", "https://one.example/", "http://two.example/")
    assert "one.example, two.example: the name was not found: check" in said


@pytest.mark.parametrize("status", [200, 511])
def test_a_login_page_is_not_taken_for_a_mirror(tmp_path, monkeypatch, status):
    """What a captive portal answers, with whatever status, asks for a browser."""
    answer = requests.Response()
    answer.status_code, answer.raw = (
        status,
        io.BytesIO(b"<html>Welcome to the guest network</html>"),
    )
    monkeypatch.setattr(requests, "get", lambda *_, **__: answer)
    said = download_refusal(tmp_path / "mnist", "https://one.example/")
    assert "wants a login: log in with a browser" in said


@pytest.mark.parametrize("form", ONE_OF_EACH)
def test_usual_places_are_searched_for_every_form(digits, monkeypatch, form):
    """What lies in the cache under any of the names is found, and taken if it is MNIST."""
    folder = download.cache_folder()
    folder.mkdir(parents=True)
    FORMS[form](folder, *digits)
    for name, digest in read_data(folder)[0].provenance.sha256.items():
        monkeypatch.setitem(SHA256, name, digest)
    train, _ = load_mnist(progress=SILENT)
    assert train.provenance.verified and (train.images == digits[0].images).all()
