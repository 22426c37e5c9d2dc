"""The parts of exact reach as a template takes them, for the audit's report and for the page of its own."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from overreach.model.exact import Account, Alternative, ExactReach, Fewest, LadderStep, Moved
from overreach.model.terms import LOCATING, Facet, Rung
from overreach.report.matrix import SHIELDED
from overreach.report.reach.lanes import Lane, lanes
from overreach.report.reach.strips import Before, Strips, accounts, before_and_after, gains_and_losses, ladders

_AT = tuple[str, Facet, Rung]


class Counted(Protocol):
    """An entry of a matrix."""

    @property
    def record_class(self) -> str:
        """Of which records."""

    @property
    def facet(self) -> Facet:
        """What."""

    @property
    def rung(self) -> Rung:
        """How far somebody must go."""

    @property
    def pairs(self) -> int:
        """Pairs first permitted at this rung."""


@dataclass(frozen=True, slots=True)
class LadderPanel:
    """One tab: a record class."""

    record_class: str
    charts: tuple[Strips, ...]
    rungs: tuple[Rung, ...]
    rows: tuple[tuple[str, Facet, tuple[LadderStep, ...]], ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """One alternative, drawn."""

    alternative: Alternative
    facet: Facet | None
    """The facet of the pictures; None where nothing changes."""
    rung: Rung | None
    lost: int
    """Pairs of all roles at that facet and rung; likewise the two below."""
    lost_involved: int
    gained: int
    pictures: tuple[Strips, ...]


@dataclass(frozen=True, slots=True)
class Pictures:
    """Everything beside matrix and exposure."""

    ladders: tuple[LadderPanel, ...]
    lanes: tuple[Lane, ...]
    compared: tuple[Compared, ...]
    accounts: tuple[Strips, ...]
    account_rows: tuple[tuple[str, int, tuple[Account | None, ...]], ...]
    """(role, accounts, figures in the order of `account_heads`)."""
    account_heads: tuple[str, ...]
    fewest: tuple[Fewest, ...]


def pictures(exact: ExactReach, entries: Iterable[Counted], classes: Sequence[str]) -> Pictures:
    """Draw what was counted; `entries` are those of the matrix, `classes` its record classes in their order."""
    before = _permitted(entries)
    heads = tuple(dict.fromkeys(_head(each) for each in exact.accounts))
    return Pictures(
        ladders=tuple(_panel(exact.ladder, name) for name in _guarded_first(classes)),
        lanes=lanes(exact.ways),
        compared=tuple(_compared(each, before, classes) for each in exact.alternatives),
        accounts=tuple(_drawn_accounts(exact.accounts)),
        account_rows=tuple(_account_rows(exact.accounts, heads)),
        account_heads=heads,
        fewest=exact.fewest,
    )


def highest(found: Sequence[Fewest], classes: Sequence[str]) -> tuple[Fewest, ...]:
    """Of all children and of the class that is looked at first: the fewest accounts at the highest rung."""
    shown = ("", guarded(classes))
    last = {each.record_class: each for each in sorted(found, key=lambda each: each.rung.height) if each.openable}
    return tuple(last[name] for name in shown if name is not None and name in last)


def guarded(classes: Sequence[str]) -> str | None:
    """The record class that is looked at first; None where there is none."""
    return SHIELDED if SHIELDED in classes else next(iter(classes), None)


def _guarded_first(classes: Sequence[str]) -> list[str]:
    first = guarded(classes)
    return sorted(classes, key=lambda name: name != first)


def _permitted(entries: Iterable[Counted]) -> Mapping[_AT, int]:
    """(record class, facet, rung) -> pairs of all roles permitted at this rung or below."""
    first: Counter[_AT] = Counter()
    rungs: set[Rung] = set()
    for entry in entries:
        first[entry.record_class, entry.facet, entry.rung] += entry.pairs
        rungs.add(entry.rung)
    return {
        (name, facet, rung): sum(first[name, facet, lower] for lower in rungs if lower.height <= rung.height)
        for name, facet, _ in list(first)
        for rung in rungs
    }


def _panel(steps: Iterable[LadderStep], record_class: str) -> LadderPanel:
    rows: dict[tuple[str, Facet], list[LadderStep]] = defaultdict(list)
    own = [step for step in steps if step.record_class == record_class]
    for step in own:
        rows[step.role, step.facet].append(step)
    rungs = sorted({step.rung for step in own}, key=lambda rung: rung.height)
    table = tuple((*key, tuple(same)) for key, same in rows.items() if same[-1].children)
    return LadderPanel(record_class, ladders(own, record_class), tuple(rungs), table)


def _compared(each: Alternative, before: Mapping[_AT, int], classes: Sequence[str]) -> Compared:
    chosen = _chosen(each.by_role, {rung for _, _, rung in before})
    if chosen is None:
        return Compared(each, None, None, 0, 0, 0, ())
    facet, rung = chosen
    roles = [row for row in each.by_role if facet in row.facets and rung in row.rungs]
    of_class = {row.record_class: row for row in each.by_class if facet in row.facets and rung in row.rungs}
    moved = [
        Before(name, before.get((name, facet, rung), 0), row.lost, row.lost_involved, row.gained)
        for name in classes
        if (row := of_class.get(name)) is not None
    ]
    bars = [(row.role, row.lost - row.lost_involved, row.lost_involved, row.gained) for row in roles]
    bars.sort(key=lambda row: (-sum(row[1:]), row[0]))
    totals = (sum(row.lost for row in roles), sum(row.lost_involved for row in roles), sum(r.gained for r in roles))
    drawn = (before_and_after(moved, facet, rung), gains_and_losses(bars, facet, rung))
    return Compared(each, facet, rung, *totals, drawn)


def _chosen(rows: Sequence[Moved], counted: set[Rung]) -> tuple[Facet, Rung] | None:
    """Of what changes: a facet that lets somebody find a child if there is one, and the highest rung counted before."""
    order = sorted(Facet, key=lambda facet: facet not in LOCATING)
    for facet in order:
        rungs = {rung for row in rows if facet in row.facets for rung in row.rungs} & counted
        if rungs:
            return facet, max(rungs, key=lambda rung: rung.height)
    return None


def _head(account: Account) -> str:
    what = "any facet" if account.facet is None else account.facet.value
    return f"{what}, {account.record_class or 'all'} children"


def _drawn_accounts(found: Sequence[Account]) -> Iterable[Strips]:
    names = list(dict.fromkeys(each.record_class for each in found))
    first = guarded([name for name in names if name])
    for facet in sorted({each.facet for each in found if each.facet is not None}):
        for name in ("", first):
            if name in names and name is not None:
                yield accounts(found, name, facet)


def _account_rows(
    found: Sequence[Account], heads: Sequence[str]
) -> Iterable[tuple[str, int, tuple[Account | None, ...]]]:
    rows: dict[str, dict[str, Account]] = defaultdict(dict)
    for each in found:
        rows[each.role][_head(each)] = each
    for role, own in rows.items():
        yield role, next(iter(own.values())).accounts, tuple(own.get(head) for head in heads)
