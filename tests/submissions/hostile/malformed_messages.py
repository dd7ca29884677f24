# Messages with the right signature and nonsense in them.
# aims at: the run
# earns: 1.1
# status: stopped
# says: what is no message
# %% 1.1
# %%
kernel = get_ipython().kernel
send, parent = kernel.session.send, kernel.get_parent()
KINDS = (
    "status",
    "stream",
    "display_data",
    "execute_result",
    "error",
    "clear_output",
    "comm_open",
    "comm_msg",
    "update_display_data",
    "execute_input",
    "input_request",
    "nonsense",
    "",
)
CONTENTS = (
    {},
    [],
    None,
    5,
    "text",
    {"data": []},
    {"data": None},
    {"text": {}},
    {"execution_state": []},
    {"data": {"application/x-mnist-lab-answers": {"a": 1}}},
    {"comm_id": [], "data": {"state": 1}},
)
for kind in KINDS:
    for content in CONTENTS:
        send(kernel.iopub_socket, kind, content=content, parent=parent)
# %%
for content in CONTENTS:
    send(kernel.shell_stream, "execute_reply", content=content, parent=parent)
    for header in ({}, [], {"msg_id": []}, "text"):
        send(kernel.iopub_socket, "status", content=content, parent=header)


# %% 1.2
def my_piece(image):
    return 0
