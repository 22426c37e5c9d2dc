"""Whom the alerts named, counted from the files of a load."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overreach.load import record
from overreach.load.habit import Habit, Steps
from overreach.load.journal import Journal, Row, write_people
from overreach.load.me import Me
from overreach.load.watched import HabitWatched, Watchers
from overreach.load.watchers import watch
from overreach.model.terms import Verdict
from overreach.probe.alerts import Alert

Person = tuple[int, str, float | None, int]
"""User, habit, when it began, requests: as `write_people` has it."""

TOOK = 0.5
OWED = ("override",)


def body(_me: Me) -> Steps:
    """Nothing at all."""
    yield 1.0


WORK, WALK, LEAVE = (
    Habit(name, misuse, body) for name, misuse in (("work", ""), ("walk", "walks"), ("leave", "comes back"))
)
HABITS = (WORK, WALK, LEAVE)


def name_of(user: int) -> str:
    """A username."""
    return f"u{user}"


def about(user: int, number: int, kind: str = "enumeration") -> Alert:
    """What the target says of a user at its own request."""
    return Alert(name_of(user), kind, f"load-{user}-{number}")


def written(folder: Path, people: Sequence[Person], sent: Sequence[tuple[int, int, float]]) -> Path:
    """The files of a load of two processes; `sent` has user, number and time of each answered request."""
    for part in range(2):
        write_people(folder / record.PEOPLE.format(part), [each for each in people if each[0] % 2 == part])
        journal = Journal(folder / record.ANSWERS.format(part), ["view"], [])
        for user, number, time in sent:
            if user % 2 == part:
                journal.add(Row(time, TOOK, user, number, None, "view", None, True, 200, Verdict.HELD, False, []))  # noqa: FBT003 - in the order of the columns
        journal.close()
    return folder


def watched(folder: Path, people: Sequence[Person], sent: Sequence[tuple[int, int, float]], *alerts: Alert) -> Watchers:
    """What the alerts tell of such a load."""
    return watch(written(folder, people, sent), alerts, HABITS, OWED, name_of)


def row(watchers: Watchers, habit: Habit) -> HabitWatched:
    """The people of one habit."""
    return next(each for each in watchers.habits if each.habit == habit.name)


def test_a_misuser_is_named_by_an_alert_after_the_beginning(tmp_path: Path) -> None:
    """The time to detection runs until the answer of the request that the first alert names."""
    sent = [(1, 1, 100.0), (1, 2, 107.0), (1, 3, 109.0)]
    found = watched(tmp_path, [(1, "walk", 100.0, 3)], sent, about(1, 3), about(1, 2))
    assert row(found, WALK).seconds == (7.5, 7.5, 7.5)
    assert row(found, WALK).watched == 9.5
    assert row(found, WALK).alerts == {"enumeration": 2}
    assert (found.named, found.misusers, found.honest_accused, found.precision, found.recall) == (1, 1, 0, 1.0, 1.0)


def test_an_alert_before_the_beginning_accuses_an_honest_user(tmp_path: Path) -> None:
    """Whoever leaves later has done nothing wrong yet; an alert afterwards names the same person rightly."""
    sent = [(1, 1, 100.0), (1, 2, 120.0)]
    early = watched(tmp_path, [(1, "leave", 110.0, 2)], sent, about(1, 1))
    assert (early.named, early.honest_accused, early.precision, early.recall) == (0, 1, 0.0, 0.0)
    assert row(early, LEAVE).seconds is None
    both = watched(tmp_path, [(1, "leave", 110.0, 2)], sent, about(1, 1), about(1, 2))
    assert (both.named, both.honest_accused, both.precision, both.recall) == (1, 1, 0.5, 1.0)


def test_a_misuser_who_had_not_begun_is_not_to_be_found(tmp_path: Path) -> None:
    """Nobody began and nobody was named: there is neither precision nor recall."""
    found = watched(tmp_path, [(1, "leave", None, 1)], [(1, 1, 100.0)])
    assert (found.people, found.misusers, found.precision, found.recall) == (1, 0, None, None)
    assert row(found, LEAVE).watched is None


def test_an_alert_that_is_owed_accuses_nobody_and_names_nobody(tmp_path: Path) -> None:
    """It tells of what was done, whoever does it."""
    people: list[Person] = [(1, "walk", 100.0, 1), (2, "work", None, 1)]
    sent = [(1, 1, 101.0), (2, 1, 101.0)]
    found = watched(tmp_path, people, sent, about(1, 1, "override"), about(2, 1, "override"))
    assert (found.named, found.honest_accused, found.owed) == (0, 0, 2)
    assert [dict(each.alerts) for each in found.habits] == [{}, {}, {}]


def test_whoever_is_named_for_what_somebody_else_did_is_wrongly_accused(tmp_path: Path) -> None:
    """Even a misuser: it is the other request that was noticed."""
    people: list[Person] = [(1, "walk", 100.0, 1), (2, "walk", 100.0, 1), (3, "work", None, 1)]
    sent = [(1, 1, 101.0), (2, 1, 101.0), (3, 1, 101.0)]
    found = watched(tmp_path, people, sent, Alert("u2", "x", "load-1-1"), Alert("u3", "x", "load-1-1"))
    assert (found.named, found.honest_accused) == (0, 2)


@pytest.mark.parametrize("request_id", ["", "load-1-9", "load-9-1", "log-1", "load-1", "load-1-1-1", "load-1--1"])
def test_an_alert_about_no_answered_request_is_counted_elsewhere(tmp_path: Path, request_id: str) -> None:
    """It cannot be placed in time: neither for nor against anybody."""
    found = watched(tmp_path, [(1, "work", None, 1)], [(1, 1, 100.0)], Alert("u1", "volume", request_id))
    assert (found.named, found.honest_accused, found.elsewhere) == (0, 0, 1)


def test_an_alert_about_somebody_who_took_no_part_accuses_nobody_here(tmp_path: Path) -> None:
    """There is no row for such a person, and none is invented."""
    found = watched(tmp_path, [(1, "work", None, 1)], [(1, 1, 100.0)], Alert("somebody", "volume", "load-1-1"))
    assert (found.people, found.named, found.honest_accused, found.elsewhere) == (1, 0, 0, 0)


def test_what_a_lost_process_sent_is_held_against_nobody(tmp_path: Path) -> None:
    """Its note of who began when is lost with it; whoever took the user over knows of its own requests only."""
    written(tmp_path, [(1, "walk", 100.0, 1)], [(1, 1, 100.0)])
    (tmp_path / record.PEOPLE.format(1)).rename(tmp_path / record.PEOPLE.format(3))
    lost = watch(tmp_path, [about(1, 1)], HABITS, OWED, name_of)
    assert (lost.people, lost.misusers, lost.named, lost.honest_accused, lost.elsewhere) == (1, 1, 0, 0, 1)


def test_a_user_who_went_to_another_process_is_counted_once(tmp_path: Path) -> None:
    """Each process tells of its own requests; the first detection counts."""
    people: list[Person] = [(1, "walk", 100.0, 1)]
    written(tmp_path, people, [(1, 1, 104.0)])
    write_people(tmp_path / record.PEOPLE.format(2), [(1, "walk", 110.0, 1)])
    journal = Journal(tmp_path / record.ANSWERS.format(2), ["view"], [])
    journal.add(Row(111.0, TOOK, 1, 2, None, "view", None, True, 200, Verdict.HELD, False, []))  # noqa: FBT003 - as above
    journal.close()
    found = watch(tmp_path, [about(1, 1), about(1, 2)], HABITS, OWED, name_of)
    assert (found.people, found.misusers, found.named) == (1, 1, 1)
    assert row(found, WALK).seconds == (1.5, 1.5, 1.5)
    assert row(found, WALK).watched == 11.5


USERS = st.integers(0, 5)
PEOPLE = st.lists(
    st.tuples(USERS, st.sampled_from([each.name for each in HABITS]), st.none() | st.floats(0, 100), st.just(4)),
    unique_by=lambda each: each[0],
)
ALERTS = st.lists(st.builds(about, USERS, st.integers(1, 5), st.sampled_from(["volume", "override", "other"])))


@given(people=PEOPLE, alerts=ALERTS, times=st.lists(st.floats(0, 100), min_size=24, max_size=24))
@settings(max_examples=80, deadline=None)
def test_everybody_and_every_alert_is_counted_once(
    people: list[Person], alerts: list[Alert], times: list[float]
) -> None:
    """Sums agree, shares are shares, and neither the order of alerts nor their repetition changes who was named."""
    working = {user for user, *_ in people}
    sent = [(user, number, times[4 * user + number - 1]) for user in working for number in range(1, 5)]
    with tempfile.TemporaryDirectory() as folder:
        found = watched(Path(folder), people, sent, *alerts)
        again = watch(Path(folder), [*reversed(alerts), *alerts], HABITS, OWED, name_of)
    assert found.people == len(people)
    assert found.misusers == sum(since is not None for _, _, since, _ in people)
    assert sum(sum(each.alerts.values()) for each in found.habits) + found.owed + found.elsewhere == len(alerts)
    for each in found.habits:
        assert each.named <= each.began <= each.people
        assert each.accused <= each.people
        assert (each.seconds is None) == (each.named == 0)
        assert each.seconds is None or 0 < each.seconds[0] <= each.seconds[1] <= each.seconds[2]
    for share in (found.precision, found.recall):
        assert share is None or 0 <= share <= 1
    outcome = [(each.named, each.accused, each.seconds) for each in found.habits]
    assert outcome == [(each.named, each.accused, each.seconds) for each in again.habits]
