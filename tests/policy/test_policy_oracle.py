"""The reference decision fails closed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import cedarpy
import pytest
from tests.policy.drawn_people import FLAGS, GOOD, PACK, SWITCHES

from overreach.model.decision import Claims
from overreach.model.errors import PolicyError
from overreach.model.terms import Action, Duty, Facet
from overreach.policy.load import Policy
from overreach.policy.oracle import Oracle, Question, ask, child_entity, request, user_entity

_POLICY = Policy.load(PACK, SWITCHES)
_WORKER = {"role": "child_protection_worker", **GOOD}
_CHILD: dict[str, Any] = {**dict.fromkeys(FLAGS, False), "archive_year": 0}
_NEAR = (True, False)


def _oracle(policy: Policy = _POLICY) -> Oracle:
    return Oracle(policy, ("areas", "responsible"), "involved")


def test_a_decision_names_its_policies_and_what_is_owed() -> None:
    """An override owes an alert besides the log; a denial names the forbids; nobody's right is a default deny."""
    shielded = _CHILD | {"shielded": True}
    opened = _oracle().decide(_WORKER, shielded, Facet.WHEREABOUTS, Claims("welfare", override=True), _NEAR)
    assert opened.allowed
    assert opened.policies == ("whereabouts", "override-reads")
    assert opened.duties == {Duty.LOG, Duty.ALERT}
    hidden = _oracle().decide(_WORKER, shielded, Facet.WHEREABOUTS, Claims(), _NEAR)
    assert (hidden.allowed, hidden.policies) == (False, ("reason", "shielded"))
    assert _oracle().decide(_WORKER, None, Action.EXPORT, Claims(), _NEAR).policies == ()


@pytest.mark.parametrize(
    "facts",
    [
        _WORKER | {"role": "astrologer"},
        _WORKER | {"left": None},
        _WORKER | {"left": "no"},
        _WORKER | {"shoe_size": 42},
    ],
)
def test_facts_that_do_not_fit_the_schema_stop_the_run(facts: dict[str, Any]) -> None:
    """An unknown role, a missing, mistyped or unknown attribute is an error that shows the entity."""
    with pytest.raises(PolicyError, match=r"facts do not fit `policy.cedarschema`: `.*User"):
        _oracle().decide(facts, _CHILD, Facet.IDENTITY, Claims(), _NEAR)


def test_a_request_that_the_schema_does_not_know_is_no_decision() -> None:
    """Searching is asked of the system, not of a child: NoDecision is never a quiet deny."""
    with pytest.raises(PolicyError, match="`search` cannot be decided"):
        _oracle().decide(_WORKER, _CHILD, Action.SEARCH, Claims(), _NEAR)


def test_an_entity_missing_from_the_store_stops_the_run() -> None:
    """Cedar would answer Allow on it."""
    question = Question(_WORKER, _CHILD, Facet.IDENTITY, Claims(), _NEAR)
    user = user_entity(0, _WORKER)
    with pytest.raises(PolicyError, match="is not among the entities"):
        ask(_POLICY, [user, child_entity(0, _CHILD)], [request(_POLICY, 0, 1, question)])


def test_a_policy_that_fails_while_deciding_stops_the_run() -> None:
    """Cedar skips a forbid that overflows and would allow; here the policy is named instead."""
    late = (
        '@id("late") forbid (principal, action, resource is Child) '
        "when { resource.archive_year + 9223372036854775807 > 0 };"
    )
    handle = cedarpy.PolicySet.from_str((PACK / "policy.cedar").read_text(encoding="utf-8") + late)
    broken = replace(_POLICY, handle=handle, names={**_POLICY.names, f"policy{len(_POLICY.names)}": "late"})
    with pytest.raises(PolicyError, match=r"`identity` cannot be decided: .*`late`"):
        _oracle(broken).decide(_WORKER, _CHILD | {"archive_year": 1}, Facet.IDENTITY, Claims(), _NEAR)
