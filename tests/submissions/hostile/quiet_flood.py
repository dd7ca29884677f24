# Messages with nothing to count in them, and some of them broken.
# aims at: the run
# earns: 1.1, 1.2
# %% 1.1
# %%
kernel = get_ipython().kernel
for _ in range(1000):
    for kind in ("clear_output", "comm_msg", "update_display_data", "display_data", "comm_open"):
        kernel.session.send(kernel.iopub_socket, kind, content={}, parent=kernel.get_parent())
# %% 1.2
