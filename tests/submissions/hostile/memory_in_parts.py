# Memory without end, a little in each of many processes.
# aims at: the machine
# earns: 1.1
# status: stopped
# says: memory
# %% 1.1
# %%
import os
import time

for _ in range(20):
    if os.fork() == 0:
        kept = bytearray(os.urandom(1000) * 100_000)
        time.sleep(60)
        os._exit(len(kept))
time.sleep(60)
# %% 1.2
