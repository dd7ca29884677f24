# Messages with nothing to count in them, without end.
# earns: 1.1, 1.2
# %% 1.1
# %%
kernel = get_ipython().kernel
while True:
    for kind in ("clear_output", "comm_msg", "update_display_data", "display_data", "status"):
        kernel.session.send(kernel.iopub_socket, kind, content={}, parent=kernel.get_parent())
# %% 1.2
