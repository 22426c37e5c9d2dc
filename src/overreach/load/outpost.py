"""A worker of a fleet: joins its master, lets Locust work here as one part of the load, and sends the record there.

Two processes: this one talks to the master; Locust's, started by it, talks to the target. The lease between them ends
the second one's work where the first has not heard of the master for too long.
"""

from __future__ import annotations

import contextlib
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from overreach.load import record
from overreach.load.alike import marks
from overreach.load.drive import START, environment_of
from overreach.load.errand import BEAT, Master, Pulse, clock, desk
from overreach.load.parcels import Courier
from overreach.load.post import Post
from overreach.load.sealing import write_private
from overreach.model.errors import TargetError
from overreach.pack.config import Pack
from overreach.population.store import Population
from overreach.probe.session import Bench, SessionFile
from overreach.target.http import HttpTarget
from overreach.target.process import last_words, started, stop, tool

END_SECONDS = 15.0
"""Within which Locust has to end by itself when the load is over."""
RECORD_SECONDS = 60.0
"""Within which the master has to take what is sent of the record: its disk may be busy."""
STUCK = 10.0
"""Seconds without a word of Locust's process after which it is ended: it may be paused, and must not go on later."""

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Worked:
    """What a worker did."""

    part: int
    users: int
    requests: int


def work(
    master: Master, pack: Pack, population: Population, progress: Progress = lambda _text, _done, _all: None
) -> Worked:
    """Be one worker of the fleet until its load is over.

    OverreachError with the master's words where it refuses this host or has given it up, TargetError where it is not
    there, or not any more; then nothing of the load goes on here.
    """
    # What is looked up of the population is made before anybody waits for this host.
    Bench.build(pack, population, pack.switches).prepare()
    population.close()
    with (
        contextlib.closing(master.called(RECORD_SECONDS)) as post,
        tempfile.TemporaryDirectory(prefix="overreach-") as name,
    ):
        asked = {"do": "join", "host": socket.gethostname(), "marks": marks(pack, population)}
        worker = int(post.ask(asked | clock(post))["worker"])
        news = _waited(post, worker, progress)
        order = record.Order(**news["order"])
        HttpTarget(order.address, pack.target.allow_hosts).close()  # refuses what is not in allow_hosts here
        folder = record.folder_of(str(Path(name) / "results"))
        folder.mkdir(parents=True)
        with (
            desk(master, worker, Path(name)) as broker,
            contextlib.closing(Pulse(master.called(), worker, folder)) as pulse,
        ):
            outpost = _Outpost(post, worker, order, pulse, folder)
            session = _session(pack, population, news, broker, folder)
            return outpost.run(session, pack.root / "load" / "people.py", (master.host, int(news["locust"])), progress)


def _waited(post: Post, worker: int, progress: Progress) -> dict[str, Any]:
    """What the master orders when all workers have joined."""
    while True:
        news = post.ask({"do": "ping", "worker": worker})
        if news["say"] == "work":
            return news
        if news["say"] == "finish":
            message = "the load ended before it began"
            raise TargetError(message, "see what the master says")
        progress("load: waiting for the other workers", 0, 1)
        time.sleep(BEAT)


def _session(pack: Pack, population: Population, news: Mapping[str, Any], broker: Path, folder: Path) -> Path:
    """Leave session and seal for Locust's process; the session's file."""
    write_private(folder / record.SEAL, str(news["seal"]).encode())
    session = SessionFile(
        pack=str(pack.root.resolve()),
        population=str(population.path.resolve()),
        base_url=news["order"]["address"],
        broker=str(broker),
        results=str(folder.parent),
        seed=int(news["seed"]),
        secret_file="",
        switches=news["switches"],
        allow_hosts=list(pack.target.allow_hosts),
        lookups="" if population.lookups is None else str(population.lookups.resolve()),
    )
    file = folder.parent / "session.json"
    session.write(file)
    return file


class _Outpost:
    """One part of the load on this host."""

    def __init__(self, post: Post, worker: int, order: record.Order, pulse: Pulse, folder: Path) -> None:
        self._post, self._worker, self._order, self._pulse, self._folder = post, worker, order, pulse, folder
        self._courier = Courier(folder, order.part or 0, self._send)

    def run(self, session: Path, content: Path, locust: tuple[str, int], progress: Progress) -> Worked:
        """Let Locust work until the load is over; `locust` is where its master is."""
        self._order.write(self._folder)
        words = self._folder / "locust.log"
        command = tool(START, *_arguments(content, self._order, *locust))
        environment = environment_of(session, self._folder)
        with started("locust", command, folder=self._folder, output=words, environment=environment) as process:
            self._follow(process, progress)
            stop(process, END_SECONDS)
        whole = self._courier.finish()
        last = last_words(words) or "it ended without a word"
        self._send({"do": "end", "whole": whole, "words": last})
        summary = record.Summary.read(self._folder / record.SUMMARY.format(self._order.part))
        if summary is None:
            message = f"locust did not come to its end here: {last}"
            raise TargetError(message, "look for what ended it (memory?), and start the load again")
        return Worked(self._order.part or 0, summary.users, summary.requests)

    def _follow(self, process: subprocess.Popen[bytes], progress: Progress) -> None:
        """Send what Locust's process leaves, until it ends or the load does."""
        live = self._folder / record.LIVE.format(self._order.part)
        while process.poll() is None:
            if self._pulse.over.wait(BEAT):
                if self._pulse.failed is not None:
                    raise self._pulse.failed
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(END_SECONDS)
                return
            self._courier.carry()
            if live.exists():
                progress("load: at work", orjson.loads(live.read_bytes())["users"], self._order.share)
                if time.time() - live.stat().st_mtime > STUCK:
                    process.kill()

    def _send(self, head: dict[str, Any], body: bytes = b"") -> object:
        return self._post.ask(head | {"worker": self._worker}, body)


def _arguments(content: Path, order: record.Order, host: str, port: int) -> list[str]:
    return [
        *("-f", str(content.resolve()), "--host", order.address, "--worker"),
        *("--master-host", host, "--master-port", str(port)),
        *("--stop-timeout", "3", "--loglevel", "WARNING", "--only-summary", "--exit-code-on-error", "0"),
    ]
