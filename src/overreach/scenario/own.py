"""A session of this process's own: a population, a registry and a broker, gone when the process is done."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from overreach.model.errors import PackError
from overreach.pack.config import Pack, find_pack
from overreach.population.recipe import Order
from overreach.probe.session import VARIABLE, Bench, RunSession, SessionFile, session_is_set
from overreach.probe.workspace import TargetOrder, open_workspace, populate
from overreach.scenario.world import CHILDREN, USERS


@dataclass(frozen=True, slots=True)
class Wish:
    """What a session of one's own should be like."""

    pack: Pack
    folder: Path
    """For everything that it needs; somebody else removes it."""
    population: Path | None = None
    """Folder of a population; a small one is generated where there is none."""
    faults: Sequence[str] = ()


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
    order = Order(CHILDREN, USERS, pack.seed)
    population = populate(pack, wish.population, pack.population, order, wish.folder)
    bench = Bench.build(pack, population, pack.switches)
    target = TargetOrder(pack.switches, wish.faults, port=0, seed=pack.seed)
    with open_workspace(wish.folder, bench, target) as workspace:
        yield workspace.session_file
