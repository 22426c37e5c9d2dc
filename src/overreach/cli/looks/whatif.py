"""`overreach reach --what-if`: who gains and who loses under another policy or other switches."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from overreach.cli.looks.tables import print_table
from overreach.model.decision import Decision
from overreach.model.terms import Facet, Rung
from overreach.pack.config import Pack
from overreach.policy.amend import another
from overreach.policy.load import Policy
from overreach.population.store import Population
from overreach.reach.whatif import Change, Example, Totals, WhatIf, what_if
from overreach.report.reach.naming import record_numbers, usernames

_HEADS = (
    "role",
    "facets",
    "at these rungs or below",
    "pairs lost",
    "users",
    "children",
    "of these involved",
    "pairs gained",
    "users",
    "children",
)


def look(pack: Pack, policy: Policy, population: Population, file: Path | None, switches: Mapping[str, str]) -> Look:
    """Compare the pack's policy with the one in `file` (its own if None) at other switches (all of them)."""
    start = time.perf_counter()
    found = what_if(policy, another(policy, file, switches), population, pack.rungs)
    return Look(found, population, file, switches, time.perf_counter() - start)


class Look:
    """A comparison, to be printed."""

    def __init__(
        self, found: WhatIf, population: Population, file: Path | None, switches: Mapping[str, str], seconds: float
    ) -> None:
        self._found = found
        self._file = file
        self._switches = switches
        self._seconds = seconds
        self._pairs = population.users_count * population.children_count
        self._users = usernames(population, (example.user for example in found.examples))
        self._children = record_numbers(population, (example.child for example in found.examples))

    def as_json(self) -> dict[str, Any]:
        """Every change; `everybody` whatever the record class."""
        return {
            "pairs": self._pairs,
            "seconds": self._seconds,
            "what_if": {
                "policy": None if self._file is None else self._file.name,
                "switches": dict(self._switches),
                "changes": [asdict(change) for change in self._found.changes],
                "everybody": [_without_class(change) for change in self._found.everybody],
                "examples": [self._example(example) for example in self._found.examples],
            },
        }

    def show(self) -> None:
        """By role, by record class, and in examples."""
        if not self._found.everybody:
            click.echo("nothing changes for any pair of this population")
            return
        print_table(_HEADS, _by_role(self._found.everybody), figures=7)
        click.echo("What is protected, and what it costs: pairs of all roles together")
        heads = (
            "record class",
            "facets",
            "at these rungs or below",
            "closed to others",
            "closed to involved",
            "opened",
        )
        print_table(heads, _by_class(self._found.changes), figures=3)
        for example in self._found.examples:
            click.echo(self._told(example))
        click.echo(f"{self._pairs:,} pairs compared in {self._seconds:.2f} s")

    def _example(self, example: Example) -> dict[str, Any]:
        told = {key: value for key, value in asdict(example).items() if key not in ("before", "after")}
        names = {"username": self._users[example.user], "number": self._children[example.child]}
        decisions = {"before": _decision(example.before), "after": _decision(example.after)}
        return told | names | decisions

    def _told(self, example: Example) -> str:
        near = "in its area" if example.in_area else "out of its area"
        work = "involved with" if example.involved else "not involved with"
        return (
            f"{example.role} {self._users[example.user]}, {work} child {self._children[example.child]} {near}: "
            f"{example.facet} at {example.rung} {_said(example.before)}; then {_said(example.after)}"
        )


def _by_role(changes: Iterable[Change]) -> Iterator[tuple[object, ...]]:
    for (role, facets, rungs), change in _alike(changes, lambda each: each.role):
        lost, gained = change.lost, change.gained
        figures = (lost.pairs, lost.users, lost.children, change.lost_involved.pairs)
        yield role, facets, rungs, *figures, gained.pairs, gained.users, gained.children


def _by_class(changes: Iterable[Change]) -> Iterator[tuple[object, ...]]:
    """Pairs of different roles are different pairs: their numbers add up."""
    sums: dict[tuple[str, Facet, Rung], list[int]] = {}
    for each in changes:
        figures = sums.setdefault((each.record_class, each.facet, each.rung), [0, 0, 0])
        for place, pairs in enumerate((each.lost.pairs, each.lost_involved.pairs, each.gained.pairs)):
            figures[place] += pairs
    summed = (
        Change("", *key, gained=Totals(gained), lost=Totals(lost), lost_involved=Totals(involved))
        for key, (lost, involved, gained) in sums.items()
    )
    for (name, facets, rungs), change in _alike(summed, lambda each: each.record_class):
        involved = change.lost_involved.pairs
        yield name, facets, rungs, change.lost.pairs - involved, involved, change.gained.pairs


def _alike(changes: Iterable[Change], of: Any) -> Iterator[tuple[tuple[str, str, str], Change]]:  # noqa: ANN401 - a key
    """Changes of one role or class with the same figures as one: with all their facets and rungs."""
    by_facet: dict[tuple[Any, ...], list[Change]] = {}
    for change in changes:
        figures = (change.gained, change.lost, change.lost_involved)
        by_facet.setdefault((of(change), change.facet, figures), []).append(change)
    rows: dict[tuple[Any, ...], list[Change]] = {}
    for (name, _, figures), same in by_facet.items():
        rows.setdefault((name, ", ".join(each.rung for each in same), figures), []).append(same[0])
    for (name, rungs, _), same in rows.items():
        yield (name, ", ".join(each.facet for each in same), rungs), same[0]


def _without_class(change: Change) -> dict[str, Any]:
    return {key: value for key, value in asdict(change).items() if key != "record_class"}


def _decision(decision: Decision) -> dict[str, Any]:
    return {"allowed": decision.allowed, "policies": list(decision.policies)}


def _said(decision: Decision) -> str:
    word = "allowed" if decision.allowed else "denied"
    return f"{word} by {', '.join(decision.policies)}" if decision.policies else f"{word} by default"
