"""A registry as a process of its own, asked over HTTP."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.contactpoint.inside import PASSWORD, SECRET, Got, code_of
from tests.contactpoint.tables import user_row


@dataclass
class Outside:
    """A running registry."""

    url: str
    database: Path
    process: subprocess.Popen[bytes]
    tokens: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, path: str, body: object = None, token: str = "", request_id: str = "") -> Got:
        """One request on a connection of its own."""
        address = urlsplit(self.url)
        connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=10)
        raw = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        if request_id:
            headers["X-Request-ID"] = request_id
        try:
            connection.request(method, path, raw, headers)
            answer = connection.getresponse()
            # The date is the moment's, not the answer's.
            received = tuple(
                (name.lower().encode(), value.encode()) for name, value in answer.getheaders() if name.lower() != "date"
            )
            return Got(answer.status, received, answer.read())
        finally:
            connection.close()

    def activate(self, username: str) -> Any:  # noqa: ANN401 - whatever is answered
        """Open the account of a user and give the answer."""
        code = SECRET.activation_code(user_row(username))
        return self.ask("POST", "/accounts/activate", {"username": username, "code": code, "password": PASSWORD})

    def token(self, username: str) -> str:
        """The token of a user's session, begun when first asked for."""
        if username not in self.tokens:
            secret = self.activate(username).json["totp_secret"]
            opening = {"username": username, "password": PASSWORD, "code": code_of(secret)}
            self.tokens[username] = self.ask("POST", "/sessions", opening).json["token"]
        return self.tokens[username]

    def by(self, username: str, method: str, path: str, body: object = None, request_id: str = "") -> Got:
        """One request of a user who is signed in."""
        return self.ask(method, path, body, self.token(username), request_id)


@contextlib.contextmanager
def started(population: Path, folder: Path, arguments: Sequence[str] = ()) -> Iterator[Outside]:
    """A registry that answers, until the test is over."""
    database = folder / "registry.sqlite"
    secret = folder / "secret"
    secret.write_bytes(SECRET.value)
    command = [sys.executable, "-m", "overreach", "serve", "--population", str(population), "--json"]
    command += ["--database", str(database), "--secret-file", str(secret), "--port", "0"]
    command += ["--password-cost", "low", *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, "OVERREACH_PARENT_DEATH": "1"})
    try:
        assert process.stdout is not None
        yield Outside(json.loads(process.stdout.readline())["url"], database, process)
    finally:
        process.terminate()
        process.wait(10)
        assert process.stdout is not None
        process.stdout.close()
