"""Right answers to lesson 8 as a beginner writes them."""

ANSWERS = {
    "8.1": """
def my_answers(probabilities):
    answers = []
    for row in probabilities:
        row = list(row)
        answers.append(row.index(max(row)))
    return answers
""",
    "8.2": """
def my_confusion(labels, answers):
    counts = [[0] * 10 for _ in range(10)]
    for i in range(len(labels)):
        counts[labels[i]][answers[i]] += 1
    return counts
""",
    "8.3": """
def my_recall(confusion):
    shares = []
    for digit in range(10):
        shares.append(float(confusion[digit][digit]) / sum(confusion[digit]))
    return shares
""",
    "8.4": """
def my_surest_mistake(labels, probabilities):
    best, surest = 0, -1
    for i in range(len(labels)):
        row = list(probabilities[i])
        if row.index(max(row)) != labels[i] and max(row) > surest:
            best, surest = i, max(row)
    return best
""",
}

# 0 in the place of -1
EQUIVALENT = {"8.4": ["sure = np.where(wrong, probabilities.max(axis=1), -1)"]}

# What beginners hand in, by the points that it earns and a part of what its card says.
MISTAKES = [
    (0, "inside the loop", """8.1
 answers = []
 for row in probabilities:
    answers.append(row.argmax())
    return answers"""),
    (0.5, "how sure", "8.1\n return [float(max(row)) for row in probabilities]"),
    (0, "one and the same row", """8.2
 counts = [[0] * 10] * 10
 for label, answer in zip(labels, answers):
    counts[label][answer] = counts[label][answer] + 1
 return counts"""),
    (0, "1 at most", """8.2
 counts = np.zeros((10, 10))
 counts[labels, answers] += 1
 return counts"""),
    (1, "not always the one on the diagonal", """8.3
 shares = []
 for row in confusion:
    shares.append(float(max(row) / sum(row)))
 return shares"""),
    (1, "precision", """8.3
 return [confusion[d][d] / sum(confusion[r][d] for r in range(10)) for d in range(10)]"""),
    (0, "is right", "8.4\n sure = [max(row) for row in probabilities]\n return sure.index(max(sure))"),
    (1, "among the mistakes", """8.4
 sure = []
 for label, row in zip(labels, probabilities):
    if row.argmax() != label: sure.append(max(row))
 return sure.index(max(sure))"""),
]  # fmt: skip
