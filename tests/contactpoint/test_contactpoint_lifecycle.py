"""Merge, split and move: whatever becomes of a record, its protection stays."""

from __future__ import annotations

import pytest
from tests.contactpoint.inside import Inside, key_of
from tests.contactpoint.officers import (
    BREAKER,
    HALF,
    LIFTING,
    MANAGER,
    SECOND,
    TEAM,
    TEAM_THERE,
    WORKER,
    decide,
    has_contacts,
    merge,
    move,
    post,
    request,
    rows,
    shield,
    shown,
    unshield,
)
from tests.contactpoint.tables import (
    ARCHIVED_FIRST,
    FAR,
    KIDS,
    PLAIN,
    SHIELDED,
    SIBLING,
    number_of,
)

from overreach.contactpoint.calls import NUMBER
from overreach.contactpoint.numbers import PREFIX, check_character, random_number
from overreach.model.canary import Minter, TokenKind

TWIN = 9  # a plain child who shares no carer with those above


def test_two_officers_merge(inside: Inside) -> None:
    """One asking twice is one, and to merge the other way round is another wish; afterwards it is done."""
    assert merge(inside, PLAIN, TWIN, MANAGER, MANAGER) == [202, 202]
    assert merge(inside, TWIN, PLAIN, TEAM) == [202]
    assert merge(inside, PLAIN, TWIN, TEAM) == [200]
    assert merge(inside, PLAIN, TWIN, MANAGER, TEAM) == [404, 404]


@pytest.mark.parametrize(("child", "survivor"), [(SHIELDED, PLAIN), (PLAIN, SHIELDED)])
def test_a_merged_record_is_shielded_if_either_was(inside: Inside, child: int, survivor: int) -> None:
    """The survivor has the mask, under both numbers, for whoever had the old one; searches do not find it (R10)."""
    inside.search(WORKER, family_name=KIDS[child].family)
    assert merge(inside, child, survivor) == [202, 200]
    born = KIDS[survivor].born.isoformat()
    views = [
        inside.view(WORKER, survivor),
        inside.by(WORKER, "GET", f"/children/{number_of(child)}"),
        inside.by(WORKER, "POST", "/children/view", {**key_of(child), "date_of_birth": born}),
    ]
    assert {view.body for view in views} == {views[0].body}
    assert set(views[0].json) == {"number", "name", "gender", "date_of_birth"}
    assert views[0].json["number"] == number_of(survivor)
    assert [row["results"] for row in inside.log() if row["operation"] == "view"] == [[number_of(survivor)]] * 3
    assert inside.search(WORKER, reason="welfare", postcode=f"CI{KIDS[survivor].address} 1KV").json["count"] == 0
    assert inside.search(WORKER, family_name=KIDS[child].family, given_name=KIDS[child].given).json["count"] == 0
    assert "protection" in inside.view(TEAM, survivor).json
    assert rows(inside, "SELECT standing, review_on FROM shield_standing WHERE child = ?", survivor) == [
        ("confirmed", "2009-11-18")
    ]


def test_the_old_name_stays_findable_by_those_who_may(inside: Inside) -> None:
    """As a former name, together with the carers of both."""
    merge(inside, PLAIN, TWIN)
    found = inside.search(WORKER, reason="welfare", former_name="Plain").json["children"]
    assert [child["number"] for child in found] == [number_of(TWIN)]
    assert {carer["name"] for carer in inside.view(WORKER, TWIN).json["carers"]} == {
        f"Carer{row} Parent" for row in (0, 1, 7)
    }


def test_a_merged_record_keeps_protected_contacts_and_named_threats(inside: Inside) -> None:
    """What hides a carer on one of the two hides it on the survivor; so does what excludes a user."""
    shield(inside, SHIELDED, SECOND)
    assert merge(inside, SIBLING, PLAIN) == [202, 200]
    assert not has_contacts(inside, WORKER, PLAIN)
    assert has_contacts(inside, TEAM, PLAIN)
    assert not has_contacts(inside, SECOND, PLAIN)
    assert merge(inside, SHIELDED, TWIN) == [202, 200]
    assert not shown(inside, SECOND, TWIN)
    assert post(inside, SECOND, SHIELDED, "unshield", **LIFTING).status == 404


def test_numbers_lead_to_the_last_survivor(inside: Inside) -> None:
    """However often a record is merged; an override taken under an old number has ended."""
    post(inside, BREAKER, SHIELDED, "override", reason="section_47")
    merge(inside, SHIELDED, PLAIN)
    assert "address" not in inside.view(BREAKER, SHIELDED).json
    merge(inside, PLAIN, TWIN)
    for number in (SHIELDED, PLAIN, TWIN):
        assert inside.view(WORKER, number).json["number"] == number_of(TWIN)
    post(inside, BREAKER, SHIELDED, "override", reason="section_47")
    assert "address" in inside.view(BREAKER, SHIELDED).json


def test_involvements_go_on_within_the_area_only(inside: Inside) -> None:
    """Somebody of another area worked with one of the two; that was no work with the other."""
    assert inside.view("social_worker_there", PLAIN, reason=None).status == 200
    merge(inside, PLAIN, TWIN)
    assert inside.view("social_worker_there", TWIN, reason=None).status == 404
    assert inside.view("social_worker_there", PLAIN, reason=None).status == 404


@pytest.mark.parametrize("username", [MANAGER, TEAM])
def test_who_does_not_keep_both_records_learns_nothing(inside: Inside, username: str) -> None:
    """Out of area, archived, never issued, the same twice: one answer, either way round; without the right: 403."""
    others = [number_of(each) for each in (FAR, ARCHIVED_FIRST, 999, PLAIN)]
    answers = {post(inside, username, PLAIN, "merge", into=other) for other in others}
    answers |= {post(inside, username, other, "merge", into=number_of(PLAIN)) for other in others}
    answers |= {post(inside, username, other, "split", **HALF) for other in others[:3]}
    assert len(answers) == 1
    assert answers.pop().status == 404
    for verb, body in (("merge", {"into": number_of(TWIN)}), ("split", HALF)):
        assert {post(inside, WORKER, each, verb, **body).status for each in (PLAIN, FAR, 999)} == {403}
        assert {post(inside, username, each, verb, **{**body, "x": 1}).status for each in (PLAIN, FAR, 999)} == {422}
    assert post(inside, username, PLAIN, "merge", into="nonsense").status == 422
    assert post(inside, username, PLAIN, "split", **{**HALF, "date_of_birth": "soon"}).status == 422


def test_both_halves_of_a_shielded_record_are_shielded_until_reviewed(inside: Inside) -> None:
    """Threats and carers count for both; both are due for review at once (scenario 29)."""
    shield(inside, SHIELDED, SECOND)
    answer = post(inside, MANAGER, SHIELDED, "split", **HALF)
    assert answer.status == 201
    number = answer.json["number"]
    key = {"number": number, "date_of_birth": HALF["date_of_birth"], "reason": "welfare"}
    half = inside.by(WORKER, "POST", "/children/view", key).json
    assert half == {
        "number": number,
        "name": {"given": "Zoe", "middle": None, "family": "Second"},
        "gender": "female",
        "date_of_birth": "2001-03-04",
    }
    assert not shown(inside, WORKER, SHIELDED)
    assert "address" not in inside.by(SECOND, "POST", "/children/view", key).json
    whole = inside.by(TEAM, "POST", "/children/view", key).json
    assert whole["address"]["postcode"] == "CI1 1KV"
    assert whole["services"] == whole["sensitive_services"] == []
    listed = [row["number"] for row in inside.by(TEAM, "GET", "/shields/reviews").json["reviews"]]
    assert sorted(listed) == sorted([number_of(SHIELDED), number])


def test_a_half_protects_the_carer_of_the_other(inside: Inside) -> None:
    """When the first is no longer shielded, the second, which still is, keeps hiding their carer."""
    number = post(inside, TEAM, SHIELDED, "split", **HALF).json["number"]
    for officer in (TEAM, SECOND):
        unshield(inside, officer, SHIELDED)
    assert shown(inside, WORKER, SHIELDED)
    assert not has_contacts(inside, WORKER, SHIELDED)
    for officer in (TEAM, SECOND):
        post(inside, officer, number, "unshield", **LIFTING)
    assert has_contacts(inside, WORKER, SHIELDED)


def test_new_numbers_are_made_like_the_old(inside: Inside) -> None:
    """With the check character of the population's; no two alike."""
    numbers = {post(inside, TEAM, PLAIN, "split", **HALF).json["number"] for _ in range(5)}
    numbers |= {random_number() for _ in range(200)}
    assert len(numbers) == 205
    assert all(NUMBER.fullmatch(number) and Minter(2007).read(number) is not None for number in numbers)
    issued = [Minter(2007).mint(TokenKind.RECORD, row) for row in range(50)]
    assert all(check_character(number[len(PREFIX) : -1]) == number[-1] for number in issued)


def test_a_record_moves_once_the_other_authority_accepts(inside: Inside) -> None:
    """Until then nothing changes; then the old authority is not responsible any more (R18, scenario 30)."""
    assert post(inside, TEAM_THERE, PLAIN, "move/accept").status == 404
    assert post(inside, TEAM, PLAIN, "move", to="Therewich").status == 202
    assert shield(inside, PLAIN, username=TEAM_THERE) == 404
    assert post(inside, TEAM, PLAIN, "move/accept").status == 404
    assert shield(inside, PLAIN) == 201
    assert post(inside, TEAM_THERE, PLAIN, "move/accept").json == {"moved": True}
    assert post(inside, TEAM_THERE, PLAIN, "move/accept").status == 404
    assert shield(inside, PLAIN) == 404
    assert not shown(inside, TEAM, PLAIN)
    assert shown(inside, TEAM_THERE, PLAIN)
    assert not shown(inside, "social_worker_there", PLAIN)


def test_shield_threats_and_review_travel(inside: Inside) -> None:
    """The new authority has the shield as it was; who was named is still named."""
    shield(inside, SHIELDED, BREAKER)
    before = rows(inside, "SELECT * FROM shield_standing WHERE child = ?", SHIELDED)
    assert move(inside, SHIELDED) == [202, 200]
    assert rows(inside, "SELECT * FROM shield_standing WHERE child = ?", SHIELDED) == before
    assert post(inside, BREAKER, SHIELDED, "override", reason="section_47").status == 404


def test_half_made_agreements_of_the_old_authority_end(inside: Inside) -> None:
    """Its officer's wish to lift is no approval for an officer of the new one; a request is decided by the new one."""
    unshield(inside, TEAM, SHIELDED)
    move(inside, SHIELDED)
    assert unshield(inside, TEAM_THERE, SHIELDED) == 202
    request(inside, WORKER, PLAIN)
    move(inside, PLAIN)
    assert decide(inside, TEAM, PLAIN, "confirm") == 404
    assert decide(inside, TEAM_THERE, PLAIN, "confirm") == 200


def test_what_users_of_the_old_area_had_taken_ends(inside: Inside) -> None:
    """Numbers given, reasons stated, overrides, work with the child: none of it outlasts the move."""
    path = f"/children/{number_of(PLAIN)}"
    inside.search(WORKER, family_name="Plain")
    inside.search("social_worker_there", family_name="Plain", reason="welfare")
    post(inside, WORKER, PLAIN, "reason", reason="welfare")
    for breaker in (BREAKER, "child_protection_worker_there"):
        post(inside, breaker, PLAIN, "override", reason="section_47")
    assert inside.by(WORKER, "GET", path).status == 200
    assert move(inside, PLAIN) == [202, 200]
    assert inside.by(WORKER, "GET", path).status == 404
    assert inside.view(WORKER, PLAIN, reason=None).status == 404
    assert inside.view(BREAKER, PLAIN, reason=None).status == 404
    assert "address" in inside.view("child_protection_worker_there", PLAIN, reason=None).json
    assert inside.by("social_worker_there", "GET", path).status == 200


def test_who_may_not_move_learns_nothing(inside: Inside) -> None:
    """An authority's name is checked for every number alike; to where it is already, a record cannot go."""
    body = {"to": "Therewich"}
    assert {post(inside, WORKER, each, "move", **body).status for each in (PLAIN, FAR, 999)} == {403}
    assert {post(inside, MANAGER, each, "move/accept").status for each in (PLAIN, FAR, 999)} == {403}
    assert len({post(inside, TEAM, each, "move", **body) for each in (FAR, ARCHIVED_FIRST, 999)}) == 1
    assert {post(inside, TEAM, each, "move", to="Nowhere").status for each in (PLAIN, FAR, 999)} == {409}
    assert post(inside, TEAM, PLAIN, "move", to="Hereshire").status == 409
    shield(inside, PLAIN, SECOND)
    assert post(inside, SECOND, PLAIN, "move", **body).status == 404
