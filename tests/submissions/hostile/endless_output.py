# Lines without end.
# aims at: the machine
# earns: 1.1
# status: stopped
# says: printed
# %% 1.1
# %%
while True:
    print("x" * 100_000, flush=True)
# %% 1.2
