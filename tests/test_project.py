"""The house: who may import whom, pins that agree, nothing that does not belong."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

LEVELS = [
    {"arrays"},
    {"files", "progress", "evaluate", "strokes", "html"},
    {"images"},
    {"synth"},
    {"data", "network"},
    {"reading", "pad", "sheet"},
    {"plots", "exercises"},
    {"experiment", "course", "grading"},
    {"cli"},
    {"__init__", "__main__"},
]
LEVEL = {name: level for level, names in enumerate(LEVELS) for name in names}
HEAVY = {"keras", "tensorflow"}
HERE = Path(__file__).parent.parent


def room(path: Path) -> str:
    return path.relative_to(HERE / "mnist_lab").with_suffix("").parts[0]


def imports(path: Path) -> set[tuple[str, bool]]:
    """What a file imports, each with whether that happens as the file is imported."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    late = {n for f in ast.walk(tree) if isinstance(f, ast.FunctionDef) for n in ast.walk(f)}
    late |= {
        n
        for block in ast.walk(tree)
        if isinstance(block, ast.If) and "TYPE_CHECKING" in ast.unparse(block.test)
        for n in ast.walk(block)
    }
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {(alias.name, node not in late) for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            inner = node.module == "mnist_lab"
            names = [f"mnist_lab.{a.name}" for a in node.names] if inner else [node.module]
            found |= {(name, node not in late) for name in names}
    return found


FILES = [
    path
    for path in sorted((HERE / "mnist_lab").rglob("*.py"))
    if not path.name.endswith("_program.py")  # to compare with, imported by nothing
]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_arrows_run_down_only(path):
    """A file imports only from lower levels."""
    here = room(path)
    for name, _ in imports(path):
        parts = name.split(".")
        if parts[0] == "mnist_lab" and len(parts) > 1 and parts[1] in LEVEL.keys() - {here}:
            assert LEVEL[parts[1]] < LEVEL[here], f"{here} imports {parts[1]}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_only_network_imports_keras(path):
    """TensorFlow has one door, and who needs it opens that door when it is needed."""
    names = imports(path)
    if room(path) == "network":
        return
    assert not [name for name, now in names if now and name.split(".")[0] in HEAVY]
    assert not [name for name, now in names if now and name == "mnist_lab.network"]


def test_exercises_are_light():
    """Checking an answer loads neither TensorFlow nor what draws; the grader counts on it."""
    program = (
        "import sys; from mnist_lab import exercises; exercises.all_exercises(); "
        "print(sorted({'keras', 'tensorflow', 'matplotlib', 'cv2'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr
    for path in (HERE / "mnist_lab" / "exercises").glob("*.py"):
        assert not {n for n, _ in imports(path)} & {"mnist_lab.network", "mnist_lab.grading"}


def test_measuring_draws_nothing_and_drawing_measures_nothing():
    """evaluate and images know nothing of matplotlib; plots neither predicts nor computes."""
    for name in ("evaluate", "images"):
        found = {n.split(".")[0] for n, _ in imports(HERE / "mnist_lab" / f"{name}.py")}
        assert not found & {"matplotlib", "ipywidgets"}
    found = {n.split(".")[0] for n, now in imports(HERE / "mnist_lab" / "plots.py") if now}
    assert "sklearn" not in found


def test_every_file_has_a_level_and_says_its_purpose():
    """A new file takes its place in the house, and its first line says what it is for."""
    for path in FILES:
        assert room(path) in LEVEL, f"{path.name} has no level here"
        purpose = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
        assert purpose and len(purpose.splitlines()[0]) < 100


def pins() -> dict[str, set[str]]:
    """Every version that the lock names, by package."""
    lock = (HERE / "requirements.lock").read_text(encoding="utf-8")
    found: dict[str, set[str]] = {}
    for name, pinned in re.findall(r"^([\w.-]+)==([^\s;\\]+)", lock, re.MULTILINE):
        found.setdefault(name.lower(), set()).add(pinned)
    return found


def bounds() -> dict[str, str]:
    """The direct dependencies with their bounds."""
    project = tomllib.loads((HERE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    return dict(re.fullmatch(r"([\w.-]+)(.*)", line).groups() for line in lines)


def test_lock_holds_every_dependency_within_its_bounds():
    """What pyproject.toml asks for is pinned, at a version it allows."""
    from packaging.specifiers import SpecifierSet

    pinned = pins()
    for name, allowed in bounds().items():
        assert name in pinned
        assert all(version in SpecifierSet(allowed) for version in pinned[name])


def test_lock_has_hashes_and_names_no_index():
    """Every pin carries its hashes; no address stands in the lock."""
    lock = (HERE / "requirements.lock").read_text(encoding="utf-8")
    assert "://" not in lock and "--index-url" not in lock
    entries = re.split(r"^(?=[\w.-]+==)", lock, flags=re.MULTILINE)[1:]
    assert len(entries) > 100 and all("--hash=sha256:" in entry for entry in entries)


def test_environment_yml_agrees_with_the_lock():
    """conda gets the direct dependencies at the versions of the lock."""
    text = (HERE / "environment.yml").read_text(encoding="utf-8")
    named = dict(re.findall(r"- ([\w.-]+)==(\S+)", text))
    runtime = set(bounds()) & set(named)
    assert set(named) == runtime and "tensorflow" in named
    assert all(version in pins()[name] for name, version in named.items())
    project = tomllib.loads((HERE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert len(named) == len(project["dependencies"])


def test_versions_agree():
    """The package, pyproject.toml and the changelog speak of one version."""
    import mnist_lab

    project = tomllib.loads((HERE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == mnist_lab.__version__
    assert f"## [{mnist_lab.__version__}]" in (HERE / "CHANGELOG.md").read_text(encoding="utf-8")


def test_no_mnist_file_is_in_the_repository():
    """MNIST is fetched, never kept here."""
    done = subprocess.run(
        ["git", "ls-files"], cwd=HERE, capture_output=True, text=True, check=False
    )
    assert not [name for name in done.stdout.split() if re.search(r"ubyte|mnist\.npz", name)]


def test_public_names_come_when_they_are_asked_for():
    """Everything in `__all__` is there, and nothing else is pretended."""
    import mnist_lab

    assert all(getattr(mnist_lab, name) is not None for name in mnist_lab.__all__)
    assert callable(mnist_lab.load_mnist) and callable(mnist_lab.course_cnn)
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        mnist_lab.nonsense  # noqa: B018
