# Answers that are too large, too deep, or numbers that are none.
# aims at: points
# earns:
# %% 1.1
my_numbers = 10**100_000


# %% 1.2
def my_piece(image):
    return np.zeros((1000, 1000))


# %% 1.3
def my_counts(labels):
    endless = []
    endless.append(endless)
    return endless


# %% 1.4
def my_spread(images, labels, digit):
    return {str(each): "x" * 1000 for each in range(20_000)}


# %% 1.5
def my_difference(one, other):
    return float("inf")
