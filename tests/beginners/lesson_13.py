"""Right answers to lesson 13 as a beginner writes them."""

ANSWERS = {
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

# What beginners hand in, by the points that it earns and a part of what its card says.
MISTAKES = [
    (1, "Without the 2", """13.1
 p = right / count
 width = math.sqrt(p * (1 - p) / count)
 return [max(0, p - width), min(1, p + width)]"""),
    (1, "cut the bounds off", """13.1
 p = right / count
 return [p - 2 * math.sqrt(p * (1 - p) / count), p + 2 * math.sqrt(p * (1 - p) / count)]"""),
    (1, "most readable", """13.2
 pairs = sorted((float(probabilities[i][labels[i]]), i) for i in range(len(labels)))
 return [i for _, i in pairs[-n:]][::-1]"""),
    (1, "least sure of its answer", """13.2
 pairs = sorted((float(max(probabilities[i])), i) for i in range(len(labels)))
 return [i for _, i in pairs[:n]]"""),
    (0, "inside the loop", """13.3
 marks = []
 for writer in writers:
    marks.append(writer in names)
    return marks"""),
    (0, "True or False", "13.3\n return [i for i in range(len(writers)) if writers[i] in names]"),
    (1, "swapped", """13.4
 mended = broken = 0
 for i in range(len(labels)):
    if before[i] != labels[i] and after[i] == labels[i]: mended += 1
    if before[i] == labels[i] and after[i] != labels[i]: broken += 1
 return [broken, mended]"""),
    (0, "inside the loop", """13.4
 mended = broken = 0
 for i in range(len(labels)):
    if before[i] != labels[i] and after[i] == labels[i]: mended += 1
    if before[i] == labels[i] and after[i] != labels[i]: broken += 1
    return mended, broken"""),
]  # fmt: skip
