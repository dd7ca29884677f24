"""Pictures of single digits: written, scanned or photographed, cropped by chance."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from mnist_lab.arrays import Image, Labels, OptionError
from mnist_lab.images import load_image
from mnist_lab.synth import options
from mnist_lab.synth.handwriting import write_strokes
from mnist_lab.synth.page import lay_out
from mnist_lab.synth.photography import photograph
from mnist_lab.synth.writer import Writer

MAX_CROP = 0.6  # share of the room around the digit that may be missing on a side
HEIGHT_MM = 13.0, 24.0  # from and to; on a blackboard as many times more as its scale says

_SCANNER = replace(options.SCANNER, dpi=100, rotation=0, framing="digits", jpeg=None)
_PHONE = replace(options.PHONE, dpi=100, tilt=4, rotation=0, margin=14, exposure=1.0, jpeg=None)
_PHONE_AT_BOARD = replace(_PHONE, dpi=24, margin=58, exposure=1.4)
LOOKS = {  # of a picture: what it is written on and with, how seen, its scale
    "scan": (options.PLAIN, options.FELT, replace(_SCANNER, margin=5), 1.0),
    "ballpoint": (options.PLAIN, options.BALLPOINT, replace(_SCANNER, margin=14), 1.0),
    "shadow": (options.PLAIN, options.FELT, replace(_PHONE, shadow=0.6, shadow_edge=6), 1.0),
    "pencil": (options.PLAIN, options.PENCIL, replace(_PHONE, uneven=0.6), 1.0),
    "chalk": (options.BLACKBOARD, options.CHALK, _PHONE_AT_BOARD, 4.2),
}


def write_pictures(
    count: int, *, looks: Sequence[str] = tuple(LOOKS), seed: int = 0
) -> tuple[list[Image], Labels]:
    """Write pictures of one digit each, in as many hands, somewhere in the picture.

    They show a 0, a 1, and so on up to 9, and again from 0 with the next of `looks`, names of
    `LOOKS`; another name is an OptionError. The same seed gives the same pictures: a list of
    uint8 (height, width), 0 to 255, either polarity, each of another size. Their labels are
    uint8 (count,).
    """
    for look in looks:
        if look not in LOOKS:
            raise OptionError(f"no look is called {look!r}: choose from {', '.join(LOOKS)}")
    labels = Labels(np.arange(count, dtype=np.uint8) % 10)
    pictures = [_write_one(n, looks[n // 10 % len(looks)], seed) for n in range(count)]
    return pictures, labels


def _write_one(number: int, look: str, seed: int) -> Image:
    sheet, pen, camera, scale = LOOKS[look]
    rng = np.random.default_rng((seed, number))
    chance = int(rng.integers(2**31))
    write = partial(write_strokes, writer=Writer((seed, number)))
    tall = scale * rng.uniform(*HEIGHT_MM)
    page = lay_out(str(number % 10), write, seed=chance, height=tall, margin=18 * scale)
    picture, truth = photograph(page, seed=chance, paper=sheet, pen=pen, camera=camera)
    (x, y, width, height), (bottom, right) = truth.boxes[0], picture.shape[:2]
    room = np.array([y, x, bottom - y - height, right - x - width])
    top, left, below, beside = (MAX_CROP * room * rng.random(4)).astype(int)
    return load_image(picture[top : bottom - below, left : right - beside])
