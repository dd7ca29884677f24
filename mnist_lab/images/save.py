"""An image to a picture file."""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from mnist_lab.arrays import ArrayError, OptionError, check_image, describe
from mnist_lab.files import StrPath, atomic_write


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
