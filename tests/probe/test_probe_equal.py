"""What may not be seen answers like what does not exist: differences beyond noise are disclosures."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import orjson
import pytest
from tests.probe.hand_made import ABSENT, WELFARE, Hand, Script, answered, found, session_of

from overreach.model.canary import TokenKind
from overreach.model.decision import Claims, RungContext
from overreach.model.probe import Answer, Observation
from overreach.model.terms import Action, Facet, Grade, Kind, Part, Rung, Verdict
from overreach.probe.absent import Absent
from overreach.probe.equal import Comparer
from overreach.probe.prober import Prober
from overreach.probe.session import Bench

DECLARED = RungContext(Rung.DECLARED, WELFARE)
Reply = Callable[[bool, int], Answer]
"""Answers a request: whether it names somebody's number, and its place among the requests."""


@pytest.fixture(scope="module")
def hand(bench: Bench) -> Hand:
    """The small world in hand."""
    return Hand(bench)


@pytest.fixture(scope="module")
def hidden(hand: Hand) -> tuple[int, int]:
    """A user who may not know of a child at all."""

    def fits(user: int, child: int) -> bool:
        known = hand.mask(user, child) & Facet.EXISTENCE.bit
        return not known and hand.bench.grid.allows(user, None, Action.SIGN_IN, Claims())

    return hand.pair(fits)


def compared(hand: Hand, pair: tuple[int, int], reply: Reply, name: str = "view") -> tuple[Observation, int]:
    """What comparing about a hidden child amounts to, and how many requests it took."""
    known = {str(hand.bench.population.child_fields(c)["number"]) for c in range(hand.bench.population.children_count)}
    places = itertools.count()

    def answer(_method: str, _path: str, body: bytes) -> Answer:
        return reply(orjson.loads(body).get("number") in known, next(places))

    heard: list[Observation] = []
    script = Script(answer)
    with Prober(hand.bench, script, Part.SWEEP, heard.append) as prober:
        Comparer(hand.bench, prober).compare(session_of(pair[0]), hand.operation(name), pair[1], DECLARED)
    (observation,) = heard
    return observation, len(script.sent)


def test_equal_answers_are_held(hand: Hand, hidden: tuple[int, int]) -> None:
    """Two requests are enough."""
    observation, requests = compared(hand, hidden, lambda _known, _place: ABSENT)
    assert (observation.verdict, requests) == (Verdict.HELD, 2)
    assert observation.probe.child == hidden[1]


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        (lambda known, _: answered({}, 403 if known else 404), "status 403 instead of 404"),
        (lambda known, _: answered({"error": "forbidden" if known else "absent"}, 404), "body"),
        (lambda known, _: answered({}, 404, headers={"X-Shield": "1"} if known else {}), "headers x-shield"),
    ],
)
def test_a_difference_is_a_disclosure(hand: Hand, hidden: tuple[int, int], reply: Reply, told: str) -> None:
    """By status, header or body; it tells that there is a record."""
    observation, requests = compared(hand, hidden, reply)
    assert (observation.verdict, requests) == (Verdict.OVERREACH, 3)
    (violation,) = observation.violations
    assert (violation.kind, violation.facet, violation.child) == (Kind.INFERENCE, Facet.EXISTENCE, hidden[1])
    assert violation.subject == "equal answer: existence"
    assert told in violation.detail
    assert observation.disclosures[-1].grade is Grade.DIFFERENCE


def test_the_disclosed_facet_is_the_one_that_the_query_named(hand: Hand) -> None:
    """A search by a hidden value that answers differently tells that value."""
    pair = hand.pair(
        lambda user, child: (
            bool(hand.mask(user, child) & Facet.IDENTITY.bit) and not hand.mask(user, child) & Facet.WHEREABOUTS.bit
        )
    )
    places = itertools.count()
    observation, _ = compared(
        hand,
        pair,
        lambda _known, _place: answered({"count": int(not next(places)), "children": []}),
        "search by postcode",
    )
    assert observation.violations[0].facet is Facet.WHEREABOUTS


def test_noise_is_masked(hand: Hand, hidden: tuple[int, int]) -> None:
    """What differs between two absent records proves nothing; nor do date, length and correlation id."""
    for reply in (
        lambda _known, place: answered({}, 404, headers={"X-Trace": str(place)}),
        lambda _known, place: answered({}, 404, headers={"Date": str(place), "X-Request-ID": str(place)}),
        lambda _known, place: answered({"took": place}, 404),
    ):
        observation, _ = compared(hand, hidden, reply)
        assert observation.verdict is Verdict.HELD


def test_noise_does_not_hide_a_difference_beside_it(hand: Hand, hidden: tuple[int, int]) -> None:
    """Each part of an answer is masked for itself."""
    observation, _ = compared(
        hand, hidden, lambda known, place: answered({}, 403 if known else 404, headers={"X-Trace": str(place)})
    )
    assert observation.verdict is Verdict.OVERREACH


def test_what_the_request_itself_brought_is_no_difference(hand: Hand, hidden: tuple[int, int]) -> None:
    """An answer may repeat the number that was asked for."""
    heard: list[Observation] = []
    script = Script(lambda _m, _p, body: answered({"error": f"no {orjson.loads(body)['number']}"}, 404))
    with Prober(hand.bench, script, Part.SWEEP, heard.append) as prober:
        Comparer(hand.bench, prober).compare(session_of(hidden[0]), hand.operation("view"), hidden[1], DECLARED)
    assert heard[0].verdict is Verdict.HELD


@pytest.mark.parametrize(
    ("form", "verdict"),
    [
        ('{{"asked": "{}"}}', Verdict.HELD),
        ('{{"error": "nothing at {} is yours"}}', Verdict.OVERREACH),
        ('{{"error": "{}"}}x', Verdict.HELD),
        ('{{"asked": "{}shire"}}', Verdict.OVERREACH),
        ('{{"asked": {}}}', Verdict.OVERREACH),
    ],
)
def test_a_value_that_was_sent_is_masked_only_whole(hand: Hand, form: str, verdict: Verdict) -> None:
    """As a JSON text of its own it says nothing; within other words it may be what the record itself holds."""
    pair = hand.pair(lambda user, child: not hand.mask(user, child))
    heard: list[Observation] = []
    script = Script(lambda _m, _p, body: answered(form.format(orjson.loads(body)["postcode"]).encode(), 404))
    with Prober(hand.bench, script, Part.SWEEP, heard.append) as prober:
        operation = hand.operation("search by postcode")
        Comparer(hand.bench, prober).compare(session_of(pair[0]), operation, pair[1], DECLARED)
    assert heard[0].verdict is verdict


@pytest.mark.parametrize("broken", [0, 1])
def test_a_broken_twin_proves_nothing(hand: Hand, hidden: tuple[int, int], broken: int) -> None:
    """Whichever of the answers did not come whole."""
    observation, _ = compared(
        hand, hidden, lambda _known, place: answered(b"", 0, "timed out") if place == broken else ABSENT
    )
    assert (observation.verdict, observation.why) == (Verdict.UNPROVEN, "timed out")


def test_a_plain_leak_is_told_as_what_it_is(hand: Hand, hidden: tuple[int, int]) -> None:
    """A record that came is no question of equal answers."""
    record = hand.record(hidden[1], [Facet.IDENTITY])
    observation, _ = compared(hand, hidden, lambda known, _place: answered(record) if known else ABSENT)
    assert observation.verdict is Verdict.OVERREACH
    assert {violation.kind for violation in observation.violations} == {Kind.ACCESS}


def test_a_made_up_value_that_is_somebodys_after_all_accuses_nobody(hand: Hand, hidden: tuple[int, int]) -> None:
    """Then nothing is absent, and nothing can be compared."""
    friend = hand.record((hidden[1] + 1) % 200, [Facet.IDENTITY])
    places = itertools.count()
    observation, _ = compared(
        hand, hidden, lambda _known, _place: found() if next(places) == 0 else found(friend), "search by postcode"
    )
    assert observation.verdict is Verdict.HELD


def test_a_child_without_the_named_value_is_not_compared(hand: Hand) -> None:
    """There is nothing to hide."""
    fields = hand.bench.population.child_fields
    child = next(c for c in range(200) if fields(c)["former_name"] is None)
    script = Script(lambda _m, _p, _b: ABSENT)
    with Prober(hand.bench, script, Part.SWEEP, lambda _each: None) as prober:
        operation = hand.operation("search by former name")
        Comparer(hand.bench, prober).compare(session_of(1), operation, child, DECLARED)
    assert script.sent == []


def test_absent_values_are_nobodys(hand: Hand) -> None:
    """Of the same kind and form as those that records have; dates and values not asked for stay."""
    population = hand.bench.population
    absent = Absent(population)
    every = [population.child_fields(child) for child in range(population.children_count)]
    names = [name for name in every[0] if name not in {"child", "gender"}]
    had = {name: {str(fields[name]).lower() for fields in every} for name in names}
    for child, fields in enumerate(every[:60]):
        made = absent.like(child, names)
        assert made["date_of_birth"] == fields["date_of_birth"]
        assert made["gender"] == fields["gender"]
        owner = population.minter.read(str(made["number"]))
        assert owner is not None
        assert owner[0] is TokenKind.RECORD
        assert owner[1] >= population.children_count
        for name in names:
            if fields[name] is None:
                assert made[name] is None
            elif name != "date_of_birth":
                assert str(made[name]).lower() not in had[name]


def test_absent_values_are_not_those_of_further_carers_either(hand: Hand) -> None:
    """A request carries the telephone of one carer; a search finds a child by that of any."""
    population = hand.bench.population
    absent = Absent(population)
    children = range(population.children_count)
    phones = {value for child in children for value in population.facet_values(child, Facet.CONTACTS)}
    assert not {absent.value("carer_phone", phone) for phone in phones} & phones


def test_absent_numbers_are_another_for_each_child_and_the_same_each_time(hand: Hand) -> None:
    """A witness can be seen again."""
    population = hand.bench.population
    one, again = Absent(population), Absent(population)
    numbers = [one.number(child) for child in range(50)]
    assert len(set(numbers)) == 50
    assert [again.number(child) for child in range(50)] == numbers
    assert one.value("family_name", "Smith") == again.value("family_name", "Smith")
