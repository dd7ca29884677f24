"""The drawing pad: draw a digit in a notebook, and watch a network read it."""

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
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from mnist_lab.arrays import (
    ArrayError,
    Digits,
    Image,
    Probabilities,
    Split,
    check_labels,
    check_probabilities,
)
from mnist_lab.files import atomic_write
from mnist_lab.pad.drawing import PEN, Drawing
from mnist_lab.strokes import Stroke

if TYPE_CHECKING:
    import keras

STATIC = Path(__file__).parent / "static"
FOOL = "fool"
Reader = Callable[[Digits], NDArray[np.floating]]


@dataclass(frozen=True, eq=False)
class Kept:
    """A drawing that was asked for and kept: what it should be, and what the network said."""

    drawing: Drawing
    digit: Digits
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
        The strokes are none, or `ask` names no digits.
    """

    _esm: ClassVar[Path] = STATIC / "pad.js"
    _css: ClassVar[Path] = STATIC / "pad.css"
    _drawing = traitlets.Dict().tag(sync=True, echo_update=False)
    _answer = traitlets.Dict().tag(sync=True, echo_update=False)
    pen = traitlets.Float(PEN, min=0.01, max=0.5).tag(sync=True)
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
        self._picture = uuid4().hex
        self._fool = isinstance(ask, str)
        self._asked = _labels(ask)
        self.kept: list[Kept] = []
        self._model = model
        self._now = _drawing(strokes)
        self._digit: Digits | None = None
        self._ask_network(np.zeros((28, 28), np.uint8))  # so that the first stroke need not wait
        self._read(self._now)
        shown = {"_drawing": self._as_drawing(0), "_answer": self._reply(0)}
        super().__init__(**shown, **options)
        self._unbind()
        self.observe(self._drawn, "_drawing")
        self.on_msg(self._rested)

    @classmethod
    def load(cls, path: str | Path, model: "keras.Model | Reader | None" = None) -> "DigitPad":
        """A pad with the drawing from a file that `save` wrote.

        Raises
        ------
        DataError
            There is no such file, or it is no drawing.
        """
        return cls(model, strokes=Drawing.load(path))

    def save(self, path: str | Path) -> None:
        """Write the drawing to a file, as JSON."""
        self._now.save(path)

    @property
    def drawing(self) -> Drawing:
        """What is on the pad: strokes, with width and time at each point."""
        return self._now

    @property
    def strokes(self) -> list[Stroke]:
        """What is on the pad: float32 (points, 2) each, in units of its height. May be set."""
        return self._now.strokes

    @strokes.setter
    def strokes(self, strokes: Drawing | Sequence[Stroke]) -> None:
        self._put(_drawing(strokes))

    @property
    def image(self) -> Image:
        """The drawing as it looks: uint8 (280, 280), bright ink on dark."""
        return self._now.image

    @property
    def digit(self) -> Digits | None:
        """What the network sees: uint8 (28, 28), made as scans are; None where nothing is drawn."""
        return self._digit

    @property
    def model(self) -> "keras.Model | Reader | None":
        """What reads; None for the network that comes with the kit. May be set."""
        return self._model

    @model.setter
    def model(self, model: "keras.Model | Reader | None") -> None:
        self._model = model
        self._put(self._now)

    @property
    def words(self) -> str:
        """The answer, in words."""
        return in_words(self.probabilities)

    @property
    def collected(self) -> Split:
        """The kept digits with the labels that were asked for."""
        digits = [kept.digit for kept in self.kept]
        labels = np.array([kept.label for kept in self.kept], np.uint8)
        return Split(np.array(digits, np.uint8).reshape(-1, 28, 28), labels)

    def export(self, path: str | Path) -> None:
        """Write what was kept as .npz: images (n, 28, 28), labels (n,) and answers (n,), uint8.

        Raises
        ------
        ArrayError
            Nothing was kept, or the name does not end in .npz.
        CannotWrite
            The place cannot be written.
        """
        path = Path(path)
        if path.suffix != ".npz":
            raise ArrayError(f"{path}: expected a name that ends in .npz")
        if not self.kept:
            raise ArrayError("nothing was kept so far: DigitPad(ask='fool') asks for digits")
        answers = np.array([kept.answer for kept in self.kept], np.uint8)
        split = self.collected
        with atomic_write(path) as draft:
            np.savez_compressed(draft, images=split.images, labels=split.labels, answers=answers)

    def __repr__(self) -> str:
        return f"DigitPad({_count(len(self._now), 'stroke')})"

    def _ipython_display_(self) -> None:
        """The live pad, and a still picture of it for where a saved notebook cannot run it."""
        live, about = super()._repr_mimebundle_()  # type: ignore[misc]
        display(live, metadata=about, raw=True)
        still, about = self._still()
        display(still, metadata=about, raw=True, display_id=self._picture)

    # From the browser, and to it

    def _send(self, msg: Any, buffers: Any = None) -> None:
        super()._send(msg, buffers)
        self._unbind()

    def _unbind(self) -> None:
        """Let the browser's next message come to a subshell, where the kernel has them.

        ipykernel 7.4 sends it to the loop that spoke last, and if that was a cell's, the pad
        would wait for the cell.
        """
        getattr(self.comm, "__dict__", {}).pop("_reply_subshell_id", None)

    def _drawn(self, change: Any) -> None:
        """The browser sent a drawing: answer it, whatever it is."""
        message = change["new"]
        if message.get("ours"):
            return
        with self._lock:
            verdict = error = ""
            try:
                self._read(Drawing.from_bytes(bytes(message.get("ink") or b"")))
                if message.get("keep") and self._asked and self._digit is not None:
                    verdict = self._keep()
            except Exception as problem:  # noqa: BLE001 - it would show nowhere
                error = f"{type(problem).__name__}: {problem}"
            if verdict:
                self._put(Drawing.of([]), verdict)
            else:
                self._answer = self._reply(message.get("number"), error=error)

    def _put(self, drawing: Drawing, verdict: str = "") -> None:
        """Show another drawing on the pad."""
        with self._lock, self.hold_sync():
            self._read(drawing)
            number = self._drawing.get("number", 0) + 1
            self._drawing = self._as_drawing(number)
            self._answer = self._reply(number, verdict=verdict)

    def _read(self, drawing: Drawing) -> None:
        self._now, self._digit = drawing, drawing.digit
        self.probabilities = None if self._digit is None else self._ask_network(self._digit)

    def _ask_network(self, digit: Digits) -> Probabilities:
        model = self._model
        if model is not None and not hasattr(model, "predict_on_batch"):
            return check_probabilities(np.asarray(model(digit[np.newaxis]), np.float32))[0]
        from mnist_lab import network

        return network.predict_probabilities(model, digit[np.newaxis])[0]

    def _as_drawing(self, number: int) -> dict[str, Any]:
        return {"number": number, "ours": True, "ink": self._now.to_bytes()}

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

    def _rested(self, _: Any, message: Any, __: Any) -> None:
        """The pen has been at rest for a while: renew the still picture."""
        if isinstance(message, dict) and message.get("kind") == "picture":
            with self._lock:
                still, about = self._still()
            update_display(still, metadata=about, raw=True, display_id=self._picture)

    # Asking and keeping

    def _task(self) -> str:
        if not self._asked:
            return ""
        label = self._asked[len(self.kept) % len(self._asked)]
        task = f"Draw {a(label)}"
        if self._fool:
            task += " that you would still read, but the network takes for something else"
        return f"{task}.{self._score()}"

    def _score(self) -> str:
        if not self.kept:
            return ""
        wrong = sum(kept.answer != kept.label for kept in self.kept)
        if self._fool:
            return f" So far you have fooled it {wrong} of {len(self.kept)} times."
        return f" So far it has read {len(self.kept) - wrong} of {len(self.kept)} right."

    def _keep(self) -> str:
        """Put the drawing to those kept, and say what became of it."""
        label = self._asked[len(self.kept) % len(self._asked)]
        answer = int(np.argmax(self.probabilities))
        assert self._digit is not None
        self.kept.append(Kept(self._now, self._digit, label, answer))
        return f"Kept. It read your {label} as {a(answer)}."

    # The still picture

    def _still(self) -> tuple[dict[str, str], dict[str, Any]]:
        strokes = _count(len(self._now), "stroke")
        text = f"A drawing pad with {strokes}. {self.words or self._task()}".strip()
        picture = draw_still(self.image, self._digit, self.probabilities, self.words)
        about = {"image/png": {"width": picture.width // SCALE, "alt": text}}
        with io.BytesIO() as file:
            picture.quantize(64).save(file, "png", optimize=True)
            png = b64encode(file.getvalue()).decode()
        return {"image/png": png, "text/plain": text}, about


def in_words(probabilities: NDArray[np.floating] | None) -> str:
    """What a network's answer, float (10,), comes to, with how sure it is."""
    if probabilities is None:
        return ""
    first, second = (int(digit) for digit in np.argsort(-probabilities, kind="stable")[:2])
    sure, other = float(probabilities[first]), float(probabilities[second])
    if sure >= 0.9:
        return f"This is {a(first)} ({_percent(sure)})."
    if sure >= 0.5:
        return f"Probably {a(first)} ({_percent(sure)})."
    doubt = f"{a(first)} ({_percent(sure)})? Or {a(second)} ({_percent(other)})?"
    return doubt[0].upper() + doubt[1:]


def a(digit: int) -> str:
    """A digit with its article: a 7, an 8."""
    return f"{'an' if digit == 8 else 'a'} {digit}"


def _percent(share: float) -> str:
    return "over 99 %" if share > 0.99 else f"{share:.0%}".replace("%", " %")


def _drawing(strokes: Any) -> Drawing:
    return (
        strokes if isinstance(strokes, Drawing) else Drawing.of([] if strokes is None else strokes)
    )


def _labels(ask: Any) -> tuple[int, ...]:
    if ask is None:
        return ()
    if isinstance(ask, str) and ask != FOOL:
        raise ArrayError(f"expected ask='fool', a digit, or a list of digits, got {ask!r}")
    asked = range(10) if isinstance(ask, str) else np.atleast_1d(ask)
    if not len(asked) or not set(np.asarray(asked).tolist()) <= set(range(10)):
        raise ArrayError(f"expected digits from 0 to 9 to ask for, got {ask!r}")
    return tuple(check_labels(np.asarray(asked, np.uint8)).tolist())


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


SCALE = 2  # pixels of the still picture for each that it is shown with


def draw_still(
    image: Image, digit: Digits | None, probabilities: NDArray[np.floating] | None, words: str
) -> Pillow.Image:
    """The pad as a picture: the drawing, what the network sees, and the ten bars."""
    picture = Pillow.new("RGB", (560 * SCALE, 200 * SCALE), "white")
    pen = ImageDraw.Draw(picture)
    seen = np.zeros((28, 28), np.uint8) if digit is None else digit

    def text(x: float, y: float, words: str, size: float = 11, anchor: str = "la") -> None:
        font = ImageFont.load_default(size * SCALE)
        pen.text((x * SCALE, y * SCALE), words, "#1c1c1c", font, anchor)

    for left, side, shown in ((8, 168, image), (192, 112, seen)):
        size = (side * SCALE, side * SCALE)
        method = Pillow.Resampling.NEAREST if shown is seen else Pillow.Resampling.BOX
        panel = Pillow.fromarray(shown).resize(size, method)
        picture.paste(panel, (left * SCALE, 8 * SCALE))
    text(8, 180, "the drawing")
    text(192, 124, "what the network sees")
    text(328, 8, words or "Nothing is drawn.", 13)
    for label in range(10):
        chance = 0.0 if probabilities is None else float(probabilities[label])
        y = 32 + 16 * label
        best = probabilities is not None and label == int(np.argmax(probabilities))
        for share, colour in ((1.0, "#e4e7ec"), (chance, "#0b62a4" if best else "#7a828e")):
            box = [342 * SCALE, y * SCALE, (342 + 160 * share) * SCALE, (y + 10) * SCALE]
            if share >= 0.0005:
                pen.rectangle(box, colour)
        text(328, y - 2, str(label))
        text(
            552, y - 2, f"{chance:.1%}".replace("%", " %") if chance >= 0.0005 else "", anchor="ra"
        )
    return picture
