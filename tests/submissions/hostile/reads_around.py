# Reads whatever it can: other submissions, the secret, the environment, /etc, other processes.
# aims at: a look
# earns:
# says: SEEN nothing
# %%
import os
import time
from pathlib import Path

sought = "CANARY"[::-1].encode()  # written backwards, so that this cell is not found
ROOTS = [
    "/tmp",
    "/home",
    "/root",
    "/etc",
    "/handed-in",
    "/work",
    "/var",
    "/mnt",
    "/run",
    "/srv",
    "/opt",
    "/proc",
    "/dev",
    "HERE",
    "OUTSIDE",
]
found, until = set(), time.monotonic() + 4
for root in ROOTS:
    for at, folders, names in os.walk(root):
        if time.monotonic() > until:
            break
        folders[:] = [n for n in folders if n not in ("site-packages", "task", "python3.11")]
        for name in names:
            path = Path(at, name)
            try:
                if (
                    time.monotonic() < until
                    and path.is_file()
                    and sought in path.open("rb").read(3_000_000)
                ):
                    found.add(str(path))
            except (OSError, ValueError):
                pass
found |= {name for name, value in os.environ.items() if sought.decode() in value}
for path in (
    "/etc/passwd",
    "/etc/shadow",
    "/etc/hostname",
    "/root/.ssh",
    "OUTSIDE",
    "HERE/tests",
):
    try:
        found.add(
            path + ": " + (str(os.listdir(path)) if os.path.isdir(path) else open(path).read())[:50]
        )
    except OSError:
        pass
# %% 1.1
raise ValueError("SEEN " + ("; ".join(sorted(found)) or "nothing")[:400])
