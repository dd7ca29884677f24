"""The house: who may import whom, pins that agree, nothing that does not belong."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tools.imports import FILES, LEVEL, imports, room

HEAVY = {"keras", "tensorflow"}
HERE = Path(__file__).parent.parent


def name_of(path: Path) -> str:
    return path.relative_to(HERE).with_suffix("").as_posix()


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_arrows_run_down_only(path):
    """A file imports only from lower levels."""
    here = room(path)
    for name, _ in imports(path):
        parts = name.split(".")
        if parts[0] == "mnist_lab" and len(parts) > 1 and parts[1] in LEVEL.keys() - {here}:
            assert LEVEL[parts[1]] < LEVEL[here], f"{here} imports {parts[1]}"


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_an_underscore_stays_in_its_room(path):
    """A name that begins with one is nobody's business outside its folder."""
    for name, _ in imports(path):
        parts = name.split(".")
        if parts[0] == "mnist_lab" and parts[1:2] != [room(path)]:
            assert not [part for part in parts if re.match("_[a-z]", part)], name


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_only_network_imports_keras(path):
    """TensorFlow has one door, and who needs it opens that door when it is needed."""
    names = imports(path)
    if room(path) == "network":
        return
    assert not [name for name, now in names if now and name.split(".")[0] in HEAVY]
    assert not [n for n, now in names if now and n.startswith("mnist_lab.network")]


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
    blind = [path for path in FILES if room(path) in {"evaluate", "images", "reading"}]
    for path in blind:
        found = {name.split(".")[0] for name, _ in imports(path)}
        assert not found & {"matplotlib", "ipywidgets"}, path
    found = {
        n.split(".")[0]
        for path in (HERE / "mnist_lab" / "plots").glob("*.py")
        for n, now in imports(path)
        if now
    }
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


PROJECT = tomllib.loads((HERE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]


def bounds(lines: list[str]) -> dict[str, str]:
    """Dependencies with their bounds; an extra that is made of others adds nothing."""
    return dict(
        re.fullmatch(r"([\w.-]+)(.*)", line).groups()
        for line in lines
        if not line.startswith("mnist-lab[")
    )


def test_lock_holds_every_dependency_within_its_bounds():
    """What pyproject.toml asks for is pinned, at a version it allows; but for the site's own."""
    from packaging.specifiers import SpecifierSet

    pinned = pins()
    direct = [
        *PROJECT["dependencies"],
        *(x for name in EXTRAS if name != "docs" for x in EXTRAS[name]),
    ]
    for name, allowed in bounds(direct).items():
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
    assert set(named) == set(bounds([*PROJECT["dependencies"], *EXTRAS["lab"]]))
    assert all(version in pins()[name] for name, version in named.items())


def test_versions_agree():
    """The package, pyproject.toml and the changelog speak of one version."""
    import mnist_lab

    assert PROJECT["version"] == mnist_lab.__version__
    assert f"## [{mnist_lab.__version__}]" in (HERE / "CHANGELOG.md").read_text(encoding="utf-8")


def test_no_mnist_file_is_in_the_repository():
    """MNIST is fetched, never kept here."""
    done = subprocess.run(
        ["git", "ls-files"], cwd=HERE, capture_output=True, text=True, check=False
    )
    assert not [name for name in done.stdout.split() if re.search(r"ubyte|mnist\.npz", name)]


def test_the_students_door_opens_on_what_it_lists():
    """Everything in `__all__` is there, from ten rooms; nothing else is pretended."""
    import mnist_lab

    assert 20 <= len(mnist_lab.__all__) <= 25
    assert all(getattr(mnist_lab, name) is not None for name in mnist_lab.__all__)
    assert callable(mnist_lab.load_mnist) and callable(mnist_lab.read_page)
    with pytest.raises(AttributeError, match="nonsense"):
        mnist_lab.nonsense  # noqa: B018


def test_a_module_is_read_in_one_sitting():
    """None is over 350 lines, and few are over 130; a lesson is prose, and longer."""
    code = [path for path in FILES if path.parent.name != "lessons"]
    lengths = sorted(len(path.read_text(encoding="utf-8").splitlines()) for path in code)
    assert lengths[-1] <= 350
    assert lengths[len(lengths) // 2] <= 130


def test_the_readme_is_short():
    """What a newcomer needs, and no more: the rest is in docs."""
    assert len((HERE / "README.md").read_bytes()) <= 4500


def test_links_between_the_pages_lead_somewhere():
    """A link in the README or in docs names a file that is there, and a heading in it."""
    pages = [HERE / "README.md", *(HERE / "docs").glob("*.md")]
    links = [(page, link) for page in pages for link in re.findall(
        r"\]\((?!https?:)([^)]+)\)", page.read_text(encoding="utf-8")
    )]  # fmt: skip
    assert len(links) > 20
    for page, link in links:
        file, _, anchor = link.partition("#")
        target = page.parent / file
        assert target.is_file(), f"{page.name}: {link}"
        if anchor:
            headings = re.findall(r"^#+ (.*)$", target.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in {re.sub(r"[^\w -]", "", h.lower()).replace(" ", "-") for h in headings}
