"""The pack's policy says what the access rules say in words; they are written down here a second time."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any, Final

import numpy as np
import pytest
from tests.policy.drawn_people import ACCOUNT, GOOD, PACK, SWITCHES

from overreach.model.decision import Claims
from overreach.model.terms import Action, Duty, Facet, facets_of
from overreach.policy.classwise import ClassGrid
from overreach.policy.columns import RELATIONS
from overreach.policy.facts import Classes
from overreach.policy.invariants import every_claim, invariant_violations
from overreach.policy.load import Policy
from overreach.policy.rules import CHILD, SYSTEM

_SHORT: Final = {
    "id": Facet.IDENTITY,
    "fo": Facet.FORMER_NAMES,
    "wh": Facet.WHEREABOUTS,
    "ca": Facet.CARERS,
    "co": Facet.CONTACTS,
    "ed": Facet.EDUCATION,
    "he": Facet.HEALTH,
    "se": Facet.SERVICES,
    "in": Facet.INDICATORS,
    "pr": Facet.PROVENANCE,
}
_EVERYTHING: Final = "id fo wh ca co ed he se in pr"

#: R7: the facets that the work of each role needs.
_NEEDS: Final = {
    "head_teacher": "id fo wh ca co ed se in pr",
    "school_administrator": "id wh ca co ed",
    "senco": "id wh ca co ed he se in pr",
    "education_welfare_officer": "id fo wh ca co ed se in pr",
    "educational_psychologist": "id wh ca co ed he se in pr",
    "early_years_worker": "id wh ca co ed he se in",
    "general_practitioner": "id fo wh ca co he se in pr",
    "practice_administrator": "id wh ca co he",
    "practice_nurse": "id wh ca co he se in",
    "health_visitor": "id fo wh ca co ed he se in pr",
    "school_nurse": "id fo wh ca co ed he se in pr",
    "midwife": "id wh ca co he se in",
    "camhs_practitioner": "id wh ca co ed he se in",
    "social_worker": "id fo wh ca co ed he se in pr",
    "child_protection_worker": _EVERYTHING,
    "family_support_worker": "id wh ca co ed he se in",
    "connexions_adviser": "id wh ca co ed se in",
    "youth_offending_worker": "id fo wh ca co ed se in",
    "police_child_protection_officer": _EVERYTHING,
    "police_employee": "id wh ca in",
    "probation_officer": "id wh ca se in",
    "fire_strategy_officer": "id wh",
    "national_partner_worker": "id wh ca co ed se in",
    "management_team": _EVERYTHING,
    "data_manager": "id pr",
    "central_team": "",
    "system_supplier": "",
    "helpdesk_mediator": "",
}
_OVERRIDE: Final = ("child_protection_worker", "police_child_protection_officer")
_ARCHIVE_REASONS: Final = ("section_47", "serious_case_review", "child_death_review")

_CHILDREN: Final = [
    {"shielded": shielded, "contacts_protected": protected, "archive_year": year}
    for shielded, protected, year in product((False, True), (False, True), (0, 1, 2, 6))
]
_SWITCHES: Final = [
    {"G1": g1, "G2": g2, "G3": g3}
    for g1, g2, g3 in product(("no", "yes"), ("no", "yes"), ("national", "declared", "own"))
]


def _facets(text: str) -> set[Facet]:
    return {_SHORT[short] for short in text.split()}


def _expected(
    role: str, child: dict[str, Any], claims: Claims, relation: tuple[bool, bool], switches: dict[str, str]
) -> set[Facet]:
    """The facets that an active user may read, by the rules in words."""
    in_area, involved = relation
    stated = claims.reason is not None
    near = in_area or involved
    distance = near or switches["G3"] == "national" or (switches["G3"] == "declared" and stated)
    if child["archive_year"]:
        return _archived(role, child, claims, in_area=in_area) if distance else set()
    needs = _facets(_NEEDS[role])
    managing = role == "management_team" and in_area and stated
    breaking = role in _OVERRIDE and claims.override and stated and distance
    readable: set[Facet] = set()
    if needs and distance:
        readable |= {Facet.EXISTENCE, Facet.IDENTITY} | (needs if stated else set())
    if child["shielded"]:
        visible = {Facet.EXISTENCE, Facet.IDENTITY}
        visible |= {Facet.CARERS} if switches["G1"] == "yes" else set()
        visible |= {Facet.FORMER_NAMES} if switches["G2"] == "yes" else set()
        readable &= visible
    if child["contacts_protected"]:
        readable -= {Facet.CONTACTS}
    if managing or breaking:
        readable |= _facets(_EVERYTHING) | {Facet.EXISTENCE, Facet.PROTECTION}
    if managing:
        readable |= {Facet.SENSITIVE_SERVICES}
    return readable


def _archived(role: str, child: dict[str, Any], claims: Claims, *, in_area: bool) -> set[Facet]:
    first_year = role == "data_manager" and in_area and child["archive_year"] == 1 and claims.reason is not None
    later = role == "system_supplier" and child["archive_year"] >= 2 and claims.reason in _ARCHIVE_REASONS
    if not (first_year or later):
        return set()
    if child["shielded"]:
        return {Facet.EXISTENCE, Facet.IDENTITY}
    contacts = {Facet.CONTACTS} if child["contacts_protected"] else set()
    return (_facets(_EVERYTHING) | {Facet.EXISTENCE}) - contacts


def _grid(policy: Policy, accounts: list[dict[str, bool]]) -> ClassGrid:
    """Every role with these accounts, and every kind of child."""
    users = [{"role": role, **account} for role, account in product(_NEEDS, accounts)]
    others = {"adopted": False, "looked_after": False, "sensitive_service": True}
    return ClassGrid(policy, _classes(users), _classes([child | others for child in _CHILDREN]))


def _classes(facts: list[dict[str, Any]]) -> Classes:
    names = tuple(facts[0])
    return Classes(names, np.arange(len(facts), dtype=np.int32), [tuple(one.values()) for one in facts])


@pytest.mark.parametrize("switches", _SWITCHES, ids=lambda switches: "-".join(switches.values()))
def test_the_policy_reads_as_the_rules_in_words(switches: dict[str, str]) -> None:
    """Every role, kind of child, relation and combination of claims, at every setting of the switches."""
    policy = Policy.load(PACK, switches)
    grid = _grid(policy, [GOOD])
    for claims in every_claim(policy):
        masks = grid.masks(claims)
        for (user, role), (child, facts), (number, relation) in product(
            enumerate(_NEEDS), enumerate(_CHILDREN), enumerate(RELATIONS)
        ):
            if role == "system_supplier" and not relation[0]:
                continue  # the supplier is national: no such pair exists
            found = set(facets_of(int(masks[user, child, number])))
            assert found == _expected(role, facts, claims, relation, switches), (role, facts, claims, relation)


@pytest.mark.parametrize("state", ACCOUNT)
def test_nobody_outside_the_conditions_of_access_may_do_anything(state: str) -> None:
    """R4 R5: whoever left, is suspended, or lacks vetting, training, agreement or accreditation."""
    policy = Policy.load(PACK, SWITCHES)
    grid = _grid(policy, [{**GOOD, state: not GOOD[state]}])
    for claims in every_claim(policy):
        assert not grid.masks(claims).any()
        for action in Action:
            for kind in policy.subjects[action.value]:
                assert not grid.allowed(action, claims, kind).any()


def _who(grid: ClassGrid, action: Action, claims: Claims, kind: str, at: tuple[int, int] = (0, 1)) -> set[str]:
    """The roles that may; `at` is the kind of child and the relation, by default live, unshielded and in area."""
    shape = (len(grid.users), len(grid.children) if kind == CHILD else 1, len(RELATIONS))
    allowed = np.broadcast_to(grid.allowed(action, claims, kind), shape)[:, *at]
    return {role for role, yes in zip(_NEEDS, allowed, strict=True) if yes}


def test_actions_belong_to_the_roles_that_the_rules_name() -> None:
    """In area, on a live record."""
    grid = _grid(Policy.load(PACK, SWITCHES), [GOOD])
    reason, alone, approved = Claims("child_protection"), Claims(), Claims(approvals=1)
    assert _who(grid, Action.SIGN_IN, alone, SYSTEM) == set(_NEEDS)
    assert _who(grid, Action.SEARCH, alone, SYSTEM) == set(_NEEDS) - {"central_team", "helpdesk_mediator"}
    assert _who(grid, Action.DECLARE, reason, SYSTEM) == set(_NEEDS) - {"central_team", "helpdesk_mediator"}
    assert _who(grid, Action.READ_LOG, alone, SYSTEM) == {"management_team", "central_team"}
    assert _who(grid, Action.OVERRIDE, reason, CHILD) == set(_OVERRIDE)
    assert _who(grid, Action.OVERRIDE, alone, CHILD) == set()
    assert _who(grid, Action.SHIELD, alone, CHILD) == {"management_team"}
    assert _who(grid, Action.UNSHIELD, alone, CHILD) == set()
    assert _who(grid, Action.UNSHIELD, approved, CHILD) == {"management_team"}
    assert _who(grid, Action.MERGE, alone, CHILD) == _who(grid, Action.MOVE, alone, CHILD) == set()
    assert _who(grid, Action.MERGE, approved, CHILD) == {"management_team", "data_manager"}
    assert _who(grid, Action.MOVE, approved, CHILD) == {"management_team"}
    twice = Claims("welfare", approvals=2)
    assert _who(grid, Action.EXPORT, replace(twice, approvals=1), SYSTEM) == set()
    assert _who(grid, Action.EXPORT, twice, SYSTEM) == {"management_team", "data_manager"}
    assert _who(grid, Action.ADMINISTER, alone, SYSTEM) == {"management_team", "central_team"}


def test_actions_stop_at_the_area_and_at_the_archive() -> None:
    """Involvement gives no right over shields; nothing is done to an archived record."""
    grid = _grid(Policy.load(PACK, SWITCHES), [GOOD])
    reason, approved = Claims("child_protection"), Claims("child_protection", approvals=2)
    involved = RELATIONS.index((False, True))
    archived = _CHILDREN.index({"shielded": False, "contacts_protected": False, "archive_year": 1})
    for action in (Action.SHIELD, Action.UNSHIELD, Action.MERGE, Action.MOVE):
        assert _who(grid, action, approved, CHILD, at=(0, involved)) == set()
    for action in (Action.SHIELD, Action.UNSHIELD, Action.OVERRIDE, Action.MERGE, Action.MOVE):
        assert _who(grid, action, approved, CHILD, at=(archived, 1)) == set()
    assert _who(grid, Action.OVERRIDE, reason, CHILD, at=(0, 0)) == set(_OVERRIDE)
    own = _grid(Policy.load(PACK, SWITCHES | {"G3": "own"}), [GOOD])
    assert _who(own, Action.OVERRIDE, reason, CHILD, at=(0, 0)) == set()


def test_invariants_follow_at_every_setting_of_the_switches() -> None:
    """For every role, state of account and kind of child."""
    accounts = [GOOD, *({**GOOD, state: not GOOD[state]} for state in ACCOUNT)]
    for switches in _SWITCHES:
        policy = Policy.load(PACK, switches)
        claims = [Claims(), Claims("welfare"), Claims("section_47", override=True, approvals=1)]
        assert invariant_violations(_grid(policy, accounts), claims) == ()


def test_every_policy_names_its_rule_and_every_permit_owes_the_log() -> None:
    """R9: all activity is logged; R13, R23: an override and an export raise an alert."""
    policy = Policy.load(PACK, SWITCHES)
    for rule in (*policy.rules.values(), *policy.invariants.values()):
        assert rule.rule, rule.id
        assert all(name[0] == "R" and 1 <= int(name[1:]) <= 24 for name in rule.rule.split()), rule.id
    for rule in policy.rules.values():
        if rule.effect == "permit":
            assert Duty.LOG in rule.duties, rule.id
            assert (Duty.ALERT in rule.duties) == (rule.id.startswith("override") or rule.id == "export")
        else:
            assert not rule.duties, rule.id


def test_record_classes_are_those_that_the_report_speaks_of() -> None:
    """In the order of the report's columns."""
    assert list(Policy.load(PACK, SWITCHES).classes) == [
        "ordinary",
        "shielded",
        "out_of_area",
        "shielded_out_of_area",
        "archived",
        "contacts_protected",
        "sensitive_service",
        "looked_after",
        "adopted",
    ]
