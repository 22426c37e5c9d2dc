"""What a part of an audit works with, in the audit itself or in a process of its own.

The audit writes a session file (mode 0600, outside the run's folder); a part that runs elsewhere opens it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, astuple, dataclass
from pathlib import Path

from overreach.model.errors import TargetError
from overreach.pack.config import Pack
from overreach.policy.grid import Grid
from overreach.policy.load import Policy
from overreach.population.store import Population
from overreach.probe.anchors import steps_of
from overreach.probe.disclosure import Reader
from overreach.probe.judge import Judge
from overreach.target.broker import BrokerClient
from overreach.target.guard import Guard
from overreach.target.http import HttpTarget
from overreach.target.operations import needed

VARIABLE = "OVERREACH_SESSION"


@dataclass(frozen=True, slots=True)
class SessionFile:
    """Where everything is."""

    pack: str
    population: str
    base_url: str
    broker: str
    """Path of the broker's socket."""
    results: str
    """Folder for what the parts report."""
    seed: int
    secret_file: str
    switches: Mapping[str, str]
    allow_hosts: Sequence[str]
    faults: Sequence[str] = ()
    """Passed on to the registries that scenarios start of their own, and to nothing else."""
    lookups: str = ""
    """Folder of what is looked up in the population, made ready for all parts; empty where each makes its own."""

    def write(self, path: Path) -> None:
        """Write the file, readable by its owner alone."""
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(asdict(self), file)

    @classmethod
    def read(cls, path: Path) -> SessionFile:
        """Read the file; TargetError where there is none."""
        try:
            return cls(**json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError) as error:
            message = f"`{path}` is not the session file of a running audit"
            raise TargetError(message, "let `overreach audit` start this part") from error


@dataclass(frozen=True)
class Bench:
    """Population, policy and judge of one audit, ready to work."""

    pack: Pack
    population: Population
    policy: Policy
    grid: Grid
    judge: Judge

    @classmethod
    def build(cls, pack: Pack, population: Population, switches: Mapping[str, str]) -> Bench:
        """Read the policy and decide it for every class of the population; PolicyError where it cannot be used."""
        policy = Policy.load(pack.scenarios, switches)
        grid = Grid.build(policy, population, pack.rungs, keep=population.index.arrays)
        for operation in pack.target.operations.values():
            needed(operation, population.child_fields(0))
        for path in (*astuple(pack.target.log_entry), *pack.target.alert_entry.places):
            steps_of(path)
        reader = Reader(population, [operation.facets for operation in pack.target.operations.values()])
        judge = Judge(grid, reader, Guard(reader.issued))
        return cls(pack, population, policy, grid, judge)

    def prepare(self) -> None:
        """Make all that judging looks up, so that no answer waits for it, and other processes find it.

        They find it where the population was opened with a folder for it.
        """
        self.population.index.prepare()
        self.grid.relations.children_involved_with(0)


@dataclass(frozen=True)
class RunSession:
    """A bench with a target and a broker, for a part in a process of its own."""

    file: SessionFile
    bench: Bench
    broker: BrokerClient

    @classmethod
    def open(cls, path: Path | None = None) -> RunSession:
        """Open the session file at `path`, or the one that the environment names."""
        where = path or Path(os.environ.get(VARIABLE, ""))
        file = SessionFile.read(where)
        pack = Pack.read(Path(file.pack))
        population = Population.open(Path(file.population), Path(file.lookups) if file.lookups else None)
        return cls(file, Bench.build(pack, population, file.switches), BrokerClient(Path(file.broker)))

    def target(self) -> HttpTarget:
        """A connection of the caller's own."""
        return HttpTarget(self.file.base_url, tuple(self.file.allow_hosts))


def session_is_set() -> bool:
    """Whether the environment names a session file."""
    return bool(os.environ.get(VARIABLE))
