"""Counts of a stream of observations: what was denied, came all the same, was refused, or proves nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.probe.hand_made import ABSENT, BROKEN_GLASS, WELFARE, Hand, answered, found

from overreach.model.decision import Claims
from overreach.model.probe import Answer
from overreach.model.terms import Action, Facet, Part, Rung, Verdict, facets_of, mask_of
from overreach.probe.session import Bench
from overreach.probe.tally import Tally

WHERE = Facet.WHEREABOUTS


@pytest.fixture
def hand(bench: Bench) -> Hand:
    """The small world in hand."""
    return Hand(bench)


@pytest.fixture
def tally(hand: Hand) -> Tally:
    """A tally that has heard nothing."""
    return Tally(hand.bench.grid, dict(hand.bench.pack.target.operations))


def hear(  # noqa: PLR0913, PLR0917 - one a noun
    tally: Tally, hand: Hand, name: str, pair: tuple[int, int], answer: Answer, claims: Claims = WELFARE
) -> None:
    """Judge one answer and count it, as the audit does."""
    observation = hand.observe(hand.probe(name, *pair, claims), answer)
    tally.add(observation, hand.bench.judge.reader.value_facets(pair[1]))


def hidden(hand: Hand) -> tuple[int, int]:
    """A user who may know of a child and read nothing of it beyond identity, in a house of its own."""
    few = mask_of({Facet.EXISTENCE, Facet.IDENTITY})
    return hand.pair(lambda user, child: hand.mask(user, child) == few and len(hand.house_owners(child)) == 1)


def entry_of(hand: Hand, pair: tuple[int, int], facet: Facet, rung: Rung) -> list[tuple[str, str, Facet, Rung]]:
    """The entries that a pair counts for: one a record class."""
    role = str(hand.bench.population.user_fields(pair[0])["role"])
    return [(role, name, facet, rung) for name in hand.bench.grid.classes_of(*pair)]


def test_a_denied_facet_is_a_probe_and_a_failure_only_where_it_came(hand: Hand, tally: Tally) -> None:
    """In every record class of the pair."""
    pair = hidden(hand)
    for _ in range(3):
        hear(tally, hand, "view", pair, answered(hand.readable_record(*pair)))
    hear(tally, hand, "view", pair, answered(hand.record(pair[1], [Facet.IDENTITY, WHERE])))
    counts = tally.counts()
    for key in entry_of(hand, pair, WHERE, Rung.DECLARED):
        assert (counts[key].denied, counts[key].failures, counts[key].allowed) == (4, 1, 0)
    for key in entry_of(hand, pair, Facet.IDENTITY, Rung.DECLARED):
        assert (counts[key].denied, counts[key].allowed, counts[key].refused) == (0, 4, 0)


def test_a_permitted_facet_that_did_not_come_is_refused(hand: Hand, tally: Tally) -> None:
    """Where the child has a value of it."""
    pair = hidden(hand)
    hear(tally, hand, "view", pair, ABSENT)
    (key, *_) = entry_of(hand, pair, Facet.IDENTITY, Rung.DECLARED)
    assert (tally.counts()[key].allowed, tally.counts()[key].refused) == (0, 1)


def test_an_answer_that_proves_nothing_is_counted_with_its_reason(hand: Hand, tally: Tally) -> None:
    """It is no probe; its cell is open until an answer comes whole, whatever the order."""
    pair = hidden(hand)
    cell = hand.bench.grid.cell(*pair)
    broken, whole = answered({}, 503), answered(hand.readable_record(*pair))
    hear(tally, hand, "view", pair, broken)
    assert (cell in tally.cells_failed, cell in tally.cells_asked) == (True, False)
    hear(tally, hand, "view", pair, whole)
    hear(tally, hand, "view", pair, broken)
    assert (cell in tally.cells_failed, cell in tally.cells_asked) == (False, True)
    (key, *_) = entry_of(hand, pair, WHERE, Rung.DECLARED)
    count = tally.counts()[key]
    assert (count.denied, count.unproven, dict(count.why)) == (1, 2, {"status 503": 2})


def test_a_leak_in_a_broken_answer_is_a_failure(hand: Hand, tally: Tally) -> None:
    """What came, came."""
    pair = hidden(hand)
    hear(tally, hand, "view", pair, answered(hand.record(pair[1], [WHERE]), 500, "timed out"))
    (key, *_) = entry_of(hand, pair, WHERE, Rung.DECLARED)
    assert (tally.counts()[key].denied, tally.counts()[key].failures) == (1, 1)


def test_a_refused_override_counts_for_what_it_would_have_opened(hand: Hand, tally: Tally) -> None:
    """A probe of every facet that the policy denies at that rung; nothing is held against the refusal."""
    allows = hand.bench.grid.allows
    pair = hand.pair(
        lambda user, child: (
            allows(user, None, Action.SIGN_IN, Claims())
            and not allows(user, child, Action.OVERRIDE, BROKEN_GLASS)
            and bool(hand.mask(user, child, BROKEN_GLASS) & Facet.IDENTITY.bit)
            and not hand.mask(user, child, BROKEN_GLASS) & WHERE.bit
        )
    )
    hear(tally, hand, "override", pair, answered({}, 403), BROKEN_GLASS)
    counts = tally.counts()
    allowed = hand.mask(*pair, BROKEN_GLASS)
    offered = mask_of(set(hand.operation("view").facets) | {Facet.EXISTENCE})
    for facet in facets_of(offered):
        (key, *_) = entry_of(hand, pair, facet, Rung.OVERRIDE)
        expected = (0, 0) if allowed & facet.bit else (1, 0)
        assert (counts[key].denied, counts[key].refused) == expected, facet


def test_an_override_that_broke_the_glass_is_no_probe_by_itself(hand: Hand, tally: Tally) -> None:
    """What it opened shows in the view that follows; nor do searches count for entries."""
    allows = hand.bench.grid.allows
    pair = hand.pair(lambda user, child: allows(user, child, Action.OVERRIDE, BROKEN_GLASS))
    hear(tally, hand, "override", pair, answered({"warning": "recorded"}, 201), BROKEN_GLASS)
    hear(tally, hand, "search by name", pair, answered({"pages": 0}))
    assert not tally.counts()


def test_what_is_about_no_child_is_not_counted(hand: Hand, tally: Tally) -> None:
    """Nor is an operation that the pack does not know."""
    observation = hand.observe(hand.probe("view", *hidden(hand)), ABSENT)
    tally.add(replace(observation, probe=replace(observation.probe, child=None)), 0)
    tally.add(replace(observation, probe=replace(observation.probe, operation="sign in")), 0)
    assert not tally.counts()
    assert not tally.cells_asked


def test_a_hazard_is_no_failure(hand: Hand, tally: Tally) -> None:
    """A value that came through somebody who may be read is held against nobody."""
    pair = hidden(hand)
    leaked = hand.observe(hand.probe("view", *pair), answered(hand.record(pair[1], [WHERE])))
    excused = replace(leaked, verdict=Verdict.HELD, violations=(), hazards=((WHERE, pair[1]),))
    tally.add(excused, hand.bench.judge.reader.value_facets(pair[1]))
    (key, *_) = entry_of(hand, pair, WHERE, Rung.DECLARED)
    assert (tally.counts()[key].denied, tally.counts()[key].failures) == (1, 0)


def test_what_a_search_gave_away_shows_in_the_entries_with_its_finding(hand: Hand, tally: Tally) -> None:
    """Though a search is no probe of an entry: only what came counts, once an answer."""
    pair = hidden(hand)
    leaked = hand.observe(hand.probe("search by name", *pair), found(hand.record(pair[1], [Facet.IDENTITY, WHERE])))
    (violation,) = [each for each in leaked.violations if each.facet is WHERE]
    for _ in range(2):
        tally.add(leaked, hand.bench.judge.reader.value_facets(pair[1]))
    counts = tally.counts()
    assert set(counts) == set(entry_of(hand, pair, WHERE, Rung.DECLARED))
    for count in counts.values():
        assert (count.denied, count.failures, count.allowed) == (2, 2, 0)
        assert count.finding == violation.cause
        assert count.finding.startswith(f"{violation.kind.value}:POST /children/search:")
    assert tally.cells_asked == set()


def test_what_a_reading_gave_away_is_counted_once_and_names_its_finding(hand: Hand, tally: Tally) -> None:
    """The probe of the entry is that reading itself."""
    pair = hidden(hand)
    leaked = hand.observe(hand.probe("view", *pair), answered(hand.record(pair[1], [Facet.IDENTITY, WHERE])))
    (violation,) = [each for each in leaked.violations if each.facet is WHERE]
    tally.add(leaked, hand.bench.judge.reader.value_facets(pair[1]))
    for key in entry_of(hand, pair, WHERE, Rung.DECLARED):
        count = tally.counts()[key]
        assert (count.denied, count.failures, count.finding) == (1, 1, violation.cause)
    for key in entry_of(hand, pair, Facet.IDENTITY, Rung.DECLARED):
        assert tally.counts()[key].finding == ""


def test_what_another_part_saw_shows_in_the_entries(hand: Hand, tally: Tally) -> None:
    """Of a load or of the wire, what was given away counts, and nothing of what was not."""
    pair = hidden(hand)
    probe = replace(hand.probe("view", *pair), part=Part.LOAD)
    for record in (hand.readable_record(*pair), hand.record(pair[1], [Facet.IDENTITY, WHERE])):
        tally.add(hand.observe(probe, answered(record)), hand.bench.judge.reader.value_facets(pair[1]))
    counts = tally.counts()
    assert set(counts) == set(entry_of(hand, pair, WHERE, Rung.DECLARED))
    assert {(count.denied, count.failures) for count in counts.values()} == {(1, 1)}
    assert all(count.finding for count in counts.values())
