# A loop that catches every interrupt.
# aims at: the run
# earns: 1.1
# status: stopped
# says: ran longer than
# %% 1.1
# %%
import signal
import time

signal.signal(signal.SIGTERM, signal.SIG_IGN)
while True:
    try:
        time.sleep(1)
    except BaseException:
        pass
# %% 1.2
