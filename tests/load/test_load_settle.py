"""Answers that met a change of facts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.load.events import change_of, drawn, of_kind

from overreach.load.befalling import Befalling, facts_of
from overreach.load.changes import Change, Held, Unsettled, read_changes, read_held
from overreach.load.settle import MOST, settle, states
from overreach.model.decision import Claims
from overreach.model.probe import Answer, Probe, Request
from overreach.model.terms import Facet, Part, Rung, Verdict
from overreach.probe.session import Bench

VIEW = "view"
SAID = Claims("welfare")
BEFORE, MEANWHILE, AFTER = (8.0, 9.0), (10.5, 10.7), (12.0, 13.0)  # of a change between 10 and 11
BEGAN, ENDED = 100.0, 101.0

Where = tuple[float, float]


def change(sent: float, done: float | None, child: int = 7) -> Change:
    """One child, shielded between two times."""
    return Change("shield", child, None, None, sent, done)


def test_an_answer_before_a_change_and_one_after_it_have_one_state_each() -> None:
    """What was complete before the request knows nothing of it; what was asked after its answer knows it."""
    assert list(states([change(102, 103)], BEGAN, ENDED)) == [()]
    sure = change(98, 99)
    assert list(states([sure], BEGAN, ENDED)) == [(sure,)]


@pytest.mark.parametrize(("sent", "done"), [(100.5, 100.6), (99, 100.5), (90, None), (101, 102), (99, 100)])
def test_an_answer_that_overlaps_a_change_may_match_either_state(sent: float, done: float | None) -> None:
    """Nobody outside can say when in between it took hold; without an acknowledgement, it may be at any time."""
    open_one = change(sent, done)
    assert list(states([open_one], BEGAN, ENDED)) == [(), (open_one,)]


@given(st.lists(st.tuples(st.floats(0, 10), st.none() | st.floats(0, 5)), max_size=5), st.floats(0, 10))
def test_a_state_never_lacks_what_was_acknowledged_before(
    drawn_times: list[tuple[float, float | None]], began: float
) -> None:
    """Every state has what is sure, none has what came later, and every choice of the open ones is there once."""
    changes = [
        change(sent, None if after is None else sent + after, child) for child, (sent, after) in enumerate(drawn_times)
    ]
    found = [frozenset(each.child for each in state) for state in states(changes, began, began + 1)]
    sure = {each.child for each in changes if each.done is not None and each.done < began}
    later = {each.child for each in changes if each.sent > began + 1}
    assert len(set(found)) == len(found) == 2 ** (len(changes) - len(sure) - len(later))
    assert all(sure <= state and not state & later for state in found)


class Asked:
    """Answers to views that a load held back, each at some time, and one change that they meet."""

    def __init__(self, bench: Bench, folder: Path) -> None:
        self._bench = bench
        self._folder = folder
        self._unsettled = Unsettled(folder, 0)

    def change(self, what: Befalling) -> Change:
        """Let an event take hold between 10 and 11."""
        found = change_of(self._bench, what)
        self._unsettled.note(found)
        return found

    def view(  # noqa: PLR0913, PLR0917 - one answer has as many sides
        self, user: int, about: int, shown: int, when: Where, claims: Claims = SAID, told: float | None = None
    ) -> None:
        """A view about one child that shows another's name, address and carers, or nothing (-1)."""
        request = Request("POST", "/children/view", str(self._fields(about)["number"]), "load-1-1")
        role = str(self._bench.population.user_fields(user)["role"])
        probe = Probe(Part.LOAD, VIEW, user, role, about, Rung.DECLARED, claims, request)
        answer = Answer(404, (), b"", 0.1) if shown < 0 else self._record(shown)
        observation = self._bench.judge.observe(probe, self._bench.pack.target.operation(VIEW), answer)
        self._unsettled.hold(Held(observation, answer, *when, told is None, told))

    def verdicts(self) -> list[Verdict]:
        """How they are judged in the end."""
        return [each.verdict for _, each in settle(self._bench, self._folder)]

    def _fields(self, child: int) -> dict[str, str | None]:
        return self._bench.population.child_fields(child)

    def _record(self, child: int) -> Answer:
        fields = self._fields(child)
        name = {"given": fields["given_name"], "family": fields["family_name"]}
        carers = [{"email": fields["carer_email"]}]
        record = {"number": fields["number"], "name": name, "address": {"house": fields["house"]}, "carers": carers}
        return replace(Answer(200, (), orjson.dumps(record), 0.1), headers=(("content-type", "application/json"),))


@pytest.fixture
def asked(bench: Bench, tmp_path: Path) -> Asked:
    """Nothing asked yet."""
    return Asked(bench, tmp_path)


def overreach(verdicts: list[Verdict]) -> list[bool]:
    """Which of them are overreach."""
    return [verdict is Verdict.OVERREACH for verdict in verdicts]


def reader(bench: Bench, what: Befalling, *, yes: Facet, no_area: bool = True) -> int:
    """Somebody who may read a facet of a child with a stated reason."""
    for user in range(bench.population.users_count):
        if bench.grid.facets(user, what.child, SAID) & yes.bit and bench.grid.relation(user, what.child)[0] != no_area:
            return user
    raise AssertionError


def far_off(bench: Bench, what: Befalling) -> int:
    """Somebody of no area of the child who reads where children live, and does not broker."""
    return reader(bench, what, yes=Facet.WHEREABOUTS)


def test_a_shielded_child_may_be_shown_until_the_shield_was_acknowledged(bench: Bench, asked: Asked) -> None:
    """The same bytes are permitted before, permitted meanwhile, and a leak after; the bench's facts stay."""
    what = next(each for each in of_kind(drawn(bench), "shield") if bench.population.child_fields(each.child)["house"])
    before = facts_of(bench.grid, what.child)
    asked.change(what)
    for when in (BEFORE, MEANWHILE, AFTER):
        asked.view(far_off(bench, what), what.child, what.child, when)
    assert overreach(asked.verdicts()) == [False, False, True]
    assert facts_of(bench.grid, what.child) == before


def test_a_child_whose_shield_is_lifted_may_be_shown_once_it_was_asked_for(bench: Bench, asked: Asked) -> None:
    """The other way round."""
    what = next(each for each in of_kind(drawn(bench), "unshield") if each.touched == {each.child})
    user = next(
        user
        for user in range(bench.population.users_count)
        if bench.population.user_fields(user)["role"] == "social_worker" and bench.grid.facets(user, what.child, SAID)
    )
    asked.change(what)
    for when in (BEFORE, MEANWHILE, AFTER):
        asked.view(user, what.child, what.child, when)
    assert overreach(asked.verdicts()) == [True, False, False]


def test_who_loses_a_record_with_its_move_reads_nothing_of_it_without_a_new_reason(bench: Bench, asked: Asked) -> None:
    """Neither as before nor by what was declared before; a refusal is in order. What is declared anew counts."""
    what = of_kind(drawn(bench), "move")[0]
    user = reader(bench, what, yes=Facet.WHEREABOUTS, no_area=False)
    asked.change(what)
    for when in (BEFORE, MEANWHILE, AFTER):
        asked.view(user, what.child, what.child, when, Claims())
        asked.view(user, what.child, what.child, when, SAID, told=7.0)
    asked.view(user, what.child, what.child, AFTER, SAID, told=10.5)
    asked.view(user, what.child, what.child, AFTER, SAID, told=11.5)
    asked.view(user, what.child, -1, AFTER, SAID, told=7.0)
    # Without a reason whereabouts are too much for anybody.
    assert overreach(asked.verdicts()) == [True, False, True, False, True, True, False, False, False]


def test_the_new_area_reads_a_record_from_its_acceptance_on(bench: Bench, asked: Asked) -> None:
    """Before, a refusal is in order; after it, it is underreach; meanwhile it is either."""
    what = of_kind(drawn(bench), "move")[0]
    accepted = asked.change(what)
    assert accepted.to is not None
    for when in (BEFORE, MEANWHILE, AFTER):
        asked.view(accepted.to, what.child, -1, when, Claims())
    assert asked.verdicts() == [Verdict.HELD, Verdict.HELD, Verdict.UNDERREACH]


def merge_of_unlike(bench: Bench) -> Befalling:
    """A plain record that is merged into a shielded one."""
    for seed in range(20):
        for each in of_kind(drawn(bench, seed), "merge"):
            gone, stays = (facts_of(bench.grid, child or 0)["shielded"] for child in (each.child, each.into))
            if stays and not gone and bench.population.child_fields(each.into or 0)["house"]:
                return each
    raise AssertionError


def test_the_number_of_a_merged_record_gives_the_other_one_to_those_who_may_read_it(bench: Bench, asked: Asked) -> None:
    """Somebody of the area's team may have it once the merge was asked for; to others it is as hidden as it was."""
    what = merge_of_unlike(bench)
    assert what.into is not None
    team = reader(bench, replace(what, child=what.into), yes=Facet.WHEREABOUTS, no_area=False)
    asked.change(what)
    for user in (team, far_off(bench, what)):
        for when in (MEANWHILE, AFTER):
            asked.view(user, what.child, what.into, when)
    asked.view(team, what.child, -1, AFTER)
    verdicts = asked.verdicts()
    assert overreach(verdicts) == [False, False, True, True, False]
    assert verdicts[-1] is Verdict.HELD


def test_what_was_plain_is_hidden_on_the_shielded_record_that_it_became(bench: Bench, asked: Asked) -> None:
    """The address of the one that ended is the other's now: the stricter of both counts."""
    what = merge_of_unlike(bench)
    if not bench.population.child_fields(what.child)["house"]:
        pytest.skip("this child has no address")
    asked.change(what)
    for when in (BEFORE, MEANWHILE, AFTER):
        asked.view(far_off(bench, what), what.child, what.child, when)
    assert overreach(asked.verdicts()) == [False, False, True]


def test_an_answer_that_met_more_changes_than_can_be_told_apart_is_unproven(bench: Bench, tmp_path: Path) -> None:
    """Fail closed: neither held nor a leak."""
    unsettled = Unsettled(tmp_path, 0)
    shields = of_kind(drawn(bench), "shield")[: MOST + 1]
    assert len(shields) == MOST + 1
    for each in shields:
        unsettled.note(Change("shield", each.child, None, None, 10.0, None))
    numbers = [str(bench.population.child_fields(each.child)["number"]) for each in shields]
    child = shields[0].child
    request = Request("POST", "/children/search", "{}", "load-1-1")
    probe = Probe(Part.LOAD, "search by postcode", 1, "social_worker", child, Rung.OPEN, Claims(), request)
    answer = Answer(200, (), orjson.dumps({"children": [{"number": number} for number in numbers]}), 0.1)
    observation = bench.judge.observe(probe, bench.pack.target.operation("search by postcode"), answer)
    unsettled.hold(Held(observation, answer, *AFTER))
    ((_, found),) = settle(bench, tmp_path)
    assert found.verdict is Verdict.UNPROVEN
    assert found.why == f"it met {MOST + 1} changes at once"


def test_what_was_noted_again_stands_once(tmp_path: Path) -> None:
    """The acknowledgement counts, a refusal takes it back, and what was cut off may have happened."""
    unsettled = Unsettled(tmp_path, 0)
    done, refused, cut_off = (change(10.0, None, child) for child in (1, 2, 3))
    for each in (done, refused, cut_off, replace(done, done=11.0), replace(refused, refused=True), done):
        unsettled.note(each)
    assert read_changes(tmp_path) == [replace(done, done=11.0), cut_off]


def test_without_a_change_what_was_held_is_as_it_was_judged(bench: Bench, tmp_path: Path) -> None:
    """Nothing is lost and nothing judged anew; a line that a kill cut off is left out."""
    what = of_kind(drawn(bench), "shield")[0]
    asked = Asked(bench, tmp_path)
    asked.view(far_off(bench, what), what.child, what.child, MEANWHILE)
    (tmp_path / "held-0.jsonl").open("ab").write(b'{"observation": ')
    (held,) = read_held(tmp_path)
    assert read_changes(tmp_path) == []
    assert [observation for _, observation in settle(bench, tmp_path)] == [held.observation]
