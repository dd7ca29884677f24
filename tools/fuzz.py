"""Throw odd input at every door, and count what happens: python -m tools.fuzz [DOOR ...].

Each input is made from the seed, the door and its number alone, and is tried in a process of its
own kind, with a bound on its memory and its time. It is fine, or refused in one line; all else
(a crash, a hang, any other exception, a file left half-written) is a fault, and is printed with
what makes the same input again. Exit 1 if there is one.
"""

import argparse
import contextlib
import gzip
import io
import json
import os
import resource
import shutil
import signal
import struct
import sys
import tempfile
import traceback
import warnings
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from zlib import crc32

import cv2
import numpy as np
import PIL.Image
from numpy.random import Generator
from numpy.typing import NDArray

from mnist_lab import data, images, sheet, synth
from mnist_lab.arrays import Digits, Image, Labels, MnistLabError
from mnist_lab.data import Collection, save_collection
from mnist_lab.pad import Drawing

HERE = Path(__file__).parent.parent
SECONDS = 10  # of processor time for one input
WALL_SECONDS = 180  # for one that waits, and for a process to start
MEMORY = 2 * 2**30  # bytes of a process without TensorFlow
MEMORY_TENSORFLOW = 6 * 2**30  # of its data; its libraries alone take more address space
TENSORFLOWS_OWN = "__autograph"  # files, which go when its process ends
LARGEST = [(10_000, 10_000), (3, 33_000_000), (99_999_999, 1)]  # pictures that may come in
MANY = (0, 1, 2, 27, 28, 29, 255, 256, 65535, 2**31 - 1, 2**31, 2**32 - 1)  # where counts stand


@dataclass
class Tally:
    """What happened at one door."""

    counts: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Door:
    """Where something comes in: what makes an input, and what tries it in an empty folder."""

    make: Callable[[Generator], Any]
    try_it: Callable[[Any, Path], None]
    tensorflow: bool = False


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and give its exit status."""
    parser = argparse.ArgumentParser(prog="python -m tools.fuzz", description=__doc__)
    add = parser.add_argument
    add("doors", nargs="*", metavar="DOOR", help=f"default: all: {', '.join(DOORS)}")
    add("--count", type=int, default=1000, metavar="N", help="inputs for each; default: 1000")
    add("--seed", type=int, default=0, metavar="S", help="what all are made from; default: 0")
    add("--first", type=int, default=0, metavar="K", help="number of the first; default: 0")
    args = parser.parse_args(arguments)
    if unknown := set(args.doors) - set(DOORS):
        parser.error(f"no such door: {', '.join(sorted(unknown))}")
    bad = False
    for name in args.doors or DOORS:
        tally = knock(name, args.seed, range(args.first, args.first + args.count))
        counts = tally.counts
        print(
            f"{name}: {args.count:,} inputs, {counts['fine']:,} fine, "
            f"{counts['refused']:,} refused, {len(tally.faults):,} faults",
            *tally.faults, sep="\n  ", flush=True,
        )  # fmt: skip
        bad = bad or bool(tally.faults)
    return int(bad)


def knock(name: str, seed: int, numbers: range) -> Tally:
    """Try some inputs at a door, in a new process after each that does not come back."""
    tally, context = Tally(), get_context("spawn")
    while numbers:
        receiver, sender = context.Pipe(duplex=False)
        with tempfile.TemporaryDirectory() as folder:
            child = context.Process(target=_try_all, args=(name, seed, numbers, folder, sender))
            child.start()
            sender.close()
            for verdict, what in _hear(receiver):
                tally.counts[verdict] += 1
                if verdict == "fault":
                    tally.faults.append(f"{what}\n    {_again(name, seed, numbers[0])}")
                numbers = numbers[1:]
            child.join(5)
            child.kill()
            child.join()
        if numbers:
            slow = child.exitcode in {-signal.SIGPROF, -signal.SIGKILL}
            what = f"hangs, over {SECONDS} s" if slow else f"dies, exit code {child.exitcode}"
            tally.faults.append(f"{what}\n    {_again(name, seed, numbers[0])}")
            numbers = numbers[1:]
    return tally


def _hear(receiver: Any) -> Iterator[tuple[str, str]]:
    """What a process says of its inputs, until it ends or says nothing any more."""
    with contextlib.suppress(EOFError):
        while receiver.poll(WALL_SECONDS):
            yield receiver.recv()


def _again(name: str, seed: int, number: int) -> str:
    return f"python -m tools.fuzz {name} --seed {seed} --first {number} --count 1"


def _try_all(name: str, seed: int, numbers: range, place: str, sender: Any) -> None:
    """In a process of its own: try some inputs one by one, and say what became of each."""
    door, folder = DOORS[name], Path(place)
    kind = resource.RLIMIT_DATA if door.tensorflow else resource.RLIMIT_AS
    memory = MEMORY_TENSORFLOW if door.tensorflow else MEMORY
    resource.setrlimit(kind, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - until it ends
    tempfile.tempdir = place
    _try(door, door.make(np.random.default_rng(0)), folder)  # loads libraries, at nobody's expense
    for number in numbers:
        value = door.make(np.random.default_rng([seed, crc32(name.encode()), number]))
        signal.setitimer(signal.ITIMER_PROF, SECONDS)  # which nobody catches
        verdict = _try(door, value, folder)
        signal.setitimer(signal.ITIMER_PROF, 0)
        left = [p.name for p in folder.iterdir() if not p.name.startswith(TENSORFLOWS_OWN)]
        if left:
            verdict = "fault", f"leaves {left[0]!r} behind"
            shutil.rmtree(folder)
            folder.mkdir()
        sender.send(verdict)


def _try(door: Door, value: Any, folder: Path) -> tuple[str, str]:
    from traitlets import TraitError

    from mnist_lab.grading.cells import Unreadable

    given = folder / "given"
    given.mkdir()
    try:
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            warnings.simplefilter("ignore", DeprecationWarning)
            door.try_it(value, given)
    except (MnistLabError, Unreadable, TraitError) as error:
        text = str(error.args[0])
        one_line = text and "\n" not in text
        return ("refused", "") if one_line else ("fault", f"not one line: {text[:200]!r}")
    except BaseException as error:  # noqa: BLE001 - that is what is looked for
        last = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(last.filename).name}:{last.lineno}"
        return "fault", f"{type(error).__name__}: {str(error)[:200]!r} in {where}"
    else:
        return ("fault", f"warns: {str(warned[0].message)[:200]!r}") if warned else ("fine", "")
    finally:
        shutil.rmtree(given)


# What all inputs are made of


def pick(rng: Generator, things: Sequence[Any]) -> Any:
    """One of some things."""
    return things[int(rng.integers(len(things)))]


def mutate(content: bytes, rng: Generator) -> bytes:
    """Damage some bytes: change, repeat, lose, cut short."""
    out = bytearray(content)
    for _ in range(int(rng.geometric(0.5))):
        at = int(rng.integers(len(out) + 1))
        size = int(rng.integers(1, 2 ** int(rng.integers(1, 8))))
        match int(rng.integers(7)):
            case 0:
                out[at : at + size] = rng.bytes(size)
            case 1:
                del out[at : at + size]
            case 2:
                out[at:at] = out[at : at + size]
            case 3:
                out[at:at] = rng.bytes(size)
            case 4:
                out[at : at + 4] = struct.pack(pick(rng, "<>") + "I", pick(rng, MANY))
            case 5:
                out[at : at + 1] = pick(rng, [b"\0", b"\xff", b"-", b"9", b'"', b"\n", b"{", b","])
            case _ if rng.random() < 0.3:
                del out[at:]
    return bytes(out)


def nonsense(rng: Generator, depth: int = 3) -> Any:
    """Any value that JSON may hold."""
    kind = int(rng.integers(12 if depth else 10))
    if kind >= 10:
        inner = [nonsense(rng, depth - 1) for _ in range(int(rng.integers(5)))]
        return inner if kind == 10 else {str(pick(rng, WORDS)): each for each in inner}
    return [None, True, -1, 0, 1e308, float("nan"), 10**400, 2**63, "", str(pick(rng, WORDS))][kind]


WORDS = [
    "cells", "source", "metadata", "cell_type", "code", "nbformat", "check('3.2', my_kernel)",
    "my_kernel = 1", "strokes", "x", "y", "width", "seconds", "layers", "config", "class_name",
    "Dense", "Lambda", "units", "\0", "\ud800", "\x1b[2J", "\u202e", "a" * 5000, "__class__",
]  # fmt: skip


def graft(value: Any, rng: Generator) -> Any:
    """Change some JSON at one place deep within it."""
    parent: Any = None
    key: Any = None
    here = value
    while isinstance(here, dict | list) and here and (parent is None or rng.random() < 0.85):
        keys = list(here) if isinstance(here, dict) else range(len(here))
        parent, key = here, pick(rng, keys)
        here = parent[key]
    if parent is None:
        return nonsense(rng)
    match int(rng.integers(4)):
        case 0:
            del parent[key]
        case 1 if isinstance(parent, list):
            parent[key:key] = [here] * int(rng.integers(1, 5))
        case 2 if isinstance(here, int | float):
            parent[key] = pick(rng, [*MANY, -1, 0.5, 1e9, 1e308, str(here), [here]])
        case _:
            parent[key] = nonsense(rng)
    return value


def change_json(text: str, rng: Generator) -> bytes:
    """Some JSON, changed at a few places, or in its bytes."""
    value = json.loads(text)
    for _ in range(int(rng.geometric(0.5))):
        value = graft(value, rng)
    content = json.dumps(value).encode()
    return mutate(content, rng) if rng.random() < 0.15 else content


# Pictures, pages and sheets


def odd_image(rng: Generator, longest: int) -> NDArray[np.uint8]:
    """Noise, flats, dots, strokes and gradients, of any shape and contrast."""
    height, width = (int(longest ** rng.random()) for _ in range(2))
    if rng.random() < 0.1:
        height, width = pick(rng, [(1, width * 9), (height * 9, 1), (3, width * 9)])
    low, high = np.sort(rng.integers(0, 256, 2))
    image = np.full((height, width), low, np.uint8)
    match int(rng.integers(6)):
        case 0:
            image = rng.integers(low, high + 1, (height, width)).astype(np.uint8)
        case 1:
            image.flat[rng.integers(image.size, size=3)] = high
        case 2:
            image = np.broadcast_to(np.linspace(low, high, width), (height, width)).astype(np.uint8)
        case 3:
            image[:: pick(rng, [2, 3, 10])] = high
        case 4:
            points = rng.integers(-9, [width + 9, height + 9], (9, 2)).astype(np.int32)
            pen = int(rng.integers(1, 2 + max(height, width) // 8))
            cv2.polylines(image, [points], bool(rng.random() < 0.5), int(high), pen)
    return image


def make_picture(rng: Generator) -> bytes:
    """A picture file of any kind and mode; every other one is damaged."""
    if rng.random() < 0.0002:
        return _huge_picture(pick(rng, [*LARGEST, (10_001, 10_000)]))
    picture = PIL.Image.fromarray(odd_image(rng, 300))
    with io.BytesIO() as file:
        mode = pick(rng, ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I", "F", "YCbCr", "HSV"])
        kind = pick(rng, ["PNG", "JPEG", "TIFF", "BMP", "GIF", "WEBP", "PPM", "PDF"])
        exif = PIL.Image.Exif()
        exif[0x112] = int(rng.integers(0, 12))  # the orientation
        density = pick(rng, [(72, 72), (1, 9999), (204, 98)])
        try:
            picture.convert(mode).save(file, kind, exif=exif, dpi=density)
        except (OSError, ValueError, KeyError, RuntimeError):  # a kind that has no such mode
            picture.save(file, "PNG", exif=exif)
        content = file.getvalue()
    return mutate(content, rng) if rng.random() < 0.6 else content


@cache
def _huge_picture(size: tuple[int, int]) -> bytes:
    with io.BytesIO() as file:
        PIL.Image.new("L", size).save(file, "PNG", compress_level=1)
        return file.getvalue()


def read_picture(content: bytes, folder: Path) -> None:
    """Read every page of a picture file."""
    file = folder / "picture"
    file.write_bytes(content)
    for image in images.load_pages(file):
        images.find_polarity(image)
        images.to_digit(images.invert(image))


def make_page(rng: Generator) -> NDArray[np.uint8]:
    """An odd picture, from one pixel to the limit; or a page with something odd done to it."""
    if rng.random() < 0.0002:
        image = np.full(pick(rng, LARGEST), rng.integers(256), np.uint8)
        image.flat[rng.integers(image.size, size=1000)] = rng.integers(256)
        return image
    if rng.random() < 0.85:
        return odd_image(rng, int(20 * 75 ** rng.random() ** 3))  # most are small
    return _spoil(pick(rng, _pages()), rng)


@cache
def _pages() -> list[NDArray[np.uint8]]:
    loaded = [images.load_image(path) for path in sorted((HERE / "data" / "pages").glob("*.jpg"))]
    return [np.asarray(cv2.resize(each, None, fx=0.5, fy=0.5), np.uint8) for each in loaded]


def read_page(image: NDArray[np.uint8], folder: Path) -> None:
    """Read a page, and write all that is said about it."""
    from mnist_lab.reading import read_page, read_single

    read = read_single if image.size % 4 == 0 else read_page
    found = read(Image(image))
    json.dumps(found.to_dict(), allow_nan=False)
    found.explain(folder / "page.html")


def _spoil(image: NDArray[np.uint8], rng: Generator) -> NDArray[np.uint8]:
    """Cut, turn, bend, squeeze, stain, invert, repeat, blur a picture."""
    for _ in range(int(rng.integers(1, 4))):
        height, width = image.shape
        match int(rng.integers(9)):
            case 0:
                y, x = (int(rng.integers(side)) for side in image.shape)
                image = image[y // 2 : y // 2 + height // 2 + 1, x // 2 : x // 2 + width // 2 + 1]
            case 1:
                image = np.rot90(image, int(rng.integers(1, 4)))
            case 2:
                image = 255 - image
            case 3:
                corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
                moved = corners + rng.normal(0, min(height, width) / 6, (4, 2)).astype(np.float32)
                bent = cv2.getPerspectiveTransform(corners, moved)
                image = np.asarray(cv2.warpPerspective(image, bent, (width, height)), np.uint8)
            case 4:
                places = [sorted(rng.integers(side, size=2)) for side in image.shape]
                image = image.copy()
                image[slice(*places[0]), slice(*places[1])] = int(rng.integers(256))
            case 5:
                noise = rng.normal(0, 60, image.shape)
                image = np.clip(image + noise, 0, 255).astype(np.uint8)
            case 6:
                size = (max(1, int(width * rng.random())), max(1, int(height * rng.random())))
                image = np.asarray(cv2.resize(image, size), np.uint8)
            case 7 if image.size < 2**20:
                image = np.tile(image, pick(rng, [(1, 9), (9, 1), (2, 2)]))
            case _:
                image = (image // int(rng.integers(1, 64)) + int(rng.integers(4))).astype(np.uint8)
        image = np.ascontiguousarray(image)
    return image


def make_sheet(rng: Generator) -> NDArray[np.uint8]:
    """A photographed sheet with something odd done to it, or no sheet at all."""
    if rng.random() < 0.4:
        return odd_image(rng, 800)
    small = cv2.resize(_sheet(), None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    return _spoil(_sheet() if rng.random() < 0.1 else np.asarray(small, np.uint8), rng)


@cache
def _sheet() -> NDArray[np.uint8]:
    hand = partial(synth.write_strokes, writer=synth.Writer(7))
    page = sheet.fill_in(sheet.Sheet(4711), hand, seed=0, dpi=120)
    picture, _ = synth.photograph(page, seed=1, camera=synth.SCANNER)
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.uint8)


def read_sheet(image: NDArray[np.uint8], folder: Path) -> None:
    """Read a sheet, and keep its digits as an .npz file that can be read again."""
    reading = sheet.read_sheet(Image(image))
    wrong = reading.labels != sheet.Sheet(4711).labels[reading.boxes]
    assert not wrong.any(), "a label is wrong"
    if len(reading):
        save_collection(sheet.gather([reading]), folder / "own.npz")
        data.load_collection(folder / "own.npz")


# Notebooks, models, data, drawings


@cache
def _notebooks() -> list[str]:
    texts = []
    for path in sorted((HERE / "notebooks").glob("*.ipynb")):
        notebook = json.loads(path.read_text(encoding="utf-8"))
        for cell in notebook["cells"]:
            cell.pop("outputs", None)
        notebook["cells"] = [c for c in notebook["cells"] if "mnist_lab" in c["metadata"]][:6]
        texts.append(json.dumps(notebook))
    return texts


def make_notebook(rng: Generator) -> bytes:
    """A notebook of the course, changed; or nonsense, nested, or in another encoding."""
    match int(rng.integers(12)):
        case 0:
            return json.dumps(nonsense(rng, 5)).encode()
        case 1:
            return pick(rng, [b"[", b'{"a":', b'{"cells":[']) * int(rng.integers(1, 20_000))
        case 2:
            return pick(rng, _notebooks()).encode(pick(rng, ["utf-16", "utf-8-sig", "utf-32"]))
        case 3:
            return rng.bytes(int(rng.integers(200)))
    return change_json(pick(rng, _notebooks()), rng)


def plan_notebook(content: bytes, folder: Path) -> None:
    """Plan the grading of a notebook."""
    from mnist_lab.grading import cells

    del folder
    planned = cells.plan(content)
    json.dumps([sorted(planned.exercises), planned.notes])


@cache
def _models() -> dict[str, bytes]:
    """Small networks as .keras and as .h5."""
    import keras

    layers = keras.layers
    small = keras.Sequential([keras.Input((28, 28)), layers.Flatten(), layers.Dense(10, "softmax")])
    digit = keras.Input((28, 28, 1))
    flow = layers.Flatten()(layers.MaxPooling2D(4)(layers.Conv2D(2, 5)(digit)))
    other = keras.Model(digit, layers.Dense(10)(layers.Dropout(0.5)(flow)))
    made = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, model in {"small": small, "other": other}.items():
            for suffix in (".keras", ".h5"):
                path = Path(folder, name + suffix)
                model.save(path)
                made[path.name] = path.read_bytes()
    return made


def make_model(rng: Generator) -> tuple[str, bytes]:
    """The name and the content of a model's file, changed within its parts or as a whole."""
    name = pick(rng, [*_models()])
    content = _models()[name]
    if name.endswith(".keras") and rng.random() < 0.8:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = {each: archive.read(each) for each in archive.namelist()}
        which = pick(rng, ["config.json", "config.json", "config.json", *parts])
        is_json = which.endswith(".json")
        change = partial(change_json, parts[which].decode()) if is_json else None
        parts[which] = change(rng) if change else mutate(parts[which], rng)
        if rng.random() < 0.1:
            del parts[pick(rng, [*parts])]
        with io.BytesIO() as file:
            with zipfile.ZipFile(file, "w") as archive:
                for each, part in parts.items():
                    archive.writestr(each, part)
            content = file.getvalue()
    else:
        content = mutate(content, rng)
    return name if rng.random() < 0.7 else "model", content


def load_model(given: tuple[str, bytes], folder: Path) -> None:
    """Load a model from a file, and ask it about a digit."""
    from mnist_lab import network
    from mnist_lab.progress import SILENT

    path = folder / given[0]
    path.write_bytes(given[1])
    model = network.load_model(path, progress=SILENT)
    network.predict_probabilities(model, Digits(np.zeros((1, 28, 28), np.uint8)))


@cache
def _data_files() -> dict[str, dict[str, bytes]]:
    """MNIST's forms, of a few digits."""
    digits = np.arange(16 * 784).reshape(16, 28, 28).astype(np.uint8)
    labels = (np.arange(16) % 10).astype(np.uint8)
    four = [digits, labels, digits[:10], labels[:10]]
    idx = {}
    for name, array in zip(data.SHA256, four, strict=True):
        head = struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
        idx[name] = head + array.tobytes()
    rows = [",".join(map(str, [k, *d.ravel()])) for d, k in zip(digits, labels, strict=True)]
    header = ",".join(["label", *(f"pixel{k}" for k in range(784))])
    table = "\n".join([header, *rows]).encode()
    count = np.arange(16)
    own = Collection(
        Digits(digits), Labels(labels), count.astype(np.uint16), count.astype(np.uint8),
        np.array([f"writer {k % 3}" for k in count]), count % 5 == 0,
    )  # fmt: skip
    names = ["x_train", "y_train", "x_test", "y_test"]
    return {
        "idx": idx,
        "gzip": {f"{name}.gz": gzip.compress(part) for name, part in idx.items()},
        "npz": {"mnist.npz": _npz(**dict(zip(names, four, strict=True)))},
        "own": {"mnist.npz": _npz(**vars(own))},
        "csv": {"mnist_train.csv": table, "mnist_test.csv": "\n".join(rows).encode()},
    }


def _npz(**arrays: Any) -> bytes:
    with io.BytesIO() as file:
        np.savez(file, **arrays)
        return file.getvalue()


def make_data(rng: Generator) -> dict[str, bytes]:
    """Files of a data set in any of its forms, one of them changed."""
    form = pick(rng, [*_data_files()])
    files = dict(_data_files()[form])
    name = pick(rng, [*files])
    if form in {"npz", "own"} and rng.random() < 0.6:
        with np.load(io.BytesIO(files[name])) as archive:
            arrays = dict(archive)
        which = pick(rng, [*arrays])
        arrays[which] = _odd_array(arrays[which], rng)
        files[name] = _npz(**arrays)
    elif form == "gzip" and rng.random() < 0.6:
        files[name] = gzip.compress(mutate(gzip.decompress(files[name]), rng))
    else:
        files[name] = mutate(files[name], rng)
    if rng.random() < 0.05:
        del files[name]
    return files


def _odd_array(array: NDArray[Any], rng: Generator) -> NDArray[Any]:
    match int(rng.integers(6)):
        case 0:
            kind = pick(rng, ["?", "i1", "<i8", "f4", "f8", "c8", "U3", "S2", "O", "M8[s]", "V3"])
            return np.zeros(array.shape, kind) if rng.random() < 0.5 else np.zeros((), kind)
        case 1:
            return array[: int(rng.integers(len(array) + 1))]
        case 2:
            return array.reshape(pick(rng, [(-1,), (1, *array.shape), (*array.shape, 1)]))
        case 3:
            odd = array.astype(np.int64 if array.dtype.kind in "iu" else array.dtype)
            odd.flat[int(rng.integers(odd.size))] = pick(rng, MANY[:8])
            return odd
        case 4:
            return array[:0]
    return np.asfortranarray(array[::-1])


def read_data(files: dict[str, bytes], folder: Path) -> None:
    """Read a data set from a folder."""
    for name, content in files.items():
        (folder / name).write_bytes(content)
    data.read_data(folder)
    if "mnist.npz" in files:
        data.merge([folder / "mnist.npz"] * 2)


@cache
def _drawings() -> list[str]:
    paths = sorted((HERE / "data" / "drawings").glob("*.json"))
    return [path.read_text(encoding="utf-8") for path in paths]


def make_drawing(rng: Generator) -> bytes:
    """A saved drawing, changed, or nonsense."""
    if rng.random() < 0.1:
        return json.dumps({"strokes": nonsense(rng, 4)}).encode()
    return change_json(pick(rng, _drawings()), rng)


def load_drawing(content: bytes, folder: Path) -> None:
    """Load a drawing; what is saved again must come back as it was."""
    (folder / "drawing.json").write_bytes(content)
    drawing = Drawing.load(folder / "drawing.json")
    _ = drawing.digit
    drawing.save(folder / "again.json")
    again = Drawing.load(folder / "again.json")
    assert (again.points[:, :3] == drawing.points[:, :3]).all(), "saved otherwise than it was"


def make_message(rng: Generator) -> tuple[dict[str, Any], Any]:
    """What a browser may send: a drawing, and a message of another kind."""
    size = int(rng.integers(0, 2 ** int(rng.integers(1, 12))))
    ink = rng.integers(-32768, 32768, (size, 4)).astype("<i2")
    ink[:, 2] = np.abs(ink[:, 2]) // 8 * (rng.random(size) < 0.9)
    good: dict[str, Any] = {"number": 1, "ink": ink.tobytes(), "keep": bool(rng.random() < 0.3)}
    if rng.random() < 0.3:
        good["ink"] = mutate(good["ink"], rng)
    if rng.random() < 0.4:
        good[pick(rng, ["ink", "number", "keep", "ours"])] = nonsense(rng)
    sent = {"_drawing": good if rng.random() < 0.9 else nonsense(rng)}
    if rng.random() < 0.1:
        sent["pen"] = pick(rng, [None, -1, 0, 1e308, float("nan"), "wide", True, [0.1]])
    return sent, pick(rng, [{"kind": "picture"}, nonsense(rng), {"kind": nonsense(rng)}])


def send_message(sent: tuple[dict[str, Any], Any], folder: Path) -> None:
    """Send a pad what a browser may send it; it must answer, and name what is wrong."""
    from mnist_lab.pad import DigitPad

    del folder
    pad = DigitPad(lambda digits: np.full((len(digits), 10), 0.1, np.float32), ask="fool")
    pad.set_state(sent[0])
    error = pad._answer.get("error", "")  # noqa: SLF001
    pad._on_message(pad, sent[1], [])  # noqa: SLF001
    pad.close()
    if error:
        kind, _, text = error.partition(": ")
        assert kind in {"ArrayError", "DataError"}, error
        raise MnistLabError(text)


DOORS = {
    "pictures": Door(make_picture, read_picture),
    "pages": Door(make_page, read_page, tensorflow=True),
    "sheets": Door(make_sheet, read_sheet),
    "notebooks": Door(make_notebook, plan_notebook),
    "models": Door(make_model, load_model, tensorflow=True),
    "data": Door(make_data, read_data),
    "drawings": Door(make_drawing, load_drawing),
    "messages": Door(make_message, send_message),
}

if __name__ == "__main__":
    sys.exit(main())
