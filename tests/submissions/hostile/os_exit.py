# The kernel ends itself.
# aims at: the run
# earns: 1.1
# status: stopped
# says: kernel died
# %% 1.1
# %%
import os

os._exit(0)
# %% 1.2
