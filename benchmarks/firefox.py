"""Firefox, driven by its own Marionette protocol: no driver program and no package is needed."""

import itertools
import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.bare_page import firefox
from mnist_lab.arrays import DataError, Stroke

START_SECONDS, ANSWER_SECONDS = 120, 300  # on a busy machine
PREFERENCES = {
    "marionette.port": 0,  # any that is free
    "browser.startup.page": 0,
    "browser.startup.homepage_override.mstone": "ignore",
    "datareporting.policy.dataSubmissionEnabled": False,
}


class Browser:
    """A headless Firefox that does what it is told."""

    def __init__(self, link: socket.socket) -> None:
        self._link, self._numbers = link, itertools.count(1)
        self._read()  # its greeting
        self.call("WebDriver:NewSession", capabilities={"alwaysMatch": {}})

    def call(self, command: str, **options: Any) -> Any:
        """Give a command of Marionette; DataError if Firefox refuses it."""
        text = json.dumps([0, next(self._numbers), command, options]).encode()
        self._link.sendall(b"%d:%s" % (len(text), text))
        _, _, error, result = self._read()
        if error:
            raise DataError(f"Firefox: {error['message']}")
        return result

    def evaluate(self, script: str, *values: Any) -> Any:
        """What a function's body, in JavaScript, returns on the page."""
        return self.call("WebDriver:ExecuteScript", script=script, args=list(values))["value"]

    def wait(self, condition: str) -> None:
        """Wait until an expression is true on the page; DataError if it does not become so."""
        script = """const [done] = [...arguments].slice(-1);
            const look = () => (CONDITION) ? done() : requestAnimationFrame(look); look();"""
        script = script.replace("CONDITION", condition)
        self.call("WebDriver:ExecuteAsyncScript", script=script, args=[], scriptTimeout=60_000)

    def draw(self, selector: str, strokes: Sequence[Stroke]) -> None:
        """Draw strokes, float32 (points, 2) in units of a square element's height, by mouse."""
        box = self.evaluate(
            "const box = document.querySelector(arguments[0]).getBoundingClientRect();"
            "return [box.x, box.y, box.width]", selector,
        )  # fmt: skip
        actions: list[dict[str, Any]] = []
        for stroke in strokes:
            way = np.rint(stroke * box[2] + box[:2]).astype(int).tolist()
            moves = [{"type": "pointerMove", "x": x, "y": y, "duration": 8} for x, y in way]
            actions += [moves[0], {"type": "pointerDown", "button": 0}, *moves[1:],
                        {"type": "pointerUp", "button": 0}]  # fmt: skip
        mouse = {"type": "pointer", "id": "mouse", "actions": actions}
        self.call("WebDriver:PerformActions", actions=[mouse])

    def _read(self) -> Any:
        head = b""
        while not head.endswith(b":"):
            head += self._receive(1)
        return json.loads(self._receive(int(head[:-1])))

    def _receive(self, count: int) -> bytes:
        content = b""
        while len(content) < count:
            part = self._link.recv(count - len(content))
            if not part:
                raise DataError("Firefox has gone")
            content += part
        return content


@contextmanager
def started(folder: Path) -> Iterator[Browser]:
    """Start Firefox with a new profile in an empty folder, without a network.

    DataError if it is not here, or does not start in time.
    """
    if not firefox():
        raise DataError("needs Firefox: apt-get install firefox-esr, or MNIST_LAB_FIREFOX=FILE")
    lines = [f'user_pref("{name}", {json.dumps(value)});' for name, value in PREFERENCES.items()]
    (folder / "user.js").write_text("\n".join(lines), encoding="utf-8")
    options = ["--headless", "--no-remote", "--marionette", "--profile", str(folder)]
    environment = {**os.environ, "HOME": str(folder)}
    process = subprocess.Popen(
        [str(firefox()), *options], env=environment,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        with socket.create_connection(("127.0.0.1", _port(folder, process))) as link:
            link.settimeout(ANSWER_SECONDS)
            yield Browser(link)
    finally:
        process.terminate()
        process.wait(30)


def _port(folder: Path, process: "subprocess.Popen[bytes]") -> int:
    """Where it listens: Firefox writes it into its profile."""
    place = folder / "MarionetteActivePort"
    for _ in range(START_SECONDS * 10):
        if place.is_file() and (text := place.read_text(encoding="utf-8").strip()):
            return int(text)
        if process.poll() is not None:
            break
        time.sleep(0.1)
    raise DataError(f"Firefox does not start within {START_SECONDS} seconds")
