"""What a worker says to its master: where it is, what its clock shows, what is to be done, whom it lets in."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from overreach.load import record
from overreach.load.lease import SECONDS, Lease
from overreach.load.post import Post
from overreach.model.errors import OverreachError, TargetError
from overreach.model.probe import Answer
from overreach.target.broker import Broker, BrokerServer
from overreach.target.identity import Refusal, Session

BEAT = 0.5
"""Seconds between two questions to the master."""
MINTING_SECONDS = 300.0
"""For an answer about sessions: a target mints many thousands at once."""
PINGS = 5  # of which the quickest tells how the clocks differ


@dataclass(frozen=True, slots=True)
class Master:
    """Where the master is, and the key that it shares."""

    host: str
    port: int
    key: bytes

    def called(self, patience: float = SECONDS) -> Post:
        """A connection, with `patience` seconds for each answer; TargetError where there is no master of this key."""
        try:
            post = Post.to(self.host, self.port, self.key, patience)
        except OSError as error:
            message = f"no master answers at `{self.host}:{self.port}`"
            raise TargetError(message, "start it first: overreach load --master HOST:PORT --workers N") from error
        try:
            post.ask({"do": "time"})  # a stranger would not come so far
        except BaseException:
            post.close()
            raise
        return post


def clock(post: Post) -> dict[str, float]:
    """How many seconds this host's clock is ahead of the master's, and the round trip of the question that told it."""
    told = []
    for _ in range(PINGS):
        began = time.time()
        now = float(post.ask({"do": "time"})["now"])
        ended = time.time()
        told.append((ended - began, (began + ended) / 2 - now))
    round_trip, ahead = min(told)
    return {"ahead": ahead, "round_trip": round_trip}


@contextlib.contextmanager
def desk(master: Master, worker: int, folder: Path) -> Iterator[Path]:
    """A broker for Locust's process here, which gets sessions from the master; the path of its socket."""
    post = master.called(MINTING_SECONDS)

    def ask(users: Sequence[int], *, minted: bool) -> dict[int, Session | Refusal]:
        try:
            opened = post.ask({"do": "open", "worker": worker, "users": list(users), "minted": minted})["opened"]
        except OverreachError as error:
            raise TargetError(error.message, error.remedy) from error
        outcomes: dict[int, Session | Refusal] = {
            user: Refusal(user, "mint", Answer(0, (), b"", 0.0, "not opened")) for user in users
        }
        told = ((user, username, header) for user, username, header in opened if header is not None)
        return outcomes | {user: Session(user, username, header) for user, username, header in told}

    broker = Broker(lambda user: ask([user], minted=False)[user], lambda users: ask(users, minted=True))
    with contextlib.closing(post), contextlib.closing(BrokerServer(broker, folder / "broker")) as server:
        yield server.path


class Pulse:
    """Asks on a connection of its own what is to be done, and extends the lease while the master answers.

    Users of lost workers are left in `folder` for Locust's process.
    """

    def __init__(self, post: Post, worker: int, folder: Path) -> None:
        self._post, self._worker, self._folder = post, worker, folder
        self._lease = Lease(folder / record.LEASE)
        self._closed = threading.Event()
        self._adopted = 0
        self.over = threading.Event()
        """Set when the load is over, or `failed`."""
        self.failed: OverreachError | None = None
        """Why this worker has to go home."""
        self._beat()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Ask no more."""
        self._closed.set()
        self._thread.join(SECONDS)
        self._post.close()

    def _run(self) -> None:
        while not self._closed.wait(BEAT):
            try:
                self._beat()
            except OverreachError as error:
                self.failed = error
                self.over.set()
                return

    def _beat(self) -> None:
        asked = time.monotonic()
        news: dict[str, Any] = self._post.ask({"do": "ping", "worker": self._worker})
        self._lease.extend(asked)
        if news["say"] == "finish":
            self.over.set()
        for each in news.get("news", ()):
            record.replace_json(self._folder / record.TAKEN_OVER.format(self._adopted), each)
            self._adopted += 1
