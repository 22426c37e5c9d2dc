"""Counts by classes and areas equal counts pair by pair."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from statistics import median_low

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.policy.drawn_people import PACK, RUNGS, SWITCHES, DrawnPeople

from overreach.model.decision import Claims
from overreach.model.errors import UnknownNameError
from overreach.model.terms import Facet, Rung
from overreach.policy.grid import Grid
from overreach.policy.load import Policy
from overreach.policy.oracle import Question, ask, request
from overreach.reach.count import reach

_POLICY = Policy.load(PACK, SWITCHES)
_RUNGS = (Rung.OPEN, Rung.DECLARED, Rung.OVERRIDE, Rung.GRANTED)
_FACETS = (Facet.IDENTITY, Facet.WHEREABOUTS, Facet.PROTECTION)

Mask = Callable[[int, int, Claims], int]
Key = tuple[str, str, Facet, Rung]


def _first_rung(mask: Mask, user: int, child: int, facet: Facet) -> Rung | None:
    """The first rung at which a pair is permitted, asked one by one."""
    for context in RUNGS:
        if mask(user, child, context.claims) & facet.bit:
            return context.rung
    return None


def _by_hand(people: DrawnPeople, grid: Grid, mask: Mask, facets: tuple[Facet, ...]) -> dict[Key, set[tuple[int, int]]]:
    """The pairs behind every entry, found by going through all pairs."""
    pairs: dict[Key, set[tuple[int, int]]] = defaultdict(set)
    for user in range(people.users_count):
        role = str(people.users[user][1])
        for child in range(people.children_count):
            for facet in facets:
                rung = _first_rung(mask, user, child, facet)
                if rung is not None:
                    for name in grid.classes_of(user, child):
                        pairs[role, name, facet, rung].add((user, child))
    return pairs


def _spread(pairs: dict[Key, set[tuple[int, int]]], key: Key, active: Sequence[int]) -> tuple[int, int, int]:
    """Least, median and most children of one active member at this rung or below."""
    role, name, facet, rung = key
    lower = [pairs.get((role, name, facet, r), set()) for r in _RUNGS if r.height <= rung.height]
    members = Counter(user for some in lower for user, _ in some)
    reached = [members[user] for user in active] or [0]
    return min(reached), median_low(reached), max(reached)


def _active(people: DrawnPeople, grid: Grid) -> dict[str, list[int]]:
    """Role -> users of a class that may read something in some cell, whether or not that cell occurs."""
    masks = np.array([grid.masks(context.claims) for context in grid.rungs])
    found: dict[str, list[int]] = defaultdict(list)
    for user in range(people.users_count):
        if np.any(masks[:, grid.users.of[user]]):
            found[str(people.users[user][1])].append(user)
    return found


def _compare(
    people: DrawnPeople, grid: Grid, pairs: dict[Key, set[tuple[int, int]]], facets: tuple[Facet, ...]
) -> None:
    counts, active = reach(grid, people), _active(people, grid)
    for entry in counts.entries:
        if entry.facet not in facets:
            continue
        key = (entry.role, entry.record_class, entry.facet, entry.rung)
        found = pairs.get(key, set())
        assert entry.pairs == len(found), key
        assert entry.users == len({user for user, _ in found}), key
        assert entry.children == len({child for _, child in found}), key
        told = (entry.one_member_min, entry.one_member_median, entry.one_member)
        assert told == _spread(pairs, key, active[entry.role]), key
    assert set(pairs) <= {(e.role, e.record_class, e.facet, e.rung) for e in counts.entries}


@settings(max_examples=10, deadline=None)
@given(
    st.builds(
        DrawnPeople,
        users=st.integers(1, 9),
        children=st.integers(0, 16),
        areas=st.integers(1, 4),
        seed=st.integers(0, 10_000),
        odd=st.sampled_from([0.0, 0.15, 0.5]),
    )
)
def test_counts_equal_going_through_the_pairs(people: DrawnPeople) -> None:
    """Pairs, distinct users, distinct children and most of one member, for every entry of drawn populations."""
    grid = Grid.build(_POLICY, people, RUNGS)
    _compare(people, grid, _by_hand(people, grid, grid.facets, _FACETS), _FACETS)
    counts = reach(grid, people)
    for facet in (Facet.WHEREABOUTS, Facet.PROTECTION):
        exposed = Counter(
            child
            for user in range(people.users_count)
            for child in range(people.children_count)
            if _first_rung(grid.facets, user, child, facet)
        )
        assert counts.exposure(facet).tolist() == [exposed[child] for child in range(people.children_count)]


def test_counts_equal_asking_cedarpy_about_every_pair() -> None:
    """The whole path against the reference, with real areas and involvements: 20 users, 200 children."""
    people = DrawnPeople(20, 200, 3, seed=11, odd=0.25)
    facets = (Facet.IDENTITY, Facet.WHEREABOUTS)
    entities = people.entities()
    allowed: dict[tuple[int, int, Claims], int] = defaultdict(int)
    places = [(user, child) for user in range(20) for child in range(200)]
    chosen = (RUNGS[1], RUNGS[3])
    for context in chosen:
        for facet in facets:
            questions = [Question({}, {}, facet, context.claims, (False, False))] * len(places)
            asked = [request(_POLICY, *place, q) for place, q in zip(places, questions, strict=True)]
            for place, decision in zip(places, ask(_POLICY, entities, asked), strict=True):
                if decision.allowed:
                    allowed[*place, context.claims] |= facet.bit
    grid = Grid.build(_POLICY, people, chosen)
    pairs = _by_hand(people, grid, lambda *place: allowed.get(place, 0), facets)
    assert pairs
    _compare(people, grid, pairs, facets)


def test_rows_without_a_pair_are_there_where_role_and_class_occur() -> None:
    """An entry that nobody reaches is a row of zeros, so that its denied pairs can be probed."""
    people = DrawnPeople(100, 200, 3, seed=4)
    counts = reach(Grid.build(_POLICY, people, RUNGS), people)
    entry = counts.entry("fire_strategy_officer", "shielded", Facet.HEALTH, Rung.OPEN)
    assert (entry.pairs, entry.users, entry.children, entry.one_member) == (0, 0, 0, 0)
    assert len(counts.entries) % (len(Facet) * len(_RUNGS)) == 0


def test_denied_pairs_are_those_not_permitted_at_a_rung_or_below() -> None:
    """Permitted and denied make up all pairs of role and class."""
    people = DrawnPeople(100, 200, 3, seed=4)
    grid = Grid.build(_POLICY, people, RUNGS)
    counts = reach(grid, people)
    role = "social_worker"
    mine = [user for user in range(100) if people.users[user][1] == role]
    pairs = [(u, c) for u in mine for c in range(200) if "shielded" in grid.classes_of(u, c)]
    assert counts.pairs(role, "shielded") == len(pairs)
    for rung in _RUNGS:
        claims = [context.claims for context in RUNGS if context.rung.height <= rung.height]
        permitted = [(u, c) for u, c in pairs if any(grid.facets(u, c, x) & Facet.IDENTITY.bit for x in claims)]
        denied = counts.denied_pairs(role, "shielded", Facet.IDENTITY, rung)
        assert denied == len(pairs) - len(permitted)
    assert counts.pairs("astrologer", "shielded") == 0


def test_exposure_is_told_for_all_children_and_for_shielded_ones() -> None:
    """Each group's counts add up to its children; shielded children are open to fewer."""
    people = DrawnPeople(100, 200, 3, seed=4)
    counts = reach(Grid.build(_POLICY, people, RUNGS), people)
    everybody, shielded = counts.exposures([Facet.WHEREABOUTS])
    assert (everybody.group, shielded.group) == ("all", "shielded")
    assert sum(children for _, children in everybody.counts) == 200
    assert sum(children for _, children in shielded.counts) == sum(bool(row[3]) for row in people.children)
    assert max(shielded.counts)[0] < max(everybody.counts)[0]
    assert np.all(counts.exposure(Facet.WHEREABOUTS, Rung.OPEN) == 0)


def test_an_unknown_entry_lists_the_known_ones() -> None:
    """Roles and classes that have a pair are named."""
    people = DrawnPeople(10, 10, 3, seed=4)
    counts = reach(Grid.build(_POLICY, people, RUNGS), people)
    with pytest.raises(UnknownNameError, match="no entry is called `astrologer shielded identity open`"):
        counts.entry("astrologer", "shielded", Facet.IDENTITY, Rung.OPEN)


def test_a_grid_counts_only_its_own_population() -> None:
    """Mixing up two populations is a programming error."""
    grid = Grid.build(_POLICY, DrawnPeople(10, 10, 3, seed=4), RUNGS)
    with pytest.raises(ValueError, match="another population"):
        reach(grid, DrawnPeople(10, 10, 3, seed=4))
