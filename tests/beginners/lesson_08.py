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
