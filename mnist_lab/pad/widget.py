"""`DigitPad`: the widget, what it says to the browser, and what it collects."""

import io
import threading
from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import uuid4

import anywidget
import numpy as np
import traitlets
from IPython.display import display, update_display
from numpy.typing import NDArray

from mnist_lab.arrays import (
    DataError,
    Digit,
    Digits,
    Image,
    Labels,
    OptionError,
    Probabilities,
    Split,
    Stroke,
    check_probabilities,
)
from mnist_lab.files import StrPath, atomic_write
from mnist_lab.pad.drawing import PEN_WIDTH, Drawing
from mnist_lab.pad.modules import join_modules, join_styles
from mnist_lab.pad.preview import SCALE, describe_answer, draw_preview, with_article

if TYPE_CHECKING:
    import keras

FOOL = "fool"
Reader = Callable[[Digits], NDArray[np.floating]]


@dataclass(frozen=True, eq=False)
class Kept:
    """A drawing that was asked for and kept: what it should be, and what the network read."""

    drawing: Drawing
    digit: Digit
    label: int
    answer: int


class DigitPad(anywidget.AnyWidget):
    """A canvas to draw a digit on; beside it, what a network makes of it.

    Strokes travel to the kernel, and a digit is a function of nothing but them: the same
    drawing gives the same answer with and without a browser.

    Parameters
    ----------
    model : keras.Model or callable, optional
        What reads: a network, or anything that makes probabilities (n, 10) of digits
        (n, 28, 28). By default the network that comes with the kit.
    strokes : Drawing or list of float32 (points, 2), optional
        What is on the pad at first, in units of its height.
    ask : int, list of int or "fool", optional
        Ask for digits of these labels in turn, and collect what is drawn in `kept`; with
        "fool", ask for all ten, to be drawn so that the network takes them for another.

    Attributes
    ----------
    probabilities : float32 (10,) or None
        The network's answer; None where nothing is drawn. A trait: `pad.observe(do,
        "probabilities")` calls `do` at each answer. It may be called in another thread, while
        a cell runs.
    pen : float
        Width of the line, in units of the pad's height.
    kept : list of Kept
        What was collected. Take one back with `pad.kept.pop()`.

    Raises
    ------
    ArrayError
        The strokes are none, or what reads gives no probabilities.
    OptionError
        `ask` names no digits.
    """

    _esm: ClassVar[str] = join_modules("pad")
    _css: ClassVar[str] = join_styles("board", "pad")
    _drawing = traitlets.Dict().tag(sync=True, echo_update=False)
    _answer = traitlets.Dict().tag(sync=True, echo_update=False)
    pen = traitlets.Float(PEN_WIDTH, min=0.01, max=0.5).tag(sync=True)
    probabilities = traitlets.Any(None)

    def __init__(
        self,
        model: "keras.Model | Reader | None" = None,
        *,
        strokes: Drawing | Sequence[Stroke] | None = None,
        ask: int | Sequence[int] | str | None = None,
        **options: Any,
    ) -> None:
        self._lock = threading.RLock()  # the browser's messages may come in another thread
        self._preview_id = uuid4().hex
        self._fool = isinstance(ask, str)
        self._asked = _labels(ask)
        self.kept: list[Kept] = []
        self._model = model
        self._current = _to_drawing(strokes)
        self._digit: Digit | None = None
        self._ask_network(Digit(np.zeros((28, 28), np.uint8)))  # so that no stroke waits for it
        self._update(self._current)
        shown = {"_drawing": self._message(0), "_answer": self._reply(0)}
        super().__init__(**shown, **options)
        self._forget_subshell()
        self.observe(self._on_drawing, "_drawing")
        self.on_msg(self._on_message)

    @classmethod
    def load(cls, path: StrPath, model: "keras.Model | Reader | None" = None) -> "DigitPad":
        """A pad with the drawing from a file that `save` wrote; DataError if there is none."""
        return cls(model, strokes=Drawing.load(path))

    def save(self, path: StrPath) -> None:
        """Write the drawing to a file, as JSON."""
        self._current.save(path)

    @property
    def drawing(self) -> Drawing:
        """What is on the pad: strokes, with width and time at each point."""
        return self._current

    @property
    def strokes(self) -> list[Stroke]:
        """What is on the pad: float32 (points, 2) each, in units of its height. May be set."""
        return self._current.strokes

    @strokes.setter
    def strokes(self, strokes: Drawing | Sequence[Stroke]) -> None:
        self._show(_to_drawing(strokes))

    @property
    def image(self) -> Image:
        """The drawing as it looks: uint8 (280, 280), bright ink on dark."""
        return self._current.image

    @property
    def digit(self) -> Digit | None:
        """What the network sees: uint8 (28, 28), made as scans are; None where nothing is drawn."""
        return self._digit

    @property
    def model(self) -> "keras.Model | Reader | None":
        """What reads; None for the network that comes with the kit. May be set."""
        return self._model

    @model.setter
    def model(self, model: "keras.Model | Reader | None") -> None:
        self._model = model
        self._show(self._current)

    @property
    def words(self) -> str:
        """The answer in a sentence; empty where nothing is drawn."""
        return describe_answer(self.probabilities)

    @property
    def collected(self) -> Split:
        """The kept digits with the labels that were asked for."""
        digits = np.array([kept.digit for kept in self.kept], np.uint8).reshape(-1, 28, 28)
        labels = np.array([kept.label for kept in self.kept], np.uint8)
        return Split(Digits(digits), Labels(labels))

    def export(self, path: StrPath) -> None:
        """Write what was kept as .npz: images (n, 28, 28), labels (n,) and answers (n,), uint8.

        OptionError if the name has another ending, DataError if nothing was kept.
        """
        path = Path(path)
        if path.suffix != ".npz":
            raise OptionError(f"{path}: expected a name that ends in .npz")
        if not self.kept:
            raise DataError("nothing was kept so far: DigitPad(ask='fool') asks for digits")
        answers = np.array([kept.answer for kept in self.kept], np.uint8)
        split = self.collected
        with atomic_write(path) as draft:
            np.savez_compressed(draft, images=split.images, labels=split.labels, answers=answers)

    def __repr__(self) -> str:
        return f"DigitPad({self._count_strokes()})"

    def _ipython_display_(self) -> None:
        """The live pad, and a picture of it for where a saved notebook cannot run it."""
        live, about = super()._repr_mimebundle_()  # type: ignore[misc]
        display(live, metadata=about, raw=True)
        preview, about = self._preview()
        display(preview, metadata=about, raw=True, display_id=self._preview_id)

    # From the browser, and to it

    def _send(self, msg: Any, buffers: Any = None) -> None:
        super()._send(msg, buffers)
        self._forget_subshell()

    def _forget_subshell(self) -> None:
        """Let the browser's next message come to a subshell, where the kernel has them.

        ipykernel 7.4 sends it to the loop that spoke last, and if that was a cell's, the pad
        would wait for the cell.
        """
        getattr(self.comm, "__dict__", {}).pop("_reply_subshell_id", None)

    def _on_drawing(self, change: Any) -> None:
        """The browser sent a drawing: answer it, whatever it is."""
        message = change["new"]
        if message.get("ours"):
            return
        with self._lock:
            verdict = error = ""
            try:
                self._update(Drawing.from_bytes(message.get("ink", b"")))
                if message.get("keep") and self._asked and self._digit is not None:
                    verdict = self._keep(self._digit)
            except Exception as problem:  # noqa: BLE001 - it would show nowhere
                error = f"{type(problem).__name__}: {problem}"
            if verdict:
                self._show(Drawing.of([]), verdict)
            else:
                self._answer = self._reply(message.get("number"), error=error)

    def _show(self, drawing: Drawing, verdict: str = "") -> None:
        """Show another drawing on the pad."""
        with self._lock, self.hold_sync():
            self._update(drawing)
            last = self._drawing.get("number")
            number = last + 1 if isinstance(last, int) else 1
            self._drawing = self._message(number)
            self._answer = self._reply(number, verdict=verdict)

    def _update(self, drawing: Drawing) -> None:
        self._current, self._digit = drawing, drawing.digit
        self.probabilities = None if self._digit is None else self._ask_network(self._digit)

    def _ask_network(self, digit: Digit) -> Probabilities:
        """Probabilities, float32 (10,), of one digit."""
        digits = Digits(digit[np.newaxis])
        if callable(self._model) and not hasattr(self._model, "predict_on_batch"):
            found = check_probabilities(np.asarray(self._model(digits), np.float32))
            return Probabilities(found[0])
        from mnist_lab import network

        return Probabilities(network.predict_probabilities(self._model, digits)[0])

    def _message(self, number: int) -> dict[str, Any]:
        return {"number": number, "ours": True, "ink": self._current.to_bytes()}

    def _reply(self, number: Any, *, error: str = "", verdict: str = "") -> dict[str, Any]:
        found = self.probabilities
        return {
            "number": number,
            "probabilities": [] if found is None else [round(float(p), 3) for p in found],
            "words": self.words,
            "seen": (np.zeros(784, np.uint8) if self._digit is None else self._digit).tobytes(),
            "ask": self._task(),
            "verdict": verdict,
            "error": error,
        }

    def _on_message(self, _: Any, message: Any, __: Any) -> None:
        """The pen has been at rest for a while: renew the picture for the saved notebook."""
        if isinstance(message, dict) and message.get("kind") == "picture":
            with self._lock:
                preview, about = self._preview()
            update_display(preview, metadata=about, raw=True, display_id=self._preview_id)

    def _preview(self) -> tuple[dict[str, str], dict[str, Any]]:
        text = f"A drawing pad with {self._count_strokes()}. {self.words or self._task()}".strip()
        picture = draw_preview(self.image, self._digit, self.probabilities, self.words)
        about = {"image/png": {"width": picture.width // SCALE, "alt": text}}
        with io.BytesIO() as file:
            picture.quantize(64).save(file, "png", optimize=True)
            png = b64encode(file.getvalue()).decode()
        return {"image/png": png, "text/plain": text}, about

    def _count_strokes(self) -> str:
        return f"{len(self._current)} stroke{'' if len(self._current) == 1 else 's'}"

    # Asking and keeping

    def _label(self) -> int:
        return self._asked[len(self.kept) % len(self._asked)]

    def _task(self) -> str:
        """What to draw now, and how it went so far."""
        if not self._asked:
            return ""
        count, wrong = len(self.kept), sum(kept.answer != kept.label for kept in self.kept)
        task, score = f"Draw {with_article(self._label())}", f"it has read {count - wrong}"
        if self._fool:
            task += " that you would still read, but the network takes for something else"
            score = f"you have fooled it {wrong}"
        ending = "times" if self._fool else "right"
        return f"{task}." + (f" So far {score} of {count} {ending}." if count else "")

    def _keep(self, digit: Digit) -> str:
        """Put the drawing to those kept, and say what became of it."""
        label, answer = self._label(), int(np.argmax(self.probabilities))
        self.kept.append(Kept(self._current, digit, label, answer))
        return f"Kept. It read your {label} as {with_article(answer)}."


def _to_drawing(strokes: Drawing | Sequence[Stroke] | None) -> Drawing:
    if isinstance(strokes, Drawing):
        return strokes
    return Drawing.of([] if strokes is None else strokes)


def _labels(ask: int | Sequence[int] | str | None) -> tuple[int, ...]:
    if ask is None:
        return ()
    asked = [*range(10)] if isinstance(ask, str) and ask == FOOL else np.atleast_1d(ask).tolist()
    if not asked or not set(asked) <= set(range(10)):
        raise OptionError(f"expected ask='fool', a digit, or a list of digits, got {ask!r}")
    return tuple(int(label) for label in asked)
