"""Right answers to lesson 12 as a beginner writes them."""

ANSWERS = {
    "12.2": """
def my_rate(step, steps, peak):
    top = 0.3 * steps
    if step <= top:
        return peak * step / top
    return peak * (steps - step) / (steps - top)
""",
    "12.1": """
def my_multiplications(size, window, channels, kernels):
    count = 0
    for row in range(size - window + 1):
        for column in range(size - window + 1):
            count = count + window * window * channels
    return count * float(kernels)
""",
    "12.3": """
from keras import Sequential, layers
from mnist_lab import load_mnist
(train, test) = load_mnist()
digits = train.images.reshape(60000, 28, 28, 1) / 255
my_model = Sequential()
my_model.add(layers.Conv2D(8, (5, 5), activation="relu"))
my_model.add(layers.MaxPooling2D((2, 2)))
my_model.add(layers.Conv2D(16, (3, 3), activation="relu"))
my_model.add(layers.MaxPooling2D((2, 2)))
my_model.add(layers.Flatten())
my_model.add(layers.Dense(40, activation="relu"))
my_model.add(layers.Dense(10, activation="softmax"))
my_model.compile("adam", "sparse_categorical_crossentropy")
my_model.fit(digits, train.labels, epochs=3, batch_size=64, verbose=0)
""",
}

# Whatever is small and reads well is right, with other numbers and another training.
EQUIVALENT = {"12.3": [""]}

MISTAKES = [
    (0, "falls from the beginning", "12.2\n return peak - peak * step / steps"),
    (1, "does not fit at every pixel", "12.1\n return size * size * window * window * channels * kernels"),
    (1, "one place more across", "12.1\n return (size - window) ** 2 * window ** 2 * channels * kernels"),
    (0.5, "These are the parameters", "12.1\n return window * window * channels * kernels + kernels"),
]  # fmt: skip
