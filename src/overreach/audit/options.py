"""What the caller of an audit asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from overreach.load.roster import FleetOrder
from overreach.model.terms import Part, Severity
from overreach.pack.config import Pack
from overreach.probe.workspace import Prepared

#: The parts that can be left out; reach is computed and the log compared always: verdicts rest on them.
OPTIONAL = (Part.SWEEP, Part.SCENARIOS, Part.LOAD, Part.WIRE, Part.OUTSIDE, Part.SCAN)

SIGNED_IN = 1000  # users who sign in as anybody would, where nothing else is ordered


@dataclass(frozen=True, slots=True)
class Options:
    """One audit, wholly described."""

    pack: Pack
    population: Path | None
    """A population that exists already; None generates one."""
    recipe: str
    children: int
    users: int
    seed: int
    faults: tuple[str, ...]
    switches: Mapping[str, str]
    parts: frozenset[Part]
    runs: Path
    """Folder in which the run's folder is made."""
    port: int
    fail_on: Severity
    load_users: int
    load_seconds: float
    examples: int
    """Hypothesis examples for each scenario."""
    command: str
    """The command line, for the report."""
    load_rate: float = 0.0
    """Requests a second that the load aims at; 0 for as many as one of that size usually makes."""
    load_processes: int = 1
    sign_in: float | None = None
    """Share of the load's users who sign in as anybody would; None for a thousand of them."""
    load_out: Path | None = None
    """Folder in which the files of the load are kept."""
    prepared: Prepared | None = None
    """Where what takes long to make is kept for later runs; None makes it anew."""
    web: int = 0
    """Port of Locust's own page; 0 for none."""
    fleet: FleetOrder | None = None
    """Where workers on other hosts join the load, and how many; None where this machine does it alone."""

    @property
    def signing_in(self) -> float:
        """Share of the load's users who sign in as anybody would; the others' sessions are minted."""
        if Part.LOAD not in self.parts or not self.pack.target.mint:
            return 1.0
        return min(1.0, SIGNED_IN / self.load_users) if self.sign_in is None else self.sign_in
