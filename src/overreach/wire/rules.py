"""The seam for rules about the wire itself: what must hold of an exchange whoever asked, allowed or not.

A rule is one decorated function, usually in the pack's `load/wire/`; it looks at one exchange and says what leaks.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from overreach.model.errors import PackError
from overreach.model.probe import Disclosure
from overreach.model.terms import Facet, Severity
from overreach.wire.exchange import Exchange


@dataclass(frozen=True, slots=True)
class Seen:
    """One exchange with what was read in it."""

    exchange: Exchange
    user: int | None
    """Whose session it was; None where no session of this run was shown."""
    disclosures: tuple[Disclosure, ...]
    """In the whole answer."""
    in_headers: tuple[Disclosure, ...]
    """In the answer's headers alone."""
    in_target: tuple[Disclosure, ...]
    """In the path and query of the request, or in an address that the answer sends the user on to."""
    search_members: frozenset[str]
    """Names under which searches carry personal data."""
    holds_session: Callable[[str], bool]
    """Whether a text holds the token of a session that is open."""


@dataclass(frozen=True, slots=True)
class Leak:
    """What a rule saw."""

    detail: str
    """In words, without any token of a session."""
    disclosures: tuple[Disclosure, ...] = ()


Check = Callable[[Seen], Leak | None]


@dataclass(frozen=True, slots=True)
class WireRule:
    """A rule of the wire."""

    name: str
    title: str
    """What is wrong where it is broken: a sentence without figures."""
    breaks: str
    """The rules of the domain it rests on."""
    severity: Severity
    remedy: str
    check: Check


REGISTERED: dict[str, WireRule] = {}


def wire_rule(name: str, *, title: str, breaks: str, severity: Severity, remedy: str) -> Callable[[Check], Check]:
    """Register a rule of the wire; PackError where the name is taken."""

    def register(check: Check) -> Check:
        if name in REGISTERED:
            message = f"two rules of the wire are called `{name}`"
            raise PackError(message, "rename one of them")
        REGISTERED[name] = WireRule(name, title, breaks, severity, remedy, check)
        return check

    return register


def facets_in(disclosures: tuple[Disclosure, ...]) -> tuple[Facet, ...]:
    """Their facets, in report order, each once."""
    found = {disclosure.facet for disclosure in disclosures}
    return tuple(facet for facet in Facet if facet in found)
