"""Questions of a worker to its master and the answers, over one TCP connection, sealed.

On the wire: 16 random bytes of either side, which make the connection's own key; then messages, each its length in four
bytes and the sealed text: the length of a JSON object in four bytes, the object, and any bytes that go with it.
"""

from __future__ import annotations

import secrets
import socket
import threading
from dataclasses import dataclass
from typing import Any, Self

import orjson

from overreach.load.sealing import MASTER, WORKER, Seal, SealError, derived
from overreach.model.errors import OverreachError, TargetError

GREETING = 16  # bytes
LENGTH = 4  # bytes
LARGEST = 64 * 1024 * 1024  # bytes of a message
STRANGERS = 64 * 1024  # bytes of the first one, whose sender may be anybody
CONNECT_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Letter:
    """One message."""

    head: dict[str, Any]
    body: bytes = b""

    def pack(self) -> bytes:
        """As bytes; `unpack` reads them again."""
        head = orjson.dumps(self.head)
        return len(head).to_bytes(LENGTH, "big") + head + self.body

    @classmethod
    def unpack(cls, text: bytes) -> Self:
        """The letter of `pack`."""
        end = LENGTH + int.from_bytes(text[:LENGTH], "big")
        return cls(orjson.loads(text[LENGTH:end]), text[end:])


class Post:
    """One end of a connection; made on a connected socket, which it owns."""

    def __init__(self, connected: socket.socket, key: bytes, own: bytes) -> None:
        self._socket = connected
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        greeting = secrets.token_bytes(GREETING)
        connected.sendall(greeting)
        other = self._read(GREETING)
        salt = greeting + other if own == MASTER else other + greeting
        self._seal = Seal(derived(key, salt, b"post"), own)
        self._largest = STRANGERS
        self._lock = threading.Lock()

    @classmethod
    def to(cls, host: str, port: int, key: bytes, patience: float) -> Self:
        """A worker's connection to its master; an answer may take `patience` seconds. OSError where nobody listens."""
        connected = socket.create_connection((host, port), CONNECT_SECONDS)
        try:
            post = cls(connected, key, WORKER)
        except BaseException:
            connected.close()
            raise
        connected.settimeout(patience)
        return post

    def send(self, letter: Letter) -> None:
        """Send a message; OSError where the connection is broken."""
        sealed = self._seal.close(letter.pack())
        self._socket.sendall(len(sealed).to_bytes(LENGTH, "big") + sealed)

    def receive(self) -> Letter:
        """The next message; OSError where there is none, SealError where it is not one of the fleet's."""
        length = int.from_bytes(self._read(LENGTH), "big")
        if length > self._largest:
            message = "a message was not sealed with the fleet's key"
            raise SealError(message, "give every host a copy of the master's key file")
        letter = Letter.unpack(self._seal.open(self._read(length)))
        self._largest = LARGEST
        return letter

    def ask(self, head: dict[str, Any], body: bytes = b"") -> dict[str, Any]:
        """Ask the master and wait for its answer.

        OverreachError with the master's own words where it refuses, TargetError where it does not answer.
        """
        try:
            with self._lock:
                self.send(Letter(head, body))
                answer = self.receive().head
        except OSError as error:
            message = "the master went away"
            raise TargetError(message, "see whether it has ended, and whether its key is the one given here") from error
        if "refused" in answer:
            raise OverreachError(str(answer["refused"]), str(answer.get("remedy", "")))
        return answer

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

    def _read(self, length: int) -> bytes:
        read = bytearray()
        while len(read) < length:
            some = self._socket.recv(min(length - len(read), 1 << 20))
            if not some:
                message = "closed"
                raise ConnectionResetError(message)
            read += some
        return bytes(read)
