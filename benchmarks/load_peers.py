"""What `load.py` measures against, each in a process of its own: other ways of keeping users in memory, and a target.

    python benchmarks/load_peers.py target                   answers every request alike; prints its address
    python benchmarks/load_peers.py fast|user|greenlet N [ADDRESS]   prints the bytes that each of N users takes

`fast` is a plain FastHttpUser with a pool of connections that all share, after one answer each; `user` an empty User
that sleeps; `greenlet` a bare greenlet that sleeps.
"""

from __future__ import annotations

import asyncio
import gc
import sys
from pathlib import Path

ANSWER = b'HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\nContent-Length: 22\r\n\r\n{"error": "not found"}'


class Target(asyncio.Protocol):
    """Answers whatever comes in one piece with the same few bytes."""

    transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the connection."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - a TCP connection
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer."""
        del data
        self.transport.write(ANSWER)


async def serve() -> None:
    """Serve until killed, or until whoever started it closes its end of standard input."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Target, "127.0.0.1", 0)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


def measure(kind: str, users: int, address: str) -> float:
    """Bytes that each of so many users takes."""
    from gevent import monkey  # type: ignore[import-untyped] # noqa: PLC0415 - before anything else is imported

    monkey.patch_all()
    import gevent  # noqa: PLC0415 - as above
    from gevent.event import Event  # type: ignore[import-untyped] # noqa: PLC0415 - as above
    from locust import FastHttpUser, User, task  # noqa: PLC0415 - as above
    from locust.contrib.fasthttp import HTTPClientPool  # type: ignore[attr-defined] # noqa: PLC0415 - as above
    from locust.env import Environment  # noqa: PLC0415 - as above

    done = [0]
    forever = Event()

    class Fast(FastHttpUser):
        """One request, then it sleeps."""

        host = address
        client_pool = HTTPClientPool(concurrency=128)

        @task
        def ask(self) -> None:
            """Ask once."""
            with self.client.get("/", catch_response=True) as response:
                response.success()
            done[0] += 1
            forever.wait()

    class Empty(User):
        """Sleeps."""

        @task
        def sleep(self) -> None:
            """Sleep."""
            done[0] += 1
            forever.wait()

    def bare() -> None:
        done[0] += 1
        forever.wait()

    environment = Environment(user_classes=[Fast, Empty])
    runner = environment.create_local_runner()
    before = resident()
    for number in range(users):
        if kind == "greenlet":
            runner.user_greenlets.spawn(bare)
        else:
            {"fast": Fast, "user": Empty}[kind](environment).start(runner.user_greenlets)
        if number % 100 == 0:
            gevent.sleep(0)
    while done[0] < users:
        gevent.sleep(0.05)
    return (resident() - before) / users


def resident() -> int:
    """Proportional set size of this process, in bytes."""
    gc.collect()
    lines = Path("/proc/self/smaps_rollup").read_text(encoding="ascii").splitlines()
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))


if __name__ == "__main__":
    if sys.argv[1] == "target":
        asyncio.run(serve())
    else:
        print(measure(sys.argv[1], int(sys.argv[2]), sys.argv[3] if len(sys.argv) > 3 else ""))  # noqa: PLR2004 - the third
