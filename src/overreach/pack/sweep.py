"""How much the sweep asks, as the pack has it."""

from __future__ import annotations

from dataclasses import dataclass

from overreach.pack.fields import Fields


@dataclass(frozen=True, slots=True)
class SweepConfig:
    """How much the sweep asks."""

    locating_probes: int
    """Denied pairs asked for each whereabouts or contacts entry of a guarded class."""
    other_probes: int
    """The same for every other entry."""
    members: int
    """Users of each role who sign in at first; more where an entry needs them."""
    searches: int
    """Children searched for by each role, with each search, in each record class."""
    comparisons: int
    """Hidden records of each role whose view is compared with that of numbers never issued."""


def sweep_of(fields: Fields) -> SweepConfig:
    """The section `sweep`; PackError where it cannot be used."""
    sweep = SweepConfig(
        locating_probes=fields.count("locating_probes"),
        other_probes=fields.count("other_probes"),
        members=fields.count("members"),
        searches=fields.count("searches"),
        comparisons=fields.count("comparisons"),
    )
    fields.finish()
    return sweep
