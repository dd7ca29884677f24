# The solutions are somewhere in the package: in its objects, its files, its caches.
# aims at: a look
# earns:
# says: SEEN nothing
# %%
import gc, inspect, sys
from pathlib import Path

import mnist_lab
from mnist_lab.exercises import all_exercises, find, solution

found = [each.solution for each in all_exercises() if each.solution]
found += [wrong.source for each in all_exercises() for wrong in each.misconceptions]
found += [o.solution for o in gc.get_objects() if type(o).__name__ == "Exercise" and o.solution]
KEY = "def my_cou" + "nts(labels):"
for place in {*mnist_lab.__path__, *sys.path, "/handed-in", "HERE", "/"}:
    for path in Path(place or ".").glob("**/*lesson_01*") if place != "/" else Path("/").glob("*"):
        try:
            found += [str(path)] if KEY.encode() in path.read_bytes() else []
        except OSError:
            pass
for package in ("/", *sys.path):
    if Path(package, "notebooks").is_dir():
        found.append(package)
# %% 1.3
exec(find("1.3").solution)
if "def" in str(solution("1.3").code) or found:
    raise ValueError("SEEN " + ", ".join(found)[:200])
raise ValueError("SEEN nothing")
