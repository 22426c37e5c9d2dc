"""Other policies laid beside the one that stands: who gains, who loses, with people by their names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from overreach.model.exact import Alternative, Case, Moved
from overreach.model.terms import Facet, Rung
from overreach.pack.config import Pack
from overreach.policy.amend import another
from overreach.policy.load import Policy
from overreach.policy.statements import read
from overreach.population.store import Population
from overreach.reach.whatif import Change, Example, what_if
from overreach.report.reach.naming import record_numbers, usernames

FOLDER = "what_if"
_COMMENT = "//"


@dataclass(frozen=True, slots=True)
class Question:
    """A policy to compare with."""

    file: Path | None
    """None for the policy as it stands, at other switches."""
    switches: Mapping[str, str]
    """All of them."""


def questions(pack: Pack, policy: Policy) -> tuple[Question, ...]:
    """The alternatives that lie ready in the pack, at the switches of the policy."""
    return tuple(Question(file, policy.switches) for file in sorted((pack.scenarios / FOLDER).glob("*.cedar")))


def alternative(pack: Pack, policy: Policy, population: Population, question: Question) -> Alternative:
    """Compare with one other policy; PolicyError as `another` and `what_if`."""
    found = what_if(policy, another(policy, question.file, question.switches), population, pack.rungs)
    users = usernames(population, (example.user for example in found.examples))
    children = record_numbers(population, (example.child for example in found.examples))
    switched = tuple((n, value) for n, value in sorted(question.switches.items()) if policy.switches[n] != value)
    return Alternative(
        name=" ".join(([question.file.stem] if question.file else []) + [f"{n} = {value}" for n, value in switched])
        or "as it is",
        question=_asked(question.file),
        switches=switched,
        by_role=_alike(_moved(change) for change in found.everybody),
        by_class=_alike(_all_roles(found.changes)),
        cases=tuple(_case(example, users, children) for example in found.examples),
    )


def _asked(file: Path | None) -> str:
    """The comment at the head of the file."""
    lines = [] if file is None else read(file).splitlines()
    comment = []
    for line in lines:
        if not line.startswith(_COMMENT):
            break
        comment.append(line.removeprefix(_COMMENT).strip())
    return " ".join(comment)


def _moved(change: Change) -> Moved:
    figures = (change.lost.pairs, change.lost_involved.pairs, change.gained.pairs)
    return Moved(change.role, change.record_class, (change.facet,), (change.rung,), *figures)


def _all_roles(changes: Iterable[Change]) -> Iterable[Moved]:
    """Pairs of different roles are different pairs: their numbers add up."""
    sums: dict[tuple[str, Facet, Rung], Moved] = {}
    for change in changes:
        key = (change.record_class, change.facet, change.rung)
        one = replace(_moved(change), role="")
        known = sums.get(key, replace(one, lost=0, lost_involved=0, gained=0))
        sums[key] = replace(
            one,
            lost=known.lost + one.lost,
            lost_involved=known.lost_involved + one.lost_involved,
            gained=known.gained + one.gained,
        )
    return sums.values()


def _alike(rows: Iterable[Moved]) -> tuple[Moved, ...]:
    """Rows of one role and class with the same figures as one: first over rungs, then over facets."""
    by_rung: dict[Moved, list[Rung]] = {}
    for row in rows:
        by_rung.setdefault(replace(row, rungs=()), []).extend(row.rungs)
    by_facet: dict[Moved, list[Facet]] = {}
    for row, rungs in by_rung.items():
        by_facet.setdefault(replace(row, facets=(), rungs=tuple(rungs)), []).extend(row.facets)
    return tuple(replace(row, facets=tuple(facets)) for row, facets in by_facet.items())


def _case(example: Example, users: Mapping[int, str], children: Mapping[int, str]) -> Case:
    return Case(
        role=example.role,
        facet=example.facet,
        rung=example.rung,
        user=users[example.user],
        child=children[example.child],
        in_area=example.in_area,
        involved=example.involved,
        allowed_before=example.before.allowed,
        policies_before=example.before.policies,
        allowed_after=example.after.allowed,
        policies_after=example.after.policies,
    )
