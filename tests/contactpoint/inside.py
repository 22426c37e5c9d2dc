"""A registry in the test's own process, asked over its ASGI interface."""

from __future__ import annotations

import asyncio
import base64
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import orjson
from tests.contactpoint.tables import KIDS, number_of, user_row

from overreach.contactpoint.accounts import PasswordCost, Secret, one_time_code
from overreach.contactpoint.app import App
from overreach.contactpoint.facts import Switches
from overreach.contactpoint.fault import find_faults
from overreach.contactpoint.registry import Choices, open_registry
from overreach.contactpoint.throttle import USUAL, Limits

SECRET = Secret(b"the secret of the tests")
PASSWORD = "correct horse battery staple"  # noqa: S105 - a synthetic user's

Request = tuple[str, str, object, str, dict[str, str]]
"""Method, path, body, token and further headers."""


@dataclass(frozen=True)
class Got:
    """An answer."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes

    @property
    def json(self) -> Any:  # noqa: ANN401 - whatever the registry answers
        """The body, read."""
        return orjson.loads(self.body) if self.body else None


class Inside:
    """A registry and an event loop of its own."""

    def __init__(
        self,
        population: Path,
        folder: Path,
        faults: Sequence[str] = (),
        switches: tuple[str, ...] = (),
        limits: Limits | None = USUAL,
    ) -> None:
        self.database = folder / "registry.sqlite"
        choices = Choices(population, self.database, SECRET, Switches.parse(switches), PasswordCost.LOW, limits=limits)
        self.app: App = open_registry(choices, find_faults(faults))
        self._loop = asyncio.new_event_loop()
        self._tokens: dict[str, str] = {}
        self._secrets: dict[str, str] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.app.parts.storage.close()
        self._loop.close()

    def ask(self, method: str, path: str, body: object = None, *, token: str = "", **headers: str) -> Got:
        """One request, alone."""
        return self.ask_at_once([(method, path, body, token, headers)])[0]

    def ask_at_once(self, requests: Sequence[Request]) -> list[Got]:
        """Several requests in flight together."""

        async def all_of_them() -> list[Got]:
            return list(await asyncio.gather(*(_ask(self.app, request) for request in requests)))

        return self._loop.run_until_complete(all_of_them())

    def secret(self, username: str) -> str:
        """The secret of a user's one-time codes; the account is opened when first asked for."""
        if username not in self._secrets:
            code = SECRET.activation_code(user_row(username))
            activation = {"username": username, "code": code, "password": PASSWORD}
            self._secrets[username] = self.ask("POST", "/accounts/activate", activation).json["totp_secret"]
        return self._secrets[username]

    def token(self, username: str) -> str:
        """The token of a user's session, begun when first asked for."""
        if username not in self._tokens:
            opening = {"username": username, "password": PASSWORD, "code": code_of(self.secret(username))}
            self._tokens[username] = self.ask("POST", "/sessions", opening).json["token"]
        return self._tokens[username]

    def by(self, username: str, method: str, path: str, body: object = None, **headers: str) -> Got:
        """One request of a user who is signed in."""
        return self.ask(method, path, body, token=self.token(username), **headers)

    def view(self, username: str, child: int, reason: str | None = "welfare") -> Got:
        """A view with the right date of birth."""
        return self.by(username, "POST", "/children/view", key_of(child, reason))

    def search(self, username: str, **fields: object) -> Got:
        """A search."""
        return self.by(username, "POST", "/children/search", fields)

    def log(self) -> list[dict[str, Any]]:
        """The whole log, as the central team reads it for a case, a flat row an entry."""
        return [flat(event) for event in self.by("central_team", "GET", "/log?case=tests").json["entries"]]


def flat(event: dict[str, Any]) -> dict[str, Any]:
    """What an AuditEvent says, without its form."""
    status, _hash, *sent = event["extension"]
    asking, *others = event["agent"]
    asked, *records = event["entity"]
    return {
        "sequence": int(event["id"]),
        "user": asking["who"]["identifier"]["value"] if "who" in asking else "",
        "on_behalf_of": others[0]["who"]["identifier"]["value"] if others else "",
        "operation": event["subtype"][0]["code"],
        "query": orjson.loads(base64.b64decode(asked["query"])),
        "results": [each["what"]["identifier"]["value"] for each in records],
        "status": status["valueInteger"],
        "request_id": sent[0]["valueString"] if sent else "",
    }


def key_of(child: int, reason: str | None = "welfare") -> dict[str, str]:
    """The body of a view."""
    body = {"number": number_of(child), "date_of_birth": KIDS[child].born.isoformat()}
    return body if reason is None else {**body, "reason": reason}


def code_of(secret: str, steps: int = 0) -> str:
    """The one-time code of a base-32 secret, `steps` time steps from now."""
    return one_time_code(base64.b32decode(secret), int(time.time()) // 30 + steps)


async def _ask(app: App, request: Request) -> Got:
    method, path, body, token, headers = request
    raw = body if isinstance(body, bytes) else b"" if body is None else orjson.dumps(body)
    path, _, query = path.partition("?")
    sent = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    if token:
        sent.append((b"authorization", f"Bearer {token}".encode()))
    if raw:
        sent.append((b"content-length", str(len(raw)).encode()))
    scope = {"type": "http", "method": method, "path": path, "query_string": query.encode(), "headers": sent}
    status, received, content = 0, (), b""

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": raw, "more_body": False}

    async def send(message: Any) -> None:  # noqa: ANN401 - an ASGI message
        nonlocal status, received, content
        if message["type"] == "http.response.start":
            status, received = message["status"], tuple(message["headers"])
        else:
            content += message.get("body", b"")

    await app(scope, receive, send)
    return Got(status, received, content)
