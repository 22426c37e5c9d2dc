"""Accounts: a code that works once, a password, and time-based one-time codes (R6).

Nothing that opens an account lies in the database in clear: activation codes and one-time-code secrets derive
from the run's secret, passwords are argon2id hashes.
"""

from __future__ import annotations

import asyncio
import base64
import hmac
import secrets
import struct
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from overreach.contactpoint.facts import User
from overreach.contactpoint.sessions import user_named
from overreach.contactpoint.storage import Storage

STEP = 30  # seconds that a one-time code holds (RFC 6238)
DIGITS = 6
DRIFT = 1  # steps that a user's clock may be off
CODE_LENGTH = 20


class PasswordCost(StrEnum):
    """What one guess of a password costs; `low` is for audits, where thousands sign in within seconds."""

    LOW = "low"
    HIGH = "high"

    @property
    def hasher(self) -> PasswordHasher:
        """Argon2id at this cost: memory in KiB."""
        if self is PasswordCost.LOW:
            return PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
        return PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


@dataclass(frozen=True, slots=True)
class Secret:
    """The run's secret and what derives from it."""

    value: bytes

    def activation_code(self, user: int) -> str:
        """The code that the user received by letter."""
        return self._derive(f"activation:{user}".encode()).hex()[:CODE_LENGTH]

    def one_time_key(self, user: int, nonce: bytes) -> bytes:
        """The key behind a user's one-time codes: 20 bytes, new with each activation."""
        return self._derive(f"totp:{user}:".encode() + nonce)[:20]

    def backup_key(self) -> bytes:
        """The key of the backup: 32 bytes."""
        return self._derive(b"backup")

    def withdrawal_key(self) -> bytes:
        """The key of the digests of providers whose entries were withdrawn: 32 bytes."""
        return self._derive(b"withdrawal")

    def pseudonym(self, number: str) -> str:
        """What stands for a record number where it may not be read: always the same, and of no use outside."""
        return f"record-{self._derive(f'pseudonym:{number}'.encode()).hex()[:16]}"

    def mark(self) -> str:
        """What a database keeps to know its secret again."""
        return self._derive(b"mark").hex()

    def _derive(self, purpose: bytes) -> bytes:
        return hmac.digest(self.value, purpose, "sha256")


class Accounts(Protocol):
    """The port; all state lies in the database."""

    def named(self, username: str) -> User | None:
        """The user of that name, whatever the state of the account."""

    async def activate(self, user: User | None, code: str, password: str) -> str | None:
        """The base-32 secret of the user's one-time codes; None where the code does not fit or was used."""

    async def proves(self, user: User | None, password: str, code: str) -> bool:
        """Whether password and one-time code are right; the code is used up by it."""


class StoredAccounts:
    """Accounts in the database."""

    def __init__(self, storage: Storage, secret: Secret, cost: PasswordCost, wall: Wall) -> None:
        self._storage = storage
        self._secret = secret
        self._hasher = cost.hasher
        self._aside = cost is PasswordCost.HIGH
        self._wall = wall
        # Somebody unknown costs what somebody known costs.
        self._decoy = self._hasher.hash(secrets.token_urlsafe(16))

    def named(self, username: str) -> User | None:
        """The user of that name, whatever the state of the account."""
        return user_named(self._storage, username)

    async def activate(self, user: User | None, code: str, password: str) -> str | None:
        """The base-32 secret of the user's one-time codes; None where the code does not fit or was used."""
        hashed = await self._hash(password)
        expected = self._secret.activation_code(-1 if user is None else user.user)
        if not hmac.compare_digest(expected.encode(), code.encode()) or user is None:
            return None
        nonce = secrets.token_bytes(16)
        values = (user.user, hashed, nonce)
        made = self._storage.run("INSERT OR IGNORE INTO accounts VALUES (?, ?, ?, -1)", values)
        if not made.rowcount:
            return None
        return base64.b32encode(self._secret.one_time_key(user.user, nonce)).decode()

    async def proves(self, user: User | None, password: str, code: str) -> bool:
        """Whether password and one-time code are right; the code is used up by it."""
        row = None
        if user is not None:
            statement = "SELECT password, nonce FROM accounts WHERE user = ?"
            row = self._storage.run(statement, (user.user,)).fetchone()
        hashed, nonce = (self._decoy, b"") if row is None else row
        right = await self._verify(hashed, password)
        step = self._step_of(self._secret.one_time_key(-1 if user is None else user.user, nonce), code)
        if not right or step is None or user is None or row is None:
            return False
        # A code works once: a step that was used, or one before it, is never taken again.
        statement = "UPDATE accounts SET last_step = ? WHERE user = ? AND password = ? AND last_step < ?"
        return self._storage.run(statement, (step, user.user, hashed, step)).rowcount == 1

    def _step_of(self, key: bytes, code: str) -> int | None:
        now = int(self._wall()) // STEP
        for step in range(now - DRIFT, now + DRIFT + 1):
            if hmac.compare_digest(one_time_code(key, step).encode(), code.encode()):
                return step
        return None

    async def _hash(self, password: str) -> str:
        if self._aside:
            return await asyncio.to_thread(self._hasher.hash, password)
        return self._hasher.hash(password)

    async def _verify(self, hashed: str, password: str) -> bool:
        try:
            if self._aside:
                await asyncio.to_thread(self._hasher.verify, hashed, password)
            else:
                self._hasher.verify(hashed, password)
        except VerificationError:
            return False
        return True


class Wall(Protocol):
    """Wall time in seconds."""

    def __call__(self) -> float:
        """Now."""


def one_time_code(key: bytes, step: int) -> str:
    """The code of a time step (RFC 6238 with SHA-1, six digits)."""
    digest = hmac.digest(key, struct.pack(">Q", step), "sha1")
    offset = digest[-1] & 15
    number = struct.unpack(">I", digest[offset : offset + 4])[0] & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}d}"
