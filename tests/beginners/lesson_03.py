"""Right answers to lesson 3 as a beginner writes them."""

ANSWERS = {
    "3.1": """
def my_scale(images):
    scaled = []
    for image in images:
        scaled.append([[pixel / 255 for pixel in row] for row in image.tolist()])
    return np.array(scaled, dtype="float32")
""",
    "3.2": """
def my_slope(before, after, nudge):
    change = after - before
    for_each_unit = change / nudge
    return for_each_unit
""",
    "3.3": """
def my_step(weight, slope, rate):
    length = rate * slope
    new_weight = weight - length
    return new_weight
""",
    "3.4": """
def my_one_hot(labels):
    rows = []
    for label in labels:
        row = [0] * 10
        row[label] = 1
        rows.append(row)
    return rows
""",
    "3.5": """
import math

def my_softmax(sums):
    table = []
    for row in sums:
        powers = []
        for number in row:
            powers.append(math.exp(number))
        total = sum(powers)
        table.append([power / total for power in powers])
    return table
""",
    "3.6": """
def my_loss(probabilities, label):
    import math

    return -math.log(list(probabilities)[label])
""",
}

MISTAKES = [
    (
        0.5,
        "Right for one weight",
        "3.3\n if slope < 0: return weight + rate * -slope\n return weight - rate * slope",
    ),
    (0.5, "sign is the other way", "3.2\n change = before - after\n return change / nudge"),
    (0.5, "totals lie in a row", "3.5\n return np.exp(sums) / np.exp(sums).sum(axis=1)"),
    (0.5, "columns that are 1", "3.5\n return np.exp(sums) / sum(np.exp(sums))"),
]
