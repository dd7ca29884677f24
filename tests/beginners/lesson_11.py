"""Right answers to lesson 11 as a beginner writes them."""

ANSWERS = {
    "11.1": """
def my_shift(digit, down, right):
    page = [[0] * 28 for _ in range(28)]
    for r in range(28):
        for c in range(28):
            if r + down < 28 and c + right < 28:
                page[r + down][c + right] = int(digit[r, c])
    return page
""",
    "11.2": """
def my_cover(digit, row, column):
    new = []
    for r in range(28):
        new.append([])
        for c in range(28):
            inside = row <= r < row + 5 and column <= c < column + 5
            new[r].append(0 if inside else int(digit[r, c]))
    return new
""",
}
