"""Invariants are checked class by class."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tests.policy.drawn_people import PACK, RUNGS, SWITCHES, DrawnPeople

from overreach.model.decision import Claims
from overreach.model.terms import Action, Facet
from overreach.policy.grid import Grid
from overreach.policy.invariants import every_claim, invariant_violations
from overreach.policy.load import Policy

_PEOPLE = DrawnPeople(300, 200, 5, seed=2, odd=0.3)


def _without(folder: Path, name: str) -> Policy:
    """The pack's policy without one of its policies."""
    for file in PACK.glob("*.cedar*"):
        shutil.copy(file, folder / file.name)
    text = (PACK / "policy.cedar").read_text(encoding="utf-8")
    rule = Policy.load(PACK, SWITCHES).rules[name].text
    (folder / "policy.cedar").write_text(text.replace(rule, ""), encoding="utf-8")
    return Policy.load(folder, SWITCHES)


@pytest.mark.parametrize(
    ("missing", "invariant", "what"),
    [
        ("account", "nobody-outside-the-conditions-of-access", Action.SIGN_IN),
        ("reason", "no-facet-without-a-reason", Facet.HEALTH),
        ("shielded", "nothing-hidden-without-override-or-management-team", Facet.WHEREABOUTS),
        ("shielded-carers", "carers-under-a-shield-only-by-switch", Facet.CARERS),
        ("shielded-former-names", "former-names-under-a-shield-only-by-switch", Facet.FORMER_NAMES),
        ("archived", "archive-closed-to-users", Facet.EXISTENCE),
    ],
)
def test_a_policy_without_a_forbid_breaks_the_invariant(
    tmp_path: Path, missing: str, invariant: str, what: Facet | Action
) -> None:
    """The violation names the invariant, what is permitted, by which policies, and a class that shows it."""
    grid = Grid.build(_without(tmp_path, missing), _PEOPLE, RUNGS)
    found = {(v.invariant, v.what): v for v in invariant_violations(grid, [Claims(), Claims("welfare")])}
    violation = found[invariant, what]
    assert violation.rule.startswith("R")
    assert violation.policies
    assert violation.user["role"]


def test_the_packs_invariants_follow_from_its_policy() -> None:
    """For every class of the population at every combination of claims."""
    grid = Grid.build(Policy.load(PACK, SWITCHES), _PEOPLE, RUNGS)
    assert invariant_violations(grid) == ()


def test_every_coded_reason_is_among_the_claims_tried() -> None:
    """With and without an override, and up to two approvals."""
    claims = every_claim(Policy.load(PACK, SWITCHES))
    assert len(claims) == len(set(claims)) == 6 * 2 * 3
    assert {claim.reason for claim in claims} >= {None, "section_47"}
