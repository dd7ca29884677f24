"""How long work says how far it is."""

import pytest

from mnist_lab.progress import SILENT, Printed


def work(progress) -> None:
    progress.say("begun")
    for done in range(1, 4):
        progress.step(done, 3, "reading")
    progress.epoch(1, {"accuracy": 0.9})
    progress.say("done")


def test_printed_lines_go_to_stdout_and_nothing_else_does(capsys):
    """Lines on stdout; where stderr is no terminal there is no bar on it."""
    work(Printed())
    assert capsys.readouterr() == ("begun\ndone\n", "")


def test_silent_work_says_nothing(capsys):
    """Who asks for no progress gets none."""
    work(SILENT)
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("total", [3, None])
def test_lines_go_to_stdout_while_a_bar_is_on_a_terminal(total, capsys, monkeypatch):
    """A bar on a terminal leaves stdout, which may be a file, to the lines."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    progress = Printed()
    progress.step(1, total, "reading")
    progress.say("a line")
    progress.step(3, 3, "reading")
    out, err = capsys.readouterr()
    assert out == "a line\n" and "reading" in err
