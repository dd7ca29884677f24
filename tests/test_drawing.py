"""A drawing comes back from wherever it was as it was."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from mnist_lab import images, strokes, synth
from mnist_lab.arrays import ArrayError, DataError, Stroke
from mnist_lab.pad import Drawing, kit_drawing
from mnist_lab.pad.drawing import GRID, MAX_POINTS

lines = st.lists(
    st.integers(1, 12).flatmap(
        lambda n: arrays.arrays(np.float32, (n, 2), elements=st.floats(-2, 3, width=32))
    ),
    max_size=4,
)


def seven() -> list[Stroke]:
    """A written 7 in the middle of the pad."""
    return [0.2 + 0.6 * line for line in synth.write_strokes(7, np.random.default_rng(1))]


@given(lines, st.floats(0.01, 0.3))
def test_bytes_and_back(tmp_path_factory, drawn, pen):
    """A drawing comes back from bytes and from a file to the last bit."""
    drawing = Drawing.of(drawn, pen=pen)
    path = tmp_path_factory.mktemp("drawings") / "one.json"
    drawing.save(path)
    for back in (Drawing.from_bytes(drawing.to_bytes()), Drawing.load(path)):
        assert back.to_bytes() == drawing.to_bytes()


@given(lines)
def test_points_keep_their_places(drawn):
    """Nothing is moved by more than half a step of the grid, and no stroke is lost."""
    drawing = Drawing.of(drawn)
    assert len(drawing) == len(drawn)
    for line, kept in zip(drawn, drawing.strokes, strict=True):
        assert np.abs(line - kept).max() <= 0.51 / GRID


def test_pens_and_seconds_are_kept():
    """Width and time stand at each point, the time counted from the first."""
    times = [np.array([5.0, 5.25]), np.array([7.5])]
    drawing = Drawing.of(
        [np.float32([[0, 0], [1, 1]]), np.float32([[0.5, 0.5]])],
        pen=[np.array([0.1, 0.2]), 0.05],
        seconds=times,
    )
    np.testing.assert_allclose(np.concatenate(drawing.pens), [0.1, 0.2, 0.05], atol=1e-6)
    np.testing.assert_allclose(np.concatenate(drawing.seconds), [0, 0.25, 2.5])


def test_digit_is_made_as_scans_are():
    """A digit is the ink, drawn by `rasterise`, evened and brought to MNIST's form."""
    drawing = Drawing.of(seven())
    ink = strokes.rasterise(drawing.strokes, size=280, pen=drawing.pens)
    np.testing.assert_array_equal(drawing.image, ink)
    np.testing.assert_array_equal(drawing.digit, images.to_digit(images.even_stroke(ink)))


@given(st.floats(-0.15, 0.15), st.floats(-0.15, 0.15))
def test_digit_is_unmoved_by_where_it_was_drawn(right, down):
    """Wherever on the pad it stands, the digit is the same, but for the rounding of its centre."""
    there = Drawing.of([line + np.float32([right, down]) for line in seven()]).digit
    here = Drawing.of(seven()).digit.astype(int)
    steps = [(down, right) for down in (-1, 0, 1) for right in (-1, 0, 1)]
    assert min(np.abs(np.roll(there, step, (0, 1)) - here).mean() for step in steps) < 6


@given(st.floats(-0.1, 1.1), st.floats(-0.1, 1.1))
@example(-0.039, 0.5)  # thinned, nothing was left of it
def test_ink_that_is_mostly_beside_the_pad_is_a_digit_or_none(x, y):
    """Of the last speck that is seen a digit is made; of less, none."""
    drawing = Drawing.of([Stroke(np.array([[x, y]], np.float32))])
    assert (drawing.digit is None) == (not drawing.image.any())


def test_no_ink_is_no_digit():
    """An empty drawing has no digit, and neither has one that is out of sight."""
    assert Drawing.of([]).digit is None
    assert Drawing.of([np.full((3, 2), 1e9, np.float32)]).digit is None


@pytest.mark.parametrize(
    ("drawn", "says"),
    [
        ([np.float32([[0, np.nan]])], "expected numbers for x and y"),
        ([np.zeros((MAX_POINTS + 1, 2), np.float32)], "at most 20,000 points, got 20,001"),
        ([np.zeros((1_000_000, 2), np.float32)], "keep every tenth"),
        (["a stroke"], r"expected a stroke \(points, 2\)"),
        (np.float32([[0, 1], [1, 1]]), r"expected a stroke \(points, 2\)"),
    ],
)
def test_bad_strokes_are_named(drawn, says):
    """What is no drawing is refused with what is wrong with it."""
    with pytest.raises(ArrayError, match=says):
        Drawing.of(drawn)


def test_bad_company_is_named():
    """Pens and times must fit the strokes."""
    line = np.zeros((2, 2), np.float32)
    with pytest.raises(ArrayError, match="wider than 0"):
        Drawing.of([line], pen=0)
    with pytest.raises(ArrayError, match="expected a pen and the seconds of each of 1 strokes"):
        Drawing.of([line], pen=[0.1, 0.1])
    with pytest.raises(ArrayError, match="expected a time for each of the 2 points of stroke 0"):
        Drawing.of([line], seconds=[np.zeros(3)])


@given(st.binary(max_size=64))
def test_any_bytes_are_a_drawing_or_an_error(content):
    """Whatever the browser sends, a drawing comes out, or a clear error."""
    try:
        drawing = Drawing.from_bytes(content)
    except ArrayError as error:
        assert str(error).startswith("expected points of 8 bytes")
    else:
        assert drawing.image.shape == (280, 280)


@pytest.mark.parametrize(
    "content",
    [
        "", "null", "[]", "{}", '{"strokes": 3}', '{"strokes": [{}]}', '{"strokes": [[1]]}', "PK",
        '{"strokes": [{"x": [0], "y": [0, 1], "width": [0.1], "seconds": [0]}]}',
        '{"strokes": [{"x": ["a"], "y": [0], "width": [0.1], "seconds": [0]}]}',
        '{"strokes": [{"x": [NaN], "y": [0], "width": [0.1], "seconds": [0]}]}',
        '{"strokes": [{"x": [[0]], "y": [[0]], "width": [[1]], "seconds": [[1]]}]}',
        '{"strokes": [{"x": [0], "y": [0], "width": [0.1], "seconds": 7}]}',
        '{"strokes": [{"x": [1%s], "y": [0], "width": [0.1], "seconds": [0]}]}' % ("0" * 400),
        json.dumps({"strokes": [dict.fromkeys(["x", "y", "width", "seconds"], [-1] * 99)]}),
        "[" * 100_000,
    ],
)  # fmt: skip
def test_a_file_that_is_no_drawing(tmp_path, content):
    """A file that is no drawing is named in one line, with what writes one."""
    path = tmp_path / "other.json"
    path.write_text(content)
    with pytest.raises(DataError, match="is no drawing") as caught:
        Drawing.load(path)
    assert "\n" not in caught.value.args[0]


@given(st.lists(st.floats(1e-9, 1e308), min_size=1, max_size=9))
def test_a_drawing_of_any_size_and_age_lies_on_its_grid(numbers):
    """Whatever finite numbers a stroke is made of; no number of it overflows."""
    place = Stroke(np.full((len(numbers), 2), numbers[0]))
    drawing = Drawing.of([place], pen=[np.array(numbers)], seconds=[np.array(numbers) * [-1]])
    assert len(drawing) == 1 and (drawing.points[:-1, 2] > 0).all()


def test_a_file_that_cannot_be_read(tmp_path):
    """A file that is missing, binary or huge is named."""
    with pytest.raises(DataError, match="cannot be read"):
        Drawing.load(tmp_path / "none.json")
    (tmp_path / "binary").write_bytes(bytes(range(128, 256)))
    with pytest.raises(DataError, match="is no drawing"):
        Drawing.load(tmp_path / "binary")
    (tmp_path / "huge").write_bytes(b" " * 3_000_000)
    with pytest.raises(DataError, match="too long"):
        Drawing.load(tmp_path / "huge")


def test_a_drawing_by_its_name(project):
    """The course's drawings are found from anywhere; another name is an error."""
    there = Drawing.load(project / "data" / "drawings" / "fool_9.json")
    assert kit_drawing("fool_9").to_bytes() == there.to_bytes()
    with pytest.raises(DataError, match=r"eleven\.json"):
        kit_drawing("eleven")


def test_the_drawings_of_the_project(project):
    """There are ten and some that fool; each file holds strokes on the pad, drawn in time."""
    files = sorted((project / "data" / "drawings").glob("*.json"))
    assert {path.stem for path in files} >= set("0123456789")
    for path in files:
        drawing = Drawing.load(path)
        assert np.concatenate(drawing.strokes).min() > 0
        assert np.concatenate(drawing.strokes).max() < 1
        assert drawing.seconds[-1][-1] > 0.3
        assert set(json.loads(Path(path).read_text())) == {"strokes"}
