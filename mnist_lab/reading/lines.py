"""A page's components to lines of digits, in reading order; words and dust are left out."""

from collections.abc import Sequence

import numpy as np

from mnist_lab.reading.components import (
    FAINT_LEVEL,
    LONG_LINE,
    Component,
    is_digit,
    typical_height,
)
from mnist_lab.reading.ink import Ink
from mnist_lab.reading.segmentation import whole_digits

# "Typical" is the height of most of a page's ink
MAX_LOWER, MAX_HIGHER = 8.5, 3.5  # times lower or higher than typical that a digit may be
MIN_SHARED_HEIGHT = 0.4  # share of its height that a digit has in common with its line's end

SMALL = 0.4  # typical heights, below which a digit needs company
COMPANY = 3  # digits of a line, this one among them, that are about as high
COMPANY_RATIOS = 0.6, 1.7  # times as high, from and to
MAX_STROKE_RATIO = 2.2  # times the page's pen, from which a digit needs a long line

WORD_ASPECT = 1.8  # times as wide as high a word is
WORD_LENGTH = 1.1  # times its width that a word's line is long
WORD_HEIGHT = 0.6  # typical heights
MIN_WORDS, MIN_WORD_WIDTH = 2, 0.3  # words, and share of a line's width, that make it writing
MAX_STRAYS = 2  # digits that are taken for letters beside a line of writing

MIN_BENT = 0.2  # share of a page's faint digits that must be bent, for any of it to be digits
LIKE_THE_REST = 0.7  # share of the usual level of digits that a straight one has as well
SPECK_HEIGHT = 0.5  # of the median digit, below which ink is specks


def digit_lines(components: Sequence[Component], ink: Ink) -> list[list[Component]]:
    """The digits of a page, line by line, each from left to right; no line is empty."""
    found = whole_digits(components)
    typical = typical_height(found)
    lowest, highest = typical / MAX_LOWER, typical * MAX_HIGHER
    found = [each for each in found if lowest < each.height < highest]
    digits = {each for each in found if is_digit(each, typical, ink)}
    lines = into_lines([each for each in found if each in digits or _is_word(each, typical)])
    lines = _without_words(lines, typical)
    lines = [[each for each in line if each in digits] for line in lines]
    pen = float(np.median([each.stroke_width for line in lines for each in line] or [0]))
    lines = [_without_blots(line, typical, pen) for line in lines]
    lines = _without_faint_lines(lines)
    if _is_dust(lines, components, int(ink.mask.sum())):
        return []
    return [line for line in lines if line]


def into_lines(components: Sequence[Component]) -> list[list[Component]]:
    """Put components into lines, each from left to right, the lines from top to bottom."""
    lines: list[list[Component]] = []
    for each in sorted(components, key=lambda c: c.centre[0]):
        best = max(lines, key=lambda line: _shared_height(each, line), default=None)
        if best is not None and _shared_height(each, best) > MIN_SHARED_HEIGHT:
            best.append(each)
        else:
            lines.append([each])
    return sorted(lines, key=lambda line: float(np.mean([each.centre[1] for each in line])))


def _shared_height(component: Component, line: Sequence[Component]) -> float:
    """The share of its height that a component has in common with the end of a line."""
    last = line[-3:]
    top = float(np.mean([each.y for each in last]))
    bottom = float(np.mean([each.bottom for each in last]))
    common = min(bottom, component.bottom) - max(top, component.y)
    return common / min(bottom - top, component.height)


def _without_blots(line: Sequence[Component], typical: float, pen: float) -> list[Component]:
    """A line without what is small beside the rest of the page, unless three go together.

    A blot, short for its width and wider than the pen, goes as well.
    """
    low, high = COMPANY_RATIOS
    return [
        each
        for each in line
        if (
            each.height > SMALL * typical
            or sum(low < other.height / each.height < high for other in line) >= COMPANY
        )
        and (
            each.stroke_width < MAX_STROKE_RATIO * pen
            or each.length > LONG_LINE * each.stroke_width
        )
    ]


def _without_words(lines: list[list[Component]], typical: float) -> list[list[Component]]:
    """Lines without those of letters, and without the odd letter beside one."""
    writing = [line for line in lines if _is_writing(line, typical)]
    bands = [(min(c.y for c in line), max(c.bottom for c in line)) for line in writing]

    def is_stray(line: list[Component]) -> bool:
        beside = any(low < c.centre[1] < high for low, high in bands for c in line)
        return len(line) <= MAX_STRAYS and beside

    return [line for line in lines if line not in writing and not is_stray(line)]


def _is_writing(line: Sequence[Component], typical: float) -> bool:
    """Whether a line is writing in letters: much of it hangs together, wider than digits."""
    words = [each.width for each in line if _is_word(each, typical)]
    share = MIN_WORD_WIDTH * sum(each.width for each in line)
    return len(words) >= MIN_WORDS and sum(words) > share


def _is_word(component: Component, typical: float) -> bool:
    """Whether a component is long and low, and more than a straight line: joined letters."""
    return (
        component.width > WORD_ASPECT * component.height
        and component.length > WORD_LENGTH * component.width
        and component.height > WORD_HEIGHT * typical
    )


def _without_faint_lines(lines: list[list[Component]]) -> list[list[Component]]:
    """Lines without faint straight digits, but where most of what is as faint is bent."""
    found = [each for line in lines for each in line]
    levels = [each.level for each in found if not each.is_faint_line]
    usual = float(np.median(levels or [0]))
    if len(levels) < MIN_BENT * len(found) and usual < FAINT_LEVEL:
        return []
    floor = LIKE_THE_REST * usual if len(levels) > len(found) / 2 else FAINT_LEVEL
    return [[c for c in line if not c.is_faint_line or c.level > floor] for line in lines]


def _is_dust(lines: list[list[Component]], components: Sequence[Component], ink: int) -> bool:
    """Whether more of the ink, in pixels, is in specks than in digits: grain and dust."""
    digits = [each for line in lines for each in line]
    tall = SPECK_HEIGHT * float(np.median([each.height for each in digits] or [0]))
    large = sum(each.area for each in components if max(each.width, each.height) >= tall)
    return sum(each.area for each in digits) < ink - large
