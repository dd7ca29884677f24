"""Download MNIST's four files, and keep only what verifies."""

import hashlib
import re
from pathlib import Path

from mnist_lab.arrays import DataError
from mnist_lab.data.formats import MAX_DATA_BYTES, SHA256, decompress, is_page
from mnist_lab.files import CannotWrite, StrPath, atomic_write
from mnist_lab.progress import Printed, Progress

MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "https://raw.githubusercontent.com/fgnt/mnist/master/",
)
TIMEOUT_SECONDS = 5, 20  # to connect, and to wait for more
CHUNK_BYTES = 2**14
LOGIN = (
    "a web page came instead, as where a network wants a login: log in with a browser, "
    "and try again"
)
NOT_FOUND = "the name was not found: check whether this computer has a network"
STATUSES = {
    403: "answered 403, forbidden: a filter on the way may do that, so try another network",
    407: "the proxy answered 407: it wants your name and password, "
    "HTTPS_PROXY=http://NAME:PASSWORD@HOST:PORT",
    511: LOGIN,
}
REASONS = {  # by the name of the exception, for requests loads only when it is needed
    "ProxyError": "not reached through the proxy that HTTPS_PROXY names: check its address",
    "SSLError": "the certificate is not trusted: check this computer's clock, and whether the "
    "network wants a login; a proxy's own certificate is named in REQUESTS_CA_BUNDLE",
    "ConnectTimeout": "did not answer in time: try again, or another network",
    "Timeout": "did not answer in time: try again, or another network",
    "ConnectionError": "could not be reached, or broke off: try again, or another network",
    "ChunkedEncodingError": "broke off: try again, or another network",
    "DataError": "broke off, or sent something damaged: try again, or another network",
}


def cache_folder() -> Path:
    """Where a downloaded MNIST is kept for this user."""
    from platformdirs import user_cache_path

    return user_cache_path("mnist_lab", appauthor=False) / "mnist"


def download_mnist(
    folder: StrPath | None = None,
    *,
    mirrors: tuple[str, ...] | None = None,
    progress: Progress = Printed(),  # noqa: B008 - it holds nothing between two calls
) -> Path:
    """Fetch what `folder` lacks of MNIST's four files.

    Each file appears in `folder` only when its bytes verify, decompressed, in one move, so
    that several processes can do this at once and none ever sees half a file. The folder, by
    default the user's cache, is given back; `mirrors` are addresses that end in a slash, tried
    in order; `progress` is told the bytes of each file.

    Raises
    ------
    DataError
        No mirror gave the files; the text says what each did instead.
    CannotWrite
        The folder cannot be written.
    """
    folder = Path(folder) if folder else cache_folder()
    missing = [name for name in SHA256 if not _verifies(folder / name)]
    refusals: dict[str, list[str]] = {}  # the mirrors, by what each did instead
    for mirror in MIRRORS if mirrors is None else mirrors:
        try:
            while missing:
                _put(folder / missing[0], _fetch(mirror, missing[0], progress))
                missing.pop(0)
        except _Refused as error:
            refusals.setdefault(str(error), []).append(mirror.split("/")[2])
    if missing:
        reasons = [f"{', '.join(hosts)}: {reason}" for reason, hosts in refusals.items()]
        raise DataError("MNIST could not be downloaded; " + "; ".join(reasons or ["no mirrors"]))
    return folder


class _Refused(Exception):
    """A mirror did not give the file."""


def _receive(url: str, what: str, progress: Progress) -> bytes:
    """The bytes at an address, told as they come; the last step is full, for a full bar goes."""
    import requests

    content, total = bytearray(), 0
    try:
        with requests.get(url, stream=True, timeout=TIMEOUT_SECONDS) as answer:
            answer.raise_for_status()
            total = int(answer.headers.get("content-length", 0))
            for chunk in answer.iter_content(CHUNK_BYTES):
                content += chunk
                if len(content) > MAX_DATA_BYTES:
                    raise _Refused("sent far more than the file holds")
                progress.step(len(content), total or None, what)
    finally:
        if content and len(content) != total:
            progress.step(len(content), len(content), what)
    return bytes(content)


def _fetch(mirror: str, name: str, progress: Progress) -> bytes:
    """One file's decompressed, verified bytes."""
    try:
        content = _receive(f"{mirror}{name}.gz", f"downloading {name}", progress)
        if is_page(content):
            raise _Refused(LOGIN)
        plain = decompress(content, f"{name}.gz")
    except (OSError, ValueError, DataError) as error:  # requests' own are OSErrors
        raise _Refused(_explain(error)) from None
    if hashlib.sha256(plain).hexdigest() != SHA256[name]:
        raise _Refused(f"sent something that is not {name}")
    return plain


def _explain(error: Exception) -> str:
    """What came of asking a mirror, and what to do about it."""
    text = " ".join(str(error).split())
    if tunnel := re.search(r"Tunnel connection failed: (\d+)", text):  # a proxy's own answer
        refused = f"the proxy answered {tunnel[1]}: ask who runs it to let this address through"
        return STATUSES[407] if tunnel[1] == "407" else refused
    if (answer := getattr(error, "response", None)) is not None:
        status = answer.status_code
        return STATUSES.get(status, f"answered {status}: try again later")
    kinds = [kind.__name__ for kind in type(error).__mro__]
    if "NameResolutionError" in text and "ProxyError" not in kinds:
        return NOT_FOUND
    return next(
        (REASONS[kind] for kind in kinds if kind in REASONS),
        f"could not be asked ({text}): check HTTPS_PROXY and REQUESTS_CA_BUNDLE",
    )


def _verifies(path: Path) -> bool:
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == SHA256[path.name]


def _put(path: Path, content: bytes) -> None:
    try:
        with atomic_write(path) as draft:
            draft.write_bytes(content)
    except CannotWrite:
        if not _verifies(path):  # else another process was quicker
            raise
