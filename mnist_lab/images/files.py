"""A picture, from wherever it is, to an image; and an image to a picture file."""

import io
import os
import re
import threading
import warnings
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import PIL.Image
from numpy.typing import NDArray
from PIL import ExifTags, ImageOps, ImageSequence, UnidentifiedImageError

from mnist_lab.arrays import (
    ArrayError,
    Image,
    MnistLabError,
    OptionError,
    PictureError,
    check_image,
    describe,
)
from mnist_lab.files import StrPath, atomic_write, silence_stderr
from mnist_lab.images.grey import to_8_bits, to_grey

Picture = StrPath | bytes | PIL.Image.Image | NDArray[Any]

FORMATS = [
    "PNG", "JPEG", "MPO", "TIFF", "BMP", "DIB", "GIF", "WEBP", "PPM", "HEIF", "AVIF", "JPEG2000",
]  # fmt: skip
ANIMATED = {
    "GIF",
    "PNG",
    "WEBP",
    "AVIF",
}  # where a second picture is the next moment, not the next page
MAX_PIXELS = 100_000_000  # of a picture; a larger one is refused
MIN_SIDE = 3  # pixels; a picture less high or wide shows nothing
MIN_STRETCH, MAX_STRETCH = 1.05, 4.0  # of pixels that are not square; beyond, the tags are wrong
PDF_HEAD = re.compile(rb"%PDF-\d")  # anywhere in the first 1024 bytes, as other readers have it
PDF_DPI = 200  # at which a page becomes a picture
MIN_PDF_SIDE = 1600  # pixels of its longer side; a page in units of its own may call itself tiny
POINTS_PER_INCH = 72  # a PDF's unit
WARNINGS = threading.Lock()  # the filters are the process's, and other threads read pictures too


def load_image(picture: Picture, *, page: int = 0) -> Image:
    """Read one picture: from a file, from bytes, from Pillow, or from an array.

    PNG, JPEG, TIFF, BMP, GIF, WebP, PPM, HEIC, PDF, and JPEG 2000 and AVIF where Pillow has
    them. A picture is turned as its EXIF orientation says; one with another resolution across
    than down, as a fax has, is stretched until its pixels are square; what is transparent becomes
    white; colours become grey by their brightness, or, where ink and paper are equally bright, by
    the colour that tells them apart; more than 8 bits become 8, the brightest of them 255. An
    array is (height, width) or (height, width, 1 to 4): grey, grey and alpha, RGB, RGBA. Integers
    are levels; floats are levels in [0, 1] or in [0, 255]. `page` is which of a TIFF or a PDF,
    from 0. The image is uint8 (height, width), 0 to 255.

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

    All else is as for `load_image`; an error comes when the page that has it is reached.
    """
    name = _name(picture)
    pages = _pages(picture, name)
    while True:
        with _explained(name):  # never across the yield: what runs there is the caller's
            image = next(pages, None)
        if image is None:
            return
        yield image


def save_image(image: NDArray[np.uint8], path: StrPath) -> None:
    """Write a picture, in the format that the path's suffix names (.png, .jpg, .tiff ...).

    `image` is uint8 (height, width), grey levels, or (height, width, 3), red, green and blue,
    else it is an ArrayError. A suffix that names no format is an OptionError; CannotWrite if
    the place cannot be written.
    """
    path, pixels = Path(path), np.asarray(image)
    if pixels.ndim == 3:
        if pixels.dtype != np.uint8 or not pixels.size or pixels.shape[2] != 3:
            raise ArrayError(f"expected colours (height, width, 3) uint8, got {describe(image)}")
        pixels = np.ascontiguousarray(pixels[..., ::-1])  # RGB as OpenCV has it: BGR
    else:
        pixels = check_image(image)
    try:
        content = cv2.imencode(path.suffix or ".", pixels)[1].tobytes()
    except cv2.error:
        raise OptionError(f"{path}: expected a name that ends in .png or .jpg") from None
    with atomic_write(path) as draft:
        draft.write_bytes(content)


def _name(picture: Any) -> str:
    if isinstance(picture, str | os.PathLike):
        return os.fspath(picture)
    return "the bytes" if isinstance(picture, bytes) else f"the picture, {describe(picture)}"


@contextmanager
def _explained(name: str) -> Iterator[None]:
    """Say what is wrong with a file in one line, whatever the libraries raise."""
    try:
        with WARNINGS, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of metadata that is out of order
            yield
    except MnistLabError:
        raise
    except UnidentifiedImageError:
        raise PictureError(f"{name}: is no picture of a kind that is read here") from None
    except PIL.Image.DecompressionBombError:
        raise _too_large(name) from None
    except MemoryError:
        raise PictureError(f"{name}: is too large for the memory of this machine") from None
    except OSError as error:
        reason = error.strerror or f"the picture is damaged ({error})"
        raise PictureError(f"{name}: {reason}") from None
    except (SyntaxError, ValueError, TypeError, EOFError, KeyError, IndexError) as error:
        raise PictureError(f"{name}: the picture is damaged ({error})") from None
    except Exception as error:  # noqa: BLE001 - there are others, in a library's next edition
        raise PictureError(f"{name}: cannot be read ({error})") from None


def _pages(picture: Picture, name: str) -> Iterator[Image]:
    if isinstance(picture, np.ndarray):
        yield _from_array(picture, name)
    elif isinstance(picture, PIL.Image.Image):
        yield _from_pillow(picture, name)
    else:
        content = picture if isinstance(picture, bytes) else _read(picture, name)
        is_pdf = PDF_HEAD.search(content[:1024])
        yield from _from_pdf(content, name) if is_pdf else _from_file(content, name)


def _read(path: Any, name: str) -> bytes:
    if not isinstance(path, str | os.PathLike):
        raise PictureError(f"expected a path, bytes, a Pillow image or an array, got {name}")
    if Path(path).is_dir():
        raise PictureError(f"{name}: is a folder; name the pictures in it")
    return Path(path).read_bytes()


def _from_file(content: bytes, name: str) -> Iterator[Image]:
    if not content:
        raise PictureError(f"{name}: the file is empty")
    if content[4:8] == b"ftyp" and content[8:12] not in {b"avif", b"avis"}:  # HEIC and its kin
        try:
            from pillow_heif import register_heif_opener
        except ImportError:
            raise PictureError("HEIC pictures need pillow-heif: pip install pillow-heif") from None
        register_heif_opener()
    PIL.Image.init()
    known = [kind for kind in FORMATS if kind in PIL.Image.OPEN]
    with PIL.Image.open(io.BytesIO(content), formats=known) as opened:
        frames = getattr(opened, "n_frames", 1)
        if frames > 1 and opened.format in ANIMATED:
            raise PictureError(
                f"{name}: is an animation of {frames} pictures; save the one to read by itself"
            )
        if opened.format == "HEIF" and not _says_how_it_lies(content):
            was = opened.info.get("original_orientation") or 1  # which its reader has taken away
            opened.getexif()[ExifTags.Base.Orientation] = was
        is_tiff = opened.format == "TIFF"
        for frame in ImageSequence.Iterator(opened) if is_tiff else [opened]:
            with silence_stderr() if is_tiff else nullcontext():  # libtiff speaks for itself
                image = _from_pillow(frame, name)
            yield image


def _says_how_it_lies(content: bytes) -> bool:
    """Whether a HEIC is turned or mirrored by boxes of its own; only else does EXIF count."""
    head, _, _ = content.partition(b"mdat")
    return b"irot" in head or b"imir" in head


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
    with closing(document):
        if not len(document):
            raise PictureError(f"{name}: the PDF has no pages")
        for page in document:
            width, height = page.get_size()
            scale = max(PDF_DPI / POINTS_PER_INCH, MIN_PDF_SIDE / max(width, height))
            scale = min(scale, 0.99 * (MAX_PIXELS / (width * height)) ** 0.5)
            _check_size(round(width * scale), round(height * scale), name)
            pixels = page.render(scale=scale, grayscale=True).to_numpy()
            yield Image(np.array(pixels.reshape(pixels.shape[:2])))


def _check_size(width: float, height: float, name: str) -> None:
    """Refuse a picture of too few or too many pixels, before they are read."""
    if min(width, height) < MIN_SIDE:
        raise PictureError(f"{name}: {width} x {height} pixels are too few to show a digit")
    if width * height > MAX_PIXELS:
        raise _too_large(name)


def _too_large(name: str) -> PictureError:
    return PictureError(
        f"{name}: has more than {MAX_PIXELS // 10**6} million pixels; make it smaller first"
    )


def _from_pillow(picture: PIL.Image.Image, name: str) -> Image:
    _check_size(*picture.size, name)
    size = _square_size(picture)
    _check_size(*size, name)
    grey = to_grey(picture)
    if size != picture.size:
        grey = Image(np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_LINEAR), np.uint8))
    orientation = picture.getexif().get(ExifTags.Base.Orientation, 1)
    if orientation == 1:
        return grey
    held = PIL.Image.fromarray(grey)  # turned in grey, which needs a quarter of the memory
    del grey
    held.getexif()[ExifTags.Base.Orientation] = orientation
    ImageOps.exif_transpose(held, in_place=True)
    return Image(np.array(held))


def _square_size(picture: PIL.Image.Image) -> tuple[int, int]:
    """Width and height with square pixels, by the resolution that a picture says it has."""
    width, height = picture.size
    tags: Any = picture.info.get("dpi") or picture.info.get("resolution")
    try:
        across, down = (float(each) for each in tags)
        stretch = across / down
    except (TypeError, ValueError, ZeroDivisionError):
        return width, height
    if not MIN_STRETCH < max(stretch, 1 / (stretch or 1)) < MAX_STRETCH:
        return width, height
    return round(width * max(1, 1 / stretch)), round(height * max(1, stretch))


def _from_array(array: NDArray[Any], name: str) -> Image:
    channels = array.shape[2] if array.ndim == 3 else 1
    if array.ndim not in {2, 3} or not 1 <= channels <= 4:
        raise PictureError(
            f"expected an array (height, width) or (height, width, 1 to 4), got {describe(array)}"
        )
    _check_size(array.shape[1], array.shape[0], name)
    levels = _levels(array, name)
    if channels == 1:
        return Image(np.array(levels.reshape(levels.shape[:2])))
    return to_grey(PIL.Image.fromarray(levels))


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
            span = f"from {low:g} to {high:g}"
            raise PictureError(f"{name}: levels {span}, not in [0, 1] or [0, 255]")
        return np.rint(array * (255 if high <= 1 else 1)).astype(np.uint8)
    if low < 0:
        raise PictureError(f"{name}: expected levels from 0, got {low:g}")
    return array.astype(np.uint8) if high <= 255 else to_8_bits(array)
