"""A running system with the judge beside it: act as any user, perform any operation, every answer judged."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple, Protocol

import orjson

from overreach.model.decision import Claims
from overreach.model.errors import SyntheticOnlyError
from overreach.model.probe import Answer, Probe, Request
from overreach.model.terms import Action, Facet, Part, Rung
from overreach.pack.config import Operation, Pack
from overreach.policy.grid import Grid
from overreach.population.people import People
from overreach.population.store import Population
from overreach.probe.absent import Absent
from overreach.probe.logbook import entry_of, with_query
from overreach.probe.prober import send
from overreach.probe.session import Bench
from overreach.scenario.expect import Unproven
from overreach.scenario.history import History, at_status
from overreach.scenario.people import Shielding
from overreach.scenario.reply import Reply, judged
from overreach.target.identity import Sender, Session
from overreach.target.operations import Fields, render

_OPENED, _REFUSED = 201, 403


class Halted(KeyboardInterrupt):
    """An answer could concern a real person: every test stops at once, and nothing is tried again."""


class Door(Protocol):
    """How a user comes by a session."""

    def lease(self, user: int) -> Session | None:
        """The session of a user; None where the system refuses to sign the user in."""
        ...


class Question(NamedTuple):
    """One request and what it is about."""

    operation: Operation
    child: int | None
    claims: Claims
    request: Request


class Stage:
    """One running system in a test. `as_(user)` gives somebody to act as."""

    def __init__(self, bench: Bench, sender: Sender, door: Door, name: str) -> None:
        self.bench = bench
        self.people = People(bench.population, bench.grid)
        self.history = History(bench.grid, Shielding(self.people))
        self.absent = Absent(bench.population)
        self._sender = sender
        self._door = door
        self._name = name
        self._requests = itertools.count(1)

    @property
    def pack(self) -> Pack:
        """The configuration."""
        return self.bench.pack

    @property
    def population(self) -> Population:
        """The people of this system."""
        return self.bench.population

    @property
    def grid(self) -> Grid:
        """The policy, decided for these people; follows what acknowledged requests changed."""
        return self.bench.grid

    def as_(self, user: int) -> Actor:
        """A user who is signed in; Unproven where the system refuses."""
        session = self._door.lease(user)
        if session is None:
            name = self.population.user_fields(user)["username"]
            message = f"`{name}` may sign in, and was refused"
            raise Unproven(message)
        return Actor(self, session)

    def sign_in(self, user: int) -> Reply:
        """Try to sign a user in; the reply says only whether a session was opened."""
        method, path = self.pack.target.sign_in
        operation = Operation("sign in", method, path, {}, {}, {}, (), Action.SIGN_IN, None, None, writes=False)
        request = Request(method, path, "", self.next_id())
        opened = self._door.lease(user) is not None
        answer = Answer(_OPENED if opened else _REFUSED, (), b"", 0.0)
        return self.judge(user, Question(operation, None, Claims(), request), answer)

    def reader(self) -> Actor:
        """Somebody who may read the log: the first member of the role that the configuration names."""
        for user in range(self.population.users_count):
            fields = self.population.user_fields(user)
            if fields["role"] == self.pack.target.log_role and self.grid.allows(user, None, Action.READ_LOG, Claims()):
                return self.as_(user)
        message = f"nobody of the role `{self.pack.target.log_role}` may read the log"
        raise Unproven(message)

    def ask(self, session: Session, question: Question) -> Reply:
        """Send a request and judge its answer."""
        return self.judge(session.user, question, send(self._sender, session, question.request))

    def judge(self, user: int, question: Question, answer: Answer) -> Reply:
        """Judge an answer and note what it changed; `Halted` where it could concern a real person."""
        operation, child = question.operation, question.child
        claims = at_status(operation, question.claims, answer.status)
        probe = Probe(
            part=Part.SCENARIOS,
            operation=operation.name,
            user=user,
            role=str(self.population.user_fields(user)["role"]),
            child=child,
            rung=_rung(claims),
            claims=claims,
            request=question.request,
            by=operation.by,
        )
        try:
            reply = judged(self.bench, operation, probe, answer)
        except SyntheticOnlyError as error:
            raise Halted(error.message) from error
        self.history.learn(operation, child, claims, user, answer.status)
        return reply

    def next_id(self) -> str:
        """A correlation id that no other request has."""
        return f"{self._name}-{next(self._requests)}"


class Actor:
    """A signed-in user on a stage."""

    def __init__(self, stage: Stage, session: Session) -> None:
        self.stage = stage
        self.session = session
        self.user = session.user

    @property
    def role(self) -> str:
        """The post that the user holds."""
        return str(self.stage.population.user_fields(self.user)["role"])

    def perform(
        self,
        name: str,
        child: int | None = None,
        *,
        reason: str | None = None,
        fields: Fields | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> Reply:
        """Perform an operation of the configuration; a child without a value that it needs makes it Unproven.

        `fields` replaces values of the child asked about; without a child it is all that is known. `extra` is
        added to the body.
        """
        operation = self.stage.pack.target.operation(name)
        known = {**(self.stage.population.child_fields(child) if child is not None else {}), **(fields or {})}
        claims = self.stage.history.claims(operation, child, self.user, reason)
        said = Claims(reason=reason)
        request = render(operation, known, said, self.stage.next_id())
        if request is None:
            message = f"record `{known.get('number')}` has no value for `{name}`"
            raise Unproven(message)
        if extra:
            body = orjson.dumps({**orjson.loads(request.body or "{}"), **extra}).decode()
            request = Request(request.method, request.path, body, request.request_id)
        return self.stage.ask(self.session, Question(operation, child, claims, request))

    def read(self, place: tuple[str, str], query: str = "") -> Reply:
        """Read the log or the alerts: `place` is method and path, `query` what follows the question mark."""
        method, path = place
        bare = path.partition("?")[0]
        operation = Operation(bare, method, bare, {}, {}, {}, (), Action.READ_LOG, None, None, writes=False)
        request = Request(method, with_query(path, query), "", self.stage.next_id())
        return self.stage.ask(self.session, Question(operation, None, Claims(), request))

    def log(self, after: int = 0, limit: int = 5000) -> Reply:
        """A page of the log."""
        return self.read(self.stage.pack.target.log, f"after={after}&limit={limit}")

    def entries(self, page: Reply) -> list[dict[str, Any]]:
        """The entries of a page of the log, in the engine's own form (`probe.logbook.entry_of`)."""
        return [entry_of(raw, self.stage.pack.target.log_entry) for raw in page.json["entries"]]

    def alerts(self, after: int = 0, limit: int = 5000) -> Reply:
        """A page of the alerts."""
        return self.read(self.stage.pack.target.alerts, f"after={after}&limit={limit}")

    # The operations that most scenarios need, by the names that a pack gives them.

    def view(self, child: int, reason: str | None = None) -> Reply:
        """Ask for a record by number and date of birth."""
        return self.perform("view", child, reason=reason)

    def open(self, child: int) -> Reply:
        """Ask for a record by the number that a search gave."""
        return self.perform("open", child)

    def search(
        self, by: str, child: int | None = None, reason: str | None = None, fields: Fields | None = None
    ) -> Reply:
        """Search by `name`, `postcode`, `telephone` ... for a child's values, or for those in `fields`."""
        return self.perform(f"search by {by}", child, reason=reason, fields=fields)

    def query(self, by: tuple[Facet, ...], values: Mapping[str, Any], reason: str | None = None) -> Reply:
        """Search with a body of one's own; `by` are the facets that its fields name."""
        like = next(each for each in self.stage.pack.target.operations.values() if each.by)
        operation = replace(like, name=f"search by {', '.join(values)}", body={}, by=by)
        carried = {} if reason is None else {operation.claims["reason"]: reason}
        body = orjson.dumps({**values, **carried}).decode()
        request = Request(operation.method, operation.path, body, self.stage.next_id())
        return self.stage.ask(self.session, Question(operation, None, Claims(reason), request))

    def declare(self, child: int, reason: str) -> Reply:
        """State a reason for a record."""
        return self.perform("declare", child, reason=reason)

    def override(self, child: int, reason: str) -> Reply:
        """Break the glass for a record."""
        return self.perform("override", child, reason=reason)

    def end_override(self, child: int) -> Reply:
        """Close the glass again."""
        return self.perform("end override", child)

    def shield(self, child: int) -> Reply:
        """Shield a record."""
        return self.perform("shield", child)

    def unshield(self, child: int) -> Reply:
        """Ask that a shield be lifted, or agree to it."""
        return self.perform("unshield", child)


def _rung(claims: Claims) -> Rung:
    if claims.approvals:
        return Rung.GRANTED
    if claims.override:
        return Rung.OVERRIDE
    return Rung.OPEN if claims.reason is None else Rung.DECLARED
