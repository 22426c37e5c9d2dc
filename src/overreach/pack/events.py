"""Events: what users change while others read, as a pack declares it.

    [[tool.overreach.load.events]]
    name = "move"
    operation = "move"
    approves = "accept a move"
    moves = true

An event takes hold when whoever is needed has asked for it: one user, or with `approves` a second one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from overreach.model.errors import PackError, UnknownNameError
from overreach.model.terms import Facet
from overreach.pack.fields import Fields

Value = bool | int | str


@dataclass(frozen=True, slots=True)
class Event:
    """One kind of event, with what it changes."""

    name: str
    operation: str
    """The target's operation that asks for it."""
    approves: str | None
    """The operation by which a second user makes it take hold; None where one user is enough."""
    given: Mapping[str, Value]
    """Fact of the child -> the value it must have for the event to befall it."""
    sets: Mapping[str, Value]
    """Fact of the child -> the value it gets."""
    moves: bool
    """The area of whoever approves becomes responsible, and rights that came with the old one end."""
    merges: bool
    """Its record ends: its number leads to that of another child of the same area, which takes over its tokens."""
    unites: Sequence[str] = ()
    """Of a merge: facts that are true of the record that stays where they were true of either."""
    renews: Sequence[Facet] = ()
    """Facets of the record whose value is another one afterwards, or gone: nobody misses that of the population."""


@dataclass(frozen=True, slots=True)
class Tie:
    """A fact that follows from a fact of other children: those with whom a value is shared."""

    fact: str
    """True of a child while some other one that is tied to it has `follows`."""
    follows: str
    by: Facet
    """Children whose tokens of this facet are the same are tied."""


def events_of(sections: Sequence[Fields]) -> tuple[Event, ...]:
    """The events of a pack; PackError for one that changes nothing or is there twice."""
    found: dict[str, Event] = {}
    for fields in sections:
        event = _event(fields)
        if event.name in found:
            message = f"two events are called `{event.name}`"
            raise PackError(message, "give each event a name of its own")
        found[event.name] = event
    return tuple(found.values())


def ties_of(sections: Sequence[Fields]) -> tuple[Tie, ...]:
    """The ties of a pack; PackError where a key is missing."""
    found = []
    for fields in sections:
        found.append(Tie(fields.text("fact"), fields.text("follows"), fields.choice("by", Facet)))
        fields.finish()
    return tuple(found)


def check_events(events: Sequence[Event], operations: Mapping[str, object]) -> None:
    """UnknownNameError where an event names an operation that the target does not have."""
    for event in events:
        for name in (event.operation, event.approves):
            if name is not None and name not in operations:
                raise UnknownNameError("operation", name, list(operations))


def _event(fields: Fields) -> Event:
    name = fields.text("name")
    event = Event(
        name=name,
        operation=fields.text("operation"),
        approves=fields.text("approves", "") or None,
        given=_facts(fields, "given", name),
        sets=_facts(fields, "sets", name),
        moves=fields.flag("moves"),
        merges=fields.flag("merges"),
        unites=tuple(fields.texts("unites")),
        renews=tuple(fields.choice_of(value, "renews", Facet) for value in fields.texts("renews")),
    )
    fields.finish()
    if sum((bool(event.sets), event.moves, event.merges)) != 1:
        message = f"event `{name}` is not one change"
        raise PackError(message, "say what it does, one of: sets, moves, merges")
    if event.moves and event.approves is None:
        message = f"event `{name}` moves a record, and nobody accepts it"
        raise PackError(message, "name the operation that accepts it: approves")
    return event


def _facts(fields: Fields, key: str, event: str) -> dict[str, Value]:
    found = fields.table(key)
    for fact, value in found.items():
        if not isinstance(value, bool | int | str):
            message = f"fact `{fact}` of event `{event}` is not a text, a whole number or true or false"
            raise PackError(message, "write it as suspended = false")
    return found
