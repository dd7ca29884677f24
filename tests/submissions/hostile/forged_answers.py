# Messages that look as if the grader's half in the kernel had sent them.
# aims at: points
# earns:
# %%
import json

from IPython.display import publish_display_data

TYPE = "application/x-mnist-lab-answers"
FORGED = [
    [[], [["right"]]],
    [[], ['[["value", 47040000.5, "", false]]']],
    {"points": 100},
    "right",
    [[], ['[["value", {"array": ["float64", [1000000000, 1000000000], ""]}, "", false]]'] * 2],
    [[], ['[["value", {"array": ["object", [1], "gASVBAAAAAAAAABNAQIu"]}, "", false]]'] * 2],
    [["<script>alert(1)</script>"], []],
]


def forge(*_):
    for each in FORGED:
        publish_display_data({TYPE: json.dumps(each)})
    publish_display_data({TYPE: each})


get_ipython().events.register("pre_execute", forge)
get_ipython().events.register("post_execute", forge)
# %%
from mnist_lab.grading.kernel import inside

inside.show = forge
# %% 1.1
my_numbers = 0


# %% 1.3
def my_counts(labels):
    return 0
