"""Asking is one request at a time; judging fills the wait for the next answer, in order, and nothing is lost."""

from __future__ import annotations

from dataclasses import dataclass

import orjson
import pytest
from tests.probe.hand_made import ABSENT, WELFARE, Hand, Script, answered, session_of

from overreach.model.decision import RungContext
from overreach.model.errors import SyntheticOnlyError
from overreach.model.probe import Observation
from overreach.model.terms import Part, Rung, Verdict
from overreach.probe.prober import Prober, send
from overreach.probe.session import Bench

DECLARED = RungContext(Rung.DECLARED, WELFARE)


@dataclass
class Asking:
    """A prober over a script."""

    bench: Bench
    script: Script
    heard: list[Observation]

    def prober(self) -> Prober:
        """A new one."""
        return Prober(self.bench, self.script, Part.SWEEP, self.heard.append)


@pytest.fixture
def asking(bench: Bench) -> Asking:
    """Everything is answered like nothing."""
    return Asking(bench, Script(lambda _method, _path, _body: ABSENT), [])


def test_a_request_carries_session_correlation_id_and_claims(asking: Asking) -> None:
    """And the probe says who asked what of whom."""
    view = asking.bench.pack.target.operation("view")
    with asking.prober() as prober:
        asked = prober.ask(session_of(3), view, 5, DECLARED)
        assert asked is not None
        assert asked.status == 404
        observation = asked.observation.result()
    ((method, path, body, headers),) = asking.script.sent
    fields = asking.bench.population.child_fields(5)
    assert (method, path) == ("POST", "/children/view")
    assert orjson.loads(body)["number"] == fields["number"]
    assert orjson.loads(body)["reason"] == "welfare"
    assert headers == {"Authorization": "Bearer t3", "X-Request-ID": "sweep-1"}
    probe = observation.probe
    assert (probe.part, probe.operation, probe.user, probe.child) == (Part.SWEEP, "view", 3, 5)
    assert (probe.rung, probe.claims, probe.request.request_id) == (Rung.DECLARED, WELFARE, "sweep-1")
    assert probe.role == asking.bench.population.user_fields(3)["role"]


def test_everything_asked_is_told_in_order_on_leaving(asking: Asking) -> None:
    """Every request has an id of its own, and none is left unjudged."""
    view = asking.bench.pack.target.operation("view")
    with asking.prober() as prober:
        for child in range(200):
            prober.ask(session_of(child % 7), view, child, DECLARED)
    assert [heard.probe.child for heard in asking.heard] == list(range(200))
    assert len({headers["X-Request-ID"] for *_, headers in asking.script.sent}) == 200


def test_an_answer_is_judged_while_the_next_is_waited_for(asking: Asking) -> None:
    """Never later: memory stays flat however long a sweep is."""
    view = asking.bench.pack.target.operation("view")
    with asking.prober() as prober:
        for number in range(50):
            prober.ask(session_of(1), view, number, DECLARED)
            assert len(asking.heard) == number


def test_an_observation_that_is_needed_at_once_is_judged_at_once(asking: Asking) -> None:
    """With whatever waits before it, and only once."""
    view = asking.bench.pack.target.operation("view")
    with asking.prober() as prober:
        first = prober.ask(session_of(1), view, 1, DECLARED)
        exchanged = prober.exchange(session_of(1), view, 2, DECLARED)
        assert first is not None
        assert exchanged is not None
        probe, answer = exchanged
        second = prober.later(lambda: prober.judge(view, probe, answer))
        assert second.result() is second.result()
        assert [heard.probe.child for heard in asking.heard] == [1, 2]
        assert first.observation.result() is asking.heard[0]
    assert len(asking.heard) == 2


def test_a_child_without_the_needed_value_is_not_asked_about(asking: Asking) -> None:
    """Nothing is sent, nothing is told."""
    by_former = asking.bench.pack.target.operation("search by former name")
    fields = asking.bench.population.child_fields
    child = next(c for c in range(200) if fields(c)["former_name"] is None)
    with asking.prober() as prober:
        assert prober.ask(session_of(1), by_former, child, DECLARED) is None
    assert not asking.script.sent
    assert not asking.heard


def test_what_judging_raises_stops_the_asking(asking: Asking) -> None:
    """At the next request or on leaving: a real-looking value is never passed over."""
    asking.script.answer = lambda _method, _path, _body: answered({"email": "jane.doe@gmail.com"})
    view = asking.bench.pack.target.operation("view")
    with pytest.raises(SyntheticOnlyError), asking.prober() as prober:
        prober.ask(session_of(1), view, 1, DECLARED)
    assert asking.heard == []


def test_what_judging_raised_is_raised_again(asking: Asking) -> None:
    """Whoever goes on all the same is told so at every request, and nothing later is judged."""
    asking.script.answer = lambda _method, _path, _body: answered({"email": "jane.doe@gmail.com"})
    view = asking.bench.pack.target.operation("view")
    with pytest.raises(SyntheticOnlyError), asking.prober() as prober:  # noqa: PT012 - leaving raises it once more
        prober.ask(session_of(1), view, 1, DECLARED)
        for child in (2, 3):
            with pytest.raises(SyntheticOnlyError):
                prober.ask(session_of(1), view, child, DECLARED)
    assert asking.heard == []


def test_an_error_of_the_caller_is_not_hidden_by_judging(asking: Asking) -> None:
    """What waits then is not judged: the run is over."""
    with pytest.raises(ZeroDivisionError), asking.prober() as prober:  # noqa: PT012 - leaving is what is tested
        prober.ask(session_of(1), asking.bench.pack.target.operation("view"), 1, DECLARED)
        raise ZeroDivisionError
    assert asking.heard == []


def test_an_exchange_is_told_to_nobody(asking: Asking) -> None:
    """Comparisons judge several answers together; made-up fields take the place of a child's."""
    view = asking.bench.pack.target.operation("view")
    with asking.prober() as prober:
        made_up = {"number": "qxzc00000000", "date_of_birth": "2001-01-01"}
        exchanged = prober.exchange(session_of(1), view, None, DECLARED, made_up)
        assert exchanged is not None
        assert prober.judge(view, *exchanged).verdict is Verdict.HELD
    assert exchanged[0].child is None
    assert b"qxzc00000000" in asking.script.sent[0][2]
    assert asking.heard == []


def test_a_request_is_sent_as_it_is(asking: Asking) -> None:
    """With exactly two headers."""
    hand = Hand(asking.bench)
    probe = hand.probe("open", 1, 2, request_id="x-9")
    send(asking.script, session_of(1), probe.request)
    path = f"/children/{asking.bench.population.child_fields(2)['number']}"
    assert asking.script.sent == [("GET", path, b"", {"Authorization": "Bearer t1", "X-Request-ID": "x-9"})]
