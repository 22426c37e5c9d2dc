"""What is proven agrees with trying every request of a small world, and examples are the smallest there are."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.policy.drawn_people import PACK, SWITCHES
from tests.policy.drawn_policies import CHILD_VALUES, CLAIMS, USER_VALUES, load, texts, world

from overreach.model.decision import Claims
from overreach.model.errors import PolicyError
from overreach.model.terms import Action, Facet
from overreach.policy.classwise import ClassGrid
from overreach.policy.columns import RELATIONS
from overreach.policy.expression import Entity
from overreach.policy.invariants import invariant_violations
from overreach.policy.load import Policy
from overreach.policy.prove import Proof, Verdict, errors, plain_request, prove
from overreach.policy.prove_policy import Question, questions
from overreach.policy.prove_request import Raw
from overreach.policy.prove_solver import Effort
from overreach.policy.prove_witness import Witness, decide, insist, make_witness
from overreach.policy.rules import CHILD, understand
from overreach.policy.statements import Statement

HOSPITAL = PACK.parent / "docs" / "examples" / "hospital" / "scenarios"


def _proven(policy: Policy, effort: Effort | None = None) -> dict[str, Proof]:
    asked = questions(policy, effort or Effort())
    return {proof.invariant: proof for proof in prove(policy, asked)}


def _changed(folder: Path, source: Path, switches: dict[str, str], *edits: tuple[str, str]) -> Policy:
    """A pack's policy with pieces of its text replaced."""
    for file in source.glob("*.cedar*"):
        shutil.copy(file, folder / file.name)
    text = (source / "policy.cedar").read_text(encoding="utf-8")
    for old, new in edits:
        assert old in text
        text = text.replace(old, new, 1)
    (folder / "policy.cedar").write_text(text, encoding="utf-8")
    return Policy.load(folder, switches)


def _rule(source: Path, switches: dict[str, str], name: str) -> str:
    return Policy.load(source, switches).rules[name].text


@pytest.mark.parametrize("values", [("no", "no", "declared"), ("yes", "yes", "national"), ("no", "yes", "own")])
def test_the_packs_invariants_follow_at_other_values_of_its_switches(values: tuple[str, str, str]) -> None:
    """For every user, child, relation and claims that the schema lets be."""
    found = _proven(Policy.load(PACK, dict(zip(SWITCHES, values, strict=True))))
    assert len(found) == 24
    assert {proof.verdict for proof in found.values()} == {Verdict.FOLLOWS}


def test_an_invariant_that_forbids_nothing_is_told_apart() -> None:
    """What G3 = own forbids is empty at another value, and not at its own."""
    for value, empty in (("declared", True), ("own", False)):
        found = _proven(Policy.load(PACK, SWITCHES | {"G3": value}))
        assert found["own-area-means-own-area"].empty is empty
        assert not found["no-unshielding-alone"].empty


def test_the_hospitals_invariants_follow() -> None:
    """Another pack, which has nothing of the first."""
    found = _proven(Policy.load(HOSPITAL, {}))
    assert {proof.verdict for proof in found.values()} == {Verdict.FOLLOWS}


@pytest.mark.parametrize(
    ("missing", "invariant", "what", "away"),
    [
        (
            "shielded",
            "nothing-hidden-without-override-or-management-team",
            "whereabouts",
            {"resource.shielded", "context.reason"},
        ),
        ("reason", "no-facet-without-a-reason", "former_names", set()),
        (
            "shielded-carers",
            "carers-under-a-shield-only-by-switch",
            "carers",
            {"resource.shielded", "context.reason"},
        ),
    ],
)
def test_without_a_forbid_its_invariant_fails_by_the_smallest_request(
    tmp_path: Path, missing: str, invariant: str, what: str, away: set[str]
) -> None:
    """Everything that the forbid does not speak of is as in a plain request."""
    policy = _changed(tmp_path, PACK, SWITCHES, (_rule(PACK, SWITCHES, missing), ""))
    proof = _proven(policy)[invariant]
    assert proof.verdict is Verdict.FAILS
    witness = proof.counterexamples[0].witness
    assert (witness.what, set(witness.away)) == (what, away)
    assert decide(policy, witness).allowed
    assert not decide(Policy.load(PACK, SWITCHES), witness).allowed


def test_a_permit_that_says_too_much_fails_by_one_that_it_should_not_reach(tmp_path: Path) -> None:
    """Brokering outside the own area: the witness is a management team elsewhere."""
    edit = '@id("shield") @rule("R10") @duty("log")\npermit (principal, action == Action::"shield", resource)\nwhen {'
    policy = _changed(tmp_path, PACK, SWITCHES, (edit, edit + " context.approvals > 40 || "))
    proof = _proven(policy)["shields-are-the-own-management-team's"]
    (only,) = proof.counterexamples
    assert only.policies == ("shield",)
    assert only.witness.what == "shield"
    assert only.witness.claims == Claims(approvals=41)
    assert only.witness.away == ("context.approvals",)


def test_the_hospital_without_its_restriction_fails_by_a_restricted_record(tmp_path: Path) -> None:
    """The witness is any member of staff on the ward."""
    policy = _changed(tmp_path, HOSPITAL, {}, (_rule(HOSPITAL, {}, "restricted"), ""))
    proof = _proven(policy)["restricted-only-in-care-or-behind-the-glass"]
    assert proof.counterexamples[0].witness.away == ("resource.restricted",)
    assert {one.witness.what for one in proof.counterexamples} == {"whereabouts", "contacts", "health"}


def test_where_the_solver_gives_up_nothing_is_said_to_follow() -> None:
    """One unit of work is too little for anything that is not plain from the text."""
    effort = Effort(limit=1000)
    found = _proven(Policy.load(PACK, SWITCHES), effort)
    assert effort.gave_up
    assert Verdict.UNKNOWN in {proof.verdict for proof in found.values()}
    assert Verdict.FAILS not in {proof.verdict for proof in found.values()}


def test_a_policy_that_some_request_makes_fail_is_told() -> None:
    """Cedar would skip it; the schema's validation, which refuses such a policy, was left out here."""
    policy = Policy.load(PACK, SWITCHES)
    text = '@id("careless") forbid (principal, action == Action::"health", resource) when { context.reason == "x" };'
    rule, _ = understand(Statement("policy.cedar", 1, text))
    careless = replace(policy, rules={**policy.rules, rule.id: rule})
    (failing,) = errors(questions(careless, Effort()))
    assert (failing.policy, failing.verdict) == ("careless", Verdict.FAILS)
    assert failing.witness is not None
    assert failing.witness.claims.reason is None
    assert failing.witness.what == "health"
    assert errors(questions(policy, Effort())) == ()


def test_an_example_that_cedar_does_not_confirm_stops_the_run() -> None:
    """Both readings must agree before anything is believed."""
    question = questions(Policy.load(PACK, SWITCHES), Effort())[0]
    witness = _plain(question, plain_request(question))
    with pytest.raises(PolicyError, match="two readings of the policy differ: cedarpy does not find that `existence`"):
        insist(False, witness, "is allowed")  # noqa: FBT003 - what a comparison came to


@settings(max_examples=12, deadline=None)
@example(  # nobody can have fewer approvals than none
    '@id("p0") permit (principal, action, resource is Child) unless { context.approvals > -1 };',
    '@id("p0") forbid (principal, action, resource is Child) when { principal.left };',
)
@given(texts(), texts(effects=("forbid",), most=2))
def test_proofs_agree_with_trying_every_request(policy_text: str, invariant_text: str) -> None:
    """What fails, for which facets and actions, and how far the smallest example is from a plain request."""
    with tempfile.TemporaryDirectory() as folder:
        policy = load(Path(folder), policy_text, invariant_text)
    asked = questions(policy, Effort())
    assert errors(asked) == ()
    grid = world(policy)
    expected = {(each.invariant, each.what) for each in invariant_violations(grid, CLAIMS)}
    # Of requests that are equally plain the solver may take another one the next time.
    raw = {question.request.resource: plain_request(question) for question in asked}
    found = {
        (proof.invariant, one.witness.what): one.witness
        for proof in prove(policy, asked, raw)
        for one in proof.counterexamples
    }
    assert found.keys() == expected
    plain = {question.request.resource: _plain(question, raw[question.request.resource]) for question in asked}
    for (invariant, what), witness in found.items():
        kind = CHILD if witness.child is not None else "System"
        assert len(witness.away) == min(_distances(grid, invariant, what, plain[kind], kind))


@settings(max_examples=15, deadline=None)
@given(texts(), st.data())
def test_on_concrete_values_the_solver_and_cedar_decide_alike(policy_text: str, data: st.DataObject) -> None:
    """Every request that the solver makes of drawn wishes is decided by cedarpy as by the solver."""
    with tempfile.TemporaryDirectory() as folder:
        policy = load(Path(folder), policy_text)
    for question in questions(policy, Effort()):
        request = question.request
        raw = {
            wish: data.draw(st.booleans() if symbol.kind == "Bool" else st.integers(0, 2))
            for wish, symbol in ((symbol.key, symbol) for symbol in request.symbols.values())
        }
        raw["action"] = data.draw(st.integers(0, len(request.actions) - 1))
        model = question.solver.smallest([request.action == raw["action"]], request.wishes(_whole(question, raw)))
        assert model is not None
        witness = make_witness(request, request.raw(model), None)
        fixed = _fixed(question, request.raw(model))
        assert question.solver.possible(question.allowed(), *fixed) == decide(policy, witness).allowed


def _whole(question: Question, raw: dict[str, Any]) -> dict[str, Any]:
    model = question.solver.smallest([], question.request.wishes())
    return question.request.raw(model) | raw


def _fixed(question: Question, raw: dict[str, Any]) -> Iterator[Any]:
    request = question.request
    yield request.action == raw["action"]
    for symbol in request.symbols.values():
        number = raw[symbol.key]
        yield symbol.present == (number is not None)
        if number is not None:
            yield symbol.value == number
    for name, term in ((str(term), term) for term in request.relations.values()):
        yield term == raw[name]


def _plain(question: Question, raw: Raw | None) -> Witness:
    assert raw is not None
    return make_witness(question.request, raw, None)


def _distances(grid: ClassGrid, invariant: str, what: Facet | Action, plain: Witness, kind: str) -> Iterator[int]:
    """How many attributes each violating request of the small world has away from a plain one."""
    rule = grid.policy.invariants[invariant]
    users = _away(grid.users.facts, USER_VALUES, _usual(plain)["principal"])
    children = (
        _away(grid.children.facts, CHILD_VALUES, _usual(plain)["resource"]) if kind == CHILD else np.zeros(1, dtype=int)
    )
    near, involved = plain.relation
    relations = np.array([(one != near) + (two != involved) for one, two in RELATIONS]) * (kind == CHILD)
    for claims in CLAIMS:
        holds = grid.allowed(what, claims, kind) & grid.conditions([rule], claims, kind)[invariant]
        shape = (len(users), len(children), len(relations))
        away = users[:, None, None] + children[None, :, None] + relations[None, None, :]
        stated = [getattr(claims, name) != value for name, value in _usual(plain)["context"].items()]
        yield from (away[np.broadcast_to(holds, shape)] + sum(stated)).tolist()


def _usual(plain: Witness) -> dict[str, dict[str, Any]]:
    """A plain request in the words of the small world, where texts that no policy names are `another` and `a third`."""
    claims = {"reason": plain.claims.reason, "override": plain.claims.override, "approvals": plain.claims.approvals}
    found: dict[str, dict[str, Any]] = {
        "principal": {**plain.user},
        "resource": {**(plain.child or {})},
        "context": {**claims},
    }
    names: dict[object, str] = {}
    for facts in (found["resource"], found["context"]):
        for name in ("status", "reason"):
            if str(facts.get(name)).startswith("other-"):
                facts[name] = names.setdefault(facts[name], ("another", "a third")[len(names)])
    return found


def _away(facts: list[tuple[Any, ...]], values: dict[str, Any], plain: Any) -> Any:  # noqa: ANN401 - facts of any type
    usual = [plain.get(name) for name in values]
    usual = [value.id if isinstance(value, Entity) else value for value in usual]
    return np.array([sum(one != other for one, other in zip(row, usual, strict=True)) for row in facts])


@pytest.mark.parametrize(
    ("dropped", "invariant"),
    [
        ("distance", "beyond-the-area-only-with-a-reason"),
        ("protected-contacts", "protected-contacts-stay-hidden"),
        ("coded-reason", "no-reason-but-a-coded-one"),
    ],
)
def test_a_forbid_that_is_dropped_fails_an_invariant(tmp_path: Path, dropped: str, invariant: str) -> None:
    """At the pack's own switches."""
    policy = _changed(tmp_path, PACK, SWITCHES, (_rule(PACK, SWITCHES, dropped), ""))
    failing = [name for name, proof in _proven(policy).items() if proof.verdict is Verdict.FAILS]
    assert failing == [invariant]
