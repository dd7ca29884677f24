"""Filled-in sheets, photographed by a program and read: how many boxes are cut right."""

import functools
import statistics
import time
from dataclasses import dataclass, field, replace
from typing import Any

import cv2
import numpy as np

from benchmarks.command import make_parser, measure
from mnist_lab import synth
from mnist_lab.arrays import Image, Split, check_image
from mnist_lab.cli.arguments import positive, seed
from mnist_lab.progress import Progress
from mnist_lab.sheet import NoSheet, Sheet, fill_in, layout, read_sheet

TILT = 35.0  # degrees, at the most
DPI = 100.0, 600.0
BLUR = 0.22  # mm on the page, at the most
PENS = synth.BALLPOINT, synth.PENCIL, synth.FELT
NEAR = 1.0  # mm by which a box may be out of place
ROUNDS = 9  # of the measurement of time
PEOPLE = 200  # whose digits the network is first asked for
LARGE = 12e6  # pixels of the picture that is timed


@dataclass
class _Tally:
    """What became of some photos."""

    photos: int = 0
    read: int = 0
    boxes: int = 0  # written on, on all photos
    right: int = 0
    left_out: int = 0
    wrong: int = 0  # a label that is not what was written there
    refusals: list[str] = field(default_factory=list)


@dataclass(frozen=True, eq=False)
class _Photo:
    """A photo of a sheet, and the truth about it."""

    image: Image
    sheet: Sheet
    middles: Any  # (100, 2) of the boxes, in pixels
    marks: list[Any]  # (4, 2) corners of each, in pixels
    written: set[int]
    dpi: float


def bench_sheet(*, photos: int, seed: int, progress: Progress) -> dict[str, Any]:
    """Read photos of filled-in sheets: any rotation, to 35 degrees, 100 to 600 dpi.

    A box is right where its label is what was written in it, and its place is right to a
    millimetre. Time is that of one core, of a picture of 12 megapixels.

    Parameters
    ----------
    photos : int
        How many, each once with its four marks and once with a corner covered.
    seed : int
        The same seed gives the same photos.
    progress : Progress
        Takes each line of what was measured.

    Returns
    -------
    dict
        For ``"four_marks"`` and ``"three_marks"`` the counts and shares, 0 to 1; ``"ms"``.
    """
    whole, covered = _Tally(), _Tally()
    for number in range(photos):
        photo = _photo((seed, number))
        _read(photo, whole)
        _read(_with_a_corner_covered(photo, (seed, number)), covered)
    found: dict[str, Any] = {}
    for key, what, tally in (
        ("four_marks", "four marks visible", whole),
        ("three_marks", "one corner covered", covered),
    ):
        found[key] = {
            "photos": tally.photos,
            "photos_read": tally.read / tally.photos,
            "boxes": tally.boxes,
            "boxes_right": tally.right / tally.boxes,
            "boxes_left_out": tally.left_out,
            "wrong": tally.wrong,
            "refusals": tally.refusals,
        }
        progress.say(
            f"{what}: {tally.read} of {tally.photos} photos read; of {tally.boxes:,} boxes "
            f"{tally.right / tally.boxes:.2%} right, {tally.left_out} left out, "
            f"{tally.wrong} wrong"
        )
        for refusal in tally.refusals:
            progress.say(f"  refused: {refusal}")
    found["ms"] = _speed()
    progress.say(f"a photo of 12 megapixels: {found['ms']:.0f} ms on one core (median of {ROUNDS})")
    return found


def bench_hands(*, hands: int, progress: Progress) -> dict[str, Any]:
    """Fine-tune the pretrained network to the hands, of 200, that it reads worst.

    Each hand writes 100 digits to learn from and 1,000 others to be measured on.

    Returns
    -------
    dict
        The mean shares right, 0 to 1, before and after: of the hand's own digits held back, and
        of 1,000 digits by 100 others.
    """
    from mnist_lab import network

    model = network.load_pretrained()
    few, many = (np.resize(np.arange(10, dtype=np.uint8), count) for count in (100, 1000))
    others, _ = synth.make_split(1000, 1, seed=1)

    def share(probabilities: Any, labels: Any) -> float:
        return float((probabilities.argmax(axis=1) == labels).mean())

    def written(person: int, labels: Any, seed: int) -> Split:
        who = synth.Writer(person)
        return Split(synth.write(labels, seed=seed, writer=who), labels)

    at_first = [
        share(network.predict_probabilities(model, written(person, few, 0).images), few)
        for person in range(PEOPLE)
    ]
    rows = []
    for person in np.argsort(at_first, kind="stable")[:hands].tolist():
        own, held_back = written(person, few, 1), written(person, many, 2)
        tuned = network.fine_tune(model, own, held_back, seed=0)
        rest = [network.predict_probabilities(each, others.images) for each in (model, tuned.model)]
        shares = [share(each, many) for each in (tuned.before, tuned.after)]
        rows.append([*shares, *(share(each, others.labels) for each in rest)])
    before, after, others_before, others_after = np.mean(rows, axis=0).tolist()
    progress.say(
        f"fine-tuned to {hands} hands: {before:.1%} of their digits right before, {after:.1%} "
        f"after; of others' digits {others_before:.1%} and {others_after:.1%}"
    )
    return {
        "before": before, "after": after,
        "others_before": others_before, "others_after": others_after,
    }  # fmt: skip


def _photo(seed: tuple[int, int]) -> _Photo:
    rng = np.random.default_rng(seed)
    sheet = Sheet(int(rng.integers(layout.NUMBERS)), layout.ORDERS[int(rng.random() < 0.2)])
    size = [*layout.PAPERS][int(rng.random() < 0.3)]
    person = synth.Writer((*seed, 1))
    hand = functools.partial(synth.write_strokes, writer=person)
    empty, struck = rng.choice(layout.BOXES, (2, 2), replace=False).tolist()
    dpi = float(np.exp(rng.uniform(*np.log(DPI))))
    camera = synth.Camera(
        dpi=dpi,
        tilt=float(rng.uniform(0, TILT)),
        rotation=float(rng.uniform(-180, 180)),
        margin=float(rng.uniform(2, 30)),
        exposure=float(rng.uniform(0.6, 1.1)),
        uneven=float(rng.uniform(0, 0.4)),
        vignette=float(rng.uniform(0, 0.2)),
        shadow=float(rng.uniform(0, 0.6)),
        shadow_edge=float(rng.uniform(1, 40)),
        blur=float(rng.uniform(0.3, max(0.8, BLUR * dpi / synth.MM_PER_INCH))),
        noise=float(rng.uniform(0, 6)),
        jpeg=int(rng.integers(40, 96)),
    )
    chance = int(rng.integers(2**31))
    drawing = fill_in(sheet, hand, seed=chance, paper=size, empty=empty, struck=struck)
    pen = PENS[int(rng.integers(len(PENS)))]
    picture, truth = synth.photograph(drawing, seed=chance, pen=pen, camera=camera)
    boxes = layout.box_middles() + layout.plate_corner(size)
    return _Photo(
        check_image(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)),
        sheet,
        truth.where(boxes),
        [
            truth.where(layout.mark_corners(corner) + layout.plate_corner(size))
            for corner in range(4)
        ],
        set(range(layout.BOXES)) - {*empty} - {*struck},
        dpi,
    )


def _with_a_corner_covered(photo: _Photo, seed: tuple[int, int]) -> _Photo:
    """The same photo with a thumb, a coin or a note on one of its marks, and on what is near."""
    rng = np.random.default_rng((*seed, 2))
    mark = photo.marks[int(rng.integers(4))]
    middle = mark.mean(axis=0)
    angles = np.sort(rng.uniform(0, 2 * np.pi, 12))
    around = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    reach = np.linalg.norm(mark - middle, axis=1).max() * rng.uniform(0.5, 1.3, (12, 1))
    outline = np.concatenate([middle + around * reach, mark]).astype(np.float32)
    cover = np.rint(cv2.convexHull(outline)).astype(int)
    image = check_image(cv2.fillPoly(photo.image.copy(), [cover], int(rng.integers(20, 230))))
    hidden = cv2.fillPoly(np.zeros_like(image), [cover], 1)
    side = 2 * int(1.1 * layout.BOX_MM * photo.dpi / synth.MM_PER_INCH) + 1
    x, y = photo.middles.T
    near = cv2.dilate(hidden, np.ones((side, side), np.uint8))[
        np.clip(y, 0, image.shape[0] - 1).astype(int), np.clip(x, 0, image.shape[1] - 1).astype(int)
    ]
    return replace(photo, image=image, written=photo.written - {*np.flatnonzero(near).tolist()})


def _read(photo: _Photo, tally: _Tally) -> None:
    """Read a photo and count; boxes of a photo that is refused are not right."""
    tally.photos += 1
    tally.boxes += len(photo.written)
    try:
        page = read_sheet(photo.image)
    except NoSheet as refused:
        tally.refusals.append(f"{photo.dpi:.0f} dpi: {refused}")
        return
    tally.read += 1
    missed = np.linalg.norm(page.middles - photo.middles, axis=1) * synth.MM_PER_INCH / photo.dpi
    right = page.sheet.labels == photo.sheet.labels
    for box in range(layout.BOXES):
        if box in page.left_out:
            tally.left_out += box in photo.written
        elif right[box] and missed[box] < NEAR:
            tally.right += box in photo.written
        else:
            tally.wrong += 1


def _speed() -> float:
    """Milliseconds for a photo of 12 megapixels with four marks, on one core."""
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        hand = functools.partial(synth.write_strokes, writer=synth.Writer(1))
        camera = replace(synth.PHONE, framing="page", dpi=275, tilt=12)
        drawing = fill_in(Sheet(1), hand, seed=1)
        picture, _ = synth.photograph(drawing, seed=1, camera=camera)
        high, wide = picture.shape[:2]
        zoom = (LARGE / (high * wide)) ** 0.5
        grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
        image = check_image(cv2.resize(grey, None, fx=zoom, fy=zoom, interpolation=cv2.INTER_AREA))
        return statistics.median(_time(image) for _ in range(ROUNDS))
    finally:
        cv2.setNumThreads(threads)


def _time(image: Image) -> float:
    start = time.perf_counter()
    read_sheet(image)
    return 1000 * (time.perf_counter() - start)


def main() -> None:
    """Measure, from the command line."""
    parser = make_parser("sheet", "Read photos of filled-in sheets that a program takes.")
    parser.add_argument("--photos", type=positive, default=60, metavar="N", help="default: 60")
    parser.add_argument("--seed", type=seed, default=0, metavar="N", help="default: 0")
    parser.add_argument(
        "--hands", type=positive, metavar="N",
        help="instead, fine-tune the pretrained network to so many hands: before and after",
    )  # fmt: skip
    args = parser.parse_args()
    if args.hands:
        measure(bench_hands, args, hands=args.hands)
    measure(bench_sheet, args, photos=args.photos, seed=args.seed)


if __name__ == "__main__":
    main()
