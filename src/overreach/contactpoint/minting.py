"""Minting: sessions without proof, for loads that would otherwise consist of signing in.

Off unless the registry was started with it, which its database remembers until the next start. Only the proof is left
out: whoever may not sign in gets no session here either, by the same decisions (R4, R5, R6). Each attempt is a row of
the log, `mint_session`, asked by nobody who is signed in, on behalf of the user (R9).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

from overreach.contactpoint.accounts import Secret
from overreach.contactpoint.chain import Heads, genesis, heads_of
from overreach.contactpoint.clock import Clock
from overreach.contactpoint.decisions import standing
from overreach.contactpoint.errors import RegistryError
from overreach.contactpoint.facts import User
from overreach.contactpoint.journal import Entry, StoredLog
from overreach.contactpoint.lockout import StoredLockout
from overreach.contactpoint.sessions import StoredSessions, user_named
from overreach.contactpoint.storage import Storage, facts_of

OPERATION = "mint_session"
BATCH = 250  # sessions in a transaction: a registry that answers meanwhile waits for about 15 ms
PATIENCE = 30.0  # seconds that a batch waits for its turn beside a registry under load

_MARK = "minting"
_LONGEST_LOGGED = 64  # characters of what is meant to be a username
_MINTED, _REFUSED = 201, 403
_ENDED = """DELETE FROM sessions; DELETE FROM given; DELETE FROM declared; DELETE FROM overrides;
DELETE FROM mediations; DELETE FROM unmasked; DELETE FROM desks"""


class Minted(NamedTuple):
    """What became of one username."""

    username: str
    token: str
    """Of the new session; empty where there is none."""
    refused: str = ""
    """Why there is none."""


@dataclass(frozen=True, slots=True)
class Mint:
    """Opens sessions in a database."""

    clock: Clock
    storage: Storage
    sessions: StoredSessions
    lockout: StoredLockout
    log: StoredLog
    heads: Heads

    async def mint(self, usernames: Sequence[str]) -> list[Minted]:
        """A session for each of these users, in one transaction; a session that a user had is over.

        sqlite3.Error leaves, and then none of these sessions exists.
        """
        now = self.clock.now()
        minted = [self._one(username, now) for username in usernames]
        await self.storage.settled()
        return minted

    async def close(self) -> None:
        """Note how far the log has come, and let the database go."""
        self.heads.note()
        await self.storage.settled()
        self.storage.close()

    def _one(self, username: str, now: datetime) -> Minted:
        user = user_named(self.storage, username)
        refused = ", ".join(self._obstacles(user, now))
        token = "" if refused or user is None else self.sessions.start(user.user, now)
        query = {"username": username[:_LONGEST_LOGGED]}
        known = "" if user is None else user.username
        self.log.write(Entry("", OPERATION, query, (), _MINTED if token else _REFUSED, "", known), now)
        return Minted(username, token, refused)

    def _obstacles(self, user: User | None, now: datetime) -> Iterator[str]:
        """Why somebody may not sign in either."""
        if user is None:
            yield "no such account"
            return
        yield from standing.unmet(user, now.date())
        if self.lockout.locked(user.user, now):
            yield "locked out"


def open_mint(database: Path, secret: Secret) -> Mint:
    """The mint of a database whose registry was started with minting, under its own secret; RegistryError otherwise."""
    facts = facts_of(database)
    if facts is None:
        message = f"there is no database at `{database}`"
        raise RegistryError(message, "give the file that `overreach serve --minting --database` made")
    if facts.get("secret") != secret.mark():
        message = f"database `{database}` was made under another secret"
        raise RegistryError(message, "give the secret file of its run")
    if _MARK not in facts:
        message = f"the registry of database `{database}` was not started with minting"
        raise RegistryError(message, "start it with `overreach serve --minting`, for tests only")
    storage = Storage(database, patience=PATIENCE)
    heads = Heads(storage, heads_of(database))
    clock = Clock(date.fromisoformat(facts["as_of"]), float(facts["loaded"]))
    log = StoredLog(storage, genesis(facts["digest"]), heads)
    return Mint(clock, storage, StoredSessions(storage), StoredLockout(storage), log, heads)


def remember(database: Path, *, minting: bool) -> None:
    """Note whether a registry that starts allows minting; sqlite3.Error leaves.

    Where the last one did and this one does not, every session ends: nobody could tell the minted ones.
    """
    facts = facts_of(database) or {}
    if minting == (_MARK in facts):
        return
    with closing(sqlite3.connect(database)) as connection, connection:
        if minting:
            connection.execute("INSERT INTO meta VALUES (?, 'on')", (_MARK,))
            return
        connection.execute("DELETE FROM meta WHERE key = ?", (_MARK,))
        for statement in _ENDED.split(";"):
            connection.execute(statement)
