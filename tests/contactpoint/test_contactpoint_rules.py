"""The registry's rules, over all facts that they look at."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overreach.contactpoint import roles
from overreach.contactpoint.decisions.reading import NOTHING, VISIBLE
from overreach.contactpoint.decisions.standing import account
from overreach.contactpoint.errors import RegistryError
from overreach.contactpoint.facts import REASONS, Child, Claims, Switches, User
from overreach.contactpoint.roles import ROLES
from overreach.contactpoint.rules import rules_under

TODAY = date(2009, 5, 18)
LOCATING = {roles.WHEREABOUTS, roles.CONTACTS, roles.EDUCATION, roles.HEALTH}

switches = st.builds(
    Switches,
    G1=st.sampled_from(["no", "yes"]),
    G2=st.sampled_from(["no", "yes"]),
    G3=st.sampled_from(["national", "declared", "own"]),
)
children = st.builds(
    Child,
    child=st.just(1),
    number=st.just("qxzc00000001"),
    responsible=st.integers(0, 2),
    shielded=st.booleans(),
    contacts_protected=st.booleans(),
    archive_year=st.sampled_from([0, 0, 0, 1, 2, 6]),
    involved=st.booleans(),
    threat=st.booleans(),
)
claims = st.builds(Claims, reason=st.sampled_from([None, *REASONS]), override=st.booleans())


def user(role: str = "social_worker", area: int = 0, *, national: bool = False) -> User:
    """A user in good standing."""
    return User(1, "u", role, national, frozenset({area}), TODAY, True, True, False, True, None)  # noqa: FBT003


def child(**facts: Any) -> Child:  # noqa: ANN401 - facts of any type
    """A live, unshielded child of area 0 with whom nobody is involved."""
    plain = Child(1, "qxzc00000001", 0, False, False, 0, False)  # noqa: FBT003
    return plain._replace(**facts)


users = st.builds(user, role=st.sampled_from([*ROLES, "nobody"]), area=st.integers(0, 2), national=st.booleans())


@given(switches, users, children, claims, st.sets(st.sampled_from(sorted(LOCATING | VISIBLE))))
def test_nobody_is_found_by_what_may_not_be_read(
    chosen: Switches, who: User, whom: Child, claimed: Claims, by: set[str]
) -> None:
    """A search finds a child exactly where a view would show existence and every facet named (R12)."""
    rules = rules_under(chosen)
    readable = rules.view(who, whom, claimed)
    assert rules.search(who, whom, claimed, frozenset(by)) == (by | {roles.EXISTENCE} <= readable)


@given(switches, users, children, claims)
def test_a_shield_only_takes_away(chosen: Switches, who: User, whom: Child, claimed: Claims) -> None:
    """Whatever a user reads of a shielded record, the same record without a shield would show too (R10)."""
    view = rules_under(chosen).view
    shielded = view(who, whom._replace(shielded=True), claimed)
    plain = view(who, whom._replace(shielded=False, contacts_protected=False), claimed)
    assert shielded <= plain


@given(switches, users, children, st.sampled_from(REASONS))
def test_claims_only_add(chosen: Switches, who: User, whom: Child, reason: str) -> None:
    """A reason shows no less than none, an override with it no less than the reason."""
    view = rules_under(chosen).view
    assert view(who, whom, Claims()) <= view(who, whom, Claims(reason))
    assert view(who, whom, Claims(reason)) <= view(who, whom, Claims(reason, override=True))


@given(switches, users, children, claims)
def test_existence_and_identity_go_together(chosen: Switches, who: User, whom: Child, claimed: Claims) -> None:
    """Nothing is read of a record whose existence is not, and whatever exists has its identity shown."""
    readable = rules_under(chosen).view(who, whom, claimed)
    assert readable == NOTHING or readable >= VISIBLE


@given(users, children, claims)
def test_what_locates_a_shielded_child_takes_a_broker_or_an_override(who: User, whom: Child, claimed: Claims) -> None:
    """Only the area's management team and the override right see behind a shield, with a reason."""
    readable = rules_under(Switches()).view(who, whom._replace(shielded=True, archive_year=0), claimed)
    if readable & LOCATING:
        role = ROLES[who.role]
        in_area = who.national or whom.responsible in who.areas
        assert claimed.reason is not None
        assert (role.broker and in_area) or (role.override and claimed.override)
        assert not whom.threat


@given(switches, users, children, claims)
def test_to_be_named_as_a_threat_only_takes_away(chosen: Switches, who: User, whom: Child, claimed: Claims) -> None:
    """A named party reads no more than others, keeps nothing of the record's and never when it was last updated."""
    rules = rules_under(chosen)
    named = whom._replace(threat=True)
    assert rules.view(who, named, claimed) <= rules.view(who, whom._replace(threat=False), claimed)
    kept = (rules.keeps_shield, rules.keeps_record, rules.moves_record, rules.overrides)
    assert not any(may(who, named) for may in kept)
    assert not rules.accepts_record(who, named, whom.responsible)


@given(switches, users, children, claims)
def test_provenance_is_hidden_with_the_rest(chosen: Switches, who: User, whom: Child, claimed: Claims) -> None:
    """Of a shielded record, who may read its last update may read since when it is shielded (R11)."""
    readable = rules_under(chosen).view(who, whom._replace(shielded=True), claimed)
    assert roles.PROVENANCE not in readable or roles.PROTECTION in readable


@given(users, children, claims)
def test_sensitive_services_are_for_the_broker(who: User, whom: Child, claimed: Claims) -> None:
    """Nobody but a management team reads a sensitive service, an override included (R2)."""
    readable = rules_under(Switches()).view(who, whom, claimed)
    assert roles.SENSITIVE_SERVICES not in readable or who.role == "management_team"


def test_near_without_a_reason_shows_the_identity_only() -> None:
    """Existence and identity are read on asking, the facets of the role once a reason is stated (R8)."""
    view = rules_under(Switches()).view
    assert view(user(), child(), Claims()) == VISIBLE
    assert view(user(), child(), Claims("welfare")) == VISIBLE | ROLES["social_worker"].facets


@pytest.mark.parametrize(
    ("setting", "without", "with_reason"),
    [("national", True, True), ("declared", False, True), ("own", False, False)],
)
def test_distance_follows_its_switch(setting: str, without: bool, with_reason: bool) -> None:  # noqa: FBT001
    """Out of area: as in area, with a reason, or not at all (G3); an involvement is as good as the area."""
    view = rules_under(Switches(G3=setting)).view
    far = child(responsible=7)
    assert bool(view(user(), far, Claims())) == without
    assert bool(view(user(), far, Claims("welfare"))) == with_reason
    assert view(user(), far._replace(involved=True), Claims()) == VISIBLE


def test_involvement_does_not_lift_a_shield() -> None:
    """Somebody who works with a shielded child reads no more of it than others."""
    view = rules_under(Switches()).view
    assert view(user(), child(shielded=True, involved=True), Claims("section_47")) == VISIBLE


def test_the_law_s_open_questions_are_switches() -> None:
    """G1 shows carers' names under a shield, G2 former names; contacts stay hidden either way."""
    view = rules_under(Switches(G1="yes", G2="yes")).view
    shown = view(user(), child(shielded=True), Claims("welfare"))
    assert shown == VISIBLE | {roles.CARERS, roles.FORMER_NAMES}


def test_protected_contacts_are_masked_on_a_sibling() -> None:
    """A carer of a shielded child has no contacts on another child's record, but for those who see behind."""
    view = rules_under(Switches()).view
    sibling = child(contacts_protected=True)
    assert roles.CONTACTS not in view(user(), sibling, Claims("welfare"))
    assert roles.CONTACTS in view(user("management_team"), sibling, Claims("welfare"))
    breaking = user("child_protection_worker")
    assert roles.CONTACTS not in view(breaking, sibling, Claims("welfare"))
    assert roles.CONTACTS in view(breaking, sibling, Claims("welfare", override=True))


@pytest.mark.parametrize(
    ("role", "year", "reason", "opens"),
    [
        ("data_manager", 1, "welfare", True),
        ("data_manager", 1, None, False),
        ("data_manager", 2, "section_47", False),
        ("system_supplier", 1, "section_47", False),
        ("system_supplier", 2, "section_47", True),
        ("system_supplier", 6, "child_death_review", True),
        ("system_supplier", 2, "welfare", False),
        ("system_supplier", 0, "section_47", False),
        ("management_team", 1, "section_47", False),
        ("child_protection_worker", 1, "section_47", False),
    ],
)
def test_the_archive_has_two_keys(role: str, year: int, reason: str | None, opens: bool) -> None:  # noqa: FBT001
    """The data manager in the first year, the supplier after it for three purposes; nobody else (R15)."""
    readable = rules_under(Switches()).view(user(role), child(archive_year=year), Claims(reason, override=True))
    assert (roles.WHEREABOUTS in readable) == opens


def test_the_shield_survives_archiving() -> None:
    """Of a shielded record in the archive only the identity is read."""
    archived = child(archive_year=1, shielded=True)
    assert rules_under(Switches()).view(user("data_manager"), archived, Claims("welfare")) == VISIBLE


@pytest.mark.parametrize(
    "flaw",
    [
        {"leaves_on": TODAY},
        {"suspended": True},
        {"vetted_on": TODAY - timedelta(days=1097)},
        {"vetted_on": None},
        {"trained": False},
        {"agreed": False},
        {"accredited": False},
    ],
)
def test_one_flaw_closes_an_account(flaw: dict[str, Any]) -> None:
    """Leaving, suspension, vetting, training, agreement, accreditation: each alone is enough (R4, R5)."""
    sound = user()._replace(vetted_on=TODAY - timedelta(days=1096), leaves_on=TODAY + timedelta(days=1))
    assert account(sound, TODAY)
    assert not account(sound._replace(**flaw), TODAY)


@pytest.mark.parametrize("setting", ["G9=yes", "G1=maybe", "G3", ""])
def test_an_unknown_switch_or_value_is_refused_with_the_known(setting: str) -> None:
    """The complaint names what was given, its remedy what may be."""
    with pytest.raises(RegistryError) as refused:
        Switches.parse((setting,))
    assert "`" in refused.value.message
    assert refused.value.remedy.startswith("known: ")
