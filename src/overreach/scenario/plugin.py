"""The pytest plugin behind the scenarios; for any other test run it is a few fixtures that nobody asks for.

Fixtures, all of them for a whole session: `population`, `policy` (decided for it), `target` (act as any user, every
answer judged; for requests that change nothing) and `world` (called in a test: a small registry in a fresh state).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from overreach.policy.grid import Grid
    from overreach.population.store import Population
    from overreach.probe.session import RunSession
    from overreach.scenario.live import Target
    from overreach.scenario.world import Worlds

# Everything of Overreach is imported when it is used: this module is loaded in every run of pytest.

_SESSION = "OVERREACH_SESSION"


def pytest_configure(config: pytest.Config) -> None:
    """In a run of `overreach`, record outcomes in its results folder."""
    if not os.environ.get(_SESSION):
        return
    from pathlib import Path  # noqa: PLC0415

    from overreach.probe.session import SessionFile  # noqa: PLC0415
    from overreach.scenario.recorder import Recorder  # noqa: PLC0415

    results = Path(SessionFile.read(Path(os.environ[_SESSION])).results)
    config.pluginmanager.register(Recorder(results, writes=not hasattr(config, "workerinput")))


@pytest.fixture(scope="session")
def overreach_session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunSession]:
    """The session of the run that started pytest, or one of this process's own."""
    from overreach.scenario.own import session_here  # noqa: PLC0415

    with session_here(tmp_path_factory.mktemp("overreach")) as session:
        yield session


@pytest.fixture(scope="session")
def population(overreach_session: RunSession) -> Population:
    """The people whom `target` holds."""
    return overreach_session.bench.population


@pytest.fixture(scope="session")
def policy(overreach_session: RunSession) -> Grid:
    """The policy, decided for every user and child of `population`."""
    return overreach_session.bench.grid


@pytest.fixture(scope="session")
def target(overreach_session: RunSession) -> Iterator[Target]:
    """The running system: act as any user, every answer judged; for requests that change nothing."""
    from overreach.scenario.live import live_target  # noqa: PLC0415

    with live_target(overreach_session) as stage:
        yield stage


@pytest.fixture(scope="session")
def world(overreach_session: RunSession, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worlds]:
    """Called in a test, a small registry of the session's own in a fresh state; `world.twins()` gives two."""
    from overreach.scenario.world import Terms, Worlds  # noqa: PLC0415

    file, bench = overreach_session.file, overreach_session.bench
    folder = tmp_path_factory.mktemp("worlds")
    worlds = Worlds(Terms(bench.pack, folder, file.seed, file.switches, file.faults))
    try:
        yield worlds
    finally:
        worlds.close()
