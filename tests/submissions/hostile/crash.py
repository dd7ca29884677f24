# A fault in C.
# aims at: the run
# earns: 1.1
# status: stopped
# %% 1.1
# %%
import ctypes

ctypes.string_at(0)
# %% 1.2
