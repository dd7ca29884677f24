# A function that never answers, whatever is done to it.
# aims at: the run
# earns: 1.1
# status: stopped
# %% 1.1
# %% 1.2
def my_piece(image):
    import time

    while True:
        try:
            time.sleep(1)
        except BaseException:
            pass


# %% 1.3
