"""Right answers as a beginner writes them: loops, lists, Python's own numbers, a variable a step."""

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
    "2.1": """
def my_scale(images):
    scaled = []
    for image in images:
        scaled.append([[pixel / 255 for pixel in row] for row in image.tolist()])
    return np.array(scaled, dtype="float32")
""",
    "2.2": """
def my_add_channel(images):
    return [[[[pixel] for pixel in row] for row in image] for image in images.tolist()]
""",
    "2.3": """
def my_one_hot(labels):
    rows = []
    for label in labels:
        row = [0] * 10
        row[label] = 1
        rows.append(row)
    return rows
""",
    "2.4": """
def my_split(images, labels):
    n = int(len(images) * 0.8)
    return [list(images[:n]), list(labels[:n]), list(images[n:]), list(labels[n:])]
""",
    "3.1": """
def my_places(size, window):
    places = 0
    for start in range(size):
        if start + window <= size:
            places += 1
    return places
""",
    "3.2": "my_kernel = [[-1.0, -2.0, -1.0], [0, 0, 0], [1, 2, 1]]",
    "3.3": """
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
    "3.4": "my_convolution = 8 * 25.0 + 8\nmy_dense = 100 * 10.0 + 10",
    "4.1": """
def my_loss(probabilities, label):
    import math

    return -math.log(list(probabilities)[label])
""",
    "4.2": """
def my_step(weight, slope, rate):
    if slope > 0:
        weight -= rate * slope
    else:
        weight += rate * -slope
    return weight
""",
    "4.3": """
def my_steps(digits, batch, epochs):
    steps = 0
    for _ in range(epochs):
        left = digits
        while left > 0:
            left -= batch
            steps += 1
    return steps
""",
    "4.4": """
def my_best_epoch(losses):
    best = 0
    for epoch in range(len(losses)):
        if losses[epoch] < losses[best]:
            best = epoch
    return best + 1
""",
    "5.1": """
def my_answers(probabilities):
    answers = []
    for row in probabilities:
        row = list(row)
        answers.append(row.index(max(row)))
    return answers
""",
    "5.2": """
def my_confusion(labels, answers):
    counts = [[0] * 10 for _ in range(10)]
    for i in range(len(labels)):
        counts[labels[i]][answers[i]] += 1
    return counts
""",
    "5.3": """
def my_recall(confusion):
    shares = []
    for digit in range(10):
        shares.append(float(confusion[digit][digit]) / sum(confusion[digit]))
    return shares
""",
    "5.4": """
def my_surest_mistake(labels, probabilities):
    best, surest = 0, -1
    for i in range(len(labels)):
        row = list(probabilities[i])
        if row.index(max(row)) != labels[i] and max(row) > surest:
            best, surest = i, max(row)
    return best
""",
    "6.1": """
def my_bright_ink(picture):
    levels = sorted(picture.flatten().tolist())
    if levels[len(levels) // 2] > 127:
        return [[255 - level for level in row] for row in picture.tolist()]
    return picture.tolist()
""",
    "6.2": """
def my_even_light(picture, paper):
    even = []
    for row in range(len(picture)):
        line = []
        for column in range(len(picture[row])):
            line.append(round(int(picture[row, column]) / int(paper[row, column]) * 255))
        even.append(line)
    return even
""",
    "6.3": """
def my_crop(ink):
    rows, columns = [], []
    for r in range(ink.shape[0]):
        for c in range(ink.shape[1]):
            if ink[r, c] > 0:
                rows.append(r)
                columns.append(c)
    return [list(row[min(columns) : max(columns) + 1]) for row in ink[min(rows) : max(rows) + 1]]
""",
    "6.4": """
def my_way(digit):
    total = rows = columns = 0
    for r in range(28):
        for c in range(28):
            total += int(digit[r, c])
            rows += r * int(digit[r, c])
            columns += c * int(digit[r, c])
    return [14 - round(rows / total), 14 - round(columns / total)]
""",
    "7.1": """
def my_length(stroke):
    length = 0
    for i in range(1, len(stroke)):
        x, y = stroke[i] - stroke[i - 1]
        length += (float(x) ** 2 + float(y) ** 2) ** 0.5
    return length
""",
    "7.2": """
def my_dots(stroke):
    image = [[0] * 28 for _ in range(28)]
    for point in stroke:
        image[int(point[1] * 28)][int(point[0] * 28)] = 255
    return image
""",
    "7.3": """
def my_shift(digit, down, right):
    page = [[0] * 28 for _ in range(28)]
    for r in range(28):
        for c in range(28):
            if r + down < 28 and c + right < 28:
                page[r + down][c + right] = int(digit[r, c])
    return page
""",
    "7.4": """
def my_turn(stroke, degrees):
    import math

    turned = []
    for x, y in stroke.tolist():
        x, y = x - 0.5, y - 0.5
        a = degrees * math.pi / 180
        turned.append((0.5 + math.cos(a) * x - math.sin(a) * y, 0.5 + math.sin(a) * x + math.cos(a) * y))
    return turned
""",
    "8.1": """
def my_normalise(values):
    result = np.zeros(values.shape)
    for c in range(values.shape[1]):
        column = [float(v) for v in values[:, c]]
        mean = sum(column) / len(column)
        spread = (sum((v - mean) ** 2 for v in column) / len(column)) ** 0.5
        for r in range(len(column)):
            result[r, c] = (column[r] - mean) / spread
    return result
""",
    "8.2": """
def my_rate(step, steps, peak):
    top = 0.3 * steps
    if step <= top:
        return peak * step / top
    return peak * (steps - step) / (steps - top)
""",
    "8.3": """
def my_double(images, labels):
    more, names = list(images), list(labels)
    for image in images:
        more.append([[0] + list(row[:-1]) for row in image])
    for label in labels:
        names.append(label)
    return more, names
""",
    "8.4": """
def my_cover(digit, row, column):
    new = []
    for r in range(28):
        new.append([])
        for c in range(28):
            inside = row <= r < row + 5 and column <= c < column + 5
            new[r].append(0 if inside else int(digit[r, c]))
    return new
""",
    "9.1": """
def my_agree(values):
    one = values[1] - values[0]
    if one < 0:
        one += 241
    other = values[2] - values[1]
    if other < 0:
        other += 241
    if one == other:
        return 1
    return 0
""",
    "9.2": """
def my_least_readable(labels, probabilities, n):
    pairs = []
    for i in range(len(labels)):
        pairs.append((float(probabilities[i][labels[i]]), i))
    return [i for _, i in sorted(pairs)[:n]]
""",
    "9.3": """
def my_held_back(writers, names):
    marks = []
    for writer in writers:
        marks.append(writer in names)
    return marks
""",
    "9.4": """
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
