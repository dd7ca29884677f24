"""The procedural writer: what it writes is like MNIST, and repeats."""

import subprocess
import sys

import numpy as np
import pytest
from sklearn.datasets import load_digits

from mnist_lab import images, synth
from mnist_lab.arrays import DataError, MnistLabError
from mnist_lab.progress import Progress
from mnist_lab.synth import Writer, handwriting, legibility, make_split, write, write_strokes
from mnist_lab.synth.legibility import margin, trace_legible
from mnist_lab.synth.tracing import choose_allographs, trace
from mnist_lab.synth.writer import Crowd, HabitSampler

ALLOGRAPHS = synth.allographs()
TEN = np.arange(10, dtype=np.uint8)
SIX = np.full(60, 6, np.uint8)


@pytest.fixture(scope="module")
def digits() -> np.ndarray:
    """Two hundred of each digit, in order."""
    return write(np.repeat(TEN, 200), seed=1)


def centres(digits: np.ndarray) -> np.ndarray:
    """Centre of mass of each digit, x and y."""
    grey = digits.astype(float)
    mass = grey.sum(axis=(1, 2))
    pixels = np.arange(28)
    return np.stack([grey.sum(axis=1) @ pixels, grey.sum(axis=2) @ pixels]) / mass


def spread(digits: np.ndarray) -> float:
    """Mean distance of digits from their mean."""
    return float(np.sqrt(((digits - digits.mean(axis=0)) ** 2).sum(axis=(1, 2))).mean())


@pytest.mark.parametrize("allograph", ALLOGRAPHS, ids=str)
def test_each_allograph_lies_in_its_box_and_is_one_to_three_strokes(allograph):
    """Control points stay near the box that is 1 high, and the ink within 28 pixels."""
    sampler = HabitSampler(np.random.default_rng(0), np.zeros(200, int))
    drawn = allograph.place(sampler)
    assert 1 <= len(drawn) <= 3
    points = np.concatenate([curve for stroke in drawn for curve in stroke], axis=1)
    assert points.shape[0] == 200 and np.isfinite(points).all()
    assert points[..., 1].min() > -0.5 and points[..., 1].max() < 1.5
    assert np.ptp(points[..., 0], axis=1).max() < 3


def test_every_digit_can_be_written_in_more_than_one_way():
    """No class depends on a single allograph, and names tell the allographs apart."""
    assert set(np.unique([allograph.digit for allograph in ALLOGRAPHS])) == set(range(10))
    assert len({str(allograph) for allograph in ALLOGRAPHS}) == len(ALLOGRAPHS)
    assert min(sum(v.digit == digit for v in ALLOGRAPHS) for digit in range(10)) > 3


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others():
    """Labels, seed and writer decide every pixel."""
    once, again, other = write(TEN, seed=3), write(TEN, seed=3), write(TEN, seed=4)
    assert once.tobytes() == again.tobytes()
    assert once.tobytes() != other.tobytes()
    assert write(TEN, seed=3, writer=Writer(1)).tobytes() != once.tobytes()


def test_a_split_is_balanced_and_shaped_like_mnist():
    """uint8 (n, 28, 28) and (n,); as many of each digit; told as it goes."""
    told: list[tuple[int, int | None]] = []

    class Told(Progress):
        def step(self, done, total, what=""):  # noqa: ARG002
            told.append((done, total))

    train, test = make_split(600, 200, seed=2, progress=Told())
    assert train.images.shape == (600, 28, 28) and test.labels.shape == (200,)
    assert (np.bincount(train.labels) == 60).all() and (np.bincount(test.labels) == 20).all()
    assert told[-1] == (800, 800) and told == sorted(told)
    assert (np.diff(train.labels.astype(int)) < 0).any(), "the classes are shuffled"


def test_a_split_repeats_by_its_seed():
    """The same seed is the same data set."""
    splits = [make_split(100, 50, seed=seed) for seed in (5, 5, 6)]
    one, same, other = (train.images.tobytes() + test.images.tobytes() for train, test in splits)
    assert one == same != other


def test_nobody_writes_for_both_parts(monkeypatch):
    """The writers of the test part are not in the training part."""
    people: list[set[object]] = []

    def crowd(writers):
        people.append({writer.normals.tobytes() for writer in writers})
        return original(writers)

    original = handwriting.Crowd
    monkeypatch.setattr(handwriting, "Crowd", crowd)
    make_split(500, 500, seed=0)
    assert len(people) == 2 and all(len(part) > 1 for part in people)
    assert not people[0] & people[1]


def test_rare_ways_are_less_rare_where_asked():
    """A share of 0 keeps a way out of the stand-in only, and the rarest come nearer to the rest."""

    def written(even):
        sampler = HabitSampler(np.random.default_rng(0), np.arange(3000), even=even)
        chosen = choose_allographs(np.ones(3000, np.uint8), sampler)
        return {way.name: (len(at), way.share) for way, at in chosen}

    natural, even = written(False), written(True)
    assert all(share for _, share in natural.values()) and even.keys() > natural.keys()
    line = max(natural, key=natural.get)
    assert even[line] == max(even.values()) and even[line] < natural[line]
    assert all(even[way] > natural[way] for way in natural if natural[way][1] < 5)


def test_centres_of_mass_are_those_of_mnist(digits):
    """Every one within half a pixel of (14, 14), but for ink that the scanner dropped."""
    off = np.abs(centres(digits) - images.CENTRE)
    assert (off < 0.7).all() and (off < 0.5).mean() > 0.95


def test_grey_levels_are_those_of_mnist(digits):
    """MNIST: 33.3 of 255 in the mean, 19% of pixels inked, a third of those white."""
    inked = digits[digits > 0]
    assert digits.mean() == pytest.approx(33.3, abs=2.5)
    assert (digits > 0).mean() == pytest.approx(0.19, abs=0.02)
    assert (inked > 250).mean() == pytest.approx(0.37, abs=0.08)
    assert (digits.max(axis=(1, 2)) > 240).mean() > 0.95


def test_strokes_are_as_wide_as_those_of_mnist(digits):
    """Twice the largest distance to paper, along the middle of the line: median 2.5 pixels."""
    assert np.median([stroke_width(digit) for digit in digits]) == pytest.approx(2.5, abs=0.3)


def stroke_width(digit: np.ndarray) -> float:
    import cv2

    fine = cv2.resize(digit, None, fx=4, fy=4, interpolation=cv2.INTER_LINEAR) > 127
    depth = cv2.distanceTransform(fine.astype(np.uint8), cv2.DIST_L2, 5)
    middle = (depth == cv2.dilate(depth, np.ones((3, 3)))) & (depth > 0)
    return float(np.median(2 * depth[middle]) / 4)


def test_one_writers_digits_are_more_alike_than_those_of_thirty():
    """A page looks like one hand, a class like thirty: over all digits and thirty writers."""
    labels = np.repeat(TEN, 6)
    hands = np.stack([write(labels, seed=seed, writer=Writer(seed)) for seed in range(30)])
    by_digit = hands.reshape(30, 10, 6, 28, 28).astype(float)
    within = by_digit.var(axis=2, ddof=1).mean()
    everybody = by_digit.reshape(30, 10, 6, 784).swapaxes(0, 1).reshape(10, 180, 784)
    assert within < 0.9 * everybody.var(axis=1, ddof=1).mean()


def test_writers_together_write_as_widely_as_nobody_in_particular():
    """Habits are drawn as a digit would draw for itself: a crowd's digits vary as much."""
    crowd = np.concatenate([write(SIX[:3], seed=s, writer=Writer(s)) for s in range(100)])
    nobody = write(np.full(300, 6, np.uint8), seed=0)
    assert spread(crowd) == pytest.approx(spread(nobody), rel=0.05)


def test_strokes_are_one_high_and_begin_at_the_left_edge():
    """What `write_strokes` gives is in units of the digit's height."""
    rng = np.random.default_rng(0)
    for digit in TEN:
        drawing = write_strokes(digit, rng, writer=Writer(3))
        points = np.concatenate(drawing)
        assert 1 <= len(drawing) <= 3 and points.dtype == np.float32
        assert points.min(axis=0) == pytest.approx([0, 0], abs=1e-6)
        assert points[:, 1].max() == pytest.approx(1)


@pytest.mark.parametrize("allograph", ALLOGRAPHS, ids=str)
def test_a_digit_is_written_as_none_but_itself(allograph):
    """Whoever writes it, its shape is likelier its own than any other digit's, by the margin."""
    written = trace_legible(allograph, sampler_of_ten_people())
    assert margin(allograph, written).min() >= legibility.MIN_MARGIN


def test_without_a_second_attempt_some_digits_are_another(monkeypatch):
    """What `trace_legible` writes again is needed: of 7s as the pen goes, one in ten is unclear."""
    monkeypatch.setattr(legibility, "ATTEMPTS", 0)
    sevens = [way for way in ALLOGRAPHS if way.digit == 7]
    margins = [margin(way, trace_legible(way, sampler_of_ten_people())) for way in sevens]
    assert (np.concatenate(margins) < legibility.MIN_MARGIN).mean() > 0.1


def test_legibility_is_of_the_shape_and_not_of_its_size_or_place():
    """A digit three times as large, and elsewhere, is as legible."""
    written = trace(ALLOGRAPHS[0], sampler_of_ten_people())
    moved = written._replace(points=3 * written.points + 5)
    away = margin(ALLOGRAPHS[0], moved) - margin(ALLOGRAPHS[0], written)
    assert np.abs(away).max() < 1, "points on the edge of a cell may fall to either side"
    assert np.median(np.abs(away)) < 1e-3


def test_what_was_clear_at_once_stays_as_it_was():
    """Only unclear digits are written again; the others are those of the same random numbers."""
    [way] = [way for way in ALLOGRAPHS if str(way) == "7.plain"]
    once = trace(way, sampler_of_ten_people())
    clear = margin(way, once) >= legibility.MIN_MARGIN
    legible = trace_legible(way, sampler_of_ten_people())
    assert 0.5 < clear.mean() < 1
    assert ((legible.points == once.points).all(axis=(1, 2)) == clear).all()


def sampler_of_ten_people() -> HabitSampler:
    crowd = Crowd([Writer(seed) for seed in range(10)])
    return HabitSampler(np.random.default_rng(5), np.arange(100) % 10, crowd)


@pytest.mark.slow
def test_a_network_taught_by_it_reads_real_digits():
    """Trained on 10,000 written digits, it reads 80% of scikit-learn's scans of real ones."""
    train, _ = make_split(10_000, 1, seed=0)
    network = small_network()
    answers = np.eye(10)[train.labels]
    network.fit(train.images[..., None] / 255, answers, batch_size=64, epochs=3, verbose=0)
    scans = load_digits()
    read = np.stack([images.to_digit((15.9 * scan).astype(np.uint8)) for scan in scans.images])
    guesses = network.predict(read[..., None] / 255, verbose=0).argmax(axis=1)
    assert (guesses == scans.target).mean() > 0.8


def small_network():
    import keras

    keras.utils.set_random_seed(0)
    layers = keras.layers
    network = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(16, 5, strides=2, activation="relu"),
            layers.Conv2D(32, 3),
            layers.MaxPool2D(),
            layers.BatchNormalization(momentum=0.9),
            layers.ReLU(),
            layers.Flatten(),
            layers.Dense(64, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ]
    )
    pace = keras.optimizers.schedules.CosineDecay(4e-3, 3 * 157)  # three epochs
    loss = keras.losses.CategoricalCrossentropy(label_smoothing=0.1)
    network.compile(keras.optimizers.Adam(pace), loss)
    return network


def test_the_sheet_of_allographs_has_a_row_for_each():
    """One row of digits per allograph, none of them empty."""
    sheet = synth.draw_allographs(columns=5)
    assert sheet.shape == (28 * len(ALLOGRAPHS), 140 + 5 * 28)
    assert sheet[:, 140:].reshape(len(ALLOGRAPHS), 28, 5, 28).max(axis=(1, 3)).min() > 200


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: write(np.array([10], np.uint8), seed=0), "labels from 0 to 9, got 10"),
        (lambda: write(np.array([1.0]), seed=0), r"expected labels \(n,\) of whole numbers"),
        (lambda: write_strokes(12, np.random.default_rng()), "a label from 0 to 9, got 12"),
        (lambda: make_split(0, 10), "at least one digit in each part"),
    ],
)
def test_bad_input_is_refused_with_the_reason(call, says):
    """The rule and the offending value."""
    with pytest.raises(MnistLabError, match=says):
        call()


def test_no_labels_are_no_digits():
    """An empty request is answered."""
    assert write(np.array([], np.uint8), seed=0).shape == (0, 28, 28)


FOUR = '[4.mine]\nshare = 1\nstrokes = [["top: 0, 0", "foot: {}"]]\n'


def read(tmp_path, text: str):
    file = tmp_path / "mine.toml"
    file.write_text(text, encoding="utf-8")
    return synth.allographs(file)


def test_a_way_of_writing_is_added_in_a_few_lines(tmp_path):
    """Measures, parts, points met before, corners and chance, in a file of one's own."""
    [mine] = read(
        tmp_path,
        """
        [4.all]
        bar = "0.5 ± 0.1"
        leg = ["low: 0.5, bar to 1", "end: low.x, low.y + 0.2"]
        [4.mine]
        share = 3
        strokes = [["top: 50% * 0.1, 0", "foot: 0, bar, corner", "right: 0.6, bar, corner"], ["leg"]]
        """,
    )
    first, second = mine.place(HabitSampler(np.random.default_rng(0), np.zeros(500, int)))
    assert [curve.shape for curve in first] == [(500, 2, 2)] * 2 and len(second) == 1
    assert (first[0][:, 1] == first[1][:, 0]).all(), "curves meet at the corner"
    assert first[1][:, 1, 1] == pytest.approx(first[0][:, 1, 1]), "bar is one number in a digit"
    assert first[0][:, 1, 1].std() == pytest.approx(0.1, abs=0.02)
    assert second[0][:, 1, 1] == pytest.approx(second[0][:, 0, 1] + 0.2)
    assert (first[0][:, 0, 0] > 0).mean() == pytest.approx(0.5, abs=0.1)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (FOUR.format("0, heigth"), r"mine.toml, \[4.mine\]: 'heigth' is neither a measure nor"),
        (FOUR.format("0, 1 +* 2"), r"'foot': cannot read '0, 1 \+\* 2'"),
        (FOUR.format("0"), "point 'foot': expected x, y or arc"),
        (FOUR.format("0, open('x')"), "is not a number"),
        (FOUR.format("0, 1 / 0"), "divides by 0"),
        (FOUR.format("0, 1").replace("share = 1", ""), "share = a number from 0, got None"),
        (FOUR.format("0, 1").replace("top: 0, 0", "top"), "the name of a part, got 'top'"),
        (FOUR.format("0, a") + 'a = "b"\nb = "a"', "leads back to itself"),
        (FOUR.format("0, 1") + 'unused = "1 +"', "'unused': cannot read '1 \\+'"),
        (FOUR.format("0, 1").replace('"top: 0, 0", ', ""), "stroke 1 has one point"),
        (FOUR.format("()"), "point 'foot': expected x, y or arc"),
        (FOUR.format("0, 1").replace('"top: 0, 0"', "[1]"), r"the name of a part, got \[1\]"),
        ("[4]\nall = 3\n" + FOUR.format("0, 1"), r"what all share is in \[4.all\]"),
        ("[4.mine]\nshare = 1\nstrokes = [3]", "expected strokes ="),
        ("[4.mine]\nshare = 1", "expected strokes ="),
        ("[ten.mine]\nshare = 1", r"expected a digit from \[0\] to \[9\], got \[ten\]"),
        ("[4.mine", "is not TOML"),
    ],
)
def test_a_mistake_in_the_glyphs_is_named(tmp_path, text, says):
    """The file, the allograph, the point and what is wrong with it."""
    with pytest.raises(DataError, match=says):
        read(tmp_path, text)


def test_glyphs_that_are_not_there_are_named(tmp_path):
    """A path that cannot be read is a mistake of the user's, told in one line."""
    with pytest.raises(DataError, match=r"mine.toml: cannot be read"):
        synth.allographs(str(tmp_path / "mine.toml"))


def test_a_cache_of_digits_depends_on_what_writes_them_and_nothing_else():
    """Each step from glyph to digit is among the files; what draws and photographs pages is not."""
    assert all(path.is_file() for path in synth.WRITER_FILES)
    names = {path.name for path in synth.WRITER_FILES if path.parent.name == "synth"}
    steps = "writer", "tracing", "legibility", "rendering", "handwriting", "glyphs"
    assert names == {"glyphs.toml", *(f"{step}.py" for step in steps)}
    others = {path.name for path in synth.WRITER_FILES} - names
    assert "strokes.py" in others and len(others) == 2, "strokes and images.to_digit"


def test_the_writer_is_light_to_import():
    """It needs numpy and OpenCV, and loads neither a network nor what plots."""
    program = (
        "import sys, mnist_lab.synth; "
        "print({'keras', 'tensorflow', 'matplotlib', 'scipy', 'pandas', 'rich'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.strip() == "set()", done.stderr
