"""A policy's mistake is told apart: on paper only, or made by the running system, too."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from overreach.model.terms import Action, Facet
from overreach.pack.config import Pack
from overreach.policy.prove import Proof, prove
from overreach.policy.prove_policy import questions
from overreach.policy.prove_solver import Effort
from overreach.probe.live.asking import asking
from overreach.probe.live.counterexamples import Outcome, Tried, overall, try_proofs
from overreach.probe.live.likeness import Likeness
from overreach.probe.session import Bench

ROOT = Path(__file__).parents[2]
HIDDEN = "nothing-hidden-without-override-or-management-team"
OWN_TEAM = "shields-are-the-own-management-team's"
CONDITIONS = "nobody-outside-the-conditions-of-access"


def _edited(folder: Path, bench: Bench, old: str, new: str) -> Bench:
    """The same people under a policy of which a piece says something else."""
    shutil.copy(ROOT / "pyproject.toml", folder)
    (folder / "scenarios").mkdir()
    for file in (ROOT / "scenarios").glob("*.cedar*"):
        shutil.copy(file, folder / "scenarios")
    file = folder / "scenarios" / "policy.cedar"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    return Bench.build(Pack.read(folder), bench.population, bench.pack.switches)


def _rule(bench: Bench, name: str) -> str:
    return bench.policy.rules[name].text


def _proof(bench: Bench, name: str, *only: Facet | Action) -> Proof:
    """The proof of one invariant, with the counterexamples of some facets and actions."""
    policy = replace(bench.policy, invariants={name: bench.policy.invariants[name]})
    (proof,) = prove(policy, questions(policy, Effort()))
    kept = tuple(one for one in proof.counterexamples if one.witness.what in only)
    assert len(kept) == len(only)
    return replace(proof, counterexamples=kept)


@pytest.fixture(scope="module")
def unmasked(bench: Bench, tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """A policy that has forgotten what a shield hides."""
    return _edited(tmp_path_factory.mktemp("unmasked"), bench, _rule(bench, "shielded"), "")


def test_a_mistake_on_paper_only_is_refused_by_the_system(unmasked: Bench) -> None:
    """The answer came, whole and without the facet, which somebody entitled had got before."""
    tried = try_proofs(unmasked, [_proof(unmasked, HIDDEN, Facet.WHEREABOUTS, Facet.CONTACTS)])[HIDDEN]
    assert {one.what: one.outcome for one in tried} == dict.fromkeys(
        (Facet.WHEREABOUTS, Facet.CONTACTS), Outcome.REFUSES
    )
    one = tried[0]
    assert one.like is not None
    assert one.like.child is not None
    decision = unmasked.grid.decision(one.like.user, one.like.child, one.what, one.like.claims)
    assert decision.allowed
    assert not any(reply.opened & Facet.WHEREABOUTS.bit for reply in one.replies)


def test_a_mistake_that_the_system_makes_too_is_reached(unmasked: Bench) -> None:
    """The last request is the witness: who asked, what came, and that the facet was in it."""
    proof = _proof(unmasked, HIDDEN, Facet.WHEREABOUTS)
    (one,) = try_proofs(unmasked, [proof], ["shield-ignored-in-view"])[HIDDEN]
    assert one.outcome is Outcome.REACHES
    last = one.replies[-1]
    assert (last.status, last.username) == (200, one.username)
    assert last.opened & Facet.WHEREABOUTS.bit
    assert one.number in last.request


def test_a_refusal_that_nobody_entitled_stands_against_proves_nothing(unmasked: Bench) -> None:
    """What is shielded in the archive nobody may read: there may be nothing there."""
    proof = _proof(unmasked, "shield-survives-archiving", Facet.WHEREABOUTS)
    (one,) = try_proofs(unmasked, [proof])[proof.invariant]
    assert one.outcome is Outcome.UNPROVEN
    assert one.why.endswith("nobody entitled got it")


def test_an_action_is_tried_on_a_target_of_its_own(bench: Bench, tmp_path: Path) -> None:
    """Any team may shield on paper: the correct registry knows better, a broken one does it."""
    shield = _rule(bench, "shield")
    anywhere = shield.replace(" && principal.areas.contains(resource.responsible)", "")
    wrong = _edited(tmp_path, bench, shield, anywhere)
    proof = _proof(wrong, OWN_TEAM, Action.SHIELD)
    (refused,) = try_proofs(wrong, [proof])[OWN_TEAM]
    assert (refused.outcome, refused.replies[-1].status) == (Outcome.REFUSES, 404)
    (reached,) = try_proofs(wrong, [proof], ["shield-kept-by-any-team"])[OWN_TEAM]
    assert (reached.outcome, reached.replies[-1].status) == (Outcome.REACHES, 201)


def test_accounts_that_policy_forgets_to_close_are_refused_at_the_door(bench: Bench, tmp_path: Path) -> None:
    """A refused sign-in is the refusal, whatever was to be asked; a right of the account is asked like any other."""
    wrong = _edited(tmp_path, bench, _rule(bench, "account"), "")
    proof = _proof(wrong, CONDITIONS, Facet.WHEREABOUTS, Action.SIGN_IN, Action.DECLARE)
    tried = try_proofs(wrong, [proof])[CONDITIONS]
    assert {one.outcome for one in tried} == {Outcome.REFUSES}
    assert {one.replies[-1].status for one in tried} == {403}
    assert overall(tried) is Outcome.REFUSES


def test_what_nobody_is_like_is_unproven_with_the_facts_that_lack(bench: Bench, tmp_path: Path) -> None:
    """The nearest people that there are differ in them."""
    shield = _rule(bench, "shield")
    later = shield.replace("when { ", "when { resource.archive_year == 77 || ")
    wrong = _edited(tmp_path, bench, shield, later)
    (one,) = try_proofs(wrong, [_proof(wrong, OWN_TEAM, Action.SHIELD)])[OWN_TEAM]
    assert (one.outcome, one.like) == (Outcome.UNPROVEN, None)
    assert one.why == "nobody like this in the population: no child with archive_year = 77"


def test_the_nearest_come_first_and_are_of_different_cells(unmasked: Bench) -> None:
    """Each is permitted by the policy and forbidden by the invariant."""
    (one,) = _proof(unmasked, HIDDEN, Facet.CONTACTS).counterexamples
    likes = list(Likeness(unmasked.grid, unmasked.policy.invariants[HIDDEN], one.witness).nearest(lambda _: True, 3))
    assert len({unmasked.grid.cell(like.user, like.child or 0) for like in likes}) == len(likes) == 3
    for like in likes:
        assert unmasked.grid.decision(like.user, like.child, Facet.CONTACTS, like.claims).allowed
        assert unmasked.grid.children.as_mapping(int(unmasked.grid.children.of[like.child or 0]))["shielded"]


def test_an_invariant_comes_to_the_worst_of_its_counterexamples() -> None:
    """Real where anything is, open where anything is left open."""
    paper, open_, real = (
        Tried(Facet.HEALTH, outcome, "", None, "", "", (), 1)
        for outcome in (Outcome.REFUSES, Outcome.UNPROVEN, Outcome.REACHES)
    )
    assert overall([paper, open_, real]) is Outcome.REACHES
    assert overall([paper, open_]) is Outcome.UNPROVEN
    assert overall([paper]) is Outcome.REFUSES


def test_an_override_is_reached_first_and_ended_afterwards(bench: Bench) -> None:
    """The requests say how to get there; the glass is whole again."""
    override = bench.pack.rungs[-1]
    user, child = next(
        (user, child)
        for user in range(bench.population.users_count)
        if bench.grid.allows(user, None, Action.SIGN_IN, override.claims)
        for child in range(bench.population.children_count)
        if bench.grid.allows(user, child, Action.OVERRIDE, override.claims)
        and bench.grid.facets(user, child, override.claims) & Facet.WHEREABOUTS.bit
        and not bench.grid.facets(user, child, bench.pack.rungs[1].claims) & Facet.WHEREABOUTS.bit
        and bench.judge.reader.value_facets(child) & Facet.WHEREABOUTS.bit
    )
    with asking(bench) as asker:
        replies = asker.read(user, child, override.claims, Facet.WHEREABOUTS.bit)
        after = asker.read(user, child, bench.pack.rungs[1].claims, Facet.WHEREABOUTS.bit)
    assert [reply.operation for reply in replies] == ["override", "view"]
    assert replies[-1].opened & Facet.WHEREABOUTS.bit
    assert not any(reply.opened & Facet.WHEREABOUTS.bit for reply in after)
