"""Asking a running system one thing as one user, with claims that are reached as a user reaches them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from overreach.model.decision import Claims, RungContext
from overreach.model.terms import Part, Rung, Verdict, facets_of
from overreach.pack.config import Operation
from overreach.probe.findings import curl
from overreach.probe.judge import acknowledged, offered
from overreach.probe.prober import Prober
from overreach.probe.session import Bench
from overreach.probe.workspace import TargetOrder, Workspace, open_workspace, temporary_folder
from overreach.target.identity import Refusal, Session
from overreach.target.operations import fields_of, needed

#: Statuses of a sign-in that say nothing about the account: none, time-out, too many requests, errors of the server.
_DISORDER = frozenset({0, 408, 429, *range(500, 600)})
#: Statuses that blame the request's form: the pack describes the operation wrongly, and nothing was decided.
_NOT_UNDERSTOOD = frozenset({400, 405, 413, 415, 422})


class CannotAskError(Exception):
    """Nothing was asked; the reason is its only argument."""


@dataclass(frozen=True, slots=True)
class Reply:
    """One request and what came of it; together with those before it, it can be made again."""

    user: int
    """Row number of whoever asked."""
    username: str
    operation: str
    request: str
    """A command that repeats it, with `$TARGET` and `$TOKEN`."""
    status: int
    """HTTP status; 0 where no whole answer came."""
    opened: int
    """Mask of the facets of the child asked about that came back."""
    unusable: str
    """Why the answer proves nothing; empty for an orderly one."""

    @property
    def done(self) -> bool:
        """Whether the answer says that something was done."""
        return acknowledged(self.status)

    @property
    def noted(self) -> bool:
        """Whether the answer says that something was done, or waits for somebody else."""
        return self.done or self.status == 202  # noqa: PLR2004 - accepted, in HTTP


class Asker:
    """Asks on behalf of any user of a population; made by `asking`."""

    def __init__(self, workspace: Workspace, prober: Prober) -> None:
        self.bench: Bench = workspace.bench
        self._broker = workspace.broker
        self._prober = prober

    def session(self, user: int) -> Session | Reply:
        """The session of a user, who is signed in when first asked for; the reply that refused it otherwise."""
        outcome = self._broker.lease(user, Part.REACH)
        return self._refused(outcome) if isinstance(outcome, Refusal) else outcome

    def ask(
        self,
        user: int,
        operation: Operation,
        child: int | None,
        claims: Claims,
        further: Mapping[str, str | None] | None = None,
    ) -> list[Reply]:
        """Sign in, reach the claims and ask; the last reply is the one that counts, where all before were granted.

        What the claims need is done first: an operation that carries no reason is preceded by the one that
        declares it, one at an override by the one that breaks the glass, which is mended afterwards.
        CannotAskError where the pack has no operation for it, or a field of the request has no value.
        """
        session = self.session(user)
        if isinstance(session, Reply):
            return [session]
        replies = []
        raising = self._raising(operation, claims)
        for each in (*raising, operation):
            reply = self._send(session, each, child, claims, further)
            replies.append(reply)
            if not reply.done:
                break
        if any(each.raises is Rung.OVERRIDE for each in raising) and len(replies) > len(raising):
            self._end_override(session, child)
        return replies

    def read(self, user: int, child: int, claims: Claims, wanted: int) -> list[Reply]:
        """Ask every operation that answers with one of the facets in a mask, until one of them shows one.

        The last reply is the one that showed it, or the last that did not; where already the claims or the sign-in
        are refused, nothing further is asked.
        """
        replies: list[Reply] = []
        for operation in self._reading(wanted):
            replies += self.ask(user, operation, child, claims)
            last = replies[-1]
            if last.opened & wanted or last.unusable or last.operation != operation.name:
                return replies
        if not replies:
            names = ", ".join(facet.value for facet in facets_of(wanted))
            message = f"the pack has no operation that reads {names}"
            raise CannotAskError(message)
        return replies

    def further(self, other: int | None, into: int | None, to: Mapping[str, object]) -> dict[str, str | None]:
        """Values for `{other.NAME}`, `{into.NAME}` and `{to.FACT}` in the templates of operations."""
        population = self.bench.population
        return {
            **({} if other is None else fields_of("other", population.user_fields(other))),
            **({} if into is None else fields_of("into", population.child_fields(into))),
            **fields_of("to", to),
        }

    def fits(self, operation: Operation, child: int | None, further: Mapping[str, str | None]) -> bool:
        """Whether every field that the operation's template needs has a value."""
        fields = {**self.bench.population.child_fields(child or 0), **further}
        return all(fields.get(name) is not None for name in needed(operation, fields))

    def _reading(self, wanted: int) -> Iterator[Operation]:
        for operation in self.bench.pack.target.operations.values():
            if operation.facets and not operation.by and operation.action is None and offered(operation) & wanted:
                yield operation

    def _raising(self, operation: Operation, claims: Claims) -> Sequence[Operation]:
        """The operations that lead to claims which the request itself does not carry."""
        rungs = []
        if claims.override:
            rungs.append(Rung.OVERRIDE)
        elif claims.reason is not None and "reason" not in operation.claims:
            rungs.append(Rung.DECLARED)
        if claims.approvals and operation.action is None:
            message = "no request of the target claims an approval of reading"
            raise CannotAskError(message)
        found = []
        for rung in rungs:
            if operation.raises is rung:
                continue
            known = self.bench.pack.target.operations.values()
            raising = next((each for each in known if each.raises is rung), None)
            if raising is None:
                message = f"the pack has no operation that raises to {rung}"
                raise CannotAskError(message)
            found.append(raising)
        return found

    def _end_override(self, session: Session, child: int | None) -> None:
        known = self.bench.pack.target.operations.values()
        ending = next((each for each in known if each.ends is Rung.OVERRIDE), None)
        if ending is not None:
            self._send(session, ending, child, Claims(), None)

    def _send(
        self,
        session: Session,
        operation: Operation,
        child: int | None,
        claims: Claims,
        further: Mapping[str, str | None] | None,
    ) -> Reply:
        fields = {**self.bench.population.child_fields(child or 0), **(further or {})}
        context = RungContext(_rung_of(claims), claims)
        exchanged = self._prober.exchange(session, operation, child, context, fields)
        if exchanged is None:
            message = f"operation `{operation.name}` needs a value that nobody here has"
            raise CannotAskError(message)
        probe, answer = exchanged
        observation = self._prober.judge(operation, probe, answer)
        unusable = observation.why if observation.verdict is Verdict.UNPROVEN else answer.error
        if answer.status in _NOT_UNDERSTOOD:
            unusable = f"{operation.name} answers {answer.status}: the request was not understood"
        shown = {each.facet for each in observation.disclosures if child in (each.child, *each.others)}
        return Reply(
            user=session.user,
            username=session.username,
            operation=operation.name,
            request=curl(probe),
            status=answer.status,
            opened=sum(facet.bit for facet in shown),
            unusable=unusable,
        )

    def _refused(self, refusal: Refusal) -> Reply:
        answer = refusal.answer
        username = str(self.bench.population.user_fields(refusal.user)["username"])
        return Reply(
            user=refusal.user,
            username=username,
            operation=refusal.step,
            request=f"overreach token {username}",
            status=answer.status,
            opened=0,
            unusable=answer.error or (f"status {answer.status}" if answer.status in _DISORDER else ""),
        )


@contextlib.contextmanager
def asking(bench: Bench, faults: Sequence[str] = ()) -> Iterator[Asker]:
    """Start a target of its own over the bench's population, and throw it away afterwards."""
    order = TargetOrder(bench.policy.switches, faults, port=0, seed=0)
    with (
        temporary_folder() as folder,
        open_workspace(folder, bench, order) as workspace,
        contextlib.closing(workspace.target()) as target,
        Prober(bench, target, Part.REACH, lambda _observation: None) as prober,
    ):
        yield Asker(workspace, prober)


def _rung_of(claims: Claims) -> Rung:
    if claims.approvals:
        return Rung.GRANTED
    if claims.override:
        return Rung.OVERRIDE
    return Rung.DECLARED if claims.reason is not None else Rung.OPEN
