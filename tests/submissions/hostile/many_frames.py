# One message of many frames, each as large as one may be.
# aims at: the run
# earns: 1.1, 1.2
# says: An output of more than 6 MB was lost
# %% 1.1
# %%
kernel = get_ipython().kernel
real = getattr(kernel.iopub_thread, "socket", kernel.iopub_socket)
real.send_multipart([b"x" * 5_900_000] * 60)
# %% 1.2
