"""Right answers to lesson 9 as a beginner writes them."""

ANSWERS = {
    "9.1": """
def my_bright_ink(picture):
    levels = sorted(picture.flatten().tolist())
    if levels[len(levels) // 2] > 127:
        return [[255 - level for level in row] for row in picture.tolist()]
    return picture.tolist()
""",
    "9.2": """
def my_even_light(picture, paper):
    even = []
    for row in range(len(picture)):
        line = []
        for column in range(len(picture[row])):
            line.append(round(int(picture[row, column]) / int(paper[row, column]) * 255))
        even.append(line)
    return even
""",
    "9.3": """
def my_crop(ink):
    rows, columns = [], []
    for r in range(ink.shape[0]):
        for c in range(ink.shape[1]):
            if ink[r, c] > 0:
                rows.append(r)
                columns.append(c)
    return [list(row[min(columns) : max(columns) + 1]) for row in ink[min(rows) : max(rows) + 1]]
""",
    "9.4": """
def my_way(digit):
    total = rows = columns = 0
    for r in range(28):
        for c in range(28):
            total += int(digit[r, c])
            rows += r * int(digit[r, c])
            columns += c * int(digit[r, c])
    return [14 - round(rows / total), 14 - round(columns / total)]
""",
}

# a line between paper and ink drawn elsewhere
EQUIVALENT = {"9.1": ["np.median(picture) > 126", "np.median(picture) > 128"]}
