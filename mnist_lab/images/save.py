"""An image to a picture file."""

from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mnist_lab.arrays import ArrayError, OptionError, check_image, describe
from mnist_lab.files import StrPath, atomic_write


def save_image(image: NDArray[np.uint8], path: StrPath) -> None:
    """Write a picture, in the format that the path's suffix names (.png, .jpg, .tiff ...).

    Parameters
    ----------
    image : uint8 (height, width) or (height, width, 3)
        Grey levels, or red, green and blue, 0 to 255.
    path : str or PathLike
        Where to.

    Raises
    ------
    ArrayError
        `image` is neither.
    OptionError
        The suffix names no picture format.
    CannotWrite
        The place cannot be written.
    """
    path = Path(path)
    pixels = _colours(image) if np.ndim(image) == 3 else check_image(image)
    try:
        content = cv2.imencode(path.suffix or ".", pixels)[1].tobytes()
    except cv2.error:
        raise OptionError(f"{path}: expected a name that ends in .png or .jpg") from None
    with atomic_write(path) as draft:
        draft.write_bytes(content)


def _colours(image: Any) -> NDArray[np.uint8]:
    """RGB as OpenCV has it: BGR."""
    good = isinstance(image, np.ndarray) and image.dtype == np.uint8 and image.size
    if not good or image.shape[2] != 3:
        raise ArrayError(f"expected colours (height, width, 3) uint8, got {describe(image)}")
    return np.ascontiguousarray(image[..., ::-1])
