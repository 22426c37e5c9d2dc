"""Accounts that must not open, and actions that a role must not be able to do (rules R4, R5, R7, R10, R13)."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from overreach.model.decision import Claims, RungContext
from overreach.model.probe import Answer, Observation, Probe, Request, Violation
from overreach.model.terms import Action, Kind, Part, Rung, Verdict
from overreach.pack.config import Operation, TargetConfig
from overreach.probe.logbook import with_query
from overreach.probe.prober import Prober, send
from overreach.probe.session import Bench
from overreach.target.broker import Broker
from overreach.target.identity import Refusal, Sender, Session

PER_STATE = 12  # accounts tried of each class that may not sign in


class AccountProbes:
    """Tries to sign in as users who may not, and to do what a role may not do."""

    def __init__(self, bench: Bench, broker: Broker, sender: Sender, prober: Prober, seed: int) -> None:
        self._bench = bench
        self._broker = broker
        self._sender = sender
        self._prober = prober
        self._random = np.random.default_rng([seed, 0xACC])

    def barred(self) -> list[int]:
        """Users whom the policy does not let sign in: a few of each user class."""
        grid, chosen = self._bench.grid, []
        users = self._random.permutation(self._bench.population.users_count)
        seen: dict[int, int] = {}
        for user in users:
            user_class = int(grid.user_class[user])
            if seen.get(user_class, 0) < PER_STATE and not grid.allows(int(user), None, Action.SIGN_IN, Claims()):
                seen[user_class] = seen.get(user_class, 0) + 1
                chosen.append(int(user))
        return chosen

    def try_sign_in(self, user: int, config: TargetConfig) -> Session | None:
        """Try to sign in as a user who may not; the session, where one was opened."""
        outcome = self._broker.lease(user, Part.SWEEP)
        method, path = config.sign_in
        probe = Probe(
            part=Part.SWEEP,
            operation="sign in",
            user=user,
            role=str(self._bench.population.user_fields(user)["role"]),
            child=None,
            rung=Rung.OPEN,
            claims=Claims(),
            request=Request(method, path, "", f"sign-in-{user}"),
        )
        if isinstance(outcome, Refusal):
            answer = outcome.answer
            verdict = Verdict.UNPROVEN if answer.error else Verdict.HELD
            refused = Observation(probe, answer.status, answer.seconds, (), verdict, answer.error)
            self._prober.later(lambda: refused)
            return None
        opened = Observation(
            probe, 201, 0.0, (), Verdict.OVERREACH, "a session was opened", violations=(self._opened(user, path),)
        )
        self._prober.later(lambda: opened)
        return outcome

    def _opened(self, user: int, path: str) -> Violation:
        decision = self._bench.grid.decision(user, None, Action.SIGN_IN, Claims())
        return Violation(
            kind=Kind.ACTION,
            place=f"POST {path}",
            subject=Action.SIGN_IN.value,
            record_class="",
            child=None,
            facet=None,
            policies=decision.policies,
            detail="an account that may not sign in opened a session",
        )

    def forbidden_actions(self, session: Session, children: Sequence[int], context: RungContext) -> None:
        """Try each action that the policy denies this user, about the given children."""
        for operation in self._bench.pack.target.operations.values():
            action = operation.action
            if action is None:
                continue
            for child in children:
                # Not even with somebody's approval: what only lacks an approval is for the scenarios, which may write.
                approved = replace(context.claims, approvals=1)
                grid = self._bench.grid
                if not any(grid.allows(session.user, child, action, claims) for claims in (context.claims, approved)):
                    self._prober.ask(session, operation, child, context)

    def log_reading(self, session: Session, config: TargetConfig) -> None:
        """Try to read log and alerts as a user who may not: as the pack reads them, and without what it adds."""
        if self._bench.grid.allows(session.user, None, Action.READ_LOG, Claims()):
            return
        places = dict.fromkeys((config.log, (config.log[0], config.log[1].partition("?")[0]), config.alerts))
        for number, (method, path) in enumerate(places):
            request = Request(method, with_query(path, "after=0&limit=5"), "", f"sweep-log-{session.user}-{number}")
            answer = send(self._sender, session, request)
            bare = path.partition("?")[0]
            operation = Operation(bare, method, bare, {}, {}, {}, (), Action.READ_LOG, None, None, writes=False)
            probe = Probe(
                Part.SWEEP,
                operation.name,
                session.user,
                str(self._bench.population.user_fields(session.user)["role"]),
                None,
                Rung.OPEN,
                Claims(),
                request,
            )
            self._prober.later(functools.partial(self._reading, operation, probe, answer))

    def _reading(self, operation: Operation, probe: Probe, answer: Answer) -> Observation:
        """What the log repeats, numbers never issued among it, is its own business: what counts is that it was read."""
        return self._prober.judge(operation, probe, replace(answer, body=b""))
