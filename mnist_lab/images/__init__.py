"""Pictures: from a file to an image, polarity, light, ink or paper, and a digit out of ink."""

import io
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import PIL.Image
from numpy.typing import NDArray
from PIL import ImageSequence, UnidentifiedImageError

from mnist_lab.arrays import ArrayError, Digits, Image, MnistLabError, check_image, describe
from mnist_lab.files import atomic_write

BOX = 20  # pixels; the longer side of the ink in an MNIST digit
CENTRE = 14  # where its centre of mass lies, in x and in y, within half a pixel
ROOM = 6  # pixels around the digit, for a box that reaches over its edge

FORMATS = ["PNG", "JPEG", "MPO", "TIFF", "BMP", "DIB", "GIF", "WEBP", "PPM", "HEIF"]
MOVING = {"GIF", "PNG", "WEBP"}  # where a second picture is the next moment, not the next page
BIGGEST = 100_000_000  # pixels of a picture, above which one is refused
SMALLEST = 3  # pixels; a picture less high or wide shows nothing
PDF_DPI = 200  # at which a PDF's page becomes a picture
BAND = 256  # rows that become grey at a time, to save memory
DARK_ON_LIGHT, LIGHT_ON_DARK = "dark-on-light", "light-on-dark"
DARKEST = 40  # the darkest that paper is taken for; below it is only noise
SHADE = 0.35  # share of the bright paper's brightness below which it is a table, no shadow
WINDOWS = 5, 9, 21, 51  # pixels, through which ink is looked for when judging polarity
STEEP = 30.0  # levels; light that changes more than this close by is an edge
SIGHT = 128  # pixels; light and polarity are judged on a picture no larger than this

Picture = str | os.PathLike[str] | bytes | PIL.Image.Image | NDArray[Any]


class PictureError(MnistLabError):
    """A picture cannot be read; the text names it and says what is wrong."""


def load_image(picture: Picture, *, page: int = 0) -> Image:
    """Read one picture: from a file, from bytes, from Pillow, or from an array.

    PNG, JPEG, TIFF, BMP, GIF, WebP, PPM, HEIC and PDF. A picture is turned as its EXIF
    orientation says; what is transparent becomes white; colours become grey by their
    brightness, or, where ink and paper are equally bright, by the colour that tells them
    apart; more than 8 bits become 8, the brightest of them 255.

    Parameters
    ----------
    picture : path, bytes, PIL.Image.Image or array
        An array is (height, width) or (height, width, 1 to 4): grey, grey and alpha, RGB,
        RGBA. Integers are levels; floats are levels in [0, 1] or in [0, 255].
    page : int
        Which page of a TIFF or a PDF, from 0.

    Returns
    -------
    uint8 (height, width)
        The image, 0 to 255.

    Raises
    ------
    PictureError
        There is no such file or page, it is no picture, damaged, an animation, encrypted,
        smaller than 3 pixels or larger than 100 million; or the array is none of the above.
    """
    for number, image in enumerate(load_pages(picture)):
        if number == page:
            return image
    raise PictureError(f"{_name(picture)}: has no page {page}, counted from 0")


def load_pages(picture: Picture) -> Iterator[Image]:
    """Read the pages of a TIFF or a PDF one by one; another picture is one page.

    Parameters, results and errors are those of `load_image`; an error comes when the page
    that has it is reached.
    """
    name = _name(picture)
    if isinstance(picture, np.ndarray):
        yield _from_array(picture, name)
        return
    if isinstance(picture, PIL.Image.Image):
        with _telling(name):
            yield _from_pillow(picture, name)
        return
    with _telling(name):
        content = picture if isinstance(picture, bytes) else _read(picture, name)
        if content[:1024].lstrip().startswith(b"%PDF"):
            yield from _from_pdf(content, name)
        else:
            yield from _from_file(content, name)


def _name(picture: Any) -> str:
    if isinstance(picture, str | os.PathLike):
        return os.fspath(picture)
    return "the bytes" if isinstance(picture, bytes) else f"the picture, {describe(picture)}"


def _read(path: Any, name: str) -> bytes:
    if not isinstance(path, str | os.PathLike):
        raise PictureError(f"expected a path, bytes, a Pillow image or an array, got {name}")
    if Path(path).is_dir():
        raise PictureError(f"{name}: is a folder; name the pictures in it")
    return Path(path).read_bytes()


@contextmanager
def _telling(name: str) -> Iterator[None]:
    """Say what is wrong with a file in one line, whatever the libraries raise."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of metadata that is out of order
            yield
    except UnidentifiedImageError:
        raise PictureError(f"{name}: is no picture of a kind that is read here") from None
    except PIL.Image.DecompressionBombError:
        raise PictureError(_too_large(name)) from None
    except MemoryError:
        raise PictureError(f"{name}: is too large for the memory of this machine") from None
    except OSError as error:
        reason = error.strerror or f"the picture is damaged ({error})"
        raise PictureError(f"{name}: {reason}") from None
    except (SyntaxError, ValueError, TypeError, EOFError, KeyError, IndexError) as error:
        raise PictureError(f"{name}: the picture is damaged ({error})") from None
    except Exception as error:
        if isinstance(error, MnistLabError):
            raise
        raise PictureError(f"{name}: cannot be read ({error})") from None


def _too_large(name: str) -> str:
    return f"{name}: has more than {BIGGEST // 10**6} million pixels; make it smaller first"


def _check_size(width: float, height: float, name: str) -> None:
    if min(width, height) < SMALLEST:
        raise PictureError(f"{name}: {width} x {height} pixels are too few to show a digit")
    if width * height > BIGGEST:
        raise PictureError(_too_large(name))


def _from_file(content: bytes, name: str) -> Iterator[Image]:
    if content[4:8] == b"ftyp":  # HEIC and its kin
        _open_heif()
    if not content:
        raise PictureError(f"{name}: the file is empty")
    PIL.Image.init()
    known = [kind for kind in FORMATS if kind in PIL.Image.OPEN]
    with PIL.Image.open(io.BytesIO(content), formats=known) as opened:
        frames = getattr(opened, "n_frames", 1)
        if frames > 1 and opened.format in MOVING:
            raise PictureError(
                f"{name}: is an animation of {frames} pictures; save the one to read by itself"
            )
        if opened.format == "TIFF":
            for frame in ImageSequence.Iterator(opened):
                yield _from_pillow(frame, name)
        else:
            yield _from_pillow(opened, name)


def _open_heif() -> None:
    try:
        from pillow_heif import register_heif_opener
    except ImportError:
        raise PictureError("HEIC pictures need pillow-heif: pip install pillow-heif") from None
    register_heif_opener()


def _from_pdf(content: bytes, name: str) -> Iterator[Image]:
    try:
        import pypdfium2
    except ImportError:
        raise PictureError(f"{name}: PDF needs pypdfium2: pip install pypdfium2") from None
    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        locked = "password" in str(error).lower()
        wrong = "is encrypted; save it without a password" if locked else f"is damaged ({error})"
        raise PictureError(f"{name}: the PDF {wrong}") from None
    try:
        if not len(document):
            raise PictureError(f"{name}: the PDF has no pages")
        for number in range(len(document)):
            sheet = document[number]
            scale = PDF_DPI / 72  # a PDF counts 72 points an inch
            width, height = (round(side * scale) for side in sheet.get_size())
            _check_size(width, height, name=name)
            drawn = sheet.render(scale=scale, grayscale=True).to_numpy()
            yield np.array(drawn.reshape(drawn.shape[:2]))
    finally:
        document.close()


def _from_pillow(picture: PIL.Image.Image, name: str) -> Image:
    _check_size(*picture.size, name=name)
    orientation = picture.getexif().get(0x0112, 1)
    return _upright(_grey(picture), orientation)


def _grey(picture: PIL.Image.Image) -> Image:
    """One channel of 8 bits, made in bands, for a large picture is held once only."""
    if picture.mode in {"I", "F"} or picture.mode.startswith("I;16"):
        return _eight_bits(np.asarray(picture))
    if picture.mode in {"L", "1"} and "transparency" not in picture.info:
        return np.array(picture.convert("L"))
    clear = picture.mode in {"RGBA", "LA", "PA", "RGBa", "La"} or "transparency" in picture.info
    width, height = picture.size
    picture.load()
    mode = "RGBA" if clear else "RGB"
    small = np.asarray(picture.resize(_sight(width, height)).convert(mode))
    paper = 0 if clear and not _on(small, 255)[..., :3].std() else 255
    weights = _telling_colours(_on(small, paper))
    grey = np.empty((height, width), np.uint8)
    for top in range(0, height, BAND):
        bottom = min(top + BAND, height)
        band = np.asarray(picture.crop((0, top, width, bottom)).convert(mode))
        grey[top:bottom] = _mix(_on(band, paper), weights)
    return grey


def _sight(width: int, height: int) -> tuple[int, int]:
    """The size at which a picture is looked at as a whole."""
    shrink = min(1, SIGHT / max(width, height))
    return max(1, round(width * shrink)), max(1, round(height * shrink))


def _on(colours: NDArray[np.uint8], paper: int) -> NDArray[np.uint8]:
    """Lay RGBA (h, w, 4) on paper of one grey level; RGB stays as it is."""
    if colours.shape[2] == 3:
        return colours
    alpha = colours[..., 3:].astype(np.uint16)
    mixed = colours[..., :3] * alpha + np.uint16(paper) * (255 - alpha)
    return ((mixed + 127) // 255).astype(np.uint8)


BRIGHTNESS = 0.299, 0.587, 0.114  # of red, green and blue (ITU-R BT.601)


def _telling_colours(colours: NDArray[np.uint8]) -> tuple[float, ...]:
    """How much of red, green and blue goes into grey, by what tells ink from paper."""
    choices = [BRIGHTNESS, (1, 0, 0), (0, 1, 0), (0, 0, 1)]
    contrast = [_contrast(_mix(colours, choice)) for choice in choices]
    best = int(np.argmax(contrast))
    return choices[best] if contrast[best] > max(10, 3 * contrast[0]) else BRIGHTNESS


def _contrast(image: Image) -> float:
    """How much a picture's thin parts stand out: the spread of what a median takes away."""
    return float(cv2.absdiff(image, cv2.medianBlur(image, 31)).astype(np.float32).std())


def _mix(colours: NDArray[np.uint8], weights: tuple[float, ...]) -> Image:
    if weights == BRIGHTNESS:
        return cv2.cvtColor(np.ascontiguousarray(colours), cv2.COLOR_RGB2GRAY)
    return colours[..., int(np.argmax(weights))].copy()


def _eight_bits(levels: NDArray[Any]) -> Image:
    """Levels of more than 8 bits to 8, the brightest 255."""
    levels = np.asarray(levels, np.float32)
    if not np.isfinite(levels).all():
        raise PictureError("the picture holds NaN or infinite levels")
    levels = levels - min(0.0, float(levels.min()))
    return np.rint(levels * (255 / max(1.0, float(levels.max())))).astype(np.uint8)


def _upright(image: Image, orientation: int) -> Image:
    """Turn an image as EXIF's orientation, 1 to 8, says that it was held."""
    if orientation in {2, 4, 5, 7}:
        image = image[:, ::-1]
    turns = {3: 2, 4: 2, 5: 1, 6: 3, 7: 3, 8: 1}.get(orientation, 0)
    return np.ascontiguousarray(np.rot90(image, turns))


def _from_array(array: NDArray[Any], name: str) -> Image:
    channels = array.shape[2] if array.ndim == 3 else 1
    if array.ndim not in {2, 3} or not 1 <= channels <= 4:
        raise PictureError(
            f"expected an array (height, width) or (height, width, 1 to 4), got {describe(array)}"
        )
    _check_size(array.shape[1], array.shape[0], name)
    levels = _levels(array, name)
    if channels == 1:
        return np.array(levels.reshape(levels.shape[:2]))
    return _grey(PIL.Image.fromarray(levels, {2: "LA", 3: "RGB", 4: "RGBA"}[channels]))


def _levels(array: NDArray[Any], name: str) -> NDArray[np.uint8]:
    if array.dtype == np.uint8:
        return array
    if array.dtype == bool:
        return array.astype(np.uint8) * 255
    if array.dtype.kind not in "iuf":
        raise PictureError(f"{name}: expected numbers")
    if not np.isfinite(array).all():
        raise PictureError(f"{name}: holds NaN or infinite levels")
    low, high = float(array.min()), float(array.max())
    if array.dtype.kind == "f":
        if low < 0 or high > 255:
            raise PictureError(
                f"{name}: levels from {low:g} to {high:g}, not in [0, 1] or [0, 255]"
            )
        return np.rint(array * (255 if high <= 1 else 1)).astype(np.uint8)
    if low < 0:
        raise PictureError(f"{name}: expected levels from 0, got {low:g}")
    return array.astype(np.uint8) if high <= 255 else _eight_bits(array)


def invert(image: Image) -> Image:
    """Swap dark and bright: what was 0 is 255, what was 255 is 0.

    Parameters
    ----------
    image : uint8, any shape
        Grey levels, 0 to 255.

    Returns
    -------
    uint8, the same shape
        ``255 - image``.
    """
    return 255 - np.asarray(image, np.uint8)


def polarity(image: Image) -> str:
    """Say whether the ink is darker or brighter than what it is written on.

    A median over a window sees nothing of ink that is thin for it. What differs from that
    median, more to the dark or more to the bright, is the ink; how wide it is, one does not
    know, and so the window is taken that is surest. The edges of paper and of shadows are
    left out: the median itself is steep there.

    Parameters
    ----------
    image : uint8 (height, width)
        0 to 255.

    Returns
    -------
    str
        ``"dark-on-light"`` or ``"light-on-dark"``; the first where nothing stands out.
    """
    height, width = check_image(image).shape
    small = cv2.resize(image, _sight(width, height), interpolation=cv2.INTER_AREA)
    widest = max(3, max(small.shape) * 2 // 5 | 1)
    surest = 0.0
    shrunk = max(height, width) > 2 * SIGHT  # else no ink is so thin
    for window in WINDOWS[0 if shrunk else 1 :]:
        share = _brighter(small, min(window, widest))
        surest = share if abs(share) > abs(surest) else surest
    return LIGHT_ON_DARK if surest > 0 else DARK_ON_LIGHT


def _brighter(image: Image, window: int) -> float:
    """By how much thin bright parts outdo thin dark ones, -1 to 1."""
    around = cv2.medianBlur(image, window)
    near = np.ones((window // 8 * 2 + 5, window // 8 * 2 + 5), np.uint8)
    steep = (cv2.dilate(around, near) - cv2.erode(around, near)).astype(np.float32)
    apart = (image.astype(np.float32) - around) ** 3 / (1 + (steep / STEEP) ** 4)
    return float(apart.sum()) / (float(np.abs(apart).sum()) + 1)


def flatten_light(image: Image, *, window: int | None = None) -> Image:
    """Even out the light on dark ink: bare paper becomes white, in the sun and in a shadow.

    Each pixel is divided by the paper's brightness there, which is what is left when
    everything darker and thinner than a window is filled in (a morphological closing).

    Parameters
    ----------
    image : uint8 (height, width)
        Dark ink on light, 0 to 255.
    window : int, optional
        In pixels, wider than any stroke of the ink; by default two fifths of the longer
        side. The closer it is to a stroke's width, the harder a shadow may be.

    Returns
    -------
    uint8 (height, width)
        255 where there is bare paper, darker where there is ink.

    References
    ----------
    Serra 1982, *Image analysis and mathematical morphology*: the closing by a square.
    """
    height, width = check_image(image).shape
    window = window or max(height, width) * 2 // 5
    step = max(1, window // 16)  # light is smooth, and is worked out this much coarser
    coarse = max(1, round(width / step)), max(1, round(height / step))
    paper = cv2.resize(image, coarse, interpolation=cv2.INTER_AREA)
    side = max(3, round(window / step)) | 1
    paper = cv2.morphologyEx(paper, cv2.MORPH_CLOSE, np.ones((side, side), np.uint8))
    paper = cv2.resize(paper, (width, height), interpolation=cv2.INTER_LINEAR)
    darkest = max(DARKEST, SHADE * float(np.percentile(paper[::8, ::8], 90)))
    return cv2.divide(image, np.maximum(paper, np.uint8(darkest)), scale=255)


def binarise(ink: Image) -> Image:
    """Decide for each pixel whether it is ink, with one threshold for all (Otsu's).

    Parameters
    ----------
    ink : uint8 (height, width)
        Bright ink on a dark and even background, 0 to 255.

    Returns
    -------
    uint8 (height, width)
        255 where there is ink, 0 elsewhere.

    References
    ----------
    Otsu 1979, *A threshold selection method from gray-level histograms*.
    """
    return cv2.threshold(check_image(ink), 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)[1]


def stroke_width(ink: Image) -> float:
    """Measure how wide the strokes are, in pixels; 0 where there is no ink.

    A pixel in a stroke of width w is w / 4 from its edge on average.

    Parameters
    ----------
    ink : uint8 (height, width)
        Bright ink on dark; half as bright as its brightest is ink.
    """
    mask = (check_image(ink) > int(ink.max()) // 2).astype(np.uint8)
    return 4 * float(depth(mask)[mask > 0].mean()) - 1 if mask.any() else 0.0


def depth(mask: Image) -> NDArray[np.float32]:
    """How far each pixel of ink is from the nearest that is none: float32, in pixels.

    Beyond the picture there is none. `mask` is uint8, 0 where there is no ink.
    """
    framed = cv2.copyMakeBorder(mask, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    return cv2.distanceTransform(framed, cv2.DIST_L2, 3)[1:-1, 1:-1]


def even_stroke(ink: Image, *, thinnest: float = 2.2, thickest: float = 4.4) -> Image:
    """Bring strokes to a width that MNIST has: thin ones are thickened, thick ones thinned.

    Parameters
    ----------
    ink : uint8 (height, width)
        Bright ink on a background of 0.
    thinnest, thickest : float
        The width that a stroke may have once the ink is 20 pixels large, in those pixels.

    Returns
    -------
    uint8 (height, width)
        The ink with other strokes; it may be larger by what they grew.
    """
    longer = max(cv2.boundingRect(check_image(ink))[2:])
    width = stroke_width(ink)
    want = float(np.clip(width, thinnest * longer / BOX, thickest * longer / BOX))
    radius = round(abs(want - width) / 2)
    if not longer or not radius:
        return ink
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
    if want < width:
        return cv2.erode(ink, disc)
    room = np.pad(ink, radius)
    return cv2.dilate(room, disc)


def to_digit(ink: Image) -> Digits:
    """Bring ink to the form of MNIST: a 20-pixel box, its centre of mass at (14, 14).

    The proportions stay. Where the ink stood in the picture makes no difference. The ink is
    moved by whole pixels, as MNIST's was, and so stays as sharp as it is.

    Parameters
    ----------
    ink : uint8 (height, width)
        Bright ink on a background of 0, any size, 0 to 255.

    Returns
    -------
    uint8 (28, 28)
        The digit.

    Raises
    ------
    ArrayError
        `ink` is not an image, or holds no ink, or none that is left after shrinking.

    References
    ----------
    LeCun, Cortes and Burges, *The MNIST database of handwritten digits*: "size
    normalized to fit in a 20x20 pixel box while preserving their aspect ratio" and
    centred "by computing the center of mass of the pixels".
    """
    x, y, width, height = cv2.boundingRect(check_image(ink))
    if not width:
        raise ArrayError("expected ink to make a digit of, got an image that is 0 everywhere")
    side = max(width, height)
    square = np.zeros((side, side), np.uint8)  # so that both axes shrink alike
    top, left = (side - height) // 2, (side - width) // 2
    square[top : top + height, left : left + width] = ink[y : y + height, x : x + width]
    shrink = cv2.INTER_AREA if side > BOX else cv2.INTER_CUBIC
    small = cv2.resize(square, (BOX, BOX), interpolation=shrink)
    moments = cv2.moments(small)
    if not moments["m00"]:
        raise ArrayError(
            f"expected ink that is seen when it is {BOX} pixels high, got only specks, "
            f"{ink.max()} of 255 at their brightest: clear the page of dust first"
        )
    right = ROOM + round(CENTRE - moments["m10"] / moments["m00"])  # whole pixels, as MNIST
    down = ROOM + round(CENTRE - moments["m01"] / moments["m00"])
    paper = np.zeros((28 + 2 * ROOM, 28 + 2 * ROOM), np.uint8)
    paper[down : down + BOX, right : right + BOX] = small
    return paper[ROOM:-ROOM, ROOM:-ROOM].copy()


def save_image(image: Image, path: Path) -> None:
    """Write a picture, in the format that the path's ending names (.png, .jpg, .tiff ...).

    Parameters
    ----------
    image : uint8 (height, width) or (height, width, 3)
        Grey levels, or red, green and blue.
    path : Path
        Where to.

    Raises
    ------
    ArrayError
        The ending names no picture format.
    CannotWrite
        The place cannot be written.
    """
    pixels = image[..., ::-1] if image.ndim == 3 else check_image(image)  # OpenCV has BGR
    try:
        coded = cv2.imencode(path.suffix or ".", pixels)[1]
    except cv2.error:
        raise ArrayError(f"{path}: expected a name that ends in .png or .jpg") from None
    with atomic_write(path) as draft:
        draft.write_bytes(coded.tobytes())
