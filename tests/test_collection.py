"""Digits of one's own: the file, and how many become one data set."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mnist_lab import data
from mnist_lab.arrays import ArrayError, DataError
from mnist_lab.data import Collection
from mnist_lab.progress import SILENT


def digits_by(*writers: str, each: int = 20, sheet: int = 0) -> Collection:
    """So many digits by each writer, on sheets that follow each other."""
    n = each * len(writers)
    rng = np.random.default_rng(sheet)
    return Collection(
        images=rng.integers(0, 256, (n, 28, 28), np.uint8),
        labels=np.tile(np.arange(n // len(writers), dtype=np.uint8) % 10, len(writers)),
        sheet=np.repeat(np.arange(sheet, sheet + len(writers), dtype=np.uint16), each),
        box=np.tile(np.arange(each, dtype=np.uint8), len(writers)),
        writer=np.repeat(np.array(writers), each),
        test=np.zeros(n, bool),
    )


def test_what_is_saved_comes_back(tmp_path):
    """Every array, of a plain dtype, by a name or a Path; no pickled object is in the file."""
    own, path = digits_by("Ada", "Grace").split(), tmp_path / "new" / "my digits.npz"
    data.save_collection(own, str(path))
    again = data.load_collection(str(path))
    with np.load(path, allow_pickle=False) as file:
        for name in file.files:
            assert (file[name] == getattr(own, name)).all() and file[name].dtype.kind in "uUb"
            assert getattr(again, name).dtype == getattr(own, name).dtype
    assert again.summary() == "40 digits by 2 writers, 20 of them held back to test on"


@settings(max_examples=40)
@given(st.lists(st.text("abcdefgh", min_size=1, max_size=3), min_size=2, max_size=12, unique=True))
def test_nobody_is_in_both_parts(names):
    """However many writers there are, each is held back whole or not at all."""
    whole = digits_by(*names).split()
    learn, test = (set(whole.writer[whole.test == part]) for part in (False, True))
    assert learn and test and not learn & test and learn | test == set(names)
    assert len(test) == max(1, round(len(names) / 5))


def test_who_is_held_back_does_not_depend_on_the_order():
    """The same people, merged the other way round, are held back."""
    parts = [digits_by(name, sheet=k) for k, name in enumerate("abcdefg")]
    one, other = data.join(parts).split(), data.join(parts[::-1]).split()
    assert set(one.writer[one.test]) == set(other.writer[other.test])


def test_one_writer_s_digits_are_held_back_evenly():
    """Of one person a fifth is held back, of each digit alike."""
    own = digits_by("Ada", each=100).split()
    assert np.bincount(own.held_back.labels, minlength=10).tolist() == [2] * 10
    assert len(own.train) == 80


def test_doors_take_a_name_as_well_as_a_path(tmp_path, monkeypatch):
    """``load_collection("my_digits.npz")``, as README has it; and so does every other door."""
    monkeypatch.chdir(tmp_path)
    data.save_collection(digits_by("Ada"), "my_digits.npz")
    assert len(data.load_collection("my_digits.npz")) == 20
    assert len(data.read_data("my_digits.npz")[0]) == 20
    data.save_collection(digits_by("Grace", sheet=1), "other.npz")
    assert len(data.merge(["my_digits.npz", "other.npz"])) == 40


def test_merge_puts_files_together(tmp_path):
    """All digits are there, with their writers; and any lesson loads the file as it is."""
    for k, name in enumerate(["Ada", "Grace", "Emmy"]):
        data.save_collection(digits_by(name, sheet=k), tmp_path / f"{name}.npz")
    whole = data.merge(sorted(tmp_path.glob("*.npz")))
    assert whole.writers == ["Ada", "Emmy", "Grace"] and len(whole) == 60
    data.save_collection(whole, tmp_path / "class.npz")
    train, test = data.load_mnist(tmp_path / "class.npz", progress=SILENT)
    assert (train.images == whole.train.images).all() and (
        test.labels == whole.held_back.labels
    ).all()
    assert train.provenance.notice and not train.provenance.verified


def test_what_cannot_be_merged_says_why(tmp_path):
    """One writer, and one sheet twice, with the next step."""
    ada, grace = tmp_path / "ada.npz", tmp_path / "grace.npz"
    data.save_collection(digits_by("Ada"), ada)
    with pytest.raises(DataError, match=r"all digits are by one writer, Ada.*add somebody"):
        data.merge([ada])
    data.save_collection(digits_by("Ada", "Grace"), grace)
    with pytest.raises(DataError, match=r"sheet 00000 by Ada is in .*ada.npz and in .*--writer"):
        data.merge([ada, grace])


def test_a_file_that_is_no_collection_says_so(tmp_path):
    """Missing, damaged, another .npz, one with arrays that disagree: each in a line."""
    path = tmp_path / "x.npz"
    with pytest.raises(DataError, match=r"x\.npz: not an \.npz file"):
        data.load_collection(path)
    path.write_bytes(b"PK\3\4 no")
    with pytest.raises(DataError, match=r"not an \.npz file"):
        data.load_collection(path)
    np.savez(path, images=np.zeros((1, 28, 28), np.uint8))
    with pytest.raises(DataError, match="has no labels, sheet, box, writer, test"):
        data.load_collection(path)
    own = digits_by("Ada")
    with pytest.raises(ArrayError, match="expected box for each of 20 digits, got"):
        Collection(own.images, own.labels, own.sheet, own.box[:3], own.writer, own.test)
    np.savez(path, **{**vars(own), "box": own.box[:3]})
    with pytest.raises(DataError, match="expected box for each"):
        data.load_collection(path)
