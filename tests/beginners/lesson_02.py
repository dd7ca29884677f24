"""Right answers to lesson 2 as a beginner writes them."""

ANSWERS = {
    "2.5": """
def my_split(images, labels):
    n = int(len(images) * 0.8)
    return [list(images[:n]), list(labels[:n]), list(images[n:]), list(labels[n:])]
""",
}
