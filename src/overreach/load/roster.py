"""Who belongs to a fleet, as its master knows them."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from overreach.load.lease import GONE_AFTER, LOST_AFTER


@dataclass(frozen=True, slots=True)
class FleetOrder:
    """Which workers are waited for, and where."""

    host: str
    port: int
    """Of the master; Locust's own is the next one."""
    key: bytes
    workers: int
    marks: Mapping[str, str] = field(default_factory=dict)
    """What every host must have alike (`load.alike`)."""
    members: Sequence[int] = ()
    """Everybody who may take part, in order."""
    minting: bool = True
    """Whether the target can be asked for new sessions of users who have one."""


@dataclass(slots=True)
class Worker:
    """A worker that has joined."""

    host: str
    slack: float
    """Seconds that its clock may differ from the master's."""
    heard: float = field(default_factory=time.monotonic)
    gone: bool = False
    """Whether it has hung up."""
    stage: Literal["joined", "working", "ended", "lost"] = "joined"
    part: int = -1
    members: Sequence[int] = ()
    """Who of all may take part here, in order."""
    share: int = 0
    """How many of them do."""
    adopted: list[int] = field(default_factory=list)
    """Users of lost workers who went on here."""
    refused: set[int] = field(default_factory=set)
    """Of all these, whom the target refused."""
    news: list[dict[str, Any]] = field(default_factory=list)
    """Adopted users, as it is still to be told of them."""
    known: float = 0.0
    """Seconds since the epoch: everything it did before has been received. 0 where it has not begun."""
    ended: float = 0.0
    """When, of `time.monotonic`."""

    @property
    def users(self) -> list[int]:
        """Whom it has: members whom the target refuses make room for the next."""
        own = [user for user in self.members if user not in self.refused]
        return own[: self.share] + [user for user in self.adopted if user not in self.refused]

    @property
    def silent(self) -> bool:
        """Whether nothing was heard of it for so long that its lease is over."""
        return time.monotonic() - self.heard > (GONE_AFTER if self.gone else LOST_AFTER)
