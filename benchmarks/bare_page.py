"""A page from file:// that holds the pad's modules, in Chromium or Firefox: no server, no net."""

import json
import os
import shutil
import subprocess
import threading
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

from mnist_lab.arrays import DataError
from mnist_lab.pad.modules import join_modules

FIREFOX = "MNIST_LAB_FIREFOX"  # the environment variable that names the browser
PATIENCE = 300  # seconds that Firefox has
REPORT = """
run(DATA).then((answer) => ({ answer }), (error) => ({ error: String(error.stack ?? error) }))
  .then((said) => fetch("http://127.0.0.1:PORT/", { method: "POST", body: JSON.stringify(said) }));
"""


def firefox() -> str | None:
    """Where Firefox is: MNIST_LAB_FIREFOX, else the usual names; None without one."""
    named = os.environ.get(FIREFOX)
    return named or shutil.which("firefox-esr") or shutil.which("firefox")


def write_page(folder: Path, modules: Sequence[str], script: str = "") -> Path:
    """Write an HTML file of modules, whose exports a script sees as `modules.name`."""
    text = join_modules(*modules)
    shown = ", ".join(f"{name}: ${name}" for name in modules)
    page = folder / "page.html"
    page.write_text(
        "<!DOCTYPE html><meta charset=utf-8><title>modules</title>\n"
        f'<script type="module">\n{text}globalThis.modules = {{ {shown} }};\n{script}</script>\n',
        encoding="utf-8",
    )
    return page


def in_firefox(folder: Path, modules: Sequence[str], program: str, data: Any) -> Any:
    """Run a program, ``async (data) => answer`` in JavaScript, on such a page in Firefox.

    Raises
    ------
    DataError
        It throws, or Firefox does not answer.
    """
    said: list[bytes] = []
    done = threading.Event()

    class Listener(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            said.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(204)
            self.end_headers()
            done.set()

        def log_message(self, *_: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Listener)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    report = REPORT.replace("PORT", str(server.server_port)).replace("DATA", json.dumps(data))
    page = write_page(folder, modules, f"const run = {program};\n{report}")
    profile = folder / "profile"
    profile.mkdir()
    browser = subprocess.Popen(
        [str(firefox()), "--headless", "--no-remote", "--profile", str(profile), page.as_uri()],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env={**os.environ, "HOME": str(folder)},
    )  # fmt: skip
    try:
        done.wait(PATIENCE)
    finally:
        browser.terminate()
        browser.wait(30)
        server.shutdown()
        server.server_close()
    if not said:
        raise DataError(f"Firefox did not answer within {PATIENCE} seconds")
    answer = json.loads(said[0])
    if "error" in answer:
        raise DataError(answer["error"])
    return answer["answer"]
