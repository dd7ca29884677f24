# A kernel that lives and says nothing more.
# aims at: the run
# earns: 1.1
# status: stopped
# %% 1.1
# %%
kernel = get_ipython().kernel
kernel.session.send = lambda *_, **__: None
# %% 1.2
