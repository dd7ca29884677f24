# Lines without end.
# earns: 1.1
# status: stopped
# says: printed
# %% 1.1
# %%
while True:
    print("x" * 1000)
# %% 1.2
