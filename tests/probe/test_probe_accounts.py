"""Accounts that must not open, and actions that a role must not be able to do."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from tests.probe.hand_made import ABSENT, BROKEN_GLASS, WELFARE, Script, answered, session_of

from overreach.model.decision import Claims, RungContext
from overreach.model.probe import Answer, Observation
from overreach.model.terms import Action, Kind, Part, Rung, Verdict
from overreach.probe.accounts import PER_STATE, AccountProbes
from overreach.probe.prober import Prober
from overreach.probe.session import Bench
from overreach.target.broker import Broker
from overreach.target.identity import Refusal, Session
from overreach.target.operations import needed

OVERRIDE = RungContext(Rung.OVERRIDE, BROKEN_GLASS)


@dataclass
class Trying:
    """Account probes over a script, and what was heard."""

    bench: Bench
    script: Script
    heard: list[Observation]
    outcome: Session | Refusal = field(default_factory=lambda: Refusal(0, "activate", ABSENT))

    @contextlib.contextmanager
    def probes(self) -> Iterator[AccountProbes]:
        """The probes; on leaving, everything was judged."""
        with Prober(self.bench, self.script, Part.SWEEP, self.heard.append) as prober:
            yield AccountProbes(self.bench, Broker(lambda _user: self.outcome), self.script, prober, 1)

    def user(self, action: Action, *, allowed: bool) -> int:
        """The first user who may, or may not, do something that is about no child."""
        users = range(self.bench.population.users_count)
        enters = [user for user in users if self.bench.grid.allows(user, None, Action.SIGN_IN, Claims())]
        return next(user for user in enters if self.bench.grid.allows(user, None, action, Claims()) is allowed)


@pytest.fixture
def trying(bench: Bench) -> Trying:
    """Everything is refused."""
    return Trying(bench, Script(lambda _m, _p, _b: answered({}, 403)), [])


def test_some_barred_accounts_of_every_class_are_tried(trying: Trying) -> None:
    """Nobody who may sign in is among them, and no class is left out."""
    grid, users = trying.bench.grid, range(trying.bench.population.users_count)
    with trying.probes() as probes:
        barred = probes.barred()
    denied = {user for user in users if not grid.allows(user, None, Action.SIGN_IN, Claims())}
    assert denied
    assert set(barred) <= denied
    tried = Counter(int(grid.user_class[user]) for user in barred)
    there = Counter(int(grid.user_class[user]) for user in denied)
    assert tried == {each: min(number, PER_STATE) for each, number in there.items()}


def test_a_barred_account_that_opens_is_overreach(trying: Trying) -> None:
    """The session is given back, so that more can be tried with it."""
    trying.outcome = session_of(4)
    with trying.probes() as probes:
        assert probes.try_sign_in(4, trying.bench.pack.target) == session_of(4)
    (heard,) = trying.heard
    assert heard.verdict is Verdict.OVERREACH
    assert [(each.kind, each.place, each.subject) for each in heard.violations] == [
        (Kind.ACTION, "POST /sessions", "sign_in")
    ]


@pytest.mark.parametrize(("error", "verdict"), [("", Verdict.HELD), ("timed out", Verdict.UNPROVEN)])
def test_a_barred_account_that_stays_shut_is_held_if_it_was_refused(
    trying: Trying, error: str, verdict: Verdict
) -> None:
    """A target that did not answer has refused nothing."""
    trying.outcome = Refusal(4, "activate", Answer(0 if error else 403, (), b"", 0.1, error))
    with trying.probes() as probes:
        assert probes.try_sign_in(4, trying.bench.pack.target) is None
    assert [(heard.verdict, heard.why) for heard in trying.heard] == [(verdict, error)]


def test_only_denied_actions_are_tried(trying: Trying) -> None:
    """What an approval would permit is left to the scenarios, and nothing that may be done is done.

    What needs a second user or child cannot be asked about a child alone.
    """
    grid, children = trying.bench.grid, range(0, 200, 40)
    operations = trying.bench.pack.target.operations
    users = [trying.user(action, allowed=True) for action in (Action.READ_LOG, Action.SEARCH)]
    with trying.probes() as probes:
        for user in users:
            probes.forbidden_actions(session_of(user), list(children), OVERRIDE)
    expected = {
        (user, child, operation.name)
        for user in users
        for child in children
        for operation in operations.values()
        if operation.action is not None
        and not any("." in name for name in needed(operation, trying.bench.population.child_fields(child)))
        and not grid.allows(user, child, operation.action, BROKEN_GLASS)
        and not grid.allows(user, child, operation.action, Claims("child_protection", override=True, approvals=1))
    }
    assert {(heard.probe.user, heard.probe.child, heard.probe.operation) for heard in trying.heard} == expected
    assert expected
    assert {heard.verdict for heard in trying.heard} == {Verdict.HELD}


def test_an_action_that_was_done_is_overreach(trying: Trying) -> None:
    """Found by the acknowledgement."""
    trying.script.answer = lambda _m, _p, _b: answered({}, 201)
    with trying.probes() as probes:
        probes.forbidden_actions(session_of(trying.user(Action.READ_LOG, allowed=True)), [0], OVERRIDE)
    assert {heard.verdict for heard in trying.heard} == {Verdict.OVERREACH}


def test_who_may_read_the_log_is_not_tried(trying: Trying) -> None:
    """Nothing is asked."""
    user = trying.user(Action.READ_LOG, allowed=True)
    with trying.probes() as probes:
        probes.log_reading(session_of(user), trying.bench.pack.target)
    assert trying.script.sent == []


@pytest.mark.parametrize(
    ("status", "verdict"), [(403, Verdict.HELD), (200, Verdict.OVERREACH), (500, Verdict.UNPROVEN)]
)
def test_log_and_alerts_are_tried_by_who_may_not(trying: Trying, status: int, verdict: Verdict) -> None:
    """What the log repeats is no disclosure of its own: that it was read is the finding."""
    number = str(trying.bench.population.child_fields(0)["number"])
    trying.script.answer = lambda _m, _p, _b: answered({"entries": [{"results": [number]}]}, status)
    user = trying.user(Action.READ_LOG, allowed=False)
    with trying.probes() as probes:
        probes.log_reading(session_of(user), trying.bench.pack.target)
    asked = [path for _, path, *_ in trying.script.sent]
    assert [path.partition("?")[0] for path in asked] == ["/log", "/log", "/alerts"]
    assert ["case=" in path for path in asked] == [True, False, False]
    assert [heard.verdict for heard in trying.heard] == [verdict] * 3
    assert {each.subject for heard in trying.heard for each in heard.violations} <= {"read_log"}


def test_the_same_seed_tries_the_same_accounts(trying: Trying) -> None:
    """A run can be seen again."""
    with trying.probes() as one:
        first = one.barred()
    with trying.probes() as again:
        assert again.barred() == first
    assert WELFARE not in {heard.probe.claims for heard in trying.heard}
