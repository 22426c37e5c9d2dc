"""What a policy says: never a bare bool."""

from __future__ import annotations

from dataclasses import dataclass, field

from overreach.model.terms import Duty, Rung


@dataclass(frozen=True, slots=True)
class Claims:
    """What a user says of a request, as the policy's `context` sees it."""

    reason: str | None = None
    """Coded reason, or None where none was given (rule R8)."""
    override: bool = False
    """The glass was broken for this record and this visit (rule R13)."""
    approvals: int = 0
    """How many other officers approved."""


@dataclass(frozen=True, slots=True)
class RungContext:
    """One set of claims that stands for a rung; a rung may have several (another coded reason each)."""

    rung: Rung
    claims: Claims


@dataclass(frozen=True, slots=True)
class Decision:
    """Allow or deny, which policies decided, and what is owed."""

    allowed: bool
    policies: tuple[str, ...] = ()
    """The `@id` of the policies that decided; empty for a default deny."""
    duties: frozenset[Duty] = field(default_factory=frozenset)
    """Owed when allowed (`@duty` annotations of the deciding policies)."""
