"""The process: told to stop, it stops, however much is under way."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import threading
from pathlib import Path

from tests.contactpoint.inside import key_of
from tests.contactpoint.outside import started
from tests.contactpoint.tables import PLAIN

from overreach.contactpoint.process import heed

MANY = 400  # connections


def test_a_signal_is_heard_while_the_loop_is_flooded() -> None:
    """The pipe by which threads wake the loop may be full when it comes."""

    async def flooded() -> None:
        stopped, loop = asyncio.Event(), asyncio.get_running_loop()
        heed(stopped)
        with contextlib.suppress(BlockingIOError):
            while True:
                loop._csock.send(b"\0" * 4096)  # type: ignore[attr-defined]
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.wait_for(stopped.wait(), 10)

    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        asyncio.run(flooded())
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def test_it_stops_in_the_middle_of_many_requests(population: Path, tmp_path: Path) -> None:
    """Code 0, and soon."""
    with started(population, tmp_path) as registry:
        token = registry.token("social_worker")
        body = str(key_of(PLAIN)).replace("'", '"').encode()
        head = (
            f"POST /children/view HTTP/1.1\r\nHost: r\r\nAuthorization: Bearer {token}\r\nContent-Length: {len(body)}"
        )
        host, port = registry.url.removeprefix("http://").split(":")
        with contextlib.ExitStack() as stack:
            many = [stack.enter_context(socket.create_connection((host, int(port)), 10)) for _ in range(MANY)]
            for each in many:
                each.sendall(head.encode() + b"\r\n\r\n" + body)
            threading.Timer(0.02, registry.process.terminate).start()
            assert registry.process.wait(10) == 0
