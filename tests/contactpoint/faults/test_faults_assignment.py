"""The faults of writing, each beside the correct behaviour."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.contactpoint.inside import Got, Inside
from tests.contactpoint.tables import FAR, PLAIN, SHIELDED, number_of

Both = Callable[..., tuple[Any, Any]]
HOME = {"house": "Larch House", "street": "Mill Lane", "locality": "Newtown", "postcode": "CI9 1KV"}


def amend(inside: Inside, username: str, child: int, **fields: object) -> Got:
    """One amendment, with a reason."""
    body = {"reason": "welfare", **fields}
    return inside.by(username, "PATCH", f"/children/{number_of(child)}", body)


def test_shield_assigned_by_amendment(both: Both) -> None:
    """A correction that carries the shield with it is refused whole; with the fault the address is open."""

    def ask(inside: Inside) -> tuple[int, bool]:
        status = amend(inside, "data_manager", SHIELDED, given_name="Benn", shielded=False).status
        return status, "address" in inside.view("social_worker", SHIELDED).json

    assert both("shield-assigned-by-amendment", ask) == ((422, False), (204, True))


def test_responsible_assigned_by_amendment(both: Both) -> None:
    """The record belongs to the other authority, whose management team then keeps it."""

    def ask(inside: Inside) -> tuple[int, int]:
        status = amend(inside, "management_team", PLAIN, practice=None, responsible="Therewich").status
        return status, amend(inside, "management_team_there", PLAIN, practice=None).status

    assert both("responsible-assigned-by-amendment", ask) == ((422, 404), (204, 204))


def test_archive_year_assigned_by_amendment(both: Both) -> None:
    """The record is gone for those who work with the child."""

    def ask(inside: Inside) -> tuple[int, int]:
        status = amend(inside, "data_manager", PLAIN, gender="female", archive_year=2).status
        return status, inside.view("social_worker", PLAIN).status

    assert both("archive-year-assigned-by-amendment", ask) == ((422, 200), (204, 404))


def test_case_notes_stored(both: Both) -> None:
    """They stand in the record; a record without any is as it was."""

    def ask(inside: Inside) -> tuple[int, object, bool]:
        status = amend(inside, "management_team", PLAIN, practice=None, case_notes="mother fled").status
        told = inside.view("fire_strategy_officer", PLAIN).json.get("case_notes")
        return status, told, "case_notes" in inside.view("social_worker", FAR).json

    assert both("case-notes-stored", ask) == ((422, None, False), (204, "mother fled", False))


def test_amended_record_answered_whole(both: Both) -> None:
    """The data manager corrects the name of a shielded child, and learns where it lives."""

    def ask(inside: Inside) -> list[tuple[int, bool]]:
        answers = [amend(inside, "data_manager", child, family_name="Hyde") for child in (SHIELDED, FAR)]
        return [(answer.status, b"Qxza00000001 House" in answer.body) for answer in answers]

    assert both("amended-record-answered-whole", ask) == ([(204, False), (404, False)], [(200, True), (404, False)])


def test_amendment_out_of_area(both: Both) -> None:
    """The team of one authority moves a child of another; a practitioner still may not."""

    def ask(inside: Inside) -> list[int]:
        return [amend(inside, name, FAR, address=HOME).status for name in ("management_team", "social_worker")]

    assert both("amendment-out-of-area", ask) == ([404, 403], [204, 403])


def test_former_addresses_unmasked(both: Both) -> None:
    """The shielded record has no address, and all those before it."""

    def ask(inside: Inside) -> tuple[bool, list[str]]:
        record = inside.view("social_worker", SHIELDED).json
        return "address" in record, [place["house"] for place in record.get("former_addresses", ())]

    assert both("former-addresses-unmasked", ask) == ((False, []), (False, ["Qxza00000010 House"]))


def test_indicator_set_for_another(both: Both) -> None:
    """The head teacher is made lead professional by somebody else; one's own goes on as it was."""

    def ask(inside: Inside) -> list[tuple[int, object]]:
        answers = []
        path = f"/children/{number_of(PLAIN)}/indicators/lead_professional"
        for more in ({"holder": "head_teacher"}, {}):
            status = inside.by(
                "social_worker", "PUT", path, {"phone": "01632 960001", "reason": "welfare", **more}
            ).status
            held = inside.view("social_worker", PLAIN).json["indicators"]["lead_professional"]
            answers.append((status, held and held["holder"]))
        return answers

    correct, broken = both("indicator-set-for-another", ask)
    assert correct == [(422, None), (204, "Social Worker Worker")]
    assert broken == [(204, "Head Teacher Worker"), (409, "Head Teacher Worker")]
