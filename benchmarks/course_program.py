"""The course's program as anyone would write it, to measure against: no mnist_lab in it.

    python course_program.py DATA EPOCHS OUT

It makes the same Keras calls as `mnist-lab run --validate-on-test`, in the same order, and prints
its accuracy. Measuring on the test part after each epoch is a leak: whatever is chosen by it is
chosen by the test digits.
"""

import gzip
import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import keras
import numpy as np
import tensorflow as tf
from keras import layers
from sklearn.metrics import classification_report, confusion_matrix

folder, epochs = sys.argv[1], int(sys.argv[2])


def read(name, skip):
    plain = os.path.join(folder, name)
    opened = open(plain, "rb") if os.path.exists(plain) else gzip.open(plain + ".gz")
    with opened as file:
        return np.frombuffer(file.read(), np.uint8, offset=skip)


x_train = read("train-images-idx3-ubyte", 16).reshape(-1, 28, 28, 1).astype("float32") / 255
x_test = read("t10k-images-idx3-ubyte", 16).reshape(-1, 28, 28, 1).astype("float32") / 255
y_train, y_test = read("train-labels-idx1-ubyte", 8), read("t10k-labels-idx1-ubyte", 8)

keras.utils.set_random_seed(0)
tf.config.experimental.enable_op_determinism()
model = keras.Sequential(
    [
        keras.Input((28, 28, 1)),
        layers.Conv2D(32, (3, 3), activation="relu"),
        layers.MaxPooling2D((2, 2)),
        layers.Flatten(),
        layers.Dense(16, activation="relu"),
        layers.Dense(32, activation="relu"),
        layers.Dense(64, activation="relu"),
        layers.Dense(10, activation="softmax"),
    ]
)
model.summary()
model.compile(optimizer="adam", loss="categorical_crossentropy", metrics=["accuracy"])
model.fit(
    x_train,
    keras.utils.to_categorical(y_train, 10),
    epochs=epochs,
    batch_size=64,
    validation_data=(x_test, keras.utils.to_categorical(y_test, 10)),
    verbose=2,
)
answers = model.predict(x_test, batch_size=1000, verbose=0).argmax(axis=1)
print(classification_report(y_test, answers))
print(confusion_matrix(y_test, answers))
print(model.predict(1 - x_test[:1000], batch_size=1000, verbose=0).argmax(axis=1)[:10])
model.save(os.path.join(sys.argv[3], "model.keras"))
print("test_accuracy", (answers == y_test).mean())
