"""Download MNIST's four files, and keep only what verifies."""

import hashlib
from pathlib import Path

from mnist_lab.arrays import DataError
from mnist_lab.data.formats import MAX_DATA_BYTES, SHA256, decompress
from mnist_lab.files import CannotWrite, StrPath, atomic_write
from mnist_lab.progress import Printed, Progress

MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "https://raw.githubusercontent.com/fgnt/mnist/master/",
)
TIMEOUT_SECONDS = 5, 20  # to connect, and to wait for more
CHUNK_BYTES = 2**14


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
    refusals: list[str] = []
    for mirror in MIRRORS if mirrors is None else mirrors:
        try:
            while missing:
                _put(folder / missing[0], _fetch(mirror, missing[0], progress))
                missing.pop(0)
        except _Refused as error:
            refusals.append(f"{mirror.split('/')[2]} {error}")
    if missing:
        raise DataError("MNIST could not be downloaded: " + "; ".join(refusals or ["no mirrors"]))
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
    import requests

    try:
        content = _receive(f"{mirror}{name}.gz", f"downloading {name}", progress)
        plain = decompress(content, f"{name}.gz")
    except requests.HTTPError as error:
        raise _Refused(f"answered {error.response.status_code}") from None
    except requests.exceptions.ProxyError:
        raise _Refused("was not reached through the proxy that HTTPS_PROXY names") from None
    except requests.exceptions.SSLError:
        raise _Refused(
            "showed a certificate that is not trusted; behind a proxy with one of its own, "
            "name its file in REQUESTS_CA_BUNDLE"
        ) from None
    except requests.ConnectionError:
        raise _Refused("could not be reached, or broke off") from None
    except requests.Timeout:
        raise _Refused("did not answer in time") from None
    except (requests.RequestException, DataError) as error:
        raise _Refused(f"broke off ({error})") from None
    if hashlib.sha256(plain).hexdigest() != SHA256[name]:
        raise _Refused(f"sent something that is not {name}")
    return plain


def _verifies(path: Path) -> bool:
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == SHA256[path.name]


def _put(path: Path, content: bytes) -> None:
    try:
        with atomic_write(path) as draft:
            draft.write_bytes(content)
    except CannotWrite:
        if not _verifies(path):  # else another process was quicker
            raise
