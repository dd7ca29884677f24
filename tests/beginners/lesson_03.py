"""Right answers to lesson 3 as a beginner writes them."""

ANSWERS = {
    "3.1": """
def my_scale(images):
    scaled = []
    for image in images:
        scaled.append([[pixel / 255 for pixel in row] for row in image.tolist()])
    return np.array(scaled, dtype="float32")
""",
    "3.3": """
def my_step(weight, slope, rate):
    if slope > 0:
        weight -= rate * slope
    else:
        weight += rate * -slope
    return weight
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
    "3.6": """
def my_loss(probabilities, label):
    import math

    return -math.log(list(probabilities)[label])
""",
}
