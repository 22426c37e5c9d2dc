"""A fleet, as its master sees it: workers on other hosts join, get their part, send their record, and may be lost.

A worker asks and the master answers, so that what passes between them has one direction. Before anything is ordered all
workers have joined, with the same pack and population and the same time. Of whom nothing is heard until its lease is
over is given up: its users go to the others with new sessions, and what it asked last is told as unknown.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Self

from overreach.load import record
from overreach.load.alike import CLOCKS_APART, refuse_other_time, refuse_unlike
from overreach.load.loss import Loss, shared_out
from overreach.load.parcels import Shelf
from overreach.load.post import Letter
from overreach.load.reception import Caller, Reception
from overreach.load.roster import FleetOrder, Worker
from overreach.load.sealing import KEY_BYTES, write_private
from overreach.model.errors import OverreachError, TargetError
from overreach.model.terms import Part
from overreach.probe.session import SessionFile
from overreach.target.broker import BrokerClient

JOIN_SECONDS = 600.0
"""Within which all workers have to join."""
END_SECONDS = 60.0
"""Within which they have to send the last of their records."""
EARLY_SECONDS = 10.0
"""Between the ends of two workers, at most, where nothing is wrong."""
LOOK = 0.1  # seconds

Progress = Callable[[str, int, int], None]


class Fleet:
    """Hears workers while it is open; `muster`, then `finish`."""

    def __init__(self, order: FleetOrder, session: SessionFile, folder: Path) -> None:
        self._order, self._session, self._folder = order, session, folder
        self._lock = threading.RLock()
        self._workers: dict[int, Worker] = {}
        self._joined = self._losses = 0
        self._load: record.Order | None = None
        self._seal = secrets.token_hex(KEY_BYTES)
        """Key of Locust's own messages in this run."""
        self._failed = ""
        self._ending = self._closed = False
        self._reception = Reception((order.host, order.port), order.key, self._answer, self._hung_up)
        threading.Thread(target=self._watch, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Hang up: workers that are still there go home."""
        self._ending = self._closed = True
        self._reception.close()

    def muster(self, load: record.Order, progress: Progress) -> record.Order:
        """Wait until all workers have joined and give each its part; the load as they work it.

        TargetError where some stay away.
        """
        wanted, end = self._order.workers, time.monotonic() + JOIN_SECONDS
        while time.monotonic() < end:
            with self._lock:
                there = len(self._workers)
                if there == wanted:
                    return self._begin(load)
            progress(f"load: {there} of {wanted} workers have joined", there, wanted)
            time.sleep(LOOK)
        message = f"`{there}` of {wanted} workers joined within {JOIN_SECONDS:.0f} seconds"
        raise TargetError(message, "start the others with: overreach load --worker HOST:PORT")

    @property
    def over(self) -> bool:
        """Whether the load cannot go on: nobody works any more, or somebody ended long before the others."""
        with self._lock:
            workers, now = self._workers.values(), time.monotonic()
            early = any(each.stage == "ended" and now - each.ended > EARLY_SECONDS for each in workers)
            return early or bool(self._failed) or not self._at_work

    def finish(self) -> None:
        """Wait for the last of the records; whoever does not send it is lost.

        TargetError where a worker was lost before it began.
        """
        self._ending = True
        end = time.monotonic() + END_SECONDS
        while time.monotonic() < end and self._at_work:
            time.sleep(LOOK)
        with self._lock:
            for worker in self._at_work:
                self._lose(worker)
            if self._failed:
                raise TargetError(self._failed, "look at what that worker says, and start the load again")

    @property
    def _at_work(self) -> list[Worker]:
        return [each for each in self._workers.values() if each.stage == "working"]

    def _begin(self, load: record.Order) -> record.Order:
        workers = list(self._workers.values())
        write_private(self._folder / record.SEAL, self._seal.encode())
        slack = 2 * max(worker.slack for worker in workers)
        self._load = replace(load, hosts=True, parts=len(workers), slack=slack)
        for part, worker in enumerate(workers):
            worker.part, worker.stage = part, "working"
            worker.members = self._order.members[part :: len(workers)]
            worker.share = load.users // len(workers) + (part < load.users % len(workers))
        return self._load

    # Questions of workers.

    def _answer(self, letter: Letter, caller: Caller) -> dict[str, Any]:
        head = letter.head
        if head["do"] == "time":
            return {"now": time.time()}
        if head["do"] == "join":
            return self._join(head)
        with self._lock:
            caller.worker = int(head["worker"])
            worker = self._known(caller.worker)
            if head["do"] == "ping":
                return self._news(worker)
        if head["do"] == "open":
            return self._opened(worker, head)
        return self._received(worker, letter)

    def _join(self, head: dict[str, Any]) -> dict[str, Any]:
        host = str(head["host"])[:64]
        refuse_unlike(host, self._order.marks, head["marks"])
        ahead, round_trip = float(head["ahead"]), float(head["round_trip"])
        refuse_other_time(host, ahead, round_trip)
        with self._lock:
            if self._load is not None or len(self._workers) >= self._order.workers:
                message = f"the fleet is complete with `{self._order.workers}` workers"
                raise OverreachError(message, "start the master with more --workers")
            self._joined += 1
            self._workers[self._joined] = Worker(host, CLOCKS_APART + round_trip / 2)
            return {"worker": self._joined}

    def _known(self, number: int) -> Worker:
        worker = self._workers.get(number)
        if worker is None or worker.stage == "lost":
            message = "the master heard nothing of this worker for too long, and gave its users to others"
            raise OverreachError(message, "look at what kept it or its messages, and start the load again")
        worker.heard = time.monotonic()
        return worker

    def _received(self, worker: Worker, letter: Letter) -> dict[str, Any]:
        """Keep what a worker sends of its record. Nobody else waits for the disk meanwhile."""
        head, shelf = letter.head, Shelf(self._folder, worker.part)
        if head["do"] == "grown":
            shelf.grow(str(head["name"]), int(head["offset"]), letter.body)
        elif head["do"] == "whole":
            shelf.put(str(head["name"]), letter.body)
            if head["name"] == record.SUMMARY.format(worker.part):
                # It is the last: whatever becomes of the worker now, nothing of it is lost.
                with self._lock:
                    if worker.stage == "working":
                        worker.stage, worker.ended = "ended", time.monotonic()
        elif head["do"] == "mark":
            worker.known = float(head["time"])
        elif head["do"] == "end":
            with self._lock:
                if head["whole"]:
                    worker.stage, worker.ended = "ended", time.monotonic()
                elif worker.stage == "working":
                    self._lose(worker, str(head["words"]))
        return {}

    def _news(self, worker: Worker) -> dict[str, Any]:
        """What a worker that asks is to do."""
        if self._load is None:
            return {"say": "wait"}
        if self._ending:
            return {"say": "finish"}
        told, worker.news = worker.news, []
        return {
            "say": "work",
            "news": told,
            "order": asdict(replace(self._load, part=worker.part, share=worker.share)),
            "seed": self._session.seed,
            "switches": dict(self._session.switches),
            "seal": self._seal,
            "locust": self._order.port + 1,
        }

    def _opened(self, worker: Worker, head: dict[str, Any]) -> dict[str, Any]:
        """Sessions of users who are this worker's; new ones of those whom it has from another."""
        users, adopted = [int(user) for user in head["users"]], set(worker.adopted)
        broker = BrokerClient(Path(self._session.broker))
        try:
            if head["minted"]:
                opened = broker.renew([user for user in users if user in adopted], Part.LOAD)
                opened |= broker.open_many([user for user in users if user not in adopted], Part.LOAD)
            else:
                opened = {user: broker.lease(user, Part.LOAD) for user in users}
        finally:
            broker.close()
        with self._lock:
            worker.refused.update(user for user, session in opened.items() if session is None)
        return {
            "opened": [(user, s.username, s.authorization) if s else (user, "", None) for user, s in opened.items()]
        }

    # Losses.

    def _hung_up(self, caller: Caller) -> None:
        with self._lock:
            if caller.worker in self._workers:
                self._workers[caller.worker].gone = True

    def _watch(self) -> None:
        """Give up whoever is silent for too long."""
        while not self._closed:
            time.sleep(LOOK)
            with self._lock:
                for number, worker in list(self._workers.items()):
                    if worker.stage == "joined" and worker.silent:
                        del self._workers[number]
                    elif worker.stage == "working" and worker.silent:
                        self._lose(worker)

    def _lose(self, worker: Worker, words: str = "it fell silent") -> None:
        """Note what is lost, and give its users to those who are left."""
        worker.stage = "lost"
        if not worker.known and not self._ending:
            self._failed = f"worker `{worker.host}` did not come to work: {words[:500]}"
        self._losses += 1
        users, able = worker.users, self._at_work if self._order.minting and not self._ending else []
        for other, share in zip(able, shared_out(users, len(able)), strict=True):
            other.adopted += share
            other.news.append({"users": share, "first": self._losses * record.LATER})
        Loss(users, worker.known, len(users) if able else 0).write(self._folder, worker.part)
