"""Short words for the tests of services, brokering and exports."""

from __future__ import annotations

from typing import Any

from tests.contactpoint.inside import Got, Inside
from tests.contactpoint.tables import number_of

ORDINARY = {"kind": "youth service", "provider": "Hall of Youth", "phone": "01632 960003", "since": "2009-01-01"}
CONSENT = {"consent": "child", "on": "2009-05-01"}
SENSITIVE = {"kind": "sexual health", "provider": "Still Waters", "sensitive": "sexual_health", "basis": CONSENT}
HARM = {"harm": "suspected significant harm"}
WIDE = {"columns": ["number", "family_name", "postcode", "school"], "where": {}, "purpose": "welfare"}


def at(child: int, what: str) -> str:
    """A path below a child."""
    return f"/children/{number_of(child)}/{what}"


def declare(inside: Inside, username: str, child: int, reason: str = "welfare") -> None:
    """State a reason for a record."""
    assert inside.by(username, "POST", at(child, "reason"), {"reason": reason}).status == 204


def record(inside: Inside, username: str, child: int, service: dict[str, Any]) -> Got:
    """Record a service after stating a reason."""
    declare(inside, username, child)
    return inside.by(username, "POST", at(child, "services"), service)


def entries(inside: Inside, child: int) -> list[dict[str, Any]]:
    """All entries of a child, as the management team reads them."""
    declare(inside, "management_team", child)
    listed: list[dict[str, Any]] = inside.by("management_team", "GET", at(child, "services")).json["services"]
    return listed


def remove(inside: Inside, username: str, child: int, service: str) -> Got:
    """Remove an entry of a child."""
    return inside.by(username, "DELETE", at(child, f"services/{service}"))


def broker(inside: Inside, username: str, child: int, kind: str = "urgent") -> Got:
    """Ask for contact."""
    return inside.by(username, "POST", at(child, "brokering"), {"message_kind": kind, "reason": "welfare"})


def ask(inside: Inside, username: str = "data_manager", **body: Any) -> str:  # noqa: ANN401 - any member of a body
    """Ask for an export and give its id."""
    return str(inside.by(username, "POST", "/exports", {**WIDE, **body}).json["export"])


def approve(inside: Inside, export: str, *usernames: str) -> list[int]:
    """Approve an export, one user after the other."""
    return [inside.by(name, "POST", f"/exports/{export}/approve").status for name in usernames]


def take(inside: Inside, export: str, username: str = "data_manager") -> Got:
    """Download an export."""
    return inside.by(username, "GET", f"/exports/{export}")


def exported(inside: Inside, username: str = "data_manager", **body: Any) -> Got:  # noqa: ANN401 - as above
    """Ask for an export, have it approved by two, and download it."""
    export = ask(inside, username, **body)
    assert approve(inside, export, "management_team_second", "central_team") == [204, 204]
    return take(inside, export, username)
