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
    "11.3": """
def my_attack(digit, slopes, size):
    picture = []
    for r in range(len(digit)):
        line = []
        for c in range(len(digit[r])):
            pixel = int(digit[r][c])
            if slopes[r][c] > 0:
                pixel = min(255, pixel + size)
            elif slopes[r][c] < 0:
                pixel = max(0, pixel - size)
            line.append(pixel)
        picture.append(line)
    return picture
""",
}

MISTAKES = [
    (1.5, "round like a clock", "11.3\n return digit + (size * np.sign(slopes)).astype(np.uint8)"),
    (
        0,
        "It changes `digit` itself",
        """11.3
 for r in range(len(digit)):
    for c in range(len(digit[r])):
        digit[r][c] = min(255, max(0, digit[r][c] + size * np.sign(slopes[r][c])))
 return digit""",
    ),
    (
        2.25,
        "has no influence on the loss",
        """11.3
 new = []
 for line, slope in zip(digit, slopes):
    new.append([])
    for pixel, s in zip(line, slope):
        new[-1].append(min(int(pixel) + size, 255) if s > 0 else max(int(pixel) - size, 0))
 return new""",
    ),
    (0.75, "unequally far", "11.3\n return np.clip(digit + size * slopes, 0, 255).tolist()"),
    (1, "at the bottom come in again", "11.1\n return np.roll(np.roll(digit, down, 0), right, 1)"),
]
