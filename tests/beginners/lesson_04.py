"""Right answers to lesson 4 as a beginner writes them."""

ANSWERS = {
    "4.1": 'my_reason = "B"',
    "4.2": """
def my_relu(sums):
    rows = []
    for row in sums:
        rows.append([number if number > 0 else 0 for number in row])
    return rows
""",
    "4.3": "my_hidden = [0.5 * 1 + 2 * 3, 0]\nmy_output = 2 * my_hidden[0] - 1 * my_hidden[1]",
    "4.4": """
def my_gradient(inputs, blame):
    on_its_side = inputs.T
    total = on_its_side @ blame
    count = len(blame)
    return total / count
""",
    "4.5": """
def my_blame(blame, weights, hidden):
    back = blame @ weights.T
    back[hidden == 0] = 0
    return back
""",
}

MISTAKES = [
    (0.25, "one largest number", "4.2\n return max(sums.flatten())"),
    (0.5, "Blame may well be below 0", "4.5\n back = blame @ weights.T\n return back * (back > 0)"),
    (1, "A neuron that gave 0", "4.5\n return np.dot(blame, weights.T)"),
    (1, "sum over the digits", "4.4\n return np.dot(inputs.T, blame)"),
]
