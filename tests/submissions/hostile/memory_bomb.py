# Memory without end.
# aims at: the machine
# earns: 1.1
# status: stopped
# says: MB of memory
# %% 1.1
# %%
import time

kept = []
try:
    while len(kept) < 1000:
        kept.append(b"x" * 50_000_000)
except MemoryError:
    time.sleep(5)
# %% 1.2
raise MemoryError
