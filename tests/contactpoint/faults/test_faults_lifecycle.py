"""The faults of merging, splitting and moving, each beside the correct behaviour."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.contactpoint.inside import Inside
from tests.contactpoint.officers import BREAKER, HALF, TEAM, WORKER, has_contacts, merge, move, post, shown
from tests.contactpoint.tables import PLAIN, SHIELDED, SIBLING, number_of

Both = Callable[..., tuple[Any, Any]]


def test_merge_keeps_plain_survivor(both: Both) -> None:
    """The survivor of a shielded record is shown; one that was shielded itself stays so."""

    def ask(inside: Inside) -> tuple[list[int], bool]:
        return merge(inside, SHIELDED, PLAIN), shown(inside, WORKER, PLAIN)

    assert both("merge-keeps-plain-survivor", ask) == (([202, 200], False), ([202, 200], True))


def test_merge_drops_contact_protection(both: Both) -> None:
    """The carer of a shielded child is reached through the merged record of a sibling; that child stays shielded."""

    def ask(inside: Inside) -> tuple[bool, bool]:
        merge(inside, SIBLING, PLAIN)
        return has_contacts(inside, WORKER, PLAIN), shown(inside, WORKER, SHIELDED)

    assert both("merge-drops-contact-protection", ask) == ((False, False), (True, False))


def test_old_number_unmasked(both: Both) -> None:
    """The old number shows what the new one hides."""

    def ask(inside: Inside) -> tuple[bool, bool]:
        merge(inside, PLAIN, SHIELDED)
        return shown(inside, WORKER, PLAIN), shown(inside, WORKER, SHIELDED)

    assert both("old-number-unmasked", ask) == ((False, False), (True, False))


def test_split_leaves_half_plain(both: Both) -> None:
    """The second half shows where the first lives."""

    def ask(inside: Inside) -> tuple[bool, bool]:
        number = post(inside, TEAM, SHIELDED, "split", **HALF).json["number"]
        key = {"number": number, "date_of_birth": HALF["date_of_birth"], "reason": "welfare"}
        half = inside.by(WORKER, "POST", "/children/view", key).json
        return "address" in half, shown(inside, WORKER, SHIELDED)

    assert both("split-leaves-half-plain", ask) == ((False, False), (True, False))


def test_move_drops_shield(both: Both) -> None:
    """Offered it is still shielded, accepted no more."""

    def ask(inside: Inside) -> tuple[bool, bool]:
        offered = post(inside, TEAM, SHIELDED, "move", to="Therewich").status == 202
        before = offered and shown(inside, WORKER, SHIELDED)
        move(inside, SHIELDED)
        return before, shown(inside, WORKER, SHIELDED)

    assert both("move-drops-shield", ask) == ((False, False), (False, True))


def test_old_area_keeps_rights(both: Both) -> None:
    """A number given, a reason stated and an open override go on working from the old area."""

    def ask(inside: Inside) -> list[bool]:
        inside.search(WORKER, family_name="Hidden")
        post(inside, WORKER, SHIELDED, "reason", reason="welfare")
        post(inside, BREAKER, SHIELDED, "override", reason="section_47")
        move(inside, SHIELDED)
        opened = inside.by(WORKER, "GET", f"/children/{number_of(SHIELDED)}").status == 200
        return [opened, "address" in inside.view(BREAKER, SHIELDED, reason=None).json]

    assert both("old-area-keeps-rights", ask) == ([False, False], [True, True])
