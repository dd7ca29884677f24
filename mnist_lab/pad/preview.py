"""An answer in words; and the pad as a picture, for a saved notebook where no kernel runs."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from mnist_lab.arrays import Digit, Image

SCALE = 2  # pixels of the picture for each that it is shown with
PANEL, BLUE, GREY, BLACK = "#e4e7ec", "#0b62a4", "#7a828e", "#1c1c1c"


def draw_preview(
    image: Image, digit: Digit | None, probabilities: NDArray[np.floating] | None, words: str
) -> Pillow.Image:
    """Draw the drawing, uint8 (280, 280), what the network sees of it, and the ten bars.

    `digit`, uint8 (28, 28), and `probabilities`, float (10,), are None where nothing is drawn.
    """
    picture = Pillow.new("RGB", (560 * SCALE, 200 * SCALE), "white")
    pen = ImageDraw.Draw(picture)

    def text(x: float, y: float, words: str, size: float = 11, anchor: str = "la") -> None:
        font = ImageFont.load_default(size * SCALE)
        pen.text((x * SCALE, y * SCALE), words, BLACK, font, anchor)

    def bar(y: float, share: float, colour: str) -> None:
        box = [342 * SCALE, y * SCALE, (342 + 160 * share) * SCALE, (y + 10) * SCALE]
        pen.rectangle(box, colour)

    def panel(left: int, side: int, shown: Image | Digit, method: Pillow.Resampling) -> None:
        resized = Pillow.fromarray(shown).resize((side * SCALE, side * SCALE), method)
        picture.paste(resized, (left * SCALE, 8 * SCALE))

    panel(8, 168, image, Pillow.Resampling.BOX)
    seen = Digit(np.zeros((28, 28), np.uint8)) if digit is None else digit
    panel(192, 112, seen, Pillow.Resampling.NEAREST)
    text(8, 180, "the drawing")
    text(192, 124, "what the network sees")
    text(328, 8, words or "Nothing is drawn.", 13)
    best = None if probabilities is None else int(np.argmax(probabilities))
    for label in range(10):
        y = 32 + 16 * label
        bar(y, 1.0, PANEL)
        text(328, y - 2, str(label))
        chance = 0.0 if probabilities is None else float(probabilities[label])
        if chance >= 0.0005:
            bar(y, chance, BLUE if label == best else GREY)
            text(552, y - 2, f"{chance:.1%}".replace("%", " %"), anchor="ra")
    return picture


def describe_answer(probabilities: NDArray[np.floating] | None) -> str:
    """Say which digit a network reads, and how sure it is, from its answer, float (10,).

    None, where nothing was asked, gives an empty text.
    """
    if probabilities is None:
        return ""
    first, second = np.argsort(-probabilities, kind="stable")[:2].tolist()
    share = float(probabilities[first])
    answer, other = (
        f"{with_article(digit)} ({_percent(float(probabilities[digit]))})"
        for digit in (first, second)
    )
    if share >= 0.9:
        return f"This is {answer}."
    if share >= 0.5:
        return f"Probably {answer}."
    return f"{answer.capitalize()}? Or {other}?"


def with_article(digit: int) -> str:
    """A digit with its article: a 7, an 8."""
    return f"{'an' if digit == 8 else 'a'} {digit}"


def _percent(share: float) -> str:
    return "over 99 %" if share > 0.99 else f"{share:.0%}".replace("%", " %")
