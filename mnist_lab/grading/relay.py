"""Between a kernel's sockets and the grader's: it passes on what is said, and bounds it.

ZeroMQ bounds each frame of a message, and not their number: one message of many large frames would
fill the grader's memory before anybody has seen it. So the bytes are counted on their way, by the
framing of ZMTP 3 (https://rfc.zeromq.org/spec/23/).
"""

import asyncio
import socket
from collections.abc import Callable

GREETING_BYTES, VERSION_AT, VERSION = 64, 10, 3
MORE, LONG, COMMAND = 1, 2, 4  # flags of a frame: not the last one, 8 bytes of length, no message
MAX_FRAMES = 100  # of a message; one of Jupyter's has seven, and one for each buffer
MAX_MESSAGE_BYTES = 6_000_000  # of all its frames
CHUNK_BYTES = 2**16
LOOK_SECONDS = 0.02  # between two looks whether the kernel's socket is there


class TooMuch(Exception):
    """What a kernel says is no message, or one that is too large; the text says which."""


class Meter:
    """Counts what one connection says."""

    def __init__(self) -> None:
        self._head = bytearray()  # of a frame, as far as it has come; before them the greeting
        self._needed = GREETING_BYTES
        self._greeted = False
        self._body = 0  # bytes of a frame that are still to come
        self._frames = self._bytes = 0  # of this message

    def count(self, chunk: bytes) -> None:
        """Count some more bytes; TooMuch if they may not be passed on."""
        left = memoryview(chunk)
        while left:
            if self._body:
                passed = min(self._body, len(left))
                self._body -= passed
            else:
                passed = min(self._needed - len(self._head), len(left))
                self._head += left[:passed]
                if len(self._head) == self._needed:
                    self._read_head()
            left = left[passed:]

    def _read_head(self) -> None:
        if not self._greeted:
            self._greeted = True
            if self._head[VERSION_AT] < VERSION:
                raise TooMuch("What was said as no kernel speaks was lost.")
        elif len(self._head) == 1:
            self._needed = 9 if self._head[0] & LONG else 2
            return
        else:
            self._begin_frame(self._head[0], int.from_bytes(self._head[1:], "big"))
        self._head.clear()
        self._needed = 1

    def _begin_frame(self, flags: int, length: int) -> None:
        self._body = length
        if flags & COMMAND and length <= CHUNK_BYTES:  # it may stand within a message
            return
        self._frames += 1
        self._bytes += length
        if self._bytes > MAX_MESSAGE_BYTES:
            size = f"{MAX_MESSAGE_BYTES / 1e6:.0f} MB"
            raise TooMuch(f"An output of more than {size} was lost, and what came with it.")
        if self._frames > MAX_FRAMES:
            raise TooMuch(f"A message in more than {MAX_FRAMES} parts was lost.")
        if not flags & MORE:
            self._frames = self._bytes = 0


async def serve(
    ours: str, port: int, connect: Callable[[int], socket.socket | None],
    refuse: Callable[[str], None],
) -> asyncio.Server:  # fmt: skip
    """Listen at one of the grader's sockets, and join each connection to one of the kernel's.

    `connect` gives a connection to the kernel, or None as long as there is none. One that says too
    much is cut, and `refuse` is told why; ZeroMQ makes a new one.
    """

    async def join(from_us: asyncio.StreamReader, to_us: asyncio.StreamWriter) -> None:
        to_kernel = None
        try:
            while not (line := connect(port)):  # noqa: ASYNC110  nobody tells of it
                await asyncio.sleep(LOOK_SECONDS)
            from_kernel, to_kernel = await asyncio.open_unix_connection(
                sock=line, limit=CHUNK_BYTES
            )
            meter = Meter()
            ways = {
                asyncio.ensure_future(_pass_on(from_us, to_kernel, lambda _: None)),
                asyncio.ensure_future(_pass_on(from_kernel, to_us, meter.count)),
            }
            done, left = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            for each in left:
                each.cancel()
            for each in done:
                each.result()
        except TooMuch as reason:
            refuse(str(reason))
        except OSError:
            pass  # one of the two has gone
        finally:
            for end in filter(None, (to_us, to_kernel)):
                end.transport.abort()

    return await asyncio.start_unix_server(join, f"{ours}-{port}", limit=CHUNK_BYTES)


async def _pass_on(
    source: asyncio.StreamReader, target: asyncio.StreamWriter, count: Callable[[bytes], None]
) -> None:
    while chunk := await source.read(CHUNK_BYTES):
        count(chunk)
        target.write(chunk)
        await target.drain()
