"""One connection to the target as a load uses it: an answer for each request, whatever went wrong.

Answers are kept as they came, redirects and content encodings included. The parser is the sweep's
(`target.connection`); sockets are those of the standard library, which Locust makes cooperative.
"""

from __future__ import annotations

from time import perf_counter
from urllib.parse import urlsplit

from overreach.model.probe import Answer, Request
from overreach.target.connection import DROPPED, Connection
from overreach.target.http import LARGEST_BODY

TIMEOUT = 10.0
"""Seconds that a whole answer may take."""
AGENT = "overreach"
AGAIN = "-again"
"""Ends the id of a request that is sent a second time: the log may have a row of either."""


class Line:
    """One caller at a time; opened when first used and after every break."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        self._connection = Connection(parts.hostname or "", parts.port or 80, TIMEOUT, LARGEST_BODY)
        self._prefix = parts.path.rstrip("/")
        self._fresh = True

    def exchange(self, request: Request, authorization: str, agent: str = AGENT) -> Answer:
        """Send a request, read the whole answer; `error` says why there is no whole one."""
        began = perf_counter()
        lines = [
            f"{request.method} {self._prefix}{request.path} HTTP/1.1",
            f"Host: {self._connection.host_header}",
            f"Authorization: {authorization}",
            f"X-Request-ID: {request.request_id}",
            f"User-Agent: {agent}",
            "Accept-Encoding: identity",
        ]
        body = request.body.encode()
        if body or request.method != "GET":
            lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
        data = "\r\n".join((*lines, "", "")).encode("latin-1") + body
        got = self._connection.exchange(data)
        if got.error == DROPPED and not self._fresh:
            # An idle connection that the server had closed meanwhile: no answer began, so asking again is safe.
            named = f"X-Request-ID: {request.request_id}".encode("latin-1")
            got = self._connection.exchange(data.replace(named, named + AGAIN.encode(), 1))
        self._fresh = bool(got.error)
        error = f"no answer: {got.error}" if got.error and not got.status else got.error
        return Answer(got.status, tuple(got.headers), got.body, perf_counter() - began, error)

    def open(self) -> None:
        """Connect now, not only with the first request."""
        self._connection.open()

    def close(self) -> None:
        """Hang up."""
        self._connection.close()
