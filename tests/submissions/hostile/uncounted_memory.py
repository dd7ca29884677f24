# Memory that belongs to no process: asked for in every way that the system knows.
# aims at: the machine
# earns: 1.2
# says: SEEN nothing
# %%
import ctypes
import mmap
import os

libc = ctypes.CDLL(None, use_errno=True)
CALLS = {
    "x86_64": {"memfd_secret": 447, "memfd_create": 319, "shmget": 29, "msgget": 68, "semget": 64,
               "mq_open": 240, "vmsplice": 278, "io_uring_setup": 425, "bpf": 321},
    "aarch64": {"memfd_secret": 447, "memfd_create": 279, "shmget": 194, "msgget": 186,
                "semget": 190, "mq_open": 180, "vmsplice": 75, "io_uring_setup": 425, "bpf": 280},
}[os.uname().machine]  # fmt: skip
had = [n for n, c in CALLS.items() if libc.syscall(c, 0, 4096, 0o1600, 0, 0, 0) >= 0]
had += [n for n, c in CALLS.items() if ctypes.get_errno() != 1]
try:
    mmap.mmap(-1, 4096)
    had.append("shared and of nobody")
except OSError:
    pass
try:
    with open("/dev/zero", "r+b") as file:
        mmap.mmap(file.fileno(), 4096)
    had.append("zero")
except (OSError, ValueError):
    pass
# %% 1.1
raise ValueError("SEEN " + (", ".join(map(str, had)) or "nothing"))
# %% 1.2
