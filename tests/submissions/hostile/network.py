# Calls home: by address, by name, on this machine, by sockets that need no address.
# aims at: a look
# earns:
# says: SEEN nothing
# %%
import socket

reached = []
for address in (("127.0.0.1", PORT), ("1.1.1.1", 53), ("example.com", 80), ("localhost", PORT)):
    try:
        socket.create_connection(address, timeout=2).sendall(b"hello")
        reached.append(address)
    except OSError:
        pass
for name in ("\0ABSTRACT", "/run/docker.sock", "/var/run/docker.sock"):
    try:
        line = socket.socket(socket.AF_UNIX)
        line.connect(name)
        reached.append(name)
    except OSError:
        pass
# %% 1.1
raise ValueError("SEEN " + (str(reached) if reached else "nothing"))
