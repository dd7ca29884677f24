"""Right answers to lesson 10 as a beginner writes them."""

ANSWERS = {
    "10.1": """
def my_spans(counts):
    spans = []
    inside = False
    for i in range(len(counts)):
        if counts[i] > 0 and not inside:
            start = i
            inside = True
        if counts[i] == 0 and inside:
            spans.append((start, i))
            inside = False
    if inside:
        spans.append((start, len(counts)))
    return spans
""",
    "10.2": """
def my_overlap(one, other):
    shared = 0
    area_one = 0
    area_other = 0
    for row in range(200):
        for column in range(200):
            in_one = one[0] <= row < one[2] and one[1] <= column < one[3]
            in_other = other[0] <= row < other[2] and other[1] <= column < other[3]
            area_one += in_one
            area_other += in_other
            shared += in_one and in_other
    return shared / (area_one + area_other - shared)
""",
    "10.3": """
from keras import Sequential, layers
my_sliding = Sequential()
my_sliding.add(layers.Input((None, None, 1)))
my_sliding.add(layers.Conv2D(32, (3, 3), activation="relu"))
my_sliding.add(layers.MaxPooling2D((2, 2)))
my_sliding.add(layers.Conv2D(16, (13, 13), activation="relu"))
for neurons in [32, 64]:
    my_sliding.add(layers.Conv2D(neurons, (1, 1), activation="relu"))
my_sliding.add(layers.Conv2D(10, (1, 1), activation="softmax"))
""",
    "10.4": "my_reason = 'B'",
}

MISTAKES = [
    (
        1.5,
        "to the edge",
        """10.1
 spans = []
 start = -1
 for i in range(len(counts)):
    if counts[i] and start < 0: start = i
    if not counts[i] and start >= 0:
        spans.append([start, i])
        start = -1
 return spans""",
    ),
]
