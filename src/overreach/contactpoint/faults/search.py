"""Faults of searching: shielded children are found by what their shields hide."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from overreach.contactpoint.facts import Child, Claims, User
from overreach.contactpoint.fault import fault
from overreach.contactpoint.parts import Parts
from overreach.contactpoint.roles import CARERS, EDUCATION, FORMER_NAMES, HEALTH, IDENTITY, WHEREABOUTS
from overreach.contactpoint.schema import key
from overreach.contactpoint.search import COLUMNS, ORDER, Match, Page, Search, match_of, page_of

Query = Mapping[str, str]
Shown = Callable[[Child], bool]

_POSTCODE_BEGINS = "c.address IN (SELECT address FROM addresses WHERE postcode_key GLOB :postcode)"
_INWARD = 3  # letters of a postcode after its space


@dataclass(frozen=True, slots=True)
class Paged:
    """A search whose pages are made by a function of its own, given the search that was there before."""

    inner: Search
    make: Callable[[Search, Query, int, Shown, int], Page]

    def matches(self, query: Query, user: int) -> list[Match]:
        """Every child with the values asked for; knows no rule."""
        return self.inner.matches(query, user)

    def page(self, query: Query, user: int, shown: Shown, page: int) -> Page:
        """A page, counted from 1."""
        return self.make(self.inner, query, user, shown, page)


def _unshielded(shown: Shown) -> Shown:
    return lambda child: shown(child._replace(shielded=False))


def _blind_where(parts: Parts, facet: str) -> Parts:
    """A search that names a facet forgets shields."""

    def search(user: User, child: Child, claims: Claims, by: frozenset[str]) -> bool:
        if facet in by:
            child = child._replace(shielded=False)
        return parts.rules.search(user, child, claims, by)

    return replace(parts, rules=replace(parts.rules, search=search))


@fault("shield-ignored-in-postcode-search", breaks="R12", scenario=11)
def shield_ignored_in_postcode_search(parts: Parts) -> Parts:
    """Shielded children come back when they are searched for by postcode or house."""
    return _blind_where(parts, WHEREABOUTS)


@fault("school-finds-shielded", breaks="R12", scenario=12)
def school_finds_shielded(parts: Parts) -> Parts:
    """The list of a school has its shielded children too."""
    return _blind_where(parts, EDUCATION)


@fault("practice-finds-shielded", breaks="R12", scenario=12)
def practice_finds_shielded(parts: Parts) -> Parts:
    """The list of a general practice has its shielded children too."""
    return _blind_where(parts, HEALTH)


@fault("carer-finds-shielded", breaks="R12", scenario=14)
def carer_finds_shielded(parts: Parts) -> Parts:
    """The name of a parent finds a shielded child."""
    return _blind_where(parts, CARERS)


@fault("former-name-searchable", breaks="R12", scenario=22)
def former_name_searchable(parts: Parts) -> Parts:
    """A former name finds shielded children: it is searched like the current one."""

    def search(user: User, child: Child, claims: Claims, by: frozenset[str]) -> bool:
        if child.shielded and FORMER_NAMES in by:
            by = by - {FORMER_NAMES} | {IDENTITY}
        return parts.rules.search(user, child, claims, by)

    return replace(parts, rules=replace(parts.rules, search=search))


@fault("second-facet-forgotten", breaks="R12", scenario=11)
def second_facet_forgotten(parts: Parts) -> Parts:
    """A query by name and something else is decided by the name alone, and so confirms a guessed postcode."""

    def search(user: User, child: Child, claims: Claims, by: frozenset[str]) -> bool:
        return parts.rules.search(user, child, claims, frozenset({IDENTITY}) if IDENTITY in by else by)

    return replace(parts, rules=replace(parts.rules, search=search))


@fault("telephone-finds-shielded", breaks="R12", scenario=13)
def telephone_finds_shielded(parts: Parts) -> Parts:
    """A guessed telephone number finds the shielded child whose carer has it."""

    def page(inner: Search, query: Query, user: int, shown: Shown, page: int) -> Page:
        return inner.page(query, user, _unshielded(shown) if "phone" in query else shown, page)

    return replace(parts, search=Paged(parts.search, page))


@fault("email-finds-shielded", breaks="R12", scenario=13)
def email_finds_shielded(parts: Parts) -> Parts:
    """A guessed e-mail address finds the shielded child whose carer has it."""

    def page(inner: Search, query: Query, user: int, shown: Shown, page: int) -> Page:
        return inner.page(query, user, _unshielded(shown) if "email" in query else shown, page)

    return replace(parts, search=Paged(parts.search, page))


@fault("sibling-found-by-protected-contact", breaks="R12", scenario=19)
def sibling_found_by_protected_contact(parts: Parts) -> Parts:
    """The contacts of a shielded child's carer, masked on the sibling's record, still find the sibling."""

    def search(user: User, child: Child, claims: Claims, by: frozenset[str]) -> bool:
        return parts.rules.search(user, child._replace(contacts_protected=False), claims, by)

    return replace(parts, rules=replace(parts.rules, search=search))


@fault("postcode-prefix-finds-shielded", breaks="R12", scenario=17)
def postcode_prefix_finds_shielded(parts: Parts) -> Parts:
    """A postcode that ends in a star is looked up by its beginning, by a statement older than shields."""

    def page(inner: Search, query: Query, user: int, shown: Shown, page: int) -> Page:
        if set(query) != {"postcode"} or not query["postcode"].endswith("*"):
            return inner.page(query, user, shown, page)
        values = {"user": user, "postcode": key(query["postcode"])}
        rows = parts.storage.run(f"{COLUMNS} {_POSTCODE_BEGINS} {ORDER}", values).fetchall()
        return page_of([match_of(row) for row in rows], _unshielded(shown), page)

    return replace(parts, search=Paged(parts.search, page))


@fault("postcode-without-space-finds-shielded", breaks="R12", scenario=17)
def postcode_without_space_finds_shielded(parts: Parts) -> Parts:
    """A postcode typed without its space is put right and searched for again, past the shield."""

    def page(inner: Search, query: Query, user: int, shown: Shown, page: int) -> Page:
        typed = query.get("postcode", "")
        if not typed or " " in typed.strip():
            return inner.page(query, user, shown, page)
        mended = f"{typed.strip()[:-_INWARD]} {typed.strip()[-_INWARD:]}"
        return inner.page({**query, "postcode": mended}, user, _unshielded(shown), page)

    return replace(parts, search=Paged(parts.search, page))
