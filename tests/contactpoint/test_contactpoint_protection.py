"""Breaking and keeping shields."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from tests.contactpoint.inside import Inside
from tests.contactpoint.officers import LIFTING
from tests.contactpoint.tables import (
    ARCHIVED_FIRST,
    FAR,
    FAR_SHIELDED,
    PLAIN,
    SHIELDED,
    SIBLING,
    number_of,
)

from overreach.contactpoint.app import assemble
from overreach.contactpoint.clock import Clock

WORKER = "child_protection_worker"


def override(inside: Inside, username: str, child: int, reason: str = "child_protection") -> int:
    """Ask for an override and give the status."""
    path = f"/children/{number_of(child)}/override"
    return inside.by(username, "POST", path, {"reason": reason}, x_request_id=f"override-{child}").status


def alerts(inside: Inside) -> list[dict[str, Any]]:
    """All alerts, as the central team reads them."""
    rows: list[dict[str, Any]] = inside.by("central_team", "GET", "/alerts").json["alerts"]
    return rows


def test_an_override_opens_one_record_and_raises_an_alert(inside: Inside) -> None:
    """The record opens to the one who asked, the alert names user, child and request (R13)."""
    assert override(inside, WORKER, SHIELDED) == 201
    assert "address" in inside.view(WORKER, SHIELDED, reason=None).json
    assert "address" not in inside.view("child_protection_worker_there", SHIELDED).json
    (alert,) = alerts(inside)
    assert (alert["kind"], alert["user"], alert["child"]) == ("override", WORKER, number_of(SHIELDED))
    assert alert["request_id"] == f"override-{SHIELDED}"


def test_an_override_reaches_out_of_area(inside: Inside) -> None:
    """Distance does not restrict it."""
    assert override(inside, WORKER, FAR_SHIELDED) == 201
    assert "address" in inside.view(WORKER, FAR_SHIELDED).json


@pytest.mark.parametrize("child", [PLAIN, SIBLING])
def test_an_override_ends_at_the_next_request_for_another_child(inside: Inside, child: int) -> None:
    """Whoever comes back must ask again."""
    override(inside, WORKER, SHIELDED)
    inside.view(WORKER, child)
    assert "address" not in inside.view(WORKER, SHIELDED).json


def test_an_override_ends_on_asking_and_outlives_a_search(inside: Inside) -> None:
    """A search is for no child; ending it answers alike whether there was one."""
    path = f"/children/{number_of(SHIELDED)}/override"
    override(inside, WORKER, SHIELDED)
    inside.search(WORKER, family_name="Plain")
    assert "address" in inside.view(WORKER, SHIELDED).json
    assert inside.by(WORKER, "DELETE", path) == inside.by("social_worker", "DELETE", path)
    assert "address" not in inside.view(WORKER, SHIELDED).json


def test_an_override_ends_after_ten_minutes(inside: Inside) -> None:
    """Time alone closes the shield again."""
    override(inside, WORKER, SHIELDED)
    clock = inside.app.parts.clock

    class Later(Clock):
        def now(self) -> datetime:
            return super().now() + timedelta(minutes=10)

    assert "address" in inside.view(WORKER, SHIELDED).json
    inside.app = assemble(replace(inside.app.parts, clock=Later(clock.as_of, clock.loaded)))
    assert "address" not in inside.view(WORKER, SHIELDED).json


def test_who_may_not_override_learns_nothing(inside: Inside) -> None:
    """Without the right: one refusal, whatever the number; with it: archived and never issued are alike."""
    asked = [(f"/children/{number}/override") for number in (number_of(SHIELDED), number_of(999), "nonsense")]
    body = {"reason": "welfare"}
    assert len({inside.by("social_worker", "POST", path, body) for path in asked}) == 1
    assert override(inside, "social_worker", SHIELDED) == 403
    assert override(inside, WORKER, ARCHIVED_FIRST) == override(inside, WORKER, 999) == 404
    assert override(inside, WORKER, SHIELDED, "curious") == 422
    assert alerts(inside) == []


def test_one_officer_shields_and_carers_are_protected_elsewhere(inside: Inside) -> None:
    """The record is masked at once, and what its carers are reached by on a sibling's record."""
    path = f"/children/{number_of(SIBLING)}/shield"
    assert "address" in inside.view("social_worker", SIBLING).json
    assert inside.by("management_team", "POST", path, {"ground": "threat"}).status == 201
    assert inside.by("management_team", "POST", path, {"ground": "threat"}).status == 201
    assert "address" not in inside.view("social_worker", SIBLING).json


def test_two_officers_lift_a_shield(inside: Inside) -> None:
    """One officer asking twice is still one; a new shield starts from nothing."""
    path = f"/children/{number_of(SHIELDED)}"

    def ask(username: str) -> int:
        return inside.by(username, "POST", f"{path}/unshield", LIFTING).status

    assert ask("management_team") == 202
    assert ask("management_team") == 202
    assert "address" not in inside.view("social_worker", SHIELDED).json
    assert ask("management_team_second") == 200
    assert "address" in inside.view("social_worker", SHIELDED).json
    assert "email" in inside.view("social_worker", SIBLING).json["carers"][0]
    assert inside.by("management_team", "POST", f"{path}/shield", {"ground": "again"}).status == 201
    assert "email" not in inside.view("social_worker", SIBLING).json["carers"][0]
    assert ask("management_team_second") == 202


def test_a_new_shield_forgets_who_asked_to_lift_the_old_one(inside: Inside) -> None:
    """An old request to lift does not count against a new ground."""
    path = f"/children/{number_of(SHIELDED)}"
    inside.by("management_team", "POST", f"{path}/unshield", LIFTING)
    inside.by("management_team", "POST", f"{path}/shield", {"ground": "new threat"})
    answer = inside.by("management_team_second", "POST", f"{path}/unshield", LIFTING)
    assert answer.status == 202


@pytest.mark.parametrize("verb", ["shield", "unshield"])
def test_who_may_not_keep_a_shield_learns_nothing(inside: Inside, verb: str) -> None:
    """Without the right: refused whatever the number; out of area and in the archive: as never issued."""
    body: dict[str, object] = {"ground": "because"} if verb == "shield" else LIFTING
    asked = [f"/children/{number_of(each)}/{verb}" for each in (PLAIN, FAR, ARCHIVED_FIRST, 999)]
    assert {inside.by("social_worker", "POST", path, body).status for path in asked} == {403}
    assert len({inside.by("management_team", "POST", path, body) for path in asked[1:]}) == 1
    assert inside.by("management_team", "POST", asked[1], body).status == 404
    assert inside.by("management_team", "POST", asked[0], {**body, "more": "x"}).status == 422
    for member in body:
        assert inside.by("management_team", "POST", asked[0], {**body, member: " "}).status == 422
