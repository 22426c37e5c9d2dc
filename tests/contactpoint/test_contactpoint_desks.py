"""Two people in one session are noticed by the programs that they work with."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.contactpoint.desks import alerts, later
from tests.contactpoint.inside import Inside

from overreach.contactpoint.desks import IN_TURNS_WITHIN, TOLD_FOR

WORKER = "social_worker"
ONE, OTHER = "Mozilla/5.0 (desk 1)", "Mozilla/5.0 (desk 2)"


def ask(inside: Inside, *agents: str) -> None:
    """A request of the worker's with each of these programs, one after the other."""
    for agent in agents:
        assert inside.by(WORKER, "GET", "/notices", user_agent=agent).status == 200


def told(inside: Inside) -> list[str]:
    """Whose session seems to be shared."""
    return alerts(inside, "shared_session")


def test_two_programs_that_take_turns_are_told_of_once_an_hour(inside: Inside) -> None:
    """The alert names the user and the request at which the first one came back (R6)."""
    ask(inside, ONE, OTHER)
    assert told(inside) == []
    assert inside.by(WORKER, "GET", "/notices", user_agent=ONE, x_request_id="r-3").status == 200
    ask(inside, OTHER, ONE)
    assert told(inside) == [WORKER]
    raised = inside.by("central_team", "GET", "/alerts").json["alerts"]
    assert [each["request_id"] for each in raised if each["kind"] == "shared_session"] == ["r-3"]
    for _ in range(2):
        later(inside, timedelta(minutes=29))
        ask(inside, ONE)
        assert told(inside) == [WORKER]
    ask(inside, OTHER, ONE)
    assert told(inside) == [WORKER]
    later(inside, TOLD_FOR - timedelta(minutes=57))
    ask(inside, OTHER, ONE)
    assert told(inside) == [WORKER] * 2


@pytest.mark.parametrize("agents", [(ONE, ONE, ONE), (ONE, OTHER, OTHER), ("", OTHER, "another"), ("", "", OTHER)])
def test_a_program_that_does_not_come_back_is_an_update(inside: Inside, agents: tuple[str, ...]) -> None:
    """Nobody is told of one who goes on with another program."""
    ask(inside, *agents)
    assert told(inside) == []


def test_a_program_that_comes_back_after_a_while_is_the_same_person(inside: Inside) -> None:
    """Within a minute it takes two to be at both desks; later one may have walked."""
    ask(inside, ONE, OTHER)
    later(inside, IN_TURNS_WITHIN + timedelta(seconds=2))
    ask(inside, ONE)
    assert told(inside) == []
