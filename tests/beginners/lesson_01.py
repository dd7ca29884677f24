"""Right answers to lesson 1 as a beginner writes them."""

ANSWERS = {
    "1.1": "rows = 28\ncolumns = 28\nmy_numbers = 60000.0 * rows * columns",
    "1.2": """
def my_piece(image):
    piece = []
    for row in range(4, 12):
        line = []
        for column in range(10, 18):
            line.append(int(image[row][column]))
        piece.append(line)
    return piece
""",
    "1.3": """
def my_counts(labels):
    counts = []
    for digit in range(10):
        counts.append(list(labels).count(digit))
    return counts
""",
    "1.4": """
def my_spread(images, labels, digit):
    chosen = []
    for i in range(len(labels)):
        if labels[i] == digit:
            chosen.append(images[i])
    spread = []
    for row in range(28):
        line = []
        for column in range(28):
            values = [float(image[row, column]) for image in chosen]
            mean = sum(values) / len(values)
            line.append((sum((value - mean) ** 2 for value in values) / len(values)) ** 0.5)
        spread.append(line)
    return spread
""",
    "1.5": """
def my_difference(one, other):
    total = 0
    for row in range(28):
        for column in range(28):
            total = total + abs(int(one[row, column]) - int(other[row, column]))
    return total / 784
""",
}
