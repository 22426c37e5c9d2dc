"""One keep-alive connection to a target: sends a request, gives back the answer or why there is none."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from urllib.parse import urlsplit

from overreach.model.errors import TargetError
from overreach.model.probe import Answer
from overreach.target.connection import DROPPED, Connection

GIVE_UP = 5  # requests in a row without any answer
LARGEST_BODY = 64 * 1024 * 1024  # bytes; what is longer is cut and therefore unproven


class HttpTarget:
    """A target at `base_url`, seen by one caller at a time.

    A target that gives no answer `GIVE_UP` times in a row is given up: TargetError.

    Only the hosts in `allow_hosts` are ever spoken to; anything else is a TargetError before a byte is sent.
    """

    def __init__(self, base_url: str, allow_hosts: tuple[str, ...], timeout: float = 6.0) -> None:
        try:
            parts = urlsplit(base_url)
            usable = parts.scheme == "http" and parts.hostname is not None and (parts.port or 80) > 0
        except ValueError:
            usable = False
        if not usable or parts.hostname is None:
            message = f"`{base_url}` is not an address of the form http://HOST:PORT"
            raise TargetError(message, "set base_url in [tool.overreach.target]")
        if parts.hostname not in allow_hosts:
            message = f"host `{parts.hostname}` is not in allow_hosts"
            raise TargetError(message, "add it to [tool.overreach.target] if it is a test system of yours")
        self.base_url = base_url.rstrip("/")
        self._prefix = parts.path.rstrip("/")
        self._connection = Connection(parts.hostname, parts.port or 80, timeout, LARGEST_BODY)
        self._host = self._connection.host_header
        self._fresh = True
        self._silent = 0

    def send(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        headers: tuple[tuple[str, str], ...] = (),
        meanwhile: Callable[[], None] | None = None,
    ) -> Answer:
        """Send one request, read the whole answer; `error` says why there is no whole one.

        `meanwhile` is called while the target is at work, again where the request is sent again, and what it raises
        leaves. Its time counts as the target's only where the system does not note when an answer came.
        """
        answer = self._send_once(method, path, body, headers, meanwhile)
        if answer.error == DROPPED and not self._fresh:
            # An idle connection that the server had closed meanwhile: no answer began, so asking again is safe.
            self._fresh = True
            answer = self._send_once(method, path, body, headers)
        self._fresh = bool(answer.error)
        self._silent = self._silent + 1 if answer.status == 0 else 0
        if self._silent >= GIVE_UP:
            message = (
                f"the target at `{self.base_url}` does not answer any more: {answer.error}, {GIVE_UP} times in a row"
            )
            raise TargetError(message, "see whether it is still running; nothing of this run was kept")
        return answer

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _send_once(
        self,
        method: str,
        path: str,
        body: bytes,
        headers: tuple[tuple[str, str], ...],
        meanwhile: Callable[[], None] | None = None,
    ) -> Answer:
        started = perf_counter()
        lines = [f"{method} {self._prefix}{path} HTTP/1.1", f"Host: {self._host}"]
        lines += [f"{name}: {value}" for name, value in headers]
        if body or method in {"POST", "PUT", "PATCH"}:
            lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
        # One packet, so that the server wakes once for each request.
        request = "\r\n".join((*lines, "", "")).encode("latin-1") + body
        got = self._connection.exchange(request, head_only=method == "HEAD", meanwhile=meanwhile)
        seconds = max(perf_counter() - started - got.unread, 0.0)
        return Answer(got.status, tuple(got.headers), got.body, seconds, got.error)
