"""The faults of object rights: another record than the one that was checked; each beside the correct behaviour."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.contactpoint.inside import Got, Inside, key_of
from tests.contactpoint.tables import FAR, PLAIN, SHIELDED, SIBLING, number_of

Both = Callable[..., tuple[Any, Any]]


def opened(inside: Inside, child: int, query: str = "", user: str = "social_worker") -> Got:
    """A record by its number alone."""
    return inside.by(user, "GET", f"/children/{number_of(child)}{query}")


def test_number_never_given_opens(both: Both) -> None:
    """The number opens its record before any search gave it; the shield holds."""

    def ask(inside: Inside) -> list[object]:
        got = [opened(inside, PLAIN), opened(inside, SHIELDED)]
        return [*(each.status for each in got), "address" in got[1].json]

    assert both("number-never-given-opens", ask) == ([404, 404, False], [200, 200, False])


def test_number_in_query_wins(both: Both) -> None:
    """The number that was given stands in the path, another one is opened."""

    def ask(inside: Inside) -> tuple[str, int]:
        inside.search("social_worker", family_name="Plain")
        query = f"?number={number_of(SIBLING)}"
        # Where the number in the path was not given either, nothing opens.
        return opened(inside, PLAIN, query).json["number"], opened(inside, FAR, query).status

    assert both("number-in-query-wins", ask) == ((number_of(PLAIN), 404), (number_of(SIBLING), 404))


def test_number_in_header_wins(both: Both) -> None:
    """The shielded record comes with the facets of the ordinary one."""

    def ask(inside: Inside) -> tuple[str, str]:
        header = {"x_record_number": number_of(SHIELDED)}
        record = inside.by("social_worker", "POST", "/children/view", key_of(PLAIN), **header).json
        return record["number"], record["address"]["postcode"]

    correct, broken = both("number-in-header-wins", ask)
    assert correct == (number_of(PLAIN), "CI0 1KV")
    assert broken == (number_of(SHIELDED), "CI1 1KV")


def test_number_in_body_overridden(both: Both) -> None:
    """The alert names the ordinary record, the shielded one is open."""

    def ask(inside: Inside) -> tuple[int, bool, list[str]]:
        breaker, body = "child_protection_worker", {"reason": "section_47", "number": number_of(SHIELDED)}
        status = inside.by(breaker, "POST", f"/children/{number_of(PLAIN)}/override", body).status
        seen = "address" in inside.view(breaker, SHIELDED).json
        alerts = inside.by("central_team", "GET", "/alerts").json["alerts"]
        return status, seen, [alert["child"] for alert in alerts]

    assert both("number-in-body-overridden", ask) == ((422, False, []), (201, True, [number_of(PLAIN)]))


def test_list_of_numbers_checked_by_first(both: Both) -> None:
    """The second of two is answered whole, and a list whose first may not be seen is not answered."""

    def ask(inside: Inside) -> list[object]:
        lists = [
            {**key_of(PLAIN), "number": [number_of(PLAIN), number_of(SHIELDED)]},
            {**key_of(PLAIN), "number": [number_of(999), number_of(SHIELDED)]},
        ]
        got = [inside.by("social_worker", "POST", "/children/view", body) for body in lists]
        return [*(each.status for each in got), "CI1 1KV" in got[0].body.decode()]

    assert both("list-of-numbers-checked-by-first", ask) == ([422, 422, False], [200, 404, True])


def test_shield_kept_by_any_team(both: Both) -> None:
    """The management team shields a child elsewhere; a role without the right still does not."""

    def ask(inside: Inside) -> list[int]:
        path = f"/children/{number_of(FAR)}/shield"
        return [
            inside.by(name, "POST", path, {"ground": "harm"}).status for name in ("management_team", "data_manager")
        ]

    assert both("shield-kept-by-any-team", ask) == ([404, 403], [201, 403])


def test_reason_declared_for_another_session(both: Both) -> None:
    """One user states the reason, another one's session has it."""

    def ask(inside: Inside) -> tuple[int, bool]:
        inside.token("head_teacher")  # the first session of this registry
        body, path = {"reason": "welfare", "session": 1}, f"/children/{number_of(PLAIN)}/reason"
        status = inside.by("social_worker", "POST", path, body).status
        return status, "address" in inside.view("head_teacher", PLAIN, reason=None).json

    assert both("reason-declared-for-another-session", ask) == ((422, False), (204, True))


def test_record_as_of_an_earlier_day(both: Both) -> None:
    """As of the day before the shield was set there is none; as of the day after there is."""

    def ask(inside: Inside) -> list[bool]:
        inside.search("social_worker", given_name="Ben")
        inside.by("social_worker", "POST", f"/children/{number_of(SHIELDED)}/reason", {"reason": "welfare"})
        queries = ("?as_of=2009-05-17", "?as_of=2009-05-19", "")
        return ["address" in opened(inside, SHIELDED, query).json for query in queries]

    assert both("record-as-of-an-earlier-day", ask) == ([False, False, False], [True, False, False])
