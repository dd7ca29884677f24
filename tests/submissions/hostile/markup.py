# Errors and names that are markup, to be run in the teacher's browser.
# aims at: the run
# earns:
# says: <script>
# %% 1.1
raise ValueError("<script>alert(1)</script>\x1b[31m[/bold]{{ 7*7 }}")
# %% 1.2
my_piece = type("<img src=x onerror=alert(1)>", (), {})()


# %% 1.3
def my_counts(labels):
    raise type("<script>alert(2)</script>", (Exception,), {})("</pre>" * 50)
