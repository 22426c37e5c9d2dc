"""What acknowledged requests have changed: stated reasons, broken glass, approvals, shields.

The judge needs it to know which claims an answer was given at, and which facts hold of a child.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Protocol

from overreach.model.decision import Claims
from overreach.model.terms import Action, Rung
from overreach.pack.config import Operation

_DONE = range(200, 300)
_ACCEPTED = 202  # noted, not yet done: another officer must agree


class Facts(Protocol):
    """Where the facts of children are kept; `policy.grid.Grid` is one."""

    def set_child(self, child: int, **facts: Any) -> None:  # noqa: ANN401 - facts are of the recipe's types
        """Note that facts of a child have changed."""
        ...


class Ties(Protocol):
    """Which children lead to which: `people.Shielding` gives it."""

    def at_start(self, child: int) -> Mapping[str, bool]:
        """How a child stood at the start: `shielded` and `contacts_protected`."""
        ...

    def sharing_carers(self, child: int) -> frozenset[int]:
        """The other children who share a carer with a child."""
        ...


class History:
    """The state of one stage since it was set up."""

    def __init__(self, facts: Facts, ties: Ties) -> None:
        self._facts = facts
        self._ties = ties
        self._turned: dict[int, bool] = {}
        self._declared: dict[tuple[int, int], str] = {}
        self._broken: dict[int, tuple[int, str]] = {}
        self._approvals: dict[int, set[int]] = {}

    def claims(self, operation: Operation, child: int | None, user: int, reason: str | None) -> Claims:
        """The claims that a request of this user is judged at: said in it, stated before, or the glass broken.

        A search has the claims that it carries, and no others.
        """
        if operation.by or child is None:
            return Claims(reason=reason)
        broken_child, broken_reason = self._broken.get(user, (None, None))
        override = broken_child == child
        before = self._declared.get((user, child)) or (broken_reason if override else None)
        others = self._approvals.get(child, set()) - {user} if operation.action is Action.UNSHIELD else set()
        return Claims(reason or before, override=override, approvals=len(others))

    def learn(self, operation: Operation, child: int | None, claims: Claims, user: int, status: int) -> None:
        """Take note of what a request changed."""
        if child is None:
            return
        if self._broken.get(user, (child,))[0] != child and not operation.by:
            del self._broken[user]  # the visit is over
        if status not in _DONE:
            return
        if operation.raises is Rung.DECLARED and claims.reason:
            self._declared[user, child] = claims.reason
        elif operation.raises is Rung.OVERRIDE and claims.reason:
            self._broken[user] = (child, claims.reason)
        elif operation.ends is Rung.OVERRIDE:
            self._broken.pop(user, None)
        elif operation.action is Action.SHIELD:
            self._turn(child, shielded=True)
        elif operation.action is Action.UNSHIELD and status == _ACCEPTED:
            self._approvals.setdefault(child, set()).add(user)
        elif operation.action is Action.UNSHIELD:
            self._turn(child, shielded=False)

    def forget(self) -> None:
        """Go back to the beginning."""
        for state in (self._declared, self._broken, self._approvals):
            state.clear()
        for child in {other for turned in self._turned for other in (turned, *self._ties.sharing_carers(turned))}:
            self._facts.set_child(child, **self._ties.at_start(child))
        self._turned.clear()

    def _turn(self, child: int, *, shielded: bool) -> None:
        self._approvals.pop(child, None)
        self._turned[child] = shielded
        self._facts.set_child(child, shielded=shielded)
        # A carer of a shielded child leads to it: the contacts on every other record with that carer are protected.
        for other in self._ties.sharing_carers(child):
            leads = shielded or any(self._is_shielded(each) for each in self._ties.sharing_carers(other))
            self._facts.set_child(other, contacts_protected=leads)

    def _is_shielded(self, child: int) -> bool:
        return self._turned.get(child, self._ties.at_start(child)["shielded"])


def at_status(operation: Operation, claims: Claims, status: int) -> Claims:
    """The claims at which an answer is judged, now that its status is known.

    Noting a wish to unshield (202) is for those who could carry it out with somebody else's approval.
    """
    if operation.action is Action.UNSHIELD and status == _ACCEPTED:
        return replace(claims, approvals=max(1, claims.approvals))
    return claims
