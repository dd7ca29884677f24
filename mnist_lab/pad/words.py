"""A network's answer in a sentence."""

import numpy as np
from numpy.typing import NDArray


def describe_answer(probabilities: NDArray[np.floating] | None) -> str:
    """Say which digit a network reads, and how sure it is.

    Parameters
    ----------
    probabilities : float (10,) or None
        What it answers; None, where nothing was asked, gives an empty text.
    """
    if probabilities is None:
        return ""
    first, second = (int(digit) for digit in np.argsort(-probabilities, kind="stable")[:2])
    likeliest, next_best = float(probabilities[first]), float(probabilities[second])
    if likeliest >= 0.9:
        return f"This is {with_article(first)} ({_percent(likeliest)})."
    if likeliest >= 0.5:
        return f"Probably {with_article(first)} ({_percent(likeliest)})."
    doubt = (
        f"{with_article(first)} ({_percent(likeliest)})? "
        f"Or {with_article(second)} ({_percent(next_best)})?"
    )
    return doubt[0].upper() + doubt[1:]


def with_article(digit: int) -> str:
    """A digit with its article: a 7, an 8."""
    return f"{'an' if digit == 8 else 'a'} {digit}"


def _percent(share: float) -> str:
    return "over 99 %" if share > 0.99 else f"{share:.0%}".replace("%", " %")
