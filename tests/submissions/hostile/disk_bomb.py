# Files without end, wherever files can be.
# aims at: the machine
# earns: 1.1, 1.2
# says: SEEN full
# %% 1.1
# %%
from pathlib import Path

places = ["/tmp", "/dev/shm", "/var/tmp", "/run", ".", "/", "/dev", "/home", "/handed-in"]
sizes = {}
for place in places:
    try:
        with Path(place, "bomb").open("wb") as file:
            for _ in range(600):
                sizes[place] = file.tell()
                file.write(b"\0" * 1_000_000)
                file.flush()
    except OSError:
        pass
    try:
        Path(place, "bomb").unlink()
    except OSError:
        pass
# %% 1.2
# %% 1.3
most = max(sizes.values(), default=0)
raise ValueError("SEEN full" if most < 400_000_000 else f"SEEN {sizes}")
