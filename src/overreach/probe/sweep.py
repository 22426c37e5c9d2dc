"""The sweep: every cell of the policy, then chance, asked of the live system with one request in flight at a time.

One at a time, so that every answer belongs to exactly one request; what shows only when requests meet is for the
load part (docs/adr/0005). Somebody entitled reads each shielded record first: a control that the value is there,
and what a shared cache would give away afterwards.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np

from overreach.model.decision import RungContext
from overreach.model.errors import OverreachError
from overreach.model.probe import Observation
from overreach.model.terms import Facet, Part, Rung, Verdict
from overreach.pack.config import Operation
from overreach.policy.cells import children_in
from overreach.probe.accounts import AccountProbes
from overreach.probe.equal import Comparer
from overreach.probe.judge import acknowledged
from overreach.probe.plan import Ask, Planner, RolePlan
from overreach.probe.prober import Listener, Prober
from overreach.probe.session import Bench
from overreach.target.broker import Broker
from overreach.target.http import HttpTarget
from overreach.target.identity import Session

READ, OPEN, OVERRIDE, END = "view", "open", "override", "end override"

T = TypeVar("T")

Progress = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and how much there is."""


@dataclass(slots=True)
class SweepResult:
    """What the sweep did, beside the observations it told its listener of."""

    sessions: dict[int, Session] = field(default_factory=dict)
    refused: list[int] = field(default_factory=list)
    """Users who may sign in and were refused."""
    requests: int = 0
    roles_without_members: list[str] = field(default_factory=list)
    controls_read: int = 0
    """Shielded records that somebody entitled read before anybody else asked."""
    controls_failed: int = 0


class Sweep:
    """One sweep over one target."""

    def __init__(self, bench: Bench, broker: Broker, target: HttpTarget, seed: int, listener: Listener) -> None:
        self._bench = bench
        self._broker = broker
        self._target = target
        self._listener = listener
        self._random = np.random.default_rng([seed, 0x0B5])
        self._planner = Planner(bench.population, bench.grid, bench.pack.sweep, seed)
        self._prober = Prober(bench, target, Part.SWEEP, self._heard)
        self._comparer = Comparer(bench, self._prober)
        self._accounts = AccountProbes(bench, broker, target, self._prober, seed)
        self._contexts: dict[Rung, list[RungContext]] = defaultdict(list)
        for context in bench.pack.rungs:
            self._contexts[context.rung].append(context)
        self._result = SweepResult()

    def run(self, progress: Progress) -> SweepResult:
        """Sweep everything; OverreachError where the target cannot be used at all."""
        operations = self._bench.pack.target.operations
        for name in (READ, OVERRIDE, END):
            if name not in operations:
                message = f"the target has no operation called `{name}`, which the sweep needs"
                raise OverreachError(message, "describe it in [[tool.overreach.target.operations]]")
        with self._prober:
            self._barred_accounts()
            plans = self._plans(progress)
            self._controls(plans, progress)
            for number, plan in enumerate(plans):
                progress(f"sweep: {plan.role.replace('_', ' ')}", number, len(plans))
                self._views(plan)
                self._searches(plan)
                self._equal_views(plan)
                self._forbidden(plan)
            progress("sweep", len(plans), len(plans))
        return self._result

    def _heard(self, observation: Observation) -> None:
        self._result.requests += 1
        self._listener(observation)

    def _plans(self, progress: Progress) -> list[RolePlan]:
        roles = self._planner.roles
        plans = []
        for number, role in enumerate(roles):
            progress("sweep: signing in", number, len(roles))
            plan = self._planner.role(role)
            for user in plan.members:
                outcome = self._broker.lease(user, Part.SWEEP)
                if isinstance(outcome, Session):
                    self._result.sessions[user] = outcome
                else:
                    self._result.refused.append(user)
            if not any(user in self._result.sessions for user in plan.members):
                self._result.roles_without_members.append(role)
            plans.append(plan)
        return plans

    def _barred_accounts(self) -> None:
        """Accounts that may not sign in try to; one that gets in also tries to read."""
        operation = self._bench.pack.target.operations[READ]
        for user in self._accounts.barred():
            session = self._accounts.try_sign_in(user, self._bench.pack.target)
            if session is not None:
                for child in self._random.integers(0, self._bench.population.children_count, 4):
                    self._prober.ask(session, operation, int(child), self._bench.pack.rungs[-1])

    def _controls(self, plans: Sequence[RolePlan], progress: Progress) -> None:
        """Read each shielded record of the plans as somebody entitled, before anybody else asks for it."""
        grid, sessions = self._bench.grid, self._result.sessions
        shielded = set(children_in(grid, "shielded").tolist())
        wanted = sorted({ask.child for plan in plans for ask in plan.asks} & shielded)
        declared = [context for context in self._bench.pack.rungs if context.rung is not Rung.OVERRIDE]
        users = np.array(sorted(sessions), dtype=np.int64)
        for number, child in enumerate(wanted):
            if number % 50 == 0:
                progress("sweep: reading shielded records as somebody entitled", number, len(wanted))
            reader = None
            for context in declared:
                masks = grid.facets_many(users, np.full(len(users), child), context.claims)
                able = np.flatnonzero(masks & Facet.WHEREABOUTS.bit)
                if len(able):
                    reader = (sessions[int(users[able[0]])], context)
                    break
            if reader is not None:
                asked = self._prober.ask(reader[0], self._operation(READ), child, reader[1])
                good = asked is not None and asked.observation.result().verdict is Verdict.HELD
                self._result.controls_read += good
                self._result.controls_failed += not good

    def _views(self, plan: RolePlan) -> None:
        for ask in plan.asks:
            session = self._result.sessions.get(ask.user)
            if session is not None:
                for context in ask.contexts:
                    self._view(session, ask, context)

    def _view(self, session: Session, ask: Ask, context: RungContext) -> None:
        if context.rung is not Rung.OVERRIDE:
            self._prober.ask(session, self._operation(READ), ask.child, context)
            return
        asked = self._prober.ask(session, self._operation(OVERRIDE), ask.child, context)
        broken = asked is not None and acknowledged(asked.status)
        if broken or ask.covers:
            # After a refused override the record must answer as before; asked of the pairs that stand for their cell.
            self._prober.ask(session, self._operation(READ), ask.child, context)
        if broken:
            self._prober.ask(session, self._operation(END), ask.child, context)

    def _searches(self, plan: RolePlan) -> None:
        by_class: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for ask in plan.asks:
            if ask.user in self._result.sessions:
                for record_class in self._bench.grid.classes_of(ask.user, ask.child):
                    by_class[record_class].append((ask.user, ask.child))
        contexts = [self._contexts[rung][0] for rung in self._contexts if rung is not Rung.OVERRIDE]
        for operation in self._bench.pack.target.operations.values():
            if operation.by:
                # A pair may be of several classes; it is searched for once.
                number = self._bench.pack.sweep.searches
                chosen = {pair for pairs in by_class.values() for pair in self._some(pairs, number)}
                for user, child in sorted(chosen):
                    for context in contexts:
                        self._search(operation, user, child, context)

    def _search(self, operation: Operation, user: int, child: int, context: RungContext) -> None:
        """Search for a child; where it may not be found, as a comparison with a search that nobody matches."""
        session = self._result.sessions[user]
        readable = self._bench.grid.facets(user, child, context.claims)
        hidden = any(not readable & facet.bit for facet in (Facet.EXISTENCE, *operation.by))
        if hidden:
            self._comparer.compare(session, operation, child, context)
        else:
            self._prober.ask(session, operation, child, context)

    def _equal_views(self, plan: RolePlan) -> None:
        """Records whose existence is hidden from the user must view like numbers never issued."""
        names = [name for name in (READ, OPEN) if name in self._bench.pack.target.operations]
        left = self._bench.pack.sweep.comparisons
        for ask in self._some(plan.asks, len(plan.asks)):
            session = self._result.sessions.get(ask.user)
            for context in self._bench.pack.rungs:
                seen = self._bench.grid.facets(ask.user, ask.child, context.claims) & Facet.EXISTENCE.bit
                if session is not None and not seen and left:
                    left -= 1
                    for name in names:
                        self._comparer.compare(session, self._operation(name), ask.child, context)
            if not left:
                return

    def _forbidden(self, plan: RolePlan) -> None:
        """Actions and logs that the role has no right to."""
        for user in plan.members[:2]:
            session = self._result.sessions.get(user)
            if session is None:
                continue
            children = {classes[0]: ask.child for ask in plan.asks if (classes := self._classes(user, ask.child))}
            context = self._contexts[max(self._contexts, key=lambda rung: rung.height)][0]
            self._accounts.forbidden_actions(session, sorted(children.values()), context)
            self._accounts.log_reading(session, self._bench.pack.target)

    def _classes(self, user: int, child: int) -> tuple[str, ...]:
        return self._bench.grid.classes_of(user, child)

    def _operation(self, name: str) -> Operation:
        return self._bench.pack.target.operations[name]

    def _some(self, items: Sequence[T], number: int) -> Iterator[T]:
        places = self._random.permutation(len(items))[:number]
        return (items[int(place)] for place in places)
