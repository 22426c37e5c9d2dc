"""Faults of searching."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from overreach.contactpoint.facts import Child, Claims, User
from overreach.contactpoint.fault import fault
from overreach.contactpoint.parts import Parts
from overreach.contactpoint.roles import FORMER_NAMES, IDENTITY, WHEREABOUTS
from overreach.contactpoint.search import Match, Page, Search, page_of


@fault("shield-ignored-in-postcode-search", breaks="R12", scenario=11)
def shield_ignored_in_postcode_search(parts: Parts) -> Parts:
    """Shielded children come back when they are searched for by postcode or house."""

    def search(user: User, child: Child, claims: Claims, by: frozenset[str]) -> bool:
        if WHEREABOUTS in by:
            child = child._replace(shielded=False)
        return parts.rules.search(user, child, claims, by)

    return replace(parts, rules=replace(parts.rules, search=search))


@fault("former-name-searchable", breaks="R12", scenario=22)
def former_name_searchable(parts: Parts) -> Parts:
    """A former name finds shielded children: it is searched like the current one."""

    def search(user: User, child: Child, claims: Claims, by: frozenset[str]) -> bool:
        if child.shielded and FORMER_NAMES in by:
            by = by - {FORMER_NAMES} | {IDENTITY}
        return parts.rules.search(user, child, claims, by)

    return replace(parts, rules=replace(parts.rules, search=search))


@fault("count-includes-hidden", breaks="R12", scenario=15)
def count_includes_hidden(parts: Parts) -> Parts:
    """The count and the number of pages are of all matches, those that are not shown among them."""

    @dataclass(frozen=True)
    class CountsAll:
        inner: Search

        def matches(self, query: Mapping[str, str], user: int) -> list[Match]:
            return self.inner.matches(query, user)

        def page(self, query: Mapping[str, str], user: int, shown: Callable[[Child], bool], page: int) -> Page:
            matches = self.matches(query, user)
            every = page_of(matches, lambda _child: True, page)
            return replace(every, rows=page_of(matches, shown, page).rows)

    return replace(parts, search=CountsAll(parts.search))
