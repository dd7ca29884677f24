"""Right answers to lesson 2 as a beginner writes them."""

ANSWERS = {
    "2.1": "my_guess = 10.0",
    "2.2": """
def my_accuracy(answers, labels):
    right = 0
    for i in range(len(labels)):
        if answers[i] == labels[i]:
            right = right + 1
    return right / len(labels)
""",
    "2.3": """
def my_mean_digits(images, labels):
    means = []
    for digit in range(10):
        total = np.zeros((28, 28))
        count = 0
        for i in range(len(labels)):
            if labels[i] == digit:
                total = total + images[i]
                count = count + 1
        means.append(total / count)
    return means
""",
    "2.4": """
def my_nearest(images, means):
    answers = []
    for image in images:
        best = 0
        smallest = 1e30
        for digit in range(len(means)):
            distance = ((image.astype(float) - means[digit]) ** 2).sum()
            if distance < smallest:
                smallest = distance
                best = digit
        answers.append(best)
    return answers
""",
    "2.5": """
def my_split(images, labels):
    n = int(len(images) * 0.8)
    return [list(images[:n]), list(labels[:n]), list(images[n:]), list(labels[n:])]
""",
}

MISTAKES = [
    (0.5, "how many are right", "2.2\n return sum(answers == labels)"),
    (0.5, "share of the wrong", "2.2\n return np.mean(answers != labels)"),
    (
        0,
        "inside the loop",
        "2.3\n for d in range(10):\n  return np.mean(images[labels == d], axis=0)",
    ),
    (0.5, "mean of all images", "2.3\n return [images.mean(axis=0)] * 10"),
]
