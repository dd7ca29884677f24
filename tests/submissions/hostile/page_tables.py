# Page tables for a terabyte of nothing.
# aims at: the machine
# earns: 1.1
# status: stopped
# says: memory
# %% 1.1
# %%
import mmap
import time

flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x4000  # not reserved
nothing = mmap.mmap(-1, 2**40, flags=flags, prot=mmap.PROT_READ)
seen = sum(nothing[at] for at in range(0, 2**40, 2**21))
time.sleep(60)
# %% 1.2
