"""How much one user may ask for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from tests.contactpoint.desks import alerts, later, miss
from tests.contactpoint.inside import Inside
from tests.contactpoint.tables import FAR, PLAIN, number_of

from overreach.contactpoint.throttle import Limits

WORKER = "social_worker"


@pytest.fixture
def strict(population: Path, tmp_path: Path) -> Iterator[Inside]:
    """Three misses a minute, six reads an hour."""
    with Inside(population, tmp_path, limits=Limits(misses=3, reads=6)) as registry:
        yield registry


def test_who_finds_nothing_too_often_has_to_wait(strict: Inside) -> None:
    """Never issued, hidden and not found count alike; nobody else waits, and a minute later it is over (R7)."""
    assert miss(strict, WORKER) == 404
    assert strict.view(WORKER, FAR, reason=None).status == 404
    assert strict.search(WORKER, family_name="Nobody").json["count"] == 0
    refused = strict.view(WORKER, PLAIN)
    assert (refused.status, refused.json) == (429, {"error": "too many requests"})
    assert 0 < int(dict(refused.headers)[b"retry-after"]) <= 60
    assert strict.search(WORKER, family_name="Plain").status == 429
    assert strict.by(WORKER, "POST", f"/children/{number_of(PLAIN)}/reason", {"reason": "welfare"}).status == 204
    assert strict.view("midwife", PLAIN).status == 200
    later(strict, timedelta(minutes=1))
    assert strict.view(WORKER, PLAIN).status == 200


def test_who_reads_too_much_has_to_wait(strict: Inside) -> None:
    """Whatever is found; until the hour is over."""
    assert [strict.view(WORKER, PLAIN).status for _ in range(7)] == [200] * 6 + [429]
    for _ in range(2):
        later(strict, timedelta(minutes=29))
        refused = strict.view(WORKER, PLAIN)
        assert refused.status == 429
    assert 60 < int(dict(refused.headers)[b"retry-after"]) <= 120
    later(strict, timedelta(minutes=2))
    assert strict.view(WORKER, PLAIN).status == 200


def test_an_alert_is_raised_once_an_hour_and_user(strict: Inside) -> None:
    """One of each kind, and every refused request is in the log (R9)."""
    for username in (WORKER, "midwife"):
        for _ in range(6):
            miss(strict, username)
    assert alerts(strict, "enumeration") == [WORKER, "midwife"]
    later(strict, timedelta(minutes=1))
    assert [miss(strict, WORKER) for _ in range(5)] == [404] * 3 + [429] * 2
    assert alerts(strict, "enumeration") == [WORKER, "midwife"]
    assert alerts(strict, "volume") == [WORKER]
    assert [row["status"] for row in strict.log() if row["user"] == WORKER].count(429) == 3 + 2


def test_what_the_watch_told_of_is_not_told_again(inside: Inside) -> None:
    """It tells before the throttle does; together they raise one alert an hour."""
    inside.token(WORKER)
    later(inside, timedelta(seconds=60 - inside.app.parts.clock.now().second))
    assert [miss(inside, WORKER) for _ in range(62)][-2:] == [429, 429]
    assert alerts(inside, "enumeration") == [WORKER]


def test_a_role_that_may_not_search_is_counted_too(strict: Inside) -> None:
    """Refusals are misses; a malformed request asks for nobody."""
    assert [strict.search("central_team", family_name="Plain").status for _ in range(4)] == [403, 403, 403, 429]
    assert [strict.search(WORKER, gender="female").status for _ in range(5)] == [422] * 5


def test_without_limits_nobody_waits(population: Path, tmp_path: Path) -> None:
    """As an audit has it, and nothing is counted."""
    with Inside(population, tmp_path, limits=None) as inside:
        assert {miss(inside, WORKER) for _ in range(70)} == {404}


def test_sixty_misses_a_minute_are_enough_by_default(inside: Inside) -> None:
    """The registry's own figure."""
    inside.token(WORKER)
    later(inside, timedelta(seconds=60 - inside.app.parts.clock.now().second))
    assert [miss(inside, WORKER) for _ in range(61)] == [404] * 60 + [429]
