"""How users of a stage come by their sessions."""

from __future__ import annotations

import time
from dataclasses import dataclass

import orjson

from overreach.model.errors import TargetError
from overreach.model.probe import Answer
from overreach.model.terms import Part
from overreach.pack.config import TargetConfig
from overreach.population.store import Population
from overreach.target.broker import BrokerClient
from overreach.target.identity import STEP, Credentials, Sender, Session, one_time_code


class Leases:
    """Sessions of the run's own broker: each user is signed in once a run."""

    def __init__(self, broker: BrokerClient) -> None:
        self._broker = broker

    def lease(self, user: int) -> Session | None:
        """The session of a user; TargetError while another part of the run holds it."""
        return self._broker.lease(user, Part.SCENARIOS)


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What a user needs to sign in again."""

    user: int
    username: str
    secret: str
    """Of the time-based codes, in base 32."""


class Desk:
    """Activates accounts and opens sessions in a world; its users are enrolled before the snapshot."""

    def __init__(self, sender: Sender, config: TargetConfig, credentials: Credentials, population: Population) -> None:
        self._sender = sender
        self._config = config
        self._credentials = credentials
        self._population = population
        self._enrolled: dict[int, Enrolment] = {}
        self._sessions: dict[int, Session] = {}

    def lease(self, user: int) -> Session | None:
        """The session of a user who was enrolled; None for anybody else."""
        return self._sessions.get(user)

    def enrol(self, user: int) -> None:
        """Activate an account and sign in; TargetError where the system refuses."""
        username = str(self._population.user_fields(user)["username"])
        secret = _member(self._activate(user, username), "totp_secret")
        self._enrolled[user] = Enrolment(user, username, secret)
        token = _member(self.sign_in(user), "token") if secret else ""
        if not token:
            message = f"`{username}` may sign in, and was refused"
            raise TargetError(message, "the scenarios need a registry that lets its users in")
        self._sessions[user] = Session(user, username, f"Bearer {token}")

    def sign_in(self, user: int, code: str | None = None) -> Answer:
        """Sign an enrolled user in once more, with the one-time code of now or with a given one."""
        enrolment = self._enrolled[user]
        return self._post(
            self._config.sign_in,
            {
                "username": enrolment.username,
                "password": self._credentials.password(user),
                "code": code or one_time_code(enrolment.secret, time.time()),
            },
        )

    def next_code(self, user: int) -> str:
        """The one-time code of the step after this one: one that has never been used."""
        return one_time_code(self._enrolled[user].secret, time.time() + STEP)

    def session(self, user: int, answer: Answer) -> Session | None:
        """The session that an answer to a sign-in opened; None where it opened none."""
        token = _member(answer, "token")
        return Session(user, self._enrolled[user].username, f"Bearer {token}") if token else None

    def _activate(self, user: int, username: str) -> Answer:
        code, password = self._credentials.activation_code(user), self._credentials.password(user)
        return self._post(self._config.activate, {"username": username, "code": code, "password": password})

    def _post(self, request: tuple[str, str], body: dict[str, str]) -> Answer:
        method, path = request
        return self._sender.send(method, path, orjson.dumps(body))


def _member(answer: Answer, name: str) -> str:
    try:
        value = orjson.loads(answer.body)[name]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return ""
    return value if isinstance(value, str) else ""
