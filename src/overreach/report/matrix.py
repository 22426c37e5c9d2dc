"""The matrix as a reader sees it: one cell for a role, a record class and a facet, over all its rungs."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum

from overreach.model.review import Entry, Review, RoleSummary
from overreach.model.terms import Facet, Rung, Verdict

SHIELDED = "shielded"


class State(StrEnum):
    """What a cell amounts to; the first that applies, in this order."""

    OVERREACH = "overreach"
    BREACH = "breach"
    UNPROVEN = "unproven"
    UNDERREACH = "underreach"
    DESIGN = "design"
    CLOSED = "closed"
    ABSENT = "absent"


#: State -> (sign, words). A state by design shows its rung's sign instead.
STATE_SIGN: dict[State, tuple[str, str]] = {
    State.OVERREACH: ("✕", "overreach: reached though the policy denies it"),
    State.BREACH: ("!", "breach: allowed, but a duty was not met"),
    State.UNPROVEN: ("?", "unproven: too little was seen to say"),
    State.UNDERREACH: ("▽", "refused though allowed"),
    State.DESIGN: ("", "by design: the policy permits it"),
    State.CLOSED: ("·", "closed: denied at every rung, and held"),
    State.ABSENT: (" ", "not in this run"),
}
#: The same where the terminal knows no more than ASCII.
STATE_LETTER: dict[State, str] = {
    State.OVERREACH: "#",
    State.BREACH: "!",
    State.UNPROVEN: "?",
    State.UNDERREACH: "-",
    State.CLOSED: ".",
    State.ABSENT: " ",
}
_BY_VERDICT = {
    Verdict.OVERREACH: State.OVERREACH,
    Verdict.BREACH: State.BREACH,
    Verdict.UNPROVEN: State.UNPROVEN,
    Verdict.UNDERREACH: State.UNDERREACH,
}


@dataclass(frozen=True, slots=True)
class Cell:
    """Role x record class x facet, over its rungs."""

    entries: tuple[Entry, ...]
    """Ascending by rung; empty where the run did not count this cell."""
    state: State
    rungs: tuple[Rung, ...]
    """Rungs at which the policy permits some pair; ascending."""
    one: int
    """Most children that one member reaches at the first of those rungs."""
    whole: int
    """Distinct children that the whole role reaches at the first of those rungs."""
    wrong: tuple[Rung, ...]
    """Rungs whose verdict is overreach or breach."""
    probes: int
    """Denied pairs asked at the rungs concerned: those in `wrong`, else all."""
    failures: int
    """Of those, how many disclosed the facet."""
    finding: str
    """Key of the first finding concerned; empty for none."""


@dataclass(frozen=True, slots=True)
class Sector:
    """Roles that work in one sector, in the order of the review."""

    name: str
    roles: tuple[RoleSummary, ...]

    @property
    def users(self) -> int:
        """Head count of the sector."""
        return sum(role.users for role in self.roles)


@dataclass(frozen=True, slots=True)
class Matrix:
    """All cells, with the order of rows and columns."""

    sectors: tuple[Sector, ...]
    classes: tuple[str, ...]
    """`shielded` first, then the order of the review."""
    facets: tuple[Facet, ...]
    cells: dict[tuple[str, str, Facet], Cell]

    def cell(self, role: str, record_class: str, facet: Facet) -> Cell:
        """A cell; one without entries where the run did not count it."""
        return self.cells.get((role, record_class, facet), _EMPTY)

    def tally(self, record_class: str, state: State) -> int:
        """How many cells of a record class are in a state."""
        keys = ((one, facet) for sector in self.sectors for one in sector.roles for facet in self.facets)
        return sum(self.cell(one.role, record_class, facet).state is state for one, facet in keys)


_EMPTY = Cell((), State.ABSENT, (), 0, 0, (), 0, 0, "")


def build_matrix(review: Review) -> Matrix:
    """The matrix of a review; KeyError for an entry whose role or class the review does not list."""
    grouped: defaultdict[tuple[str, str, Facet], list[Entry]] = defaultdict(list)
    for entry in review.entries:
        grouped[entry.role, entry.record_class, entry.facet].append(entry)
    unknown = {role for role, _, _ in grouped} - {role.role for role in review.roles}
    unknown |= {name for _, name, _ in grouped} - set(review.classes)
    if unknown:
        message = f"entries name roles or classes that the review does not list: {sorted(unknown)}"
        raise KeyError(message)
    seen = {facet for _, _, facet in grouped}
    return Matrix(
        sectors=_sectors(review),
        classes=tuple(sorted(review.classes, key=lambda name: name != SHIELDED)),
        facets=tuple(facet for facet in Facet if facet in seen),
        cells={key: make_cell(entries) for key, entries in grouped.items()},
    )


def make_cell(entries: list[Entry]) -> Cell:
    """One cell from its entries, in whatever order they come."""
    ordered = tuple(sorted(entries, key=lambda entry: entry.rung.height))
    permitted = [entry for entry in ordered if entry.pairs > 0]
    wrong = [entry for entry in ordered if entry.verdict in (Verdict.OVERREACH, Verdict.BREACH)]
    counted = wrong or ordered
    return Cell(
        entries=ordered,
        state=_state(ordered, permitted=bool(permitted)),
        rungs=tuple(entry.rung for entry in permitted),
        one=permitted[0].one_member if permitted else 0,
        whole=permitted[0].children if permitted else 0,
        wrong=tuple(entry.rung for entry in wrong),
        probes=sum(entry.probes for entry in counted),
        failures=sum(entry.failures for entry in counted),
        finding=next((entry.finding for entry in ordered if entry.finding), ""),
    )


def _state(entries: tuple[Entry, ...], *, permitted: bool) -> State:
    states = {_BY_VERDICT[entry.verdict] for entry in entries if entry.verdict in _BY_VERDICT}
    default = State.DESIGN if permitted else State.CLOSED
    return next((state for state in State if state in states), default)


def _sectors(review: Review) -> tuple[Sector, ...]:
    names = dict.fromkeys(role.sector for role in review.roles)
    return tuple(Sector(name, tuple(role for role in review.roles if role.sector == name)) for name in names)
