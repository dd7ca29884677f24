"""Right answers to lesson 5 as a beginner writes them."""

ANSWERS = {
    "5.1": """
def my_places(size, window):
    places = 0
    for start in range(size):
        if start + window <= size:
            places += 1
    return places
""",
    "5.3": "my_kernel = [[-1.0, -2.0, -1.0], [0, 0, 0], [1, 2, 1]]",
    "5.4": """
def my_pool(picture):
    rows, columns = picture.shape
    pooled = []
    for r in range(0, rows, 2):
        line = []
        for c in range(0, columns, 2):
            four = [picture[r, c], picture[r, c + 1], picture[r + 1, c], picture[r + 1, c + 1]]
            line.append(max(four))
        pooled.append(line)
    return pooled
""",
}
