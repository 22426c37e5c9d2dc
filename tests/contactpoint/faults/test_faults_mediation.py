"""The faults of looking things up for a caller, each beside the correct behaviour."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.contactpoint.desks import MEDIATOR, look_up, mediate, suspend
from tests.contactpoint.inside import Inside
from tests.contactpoint.tables import PLAIN, SHIELDED

Both = Callable[..., tuple[Any, Any]]
CALLER, TEAM = "practice_administrator", "management_team"


def test_mediator_lends_own_rights(both: Both) -> None:
    """A practitioner is read out the hidden part by the management team."""

    def ask(inside: Inside) -> list[bool]:
        handle = mediate(inside, CALLER, TEAM)
        return ["address" in look_up(inside, handle, child, TEAM).json for child in (PLAIN, SHIELDED)]

    assert both("mediator-lends-own-rights", ask) == ([True, False], [True, True])


def test_caller_not_authenticated(both: Both) -> None:
    """A name is enough; one that nobody has is not, and a role that does not mediate is refused."""

    def ask(inside: Inside) -> list[int]:
        asked = (MEDIATOR, CALLER), (MEDIATOR, "nobody"), ("social_worker", CALLER)
        return [
            inside.by(mediator, "POST", "/mediations", {"username": name, "password": "?", "code": "?"}).status
            for mediator, name in asked
        ]

    assert both("caller-not-authenticated", ask) == ([403, 403, 403], [201, 403, 403])


def test_log_names_mediator_only(both: Both) -> None:
    """The row is there, without the caller."""

    def ask(inside: Inside) -> list[tuple[str, str]]:
        look_up(inside, mediate(inside, CALLER), PLAIN)
        return [(row["user"], row["on_behalf_of"]) for row in inside.log() if row["operation"] == "view"]

    assert both("log-names-mediator-only", ask) == ([(MEDIATOR, CALLER)], [(MEDIATOR, "")])


def test_mediation_survives_suspension(both: Both) -> None:
    """The suspended caller is served on; the suspended mediator serves nobody."""

    def ask(inside: Inside) -> list[int]:
        handle, statuses = mediate(inside, CALLER, TEAM), []
        for party in (CALLER, TEAM):
            suspend(inside, party, "management_team_second")
            statuses.append(look_up(inside, handle, PLAIN, TEAM).status)
        return statuses

    assert both("mediation-survives-suspension", ask) == ([401, 401], [200, 401])
