"""Run a notebook in a fresh kernel, and take the answers out on the way; judge nothing."""

import asyncio
import json
import logging
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import DEVNULL
from typing import Any

import nbformat
import zmq.asyncio
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbclient.util import ensure_async
from nbformat import NotebookNode

from mnist_lab.grading.cells import Cell, Plan
from mnist_lab.grading.kernel import protocol
from mnist_lab.grading.kernel.inside import MIME
from mnist_lab.grading.sandbox import Sandbox

START_SECONDS = 60.0
TAKE_SECONDS = 25.0  # to take one answer out; each set of calls has 10 seconds of its own
YIELD_SECONDS = 1.5  # for an interrupted cell to give way
MAX_MESSAGE_BYTES = 6_000_000  # the socket closes on a longer one
MAX_OUTPUT_CHARS = 20_000_000  # that one cell may print
MAX_ERROR_CHARS = 300
MAX_ANSWERS = 5  # to one exercise that are kept, the last ones
LATE = "It ran longer than {} seconds, and was stopped."


@dataclass
class Execution:
    """What a run gave.

    Of each exercise the texts that the kernel sent, by the number of the cell after which; the
    errors of the cells that failed, by their numbers; why it ended before the notebook, else "".
    """

    taken: dict[str, dict[int, str]] = field(default_factory=dict)
    errors: dict[int, str] = field(default_factory=dict)
    ended: str = ""


def run_notebook(
    plan: Plan, requests: dict[str, str], sandbox: Sandbox, *, timeout: float, total: float
) -> Execution:
    """Run the cells of a notebook, and after each the requests for its exercises.

    A request is the code that takes an exercise's answer out. One cell may take `timeout` seconds,
    all together `total`.
    """
    going = _Run(plan, requests, sandbox, timeout, total)
    asyncio.run(going.through())
    return going.ran


class _Stopped(Exception):
    """The kernel is gone, or had to go; its text says why."""


class _Manager(AsyncKernelManager):
    """Starts the kernel of this Python, in a sandbox, whatever the notebook asks for."""

    sandbox: Sandbox

    @property
    def kernel_spec(self) -> KernelSpec:
        argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        return KernelSpec(argv=argv, language="python", interrupt_mode="message")

    def client(self, **kwargs: Any) -> Any:
        """Give a client that keeps to the context's limits; by itself it would make its own."""
        return super().client(context=self.context, **kwargs)

    def write_connection_file(self, **kwargs: Any) -> None:
        super().write_connection_file(**kwargs)
        self.sandbox.hand_over(Path(self.connection_file))

    def format_kernel_cmd(self, extra_arguments: list[str] | None = None) -> list[str]:
        return self.sandbox.command(super().format_kernel_cmd(extra_arguments))


def _read_part(part: bytes) -> Any:
    """Read a part of a message, if it is not there to fill the memory."""
    if protocol.too_many_items(part):
        raise ValueError("too much")
    return json.loads(part)


class _Client(NotebookClient):
    """Keeps nothing of what a cell shows but errors and answers."""

    taken: str | None = None
    error: str | None = None
    length = 0
    sandbox: Sandbox

    def process_message(self, msg: dict[str, Any], cell: NotebookNode, cell_index: int) -> None:
        if msg["msg_type"] == "status":
            super().process_message(msg, cell, cell_index)
        content = msg["content"]
        if msg["msg_type"] == "error":
            self.error = f"{content.get('ename')}: {content.get('evalue')}"[:MAX_ERROR_CHARS]
        if msg["msg_type"] == "display_data" and cell.metadata.get("request"):
            self.taken = content["data"].get(MIME, self.taken)
        self.length += len(str(content.get("text", content.get("data", ""))))
        if self.length > MAX_OUTPUT_CHARS:
            megabytes = f"{MAX_OUTPUT_CHARS / 1e6:.0f} MB"
            self.sandbox.violation = f"It printed more than {megabytes} in one cell."


@dataclass
class _Run:
    plan: Plan
    requests: dict[str, str]
    sandbox: Sandbox
    timeout: float
    total: float
    ran: Execution = field(default_factory=Execution)

    async def through(self) -> None:
        self.deadline = time.monotonic() + self.total
        # What nonsense from a kernel breaks is noticed when the kernel falls silent.
        asyncio.get_running_loop().set_exception_handler(lambda *_: None)
        try:
            watch = asyncio.create_task(self._watch())
            try:
                await self._start()
                for cell in self.plan.cells:
                    await self._cell(cell)
            finally:
                watch.cancel()
        except _Stopped as stopped:
            self.ran.ended = self.sandbox.violation or str(stopped)
        finally:
            await self._stop()

    async def _start(self) -> None:
        context = zmq.asyncio.Context()
        context.setsockopt(zmq.MAXMSGSIZE, MAX_MESSAGE_BYTES)
        context.setsockopt(zmq.RCVHWM, 3)  # no more of them wait in our memory
        self.manager = _Manager(
            context=context,
            kernel_name="python3",
            connection_file=str(self.sandbox.sockets / "kernel.json"),
            **self.sandbox.transport,
        )
        self.manager.sandbox = self.sandbox
        self.manager.session.unpack = _read_part
        self.client = _Client(
            nbformat.v4.new_notebook(),
            km=self.manager,
            allow_errors=True,
            timeout_func=lambda cell: cell.metadata["seconds"],
            startup_timeout=START_SECONDS,
            record_timing=False,
            store_widget_state=False,
            extra_arguments=["--HistoryManager.enabled=False", "--log-level=CRITICAL"],
        )
        self.client.sandbox = self.sandbox
        self.client.log = logging.getLogger("mnist_lab.quiet")
        self.client.log.disabled = True
        try:
            await self.client.async_start_new_kernel(
                env=self.sandbox.env, cwd=str(self.sandbox.work), stdout=DEVNULL, stderr=DEVNULL
            )
            self.sandbox.process = getattr(self.manager.provisioner, "process", None)
            await self.client.async_start_new_kernel_client()
        except Exception as error:  # noqa: BLE001  a student's files can be what is started
            raise _Stopped(f"The kernel did not start ({error}).") from None

    async def _stop(self) -> None:
        self.sandbox.kill()
        with suppress(Exception):
            await ensure_async(self.manager.shutdown_kernel(now=True))
        with suppress(Exception):
            if self.client.kc:
                self.client.kc.stop_channels()
            self.manager.context.destroy(linger=0)

    async def _watch(self) -> None:
        """Look after the sandbox while the notebook runs; nbclient notices when it is gone."""
        over = False
        while not (over and self.sandbox.process):
            await asyncio.sleep(0.25)
            with suppress(Exception):  # what is looked at may go meanwhile: look again
                over = self.sandbox.check()
        self.sandbox.kill()

    async def _cell(self, cell: Cell) -> None:
        error = await self._execute(cell.source, seconds=self.timeout, number=cell.number)
        if error:
            self.ran.errors[cell.number] = error
        for each in cell.exercises:
            if each in self.requests:
                await self._take(each, cell)

    async def _take(self, id: str, cell: Cell) -> None:
        self.client.taken = None
        await self._execute(self.requests[id], seconds=TAKE_SECONDS, number=cell.number, ask=True)
        if isinstance(self.client.taken, str):
            taken = self.ran.taken.setdefault(id, {})
            taken[cell.number] = self.client.taken
            if len(taken) > MAX_ANSWERS:
                del taken[min(taken)]

    async def _execute(
        self, source: str, *, seconds: float, number: int, ask: bool = False
    ) -> str | None:
        """Execute a cell; give its error, if it failed and the kernel lives on."""
        seconds = min(seconds, self.deadline - time.monotonic())
        if seconds <= 0:
            raise _Stopped(f"The notebook took longer than {self.total:g} seconds.")
        what = f"Taking the answer out of cell {number} took" if ask else f"Cell {number} ran"
        metadata = {"seconds": seconds, "request": ask}
        cell = nbformat.v4.new_code_cell(source, metadata=metadata)
        self.client.nb.cells = [cell]
        self.client.error, self.client.length = None, 0
        try:
            await self.client.async_execute_cell(cell, 0, store_history=not ask)
        except CellTimeoutError:
            if not await self._gives_way():
                raise _Stopped(f"{what} longer than {seconds:.0f} seconds.") from None
            return LATE.format(round(seconds))
        except DeadKernelError:
            raise _Stopped(f"The kernel died in cell {number}.") from None
        except Exception:  # noqa: BLE001  whatever nbclient makes of nonsense
            raise _Stopped(f"In cell {number} the kernel sent what is no message.") from None
        return self.client.error

    async def _gives_way(self) -> bool:
        """Interrupt a cell; give whether the kernel is ready for the next one."""
        kc = self.client.kc
        assert kc
        await ensure_async(self.manager.interrupt_kernel())
        ping = kc.kernel_info()
        until = time.monotonic() + YIELD_SECONDS
        while (left := until - time.monotonic()) > 0:
            with suppress(Exception):
                reply = await ensure_async(kc.shell_channel.get_msg(timeout=left))
                if reply["parent_header"].get("msg_id") == ping:
                    return True
        return False
