"""What the tests share: small data, a home of their own, and real MNIST where it is."""

import gzip
import os
import shutil
import signal
import struct
from pathlib import Path

import hypothesis
import numpy as np
import pytest

from mnist_lab import data, synth
from mnist_lab.arrays import DataError, Split

os.environ["MPLBACKEND"] = "agg"
hypothesis.settings.register_profile("kit", deadline=None)  # a loaded machine is no fault
hypothesis.settings.load_profile("kit")
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it
if os.environ.get("MNIST_LAB_DATA"):  # kernels and processes start elsewhere
    os.environ["MNIST_LAB_DATA"] = str(Path(os.environ["MNIST_LAB_DATA"]).resolve())


def real_mnist() -> str | None:
    """Where real MNIST is, if it is here; never a download."""
    places = [Path(os.environ.get("MNIST_LAB_DATA", "nowhere")), *data.usual_places()]
    for place in places:
        try:
            train, _ = data.read_data(place)
        except DataError:
            continue
        if train.provenance and train.provenance.verified:
            return str(place)
    return None


# What takes minutes begins first, so that of two processes none waits long for the other.
LONGEST = ("test_notebooks", "test_network", "test_grading", "test_exercises")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests marked `real_mnist` need the 70,000 real digits."""
    items.sort(key=lambda item: [*LONGEST, item.path.stem].index(item.path.stem))
    marked = [item for item in items if item.get_closest_marker("real_mnist")]
    if marked and not real_mnist():
        for item in marked:
            item.add_marker(pytest.mark.skip(reason="real MNIST is not here; set MNIST_LAB_DATA"))


@pytest.fixture(autouse=True)
def home_of_its_own(tmp_path_factory, monkeypatch):
    """No test sees this machine's caches, or leaves anything in them."""
    home = tmp_path_factory.mktemp("home")
    for name in ("HOME", "USERPROFILE", "XDG_CACHE_HOME", "LOCALAPPDATA", "KERAS_HOME"):
        monkeypatch.setenv(name, str(home))
    monkeypatch.delenv("MNIST_LAB_DATA", raising=False)
    monkeypatch.setattr(data.download, "cache_folder", lambda: home / "cache" / "mnist")
    monkeypatch.setattr(data.download, "MIRRORS", ())
    return home


@pytest.fixture(scope="session")
def mnist_place() -> str:
    """The folder of real MNIST, for tests marked `real_mnist`."""
    place = real_mnist()
    assert place
    return place


@pytest.fixture(scope="session")
def small() -> tuple[Split, Split]:
    """A few hundred written digits in MNIST's form."""
    return synth.make_split(512, 360, seed=1)


def write_idx(path: Path, array: np.ndarray, *, zipped: bool = False) -> Path:
    """Write an array of bytes as an IDX file, by the format's description alone."""
    head = bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    content = head + array.tobytes()
    path.write_bytes(gzip.compress(content) if zipped else content)
    return path


@pytest.fixture(scope="session")
def small_folder(tmp_path_factory, small) -> Path:
    """A folder of four small IDX files, with a space in its name; not to be changed."""
    folder = tmp_path_factory.mktemp("data") / "small data"
    folder.mkdir()
    train, test = small
    arrays = [train.images, train.labels, test.images, test.labels]
    for name, array in zip(data.SHA256, arrays, strict=True):
        write_idx(folder / name, array)
    return folder


@pytest.fixture
def idx_folder(tmp_path, small_folder) -> Path:
    """A copy of that folder for one test to spoil."""
    return Path(shutil.copytree(small_folder, tmp_path / "my data"))


@pytest.fixture(scope="session")
def project() -> Path:
    """The root of the repository."""
    return Path(__file__).parent.parent


@pytest.fixture(scope="module")
def chromium():
    """Chromium, started once for a file of tests."""
    from benchmarks import lab

    with lab.chromium() as browser:
        yield browser
