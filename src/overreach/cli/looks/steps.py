"""`overreach reach --steps`: the shortest sequences of permitted steps to what a role cannot read directly."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict
from typing import Any, TypeVar

import click

from overreach.cli.looks.deciding import decided
from overreach.cli.options import shown_progress
from overreach.model.errors import PackError
from overreach.model.terms import LOCATING
from overreach.pack.config import Pack
from overreach.policy.load import Policy
from overreach.population.store import Population
from overreach.probe.live.chains import MOST, Ending, Walked, groups_of, refuse_unfit, walk
from overreach.probe.session import Bench
from overreach.reach.closure import Chain, Taken, closure
from overreach.report.live import walked_json, walked_text
from overreach.report.reach.naming import record_numbers, usernames

T = TypeVar("T")
K = TypeVar("K", bound=tuple[Any, ...])


def look(pack: Pack, policy: Policy, population: Population, *, live: bool = False) -> Look:
    """Close over the steps that the pack declares; `live` walks what is found on the pack's target.

    PackError where it declares none, TargetError as `refuse_unfit`.
    """
    if live:
        refuse_unfit(pack, population.children_count)
    if not pack.steps:
        message = f"`{pack.root}` declares no steps"
        raise PackError(message, "declare them: [[tool.overreach.steps]], see docs/reference/configuration.md")
    start = time.perf_counter()
    found = closure(decided(pack, policy, population), pack.steps, pack.target.raising)
    seconds = time.perf_counter() - start
    walked = _walked(pack, population, found) if live else None
    return Look(pack, population, found, seconds, walked)


def _walked(pack: Pack, population: Population, found: Sequence[Chain]) -> tuple[Walked, ...]:
    bench = Bench.build(pack, population, pack.switches)
    with shown_progress() as progress:
        return tuple(walk(bench, groups_of(found)[:MOST], progress))


class Look:
    """Chains, to be printed."""

    def __init__(
        self,
        pack: Pack,
        population: Population,
        found: tuple[Chain, ...],
        seconds: float,
        walked: tuple[Walked, ...] | None,
    ) -> None:
        self._found = found
        self._walked = walked
        self._population = population
        self._seconds = seconds
        self._pairs = population.users_count * population.children_count
        self._raised_by = {each.raises: each.name for each in pack.target.operations.values() if each.raises}
        users = [user for each in found for user in (each.user, each.other) if user is not None]
        self._users = usernames(population, users)
        self._children = record_numbers(population, (each.child for each in found))

    def as_json(self) -> dict[str, Any]:
        """Every chain with its people and the operations of the target that take it."""
        chains = [self._chain(chain) for chain in self._found]
        document = {"pairs": self._pairs, "seconds": self._seconds, "chains": chains}
        if self._walked is not None:
            document["walked"] = [walked_json(each, self._population) for each in self._walked]
            document["not_walked"] = self._left_out()
        return document

    @property
    def unproven(self) -> bool:
        """Whether chains were walked, and of some it is not known how they end."""
        return self._walked is not None and (
            self._left_out() > 0 or any(each.ending is Ending.UNPROVEN for each in self._walked)
        )

    def show(self) -> None:
        """The chains to facets that let somebody find a child; all of them are in the JSON."""
        shown = [chain for chain in self._found if LOCATING & set(chain.facets)]
        for (facets, steps, pairs), chains in _grouped(shown, self._key):
            click.echo(f"To {', '.join(facets)}{'' if pairs is None else f': {pairs:,} pairs, alone'}")
            for (roles,), same in _grouped(_by_role(chains), lambda each: (each[0],)):
                click.echo(f"  {', '.join(roles)}: {', '.join(name for _, name in same)}")
            for place, step in enumerate(steps, start=1):
                click.echo(f"  {place}. {step}")
            click.echo(f"  for example {self._people(chains[0])}\n")
        alone = sum(chain.accomplice is None for chain in self._found)
        click.echo(
            f"{len(self._found):,} chains to any facet, {alone:,} of them alone, over {self._pairs:,} pairs "
            f"in {self._seconds:.2f} s"
        )
        if self._walked is not None:
            click.echo("\n".join(walked_text(self._walked, self._population, self._steps, self._left_out())))

    def _left_out(self) -> int:
        return len(groups_of(self._found)) - len(self._walked or ())

    def _key(self, chain: Chain) -> tuple[tuple[str, ...], tuple[str, ...], int | None]:
        facets = tuple(facet.value for facet in chain.facets if facet in LOCATING)
        return facets, self._steps(chain), chain.pairs

    def _steps(self, chain: Chain) -> tuple[str, ...]:
        last = () if chain.rung is None else (f"read at {chain.rung}",)
        return (*(self._step(chain, taken) for taken in chain.steps), *last)

    def _step(self, chain: Chain, taken: Taken) -> str:
        changed = ", ".join(f"{name} = {value}" for name, value in taken.to.items())
        who = f"{chain.accomplice}: " if taken.user == chain.other else ""
        approved = ", approved by the other" if taken.approved_by is not None else ""
        return f"{who}{taken.name}{f' ({changed})' if changed else ''}{approved}"

    def _people(self, chain: Chain) -> str:
        other = "" if chain.other is None else f" with {self._users[chain.other]}"
        return f"{self._users[chain.user]}{other}, child {self._children[chain.child]}"

    def _chain(self, chain: Chain) -> dict[str, Any]:
        told = asdict(chain)
        told["username"] = self._users[chain.user]
        told["other_username"] = None if chain.other is None else self._users[chain.other]
        told["number"] = self._children[chain.child]
        told["raised_by"] = None if chain.rung is None else self._raised_by.get(chain.rung)
        for step in told["steps"]:
            step["username"] = self._users[step["user"]]
        return told


def _by_role(chains: Iterable[Chain]) -> Iterator[tuple[tuple[str, ...], str]]:
    """(roles, record class) of chains that are alike."""
    for (name,), same in _grouped(chains, lambda chain: (chain.record_class,)):
        yield tuple(chain.role for chain in same), name


def _grouped(items: Iterable[T], key: Callable[[T], K]) -> Iterator[tuple[K, list[T]]]:
    """Items with the same key together, in the order of the first of them."""
    groups: dict[K, list[T]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    yield from groups.items()
