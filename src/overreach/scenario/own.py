"""A session of this process's own: a population, a registry and a broker, gone when the process is done."""

from __future__ import annotations

import contextlib
import os
import secrets
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from overreach.model.errors import PackError
from overreach.pack.config import Pack, find_pack
from overreach.population.recipe import Order, load_recipe
from overreach.population.store import Population
from overreach.population.writing import generate
from overreach.probe.session import VARIABLE, RunSession, SessionFile, session_is_set
from overreach.scenario.world import CHILDREN, USERS
from overreach.target.broker import Broker, BrokerServer
from overreach.target.embedded import registry
from overreach.target.http import HttpTarget
from overreach.target.identity import Credentials, Refusal, Session, sign_in


@dataclass(frozen=True, slots=True)
class Wish:
    """What a session of one's own should be like."""

    pack: Pack
    folder: Path
    """For everything that it needs; somebody else removes it."""
    population: Path | None = None
    """Folder of a population; a small one is generated where there is none."""
    faults: Sequence[str] = ()
    results: Path | None = None
    """Folder for what the parts report; one within `folder` where there is none."""


@contextlib.contextmanager
def scratch() -> Iterator[Path]:
    """A folder for databases and secrets, gone afterwards; within that of the run, if a run started this process."""
    within = Path(os.environ[VARIABLE]).parent if session_is_set() else None
    with tempfile.TemporaryDirectory(prefix="overreach-", dir=within, ignore_cleanup_errors=True) as name:
        yield Path(name)


@contextlib.contextmanager
def session_here(folder: Path) -> Iterator[RunSession]:
    """The session that the environment names, or one of one's own in `folder`.

    Workers of pytest-xdist never share a session: what one does with a user's session would be the other's surprise.
    """
    shared = SessionFile.read(Path(os.environ[VARIABLE])) if session_is_set() else None
    if shared is not None and "PYTEST_XDIST_WORKER" not in os.environ:
        with _opened(None) as session:
            yield session
        return
    wish = Wish(find_pack(), folder)
    if shared is not None:
        pack = replace(Pack.read(Path(shared.pack)), switches=shared.switches, seed=shared.seed)
        wish = Wish(pack, folder, Path(shared.population), shared.faults)
    with own_session(wish) as file, _opened(file) as session:
        yield session


@contextlib.contextmanager
def _opened(file: Path | None) -> Iterator[RunSession]:
    session = RunSession.open(file)
    with contextlib.closing(session.broker):
        yield session


@contextlib.contextmanager
def own_session(wish: Wish) -> Iterator[Path]:
    """Build a session and give its file; PackError for a pack whose target is not the embedded registry."""
    pack = wish.pack
    if pack.target.kind != "embedded":
        message = f"the scenarios cannot start a target of kind `{pack.target.kind}`"
        raise PackError(message, "let `overreach audit` start them, without -n")
    population = wish.population or wish.folder / "population"
    if wish.population is None:
        order = Order(CHILDREN, USERS, pack.seed)
        generate(load_recipe(pack.root, pack.population), order, population)
    secret_file = wish.folder / "secret"
    secret_file.touch(mode=0o600)
    secret_file.write_bytes(secrets.token_bytes(32))
    results = wish.results or wish.folder / "results"
    results.mkdir(exist_ok=True)
    with (
        registry(
            population, wish.folder / "registry", secret_file=secret_file, faults=wish.faults, switches=pack.switches
        ) as running,
        _broker(pack, population, secret_file, running.url) as socket,
    ):
        file = SessionFile(
            pack=str(pack.root),
            population=str(population),
            base_url=running.url,
            broker=str(socket),
            results=str(results),
            seed=pack.seed,
            secret_file=str(secret_file),
            switches=dict(pack.switches),
            allow_hosts=list(pack.target.allow_hosts),
            faults=list(wish.faults),
        )
        path = wish.folder / "session.json"
        file.write(path)
        yield path


@contextlib.contextmanager
def _broker(pack: Pack, population_folder: Path, secret_file: Path, base_url: str) -> Iterator[Path]:
    population = Population.open(population_folder)
    credentials = Credentials(secret_file.read_bytes())

    def opener(user: int) -> Session | Refusal:
        username = str(population.user_fields(user)["username"])
        return sign_in(sender, pack.target, credentials, user, username)

    with (
        contextlib.closing(HttpTarget(base_url, pack.target.allow_hosts)) as sender,
        # The path of a Unix socket may have about a hundred characters: not every temporary folder is that short.
        tempfile.TemporaryDirectory(prefix="overreach-") as folder,
        contextlib.closing(BrokerServer(Broker(opener), Path(folder) / "broker")) as server,
    ):
        yield server.path
