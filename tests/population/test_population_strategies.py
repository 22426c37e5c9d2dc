"""People drawn for tests: what was asked for, every cell alike, and the plainest first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, find, given, settings
from hypothesis import strategies as st
from tests.population.lending import lending_people

from overreach.model.decision import Claims
from overreach.model.errors import PolicyError, PopulationError, UnknownNameError
from overreach.model.terms import Action, Facet
from overreach.policy.columns import RELATIONS
from overreach.population.asking import EDGES, ChildAsk, UserAsk
from overreach.population.pairing import Pairing
from overreach.population.people import NoSuchMemberError, People
from overreach.population.strategies import RELATED, children, pairs, reasons, users
from overreach.probe.session import Bench

PLAIN = settings(
    database=None, deadline=None, max_examples=300, derandomize=True, suppress_health_check=list(HealthCheck)
)
FEW = settings(PLAIN, max_examples=40)
ONCE = settings(PLAIN, max_examples=1)
OVERDUE = Claims("overdue")


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> People:
    """Sixty readers and a staff of 24."""
    return lending_people(tmp_path_factory.mktemp("library"))


@pytest.fixture(scope="module")
def index(bench: Bench) -> People:
    """The index of children, 200 of them."""
    return People(bench.population, bench.grid)


def first(strategy: st.SearchStrategy[Any]) -> Any:  # noqa: ANN401 - whatever it draws
    """What a strategy shrinks to."""
    return find(strategy, lambda _: True, settings=ONCE)


def drawn(strategy: st.SearchStrategy[Any], how: settings = PLAIN) -> list[Any]:
    """What a strategy draws."""
    found: list[Any] = []

    @how
    @given(strategy)
    def draw(one: Any) -> None:  # noqa: ANN401 - whatever it draws
        found.append(one)

    draw()
    return found


def every_pair(people: People) -> list[tuple[int, int]]:
    """All of them, one by one."""
    return list(product(range(len(people.users)), range(len(people.children))))


def plainest(people: People, candidates: list[tuple[int, int]]) -> tuple[int, int]:
    """The plainest of some pairs of one cell, looked for among all of them."""
    one, two = people.users, people.children

    def plainness(pair: tuple[int, int]) -> tuple[Any, ...]:
        user, child = pair
        levels = (int(one.level[user]), int(two.level[child]))
        return (sum(levels), levels, int(one.rank[user]), user, int(two.rank[child]), child)

    return min(candidates, key=plainness)


def test_a_cell_shrinks_to_its_plainest_pair(library: People) -> None:
    """In every sixth cell that occurs: in no cohort, at no edge, with the commonest facts, of the lowest rows."""
    cells: dict[int, list[tuple[int, int]]] = {}
    for pair in every_pair(library):
        cells.setdefault(library.cell(*pair), []).append(pair)
    assert len(cells) > 30
    for cell in sorted(cells)[::6]:
        assert first(pairs(library, cell=cell)) == plainest(library, cells[cell])


def test_a_cell_of_the_index_shrinks_to_its_plainest_pair(index: People) -> None:
    """The same in another population, in some cells of each relation."""
    cells: dict[int, list[tuple[int, int]]] = {}
    for pair in every_pair(index):
        cells.setdefault(index.cell(*pair), []).append(pair)
    for relation in range(len(RELATIONS)):
        for cell in [key for key in sorted(cells) if key % len(RELATIONS) == relation][::250]:
            assert first(pairs(index, cell=cell)) == plainest(index, cells[cell])


def test_users_and_children_shrink_to_the_plainest_of_their_class(library: People) -> None:
    """Of each class, in no cohort before at an edge before in a cohort."""
    for side, strategy in ((library.users, users(library, allowed=None)), (library.children, children(library))):
        for number in range(side.class_count):
            rows = np.flatnonzero(side.class_of == number).tolist()
            ranked = sorted(zip(side.rank[rows].tolist(), rows, strict=True))
            assert find(strategy, set(rows).__contains__, settings=PLAIN) == ranked[0][1]


def test_the_first_of_all_is_of_the_commonest_class(library: People) -> None:
    """A desk clerk and a live card without debts."""
    user, child = first(pairs(library))
    assert library.users.classes.as_mapping(int(library.users.class_of[user])) == {"engaged": True, "role": "desk"}
    facts = library.children.classes.as_mapping(int(library.children.class_of[child]))
    assert facts["debtor"] is False
    assert library.children.level[child] == 0


def test_the_number_of_pairs_of_every_cell_is_exact(library: People) -> None:
    """Whoever is asked for."""
    for asked in (ChildAsk(), ChildAsk(having=("nickname",)), ChildAsk(edge="any"), ChildAsk(facts=(("branch", 1),))):
        pairing = Pairing(library, UserAsk(role=frozenset({"desk", "manager"})), asked)
        rows = asked.rows(library)
        counted = Counter(
            (
                int(library.users.class_of[user]),
                int(library.children.class_of[child]),
                library.relations.number(user, child),
            )
            for user, child in every_pair(library)
            if rows[child] and library.roles[library.users.class_of[user]] != "archive"
        )
        assert {place: many for place, many in np.ndenumerate(pairing.by_cell) if many} == dict(counted)


@pytest.mark.parametrize("relation", sorted(RELATED))
@pytest.mark.parametrize("asked", [{}, {"debtor": True}, {"having": ["nickname"]}, {"colour": "red"}])
def test_pairs_keep_to_what_was_asked(library: People, relation: str, asked: dict[str, Any]) -> None:
    """Relation and facts hold for every pair that is drawn, however the user is chosen."""
    rows = set(np.flatnonzero(ChildAsk(tuple(asked.get("having", ())), facts=()).rows(library)).tolist())
    for name, wanted in asked.items():
        if name != "having":
            rows &= set(np.flatnonzero(library.children.with_fact(name, wanted)).tolist())
    for user in (None, users(library, role=["desk", "manager"])):
        for asker, child in drawn(pairs(library, user=user, relation=relation, **asked), FEW):
            assert RELATED[relation][library.relations.number(asker, child)]
            assert child in rows


def test_pairs_keep_to_what_may_be_read(library: People) -> None:
    """One facet denied and another given, at the claims named."""
    for user, child in drawn(pairs(library, denied=Facet.IDENTITY, given=Facet.CONTACTS, claims=OVERDUE), FEW):
        mask = library.grid.facets(user, child, OVERDUE)
        assert not mask & Facet.IDENTITY.bit
        assert mask & Facet.CONTACTS.bit


def test_every_cell_comes_up(library: People) -> None:
    """A cell of one pair as well as one of hundreds."""
    wanted = {library.cell(*pair) for pair in every_pair(library)}
    seen = Counter(library.cell(*pair) for pair in drawn(pairs(library), settings(PLAIN, max_examples=1500)))
    assert set(seen) == wanted
    assert max(seen.values()) < 1500 / 8


def test_edges_and_cohorts_come_up_often(library: People) -> None:
    """Four of sixty are in a cohort, and of a class that all kinds are in each kind takes its turn."""
    side = library.children
    kinds = np.array([np.bincount(side.level[side.class_of == each], minlength=3) for each in range(side.class_count)])
    common = int(np.flatnonzero((kinds > 0).all(axis=1))[0])
    facts: dict[str, Any] = side.facts(int(np.flatnonzero(side.class_of == common)[0]))
    levels = Counter(int(side.level[child]) for child in drawn(children(library, **facts)))
    assert all(levels[level] >= 60 for level in range(3))


def test_those_whom_a_cohort_names_together_come_up_together(library: People) -> None:
    """By its name always, and without it now and then."""
    assert set(drawn(pairs(library, cohort="family"), FEW)) == {(0, 6), (1, 7)}
    assert set(drawn(pairs(library, user=st.just(1), cohort="family"), FEW)) == {(1, 7)}
    assert {child for _, child in drawn(pairs(library, cohort="quarrel"), FEW)} == {2, 12}
    assert (1, 7) in drawn(pairs(library, cell=library.cell(1, 7)))
    assert first(users(library, cohort="new")) == 4


def test_edges_are_found_in_the_recipes_own_dates(library: People) -> None:
    """Contracts that end today or tomorrow, cards that are valid until this very day, one loan, nobody else alike."""
    assert set(drawn(users(library, edge="turning", allowed=None))) == {8, 9, 18, 19}
    cards = {row for row in range(60) if row % 9 == 4}
    assert set(drawn(children(library, edge="turning"))) == cards
    assert set(drawn(children(library, edge="dated"))) == cards
    once = {user for user in range(24) if user % 3 == 1}
    assert set(drawn(users(library, edge="sole", allowed=None))) == once
    alone = np.flatnonzero(np.bincount(library.users.class_of)[library.users.class_of] == 1)
    assert set(alone.tolist()) == set(np.flatnonzero(library.users.edges & 8).tolist())
    plain = drawn(users(library, edge="none", allowed=None))
    assert not set(plain) & ({8, 9, 18, 19} | once)


def test_users_are_chosen_by_post_sector_and_right(library: People) -> None:
    """And by what they lack."""
    fields = library.population.user_fields
    assert {fields(user)["role"] for user in drawn(users(library, but=["desk"]))} == {"manager", "archive"}
    assert {fields(user)["sector"] for user in drawn(users(library, sector="ground"))} == {"ground"}
    assert {fields(user)["role"] for user in drawn(users(library, may=Action.EXPORT))} == {"manager"}
    for user in drawn(users(library, may_not=Action.EXPORT, role="manager")):
        assert not library.grid.allows(user, None, Action.EXPORT, Claims())


def test_a_policy_without_sessions_keeps_nobody_out(library: People, index: People) -> None:
    """Where there is sign-in, only those who may sign in are drawn unless asked otherwise."""
    assert len(set(drawn(users(library), settings(PLAIN, max_examples=1000)))) == 24
    assert all(index.grid.allows(user, None, Action.SIGN_IN, Claims()) for user in drawn(users(index)))
    assert not any(
        index.grid.allows(user, None, Action.SIGN_IN, Claims()) for user in drawn(users(index, allowed=False))
    )


def test_reasons_are_those_of_the_rungs_or_of_the_policy(library: People, index: People) -> None:
    """The library has no rungs."""
    assert set(drawn(reasons(library))) == {"overdue"}
    assert set(drawn(reasons(index))) == {"welfare", "section_47", "child_protection"}


@pytest.mark.parametrize(
    ("ask", "missing"),
    [
        (lambda people: users(people, role="desk", may=Action.EXPORT), "no user of role `desk` .*right to `export`"),
        (lambda people: users(people, sector="cellar"), "no user of sector `cellar`"),
        (lambda people: children(people, branch=9), "no child with `branch` = `9`"),
        (lambda people: children(people, cohort="new"), "no child in cohort `new`"),
        (lambda people: children(people, edge="turning", cohort="quarrel"), "in cohort `quarrel` with edge `turning`"),
        (lambda people: pairs(people, cell=10**9), "no pair .*in cell 1000000000"),
        (lambda people: pairs(people, given=Facet.HEALTH), "no pair .*given `health`"),
        (lambda people: pairs(people, user=users(people), given=Facet.HEALTH), "no pair .*given `health`"),
        (
            lambda people: pairs(people, relation="involved", branch=9),
            "a child with `branch` = `9`, related as `involved`",
        ),
    ],
)
def test_drawing_somebody_who_does_not_exist_says_who_is_missing(
    library: People, ask: Callable[[People], st.SearchStrategy[Any]], missing: str
) -> None:
    """Only when it is drawn: a strategy may be described before anybody needs it."""
    strategy = ask(library)
    with pytest.raises(NoSuchMemberError, match=missing):
        first(strategy)


@pytest.mark.parametrize(
    ("ask", "error", "message"),
    [
        (lambda people: users(people, role="astronaut"), UnknownNameError, "no role is called `astronaut`"),
        (lambda people: users(people, may=Action.OVERRIDE), PolicyError, "`override` is not asked of the system"),
        (lambda people: users(people, edge="sharp"), UnknownNameError, "no edge is called `sharp`"),
        (lambda people: users(people, cohort="nobody"), PopulationError, "no cohort is called `nobody`"),
        (lambda people: children(people, brave=True), PopulationError, "no fact of a child is called `brave`"),
        (lambda people: children(people, having=["moat"]), PopulationError, "no field of a child is called `moat`"),
        (lambda people: pairs(people, relation="cousin"), UnknownNameError, "no relation is called `cousin`"),
    ],
)
def test_a_name_that_nobody_has_is_refused_at_once(
    library: People, ask: Callable[[People], object], error: type[Exception], message: str
) -> None:
    """Before anything is drawn, with the known names."""
    with pytest.raises(error, match=message):
        ask(library)


def test_edges_are_asked_for_by_name() -> None:
    """Each kind, any of them, or none."""
    assert EDGES == ("turning", "dated", "sole", "alone", "any", "none")


def test_a_population_without_cohorts_has_people_all_the_same(tmp_path: Path) -> None:
    """Whoever asks for one is told."""
    people = lending_people(tmp_path, 12, 6, cohorts=False)
    assert first(children(people)) in range(12)
    with pytest.raises(PopulationError, match="no cohort is called `family`"):
        pairs(people, cohort="family")


def test_what_changes_later_does_not_change_who_is_drawn(library: People) -> None:
    """An example replays as it was drawn, whatever a test has told the policy since."""
    child = first(children(library, debtor=True))
    before = drawn(pairs(library, debtor=True), FEW)
    library.grid.set_child(child, debtor=False, branch=2)
    try:
        assert drawn(pairs(library, debtor=True), FEW) == before
        assert first(children(library, debtor=True)) == child
    finally:
        area = int(library.relations.area_of[child])
        library.grid.set_child(child, debtor=True, branch=area)
