"""One keep-alive connection to a target: sends a request, gives back the answer or why there is none."""

from __future__ import annotations

import http.client
from time import perf_counter
from typing import Any
from urllib.parse import urlsplit

from overreach.model.errors import TargetError
from overreach.model.probe import Answer

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
        self._connection = _Connection(parts.hostname, parts.port or 80, timeout=timeout)
        self._fresh = True
        self._silent = 0

    def send(self, method: str, path: str, body: bytes = b"", headers: tuple[tuple[str, str], ...] = ()) -> Answer:
        """Send one request, read the whole answer; `error` says why there is no whole one."""
        answer = self._send_once(method, path, body, headers)
        if answer.error == _DROPPED and not self._fresh:
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

    def _send_once(self, method: str, path: str, body: bytes, headers: tuple[tuple[str, str], ...]) -> Answer:
        started = perf_counter()
        status, error, content = 0, "", b""
        got: tuple[tuple[str, str], ...] = ()
        try:
            response = self._exchange(method, path, body, headers)
            status, got = response.status, tuple(response.getheaders())
            content = response.read(LARGEST_BODY + 1)
            if len(content) > LARGEST_BODY:
                content, error = content[:LARGEST_BODY], f"answer cut at {LARGEST_BODY} bytes"
            elif response.length:  # bytes that were stated and never came
                error = "answer shorter than its stated length"
        except http.client.IncompleteRead as broken:
            content, error = broken.partial, "answer shorter than its stated length"
        except (http.client.HTTPException, OSError) as failure:
            error = _reason(failure)
        if error:
            self._connection.close()
        return Answer(status, got, content, perf_counter() - started, error)

    def _exchange(
        self, method: str, path: str, body: bytes, headers: tuple[tuple[str, str], ...]
    ) -> http.client.HTTPResponse:
        connection = self._connection
        connection.putrequest(method, self._prefix + path, skip_accept_encoding=True)
        for name, value in headers:
            connection.putheader(name, value)
        if body or method in {"POST", "PUT", "PATCH"}:
            connection.putheader("Content-Type", "application/json")
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body or None)
        return connection.getresponse()


_DROPPED = "connection dropped"


class _Connection(http.client.HTTPConnection):
    """Sends head and body of a request together: one packet, so that the server wakes once for each request."""

    def __init__(self, host: str, port: int, timeout: float) -> None:
        self._pending: list[bytes] = []
        super().__init__(host, port, timeout=timeout)

    def send(self, data: Any) -> None:  # noqa: ANN401 - as the base class has it; only bytes are ever given here
        """Keep what is to be sent until the answer is waited for."""
        self._pending.append(data)

    def getresponse(self) -> http.client.HTTPResponse:
        """Send what is pending and wait for the answer."""
        data = b"".join(self._pending)
        self._pending.clear()
        super().send(data)
        return super().getresponse()

    def close(self) -> None:
        """Close, and forget what was never sent."""
        self._pending.clear()
        super().close()


def _reason(failure: Exception) -> str:
    if isinstance(failure, http.client.RemoteDisconnected | ConnectionResetError | BrokenPipeError):
        return _DROPPED
    if isinstance(failure, TimeoutError):
        return "timed out"
    if isinstance(failure, ConnectionRefusedError):
        return "connection refused"
    return f"not HTTP: {type(failure).__name__}"
