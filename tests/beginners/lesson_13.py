"""Right answers to lesson 13 as a beginner writes them."""

ANSWERS = {
    "13.2": """
def my_least_readable(labels, probabilities, n):
    pairs = []
    for i in range(len(labels)):
        pairs.append((float(probabilities[i][labels[i]]), i))
    return [i for _, i in sorted(pairs)[:n]]
""",
    "13.3": """
def my_held_back(writers, names):
    marks = []
    for writer in writers:
        marks.append(writer in names)
    return marks
""",
    "13.1": """
import math

def my_bounds(right, count):
    share = right / count
    width = 2 * math.sqrt(share * (1 - share) / count)
    low = share - width
    high = share + width
    if low < 0:
        low = 0
    if high > 1:
        high = 1
    return [low, high]
""",
    "13.4": """
def my_changes(labels, before, after):
    mended = broken = 0
    for i in range(len(labels)):
        if before[i] != labels[i] and after[i] == labels[i]:
            mended += 1
        if before[i] == labels[i] and after[i] != labels[i]:
            broken += 1
    return mended, broken
""",
}
