# The kernel is shut down, and asked to start again.
# earns: 1.1
# status: stopped
# %% 1.1
# %%
import asyncio

kernel = get_ipython().kernel
answer = kernel.do_shutdown(True)
if asyncio.iscoroutine(answer):
    asyncio.ensure_future(answer)
exit()
# %%
import time

time.sleep(60)
# %% 1.2
