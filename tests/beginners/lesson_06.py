"""Right answers to lesson 6 as a beginner writes them; a training network has but one."""

ANSWERS = {
    "6.1": """
import keras
my_ten_neurons = keras.Sequential()
my_ten_neurons.add(keras.Input(shape=(28, 28, 1)))
my_ten_neurons.add(keras.layers.Flatten())
my_ten_neurons.add(keras.layers.Dense(10, "softmax"))
""",
    "6.2": "my_convolution = 8 * 25.0 + 8\nmy_dense = 100 * 10.0 + 10",
    "6.3": """
from keras import Sequential, layers
my_model = Sequential()
my_model.add(layers.Input((28, 28, 1)))
my_model.add(layers.Conv2D(32, (3, 3), activation="relu"))
my_model.add(layers.MaxPooling2D((2, 2)))
my_model.add(layers.Flatten())
for neurons in [16, 32, 64]:
    my_model.add(layers.Dense(neurons, activation="relu"))
my_model.add(layers.Dense(10, activation="softmax"))
my_model.compile("Adam", "categorical_crossentropy", metrics=["accuracy"])
""",
    "6.4": """
from keras import Sequential, layers
my_first_repair = Sequential()
my_first_repair.add(layers.Conv2D(8, kernel_size=(3, 3), activation="relu"))
my_first_repair.add(layers.MaxPooling2D(pool_size=2))
my_first_repair.add(layers.Flatten())
my_first_repair.add(layers.Dense(10, activation="softmax"))
my_first_repair.compile(optimizer="adam", loss="categorical_crossentropy")
""",
    "6.5": """
import keras
my_second_repair = keras.Sequential(
    layers=[
        keras.layers.Input(shape=(28, 28, 1)),
        keras.layers.Flatten(),
        keras.layers.Dense(units=32, activation="relu"),
        keras.layers.Dense(units=10, activation=keras.activations.softmax),
    ]
)
my_second_repair.compile(optimizer=keras.optimizers.Adam(), loss=keras.losses.CategoricalCrossentropy())
""",
}

# Whatever reads well enough is right, with other layers, other numbers and another training.
EQUIVALENT = {"6.6": [""], "6.7": [""]}
