# Files where the grader's sockets are: in a folder, where nobody counts them.
# earns: 1.1
# status: stopped
# says: only sockets belong
# %% 1.1
# %%
import os
import time
from pathlib import Path

here = Path(get_ipython().kernel.config["IPKernelApp"]["connection_file"]).parent
for link in ("kernel.json", "s-1", "s-2"):
    try:
        os.symlink("/etc/passwd", here / f"{link}.link")
    except OSError:
        pass
(here / "more").mkdir()
(here / "more" / "bomb").write_bytes(b"x" * 10_000_000)
time.sleep(30)
# %% 1.2
