"""A real JupyterLab with a real browser on it, to measure and to test the pad in."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import nbformat
import numpy as np

from mnist_lab.arrays import DataError, Stroke

CHROMIUM = "MNIST_LAB_CHROMIUM"  # the environment variable that names the browser
PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-quic", "--hide-scrollbars",
]  # fmt: skip
# What can be started: its name among the server's settings, and where its notebooks are.
APPS = {"jupyterlab": ("LabApp", "lab/tree"), "notebook": ("JupyterNotebookApp", "notebooks")}
TOKEN = "here"  # noqa: S105 - the server listens to this machine alone, for a minute
IDLE = (
    """window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'"""
)
RUN = """async ([code, wait]) => {
    const kernel = jupyterapp.shell.currentWidget.sessionContext.session.kernel;
    const future = kernel.requestExecute({ code, store_history: false });
    let said = "";
    future.onIOPub = (message) => { said += message.content.text ?? message.content.evalue ?? ""; };
    if (wait) await future.done;
    return said;
}"""


def browser() -> str | None:
    """Where Chromium is: MNIST_LAB_CHROMIUM, else the usual places; None without one."""
    named = os.environ.get(CHROMIUM)
    places = [named] if named else [shutil.which("chromium"), *PLACES]
    return next((place for place in places if place and Path(place).exists()), None)


def available() -> bool:
    """Whether a browser can be driven here: Chromium and Playwright."""
    return bool(browser() and find_spec("playwright"))


@contextmanager
def jupyterlab(
    folder: Path, cells: Sequence[str], *, settings: dict[str, dict[str, Any]] | None = None,
    app: str = "jupyterlab",
) -> Iterator[str]:  # fmt: skip
    """Start JupyterLab on 127.0.0.1 and give the address of a notebook with these cells.

    Parameters
    ----------
    folder : Path
        An empty folder, for the notebook and everything that JupyterLab writes.
    cells : list of str
        The notebook's code cells.
    settings : dict, optional
        JupyterLab's settings, by plugin: {"@jupyterlab/apputils-extension:themes": {...}}.
    app : str
        What is started: one of APPS.

    Raises
    ------
    DataError
        JupyterLab does not start within a minute; the text holds what it said.
    """
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}  # or it asks
    nbformat.write(notebook, folder / "pad.ipynb")
    _write_settings(folder, settings or {})
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        sys.executable, "-m", app, "--allow-root", "--no-browser", "--ip=127.0.0.1",
        f"--port={port}", f"--ServerApp.root_dir={folder}", f"--IdentityProvider.token={TOKEN}",
        f"--{APPS[app][0]}.expose_app_in_browser=True",
    ]  # fmt: skip
    with (folder / "server.log").open("w+") as said:
        server = subprocess.Popen(command, env=_environment(folder), stdout=said, stderr=said)
        try:
            _wait(f"http://127.0.0.1:{port}/api/status?token={TOKEN}", server, folder)
            yield f"http://127.0.0.1:{port}/{APPS[app][1]}/pad.ipynb?token={TOKEN}&reset"
        finally:
            server.terminate()
            server.wait(30)


def _write_settings(folder: Path, settings: dict[str, dict[str, Any]]) -> None:
    quiet = {"fetchNews": "false", "checkForUpdates": False}
    everything = {"@jupyterlab/apputils-extension:notification": quiet, **settings}
    for plugin, values in everything.items():
        path = folder / "settings" / f"{plugin.replace(':', '/')}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values), encoding="utf-8")


def _environment(folder: Path) -> dict[str, str]:
    """Nothing of this user's Jupyter is read or written."""
    here = Path(__file__).parents[2]
    own = {f"JUPYTER_{name}_DIR": str(folder / name) for name in ("CONFIG", "DATA", "RUNTIME")}
    return {
        **os.environ,
        **own,
        "JUPYTERLAB_SETTINGS_DIR": str(folder / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(folder / "workspaces"),
        "IPYTHONDIR": str(folder / "ipython"),
        "PYTHONPATH": os.pathsep.join([str(here), os.environ.get("PYTHONPATH", "")]),
    }


def _wait(address: str, server: "subprocess.Popen[bytes]", folder: Path) -> None:
    for _ in range(240):
        try:
            urllib.request.urlopen(address).close()  # noqa: S310 - our own server
        except OSError:
            if server.poll() is not None:
                break
            time.sleep(0.25)
        else:
            return
    said = (folder / "server.log").read_text(encoding="utf-8")[-1500:]
    raise DataError(f"JupyterLab does not start here:\n{said}")


def run_all(page: Any, address: str, *, pads: int = 1) -> None:
    """Open the notebook on a page and run its cells, until so many pads are on the screen."""
    page.goto(address)
    page.wait_for_function(IDLE, timeout=60_000)
    page.evaluate("window.jupyterapp.commands.execute('notebook:run-all-cells')")
    shown = f"document.querySelectorAll('.mnl-pad').length === {pads}"
    page.wait_for_function(shown, timeout=60_000)
    page.wait_for_function(IDLE, timeout=60_000)


def python(page: Any, code: str, *, wait: bool = True) -> str:
    """Run code in the notebook's kernel, and give what it prints; without `wait`, go on at once."""
    return page.evaluate(RUN, [code, wait]).strip()


@contextmanager
def chromium() -> Iterator[Any]:
    """Start the browser.

    Raises
    ------
    DataError
        Chromium or Playwright is not here; the text says how to get it.
    """
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        raise DataError('needs Playwright: pip install -e ".[dev]"') from None
    if not browser():
        raise DataError("needs Chromium: apt-get install chromium, or MNIST_LAB_CHROMIUM=FILE")
    with sync_playwright() as running:
        started = running.chromium.launch(executable_path=browser(), args=FLAGS)
        try:
            yield started
        finally:
            started.close()


def draw(
    page: Any, strokes: Sequence[Stroke], *, pad: int = 0, moves: int = 20, pause: float = 0
) -> None:
    """Draw strokes, float32 (points, 2) in units of the pad's height, with the mouse.

    Parameters
    ----------
    page : playwright page
        Where.
    strokes : list of float32 (points, 2)
        What.
    pad : int
        On which pad of the page, from 0.
    moves : int
        Of the mouse, in each stroke.
    pause : float
        Milliseconds between two of them.
    """
    board = page.locator(".mnl-board").nth(pad)
    board.scroll_into_view_if_needed()
    for stroke in strokes:
        box = board.bounding_box()  # each time, for the page may have moved
        at = np.linspace(0, len(stroke) - 1, moves + 1)
        way = [np.interp(at, np.arange(len(stroke)), stroke[:, axis]) for axis in (0, 1)]
        points = np.transpose(way) * [box["width"], box["height"]] + [box["x"], box["y"]]
        page.mouse.move(*points[0])
        page.mouse.down()
        for point in points[1:]:
            page.mouse.move(*point)
            if pause:
                page.wait_for_timeout(pause)
        page.mouse.up()
