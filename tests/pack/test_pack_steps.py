"""Steps are read whole and checked, or refused by what is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from overreach.model.errors import PackError, UnknownNameError
from overreach.model.terms import Action, Facet
from overreach.pack.config import Pack
from overreach.pack.fields import Fields
from overreach.pack.steps import Approval, Step, Whom, steps_of

ROOT = Path(__file__).parents[2]
OPERATIONS = {"unshield": None, "note training": None}


def _steps(*tables: Mapping[str, Any]) -> tuple[Step, ...]:
    return steps_of([Fields(dict(table), "tool.overreach.steps") for table in tables], OPERATIONS)


def test_the_steps_of_this_pack_read() -> None:
    """Their operations are operations of the target."""
    steps = {step.name: step for step in Pack.read(ROOT).steps}
    unshield = steps["unshield"]
    assert (unshield.action, unshield.approval, unshield.operation) == (Action.UNSHIELD, Approval.SAME, "unshield")
    assert unshield.child == {"shielded": False}
    assert steps["move"].moves
    assert (steps["move"].operation, steps["move"].approves) == ("move", "accept a move")
    assert steps["put an account in order"].operations["suspended"] == "lift a suspension"
    assert steps["declare an involvement"].involved
    assert "management_team" in steps["grant a right"].user["role"]
    assert Facet.WHEREABOUTS in steps["export"].gives


def test_a_step_is_for_oneself_and_needs_nobody_unless_it_says_so() -> None:
    """A single value is a list of one."""
    (step,) = _steps({"name": "renew", "action": "administer", "user": {"vetted": True}})
    assert (step.to, step.approval, step.operation) == (Whom.SELF, Approval.NONE, None)
    assert step.user == {"vetted": (True,)}


@pytest.mark.parametrize("key", ["operation", "approves"])
def test_a_step_names_operations_that_there_are(key: str) -> None:
    """Whoever takes it, whoever approves it, and whatever changes one fact of several."""
    told = {"name": "renew", "action": "administer", "user": {"trained": True}}
    with pytest.raises(UnknownNameError, match="no operation is called `nope`"):
        _steps(told | {key: "nope"})
    with pytest.raises(UnknownNameError, match="no operation is called `nope`"):
        _steps(told | {"operations": {"trained": "nope"}})
    (step,) = _steps(told | {"operations": {"trained": "note training"}})
    assert (step.operations, step.operation, step.approves) == ({"trained": "note training"}, None, None)


@pytest.mark.parametrize(
    ("tables", "said"),
    [
        ([{"name": "wait", "action": "declare"}], "step `wait` changes nothing"),
        ([{"name": "a", "action": "declare", "involved": True}] * 2, "two steps are called `a`"),
        ([{"name": "a", "action": "declare", "child": {"born": 1.5}}], "fact `born` of step `a` is not a text"),
        ([{"name": "a", "action": "wish", "involved": True}], "`tool.overreach.steps.action` is `wish`"),
        ([{"name": "a", "action": "declare", "involved": True, "fo": 1}], "`tool.overreach.steps.fo` is not a known"),
    ],
)
def test_an_unclear_step_is_refused(tables: list[dict[str, Any]], said: str) -> None:
    """By its name or its key."""
    with pytest.raises(PackError, match=said):
        _steps(*tables)


def test_the_operation_of_a_step_must_exist() -> None:
    """The known ones are listed."""
    with pytest.raises(UnknownNameError, match="no operation is called `lift`"):
        _steps({"name": "a", "action": "unshield", "child": {"shielded": False}, "operation": "lift"})
