"""Hear what a kernel says, also where ZeroMQ told of it when nobody listened."""

import math
import queue
import time
from typing import Any

LOOK_SECONDS = 2.0  # after which a kernel's channel is looked at anew


def look_often(channel: Any) -> None:
    """Let a channel look anew every few seconds.

    ZeroMQ tells of a message once, and who sends on the same channel meanwhile, as nbclient does
    for a widget, may take that away: the message is there, and nobody looks.
    """
    get = channel.get_msg

    async def get_msg(timeout: float | None = None) -> Any:  # noqa: ASYNC109 - its own name
        until = math.inf if timeout is None else time.monotonic() + timeout
        while True:
            left = max(until - time.monotonic(), 0)
            try:
                return await get(timeout=min(LOOK_SECONDS, left))
            except queue.Empty:
                if left <= LOOK_SECONDS:
                    raise

    channel.get_msg = get_msg
