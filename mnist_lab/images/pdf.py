"""The pages of a PDF, rendered."""

from collections.abc import Iterator

import numpy as np

from mnist_lab.arrays import Image
from mnist_lab.images.limits import PictureError, check_size

PDF_DPI = 200  # at which a page becomes a picture
POINTS_PER_INCH = 72  # a PDF's unit


def render_pdf(content: bytes, name: str) -> Iterator[Image]:
    """Render the pages one by one."""
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
        scale = PDF_DPI / POINTS_PER_INCH
        for page in document:
            width, height = (round(side * scale) for side in page.get_size())
            check_size(width, height, name)
            pixels = page.render(scale=scale, grayscale=True).to_numpy()
            yield Image(np.array(pixels.reshape(pixels.shape[:2])))
    finally:
        document.close()
