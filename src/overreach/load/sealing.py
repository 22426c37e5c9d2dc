"""What hosts of a fleet say to each other, sealed with a key that only they have (AES-256-GCM, RFC 5116).

Whoever lacks the key can neither read nor say anything, nor say again what was said before: each sender counts its
messages, each connection and each run has a key of its own (HKDF-SHA-256, RFC 5869), and either side speaks with its
own.
"""

from __future__ import annotations

import base64
import binascii
import os
import secrets
import stat
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from overreach.model.errors import OverreachError

KEY_BYTES = 32
NAME_BYTES = 16  # of a sender
COUNT_BYTES = 8
REMEMBERED = 1024  # messages of one sender that may overtake each other
MASTER, WORKER = b"master", b"worker"
_PURPOSE = b"overreach load fleet 1 "


class SealError(OverreachError):
    """A message that nobody with the key has just said."""


def make_key(file: Path) -> None:
    """Write a new key, readable by its owner alone; OverreachError where it cannot be written, or is there already."""
    try:
        write_private(file, base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)) + b"\n")
    except OSError as error:
        message = f"`{file}` cannot be written: {(error.strerror or str(error)).lower()}"
        raise OverreachError(message, "name another file with --key-file") from error


def write_private(file: Path, text: bytes) -> None:
    """Write a new file that its owner alone may read; OSError where there is one already."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as open_file:
        open_file.write(text)


def read_key(file: Path) -> bytes:
    """The key in a file; OverreachError where there is none, or where others may read it."""
    remedy = f"copy the master's key here, then: chmod 600 {file}"
    try:
        with file.open("rb") as open_file:
            others = os.fstat(open_file.fileno()).st_mode & (stat.S_IRWXG | stat.S_IRWXO)
            key = base64.urlsafe_b64decode(open_file.read(1024))
    except OSError as error:
        message = f"the key file `{file}` cannot be read: {(error.strerror or '').lower()}"
        raise OverreachError(message, remedy) from error
    except binascii.Error:
        key = b""
    if others:
        message = f"others may read the key file `{file}`"
        raise OverreachError(message, remedy)
    if len(key) != KEY_BYTES:
        message = f"`{file}` holds no key"
        raise OverreachError(message, remedy)
    return key


def derived(key: bytes, salt: bytes, purpose: bytes) -> bytes:
    """Another key, of which the first cannot be told."""
    return HKDF(SHA256(), KEY_BYTES, salt, _PURPOSE + purpose).derive(key)


@dataclass(slots=True)
class _Sender:
    """What was heard of one sender."""

    cipher: AESGCM
    highest: int = -1
    recent: deque[int] = field(default_factory=lambda: deque(maxlen=REMEMBERED))

    def is_new(self, count: int) -> bool:
        return count > self.highest - REMEMBERED and count not in self.recent


class Seal:
    """Closes what one side says, and opens what the other side said."""

    def __init__(self, key: bytes, own: bytes) -> None:
        """`own` is the side that this one speaks as: `MASTER` or `WORKER`."""
        self._key = key
        self._other = WORKER if own == MASTER else MASTER
        self._name = secrets.token_bytes(NAME_BYTES)
        self._cipher = self._cipher_of(own, self._name)
        self._count = 0
        self._senders: dict[bytes, _Sender] = {}

    def close(self, text: bytes) -> bytes:
        """The sealed message: who says it, how many it said before, the text."""
        head = self._name + self._count.to_bytes(COUNT_BYTES, "big")
        # Each sender has a key of its own, so that its count is a nonce that never comes twice.
        nonce = self._count.to_bytes(12, "big")
        self._count += 1
        return head + self._cipher.encrypt(nonce, text, head)

    def open(self, sealed: bytes) -> bytes:
        """The text of a message of the other side; SealError where it is not, or was opened before."""
        head = sealed[: NAME_BYTES + COUNT_BYTES]
        name, count = head[:NAME_BYTES], int.from_bytes(head[NAME_BYTES:], "big")
        known = self._senders.get(name)
        sender = known or _Sender(self._cipher_of(self._other, name))
        try:
            text = sender.cipher.decrypt(count.to_bytes(12, "big"), sealed[len(head) :], head)
        except (InvalidTag, ValueError, OverflowError) as error:
            message = "a message was not sealed with the fleet's key"
            raise SealError(message, "give every host a copy of the master's key file") from error
        if not sender.is_new(count):
            message = "a message was said again"
            raise SealError(message, "somebody between the hosts of the fleet repeats what they say")
        sender.highest = max(sender.highest, count)
        sender.recent.append(count)
        self._senders[name] = sender
        return text

    def _cipher_of(self, side: bytes, name: bytes) -> AESGCM:
        return AESGCM(derived(self._key, name, side))
