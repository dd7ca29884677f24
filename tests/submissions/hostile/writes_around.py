# Writes wherever it can, and changes what it finds.
# aims at: a look
# earns: 1.1
# says: SEEN nothing
# %%
import os
import shutil
import sys
from pathlib import Path

import mnist_lab

made = []
places = [
    "/",
    "/etc",
    "/usr",
    "/usr/lib",
    "/handed-in",
    "/root",
    "/var/tmp",
    "/mnt",
    "OUTSIDE",
    "HERE",
    "HERE/tests",
    sys.prefix,
    *mnist_lab.__path__,
    *(p for p in sys.path if p),
    os.environ.get("MNIST_LAB_DATA", "/"),
    *(str(p) for p in Path(os.getcwd()).parents),
    "/proc/1/root",
    "/proc/self/root/..",
]
for place in places:
    try:
        Path(place, "mnist-lab-was-here").write_text("x")
        made.append(place)
    except OSError:
        pass
    for victim in ("solved.ipynb", "__init__.py"):
        for do in (os.remove, os.chmod, os.truncate):
            try:
                do(Path(place, victim), *([0] if do is not os.remove else []))
                made.append(f"{place}/{victim}")
            except OSError:
                pass
for command in (
    "mount -o remount,rw /",
    "mount -t tmpfs none /mnt",
    "chmod 777 /",
    "unshare -r true",
    "unshare -rm mount -t tmpfs none /tmp",
    "sudo -n true",
):
    if os.system(f"{command} > /dev/null 2>&1 < /dev/null") == 0:
        made.append(command)
# %% 1.1
# %% 1.2
raise ValueError("SEEN " + (", ".join(made) or "nothing"))
