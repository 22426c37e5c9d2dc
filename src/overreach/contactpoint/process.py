"""The registry as a process: its port, its signals, and that it dies with whoever started it."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import errno
import gc
import os
import resource
import signal
import socket
import sys
from collections.abc import Callable
from typing import Any, NoReturn

from granian._granian import SocketHolder  # granian.net passes it on without saying so to type checkers
from granian.constants import HTTPModes, Interfaces
from granian.server.embed import Server

from overreach.contactpoint.app import App
from overreach.contactpoint.errors import RegistryError

BACKLOG = 4096
CONNECTIONS = 16384  # at a time, as far as the operating system lets us have so many files
READY_SECONDS = 20.0
COLLECTED_AFTER = 50_000  # objects more than before
GRACE_SECONDS = 0.5  # for answers that are under way when it is told to stop
_SET_PARENT_DEATH = 1  # PR_SET_PDEATHSIG of <sys/prctl.h>


def die_with_parent() -> None:
    """End this process when the one that started it ends (Linux)."""
    parent = os.getppid()
    ctypes.CDLL(None, use_errno=True).prctl(_SET_PARENT_DEATH, signal.SIGTERM)
    if os.getppid() != parent:
        # It ended before we asked.
        raise SystemExit(0)


def listen(host: str, port: int) -> socket.socket:
    """A socket of our own at that port (0: any free one); RegistryError where it is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except (OSError, OverflowError) as error:
        listener.close()
        if getattr(error, "errno", None) == errno.EADDRINUSE:
            message = f"port `{port}` is in use"
            raise RegistryError(message, "give another with --port, or --port 0 for any free one") from error
        message = f"cannot listen at `{host}` port `{port}`: {error}".lower()
        raise RegistryError(message, "give an address of this machine with --host") from error
    listener.settimeout(0)
    return listener


def url_of(listener: socket.socket) -> str:
    """The address at which a listening socket is reached."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def run(app: App, listener: socket.socket, ready: Callable[[], None]) -> None:
    """Serve until SIGINT or SIGTERM; `ready` is called once it answers."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = CONNECTIONS + 256 if hard == resource.RLIM_INFINITY else min(hard, CONNECTIONS + 256)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    # What was imported and assembled stays: the collector need not look at it again and again.
    gc.collect()
    gc.freeze()
    # What a request makes is gone with it, without the collector: it need not look every few requests.
    gc.set_threshold(COLLECTED_AFTER, 20, 20)
    asyncio.run(_run(app, listener, ready))


def leave() -> NoReturn:
    """End this process with code 0, everything being closed and removed.

    Not the interpreter's own way: it ends threads under the server, which now and then aborts the process.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


class _OneProcess(Server):
    """Granian's embedded server at a socket that is bound already: nobody can take the port meanwhile."""

    def __init__(self, app: App, listener: socket.socket) -> None:
        super().__init__(
            app,
            interface=Interfaces.ASGINL,
            http=HTTPModes.http1,
            websockets=False,
            backlog=BACKLOG,
            backpressure=CONNECTIONS,
            log_enabled=False,
        )
        self._listener = listener.dup()

    def _init_shared_socket(self) -> None:
        self._ssp = None
        # The holder owns what it holds, and closes it.
        holder: Any = SocketHolder
        self._shd = holder(self._listener.detach(), uds=False, backlog=BACKLOG)


async def _run(app: App, listener: socket.socket, ready: Callable[[], None]) -> None:
    server = _OneProcess(app, listener)
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    heed(stopped)
    serving = loop.create_task(server.serve())
    stopping = loop.create_task(stopped.wait())
    if await _answers(listener, serving, stopped):
        ready()
    await asyncio.wait((serving, stopping), return_when=asyncio.FIRST_COMPLETED)
    server.signal_handler_interrupt()  # type: ignore[no-untyped-call]
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(serving, GRACE_SECONDS)
    stopping.cancel()


def heed(stopped: asyncio.Event) -> None:
    """Set the event at SIGINT or SIGTERM, in the running loop.

    Not by the loop's own way: it passes the signal on through a pipe, which answers that wait fill under load, and
    then the signal is lost.
    """
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: loop.call_soon_threadsafe(stopped.set))


async def _answers(listener: socket.socket, serving: asyncio.Task[None], stopped: asyncio.Event) -> bool:
    """Wait until it answers; False where it was told to stop before."""
    host, port = listener.getsockname()[:2]
    deadline = asyncio.get_running_loop().time() + READY_SECONDS
    while asyncio.get_running_loop().time() < deadline and not serving.done():
        if stopped.is_set():
            return False
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, TimeoutError):
            reader, writer = await asyncio.open_connection(host, port)
            writer.write(b"GET /health HTTP/1.1\r\nHost: registry\r\nConnection: close\r\n\r\n")
            line = await asyncio.wait_for(reader.readline(), 1.0)
            writer.close()
            if b" 200 " in line:
                return True
        await asyncio.sleep(0.01)
    message = "the registry does not answer at its own port"
    raise RegistryError(message, "look at what was printed above")
