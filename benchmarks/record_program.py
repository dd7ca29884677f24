"""A public record in one epoch, in PyTorch, to measure against: no mnist_lab in it.

    python record_program.py SEED DATA

Two convolutions (24 of 5x5, 32 of 3x3), each pooled before its ReLU, and 256 units; batches
of 256, Adam (betas 0.7 and 0.9) under a one-cycle learning rate up to 0.01. It prints the
seconds of training and the accuracy on the test part.
"""

import gzip
import os
import sys
import time

import numpy as np
import torch
from torch import nn

seed, folder = int(sys.argv[1]), sys.argv[2]


def read(name, skip):
    plain = os.path.join(folder, name)
    opened = open(plain, "rb") if os.path.exists(plain) else gzip.open(plain + ".gz")
    with opened as file:
        return np.frombuffer(file.read(), np.uint8, offset=skip)


def images(name):
    return torch.tensor(read(name, 16).reshape(-1, 1, 28, 28) / np.float32(255))


torch.manual_seed(seed)
x, x_test = images("train-images-idx3-ubyte"), images("t10k-images-idx3-ubyte")
y = torch.tensor(read("train-labels-idx1-ubyte", 8).astype(np.int64))
y_test = torch.tensor(read("t10k-labels-idx1-ubyte", 8).astype(np.int64))

start = time.perf_counter()
model = nn.Sequential(
    nn.Conv2d(1, 24, 5), nn.MaxPool2d(2), nn.ReLU(),
    nn.Conv2d(24, 32, 3), nn.MaxPool2d(2), nn.ReLU(),
    nn.Flatten(), nn.Linear(800, 256), nn.ReLU(), nn.Linear(256, 10),
)  # fmt: skip
batches = torch.randperm(len(x)).split(256)
optimizer = torch.optim.Adam(model.parameters(), lr=0.01, betas=(0.7, 0.9))
rate = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=0.01, total_steps=len(batches))
for at in batches:
    optimizer.zero_grad()
    nn.functional.cross_entropy(model(x[at]), y[at]).backward()
    optimizer.step()
    rate.step()
seconds = time.perf_counter() - start
model.eval()
with torch.no_grad():
    print(seconds, (model(x_test).argmax(1) == y_test).float().mean().item())
