"""One keep-alive connection to a target: sends a request, gives back the bytes of the answer or why there are none."""

from __future__ import annotations

import http.client
from time import perf_counter
from urllib.parse import urlsplit

from overreach.model.errors import TargetError
from overreach.model.probe import Answer

LARGEST_BODY = 64 * 1024 * 1024  # bytes; what is longer is cut and therefore unproven


class HttpTarget:
    """A target at `base_url`, seen by one caller at a time.

    Only the hosts in `allow_hosts` are ever spoken to; anything else is a TargetError before a byte is sent.
    """

    def __init__(self, base_url: str, allow_hosts: tuple[str, ...], timeout: float = 10.0) -> None:
        parts = urlsplit(base_url)
        if parts.scheme != "http" or parts.hostname is None:
            message = f"`{base_url}` is not an address of the form http://HOST:PORT"
            raise TargetError(message, "set base_url in [tool.overreach.target]")
        if parts.hostname not in allow_hosts:
            message = f"host `{parts.hostname}` is not in allow_hosts"
            raise TargetError(message, "add it to [tool.overreach.target] if it is a test system of yours")
        self.base_url = base_url.rstrip("/")
        self._prefix = parts.path.rstrip("/")
        self._connection = http.client.HTTPConnection(parts.hostname, parts.port or 80, timeout=timeout)
        self._fresh = True

    def send(
        self, method: str, path: str, body: bytes = b"", headers: tuple[tuple[str, str], ...] = ()
    ) -> Answer:
        """Send one request and read the whole answer; an Answer with `error` set where there is no whole one."""
        answer = self._send_once(method, path, body, headers)
        if answer.error == _DROPPED and not self._fresh:
            # An idle connection that the server had closed meanwhile: no answer began, so asking again is safe.
            self._fresh = True
            answer = self._send_once(method, path, body, headers)
        self._fresh = bool(answer.error)
        return answer

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _send_once(self, method: str, path: str, body: bytes, headers: tuple[tuple[str, str], ...]) -> Answer:
        connection = self._connection
        started = perf_counter()
        status, got, error, content = 0, (), "", b""
        try:
            connection.putrequest(method, self._prefix + path, skip_accept_encoding=True)
            for name, value in headers:
                connection.putheader(name, value)
            if body or method in {"POST", "PUT", "PATCH"}:
                connection.putheader("Content-Type", "application/json")
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body or None)
            response = connection.getresponse()
            status, got = response.status, tuple(response.getheaders())
            content = response.read(LARGEST_BODY + 1)
            if response.isclosed() is False and len(content) > LARGEST_BODY:
                content, error = content[:LARGEST_BODY], f"answer cut at {LARGEST_BODY} bytes"
        except http.client.IncompleteRead as broken:
            content, error = broken.partial, "answer shorter than its stated length"
        except http.client.RemoteDisconnected:
            error = _DROPPED
        except (ConnectionResetError, BrokenPipeError):
            error = _DROPPED
        except TimeoutError:
            error = "timed out"
        except ConnectionRefusedError:
            error = "connection refused"
        except (http.client.HTTPException, OSError) as other:
            error = f"not HTTP: {type(other).__name__}"
        if error:
            connection.close()
        return Answer(status, got, content, perf_counter() - started, error)


_DROPPED = "connection dropped"
