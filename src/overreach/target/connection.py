"""One keep-alive HTTP/1.1 connection: bytes out, one whole answer in, or why there is none.

The parser is llhttp (httptools): reading an answer with the standard library's client costs more than most
targets take to give it.
"""

from __future__ import annotations

import contextlib
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from time import monotonic, time

import httptools

DROPPED = "connection dropped"
SHORT = "answer shorter than its stated length"
TIMED_OUT = "timed out"
MOST_HEADERS = 100
LONGEST_HEAD = 65536  # bytes
CHUNK = 65536  # bytes taken from the socket at a time; room for more is asked of the system anew for each answer
_TIMESTAMPNS = 35  # SO_TIMESTAMPNS of Linux, which the standard library does not name
_MOMENT = struct.Struct("@ll")  # its struct timespec: seconds and nanoseconds since 1970
_ROOM = socket.CMSG_SPACE(_MOMENT.size)


@dataclass(slots=True)
class Received:
    """What came back."""

    status: int = 0
    """0 where no whole head of an answer came."""
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""
    error: str = ""
    """Why it is not a whole answer; empty for a whole one."""
    unread: float = 0.0
    """Seconds for which it had come and lay there while the caller did something else."""


class Connection:
    """Opened when first used and after every break; `timeout` seconds are for a whole answer."""

    def __init__(self, host: str, port: int, timeout: float, largest_body: int) -> None:
        self.host_header = f"{host}:{port}" if ":" not in host else f"[{host}]:{port}"
        self._address = (host, port)
        self._timeout = timeout
        self._largest = largest_body
        self._socket: socket.socket | None = None
        self._notes = False

    def exchange(
        self, request: bytes, *, head_only: bool = False, meanwhile: Callable[[], None] | None = None
    ) -> Received:
        """Send a request in one piece and read its answer; `head_only` where an answer has no body (HEAD).

        `meanwhile` is called between the two, while the target is at work; what it raises leaves, and the
        connection is not used again.
        """
        reading = _Reading(self._largest, head_only=head_only)
        try:
            self._send(request, noting=meanwhile is not None)
        except OSError as failure:
            reading.failed(failure)
        if meanwhile is not None and not reading.error:
            self._do(meanwhile)
        if not reading.error:
            try:
                self._read(reading, noted=meanwhile is not None)
            except (httptools.HttpParserError, OSError) as failure:
                reading.failed(failure)
        if reading.error or not reading.keeps:
            self.close()
        return reading.received()

    def open(self) -> None:
        """Connect, so that the first request loses no time; what hinders it is told by that request."""
        with contextlib.suppress(OSError):
            self._connected()

    def close(self) -> None:
        """Hang up."""
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.close()
            self._socket = None

    def _send(self, request: bytes, *, noting: bool) -> None:
        """Send a request; with `noting`, the system notes when the answer comes."""
        connection = self._connected()
        if noting and not self._notes:
            self._notes = True
            with contextlib.suppress(OSError):
                # Where the system cannot, an answer counts as come when it is read.
                connection.setsockopt(socket.SOL_SOCKET, _TIMESTAMPNS, 1)
        if connection.gettimeout() != self._timeout:
            connection.settimeout(self._timeout)
        sent = connection.send(request)
        if sent < len(request):
            connection.sendall(request[sent:])

    def _connected(self) -> socket.socket:
        if self._socket is None:
            self._socket = socket.create_connection(self._address, self._timeout)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._notes = False
        return self._socket

    def _do(self, meanwhile: Callable[[], None]) -> None:
        try:
            meanwhile()
        except BaseException:
            # The answer that is still to come would be taken for that of the next request.
            self.close()
            raise

    def _read(self, reading: _Reading, *, noted: bool) -> None:
        """Read an answer; with `noted`, also for how long it has been there."""
        connection = self._socket
        assert connection is not None  # noqa: S101 - a request was sent
        # What the caller did meanwhile is not the target's time.
        deadline = monotonic() + self._timeout
        while not reading.done:
            if noted:
                data, notes, _, _ = connection.recvmsg(CHUNK, _ROOM)
                reading.unread = _lain(notes)
            else:
                data = connection.recv(CHUNK)
            if not data:
                reading.ended()
                return
            reading.feed(data)
            if not reading.done:
                # A target that drips must not hold its caller for longer than one that is silent.
                connection.settimeout(max(deadline - monotonic(), 0.001))


def _lain(notes: list[tuple[int, int, bytes]]) -> float:
    """Seconds since the system received what was read; 0 where it notes no moments."""
    now = time()
    for level, kind, value in notes:
        if (level, kind) == (socket.SOL_SOCKET, _TIMESTAMPNS) and len(value) == _MOMENT.size:
            seconds, nanoseconds = _MOMENT.unpack(value)
            return max(float(now - seconds - nanoseconds / 1e9), 0.0)
    return 0.0


@lru_cache(maxsize=256)
def _text(name: bytes) -> str:
    """The name of a header: a target has few, and each is one text in memory however many answers are kept."""
    return name.decode("latin-1")


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
        self.unread = 0.0
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

    def failed(self, failure: Exception) -> None:
        """Asking or reading did not come to its end."""
        if isinstance(failure, TimeoutError):
            self.error = TIMED_OUT
        elif isinstance(failure, ConnectionRefusedError):
            self.error = "connection refused"
        elif isinstance(failure, (ConnectionResetError, BrokenPipeError)):
            self.error = self.broken_off()
        else:
            self.error = f"not HTTP: {type(failure).__name__}"

    def received(self) -> Received:
        """What was read."""
        return Received(
            self._status, self._headers if self._status else [], b"".join(self._body), self.error, self.unread
        )

    def on_message_begin(self) -> None:
        """A second answer, to no request: it belongs to nobody, and the connection is not used again."""
        if self.done:
            self.keeps = False

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header; those of chunks' ends are no headers of the answer."""
        if self._status or self.done:
            return
        self._headers.append((_text(name), value.decode("latin-1")))
        lower = name.lower()
        if lower == b"content-length":
            self._stated = int(value) if value.isdigit() else None
        elif lower == b"transfer-encoding":
            self._chunked = b"chunked" in value.lower()

    def on_headers_complete(self) -> None:
        """The end of the head; one of 1xx comes before the answer itself."""
        if self.done:
            return
        size = sum([len(name) + len(value) for name, value in self._headers])
        if len(self._headers) > MOST_HEADERS or size > LONGEST_HEAD:
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
