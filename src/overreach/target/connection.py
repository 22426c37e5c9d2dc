"""One keep-alive HTTP/1.1 connection: bytes out, one whole answer in, or why there is none.

The parser is llhttp (httptools): reading an answer with the standard library's client costs more than most
targets take to give it.
"""

from __future__ import annotations

import contextlib
import socket
from dataclasses import dataclass, field
from itertools import chain
from time import monotonic

import httptools

DROPPED = "connection dropped"
SHORT = "answer shorter than its stated length"
TIMED_OUT = "timed out"
MOST_HEADERS = 100
LONGEST_HEAD = 65536  # bytes
CHUNK = 262144  # bytes taken from the socket at a time


@dataclass(slots=True)
class Received:
    """What came back."""

    status: int = 0
    """0 where no whole head of an answer came."""
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""
    error: str = ""
    """Why it is not a whole answer; empty for a whole one."""


class Connection:
    """Opened when first used and after every break; `timeout` seconds are for a whole answer."""

    def __init__(self, host: str, port: int, timeout: float, largest_body: int) -> None:
        self.host_header = f"{host}:{port}" if ":" not in host else f"[{host}]:{port}"
        self._address = (host, port)
        self._timeout = timeout
        self._largest = largest_body
        self._socket: socket.socket | None = None

    def exchange(self, request: bytes, *, head_only: bool = False) -> Received:
        """Send a request in one piece and read its answer; `head_only` where an answer has no body (HEAD)."""
        reading = _Reading(self._largest, head_only=head_only)
        try:
            if self._socket is None:
                self._socket = socket.create_connection(self._address, self._timeout)
                self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._read(self._socket, request, reading)
        except TimeoutError:
            reading.error = TIMED_OUT
        except ConnectionRefusedError:
            reading.error = "connection refused"
        except (ConnectionResetError, BrokenPipeError):
            reading.error = reading.broken_off()
        except (httptools.HttpParserError, OSError) as failure:
            reading.error = f"not HTTP: {type(failure).__name__}"
        if reading.error or not reading.keeps:
            self.close()
        return reading.received()

    def close(self) -> None:
        """Hang up."""
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.close()
            self._socket = None

    def _read(self, connection: socket.socket, request: bytes, reading: _Reading) -> None:
        deadline = monotonic() + self._timeout
        connection.settimeout(self._timeout)
        connection.sendall(request)
        while not reading.done:
            data = connection.recv(CHUNK)
            if not data:
                reading.ended()
                return
            reading.feed(data)
            if not reading.done:
                # A target that drips must not hold its caller for longer than one that is silent.
                connection.settimeout(max(deadline - monotonic(), 0.001))


class _Reading:
    """The callbacks of the parser, for one answer."""

    def __init__(self, largest: int, *, head_only: bool) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._largest = largest
        self._head_only = head_only
        self._headers: list[tuple[str, str]] = []
        self._body: list[bytes] = []
        self._size = 0
        self._fed = 0
        self._status = 0
        self._stated: int | None = None
        self._chunked = False
        self.error = ""
        self.keeps = False
        self.done = False

    def feed(self, data: bytes) -> None:
        """Bytes of the answer."""
        self._fed += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            if not self.done:
                raise
            # What follows a whole answer is no HTTP: it belongs to nobody.
            self.keeps = False
        if not self._status and self._fed > LONGEST_HEAD:
            message = "the head of the answer has no end"
            raise httptools.HttpParserError(message)

    def ended(self) -> None:
        """The target hung up: the end of an answer without a stated length, a break in any other."""
        if self._status and self._stated is None and not self._chunked:
            self.done = True
        else:
            self.error = self.broken_off()

    def broken_off(self) -> str:
        """Why an answer ended before its end."""
        return SHORT if self._status else DROPPED

    def received(self) -> Received:
        """What was read."""
        return Received(self._status, self._headers if self._status else [], b"".join(self._body), self.error)

    def on_message_begin(self) -> None:
        """A second answer, to no request: it belongs to nobody, and the connection is not used again."""
        if self.done:
            self.keeps = False

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header; those of chunks' ends are no headers of the answer."""
        if self._status or self.done:
            return
        self._headers.append((name.decode("latin-1"), value.decode("latin-1")))
        lower = name.lower()
        if lower == b"content-length":
            self._stated = int(value) if value.isdigit() else None
        elif lower == b"transfer-encoding":
            self._chunked = b"chunked" in value.lower()

    def on_headers_complete(self) -> None:
        """The end of the head; one of 1xx comes before the answer itself."""
        if self.done:
            return
        if len(self._headers) > MOST_HEADERS or sum(map(len, chain(*self._headers))) > LONGEST_HEAD:
            message = "the head of the answer is too large"
            raise httptools.HttpParserError(message)
        status = self._parser.get_status_code()
        if status < 200:  # noqa: PLR2004 - 1xx
            self._headers.clear()
            return
        self._status = status
        if self._head_only:
            # What is stated is the length that a body would have: the connection is not used again, so that none is
            # waited for.
            self.done = True

    def on_body(self, data: bytes) -> None:
        """A piece of the body."""
        if self.done:
            return
        self._body.append(data)
        self._size += len(data)
        if self._size > self._largest:
            self._body[-1] = data[: len(data) - (self._size - self._largest)]
            self.error, self.done = f"answer cut at {self._largest} bytes", True

    def on_message_complete(self) -> None:
        """The end of the answer."""
        if self._status and not self.done:
            self.done, self.keeps = True, self._parser.should_keep_alive()
