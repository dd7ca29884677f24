"""Run a notebook in a fresh kernel, and take the answers out on the way; judge nothing."""

import asyncio
import json
import logging
import os
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
from jupyter_core.paths import secure_write
from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError
from nbclient.util import ensure_async
from nbformat import NotebookNode

from mnist_lab.grading import relay
from mnist_lab.grading.cells import Cell, Plan
from mnist_lab.grading.kernel import protocol
from mnist_lab.grading.kernel.inside import MIME
from mnist_lab.grading.sandbox import Sandbox

START_SECONDS = 60.0
TAKE_SECONDS = 25.0  # to take one answer out; each set of calls has 10 seconds of its own
YIELD_SECONDS = 3.0  # for an interrupted cell to give way
LOOK_SECONDS, WATCH_SECONDS = 0.1, 0.25  # between two looks at the clock, and at the sandbox
CLOCK = 2  # so many times its processor time a cell may take by the clock
BUSY = 0.1  # of the clock's time: who used less was waiting, and not kept waiting by others
MAX_OUTPUT_CHARS = 20_000_000  # that one cell may print
MAX_ERROR_CHARS = 300
CHANNELS = ("shell", "iopub", "stdin", "hb", "control")
MAX_ANSWERS = 5  # to one exercise that are kept, the last ones
LATE = "It ran longer than {} seconds, and was stopped."


@dataclass
class Execution:
    """What a run gave.

    Of each exercise the texts that the kernel sent, by the number of the cell after which; the
    errors of the cells that failed, by their numbers; why it ended before the notebook, else "".
    It is late if the clock ran out, and not its own processor time. Notes say what was lost on the
    way.
    """

    taken: dict[str, dict[int, str]] = field(default_factory=dict)
    errors: dict[int, str] = field(default_factory=dict)
    ended: str = ""
    late: bool = False
    notes: list[str] = field(default_factory=list)


def run_notebook(
    plan: Plan, requests: dict[str, str], sandbox: Sandbox, *,
    timeout: float, total: float, until: float,
) -> Execution:  # fmt: skip
    """Run the cells of a notebook, and after each the requests for its exercises.

    A request is the code that takes an exercise's answer out. One cell may take `timeout` seconds
    of processor time on each of its cores, all together `total`; by the clock twice as many, and
    none once it shows `until`.
    """
    going = _Run(plan, requests, sandbox, timeout, total, until)
    asyncio.run(going.through())
    return going.ran


class _Stopped(Exception):
    """The kernel is gone, or had to go; its text says why."""


class _Manager(AsyncKernelManager):
    """Starts the kernel of this Python, in a sandbox, whatever the notebook asks for."""

    sandbox: Sandbox

    @property
    def kernel_spec(self) -> KernelSpec:
        argv = [sys.executable, "-m", "ipykernel_launcher", "-f", str(self.sandbox.connection)]
        return KernelSpec(argv=argv, language="python", interrupt_mode="message")

    def client(self, **kwargs: Any) -> Any:
        """Give a client that keeps to the context's limits; by itself it would make its own."""
        return super().client(context=self.context, **kwargs)

    def write_connection_file(self, **kwargs: Any) -> None:
        super().write_connection_file(**kwargs)
        told = json.loads(Path(self.connection_file).read_text())
        if told["transport"] == "ipc":  # the kernel's own; the relay joins the grader's to them
            told["ip"] = self.sandbox.sockets
        with secure_write(str(self.sandbox.connection)) as file:
            json.dump(told, file)
        self.sandbox.hand_over(self.sandbox.connection)

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
    until: float
    ran: Execution = field(default_factory=Execution)

    async def through(self) -> None:
        self.deadline = min(self.until, time.monotonic() + CLOCK * self.total)
        self.relays: list[asyncio.Server] = []
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
            self.ran.late = self.ran.late and not self.sandbox.violation
        finally:
            for each in self.relays:
                each.close()
            await self._stop()

    async def _start(self) -> None:
        began = time.monotonic()
        context = zmq.asyncio.Context()
        context.setsockopt(zmq.MAXMSGSIZE, relay.MAX_MESSAGE_BYTES)
        context.setsockopt(zmq.RCVHWM, 3)  # no more of them wait in our memory
        self.manager = _Manager(
            context=context,
            kernel_name="python3",
            connection_file=str(self.sandbox.folder / "grader.json"),
            **self.sandbox.transport,
        )
        self.manager.sandbox = self.sandbox
        self.manager.session.unpack = _read_part
        self.client = _Client(
            nbformat.v4.new_notebook(),
            km=self.manager,
            allow_errors=True,
            timeout=None,  # it is looked at here
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
            if self.sandbox.transport:
                ports = [getattr(self.manager, f"{name}_port") for name in CHANNELS]
                self.relays = [
                    await relay.serve(self.sandbox.ours, port, self.sandbox.connect, self._refuse)
                    for port in ports
                ]
            await self.client.async_start_new_kernel_client()
        except Exception as error:  # noqa: BLE001  a student's files can be what is started
            self.ran.late = time.monotonic() - began > START_SECONDS
            raise _Stopped(f"The kernel did not start ({error}).") from None

    def _refuse(self, reason: str) -> None:
        if reason not in self.ran.notes:
            self.ran.notes.append(reason)

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
            await asyncio.sleep(WATCH_SECONDS)
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
        cell = nbformat.v4.new_code_cell(source, metadata={"request": ask})
        self.client.nb.cells = [cell]
        self.client.error, self.client.length = None, 0
        running = asyncio.ensure_future(
            self.client.async_execute_cell(cell, 0, store_history=not ask)
        )
        longer = await self._within(running, seconds)
        if longer:
            await ensure_async(self.manager.interrupt_kernel())
            if not (await asyncio.wait({running}, timeout=YIELD_SECONDS))[0]:
                running.cancel()
                what = (
                    f"Taking the answer out of cell {number} took" if ask else f"Cell {number} ran"
                )
                raise _Stopped(f"{what} longer than {longer:.0f} seconds.")
        try:
            await running
        except DeadKernelError:
            raise _Stopped(f"The kernel died in cell {number}.") from None
        except Exception:  # noqa: BLE001  whatever nbclient makes of nonsense
            raise _Stopped(f"In cell {number} the kernel sent what is no message.") from None
        return LATE.format(round(longer)) if longer else self.client.error

    async def _within(self, running: "asyncio.Future[Any]", seconds: float) -> float:
        """Wait for a cell; give 0, or the seconds that it has run longer than it may.

        _Stopped if the time for the whole notebook is over.
        """
        cores = len(self.sandbox.cores) or os.cpu_count() or 1
        began, clock = self.sandbox.seconds, time.monotonic()
        while not (await asyncio.wait({running}, timeout=LOOK_SECONDS))[0]:
            total, now = self.sandbox.seconds, time.monotonic()
            used = total - began
            over = now > self.deadline
            if over or now - clock > CLOCK * seconds:
                self.ran.late |= used > BUSY * (now - clock)
            if over or total > cores * self.total:
                running.cancel()
                raise _Stopped(f"The notebook took longer than {self.total:g} seconds.")
            if used > cores * seconds or now - clock > CLOCK * seconds:
                return seconds
        return 0.0
