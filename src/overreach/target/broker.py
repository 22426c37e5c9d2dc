"""One place that signs users in: each user once a run, each session leased to one part at a time."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import socketserver
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from overreach.model.errors import TargetError
from overreach.model.terms import Part
from overreach.target.identity import Refusal, Session

Opener = Callable[[int], Session | Refusal]
ManyOpener = Callable[[Sequence[int]], Mapping[int, Session | Refusal]]
ASKED_AT_ONCE = 50_000  # users in one question over the socket


class Broker:
    """Signs users in on demand and remembers who holds which session."""

    def __init__(self, opener: Opener, many: ManyOpener | None = None) -> None:
        """`opener` signs one user in; `many` mints sessions, where the target allows it."""
        self._open = opener
        self._open_many = many
        self._lock = threading.Lock()
        self._outcome: dict[int, Session | Refusal] = {}
        self._holder: dict[int, Part] = {}
        self._user_of: dict[str, int] = {}

    def lease(self, user: int, part: Part) -> Session | Refusal:
        """The session of a user, for one part; TargetError while another part holds it."""
        with self._lock:
            holder = self._holder.get(user, part)
            if holder is not part:
                message = f"the session of user `{user}` is held by the {holder} part"
                raise TargetError(message, "parts that run at the same time must use different users")
            outcome = self._outcome.get(user)
            if outcome is None:
                outcome = self._open(user)
                self._note(user, outcome)
            if isinstance(outcome, Session):
                self._holder[user] = part
            return outcome

    def open_many(self, users: Sequence[int], part: Part) -> dict[int, Session | Refusal]:
        """The sessions of many users, for one part: minted where the target allows it, by its sign-in otherwise.

        Whoever has a session already keeps it; whom another part holds is left out. TargetError leaves.
        """
        with self._lock:
            free = [user for user in users if self._holder.get(user, part) is part]
            new = [user for user in dict.fromkeys(free) if user not in self._outcome]
            if self._open_many is None:
                for user in new:
                    self._note(user, self._open(user))
            elif new:
                for user, outcome in self._open_many(new).items():
                    self._note(user, outcome)
            outcomes = {user: self._outcome[user] for user in free}
            self._holder.update({user: part for user, each in outcomes.items() if isinstance(each, Session)})
            return outcomes

    def renew(self, users: Sequence[int], part: Part) -> dict[int, Session | Refusal]:
        """New sessions of users who may have one: what was done in the old one is over. Minted, never signed in.

        TargetError leaves, also where the target does not mint.
        """
        with self._lock:
            if self._open_many is None:
                message = "a second session of the same user needs a target that mints sessions"
                raise TargetError(message, "set `mint` in [tool.overreach.target.identity]")
            outcomes = dict(self._open_many(users))
            for user, outcome in outcomes.items():
                self._note(user, outcome)
            self._holder.update({user: part for user, each in outcomes.items() if isinstance(each, Session)})
            return outcomes

    def _note(self, user: int, outcome: Session | Refusal) -> None:
        self._outcome[user] = outcome
        if isinstance(outcome, Session):
            self._user_of[outcome.authorization] = user

    def release(self, part: Part) -> None:
        """Give back every session that a part holds."""
        with self._lock:
            self._holder = {user: holder for user, holder in self._holder.items() if holder is not part}

    def who(self, authorization: str) -> int | None:
        """The user whose session this header opens; None for a stranger."""
        with self._lock:
            return self._user_of.get(authorization)

    def secrets(self) -> frozenset[str]:
        """Every session token that was handed out, for redaction."""
        with self._lock:
            return frozenset(authorization.removeprefix("Bearer ") for authorization in self._user_of)


class BrokerServer:
    """Serves a broker on a Unix socket (mode 0600), one JSON object a line, to parts in other processes."""

    def __init__(self, broker: Broker, path: Path) -> None:
        self.path = path
        old = os.umask(0o177)
        try:
            self._server = _Server(str(path), _handler(broker))
        finally:
            os.umask(old)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop answering and remove the socket."""
        self._server.shutdown()
        self._server.server_close()
        self.path.unlink(missing_ok=True)


class BrokerClient:
    """The broker as a part in another process sees it; one connection, one caller at a time."""

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        try:
            self._socket.connect(str(path))
        except OSError as error:
            message = f"the session broker at `{path}` does not answer"
            raise TargetError(message, "the audit that started this part has ended: start it again") from error
        self._file = self._socket.makefile("rwb")

    def lease(self, user: int, part: Part) -> Session | None:
        """The session of a user; None where the target refused to sign the user in."""
        answer = self._ask({"do": "lease", "user": user, "part": part.value})
        if "error" in answer:
            raise TargetError(str(answer["error"]))
        if "authorization" not in answer:
            return None
        return Session(user, str(answer["username"]), str(answer["authorization"]))

    def open_many(self, users: Sequence[int], part: Part) -> dict[int, Session | None]:
        """The sessions of many users, None for each whom the target refused; whom another part holds is left out."""
        return self._opened("open", users, part)

    def renew(self, users: Sequence[int], part: Part) -> dict[int, Session | None]:
        """New sessions of users who may have one, None for each whom the target refused."""
        return self._opened("renew", users, part)

    def _opened(self, way: str, users: Sequence[int], part: Part) -> dict[int, Session | None]:
        opened: dict[int, Session | None] = {}
        for start in range(0, len(users), ASKED_AT_ONCE):
            some = [int(user) for user in users[start : start + ASKED_AT_ONCE]]
            answer = self._ask({"do": way, "users": some, "part": part.value})
            if "error" in answer:
                raise TargetError(str(answer["error"]))
            for user, username, authorization in cast("list[tuple[int, str, str | None]]", answer["opened"]):
                opened[user] = None if authorization is None else Session(user, username, authorization)
        return opened

    def who(self, authorization: str) -> int | None:
        """The user whose session this header opens; None for a stranger."""
        user = self._ask({"do": "who", "authorization": authorization}).get("user")
        return int(str(user)) if user is not None else None

    def close(self) -> None:
        """Hang up."""
        self._file.close()
        self._socket.close()

    def _ask(self, question: dict[str, object]) -> dict[str, object]:
        try:
            self._file.write(json.dumps(question).encode() + b"\n")
            self._file.flush()
            line = self._file.readline()
        except OSError as error:
            message = "the session broker went away"
            raise TargetError(message) from error
        if not line:
            message = "the session broker went away"
            raise TargetError(message)
        answer: dict[str, object] = json.loads(line)
        return answer


class _Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True
    request_queue_size = 64


def _handler(broker: Broker) -> type[socketserver.StreamRequestHandler]:
    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            # Whoever asked may be gone, or killed half way: nobody waits for this answer then.
            with contextlib.suppress(ConnectionError):
                for line in self.rfile:
                    self.wfile.write(json.dumps(_answer(broker, json.loads(line))).encode() + b"\n")

    return Handler


def _answer(broker: Broker, question: dict[str, Any]) -> dict[str, object]:
    if question["do"] == "who":
        return {"user": broker.who(question["authorization"])}
    try:
        if question["do"] in {"open", "renew"}:
            opens = broker.open_many if question["do"] == "open" else broker.renew
            return {"opened": _opened(opens(question["users"], Part(question["part"])))}
        outcome = broker.lease(int(question["user"]), Part(question["part"]))
    except TargetError as error:
        return {"error": error.message}
    if isinstance(outcome, Refusal):
        return {"refused": outcome.step}
    return {"username": outcome.username, "authorization": outcome.authorization}


def _opened(outcomes: Mapping[int, Session | Refusal]) -> list[tuple[int, str, str | None]]:
    """Row, username and header of each user; no header for a refusal."""
    return [
        (user, each.username, each.authorization) if isinstance(each, Session) else (user, "", None)
        for user, each in outcomes.items()
    ]
