# What a process inherits without wanting to: open files, rights, signals.
# aims at: a look
# earns:
# says: SEEN nothing
# %%
import os
from pathlib import Path

found = []
for name in os.listdir("/proc/self/fd"):
    try:
        target = os.readlink(f"/proc/self/fd/{name}")
    except OSError:
        continue
    if target.startswith("/") and not target.startswith(
        ("/dev/", "/proc/", "/usr/", "/tmp/", "/home/")
    ):
        found.append(target)
    if target.endswith((".sqlite", "secret")):
        found.append(target)
status = Path("/proc/self/status").read_text()
found += [
    line
    for line in status.splitlines()
    if line.startswith(("CapPrm", "CapEff", "CapAmb")) and int(line.split()[1], 16)
]
found += [] if "NoNewPrivs:\t1" in status else ["new rights"]
for parent in ("/proc/1", f"/proc/{os.getppid()}"):
    try:
        found += [parent] if os.listdir(parent + "/fd") and os.getuid() else []
    except OSError:
        pass
# %% 1.1
raise ValueError("SEEN " + ("; ".join(found) or "nothing")[:300])
