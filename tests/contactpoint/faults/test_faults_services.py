"""The faults of sensitive services and of brokering, each beside the correct behaviour."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from tests.contactpoint.inside import Inside
from tests.contactpoint.later import move_on
from tests.contactpoint.serving import HARM, ORDINARY, SENSITIVE, broker, declare, entries, record, remove
from tests.contactpoint.tables import FAR, MOVED, PLAIN, SHIELDED, SIBLING

Both = Callable[..., tuple[Any, Any]]


def test_sensitive_service_without_basis(both: Both) -> None:
    """Refused; stored."""

    def ask(inside: Inside) -> tuple[int, int]:
        without = {name: value for name, value in SENSITIVE.items() if name != "basis"}
        status = record(inside, "social_worker", PLAIN, without).status
        return status, len(entries(inside, PLAIN))

    assert both("sensitive-service-without-basis", ask) == ((422, 2), (201, 3))


def test_harm_ground_not_stored(both: Both) -> None:
    """The service stands either way; the ground is missing."""

    def ask(inside: Inside) -> Any:  # noqa: ANN401 - a basis
        record(inside, "social_worker", PLAIN, {**SENSITIVE, "basis": HARM})
        return entries(inside, PLAIN)[-1]["basis"]

    assert both("harm-ground-not-stored", ask) == ({"consent": None, "on": None, **HARM}, None)


def test_withdrawn_service_comes_back(both: Both) -> None:
    """The old consent is as good as ever."""

    def ask(inside: Inside) -> int:
        service = record(inside, "social_worker", PLAIN, SENSITIVE).json["service"]
        remove(inside, "social_worker", PLAIN, service)
        record(inside, "health_visitor", PLAIN, SENSITIVE)
        return len(entries(inside, PLAIN))

    assert both("withdrawn-service-comes-back", ask) == (2, 3)


def providers_seen(inside: Inside) -> list[bool]:
    """Whether the provider of a sensitive service is read: of a plain child by two users, and under a shield."""
    asked = (("social_worker", PLAIN), ("management_team", PLAIN), ("social_worker", SHIELDED))
    return [b"Quiet Place" in inside.view(username, child).body for username, child in asked]


def test_sensitive_services_readable(both: Both) -> None:
    """Everybody who reads services reads the provider; under a shield nobody does."""
    assert both("sensitive-services-readable", providers_seen) == ([False, True, False], [True, True, False])


def test_sensitive_provider_shown(both: Both) -> None:
    """The same to the same people, in a place where it is not looked for."""
    assert both("sensitive-provider-shown", providers_seen) == ([False, True, False], [True, True, False])


def test_sensitive_service_marked(both: Both) -> None:
    """One more service than the record may show, and none where there is nothing to hide."""

    def ask(inside: Inside) -> list[int]:
        for entry in entries(inside, SIBLING):
            if entry["sensitive"]:
                remove(inside, "management_team", SIBLING, entry["service"])
        return [len(inside.view("social_worker", child).json["services"]) for child in (PLAIN, SIBLING)]

    assert both("sensitive-service-marked", ask) == ([1, 1], [2, 1])


def test_sensitive_service_updates_record(both: Both) -> None:
    """An ordinary service moves the day in both."""

    def ask(inside: Inside) -> list[str]:
        inside.token("social_worker")
        move_on(inside, timedelta(days=1))
        days = []
        for service in (SENSITIVE, ORDINARY):
            record(inside, "social_worker", PLAIN, service)
            days.append(inside.view("social_worker", PLAIN).json["provenance"]["updated"])
        return days

    assert both("sensitive-service-updates-record", ask) == (
        [MOVED.isoformat(), "2009-05-19"],
        ["2009-05-19", "2009-05-19"],
    )


def test_withdrawn_service_tells(both: Both) -> None:
    """The id says that there was one; nothing is stored in either."""

    def ask(inside: Inside) -> tuple[bool, int]:
        service = record(inside, "social_worker", PLAIN, SENSITIVE).json["service"]
        remove(inside, "social_worker", PLAIN, service)
        told = record(inside, "health_visitor", PLAIN, SENSITIVE).json["service"] == "withdrawn"
        return told, len(entries(inside, PLAIN))

    assert both("withdrawn-service-tells", ask) == ((False, 2), (True, 2))


def test_service_of_another_child_removed(both: Both) -> None:
    """The team of one area removes, over a child of its own, the entry of a child of another area."""

    def ask(inside: Inside) -> tuple[int, int]:
        declare(inside, "management_team_there", FAR)
        path = f"/children/qxzc{FAR:08d}/services"
        entry = inside.by("management_team_there", "GET", path).json["services"][0]["service"]
        status = remove(inside, "management_team", PLAIN, entry).status
        return status, len(inside.by("management_team_there", "GET", path).json["services"])

    assert both("service-of-another-child-removed", ask) == ((404, 2), (204, 1))


def test_service_removed_by_anybody(both: Both) -> None:
    """A colleague removes what somebody else recorded."""

    def ask(inside: Inside) -> int:
        service = record(inside, "social_worker", PLAIN, ORDINARY).json["service"]
        return remove(inside, "health_visitor", PLAIN, service).status

    assert both("service-removed-by-anybody", ask) == (404, 204)


def test_brokering_tells_sensitive_service(both: Both) -> None:
    """Two children, two answers."""

    def ask(inside: Inside) -> int:
        for entry in entries(inside, SIBLING):
            remove(inside, "management_team", SIBLING, entry["service"])
        return len({broker(inside, "social_worker", child) for child in (PLAIN, SHIELDED, SIBLING)})

    assert both("brokering-tells-sensitive-service", ask) == (1, 2)


def test_brokering_names_area(both: Both) -> None:
    """The answer about a shielded child says where it is."""

    def ask(inside: Inside) -> bool:
        return b"Hereshire" in broker(inside, "social_worker", SHIELDED).body

    assert both("brokering-names-area", ask) == (False, True)


def test_brokering_for_every_area(both: Both) -> None:
    """A request is answered by another area's team, and by nobody without the right."""

    def ask(inside: Inside) -> list[int]:
        broker(inside, "social_worker", FAR)
        request = inside.by("social_worker", "GET", "/brokering/mine").json["requests"][0]["request"]
        path, body = f"/brokering/{request}/answer", {"outcome": "declined"}
        return [inside.by(username, "POST", path, body).status for username in ("social_worker", "management_team")]

    assert both("brokering-for-every-area", ask) == ([403, 404], [403, 204])
