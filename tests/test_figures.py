"""Figures: from a benchmark into a file, from the file onto the pages, and never typed."""

import importlib
import json
import re
import shlex
import sys
from datetime import datetime

import matplotlib as mpl
import pytest

from benchmarks import command
from mnist_lab.arrays import DataError
from tools import make_figures
from tools.charts import draw_charts

FILES = sorted(command.FIGURES.glob("*.json"))
TEXTS = {page.name: page.read_text(encoding="utf-8") for page in make_figures.PAGES}
TABLES = [found[1] for text in TEXTS.values() for found in make_figures.TABLE.findall(text)]
VALUES = [found[1] for text in TEXTS.values() for found in make_figures.VALUE.findall(text)]


class Parsed(Exception):
    """A benchmark has understood its command."""


@pytest.mark.parametrize("page", TEXTS)
def test_a_page_has_the_figures_of_the_files(page):
    """Each page is what tools.make_figures writes today."""
    assert make_figures.render(TEXTS[page]) == TEXTS[page], "python -m tools.make_figures"


def test_a_chart_has_the_figures_of_the_files():
    """Each chart is what tools.make_figures writes today, with the matplotlib of the lock."""
    lock = (make_figures.HERE / "requirements.lock").read_text(encoding="utf-8")
    if f"\nmatplotlib=={mpl.__version__} " not in lock:
        pytest.skip(f"matplotlib {mpl.__version__} is not the lock's, and may draw differently")
    for name, drawn in draw_charts(make_figures.look_up).items():
        text = (make_figures.PICTURES / name).read_text(encoding="utf-8")
        assert text == drawn, "python -m tools.make_figures"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_file_says_where_its_figures_come_from(file, monkeypatch):
    """Command, date and machine; the command is one that its benchmark takes, without a path."""
    kept = json.loads(file.read_text(encoding="utf-8"))
    assert list(kept) == ["command", "date", "machine", "figures"] and kept["figures"]
    assert re.fullmatch(r"20\d\d-\d\d(-\d\d)?", kept["date"])
    assert " " in kept["machine"] and not re.search(r"[/\\]", kept["machine"] + kept["command"])
    python, option, module, *words = shlex.split(kept["command"])
    assert (python, option) == ("python", "-m")
    name = module.removeprefix("benchmarks.")
    assert file.stem == name or file.stem.startswith(f"{name}_")

    def stop(_bench, args, **_):
        assert args.benchmark == name
        raise Parsed

    benchmark = importlib.import_module(module)
    monkeypatch.setattr(benchmark, "measure", stop)
    monkeypatch.setattr(sys, "argv", [name, *words])
    with pytest.raises(Parsed):
        benchmark.main()


def test_what_stands_between_marks_comes_from_files():
    """A value is nothing but figures of files; so is a cell, but for what heads its row."""
    cells = [
        cell for table in TABLES for row in table.splitlines()[1:] for cell in row.split("|")[2:-1]
    ]
    assert len(cells) > 50 and len(VALUES) > 10
    for template in [*cells, *VALUES]:
        assert "{" in template and not re.search(r"\d", make_figures.FIELD.sub("", template))


def test_every_file_is_drawn():
    """No file holds figures that no page shows."""
    drawn = {
        path.split(".")[0]
        for text in [*TABLES, *VALUES]
        for path, _ in make_figures.FIELD.findall(text)
    }
    assert drawn == {file.stem for file in FILES}


def keep(monkeypatch, folder, words, bench):
    """Run a benchmark of our own with a command's words, in a folder of figures."""
    monkeypatch.setattr(command, "FIGURES", folder)
    monkeypatch.setattr(sys, "argv", ["benchmarks/mine.py", *words])
    parser = command.make_parser("mine", "Measure nothing.", data=True)
    with pytest.raises(SystemExit) as stop:
        command.measure(bench, parser.parse_args())
    return stop.value.code


def test_a_benchmark_keeps_what_it_found(monkeypatch, tmp_path, capsys):
    """Figures with command, date and machine, under a name of its own; no path, no single run."""
    found = {"each": [1.0, 2.0], "mean": 1.23456789, "count": 123456, "way": {"share": 1 / 3}}
    words = ["--data", str(tmp_path / "real digits"), "--save", "half", "--json"]
    assert keep(monkeypatch, tmp_path / "figures", words, lambda **_: found) == 0
    assert json.loads(capsys.readouterr().out) == found
    [file] = (tmp_path / "figures").iterdir()
    kept = json.loads(file.read_text(encoding="utf-8"))
    assert file.name == "mine_half.json"
    assert kept["command"] == "python -m benchmarks.mine --data 'real digits'"
    assert kept["date"] == f"{datetime.now():%Y-%m-%d}" and "core" in kept["machine"]
    assert kept["figures"] == {"mean": 1.235, "count": 123456, "way": {"share": 0.3333}}


def test_a_benchmark_that_is_stopped_keeps_nothing(monkeypatch, tmp_path):
    """Ctrl-C leaves the figures of the last time as they were."""
    (tmp_path / "mine.json").write_text("before")

    def stop(**_):
        raise KeyboardInterrupt

    assert keep(monkeypatch, tmp_path, ["--save"], stop) == 130
    assert [file.read_text() for file in tmp_path.iterdir()] == ["before"]


def test_figures_are_kept_in_their_folder_alone(capsys):
    """A part that is a path is refused before anything is measured."""
    with pytest.raises(SystemExit):
        command.make_parser("mine", "Measure nothing.").parse_args(["--save", "../other"])
    assert "expected letters, digits and _, got '../other'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("It takes <!--{run.nothing:.2f}-->1<!---->.", "run.json has no nothing"),
        ("It takes <!--{nothing.ratio:.2f}-->1<!---->.", "no benchmarks/figures/nothing.json"),
        ("It takes <!--{train.fast:.2f}-->1<!---->.", "expected one figure, got "),
        ("It takes <!--{run.ratio:.2q}-->1<!---->.", "{run.ratio}: Unknown format code 'q'"),
        ("It takes <!--{run.ratio:.2f}-->1.", "expected <!----> after each <!--{"),
        ("It takes\n<!--{run.ratio:.2f}-->1<!---->.", "no line that begins with <!--{"),
        ("<!-- figures\n| a |\n-->\n| 1 |\n", "expected <!-- end --> after each <!-- figures"),
    ],
)
def test_a_mark_that_means_nothing_is_refused(text, why):
    """No such file or figure, no end, or a place where Markdown would show it: in one line."""
    with pytest.raises(DataError, match=re.escape(why)) as error:
        make_figures.render(text)
    assert "\n" not in str(error.value)


def test_formats_are_the_houses(monkeypatch, tmp_path):
    """A space before %, all and none without decimals, a thousandth with /1000; * is each key."""
    figures = {"few": 0.0961, "all": 1.0, "none": 0, "ms": 330.0}
    kept = {"command": "c", "date": "d", "machine": "m", "figures": {"row": figures}}
    (tmp_path / "mine.json").write_text(json.dumps(kept))
    monkeypatch.setattr(make_figures, "FIGURES", tmp_path)
    fields = "few:.1%", "all:.1%", "none:.1%", "ms:.2f/1000"
    text = " ".join(f"{{mine.row.{field}}}" for field in fields)
    assert ">9.6 % 100 % 0 % 0.33<" in make_figures.render(f"is <!--{text}--><!---->").replace(
        "\N{NO-BREAK SPACE}", " "
    )
    table = make_figures.render(
        "<!-- figures\n| a | b |\n| * | {mine.*.ms:.0f} |\n-->\n<!-- end -->"
    )
    assert (
        "\n| a | b |\n| --- | --- |\n| row | 330 |\n\n<small>Measured d, m: `c`</small>\n\n<!-- end"
        in table
    )
