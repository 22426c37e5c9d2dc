"""Who begins an event, and who consents."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain

import pytest
from tests.load.events import drawn

from overreach.load.agenda import REMEMBERED, Agenda, Due
from overreach.load.changes import Change
from overreach.model.decision import Claims
from overreach.model.terms import Action
from overreach.probe.session import Bench

ALL = ("shield", "unshield", "move", "merge")
END = 1.0  # of the shift


@pytest.fixture
def agenda(bench: Bench) -> Agenda:
    """The agenda of one process alone."""
    made = Agenda.of(bench, drawn(bench))
    made.share(0, 1)
    return made


def given_out(bench: Bench, agenda: Agenda) -> Iterator[tuple[int, Due]]:
    """Everything that is to be begun, with the user who is to; two rounds, so that everybody is known."""
    for _ in range(2):
        for user in range(bench.population.users_count):
            while (due := agenda.due(user, ALL, END)) is not None:
                yield user, due


def test_nothing_is_due_before_everybody_is_there_and_then_bit_by_bit(bench: Bench) -> None:
    """Facts change all the time, not all at the beginning."""
    users = range(bench.population.users_count)
    counts = []
    for elapsed in (0.0, 0.2, 1.0):
        agenda = Agenda.of(bench, drawn(bench))
        agenda.share(0, 1)
        for _ in range(3):
            for user in users:
                agenda.due(user, ALL, elapsed)
        counts.append(len(agenda.drawn) - sum(map(len, agenda.waiting.values())))
    assert counts[0] == 0
    assert 0 < counts[1] < counts[2]


def test_an_event_is_begun_once_and_by_somebody_who_may(bench: Bench, agenda: Agenda) -> None:
    """Nobody is asked to do what is not theirs; whoever must consent is somebody else."""
    begun = list(given_out(bench, agenda))
    assert {due.what.event.name for _, due in begun} == set(ALL)
    assert len({due.child for _, due in begun}) == len(begun)
    for user, due in begun:
        approvals = Claims(approvals=int(due.what.event.approves is not None))
        action = bench.pack.target.operation(due.operation).action
        assert action is not None
        assert bench.grid.allows(user, due.child, action, approvals)
        assert (due.other is None) == (due.what.event.approves is None)
        assert due.other != user
        assert due.approvals == 0


def test_processes_share_the_events(bench: Bench) -> None:
    """Each event is one process's, none is nobody's."""
    shares = []
    for part in range(3):
        agenda = Agenda.of(bench, drawn(bench))
        agenda.share(part, 3)
        shares.append([each.child for each in chain(*agenda.waiting.values())])
    assert sorted(chain(*shares)) == sorted(each.child for each in drawn(bench))


def first_of(bench: Bench, agenda: Agenda, kind: str) -> tuple[int, Due]:
    """The first event of a kind that is begun."""
    return next((user, due) for user, due in given_out(bench, agenda) if due.what.event.name == kind)


def test_what_takes_one_takes_hold_with_the_first_answer(bench: Bench, agenda: Agenda) -> None:
    """Acknowledged, it has an end; without an answer, or after a breakdown, none; refused, it never was."""
    user, due = first_of(bench, agenda, "shield")
    perhaps = Change("shield", due.child, None, None, 5.0, None)
    assert agenda.asked(user, due, 5.0) == perhaps
    assert agenda.answered(user, due, 201, 5.0, 6.0) == replace(perhaps, done=6.0)
    assert agenda.answered(user, due, 0, 5.0, 6.0) is None
    assert agenda.answered(user, due, 503, 5.0, 6.0) is None
    assert agenda.answered(user, due, 403, 5.0, 6.0) == replace(perhaps, refused=True)


def test_what_takes_two_takes_hold_with_the_second(bench: Bench, agenda: Agenda) -> None:
    """The first request changes nothing; the other user is asked, once; a record goes to the area of who accepts it."""
    user, due = first_of(bench, agenda, "move")
    assert due.waits
    assert agenda.asked(user, due, 1.0) is None
    assert agenda.answered(user, due, 202, 1.0, 2.0) is None
    assert due.other is not None
    assert agenda.awaits(due.other)
    consent = agenda.due(due.other, (), 0.0)
    assert not agenda.awaits(due.other)
    assert consent == Due(due.what, "accept a move", user, 1)
    assert agenda.due(due.other, (), 0.0) is None
    perhaps = Change("move", due.child, None, due.other, 3.0, None)
    assert agenda.asked(due.other, consent, 3.0) == perhaps
    assert not agenda.is_over(due)
    assert agenda.answered(due.other, consent, 200, 3.0, 4.0) == replace(perhaps, done=4.0)
    assert agenda.is_over(due)
    relations = bench.grid.relations
    assert not relations.has_area[due.other, relations.area_of[due.child]]


def test_a_second_click_asks_nobody_to_consent_and_one_that_is_acknowledged_counts(
    bench: Bench, agenda: Agenda
) -> None:
    """One user is one user; where the target takes two clicks for two users, what it did is known."""
    user, due = first_of(bench, agenda, "unshield")
    click = replace(due, other=None)
    assert agenda.asked(user, click, 1.0) is None
    assert agenda.answered(user, click, 202, 1.0, 2.0) is None
    assert due.other is not None
    assert agenda.due(due.other, (), 0.0) is None
    assert agenda.answered(user, click, 200, 1.0, 2.0) == Change("unshield", due.child, None, None, 1.0, 2.0)


def test_where_the_first_request_is_refused_nobody_is_asked_to_consent(bench: Bench, agenda: Agenda) -> None:
    """What nobody began, nobody ends."""
    user, due = first_of(bench, agenda, "unshield")
    assert agenda.answered(user, due, 404, 1.0, 2.0) is None
    assert due.other is not None
    assert agenda.due(due.other, (), 0.0) is None


def test_children_whom_something_befalls_are_known_to_those_who_would_read_them(bench: Bench, agenda: Agenda) -> None:
    """The last ones first, and not many."""
    assert agenda.recent == []
    _, due = first_of(bench, agenda, "merge")
    assert agenda.recent[0] == due.child
    assert len(agenda.recent) <= REMEMBERED
    assert bench.pack.target.operation(due.operation).action is Action.MERGE
