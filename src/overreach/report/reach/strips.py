"""Strips, one below the other on one logarithmic axis: ladders, what changes before and after, stolen accounts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from overreach.model.exact import Account, LadderStep
from overreach.model.terms import Facet, Rung
from overreach.report.reach.axis import LogAxis, short
from overreach.report.wording import children, median, number, users, words

MIDDLE, HEIGHT = 12.0, 24.0
"""Of a strip, in pixels."""
_APART = 5.0  # per cent between two signs of a stair
_STAIR = 4.0  # by which a rung is higher than the one below


@dataclass(frozen=True, slots=True)
class Block:
    """A bar; `x` and `width` in per cent, `y` and `height` in pixels."""

    x: float
    width: float
    y: float
    height: float
    look: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A sign on the middle of the strip."""

    x: float
    glyph: str
    size: int


@dataclass(frozen=True, slots=True)
class Strip:
    """One row of a picture."""

    label: str
    blocks: tuple[Block, ...]
    marks: tuple[Mark, ...]
    value: str
    """The figures beside it."""
    words: str
    """The row in words."""


@dataclass(frozen=True, slots=True)
class Strips:
    """One picture."""

    title: str
    ticks: tuple[tuple[float, str], ...]
    strips: tuple[Strip, ...]
    told: str
    """The picture in words."""
    left_out: tuple[str, ...] = ()
    """Labels of rows in which there is nothing."""


def ladders(steps: Iterable[LadderStep], record_class: str) -> tuple[Strips, ...]:
    """One picture a facet: how many children of a record class each role comes to, rung by rung."""
    found: dict[Facet, dict[str, list[LadderStep]]] = defaultdict(lambda: defaultdict(list))
    for step in steps:
        if step.record_class == record_class:
            found[step.facet][step.role].append(step)
    most = max((step.children for roles in found.values() for own in roles.values() for step in own), default=1)
    return tuple(_ladder(facet, found[facet], LogAxis(most)) for facet in Facet if facet in found)


def _ladder(facet: Facet, roles: Mapping[str, Sequence[LadderStep]], axis: LogAxis) -> Strips:
    order = sorted(roles, key=lambda role: (-roles[role][-1].children, role))
    reaching = [role for role in order if roles[role][-1].children]
    told = f"{words(facet)}: {len(reaching)} of {len(order)} roles reach a child."
    if reaching:
        last = roles[reaching[0]][-1]
        told += f" Furthest: {words(reaching[0])}, {children(last.children)} by {users(last.users)}."
    return Strips(
        title=words(facet).capitalize(),
        ticks=axis.ticks,
        strips=tuple(_climb(role, roles[role], axis) for role in reaching),
        told=told,
        left_out=tuple(role for role in order if role not in reaching),
    )


def _climb(role: str, steps: Sequence[LadderStep], axis: LogAxis) -> Strip:
    """A stair: each rung that opens more goes further, and stands higher; signs never cover one another."""
    blocks: list[Block] = []
    marks: list[Mark] = []
    said: list[str] = []
    at = 0.0
    for place, step in enumerate(steps):
        if step.children > (steps[place - 1].children if place else 0):
            end, height = axis.at(step.children), _STAIR * (step.rung.height + 1)
            blocks.append(Block(at, round(end - at, 2), MIDDLE + 8 - height, height, f"rung-{step.rung}"))
            beside = marks[-1].x + _APART if marks else 0.0
            marks.append(Mark(max(end, beside), f"g-{step.rung}", 13))
            said.append(f"{step.rung} or below: {children(step.children)} by {users(step.users)}")
            at = end
    top = steps[-1]
    told = f"{words(role)}: {'; '.join(said)}"
    return Strip(role, tuple(blocks), tuple(marks), f"{number(top.children)} | {number(top.users)}", told)


def accounts(found: Iterable[Account], record_class: str, facet: Facet) -> Strips:
    """The best and the median account of each role; `record_class` empty for all children."""
    own = [each for each in found if each.record_class == record_class and each.facet is facet]
    axis = LogAxis(max((each.most for each in own), default=1))
    order = sorted((each for each in own if each.most), key=lambda each: (-each.most, each.role))
    title = f"{words(facet).capitalize()} of {words(record_class) or 'all'} children"
    told = f"{title}: {len(order)} of {len(own)} roles have an account that opens a child's."
    if order:
        told += f" Furthest: an account of {words(order[0].role)}, {children(order[0].most)}."
    left_out = tuple(each.role for each in own if not each.most)
    return Strips(title, axis.ticks, tuple(_account(each, axis) for each in order), told, left_out)


def _account(each: Account, axis: LogAxis) -> Strip:
    low, high = axis.at(each.median), axis.at(each.most)
    line = Block(low, round(high - low, 2), MIDDLE - 1.5, 3, "span")
    said = f"{words(each.role)}: the best account opens {children(each.most)}, the median one {median(each.median)}"
    value = f"{number(each.most)} | {median(each.median)}"
    return Strip(each.role, (line,), (Mark(low, "g-chained", 15), Mark(high, "g-open", 9)), value, said)


@dataclass(frozen=True, slots=True)
class Before:
    """Pairs of one record class, now and under another policy."""

    record_class: str
    before: int
    lost: int
    lost_involved: int
    gained: int

    @property
    def after(self) -> int:
        """Pairs under the other policy."""
        return self.before - self.lost + self.gained


def before_and_after(rows: Sequence[Before], facet: Facet, rung: Rung) -> Strips:
    """Pairs of each record class that could be opened, before and after."""
    axis = LogAxis(max((max(row.before, row.after) for row in rows), default=1))
    title = f"Pairs by record class: {words(facet)} at {rung} or below, before and after"
    strips = []
    for row in rows:
        old, new = axis.at(row.before), axis.at(row.after)
        line = Block(min(old, new), round(abs(new - old), 2), MIDDLE - 1.5, 3, "span")
        marks = (Mark(old, "g-chained", 15), Mark(new, "g-open", 9))
        said = f"{words(row.record_class)}: {number(row.before)} pairs before, {number(row.after)} after"
        strips.append(Strip(row.record_class, (line,), marks, f"{short(row.before)} | {short(row.after)}", said))
    told = "; ".join(strip.words for strip in strips)
    return Strips(title, axis.ticks, tuple(strips), f"{title}. {told}.")


def gains_and_losses(rows: Sequence[tuple[str, int, int, int]], facet: Facet, rung: Rung) -> Strips:
    """By role: pairs closed to others, closed to the involved, opened."""
    axis = LogAxis(max((max(row[1:]) for row in rows), default=1))
    title = f"Pairs by role: {words(facet)} at {rung} or below, closed and opened"
    strips = []
    for role, others, involved, opened in rows:
        looks = (("lost", others, 1.0), ("work", involved, 9.0), ("gained", opened, 17.0))
        blocks = tuple(Block(0, axis.at(count), y, 6, look) for look, count, y in looks if count)
        figures = f"{number(others)} closed to others, {number(involved)} to the involved, {number(opened)} opened"
        value = f"{short(others)} | {short(involved)} | {short(opened)}"
        strips.append(Strip(role, blocks, (), value, f"{words(role)}: {figures}"))
    told = "; ".join(strip.words for strip in strips)
    return Strips(title, axis.ticks, tuple(strips), f"{title}. {told}.")
