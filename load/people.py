"""Locust's side of a load: users that are members of the population, and the messages between its processes.

A user is a Locust `User`, so that Locust counts it, spreads it over processes and hosts and shows it on its page; but
no greenlet. Locust keeps users as greenlets in a group and looks at them in three ways only: what is its user, is it
dead, end it. `Person` answers these itself. What a person does stands in `habits/`.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import gevent  # type: ignore[import-untyped] # it has no types
from gevent.pool import Group  # type: ignore[import-untyped] # as above
from locust import User, events
from locust.env import Environment
from locust.exception import RPCError, RPCReceiveError
from locust.rpc import Message
from locust.runners import STATE_MISSING, LocalRunner, MasterRunner, WorkerRunner

from overreach.load import record
from overreach.load.clock import DEAF, OVER, UP, Clock, Standing
from overreach.load.crew import Crew
from overreach.load.door import Door, Opener
from overreach.load.life import dies_with_parent
from overreach.load.sealing import MASTER, WORKER, Seal, SealError
from overreach.load.shift import Shift, proportional_set_size
from overreach.model.errors import OverreachError, TargetError
from overreach.model.probe import Answer
from overreach.model.terms import Part
from overreach.probe.session import VARIABLE, SessionFile
from overreach.target.broker import BrokerClient
from overreach.target.identity import Session

WORD, STANDING = "overreach-word", "overreach-standing"  # from the clock to all; from all to the clock
SPAWNED_AT_ONCE = 250  # users after which Locust's heartbeat has its turn
TELL_EVERY = 0.2  # seconds


def open_shift() -> Shift:
    """Build the judge, before Locust forks: what all processes read is in memory once."""
    where = Path(os.environ.get(VARIABLE, ""))
    try:
        return Shift.open(where)
    except OverreachError as error:
        folder = record.folder_of(SessionFile.read(where).results)
        part = record.Order.read(folder).part or 0
        record.Summary(part, stopped=error.message, remedy=error.remedy).write(folder)
        sys.exit(1)


def seal_messages(key: bytes, side: bytes) -> None:
    """Let Locust's own messages, which anybody could read and make, be those of the fleet only.

    What is not is dropped, and noted by Locust as a message that cannot be recognised.
    """
    seal, write, read = Seal(key, side), Message.serialize, Message.unserialize
    wrong = RPCReceiveError if side == MASTER else RPCError  # what each side of Locust goes on after

    def opened(data: bytes) -> Any:  # noqa: ANN401 - Locust has no types here
        try:
            return read(seal.open(data))  # type: ignore[no-untyped-call] # as above
        except SealError as error:
            raise wrong(error.message) from error

    def closed(message: Message) -> bytes:
        return seal.close(write(message))  # type: ignore[no-untyped-call] # as above

    Message.serialize = closed  # type: ignore[method-assign] # on purpose: for the whole process
    Message.unserialize = staticmethod(opened)  # type: ignore[method-assign] # as above


SHIFT = open_shift()
if (SHIFT.folder / record.SEAL).exists():
    seal_messages(
        bytes.fromhex((SHIFT.folder / record.SEAL).read_text()), MASTER if SHIFT.order.part is None else WORKER
    )
READY = threading.Event()
"""Set when this process can let people in."""


def day(_person: User) -> None:
    """Locust wants a task; what a person does all day is its habit's business."""


class Person(User):
    """One member, and what Locust takes for its greenlet."""

    __slots__ = ()

    tasks = [day]  # noqa: RUF012 - as Locust declares it

    environment: Environment  # the same for all of them
    door: Door
    crowd: Group
    spawned = 0
    dead = False
    name = "person"

    def __init__(self, environment: Environment) -> None:  # pylint: disable=super-init-not-called
        # Locust's own keeps six values for each user that only its greenlet would need.
        Person.environment = environment

    def start(self, group: Group) -> Person:  # whatever stands for a greenlet
        """Come to work: be counted, and be let in when it is one's turn."""
        # A worker may be told to spawn as soon as it has connected, which is before Locust's `init`.
        READY.wait()
        group.add(self)
        Person.crowd = group
        Person.spawned += 1
        self.door.hire()
        if Person.spawned % SPAWNED_AT_ONCE == 0:
            gevent.sleep(0)
        return self

    @property
    def args(self) -> tuple[Person]:
        """What Locust finds a greenlet's user by."""
        return (self,)

    @property
    def greenlet(self) -> Person:
        """What stands for the greenlet."""
        return self

    def stop(self, force: bool = False) -> bool:  # noqa: FBT001, FBT002, ARG002 - Locust's own signature
        """Be counted no longer."""
        self.crowd.discard(self)
        return True

    def kill(self, *_: object, **__: object) -> None:
        """Be counted no longer."""
        self.crowd.discard(self)


@events.init.add_listener  # type: ignore[untyped-decorator] # Locust has no types here
def begin(environment: Environment, **_: Any) -> None:  # noqa: ANN401 - Locust's own arguments
    """Take this process's part: members and clock, members only, or clock only."""
    runner = environment.runner
    if isinstance(runner, MasterRunner):
        _coordinate(environment, runner)
        return
    assert isinstance(runner, LocalRunner | WorkerRunner)  # noqa: S101 - there are no others
    if isinstance(runner, WorkerRunner):
        if SHIFT.order.part is None:  # else it was not forked, and its parent may be the first process of its host
            dies_with_parent()
    else:
        _coordinate(environment, runner)

    def tell(operation: str, answer: Answer) -> None:
        stats = environment.stats
        stats.log_request("", operation, round(answer.seconds * 1000), len(answer.body))
        if answer.error:
            stats.log_error("", operation, answer.error)

    members = SHIFT.begin(runner.worker_index if SHIFT.order.part is None else SHIFT.order.part, tell)
    crew = Crew(SHIFT)
    Person.door = Door(SHIFT, *_openers(), crew.newcomers)
    runner.register_message(WORD, _follow)

    Person.door.start(members)
    crew.start()
    READY.set()
    threading.Thread(target=_stand, args=(runner,), daemon=True).start()


def _openers() -> tuple[Opener, Opener]:
    """How members sign in, and how sessions are minted: over two connections, so that neither waits for the other."""
    broker, mint = (BrokerClient(Path(SHIFT.file.broker)) for _ in range(2))

    def sign_in(users: Sequence[int]) -> dict[int, Session | None]:
        opened: dict[int, Session | None] = {}
        for user in users:
            # Another part of the audit may work with this user: then it is left to it.
            with contextlib.suppress(TargetError):
                opened[user] = broker.lease(user, Part.LOAD)
        return opened

    return sign_in, partial(mint.open_many, part=Part.LOAD)


def _coordinate(environment: Environment, runner: LocalRunner | MasterRunner) -> None:
    """Start the clock with the test; tell what only the coordinating process knows."""
    clock = Clock(SHIFT.order, lambda word: runner.send_message(WORD, {"word": word}))
    noted = record.Summary(bytes_before=proportional_set_size())

    def hear(msg: Any, **_: Any) -> None:  # noqa: ANN401 - Locust's own message
        clock.hear(msg.data["part"], Standing(*msg.data["standing"]))

    def run() -> None:
        clock.run()
        if clock.deaf:
            noted.failures[f"no answer within {DEAF:.0f} seconds"] = 1
        runner.quit()
        if environment.web_ui is not None:
            environment.web_ui.stop()  # type: ignore[no-untyped-call] # as below

    def finish(**_: object) -> None:
        if isinstance(runner, MasterRunner):
            noted.bytes_after = noted.bytes_after or proportional_set_size()
        else:
            noted.bytes_before = 0
        noted.write(SHIFT.folder, record.MASTER)

    runner.register_message(STANDING, hear)
    environment.events.test_start.add_listener(lambda **_: threading.Thread(target=run, daemon=True).start())  # type: ignore[no-untyped-call] # as below
    environment.events.quitting.add_listener(finish)  # type: ignore[no-untyped-call] # as below
    if isinstance(runner, MasterRunner):
        threading.Thread(target=_watch_workers, args=(runner, noted), daemon=True).start()


def _watch_workers(runner: MasterRunner, noted: record.Summary) -> None:
    """Count how often a worker is given up because nothing was heard of it."""
    missing: set[str] = set()
    while True:
        time.sleep(TELL_EVERY)
        now = {client.id for client in runner.clients.all if client.state == STATE_MISSING}
        noted.heartbeats_missed += len(now - missing)
        missing = now


def _follow(msg: Any, **_: Any) -> None:  # noqa: ANN401 - Locust's own message
    """Do as the clock says."""
    if msg.data["word"] == UP:
        SHIFT.everybody_is_up()
    elif msg.data["word"] == OVER:
        SHIFT.over.set()


def _stand(runner: LocalRunner | WorkerRunner) -> None:
    """Tell the clock how this process stands, until the end."""
    while True:
        summary = SHIFT.book.summary
        standing = (SHIFT.answered, summary.asked - summary.requests, bool(summary.stopped))
        runner.send_message(STANDING, {"part": SHIFT.part, "standing": standing})
        time.sleep(TELL_EVERY)


@events.test_stopping.add_listener  # type: ignore[untyped-decorator] # Locust has no types here
def leave(environment: Environment, **_: Any) -> None:  # noqa: ANN401 - Locust's own arguments
    """Send everybody home at once: Locust would start a greenlet for each to end it."""
    SHIFT.over.set()
    runner = environment.runner
    if runner is not None:
        for person in list(runner.user_greenlets):
            runner.user_greenlets.discard(person)


@events.quitting.add_listener  # type: ignore[untyped-decorator] # Locust has no types here
def end(environment: Environment, **_: Any) -> None:  # noqa: ANN401 - Locust's own arguments
    """Report."""
    environment.process_exit_code = 0
    SHIFT.over.set()
    if not isinstance(environment.runner, MasterRunner):
        SHIFT.finish()
