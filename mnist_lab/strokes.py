"""Strokes to ink: what a pen leaves on paper where it has been.

Whatever draws strokes draws with `rasterise`; the procedural writer, which draws thousands
at a time, holds the pen beneath it, `draw`, itself.
"""

from collections.abc import Sequence
from functools import cache
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from mnist_lab.arrays import ArrayError, Image, Stroke, describe

Width = float | NDArray[np.floating]

POINTS_PER_SPAN = 5  # that `smooth` puts on the way from one control point to the next
OVERSAMPLING = 4  # times finer than asked for, then averaged: 17 grey levels at an edge
FRACTION_BITS = 4  # of OpenCV's fixed point: coordinates are in 1/16 of a pixel
MAX_FIXED_POINT = 1 << 24  # where coordinates are cut off, far outside of any picture


def rasterise(
    strokes: Sequence[Stroke], *, size: int | tuple[int, int], pen: float | Sequence[Width]
) -> Image:
    """Draw strokes with a round pen: bright ink on 0, antialiased, uint8 (height, width).

    Parameters
    ----------
    strokes : list of float32 (points, 2)
        x and y in units of the drawing's height, y down: (0, 0) is the upper left corner
        of the picture and y = 1 its lower edge. A stroke of one point is a dot. What lies
        outside the picture is cut off.
    size : int or (int, int)
        Height and width of the picture in pixels; one number for a square.
    pen : float, or a list with one entry for each stroke
        Width of the line in units of the drawing's height. An entry may be an array
        (points,), for a line that swells where the pen was pressed.

    Raises
    ------
    ArrayError
        A stroke is not finite (points, 2), a pen is not positive, or the lists differ in
        length.

    Examples
    --------
    >>> rasterise([np.float32([[0.5, 0.1], [0.5, 0.9]])], size=28, pen=0.1).shape
    (28, 28)
    """
    height, width = (size, size) if isinstance(size, int | np.integer) else size
    if min(height, width) < 1:
        raise ArrayError(f"expected a size of at least 1 pixel, got {size}")
    pens = list(pen) if isinstance(pen, Sequence) else [pen] * len(strokes)
    if len(pens) != len(strokes):
        raise ArrayError(f"expected a pen for each of {len(strokes)} strokes, got {len(pens)}")
    scale = height * OVERSAMPLING
    fine = Image(np.zeros((scale, width * OVERSAMPLING), np.uint8))
    for number, (stroke, wide) in enumerate(zip(strokes, pens, strict=True)):
        points, widths = check_strokes(stroke, wide, number)
        thickness = np.maximum(1, np.rint((widths[:-1] + widths[1:]) / 2 * scale))
        draw(fine, fixed_point(points * scale), thickness.astype(np.int64))
    averaged = cv2.resize(fine, (width, height), interpolation=cv2.INTER_AREA)
    return Image(np.asarray(averaged, np.uint8))


def draw(canvas: Image, points: NDArray[np.int32], thickness: NDArray[np.int64]) -> None:
    """Draw one line of 255 on a canvas, in place, not antialiased: the pen under `rasterise`.

    `points`, int32 (points, 2), are from `fixed_point`; `thickness`, int (points - 1,), is that
    of the line from each point to the next, in pixels, and 0 where the pen is in the air.
    """
    changes = (thickness[1:] != thickness[:-1]).nonzero()[0] + 1
    for begin, end in pairwise([0, *changes.tolist(), len(thickness)]):
        if wide := int(thickness[begin]):  # a run of equal thickness is one call
            run = points[begin : end + 1]
            cv2.polylines(canvas, [run], False, 255, wide, cv2.LINE_8, FRACTION_BITS)


def fixed_point(points: NDArray[np.floating]) -> NDArray[np.int32]:
    """Pixels to the integers that `draw` takes; (0, 0) is the corner of the corner pixel."""
    fixed = np.rint((points - 0.5) * (1 << FRACTION_BITS))
    return np.clip(fixed, -MAX_FIXED_POINT, MAX_FIXED_POINT).astype(np.int32)


def smooth(control: NDArray[np.floating]) -> NDArray[np.float32]:
    """Lay a smooth curve through control points, a uniform Catmull-Rom spline.

    One or many lists of k at least 2 points, float (..., k, 2), become as many curves, float32
    (..., (k - 1) * POINTS_PER_SPAN + 1, 2), which pass through every control point.

    References
    ----------
    Catmull and Rom 1974, *A class of local interpolating splines*.
    """
    return _spline(control.shape[-2]) @ np.asarray(control, np.float32)


@cache
def _spline(k: int) -> NDArray[np.float32]:
    """The spline as the matrix that it is: a point of the curve is a sum of control points."""
    rows = np.arange((k - 1) * POINTS_PER_SPAN + 1)
    left = np.minimum(rows // POINTS_PER_SPAN, k - 2)
    t = rows / POINTS_PER_SPAN - left
    weights = (  # of the control points left - 1, left, left + 1, left + 2
        -t + 2 * t**2 - t**3,
        2 - 5 * t**2 + 3 * t**3,
        t + 4 * t**2 - 3 * t**3,
        -(t**2) + t**3,
    )
    matrix = np.zeros((len(rows), k + 2))  # with one imagined point before and one after
    for step, weight in enumerate(weights):
        matrix[rows, left + step] += weight / 2
    for imagined, end, inner in ((0, 1, 2), (-1, -2, -3)):  # the curve goes on straight there
        matrix[:, end] += 2 * matrix[:, imagined]
        matrix[:, inner] -= matrix[:, imagined]
    return matrix[:, 1:-1].astype(np.float32)


def check_strokes(
    stroke: Stroke, pen: Width, number: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Points (n, 2) and widths (n,) of a stroke, a dot as two points in the same place.

    An ArrayError, as from `rasterise`, names the stroke by its `number`.
    """
    numeric = isinstance(stroke, np.ndarray) and stroke.dtype.kind in "fiu"
    points = np.asarray(stroke, np.float64) if numeric else np.empty(0)
    if points.ndim != 2 or points.shape[1] != 2 or not len(points):
        raise ArrayError(
            f"expected a stroke (points, 2) of x and y, got {describe(stroke)} as stroke {number}: "
            "a drawing is a list of strokes"
        )
    if not np.isfinite(points).all():
        at = int(np.argmin(np.isfinite(points).all(axis=1)))
        raise ArrayError(
            f"expected numbers for x and y, got {points[at]} at point {at} of stroke {number}: "
            "drop the points at which the pen was not seen"
        )
    widths = np.asarray(pen, np.float64)
    if widths.ndim and widths.shape != points.shape[:1]:
        raise ArrayError(
            f"expected one pen width for each of the {len(points)} points of stroke {number}, "
            f"got {describe(widths)}"
        )
    if not (np.isfinite(widths).all() and (widths > 0).all()):
        wrong = widths[~(np.isfinite(widths) & (widths > 0))].flat[0]
        raise ArrayError(
            f"expected a pen wider than 0, in units of the drawing's height, got {wrong:g} "
            f"for stroke {number}"
        )
    widths = np.broadcast_to(widths, points.shape[:1])
    if len(points) == 1:
        return np.repeat(points, 2, axis=0), np.repeat(widths, 2)
    return points, widths
