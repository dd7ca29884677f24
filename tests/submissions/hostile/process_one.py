# The sandbox's first process: written to, stopped, looked at; and cores that are others'.
# aims at: a look
# earns: 1.2
# says: SEEN nothing
# %%
import os
import signal
from pathlib import Path

had = []
for path, mode in (("/proc/1/mem", "r+b"), ("/proc/1/mem", "rb"), ("/proc/1/environ", "rb")):
    try:
        with open(path, mode):
            had.append(path)
    except OSError:
        pass
for path in ("/proc/1/root", "/proc/1/fd", "/proc/1/cwd"):
    try:
        os.listdir(path)
        had.append(path)
    except OSError:
        pass
said = Path("/proc/1/status").read_text()
had += [] if "Seccomp:\t2" in said and "NoNewPrivs:\t1" in said else ["unfiltered"]
had += ["unlimited"] if "unlimited" in [
    line.split()[3] for line in Path("/proc/1/limits").read_text().splitlines()
    if line.startswith(("Max file size", "Max open files", "Max data size"))
] else []  # fmt: skip
for sign in (signal.SIGSTOP, signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
    try:
        os.kill(1, sign)
    except OSError:
        pass
try:
    os.sched_setaffinity(0, range(os.cpu_count()))
    had.append("cores")
except OSError:
    pass
# %% 1.1
raise ValueError("SEEN " + (", ".join(had) or "nothing"))
# %% 1.2
