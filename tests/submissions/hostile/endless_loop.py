# A loop that an interrupt ends: only the cell is lost.
# aims at: the machine
# earns: 1.1, 1.2
# says: ran longer than
# %% 1.1
# %% 1.3
while True:
    pass
# %% 1.2
