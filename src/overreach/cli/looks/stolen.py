"""`overreach reach --stolen`: what one stolen account opens, and how few open every child."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import click

from overreach.cli.looks.deciding import decided
from overreach.cli.looks.tables import print_table
from overreach.pack.config import Pack
from overreach.policy.load import Policy
from overreach.population.store import Population
from overreach.reach.stolen import ALL, Stolen
from overreach.report.reach.naming import usernames

_NAMED = 5  # accounts named in the table; all of them are in the JSON


def look(pack: Pack, policy: Policy, population: Population) -> Look:
    """Count what the accounts of a population open."""
    start = time.perf_counter()
    return Look(Stolen(decided(pack, policy, population)), population, start)


class Look:
    """Accounts, to be printed."""

    def __init__(self, stolen: Stolen, population: Population, start: float) -> None:
        self._classes = stolen.classes
        self._accounts = stolen.accounts()
        self._fewest = stolen.fewest()
        self._seconds = time.perf_counter() - start
        self._pairs = population.users_count * population.children_count
        users = [user for each in self._fewest for user in each.cover.users]
        self._users = usernames(population, [*users, *(each.user for each in self._accounts)])

    def as_json(self) -> dict[str, Any]:
        """Every figure; usernames beside row numbers."""
        accounts = [asdict(each) | {"username": self._users[each.user]} for each in self._accounts]
        fewest = [
            {key: value for key, value in asdict(each).items() if key != "cover"}
            | {"openable": each.cover.children, "at_least": each.cover.at_least, "at_most": each.cover.at_most}
            | {"usernames": [self._users[user] for user in each.cover.users]}
            for each in self._fewest
        ]
        return {
            "pairs": self._pairs,
            "seconds": self._seconds,
            "stolen": {"accounts": accounts, "fewest": fewest},
        }

    def show(self) -> None:
        """One account by role; the fewest by record class and rung."""
        guarded = self._classes[1:2]
        heads = ["role", "accounts", "children: best", "median", "whereabouts: best", "median"]
        heads += [f"{name}: {word}" for name in guarded for word in ("best", "median")]
        print_table(heads, self._by_role(guarded), figures=len(heads) - 1)
        click.echo("The fewest accounts that open every child's whereabouts, of those that anybody can open")
        heads = ["record class", "at this rung or below", "accounts", "children", "openable", "at least", "at most"]
        print_table(heads, self._covers(), figures=4)
        click.echo(f"{self._pairs:,} pairs in {self._seconds:.2f} s")

    def _by_role(self, guarded: tuple[str, ...]) -> Iterator[tuple[object, ...]]:
        figures = {(each.role, each.record_class, each.facet is None): each for each in self._accounts}
        for role in sorted({each.role for each in self._accounts}):
            shown = [figures[role, ALL, True], *(figures[role, name, False] for name in (ALL, *guarded))]
            yield role, shown[0].accounts, *(cell for each in shown for cell in (each.most, f"{each.median:,.10g}"))

    def _covers(self) -> Iterator[tuple[object, ...]]:
        for each in self._fewest:
            named = ", ".join(self._users[user] for user in each.cover.users[:_NAMED])
            more = ", ..." if each.cover.at_most > _NAMED else ""
            bounds = (each.children, each.cover.children, each.cover.at_least, each.cover.at_most)
            yield each.record_class or "all", each.rung, named + more, *bounds
