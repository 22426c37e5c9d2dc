"""Verdicts come from bytes and decision: each rule of the judge, over a real world and the real policy."""

from __future__ import annotations

import gzip

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.probe.hand_made import ABSENT, BROKEN_GLASS, WELFARE, Hand, answered, found

from overreach.model.decision import Claims
from overreach.model.errors import SyntheticOnlyError
from overreach.model.probe import Answer
from overreach.model.terms import Action, Facet, Kind, Verdict, facets_of
from overreach.probe.session import Bench

WHERE = Facet.WHEREABOUTS


@pytest.fixture(scope="session")
def hand(bench: Bench) -> Hand:
    """The small world in hand."""
    return Hand(bench)


@pytest.fixture(scope="session")
def denied(hand: Hand) -> tuple[int, int]:
    """A user who may know of a child, and of nobody in its house where they live."""

    def fits(user: int, child: int) -> bool:
        where = [hand.mask(user, other) & WHERE.bit for other in hand.house_owners(child)]
        return bool(hand.mask(user, child) & Facet.IDENTITY.bit) and not any(where)

    return hand.pair(fits)


@pytest.fixture(scope="session")
def allowed(hand: Hand) -> tuple[int, int]:
    """A user who may read where a child lives."""
    return hand.pair(lambda user, child: bool(hand.mask(user, child) & WHERE.bit))


def test_exactly_what_is_permitted_is_held(hand: Hand, allowed: tuple[int, int]) -> None:
    """Everything that may be read and nothing else."""
    seen = hand.observe(hand.probe("view", *allowed), answered(hand.readable_record(*allowed)))
    assert (seen.verdict, seen.violations, seen.hazards) == (Verdict.HELD, (), ())
    assert {each.facet for each in seen.disclosures if each.child == allowed[1]} >= {Facet.EXISTENCE, Facet.IDENTITY}


def test_a_success_without_the_denied_facet_is_no_overreach(hand: Hand, denied: tuple[int, int]) -> None:
    """A 200 says nothing by itself."""
    seen = hand.observe(hand.probe("view", *denied), answered(hand.readable_record(*denied)))
    assert (seen.status, seen.verdict) == (200, Verdict.HELD)


@pytest.mark.parametrize("status", [200, 302, 403, 404, 500])
def test_a_denied_value_is_overreach_whatever_the_status(hand: Hand, denied: tuple[int, int], status: int) -> None:
    """A refusal that leaks in its text is no refusal."""
    house = hand.bench.population.child_fields(denied[1])["house"]
    seen = hand.observe(hand.probe("view", *denied), answered({"error": f"you may not see {house}"}, status))
    assert seen.verdict is Verdict.OVERREACH
    violation = next(each for each in seen.violations if each.facet is WHERE)
    assert (violation.kind, violation.place, violation.subject) == (Kind.ACCESS, "POST /children/view", "whereabouts")
    assert violation.child in hand.house_owners(denied[1])
    assert violation.record_class in hand.bench.policy.classes


def test_a_denied_value_in_a_header_is_overreach(hand: Hand, denied: tuple[int, int]) -> None:
    """Headers are read like bodies."""
    house = str(hand.bench.population.child_fields(denied[1])["house"])
    seen = hand.observe(hand.probe("view", *denied), answered({}, 404, headers={"X-Debug": house}))
    assert seen.verdict is Verdict.OVERREACH


def test_what_leaked_before_the_answer_broke_is_overreach_first(hand: Hand, denied: tuple[int, int]) -> None:
    """An answer that never came whole has leaked all the same."""
    house = hand.bench.population.child_fields(denied[1])["house"]
    seen = hand.observe(hand.probe("view", *denied), answered({"house": house}, 429, "timed out"))
    assert seen.verdict is Verdict.OVERREACH


def sibling_pair(hand: Hand) -> tuple[int, int, int]:
    """A user, a child whose whereabouts are hidden, and one in the same house whose are not."""
    population = hand.bench.population
    for child in range(population.children_count):
        for other in hand.house_owners(child):
            for user in range(population.users_count):
                hidden = hand.mask(user, child)
                if hidden & Facet.IDENTITY.bit and not hidden & WHERE.bit and hand.mask(user, other) & WHERE.bit:
                    return user, child, other
    pytest.fail("no shielded child has an unshielded sibling at home")


def test_a_value_shared_with_somebody_readable_is_a_hazard(hand: Hand) -> None:
    """In a search the stated reason holds for the sibling too: permitted, and harmful."""
    user, child, _ = sibling_pair(hand)
    record = hand.record(child, [Facet.IDENTITY, WHERE])
    seen = hand.observe(hand.probe("search by name", user, child), found(record))
    assert WHERE not in {each.facet for each in seen.violations}
    assert WHERE in {facet for facet, _ in seen.hazards}


def test_a_value_shared_only_with_the_unreadable_is_overreach(hand: Hand) -> None:
    """A view's reason was stated for the hidden child alone: its sibling does not excuse it."""
    user, child, _ = sibling_pair(hand)
    seen = hand.observe(hand.probe("view", user, child), answered(hand.record(child, [Facet.IDENTITY, WHERE])))
    assert WHERE in {each.facet for each in seen.violations}
    assert not seen.hazards


def test_another_record_than_the_one_asked_about_is_judged_without_claims(hand: Hand, allowed: tuple[int, int]) -> None:
    """The reason was stated for one child."""
    user, child = allowed
    friend = next(
        other
        for other in range(hand.bench.population.children_count)
        if hand.mask(user, other) & WHERE.bit
        and hand.mask(user, other, Claims()) & Facet.IDENTITY.bit
        and other not in hand.house_owners(child)
    )
    record = hand.readable_record(user, child)
    seen = hand.observe(hand.probe("view", user, child), answered([record, hand.record(friend, [WHERE])]))
    assert {(each.facet, each.child in hand.house_owners(friend)) for each in seen.violations} == {(WHERE, True)}
    alone = hand.observe(hand.probe("view", user, friend), answered(hand.readable_record(user, friend)))
    assert alone.verdict is Verdict.HELD


def test_a_hit_by_a_hidden_facet_is_inference(hand: Hand, denied: tuple[int, int]) -> None:
    """Who may know the child but not where it lives must not find it by its postcode."""
    record = hand.record(denied[1], [Facet.IDENTITY])
    seen = hand.observe(hand.probe("search by postcode", *denied), found(record))
    assert seen.verdict is Verdict.OVERREACH
    inference = [each for each in seen.violations if each.kind is Kind.INFERENCE]
    assert [(each.subject, each.child) for each in inference] == [("whereabouts", denied[1])]
    by_name = hand.observe(hand.probe("search by name", *denied), found(record))
    assert by_name.verdict is Verdict.HELD


def test_a_search_that_finds_nobody_is_held_or_underreach(
    hand: Hand, denied: tuple[int, int], allowed: tuple[int, int]
) -> None:
    """By whether the child may be found by what was asked."""
    assert hand.observe(hand.probe("search by postcode", *denied), found()).verdict is Verdict.HELD
    missed = hand.observe(hand.probe("search by postcode", *allowed), found())
    assert (missed.verdict, missed.why) == (Verdict.UNDERREACH, "refused though allowed: search by postcode")


@pytest.mark.parametrize("pages", [2, 3, 10, 11, 19, 40])
def test_a_search_of_several_pages_does_not_prove_that_somebody_is_missing(
    hand: Hand, allowed: tuple[int, int], pages: int
) -> None:
    """More pages are not asked for, however many there are."""
    page = answered({"count": 25 * pages, "page": 1, "pages": pages, "children": []})
    assert hand.observe(hand.probe("search by postcode", *allowed), page).verdict is Verdict.HELD


def unentitled(hand: Hand, action: Action) -> tuple[int, int]:
    """A user who may do many things but not this."""
    allows = hand.bench.grid.allows
    return hand.pair(
        lambda user, child: (
            allows(user, None, Action.SIGN_IN, Claims())
            and not allows(user, child, action, BROKEN_GLASS)
            and not allows(user, child, action, Claims(reason="welfare", approvals=1))
        )
    )


@pytest.mark.parametrize("action", [Action.SHIELD, Action.UNSHIELD, Action.OVERRIDE])
def test_an_action_done_though_denied_is_overreach(hand: Hand, action: Action) -> None:
    """The acknowledgement is the proof; taken in is not done, and refused is held."""
    probe = hand.probe(action.value, *unentitled(hand, action), WELFARE)
    done = hand.observe(probe, answered({}, 201))
    assert done.verdict is Verdict.OVERREACH
    assert [(each.kind, each.subject) for each in done.violations] == [(Kind.ACTION, action.value)]
    for status in (202, 403, 404):
        assert hand.observe(probe, answered({}, status)).verdict is Verdict.HELD


def test_an_action_refused_though_allowed_is_underreach(hand: Hand) -> None:
    """Who may break the glass must be able to."""
    allows = hand.bench.grid.allows
    pair = hand.pair(lambda user, child: allows(user, child, Action.OVERRIDE, BROKEN_GLASS))
    probe = hand.probe("override", *pair, BROKEN_GLASS)
    assert hand.observe(probe, answered({}, 403)).verdict is Verdict.UNDERREACH
    assert hand.observe(probe, answered({"warning": "recorded"}, 201)).verdict is Verdict.HELD


def test_a_permitted_value_that_did_not_come_is_underreach(hand: Hand, allowed: tuple[int, int]) -> None:
    """Whole or in part; a value that the child does not have is not missed."""
    refused = hand.observe(hand.probe("view", *allowed), ABSENT)
    assert refused.verdict is Verdict.UNDERREACH
    assert "whereabouts" in refused.why
    facets = [facet for facet in facets_of(hand.mask(*allowed)) if facet is not WHERE]
    partly = hand.observe(hand.probe("view", *allowed), answered(hand.record(allowed[1], facets)))
    assert (partly.verdict, partly.why) == (Verdict.UNDERREACH, "refused though allowed: whereabouts")


@pytest.mark.parametrize("status", [0, 401, 408, 429, 500, 502, 503, 599])
def test_disorder_and_a_lost_session_prove_nothing(hand: Hand, allowed: tuple[int, int], status: int) -> None:
    """Neither that something was refused nor that it was held."""
    seen = hand.observe(hand.probe("view", *allowed), answered({}, status))
    assert seen.verdict is Verdict.UNPROVEN
    assert seen.why


def test_a_body_that_cannot_be_opened_proves_nothing(hand: Hand, denied: tuple[int, int]) -> None:
    """What was cut off in the middle of its compression may have held anything."""
    packed = gzip.compress(orjson.dumps({"house": "x" * 500}))[:-12]
    seen = hand.observe(hand.probe("view", *denied), answered(packed, headers={"Content-Encoding": "gzip"}))
    assert seen.verdict is Verdict.UNPROVEN


@settings(max_examples=60, deadline=None)
@given(
    status=st.sampled_from([0, 200, 201, 204, 302, 400, 401, 403, 404, 408, 429, 500, 503]),
    body=st.one_of(st.binary(max_size=60), st.sampled_from([b"{}", b"[]", b'{"pages":0}', b"\x1f\x8b"])),
    error=st.sampled_from(["", "timed out", "answer shorter than its stated length"]),
    name=st.sampled_from(["view", "open", "search by name", "shield", "override", "declare"]),
    place=st.integers(0, 10**6),
)
def test_what_went_wrong_is_never_held(  # noqa: PLR0913, PLR0917 - one a drawn value
    hand: Hand, status: int, body: bytes, error: str, name: str, place: int
) -> None:
    """Whatever the operation and the pair: no whole, orderly answer, no proof."""
    population = hand.bench.population
    user, child = place % population.users_count, place % population.children_count
    seen = hand.observe(hand.probe(name, user, child), Answer(status, (), body, 0.1, error))
    if error or status in {0, 401, 408, 429, 500, 503}:
        assert seen.verdict in {Verdict.UNPROVEN, Verdict.OVERREACH}
        assert seen.why
    assert (seen.verdict is Verdict.OVERREACH) == bool(seen.violations)


def test_a_real_looking_value_stops_the_run(hand: Hand, allowed: tuple[int, int]) -> None:
    """And the error keeps nothing of it."""
    real = "jane.doe@gmail.com"
    with pytest.raises(SyntheticOnlyError) as stopped:
        hand.observe(hand.probe("view", *allowed), answered({"email": real}))
    assert real not in f"{stopped.value.message} {stopped.value.remedy}"
