# Polite ways to end a program, none of which ends a notebook.
# aims at: the run
# earns: 1.1, 1.2, 1.3
# %% 1.1
# %%
import sys

sys.exit(0)
# %% 1.2
# %%
raise KeyboardInterrupt
# %% 1.3
# %%
raise SystemExit


# %% 1.4
def my_spread(images, labels, digit):
    raise SystemExit


# %% 1.5
def my_difference(one, other):
    raise GeneratorExit
