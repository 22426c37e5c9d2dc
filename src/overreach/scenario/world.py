"""Small worlds for tests that write: a registry of the test session's own, restored before every example."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from overreach.model.decision import Claims
from overreach.model.probe import Answer
from overreach.model.terms import Action
from overreach.pack.config import Pack
from overreach.population.recipe import Order, Recipe, load_recipe
from overreach.population.store import Population
from overreach.population.writing import generate
from overreach.probe.session import Bench
from overreach.scenario.doors import Desk
from overreach.scenario.stage import Actor, Stage
from overreach.scenario.twin import with_other_hidden_values
from overreach.target.embedded import registry
from overreach.target.http import HttpTarget
from overreach.target.identity import Credentials

CHILDREN = 200
USERS = 160


@dataclass(frozen=True, slots=True)
class Terms:
    """What the registries of a test session have in common."""

    pack: Pack
    folder: Path
    """For populations and databases; somebody else removes it."""
    seed: int
    switches: Mapping[str, str]
    faults: Sequence[str] = ()


class World(Stage):
    """A small registry in the state that it had after loading and enrolment, whatever an example did before."""

    def __init__(self, bench: Bench, sender: HttpTarget, desk: Desk, database: Path) -> None:
        super().__init__(bench, sender, desk, f"world-{database.parent.name}")
        self._desk = desk
        self._live = sqlite3.connect(database, isolation_level=None, timeout=5.0)
        # A restore that a power cut undoes costs nothing.
        self._live.execute("PRAGMA synchronous = OFF")
        self._snapshot = sqlite3.connect(":memory:")
        self._live.backup(self._snapshot)
        self.logged = 0
        """Last entry of the log at the snapshot."""

    def restore(self) -> None:
        """Go back to the snapshot: database, policy's facts and the memory of what was claimed."""
        self._snapshot.backup(self._live)
        self.history.forget()

    def next_code(self, user: int) -> str:
        """A one-time code that the user has not used yet; the same code is the same code however long it takes."""
        return self._desk.next_code(user)

    def sign_in_again(self, user: int, code: str) -> tuple[Answer, Actor | None]:
        """A second sign-in of a user, with a one-time code: the answer, and who it let in."""
        answer = self._desk.sign_in(user, code)
        session = self._desk.session(user, answer)
        return answer, None if session is None else Actor(self, session)

    def close(self) -> None:
        """Let the database go."""
        self._live.close()
        self._snapshot.close()


@dataclass
class Worlds:
    """Gives worlds; starts each registry when it is first asked for. `close` ends them all."""

    terms: Terms = field(repr=False)
    _open: dict[str, World] = field(default_factory=dict, repr=False)
    _closing: contextlib.ExitStack = field(default_factory=contextlib.ExitStack, repr=False)

    def __call__(self) -> World:
        """The world, restored."""
        return self._fresh("world", self._recipe)

    def twins(self) -> tuple[World, World]:
        """The world, and one that differs from it only in what shields hide; both restored."""
        return self(), self._fresh("twin", lambda: with_other_hidden_values(self._recipe()))

    def close(self) -> None:
        """Stop every registry."""
        self._open.clear()
        self._closing.close()

    def _recipe(self) -> Recipe:
        return load_recipe(self.terms.pack.root, self.terms.pack.population)

    def _fresh(self, name: str, recipe: Callable[[], Recipe]) -> World:
        if name not in self._open:
            self._open[name] = self._closing.enter_context(_running(self.terms, name, recipe()))
        world = self._open[name]
        world.restore()
        return world


@contextlib.contextmanager
def _running(terms: Terms, name: str, recipe: Recipe) -> Iterator[World]:
    folder = terms.folder / name
    generate(recipe, Order(CHILDREN, USERS, terms.seed), folder / "population")
    secret_file = folder / "secret"
    secret = f"{terms.seed}/{name}".encode()
    secret_file.write_bytes(secret)
    secret_file.chmod(0o600)
    population = Population.open(folder / "population")
    bench = Bench.build(terms.pack, population, terms.switches)
    with (
        registry(
            folder / "population",
            folder / "registry",
            secret_file=secret_file,
            faults=terms.faults,
            switches=terms.switches,
        ) as running,
        contextlib.closing(HttpTarget(running.url, terms.pack.target.allow_hosts)) as sender,
    ):
        desk = Desk(sender, terms.pack.target, Credentials(secret), population)
        for user in range(population.users_count):
            if bench.grid.allows(user, None, Action.SIGN_IN, Claims()):
                desk.enrol(user)
        with contextlib.closing(World(bench, sender, desk, running.database)) as world:
            world.logged = int(world.reader().log().json["next"])
            yield world
