# A loop in C, where an interrupt does not reach.
# aims at: the machine
# earns: 1.1
# status: stopped
# says: ran longer than
# %% 1.1
# %%
import itertools

sum(itertools.repeat(0))
# %% 1.2
