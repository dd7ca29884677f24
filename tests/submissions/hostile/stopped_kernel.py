# The kernel puts itself to sleep, and cannot be woken.
# aims at: the run
# earns: 1.1
# status: stopped
# says: ran longer than
# %% 1.1
# %%
import os
import signal

os.kill(os.getpid(), signal.SIGSTOP)
# %% 1.2
