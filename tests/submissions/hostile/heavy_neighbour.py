# As many processes as it may have, all of them busy.
# aims at: the machine
# earns: 1.1
# status: stopped
# says: longer than
# %% 1.1
# %%
import os

for _ in range(50):
    if os.fork() == 0:
        while True:
            pass
while True:
    try:
        while True:
            pass
    except KeyboardInterrupt:
        pass
# %% 1.2
