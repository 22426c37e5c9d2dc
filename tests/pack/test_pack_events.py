"""Events of a load in the configuration."""

from __future__ import annotations

from typing import Any

import pytest

from overreach.model.errors import PackError, UnknownNameError
from overreach.model.terms import Facet
from overreach.pack.events import Event, check_events, events_of, ties_of
from overreach.pack.fields import Fields

SHIELD: dict[str, Any] = {"name": "shield", "operation": "shield", "sets": {"shielded": True}}
MOVE: dict[str, Any] = {"name": "move", "operation": "move", "approves": "accept", "moves": True}


def read(*tables: dict[str, Any]) -> tuple[Event, ...]:
    """The events in some tables."""
    return events_of([Fields(dict(table), f"events[{place}]") for place, table in enumerate(tables)])


def test_an_event_says_who_asks_and_what_changes() -> None:
    """One user is enough where nobody approves; what is left out is empty."""
    shield, move = read({**SHIELD, "given": {"archive_year": 0}, "renews": ["protection"]}, MOVE)
    assert (shield.operation, shield.approves, shield.sets) == ("shield", None, {"shielded": True})
    assert (shield.given, shield.renews) == ({"archive_year": 0}, (Facet.PROTECTION,))
    assert (move.approves, move.moves, move.merges, move.unites) == ("accept", True, False, ())


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"name": "idle", "operation": "view"}, "event `idle` is not one change"),
        ({**MOVE, "merges": True}, "event `move` is not one change"),
        ({**MOVE, "approves": ""}, "event `move` moves a record, and nobody accepts it"),
        ({**SHIELD, "given": {"since": 1.5}}, "fact `since` of event `shield` is not a text"),
        ({**SHIELD, "unknown": 1}, "unknown"),
    ],
)
def test_an_event_that_cannot_be_used_is_refused_by_its_name(table: dict[str, Any], message: str) -> None:
    """One line, with what to do."""
    with pytest.raises(PackError, match=message):
        read(table)


def test_two_events_of_one_name_are_refused() -> None:
    """Changes are told by the names of their kinds."""
    with pytest.raises(PackError, match="two events are called `shield`"):
        read(SHIELD, SHIELD)


def test_an_operation_that_the_target_does_not_have_is_refused() -> None:
    """The known ones are listed."""
    check_events(read(SHIELD, MOVE), {"shield": 0, "move": 0, "accept": 0})
    with pytest.raises(UnknownNameError, match="accept"):
        check_events(read(MOVE), {"move": 0})


def test_a_tie_names_the_fact_that_follows_and_the_facet_that_is_shared() -> None:
    """Every key is needed."""
    (tie,) = ties_of([Fields({"fact": "contacts_protected", "follows": "shielded", "by": "contacts"}, "ties[0]")])
    assert (tie.fact, tie.follows, tie.by) == ("contacts_protected", "shielded", Facet.CONTACTS)
    with pytest.raises(PackError, match="by"):
        ties_of([Fields({"fact": "contacts_protected", "follows": "shielded"}, "ties[0]")])
