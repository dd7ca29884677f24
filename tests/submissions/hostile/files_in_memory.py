# Temporary files, which lie in memory, each within its limits, and too many of them.
# aims at: the machine
# earns: 1.1
# status: stopped
# says: MB of memory, with its files
# %% 1.1
# %%
import time
from pathlib import Path

for place in ("/tmp", "/dev/shm", "."):
    with Path(place, "large").open("wb") as file:
        try:
            for _ in range(250):
                file.write(b"x" * 1_000_000)
        except OSError:
            pass
time.sleep(30)
# %% 1.2
