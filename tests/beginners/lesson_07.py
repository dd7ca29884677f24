"""Right answers to lesson 7 as a beginner writes them."""

ANSWERS = {
    "7.2": """
def my_best_epoch(losses):
    best = 0
    for epoch in range(len(losses)):
        if losses[epoch] < losses[best]:
            best = epoch
    return best + 1
""",
    "7.4": """
def my_double(images, labels):
    more, names = list(images), list(labels)
    for image in images:
        more.append([[0] + list(row[:-1]) for row in image])
    for label in labels:
        names.append(label)
    return more, names
""",
}
