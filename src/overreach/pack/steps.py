"""Steps: what an action changes once it is taken, as a pack declares it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from overreach.model.errors import PackError, UnknownNameError
from overreach.model.terms import Action, Facet
from overreach.pack.fields import Fields

Value = bool | int | str


class Whom(StrEnum):
    """For whom a step is taken."""

    SELF = "self"
    OTHER = "other"  # somebody else: nobody grants this to oneself


class Approval(StrEnum):
    """What a second person must be allowed for a step to be taken."""

    NONE = "none"
    SAME = "same"  # the same action, as things stand
    AFTER = "after"  # the same action, as things stand once the step is taken: accepting what another gives up


@dataclass(frozen=True, slots=True)
class Step:
    """One action with its declared effect."""

    name: str
    action: Action
    """What the policy must permit to whoever takes the step."""
    to: Whom
    approval: Approval
    operation: str | None
    """Name of the target's operation that takes it, where there is one."""
    user: Mapping[str, tuple[Value, ...]]
    """Fact of the user for whom it is taken -> the values it may get, any one of them."""
    child: Mapping[str, Value]
    """Fact of the child -> the value it gets."""
    involved: bool
    """That user becomes involved with the child."""
    moves: bool
    """The child comes to an area of that user."""
    gives: tuple[Facet, ...]
    """The facets of the child that the step itself hands over to whoever takes it."""
    operations: Mapping[str, str] = field(default_factory=dict)
    """Fact of the user -> the target's operation that changes it, where each needs one of its own."""
    approves: str | None = None
    """The target's operation by which the second person approves; None where it is the same as `operation`."""


def steps_of(sections: list[Fields], operations: Mapping[str, object]) -> tuple[Step, ...]:
    """The steps of a pack; PackError for one that changes nothing or is there twice."""
    found: dict[str, Step] = {}
    for fields in sections:
        step = _step(fields, operations)
        if step.name in found:
            message = f"two steps are called `{step.name}`"
            raise PackError(message, "give each step a name of its own")
        found[step.name] = step
    return tuple(found.values())


def _step(fields: Fields, operations: Mapping[str, object]) -> Step:
    name = fields.text("name")
    operation, approves = fields.text("operation", "") or None, fields.text("approves", "") or None
    by_fact = {fact: str(value) for fact, value in fields.table("operations").items()}
    for each in (operation, approves, *by_fact.values()):
        if each is not None and each not in operations:
            raise UnknownNameError("operation", each, list(operations))
    step = Step(
        name=name,
        action=fields.choice("action", Action),
        to=fields.choice("to", Whom, Whom.SELF),
        approval=fields.choice("approval", Approval, Approval.NONE),
        operation=operation,
        user={
            key: tuple(_value(name, key, each) for each in (value if isinstance(value, list) else [value]))
            for key, value in fields.table("user").items()
        },
        child={key: _value(name, key, value) for key, value in fields.table("child").items()},
        involved=fields.flag("involved"),
        moves=fields.flag("moves"),
        gives=tuple(fields.choice_of(value, "gives", Facet) for value in fields.texts("gives")),
        operations=by_fact,
        approves=approves,
    )
    fields.finish()
    if not (step.user or step.child or step.involved or step.moves or step.gives):
        message = f"step `{name}` changes nothing"
        raise PackError(message, "say what it does: user, child, involved, moves or gives")
    return step


def _value(step: str, fact: str, value: object) -> Value:
    if not isinstance(value, bool | int | str):
        message = f"fact `{fact}` of step `{step}` is not a text, a whole number or true or false"
        raise PackError(message, "write it as suspended = false")
    return value
