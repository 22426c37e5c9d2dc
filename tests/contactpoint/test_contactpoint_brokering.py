"""Contact goes through the management team, and asking for it tells nothing."""

from __future__ import annotations

import pytest
from tests.contactpoint.inside import Inside
from tests.contactpoint.serving import at, broker, entries, remove
from tests.contactpoint.tables import ARCHIVED_FIRST, FAR, FAR_SHIELDED, PLAIN, SHIELDED, SIBLING, number_of


def test_the_answer_is_one_whatever_the_record_holds(inside: Inside) -> None:
    """Shielded or not, with a sensitive service or without, here or there (R2, R14)."""
    for entry in entries(inside, SIBLING):
        remove(inside, "management_team", SIBLING, entry["service"])
    answers = [broker(inside, "social_worker", child) for child in (PLAIN, SIBLING, SHIELDED, FAR, FAR_SHIELDED)]
    assert len(set(answers)) == 1
    assert answers[0].status == 202
    assert broker(inside, "fire_strategy_officer", PLAIN, "contact_requested") == answers[0]


def test_the_team_of_the_area_is_told_and_no_other(inside: Inside) -> None:
    """With number, user, time and kind; the record can be opened by its number then."""
    broker(inside, "social_worker", SHIELDED)
    broker(inside, "social_worker", FAR, "contact_requested")
    (here,) = inside.by("management_team", "GET", "/brokering").json["requests"]
    (there,) = inside.by("management_team_there", "GET", "/brokering").json["requests"]
    assert (here["number"], here["user"], here["message_kind"]) == (number_of(SHIELDED), "social_worker", "urgent")
    assert here["time"].startswith("2009-05-18T")
    assert there["number"] == number_of(FAR)
    assert inside.by("management_team", "GET", f"/children/{here['number']}").status == 200
    assert inside.by("management_team", "GET", f"/children/{there['number']}").status == 404


@pytest.mark.parametrize("outcome", ["passed_on", "declined"])
def test_the_asker_learns_the_state_and_nothing_else(inside: Inside, outcome: str) -> None:
    """Neither provider nor area, nor even the number again; others' requests are not there."""
    broker(inside, "social_worker", SHIELDED)
    broker(inside, "health_visitor", SHIELDED)
    (waiting,) = inside.by("social_worker", "GET", "/brokering/mine").json["requests"]
    assert set(waiting) == {"request", "message_kind", "time", "state"}
    assert waiting["state"] == "open"
    path = f"/brokering/{waiting['request']}/answer"
    assert inside.by("management_team", "POST", path, {"outcome": outcome}).status == 204
    (answered,) = inside.by("social_worker", "GET", "/brokering/mine").json["requests"]
    assert answered == {**waiting, "state": outcome}
    left = inside.by("management_team", "GET", "/brokering").json["requests"]
    assert [request["user"] for request in left] == ["health_visitor"]


def test_an_answer_is_given_once_and_by_the_team_of_the_area(inside: Inside) -> None:
    """Another area's team, a request never made and one that was answered: one answer."""
    broker(inside, "social_worker", PLAIN)
    request = inside.by("social_worker", "GET", "/brokering/mine").json["requests"][0]["request"]
    body = {"outcome": "declined"}
    refused = [
        inside.by("management_team_there", "POST", f"/brokering/{request}/answer", body),
        inside.by("management_team", "POST", "/brokering/never/answer", body),
    ]
    assert inside.by("management_team", "POST", f"/brokering/{request}/answer", {"outcome": "x"}).status == 422
    assert inside.by("social_worker", "POST", f"/brokering/{request}/answer", body).status == 403
    assert inside.by("management_team", "POST", f"/brokering/{request}/answer", body).status == 204
    refused.append(inside.by("management_team", "POST", f"/brokering/{request}/answer", body))
    assert {answer.status for answer in refused} == {404}
    assert len(set(refused)) == 1


def test_who_may_not_see_the_child_asks_in_vain(inside: Inside) -> None:
    """Archived and never issued are alike; those who ask nothing are refused whatever the number."""
    refused = [broker(inside, "data_manager", ARCHIVED_FIRST), broker(inside, "social_worker", 999)]
    assert refused[0] == refused[1]
    assert refused[0].status == 404
    assert broker(inside, "central_team", PLAIN).status == broker(inside, "central_team", 999).status == 403
    assert inside.by("central_team", "GET", "/brokering/mine").status == 403
    assert inside.by("social_worker", "GET", "/brokering").status == 403
    assert broker(inside, "social_worker", PLAIN, "chat").status == 422
    assert inside.by("social_worker", "POST", at(PLAIN, "brokering"), {"message_kind": "urgent"}).status == 422
