# Bytes that are no messages at all, on the sockets of the kernel.
# aims at: the run
# earns: 1.1
# status: stopped
# says: what is no message
# %% 1.1
# %%
import zmq

kernel = get_ipython().kernel
real = getattr(kernel.iopub_thread, "socket", kernel.iopub_socket)
for each in ([b"x"], [b""], [b"<IDS|MSG>"], [b"a", b"<IDS|MSG>", b"wrong", b"{", b"{", b"{", b"{"]):
    real.send_multipart(each)
# %%
session = kernel.session
for texts in (
    [b"{", b"{}", b"{}", b"{}"],
    [b"[]", b"[]", b"[]", b"[]"],
    [b"\xff", b"\x00", b"", b"1"],
):
    real.send_multipart([b"a", b"<IDS|MSG>", session.sign(texts), *texts])
deep = b"[" * 100_000
real.send_multipart([b"a", b"<IDS|MSG>", session.sign([deep] * 4), *[deep] * 4])
# %%
real.send_multipart(
    [b"a", b"<IDS|MSG>", session.sign([b"{}"] * 4), *[b"{}"] * 4, *[b"x" * 10_000_000] * 3]
)


# %% 1.2
def my_piece(image):
    return 0
