"""The faults of shields, each beside the correct behaviour."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.contactpoint.inside import Inside
from tests.contactpoint.officers import (
    BREAKER,
    SECOND,
    TEAM,
    WORKER,
    decide,
    has_contacts,
    overdue,
    post,
    request,
    shield,
    shown,
    unshield,
)
from tests.contactpoint.tables import MOVED, PLAIN, SHIELDED, SIBLING

Both = Callable[..., tuple[Any, Any]]
OTHER_BREAKER = "police_child_protection_officer"


def override(inside: Inside, username: str, child: int) -> int:
    """Break the glass."""
    return post(inside, username, child, "override", reason="section_47").status


def test_shield_waits_for_decision(both: Both) -> None:
    """Between request and decision the record is shown; after it, it is not."""

    def ask(inside: Inside) -> list[bool]:
        request(inside, WORKER, PLAIN)
        before = shown(inside, WORKER, PLAIN)
        decide(inside, TEAM, PLAIN, "confirm")
        return [before, shown(inside, WORKER, PLAIN)]

    assert both("shield-waits-for-decision", ask) == ([False, False], [True, False])


def test_lone_officer_lifts(both: Both) -> None:
    """The first officer's wish is done."""

    def ask(inside: Inside) -> tuple[int, bool]:
        return unshield(inside, TEAM, SHIELDED), shown(inside, WORKER, SHIELDED)

    assert both("lone-officer-lifts", ask) == ((202, False), (200, True))


def test_missed_review_lifts(both: Both) -> None:
    """Once the review is overdue the record is shown; until then, and for other records, nothing changes."""

    def ask(inside: Inside) -> list[bool]:
        before = shown(inside, WORKER, SHIELDED)
        overdue(inside, SHIELDED)
        shield(inside, PLAIN)
        return [before, shown(inside, WORKER, SHIELDED), shown(inside, WORKER, PLAIN)]

    assert both("missed-review-lifts", ask) == ([False, False, False], [False, True, False])


def test_threat_party_lifts(both: Both) -> None:
    """The named officer is the second one; to an override the exclusion still applies."""

    def ask(inside: Inside) -> list[int]:
        shield(inside, SHIELDED, SECOND, BREAKER)
        lifted = [unshield(inside, each, SHIELDED) for each in (TEAM, SECOND)]
        shield(inside, PLAIN, BREAKER)
        return [*lifted, override(inside, BREAKER, PLAIN)]

    assert both("threat-party-lifts", ask) == ([202, 404, 404], [202, 200, 404])


def test_threat_party_overrides(both: Both) -> None:
    """The named user opens the record; a named officer still lifts nothing."""

    def ask(inside: Inside) -> tuple[int, bool, int]:
        shield(inside, SHIELDED, SECOND, BREAKER)
        return override(inside, BREAKER, SHIELDED), shown(inside, BREAKER, SHIELDED), unshield(inside, SECOND, SHIELDED)

    assert both("threat-party-overrides", ask) == ((404, False, 404), (201, True, 404))


def test_override_kept_for_ten_minutes(both: Both) -> None:
    """Whoever looked at another record comes back to an open one."""

    def ask(inside: Inside) -> list[bool]:
        override(inside, BREAKER, SHIELDED)
        opened = shown(inside, BREAKER, SHIELDED)
        inside.view(BREAKER, PLAIN)
        return [opened, shown(inside, BREAKER, SHIELDED), shown(inside, WORKER, SHIELDED)]

    assert both("override-kept-for-ten-minutes", ask) == ([True, False, False], [True, True, False])


def test_override_opens_for_everybody(both: Both) -> None:
    """While it is open to one it is open to all, and no longer."""

    def ask(inside: Inside) -> list[bool]:
        override(inside, BREAKER, SHIELDED)
        meanwhile = shown(inside, WORKER, SHIELDED)
        inside.view(BREAKER, PLAIN)
        return [meanwhile, shown(inside, WORKER, SHIELDED)]

    assert both("override-opens-for-everybody", ask) == ([False, False], [True, False])


def test_last_update_betrays_shield(both: Both) -> None:
    """The day of the shield stands on the masked record; a plain one says what it said."""

    def ask(inside: Inside) -> list[Any]:
        return [inside.view(WORKER, child).json.get("provenance", {}).get("updated") for child in (SHIELDED, PLAIN)]

    assert both("last-update-betrays-shield", ask) == ([None, MOVED.isoformat()], ["2009-05-18", MOVED.isoformat()])


def test_earlier_version_served(both: Both) -> None:
    """Who had seen the record goes on seeing it; who had not does not."""

    def ask(inside: Inside) -> list[bool]:
        shown(inside, WORKER, PLAIN)
        request(inside, WORKER, PLAIN)
        return [shown(inside, username, PLAIN) for username in (WORKER, OTHER_BREAKER)]

    assert both("earlier-version-served", ask) == ([False, False], [True, False])


def test_lifting_frees_shared_carer(both: Both) -> None:
    """The carer of two shielded children is hidden until both shields are lifted."""

    def ask(inside: Inside) -> list[bool]:
        shield(inside, SIBLING)
        for officer in (TEAM, SECOND):
            unshield(inside, officer, SHIELDED)
        return [has_contacts(inside, WORKER, SHIELDED), shown(inside, WORKER, SIBLING)]

    assert both("lifting-frees-shared-carer", ask) == ([False, False], [True, False])
