"""Playing a history: against the policy alone, or against a running system with the judge beside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from overreach.model.decision import Claims
from overreach.model.errors import PackError
from overreach.model.terms import Rung
from overreach.pack.config import Operation, TargetConfig
from overreach.population.histories import ACTION_OF, Deed, Step
from overreach.population.people import Peopled
from overreach.scenario.history import History, at_status
from overreach.scenario.people import Shielding
from overreach.scenario.reply import Reply
from overreach.scenario.stage import Stage

_DONE, _NOTED, _REFUSED = 200, 202, 403
_RAISES = {Deed.DECLARE: Rung.DECLARED, Deed.OVERRIDE: Rung.OVERRIDE}


@dataclass(frozen=True, slots=True)
class Decided:
    """A step and what the policy says of it at its moment."""

    step: Step
    claims: Claims
    """Said in it, stated before, agreed to before, or the glass broken."""
    allowed: bool
    """Whether the policy lets it be done; for reading, whether it lets anything be read."""
    facets: int
    """Mask of the facets that may be read; 0 for every other deed."""


def decided(where: Peopled, history: Iterable[Step]) -> tuple[Decided, ...]:
    """What the policy says of each step, given the allowed ones before it.

    What was stated, overridden, agreed to and shielded is remembered. An override ends when a day passes; nothing else
    does: facts stay those of the population's date. A record that is moved or merged stays where it is, and for whoever
    has left nothing is allowed. Nothing remains of it when it is over.
    """
    with _remembered(where) as memory:
        left: set[int] = set()
        found = []
        for step in history:
            if step.days:
                memory.end_overrides()
            one = Decided(step, Claims(), allowed=False, facets=0) if step.user in left else memory.decide(step)
            left |= {step.user} if step.deed is Deed.LEAVE else set()
            found.append(one)
        return tuple(found)


def performable(stage: Stage) -> tuple[Deed, ...]:
    """The deeds for which the pack describes an operation on a child's record that needs no more than the record."""
    return tuple(deed for deed in Deed if _operation_for(stage.pack.target, deed) is not None)


def replayed(stage: Stage, history: Iterable[Step]) -> list[Reply]:
    """Perform the steps on a running system; PackError for one that is not `performable`, or that waits for days."""
    replies = []
    for step in history:
        operation = _operation_for(stage.pack.target, step.deed)
        if operation is None or step.days:
            message = f"`{step.deed}` after {step.days} days cannot be performed on this target"
            raise PackError(message, "draw histories with `deeds=performable(stage)` and without days")
        replies.append(stage.as_(step.user).perform(operation.name, step.child, reason=step.reason))
    return replies


class _Memory:
    """What the steps so far have changed."""

    def __init__(self, where: Peopled) -> None:
        self._grid = where.people.grid
        self._history = History(self._grid, Shielding(where.people))
        self._overriding: dict[int, int] = {}

    def decide(self, step: Step) -> Decided:
        if step.child is None:
            return Decided(step, Claims(), allowed=True, facets=0)  # nobody is kept from leaving
        operation = _on_paper(step.deed)
        claims = self._history.claims(operation, step.child, step.user, step.reason)
        facets = self._grid.facets(step.user, step.child, claims) if step.deed is Deed.READ else 0
        allowed = bool(facets) or step.deed is Deed.END or self._allows(operation, step, claims)
        status = _DONE if allowed else _REFUSED
        if not allowed and self._allows(operation, step, at_status(operation, claims, _NOTED)):
            status = _NOTED
        self._history.learn(operation, step.child, claims, step.user, status)
        if allowed and step.deed is Deed.OVERRIDE:
            self._overriding[step.user] = step.child
        return Decided(step, claims, allowed, facets)

    def end_overrides(self) -> None:
        for user, child in self._overriding.items():
            self._history.learn(_on_paper(Deed.END), child, Claims(), user, _DONE)
        self._overriding.clear()

    def forget(self) -> None:
        self._history.forget()

    def _allows(self, operation: Operation, step: Step, claims: Claims) -> bool:
        action = operation.action
        return action is not None and self._grid.allows(step.user, step.child, action, claims)


@contextmanager
def _remembered(where: Peopled) -> Iterator[_Memory]:
    memory = _Memory(where)
    try:
        yield memory
    finally:
        memory.forget()


def _on_paper(deed: Deed) -> Operation:
    """An operation as far as the policy is concerned."""
    ends = Rung.OVERRIDE if deed is Deed.END else None
    return Operation(deed, "", "", {}, {}, {}, (), ACTION_OF.get(deed), _RAISES.get(deed), ends, writes=False)


def _operation_for(target: TargetConfig, deed: Deed) -> Operation | None:
    if deed in {Deed.MOVE, Deed.MERGE, Deed.LEAVE}:  # what else they need is the pack's own
        return None
    wanted = _on_paper(deed)
    for operation in target.operations.values():
        same = (operation.action, operation.raises, operation.ends) == (wanted.action, wanted.raises, wanted.ends)
        if same and not operation.by and (deed is not Deed.READ or operation.facets):
            return operation
    return None
