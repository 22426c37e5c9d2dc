"""What acknowledged requests change in the judge's picture of a system."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from overreach.model.decision import Claims
from overreach.pack.config import Operation, find_pack
from overreach.scenario.history import History, at_status

ROOT = Path(__file__).parents[2]
OK, ACCEPTED, REFUSED = 200, 202, 403


class Facts:
    """Remembers what it was told of each child."""

    def __init__(self) -> None:
        self.told: dict[int, dict[str, Any]] = {}

    def set_child(self, child: int, **facts: Any) -> None:  # noqa: ANN401 - as the protocol has it
        """Take a fact."""
        self.told.setdefault(child, {}).update(facts)


class Siblings:
    """Children 0 and 1 share a carer; nobody was shielded at the start."""

    def at_start(self, child: int) -> Mapping[str, bool]:
        """All of them alike."""
        del child
        return {"shielded": False, "contacts_protected": False}

    def sharing_carers(self, child: int) -> frozenset[int]:
        """The other of the two."""
        return frozenset({0, 1} - {child}) if child in {0, 1} else frozenset()


@pytest.fixture
def facts() -> Facts:
    """Empty."""
    return Facts()


@pytest.fixture
def history(facts: Facts) -> History:
    """At its beginning."""
    return History(facts, Siblings())


def operation(name: str) -> Operation:
    """An operation of the pack."""
    return find_pack(ROOT).target.operation(name)


def done(  # noqa: PLR0913, PLR0917 - who did what, and what came of it
    history: History, name: str, child: int, user: int, status: int, reason: str | None = None
) -> None:
    """Perform an operation, with the claims that it is judged at."""
    claims = history.claims(operation(name), child, user, reason)
    history.learn(operation(name), child, claims, user, status)


def test_a_stated_reason_holds_for_the_record_and_the_user(history: History) -> None:
    """Nobody else has it, and no other record."""
    done(history, "declare", 5, 1, 204, "welfare")
    assert history.claims(operation("view"), 5, 1, None) == Claims("welfare")
    assert history.claims(operation("view"), 6, 1, None) == Claims()
    assert history.claims(operation("view"), 5, 2, None) == Claims()


def test_an_override_ends_with_the_next_record(history: History) -> None:
    """A visit elsewhere ends it; a search does not."""
    done(history, "override", 5, 1, 201, "section_47")
    done(history, "search by name", 6, 1, OK, "welfare")
    assert history.claims(operation("view"), 5, 1, None) == Claims("section_47", override=True)
    done(history, "view", 6, 1, OK, "welfare")
    assert history.claims(operation("view"), 5, 1, None) == Claims()


def test_a_refused_request_changes_nothing(history: History, facts: Facts) -> None:
    """Neither claims nor facts."""
    done(history, "override", 5, 1, REFUSED, "section_47")
    done(history, "shield", 5, 1, REFUSED)
    assert history.claims(operation("view"), 5, 1, None) == Claims()
    assert facts.told == {}


def test_a_shield_protects_the_contacts_of_whoever_shares_a_carer(history: History, facts: Facts) -> None:
    """And forgetting brings everything back."""
    done(history, "shield", 0, 7, 201)
    assert facts.told == {0: {"shielded": True}, 1: {"contacts_protected": True}}
    history.forget()
    start = {"shielded": False, "contacts_protected": False}
    assert facts.told == {0: start, 1: start}


def test_a_wish_to_unshield_counts_as_approval_for_another_officer_only(history: History, facts: Facts) -> None:
    """Two different officers lift a shield."""
    done(history, "shield", 0, 7, 201)
    done(history, "unshield", 0, 7, ACCEPTED)
    assert history.claims(operation("unshield"), 0, 7, None).approvals == 0
    assert history.claims(operation("unshield"), 0, 8, None).approvals == 1
    done(history, "unshield", 0, 8, OK)
    assert facts.told[0]["shielded"] is False
    assert facts.told[1]["contacts_protected"] is False


def test_noting_a_wish_is_judged_as_if_somebody_had_approved() -> None:
    """Whoever could not carry it out with an approval may not wish it either."""
    assert at_status(operation("unshield"), Claims(), ACCEPTED).approvals == 1
    assert at_status(operation("unshield"), Claims(), OK).approvals == 0
