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
    "5.2": """
def my_slide(picture, kernel):
    size = len(kernel)
    answers = []
    for row in range(len(picture) - size + 1):
        line = []
        for column in range(len(picture[0]) - size + 1):
            total = 0
            for r in range(size):
                for c in range(size):
                    total = total + float(picture[row + r][column + c] * kernel[r][c])
            line.append(total)
        answers.append(line)
    return answers
""",
    "5.5": """
def my_maps(picture, kernels, biases):
    size = len(kernels)
    maps = []
    for row in range(len(picture) - size + 1):
        line = []
        for column in range(len(picture[0]) - size + 1):
            window = picture[row:row + size, column:column + size, :]
            line.append([float((window * kernels[..., n]).sum() + biases[n])
                         for n in range(kernels.shape[3])])
        maps.append(line)
    return maps
""",
}

# What beginners hand in, by the points that it earns and a part of what its card says.
MISTAKES = [
    (0, "belongs below both loops", """5.2
 size = len(kernel)
 out = []
 for r in range(picture.shape[0] - size + 1):
    line = []
    for c in range(picture.shape[1] - size + 1):
        line.append((picture[r:r + size, c:c + size] * kernel).sum())
    out.append(line)
    return out"""),
    (1.5, "window of 3 alone", """5.2
 out = []
 for r in range(picture.shape[0] - 2):
    line = []
    for c in range(picture.shape[1] - 2):
        line.append(float((picture[r:r + 3, c:c + 3] * kernel).sum()))
    out.append(line)
 return out"""),
    (2, "bias is left out", """5.5
 size = len(kernels)
 rows, columns = picture.shape[0] - size + 1, picture.shape[1] - size + 1
 return [[[(picture[r:r + size, c:c + size] * kernels[..., n]).sum()
           for n in range(len(biases))] for c in range(columns)] for r in range(rows)]"""),
    (0, "belongs below both loops", """5.2
 size = len(kernel)
 answers = np.zeros((picture.shape[0] - size + 1, picture.shape[1] - size + 1))
 for r in range(len(answers)):
    for c in range(len(answers[0])):
        answers[r, c] = (picture[r:r + size, c:c + size] * kernel).sum()
        return answers"""),
]  # fmt: skip
