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
def overreach_session() -> Iterator[RunSession]:
    """The session of the run that started pytest, or one of this process's own."""
    from overreach.scenario.own import scratch, session_here  # noqa: PLC0415

    with scratch() as folder, session_here(folder) as session:
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
def world(overreach_session: RunSession) -> Iterator[Worlds]:
    """Called in a test, a small registry of the session's own in a fresh state; `world.twins()` gives two."""
    from contextlib import closing  # noqa: PLC0415

    from overreach.scenario.own import scratch  # noqa: PLC0415
    from overreach.scenario.world import Terms, Worlds  # noqa: PLC0415

    file, pack = overreach_session.file, overreach_session.bench.pack
    with scratch() as folder, closing(Worlds(Terms(pack, folder, file.seed, file.switches, file.faults))) as worlds:
        yield worlds
