# Processes that leave their parents, and wait for the next student.
# aims at: the machine
# earns: 1.1, 1.2
# %% 1.1
# %%
import os
import subprocess
import time

for _ in range(5):
    subprocess.Popen(["sleep", "NUMBER"], start_new_session=True, close_fds=True)
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.execv("/bin/sleep", ["sleep", "NUMBER"])
    os._exit(0)
# %% 1.2
