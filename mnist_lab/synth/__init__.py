"""What a program writes: handwriting, pages, a camera, and another look at digits."""

from mnist_lab.synth.augment import distort
from mnist_lab.synth.flat_page import ColourImage
from mnist_lab.synth.glyphs import Allograph, allographs
from mnist_lab.synth.handwriting import (
    WRITER_FILES,
    draw_allographs,
    make_split,
    write,
    write_strokes,
)
from mnist_lab.synth.non_digits import non_digits
from mnist_lab.synth.options import (
    BALLPOINT,
    BLACKBOARD,
    CHALK,
    FELT,
    PENCIL,
    PHONE,
    PLAIN,
    RECYCLED,
    RULED,
    SCANNER,
    SQUARED,
    Camera,
    Paper,
    Pen,
)
from mnist_lab.synth.page import (
    A4,
    LETTER,
    MM_PER_INCH,
    Hand,
    Page,
    PageDigit,
    lay_out,
    on_baseline,
)
from mnist_lab.synth.photography import Truth, photograph
from mnist_lab.synth.pictures import write_pictures
from mnist_lab.synth.writer import Writer

__all__ = [
    "A4", "BALLPOINT", "BLACKBOARD", "CHALK", "FELT", "LETTER", "MM_PER_INCH", "PENCIL", "PHONE",
    "PLAIN", "RECYCLED", "RULED", "SCANNER", "SQUARED", "WRITER_FILES", "Allograph", "Camera",
    "ColourImage", "Hand", "Page", "PageDigit", "Paper", "Pen", "Truth", "Writer", "allographs",
    "distort", "draw_allographs", "lay_out", "make_split", "non_digits", "on_baseline",
    "photograph", "write", "write_pictures", "write_strokes",
]  # fmt: skip
