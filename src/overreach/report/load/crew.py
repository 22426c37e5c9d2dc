"""Who was simulated: roles by habit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from overreach.model.underload import Simulated
from overreach.report.wording import number


@dataclass(frozen=True, slots=True)
class Row:
    """One role, or all of them."""

    role: str
    people: int
    cells: tuple[str, ...]
    """People of each habit; behind them, in brackets, those who began to misuse the target."""
    requests: int


@dataclass(frozen=True, slots=True)
class Crew:
    """Those with the most people first."""

    habits: tuple[str, ...]
    rows: tuple[Row, ...]
    whole: Row


def crew(people: Iterable[Simulated]) -> Crew:
    """Everybody counted."""
    known = list(people)
    habits = _most_first((one.habit, one.people) for one in known)
    roles = _most_first((one.role, one.people) for one in known)
    rows = tuple(_row(role, [one for one in known if one.role == role], habits) for role in roles)
    return Crew(habits, rows, _row("", known, habits))


def _most_first(counted: Iterable[tuple[str, int]]) -> tuple[str, ...]:
    total: dict[str, int] = {}
    for name, count in counted:
        total[name] = total.get(name, 0) + count
    return tuple(sorted(total, key=lambda name: (-total[name], name)))


def _row(role: str, own: list[Simulated], habits: Iterable[str]) -> Row:
    cells = tuple(_cell([one for one in own if one.habit == habit]) for habit in habits)
    return Row(role, sum(one.people for one in own), cells, sum(one.requests for one in own))


def _cell(own: list[Simulated]) -> str:
    count, misusing = sum(one.people for one in own), sum(one.misusing for one in own)
    if not count:
        return ""
    return f"{number(count)} ({number(misusing)})" if misusing else number(count)
