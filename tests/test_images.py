"""Pictures and ink."""

import contextlib
import io
import warnings
import zlib

import cv2
import numpy as np
import PIL.Image
import PIL.ImageOps
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from mnist_lab import images
from mnist_lab.arrays import ArrayError, OptionError
from mnist_lab.images import CENTRE, PictureError, invert, load_image, load_pages, to_digit

BYTES = arrays.arrays(np.uint8, arrays.array_shapes(min_dims=2, max_dims=2, max_side=40))


SHAPES = arrays.array_shapes(min_dims=1, max_dims=4, max_side=12)
FLOATS = st.sampled_from([np.float16, np.float32, np.float64])
SCALED = FLOATS.flatmap(
    lambda dtype: arrays.arrays(
        dtype, SHAPES, elements=st.integers(0, 64).map(lambda n: float(n / 64))
    )
)


@given(st.one_of(arrays.arrays(np.uint8, SHAPES), SCALED))
def test_invert_twice_is_nothing(levels):
    """invert(invert(x)) == x, in dtype and shape too, and black becomes white."""
    again = invert(invert(levels))
    assert np.array_equal(again, levels) and again.dtype == levels.dtype
    assert (invert(np.zeros_like(levels)) == (255 if levels.dtype == np.uint8 else 1)).all()


@given(BYTES)
def test_invert_before_or_after_scaling_is_the_same(image):
    """Levels from 0 to 255 and levels from 0 to 1 are inverted alike."""
    assert invert(image) / 255 == pytest.approx(invert(image / 255))


@pytest.mark.parametrize(
    ("levels", "says"),
    [
        (np.uint16([[256]]), r"\(1, 1\) uint16 from 256 to 256"),
        (np.array([[0, 255]]), r"\(1, 2\) int64 from 0 to 255"),
        (np.array([[0.0, 1.5]]), r"\(1, 2\) float64 from 0 to 1.5"),
        (np.array([[0, np.nan]]), "float64 from nan to nan"),
        (np.array([["x"]]), "<U1"),
        ([[0, 255]], "a list"),
    ],
)
def test_invert_refuses_what_is_no_grey_levels(levels, says):
    """Never a wrong answer: the dtype, the range and the next step are named."""
    with pytest.raises(ArrayError, match=f"{says}.*: images.load_image makes") as caught:
        invert(levels)
    assert "\n" not in str(caught.value)


def draw(width: int, height: int, *, at: tuple[int, int] = (0, 0)) -> np.ndarray:
    """An ellipse and a bar of ink on a larger picture."""
    image = np.zeros((400, 400), np.uint8)
    x, y = 60 + at[0], 60 + at[1]
    cv2.ellipse(
        image, (x + width // 2, y + height // 2), (width // 2, height // 2), 0, 0, 300, 255, 9
    )
    cv2.line(image, (x, y), (x + width, y + height // 3), 200, 7)
    return image


@example(200, 171)  # half a pixel, to the last bit
@example(73, 220)
@settings(max_examples=60)
@given(st.integers(20, 220), st.integers(20, 220))
def test_to_digit_puts_the_mass_in_the_middle(width, height):
    """The centre of mass is within half a pixel of (14, 14), the longer side about 20."""
    digit = to_digit(draw(width, height))
    moments = cv2.moments(digit)
    assert abs(moments["m10"] / moments["m00"] - CENTRE) <= 0.5 + 1e-9  # by whole pixels
    assert abs(moments["m01"] / moments["m00"] - CENTRE) <= 0.5 + 1e-9
    assert 20 <= max(cv2.boundingRect(digit)[2:]) <= 21
    assert digit.shape == (28, 28) and digit.dtype == np.uint8


@settings(max_examples=30)
@given(st.integers(-50, 100), st.integers(-50, 100))
def test_to_digit_is_unmoved_by_where_the_ink_was(x, y):
    """The same ink elsewhere gives the same digit, to the bit."""
    assert (to_digit(draw(120, 160)) == to_digit(draw(120, 160, at=(x, y)))).all()


def test_to_digit_keeps_a_small_dot_and_refuses_none():
    """One pixel of ink is a digit; no ink is an error that says so."""
    dot = np.zeros((9, 9), np.uint8)
    with pytest.raises(ArrayError, match="0 everywhere"):
        to_digit(dot)
    dot[2, 3] = 255
    assert to_digit(dot).max() == 255


@pytest.mark.parametrize("length", [100, 10_000, 10_001, 60_000, 33_000_000])
def test_to_digit_of_a_line_of_any_length_takes_little_memory(length):
    """A line a third as wide as it is long, or too thin to be seen, as each axis has it."""
    ink = np.full((3, length), 255, np.uint8)
    for line in (ink, np.ascontiguousarray(ink.T)):
        with contextlib.suppress(ArrayError):  # only specks are left
            assert to_digit(line).shape == (28, 28)


def colours() -> PIL.Image.Image:
    """A picture of 40 x 30 pixels, dark at its left, with a coloured stripe."""
    picture = PIL.Image.new("RGB", (40, 30), (250, 248, 240))
    picture.paste((20, 30, 90), (0, 0, 12, 30))
    return picture


def saved(picture: PIL.Image.Image, kind: str, **options) -> bytes:
    content = io.BytesIO()
    picture.save(content, kind, **options)
    return content.getvalue()


PIL.Image.init()
KINDS = ["PNG", "JPEG", "TIFF", "BMP", "GIF", "WEBP", "PPM", "JPEG2000", "AVIF"]


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind in PIL.Image.OPEN])
@pytest.mark.parametrize("mode", ["RGB", "L", "P", "1", "CMYK", "RGBA", "LA"])
def test_load_image_reads_every_kind_and_mode(kind, mode, tmp_path):
    """A file gives the same grey levels as Pillow's own, whatever it is stored as."""
    picture = colours().convert(mode)
    try:
        content = saved(picture, kind, **({"quality": 100} if kind == "AVIF" else {}))
    except (OSError, ValueError):
        pytest.skip(f"{kind} holds no {mode}")
    path = tmp_path / "a picture.bin"
    path.write_bytes(content)
    with PIL.Image.open(path) as opened:
        expected = np.asarray(opened.convert("RGB").convert("L"), int)
    off = 3 if kind == "AVIF" else 1  # levels; its colours are packed at a loss
    for given_as in (path, str(path), content, picture if kind == "PNG" else content):
        assert np.abs(load_image(given_as) - expected).max() <= off


@pytest.mark.parametrize("kind", ["TIFF", "PNG", "JPEG"])
@pytest.mark.parametrize("dpi", [(204, 98), (98, 204)])
def test_pixels_that_are_not_square_become_so(dpi, kind):
    """A circle is as wide as it is high, however a fax has scanned it, and none is thrown away."""
    page = np.full((4 * dpi[1], 4 * dpi[0]), 255, np.uint8)
    cv2.ellipse(page, (2 * dpi[0], 2 * dpi[1]), dpi, 0, 0, 360, 0, -1)
    image = load_image(saved(PIL.Image.fromarray(page), kind, dpi=dpi))
    *_, wide, high = cv2.boundingRect((image < 128).astype(np.uint8))
    assert abs(wide - high) <= 4 and abs(min(image.shape) - 4 * max(dpi)) <= 1


@pytest.mark.parametrize("dpi", [(200, 200), (200, 1), (0, 0), (72, 71)])
def test_mad_resolutions_change_nothing(dpi):
    """One that is the same both ways, nought, or far apart leaves the pixels as they are."""
    content = saved(colours(), "TIFF", dpi=dpi)
    assert np.array_equal(load_image(content), load_image(saved(colours(), "TIFF")))


def test_damaged_tiff_says_it_in_the_kits_words_alone(capfd):
    """What libtiff writes to the terminal by itself does not reach it."""
    noise = np.random.default_rng(0).integers(0, 2, (300, 400), np.uint8) * 255
    for mode, packing in (("1", "group4"), ("L", "tiff_adobe_deflate")):
        content = bytearray(
            saved(PIL.Image.fromarray(noise).convert(mode), "TIFF", compression=packing)
        )
        content[3000:3200] = bytes(range(200))
        with contextlib.suppress(PictureError):
            load_image(bytes(content))
    assert capfd.readouterr().err == ""


def test_a_pdf_may_have_a_unit_of_its_own_and_junk_before_it():
    """A page in units ten times as large is drawn as fine, and what stands before is passed over."""
    pytest.importorskip("pypdfium2")
    page = colours().resize((800, 600))
    tiny = saved(page, "PDF", resolution=1000).replace(b"/MediaBox", b"/UserUnit 10 /MediaBox")
    for content in (tiny, b"HTTP/1.1 200 OK\r\n\r\n" + saved(page, "PDF", resolution=100)):
        image = load_image(content)
        assert max(image.shape) >= 1600 and image[:, 5].mean() < 60 and image[:, -5].mean() > 230


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_load_image_turns_as_exif_says(orientation, kind):
    """All eight orientations, turned once, as Pillow turns them."""
    exif = PIL.Image.Exif()
    exif[0x0112] = orientation
    content = saved(colours(), kind, exif=exif)
    upright = PIL.ImageOps.exif_transpose(PIL.Image.open(io.BytesIO(content)))
    assert np.array_equal(load_image(content), np.asarray(upright.convert("L")))


def test_load_image_lays_clear_parts_on_white():
    """Nothing is white; white ink on nothing is laid on black, or it would be lost."""
    dark, bright = (np.zeros((20, 20, 4), np.uint8) for _ in range(2))
    dark[5:15, 8:12, 3] = bright[5:15, 8:12] = 255
    assert load_image(dark)[0, 0] == 255 and load_image(dark)[10, 10] == 0
    assert load_image(bright)[0, 0] == 0 and load_image(bright)[10, 10] == 255


def test_load_image_tells_colours_of_one_brightness_apart():
    """Red ink on green paper that is as bright is seen."""
    picture = np.zeros((60, 60, 3), np.uint8)
    picture[...] = 0, 131, 0
    picture[20:40, 28:32] = 255, 0, 0
    assert np.ptp(load_image(picture)) > 100


def test_load_image_takes_16_bits_and_floats():
    """The same picture in other number types is the same image."""
    image = np.add.outer(np.arange(16), np.arange(16)).astype(np.uint8) * 8
    image[-1, -1] = 255
    wide = image.astype(np.uint16) * 257
    tiff = saved(PIL.Image.fromarray(wide), "TIFF")
    for same in (image / 255, image.astype(float), wide, image[..., None], tiff):
        assert np.array_equal(load_image(same), image)


def test_load_pages_gives_every_page_of_a_tiff():
    """Pages come one by one; one that is not there is an error."""
    pages = [PIL.Image.new("L", (10, 12), level) for level in (10, 20, 30)]
    content = saved(pages[0], "TIFF", save_all=True, append_images=pages[1:])
    assert [page[0, 0] for page in load_pages(content)] == [10, 20, 30]
    assert load_image(content, page=2)[0, 0] == 30
    with pytest.raises(PictureError, match="no page 3"):
        load_image(content, page=3)


def test_load_pages_leaves_the_warnings_alone():
    """While a page is looked at, and after two readers took turns, the filters are the caller's."""
    pages = [PIL.Image.new("L", (10, 12), level) for level in (10, 20)]
    content = saved(pages[0], "TIFF", save_all=True, append_images=pages[1:])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        before = list(warnings.filters)
        one, other = load_pages(content), load_pages(content)
        next(one), next(other)
        assert warnings.filters == before
        assert len([*one, *other]) == 2
        assert warnings.filters == before


def test_load_image_reads_pdf_and_heic():
    """A PDF's page is rendered; what phones write is opened."""
    pytest.importorskip("pypdfium2")
    heif = pytest.importorskip("pillow_heif")
    page = load_image(saved(colours().resize((200, 150)), "PDF"))
    assert page[:, 5].mean() < 60 and page[:, -5].mean() > 230
    heif.register_heif_opener()
    assert load_image(saved(colours().resize((80, 60)), "HEIF"))[30, 5] < 60


@pytest.mark.parametrize(("orientation", "back"), [(1, 0), (3, 180), (6, 90), (8, 270)])
def test_a_heic_that_lies_as_its_exif_says_alone_is_turned(orientation, back):
    """As a JPEG is: what stood at the left stands there again."""
    pytest.importorskip("pillow_heif").register_heif_opener()
    exif = PIL.Image.Exif()
    exif[0x112] = orientation
    held = colours().resize((80, 60)).rotate(back, expand=True)
    for kind in ("HEIF", "JPEG"):
        image = load_image(saved(held, kind, exif=exif))
        assert image.shape == (60, 80) and image[30, 5] < 60 < image[30, 75]


def bomb() -> bytes:
    """A PNG of some kilobytes that says it is 30,000 x 30,000."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return len(body).to_bytes(4) + kind + body + zlib.crc32(kind + body).to_bytes(4)

    size = (30_000).to_bytes(4)
    head = chunk(b"IHDR", size + size + bytes([1, 0, 0, 0, 0]))
    rows = zlib.compress(bytes(3_000_000))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def animation() -> bytes:
    frames = [PIL.Image.new("L", (20, 20), level) for level in (0, 90, 200)]
    return saved(frames[0], "GIF", save_all=True, append_images=frames[1:])


BAD = {
    "text.png": (b"these are words", "no picture"),
    "empty.png": (b"", "empty"),
    "cut.jpg": (saved(colours().resize((400, 300)), "JPEG")[:900], "damaged"),
    "cut.png": (saved(colours().resize((400, 300)), "PNG")[:200], "damaged"),
    "dot.png": (saved(colours().resize((1, 1)), "PNG"), "1 x 1 pixels are too few"),
    "bomb.png": (bomb(), "more than 100 million pixels"),
    "moving.gif": (animation(), "animation of 3"),
    "broken.pdf": (b"%PDF-1.7 and nothing more", "PDF"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_file_is_one_line_that_names_it(name, tmp_path):
    """What cannot be read is named, and what is wrong with it is said."""
    content, says = BAD[name]
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(PictureError, match=says) as error:
        load_image(path)
    assert str(path) in str(error.value) and "\n" not in str(error.value)


def test_missing_file_and_folder_are_named(tmp_path):
    """No such file; a folder where a file should be."""
    with pytest.raises(PictureError, match=r"nowhere\.png: No such file"):
        load_image(tmp_path / "nowhere.png")
    with pytest.raises(PictureError, match="is a folder"):
        load_image(tmp_path)


@pytest.mark.parametrize(
    ("array", "says"),
    [
        (np.full((9, 9), np.nan), "NaN"),
        (np.zeros((9, 9, 7)), "1 to 4"),
        (np.zeros((0, 0), np.uint8), "too few"),
        (np.zeros(9), "expected an array"),
        (np.full((9, 9), 300.0), "not in"),
        (np.full((9, 9), -1), "from 0"),
        (np.full((9, 9), "x"), "numbers"),
    ],
)
def test_bad_array_is_refused(array, says):
    """NaN, channels that mean nothing, numbers out of range."""
    with pytest.raises(PictureError, match=says):
        load_image(array)


@given(st.binary(max_size=200), st.sampled_from([b"", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"%PDF-1."]))
def test_any_bytes_give_an_image_or_the_documented_error(content, head):
    """The loader never fails in another way."""
    with contextlib.suppress(PictureError):
        assert load_image(head + content).ndim == 2


def test_polarity_follows_the_ink_in_any_width():
    """Thin or thick ink, dark or bright, on an even or an uneven ground."""
    ramp = np.tile(np.linspace(0, 90, 200), (200, 1)).astype(np.uint8)
    for pen in (2, 8, 30):
        ink = cv2.ellipse(np.zeros((200, 200), np.uint8), (100, 100), (50, 70), 0, 0, 360, 1, pen)
        dark = 160 + ramp - 110 * ink
        assert images.find_polarity(dark) == "dark-on-light"
        assert images.find_polarity(invert(dark)) == "light-on-dark"


def test_flatten_light_makes_paper_white_in_a_shadow():
    """Bare paper is 255 on both sides of a shadow's edge; ink keeps its share."""
    image = np.full((200, 200), 220, np.uint8)
    image[:, 100:] = 110
    image[90:110, 40:44] = 22
    flat = images.flatten_light(image, window=40)
    assert (flat[:, :90] == 255).sum() > 17_000 and flat[:, 115:].min() > 240
    assert flat[100, 42] < 60


def test_binarise_is_otsu():
    """Two levels are parted between them."""
    image = np.array([[10, 20, 200], [15, 210, 190]], np.uint8)
    assert images.binarise(image).tolist() == [[0, 0, 255], [0, 255, 255]]


@pytest.mark.parametrize("pen", [3, 9, 60])
def test_even_stroke_brings_any_pen_to_what_mnist_has(pen):
    """The stroke of a digit made of any ink is two to four and a half pixels wide."""
    ink = cv2.ellipse(np.zeros((400, 400), np.uint8), (200, 200), (90, 140), 0, 0, 360, 255, pen)
    assert 1.5 < images.stroke_width(to_digit(images.even_stroke(ink))) < 4.7


def test_stroke_width_is_the_pens():
    """A straight line's width is told to half a pixel; no ink has none."""
    for pen in (5, 11, 21):
        ink = np.zeros((300, 300), np.uint8)
        ink[50:250, 100 : 100 + pen] = 255
        assert abs(images.stroke_width(ink) - pen) < 1
    assert images.stroke_width(np.zeros((5, 5), np.uint8)) == 0


@pytest.mark.parametrize(
    "measure",
    [
        images.find_polarity,
        images.flatten_light,
        images.binarise,
        images.stroke_width,
        images.even_stroke,
        images.ink_depth,
        to_digit,
    ],
)
@pytest.mark.parametrize("bad", [np.zeros((9, 9)), np.ones((9, 9), bool), np.zeros(9), "ink"])
def test_every_filter_refuses_what_is_no_image(measure, bad):
    """The kit's own error, never OpenCV's."""
    with pytest.raises(ArrayError, match="expected an image"):
        measure(bad)


def test_ink_depth_is_the_distance_to_what_is_no_ink():
    """The middle of a bar is half its width deep; beyond the picture there is no ink."""
    ink = np.zeros((9, 30), np.uint8)
    ink[2:7] = 255
    assert images.ink_depth(ink)[:, 15].tolist() == pytest.approx([0, 0, 1, 2, 3, 2, 1, 0, 0], 0.1)
    assert images.ink_depth(np.ones((1, 1), np.uint8)) == pytest.approx(1, rel=0.1)


def test_saved_image_is_loaded_the_same(tmp_path):
    """Grey or colours, by a path or its text; red stays red."""
    grey = np.arange(100, dtype=np.uint8).reshape(10, 10)
    images.save_image(grey, str(tmp_path / "grey.png"))
    assert np.array_equal(load_image(tmp_path / "grey.png"), grey)
    red = np.zeros((10, 10, 3), np.uint8)
    red[..., 0] = 255
    images.save_image(red, tmp_path / "red.PNG")
    assert PIL.Image.open(tmp_path / "red.PNG").getpixel((0, 0)) == (255, 0, 0)


@pytest.mark.parametrize("name", ["digit.txt", "digit", "digit."])
def test_save_image_names_a_suffix_that_is_no_pictures(name, tmp_path):
    """A bad suffix is a bad option, and nothing is written."""
    with pytest.raises(OptionError, match=f"{name}: expected a name that ends in .png"):
        images.save_image(np.zeros((9, 9), np.uint8), tmp_path / name)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("bad", [np.zeros((9, 9)), np.zeros((9, 9, 4), np.uint8), None])
def test_save_image_refuses_what_is_no_picture(bad, tmp_path):
    """Floats, four channels, nothing at all: said before a file is begun."""
    with pytest.raises(ArrayError, match="expected"):
        images.save_image(bad, tmp_path / "digit.png")
