"""`Microscope`: a network at work on a digit, in the browser, and each of its numbers explained."""

import json
from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING, Any, ClassVar
from zlib import crc32

import anywidget
import numpy as np
import traitlets
from IPython.display import display

from mnist_lab.arrays import ArrayError, Digit, OptionError, check_digits
from mnist_lab.pad.drawing import Drawing
from mnist_lab.pad.modules import join_modules, join_styles

if TYPE_CHECKING:
    import keras

    from mnist_lab.network import WeightHistory

STILL = """\
<style>{css}</style>
<div class="mnl-still" id="{name}">{words} To see it, run the cell or trust the notebook.</div>
<script type="module">
{modules}
const root = document.getElementById("{name}");
const options = {{ digit: {digit} }};
// In a live notebook the widget itself comes, and hides this.
const wait = document.querySelector(".lm-Widget") ? 1500 : 0;
setTimeout(() => root?.offsetParent && mountMicroscope(root, {networks}, options), wait);
</script>
"""


class Microscope(anywidget.AnyWidget):
    """A network, layer by layer, as it reads what is drawn.

    It shows the digit, the maps of each layer, dense layers as bars and the ten probabilities,
    and moves with the pen. A click on any number opens it: what it looked at, the kernel, the
    products, their sum and the bias. All of it is computed in the browser, from the network's
    own weights in float16, so that it works without a kernel: in a saved notebook that is trusted,
    and on a page that nbconvert makes of one.

    Parameters
    ----------
    model : keras.Model, WeightHistory, or dict of them by name, optional
        A Sequential network from a digit to ten answers; several are shown beside one another. A
        `network.WeightHistory` gets a slider over the epochs of its training. By default the
        network that comes with the kit.
    digit : uint8 (28, 28), optional
        What it reads at first.

    Raises
    ------
    ArrayError
        A network has other shapes or a layer that the browser does not compute, or `digit` is none.
    OptionError
        There is no network.
    """

    _esm: ClassVar[str] = join_modules("microscope")
    _css: ClassVar[str] = join_styles("board", "microscope")
    _networks = traitlets.List().tag(sync=True)
    _digit = traitlets.Bytes().tag(sync=True)
    _ink = traitlets.Bytes().tag(
        sync=True, echo_update=False, from_json=lambda value, _: bytes(value)
    )

    def __init__(
        self,
        model: "keras.Model | WeightHistory | Mapping[str, Any] | None" = None,
        digit: Digit | None = None,
        **options: Any,
    ) -> None:
        networks = _describe_all(model)
        super().__init__(_networks=networks, _digit=_to_bytes(digit), **options)

    @property
    def digit(self) -> Digit | None:
        """What it reads: uint8 (28, 28); None where nothing is drawn or given. May be set."""
        if self._ink:
            return Drawing.from_bytes(self._ink).digit
        return Digit(np.frombuffer(self._digit, np.uint8).reshape(28, 28)) if self._digit else None

    @digit.setter
    def digit(self, digit: Digit | None) -> None:
        content = _to_bytes(digit)
        with self.hold_sync():
            self._ink, self._digit = b"", content

    def to_html(self) -> str:
        """The microscope as a piece of a page: it needs no kernel, no server and no network."""
        networks = json.dumps(self._networks).replace("<", "\\u003c")
        digit = self.digit
        return STILL.format(
            css=self._css,
            name=f"microscope-{crc32(networks.encode()):08x}",
            words=escape(f"A microscope on {_names(self._networks)}."),
            modules=self._esm,
            digit="null" if digit is None else digit.ravel().tolist(),
            networks=networks,
        )

    def __repr__(self) -> str:
        return f"Microscope({_names(self._networks)})"

    def _ipython_display_(self) -> None:
        """The live widget, and the same as HTML for where a saved notebook cannot run it."""
        live, about = super()._repr_mimebundle_()  # type: ignore[misc]
        display(live, metadata=about, raw=True)
        display({"text/html": self.to_html(), "text/plain": repr(self)}, raw=True)


def _describe_all(
    model: "keras.Model | WeightHistory | Mapping[str, Any] | None",
) -> list[list[dict[str, Any]]]:
    """Each network's epochs, as the browser takes them."""
    if not isinstance(model, Mapping):
        return [_describe(model, "")]
    if not model:
        raise OptionError("expected a network, or several by name, got none")
    return [_describe(each, str(title)) for title, each in model.items()]


def _describe(model: "keras.Model | WeightHistory | None", title: str) -> list[dict[str, Any]]:
    from mnist_lab import network
    from mnist_lab.network.adapting import adapt

    if model is None:
        model = network.load_pretrained()
    if isinstance(model, network.WeightHistory):
        labels = [f"{k} epoch{'' if k == 1 else 's'}" for k in range(max(1, len(model)))]
        models = [(label, model.model_at(k)) for k, label in enumerate(labels)]
    else:
        models = [("", model)]
    found = []
    for label, each in models:
        described = network.describe_network(adapt(each))
        if "outputs" in described:
            raise ArrayError(f"expected a Sequential network, got {each.name}, whose layers branch")
        found.append({**described, "title": title, "label": label})
    return found


def _to_bytes(digit: Digit | None) -> bytes:
    return b"" if digit is None else check_digits(np.asarray(digit)[np.newaxis]).tobytes()


def _names(networks: list[list[dict[str, Any]]]) -> str:
    names = [epochs[0]["title"] or epochs[0]["name"] for epochs in networks]
    return " and ".join(names)
