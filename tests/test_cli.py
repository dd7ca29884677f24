"""The command line as a user types it."""

import io
import json
import os
import signal
import subprocess
import sys

import cv2
import numpy as np
import pytest

from mnist_lab.cli import build_parser, main
from mnist_lab.cli.console import Screen

HERE = [sys.executable, "-m", "mnist_lab"]


def mnist_lab(*arguments: object, **more) -> subprocess.CompletedProcess:
    """Run the command in a process of its own, not on a terminal."""
    return subprocess.run(
        [*HERE, *map(str, arguments)], capture_output=True, encoding="utf-8", **more
    )


@pytest.fixture(scope="module")
def finished(tmp_path_factory, small_folder):
    """A run of one epoch into a folder with a space in its name."""
    out = tmp_path_factory.mktemp("a run") / "my report"
    return out, mnist_lab("run", "--data", small_folder, "--epochs", 1, "--out", out, "--json")


def test_run_leaves_report_figures_and_network(finished):
    """Four files and nothing half-written; JSON alone on stdout, the same as in the file."""
    out, done = finished
    assert done.returncode == 0, done.stderr
    files = ["model.keras", "my_network.html", "report.html", "run.json"]
    assert sorted(path.name for path in out.iterdir()) == files
    assert 'href="my_network.html"' in (out / "report.html").read_text(encoding="utf-8")
    assert json.loads(done.stdout) == json.loads((out / "run.json").read_text())
    assert 0 <= json.loads(done.stdout)["test_accuracy"] <= 1
    assert json.loads(done.stdout)["scans"]["pages"] == 7


def test_run_says_on_stderr_what_it_did(finished):
    """The data, the notice, the network, each epoch, the summary and where the report is."""
    out, done = finished
    for words in (
        "512 digits to learn from and 360 to test on",
        "these are not MNIST's own bytes",
        "90,170",
        "epoch 1/1",
        "test accuracy",
        "(on digits held back)",
        "pages properly read",
        str(out / "report.html"),
        f"for your phone: {out / 'my_network.html'}",
    ):
        assert words in done.stderr
    assert "\x1b[" not in done.stderr  # no colour where there is no terminal
    assert "cuda" not in done.stderr.lower() and "Warning" not in done.stderr


def test_saved_network_answers_as_the_run_did(finished, small):
    """model.keras, loaded again, gives the accuracy of run.json."""
    import keras

    from mnist_lab import evaluate, network

    out, _ = finished
    model = keras.saving.load_model(out / "model.keras")
    test = small[1]
    answers = network.predict_probabilities(model, test.images)
    figures = json.loads((out / "run.json").read_text())
    assert evaluate.accuracy(test.labels, answers) == pytest.approx(figures["test_accuracy"])


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["fly"],
        ["run", "--epochs", "0"],
        ["run", "--epochs", "many"],
        ["run", "--seed", "-1"],
        ["run", "--seed", str(2**32)],
        ["bench"],
        ["course", "lint"],
        ["weights", "--make", "x"],
        ["run", "--validate-on-test", "yes"],
        ["data", "--download", "--stand-in"],
        ["sheet", "read", "a.png"],
        ["sheet", "read", "a.png", "--out", "a.npz", "--drop", "3,x"],
    ],
)
def test_wrong_usage_exits_with_2(arguments, capsys):
    """What cannot be meant is refused with a usage line."""
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code == 2 and "usage: mnist-lab" in capsys.readouterr().err


def test_missing_data_is_one_line_and_leaves_nothing(tmp_path, capsys):
    """Exit 1, a line with the name, nothing else, and no folder begun."""
    out = tmp_path / "out"
    assert main(["run", "--data", str(tmp_path / "nowhere"), "--out", str(out)]) == 1
    said = capsys.readouterr()
    assert said.err.count("\n") == 1 and "nowhere: no such folder" in said.err
    assert not said.out and not out.exists()


@pytest.mark.parametrize("flags", [[], ["--validate-on-test"]])
def test_run_hands_on_what_it_validates_on(tmp_path, monkeypatch, capsys, flags):
    """Training digits held back, unless the test part is asked for."""
    from mnist_lab import experiment
    from mnist_lab.arrays import DataError

    def stop(*, validate_on_test, **_):
        raise DataError(f"validate_on_test={validate_on_test}")

    monkeypatch.setattr(experiment, "run_experiment", stop)
    assert main(["run", *flags, "--out", str(tmp_path / "out")]) == 1
    assert f"validate_on_test={bool(flags)}" in capsys.readouterr().err


def test_unwritable_out_is_refused_before_training(tmp_path, small_folder, capsys):
    """It is said at once, not after the training."""
    (tmp_path / "file").write_text("")
    assert main(["run", "--data", str(small_folder), "--out", str(tmp_path / "file" / "out")]) == 1
    assert "cannot be written" in capsys.readouterr().err


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT to send")
def test_interrupt_is_clean(tmp_path, small_folder):
    """Ctrl-C in the middle: a line, exit 130, and nothing half-written."""
    out = tmp_path / "out"
    command = [*HERE, "run", "--data", str(small_folder), "--epochs", "500", "--out", str(out)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, bufsize=1
    ) as process:
        while not process.stdout.readline().startswith("epoch 1/"):
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        _, error = process.communicate(timeout=60)
    assert process.returncode == 130 and "Traceback" not in error
    assert not out.exists()


def test_data_says_where_and_whether_it_verifies(idx_folder, capsys):
    """The place, the counts, and each file's verdict."""
    assert main(["data", "--data", str(idx_folder)]) == 0
    said = capsys.readouterr().out
    assert str(idx_folder) in said and said.count("not MNIST's") == 4 + 1
    assert main(["data", "--data", str(idx_folder), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["verified"] is False


def test_write_draws_a_number_or_every_variant(tmp_path, capsys):
    """A picture of dark ink on white, the same for the same hand, another for another."""
    first, again, other, variants = (tmp_path / f"{name} 1.png" for name in "abcd")
    for path, hand in ((first, "3"), (again, "3"), (other, "4")):
        assert main(["write", "2026", "--hand", hand, "--out", str(path)]) == 0
    assert main(["write", "--variants", "--out", str(variants)]) == 0
    assert first.read_bytes() == again.read_bytes() != other.read_bytes()
    picture = cv2.imread(str(first), cv2.IMREAD_GRAYSCALE)
    assert 128 < picture.mean() < 255 and picture.min() < 50
    assert str(variants) in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [(["20a6", "--out", "x.png"], "'20a6'"), (["1", "--out", "x.doc"], "ends in .png")],
)
def test_what_cannot_be_written_is_one_line(tmp_path, monkeypatch, capsys, arguments, says):
    """Letters, or a file that is no picture: refused, and nothing is left."""
    monkeypatch.chdir(tmp_path)
    assert main(["write", *arguments]) == 1
    assert says in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_download_without_a_mirror_is_one_line(tmp_path, capsys):
    """Offline, `data --download` cannot, and says so."""
    assert main(["data", "--download", "--data", str(tmp_path / "new")]) == 1
    assert "could not be downloaded" in capsys.readouterr().err


def test_help_loads_nothing_heavy():
    """`import mnist_lab` and `--help` load neither TensorFlow nor numpy nor pandas."""
    program = (
        "import sys, mnist_lab, contextlib, io\n"
        "light = set(sys.modules)\n"
        "from mnist_lab.cli import main\n"
        "with contextlib.suppress(SystemExit), contextlib.redirect_stdout(io.StringIO()):\n"
        "    main(['run', '--help'])\n"
        "heavy = {'tensorflow', 'keras', 'numpy', 'pandas', 'matplotlib', 'rich'}\n"
        "print(sorted(heavy & set(sys.modules)), len(light & heavy))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.strip() == "[] 0", done.stderr


def commands(parser, name="mnist-lab"):
    """Every command under a parser, by its full name."""
    found = {}
    for action in parser._subparsers._group_actions if parser._subparsers else ():
        for word, below in action.choices.items():
            found |= commands(below, f"{name} {word}") or {f"{name} {word}": below}
    return found


@pytest.mark.parametrize(("name", "parser"), commands(build_parser()).items())
def test_every_command_and_option_has_a_word_of_help(name, parser):
    """What --help shows, it explains."""
    assert name and parser.description and all(action.help for action in parser._actions)


def test_the_page_of_the_command_line_is_the_parsers_own():
    """docs/command-line.md is what tools.make_command_line writes today."""
    from tools.make_command_line import PAGE, render

    assert PAGE.read_text(encoding="utf-8") == render(), "python -m tools.make_command_line"
    assert all(f"## {name}\n" in render() for name in commands(build_parser()))


def test_train_saves_a_network_and_says_how_good_it_is(small_folder, tmp_path):
    """A line an epoch, the test accuracy once at the end, and the file."""
    out = tmp_path / "a folder" / "fast.keras"
    asked = "train", "--recipe", "fast", "--data", small_folder, "--epochs", 2, "--out", out
    done = mnist_lab(*asked)
    assert done.returncode == 0, done.stderr
    assert [path.name for path in out.parent.iterdir()] == ["fast.keras"]
    assert "epoch 2/2" in done.stdout and "test accuracy" in done.stdout.splitlines()[-1]


def test_screen_counts_the_epochs_by_the_steps():
    """A line an epoch, of how many, with the figures there are; it needs no terminal."""
    from rich.console import Console

    screen = Screen(Console(file=io.StringIO(), width=200))
    figures = {"loss": 0.5, "accuracy": 0.75}
    with screen:
        screen.step(20, 50, "training")
        screen.epoch(2, figures)
        screen.step(50, 50, "training")
        screen.epoch(5, figures | {"val_loss": 0.25, "val_accuracy": 0.875})
    assert screen._console.file.getvalue().splitlines() == [
        "epoch 2/5  loss 0.5000  accuracy 0.7500",
        "epoch 5/5  loss 0.5000  accuracy 0.7500  validation loss 0.2500  accuracy 0.8750",
    ]


def test_train_with_nothing_to_resume_says_so(small_folder, tmp_path):
    """One line, exit 1, and no folder made."""
    out = tmp_path / "new" / "n.keras"
    done = mnist_lab("train", "--data", small_folder, "--resume", "--out", out)
    assert done.returncode == 1 and "nothing to resume" in done.stderr
    assert not out.parent.exists()


def test_weights_tell_what_ships():
    """The cards in words, and the same figures as JSON."""
    words, figures = mnist_lab("weights"), mnist_lab("weights", "--json")
    assert words.returncode == figures.returncode == 0
    cards = json.loads(figures.stdout)
    assert f"{cards['pretrained']['mnist_accuracy']:.2%}" in words.stdout
    assert f"{cards['finding']['windows']:,} windows" in words.stdout
    assert "Not for" in words.stdout and "ECE" in words.stdout


@pytest.fixture
def sheet_photo(tmp_path):
    """A function that photographs the sheet of a number, filled in by the writer of that number."""
    from functools import partial

    from mnist_lab import images, sheet, synth

    def take(number):
        hand = partial(synth.write_strokes, writer=synth.Writer(number))
        drawing = sheet.fill_in(sheet.Sheet(number), hand, seed=0, dpi=150)
        camera = synth.Camera(dpi=100, tilt=10, margin=5)
        picture, _ = synth.photograph(drawing, seed=0, camera=camera)
        path = tmp_path / f"photo {number}.png"
        images.save_image(picture, path)
        return str(path)

    return take


def test_sheets_become_a_class_and_its_measure(tmp_path, sheet_photo, capsys):
    """Made, read, merged and measured by the commands alone, a file and a line at each step."""
    pdf, page = tmp_path / "s.pdf", tmp_path / "m.html"
    numbered = "--copies", "2", "--number", "5"
    assert main(["sheet", "make", *numbered, "--out", str(pdf)]) == 0 and pdf.is_file()
    assert "2 sheets, 00005 to 00006" in capsys.readouterr().out
    own = [str(tmp_path / f"{number}.npz") for number in (5, 6)]
    for number, path in zip((5, 6), own, strict=True):
        assert main(["sheet", "read", sheet_photo(number), "--out", path, "--drop", "3,17"]) == 0
    said = capsys.readouterr().out
    assert said.count("98 digits by 1 writer") == 2 and (tmp_path / "5.html").is_file()
    merged = str(tmp_path / "class.npz")
    assert main(["sheet", "merge", *own, "--out", merged]) == 0
    assert "196 digits by 2 writers, 98 of them held back" in capsys.readouterr().out
    assert main(["sheet", "measure", merged, "--out", str(page), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["digits"] == 196 and page.is_file()


def test_what_is_no_sheet_leaves_nothing(tmp_path, capsys):
    """A picture without a sheet: its error, exit 1, and no file; a name that is no .npz."""
    from mnist_lab import images

    picture, out = tmp_path / "bare.png", tmp_path / "new" / "own.npz"
    ink = np.full((300, 300), 255, np.uint8)
    for written in (False, True):
        ink[100:200, 140:160] = 0
        images.save_image(ink if written else np.full_like(ink, 255), picture)
        assert main(["sheet", "read", str(picture), "--out", str(out)]) == 1
        said = capsys.readouterr().err
        assert ("no mark of a sheet is seen" if written else "1 blank page seen") in said
        assert not out.parent.exists()
    assert main(["sheet", "read", str(picture), "--out", str(picture)]) == 1
    assert "ends in .npz" in capsys.readouterr().err
