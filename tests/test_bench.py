"""What is compared is comparable."""

import pytest

from benchmarks import lab
from benchmarks.pad import bench_pad
from benchmarks.run import bench_run
from benchmarks.stand_in import bench_stand_in
from mnist_lab.arrays import DataError
from mnist_lab.progress import SILENT, Progress


class Lines(Progress):
    """Keeps what it is told."""

    def __init__(self):
        self.lines = []

    def say(self, line):
        self.lines.append(line)


def test_bare_script_makes_the_same_keras_calls(small_folder):
    """From the same seed both end at the same accuracy, to the last digit."""
    said = Lines()
    found = bench_run(data=str(small_folder), epochs=1, rounds=1, progress=said)
    assert found["accuracy"] == pytest.approx(found["bare_accuracy"], abs=1e-12)
    assert found["ratio"] == found["seconds"][0] / found["bare_seconds"][0]
    assert "times as long" in said.lines[-1]


def test_stand_in_is_measured_on_real_mnist_only(small_folder):
    """Other data would give a figure that means something else: refused."""
    with pytest.raises(DataError, match="real MNIST"):
        bench_stand_in(data=str(small_folder), progress=SILENT)


def test_a_wrong_label_is_counted_as_wrong(monkeypatch):
    """Read rightly, no box of a photo is wrong; as another sheet's, each whose digit differs is."""
    from dataclasses import replace

    from benchmarks import sheet as bench
    from mnist_lab.sheet import Sheet

    monkeypatch.setattr(bench, "DPI", (100.0, 110.0))
    photo, right, wrong = bench._photo((0, 0)), bench._Tally(), bench._Tally()
    bench._read(photo, right)
    assert (right.read, right.wrong, right.right) == (1, 0, right.boxes) and right.boxes == 96
    other = Sheet((photo.sheet.number + 1) % 1000)
    read = bench.read_sheet
    monkeypatch.setattr(bench, "read_sheet", lambda image: replace(read(image), sheet=other))
    bench._read(photo, wrong)
    differ = other.labels != photo.sheet.labels
    assert wrong.wrong == sum(differ[box] for box in photo.written)
    covered = bench._with_a_corner_covered(photo, (0, 0))
    assert (covered.image != photo.image).any() and covered.written <= photo.written


def test_the_pad_is_measured_in_a_browser_only(monkeypatch):
    """Without Chromium there is no figure, but a word on how to get it."""
    monkeypatch.setenv(lab.CHROMIUM, "/nowhere/chromium")
    with pytest.raises(DataError, match="apt-get install chromium"):
        bench_pad(strokes=1, progress=SILENT)
