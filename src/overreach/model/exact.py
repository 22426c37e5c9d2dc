"""What follows from the policy alone, beyond the matrix: ladders, steps, other policies, stolen accounts."""

from __future__ import annotations

from dataclasses import dataclass

from overreach.model.terms import Facet, Rung


@dataclass(frozen=True, slots=True)
class LadderStep:
    """How far a whole role comes up to a rung."""

    role: str
    record_class: str
    facet: Facet
    rung: Rung
    pairs: int
    """Pairs permitted at this rung or below; likewise `users` and `children`."""
    users: int
    """Distinct users in those pairs."""
    children: int
    """Distinct children in those pairs."""


@dataclass(frozen=True, slots=True)
class Taken:
    """One step of a way."""

    name: str
    changes: tuple[tuple[str, str], ...]
    """Fact and what becomes of it."""
    user: str
    """Username of whoever takes it."""
    by_accomplice: bool
    approved_by: str
    """Username of whoever approves it; empty where nobody has to."""
    operation: str
    """Name of the target's operation; empty where there is none."""


@dataclass(frozen=True, slots=True)
class Way:
    """The shortest permitted steps by which a role comes to read what it cannot read directly."""

    role: str
    record_class: str
    facets: tuple[Facet, ...]
    steps: tuple[Taken, ...]
    rung: Rung | None
    """Rung at which the facets are read in the end; None where the last step hands them over."""
    accomplice: str
    """Role of the second person; empty where nobody else is needed."""
    user: str
    """Username of a synthetic user for whom it works."""
    child: str
    """Record number of the synthetic child."""
    other: str
    """Username of the accomplice; empty without one."""
    pairs: int | None
    """Pairs of role and class for which it works alone; None with an accomplice."""


@dataclass(frozen=True, slots=True)
class Moved:
    """Pairs that another policy opens or closes, alike for these facets at these rungs or below."""

    role: str
    """Empty for all roles together."""
    record_class: str
    """Empty whatever the record class."""
    facets: tuple[Facet, ...]
    rungs: tuple[Rung, ...]
    lost: int
    """Pairs that could be opened, and could not be any more."""
    lost_involved: int
    """Those of them in which the user is involved with the child: work that could not be done."""
    gained: int
    """Pairs that could not be opened, and could be."""


@dataclass(frozen=True, slots=True)
class Case:
    """One synthetic user and child for whom the decision changes."""

    role: str
    facet: Facet
    rung: Rung
    user: str
    """Username."""
    child: str
    """Record number."""
    in_area: bool
    involved: bool
    allowed_before: bool
    policies_before: tuple[str, ...]
    """The policies that decide now; empty for a default deny."""
    allowed_after: bool
    policies_after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Alternative:
    """What if the policy were another one."""

    name: str
    question: str
    """In words, as its file asks it."""
    switches: tuple[tuple[str, str], ...]
    """Switches that stand otherwise than in the policy compared with."""
    by_role: tuple[Moved, ...]
    by_class: tuple[Moved, ...]
    cases: tuple[Case, ...]


@dataclass(frozen=True, slots=True)
class Account:
    """What one stolen account of a role opens at any rung."""

    role: str
    record_class: str
    """Empty for all children."""
    facet: Facet | None
    """None for any facet at all."""
    accounts: int
    """Users of the role."""
    most: int
    """Distinct children that the best account opens."""
    median: float
    user: str
    """Username of the best account."""


@dataclass(frozen=True, slots=True)
class Fewest:
    """How few accounts open a facet of every child of a record class, at a rung or below."""

    record_class: str
    """Empty for all children."""
    facet: Facet
    rung: Rung
    children: int
    """Children of the class."""
    openable: int
    """Those of them whom anybody can open."""
    at_least: int
    """Proven: fewer accounts cannot open them all."""
    at_most: int
    """So many do."""
    users: tuple[str, ...]
    """Usernames of the first of them."""


@dataclass(frozen=True, slots=True)
class ExactReach:
    """Everything beyond the matrix that is counted without asking a running system."""

    ladder: tuple[LadderStep, ...]
    """Facets that let somebody find a child, by role, record class, facet, rung; zeros included."""
    ways: tuple[Way, ...]
    """By role and record class; empty, too, where the pack declares no steps."""
    alternatives: tuple[Alternative, ...]
    accounts: tuple[Account, ...]
    fewest: tuple[Fewest, ...]
