"""The names that MNIST travels by, and which of the files in one place are taken."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from mnist_lab.arrays import DataError
from mnist_lab.data.formats import SHA256

SUBFOLDERS = "", "raw", "MNIST/raw", "mnist"  # torchvision's and Hugging Face's, below a folder
NPZ = "mnist.npz"
TABLES = "mnist_train.csv", "train.csv", "train-00000-of-00001.parquet"
ARCHIVES = {".zip", ".tar", ".tgz", ".7z", ".rar"}


@dataclass(frozen=True)
class Found:
    """The files of one form of MNIST."""

    place: Path  # named again, it gives the same files
    files: tuple[Path, ...]  # four of IDX, an .npz, or a table and the one to test on


def find_data(place: Path) -> Found:
    """The files that are taken where a folder or a file is named.

    A folder is searched for the four IDX files, ``mnist.npz`` and the `TABLES`, in this order,
    and then each of its `SUBFOLDERS`; the first form whose files are all there is taken. A
    file stands for its form. DataError if there is none.
    """
    if place.is_file():
        return _stands_for(place)
    if not place.is_dir():
        raise DataError(f"{place}: no such folder or file; give --data one that is there")
    folders = [place / name for name in SUBFOLDERS]
    if found := next(filter(None, map(_find_form, folders)), None):
        return found
    if part := next(filter(holds_any, folders), None):
        return _find_idx(part)
    packed = sorted(path.name for path in place.iterdir() if path.suffix in ARCHIVES)
    raise DataError(
        f"{place}: holds MNIST under none of the names it is known by "
        "(train-images-idx3-ubyte.gz and three more, mnist.npz, mnist_train.csv ...); "
        + (f"unpack {packed[0]} first" if packed else "get it with  mnist-lab data --download")
    )


def holds_any(folder: Path) -> bool:
    """Whether a folder has some file of MNIST, if not all."""
    return bool(_find_form(folder)) or any(_idx_files(folder).values())


def _find_form(folder: Path) -> Found | None:
    if all(_idx_files(folder).values()):
        return _find_idx(folder)
    if (folder / NPZ).is_file():
        return Found(folder / NPZ, (folder / NPZ,))
    table = next((file for name in TABLES if (file := _first(_packings(folder / name)))), None)
    return _tables(table) if table else None


def _stands_for(file: Path) -> Found:
    """The files of the form that a file is of, by its name."""
    bare = file.with_name(file.name.removesuffix(".gz"))
    if file.suffix == ".npz":
        return Found(file, (file,))
    if bare.suffix in {".csv", ".parquet"}:
        return _tables(file)
    folder = file.parent.parent if file.parent.name in SHA256 else file.parent
    if any(file in _idx_names(folder, name) for name in SHA256):
        return _find_idx(folder)
    if file.suffix in ARCHIVES:
        raise DataError(f"{file}: is an archive; unpack it, and name the folder with its files")
    raise DataError(
        f"{file}: has none of the names that MNIST is known by "
        "(train-images-idx3-ubyte.gz, .npz, .csv, .parquet); rename it, or give another"
    )


def _find_idx(folder: Path) -> Found:
    files = _idx_files(folder)
    if missing := [name for name, file in files.items() if not file]:
        raise DataError(f"{folder}: has no {missing[0]}(.gz), and all four files are needed")
    return Found(folder, tuple(file for file in files.values() if file))


def _idx_files(folder: Path) -> dict[str, Path | None]:
    return {name: _first(_idx_names(folder, name)) for name in SHA256}


def _idx_names(folder: Path, name: str) -> list[Path]:
    """What one of the IDX files may be called: unpackers write a dot, or make a folder for it."""
    names = name, name.replace("-idx", ".idx")
    homes = folder, folder / name
    return [path for home in homes for each in names for path in _packings(home / each)]


def _tables(file: Path) -> Found:
    """A table, and the one that is called test where it is called train."""
    if "train" in file.name:
        test = _first(_packings(file.with_name(file.name.replace("train", "test"))))
        return Found(file, (file, test) if test else (file,))
    train = _first(_packings(file.with_name(file.name.replace("test", "train"))))
    return Found(train, (train, file)) if train and train != file else Found(file, (file,))


def _packings(path: Path) -> tuple[Path, Path]:
    bare = path.name.removesuffix(".gz")
    return path.with_name(bare), path.with_name(f"{bare}.gz")


def _first(paths: Iterable[Path]) -> Path | None:
    return next((path for path in paths if path.is_file()), None)
