"""Everything that is drawn of a load, for the report and for the page of its own."""

from __future__ import annotations

from dataclasses import dataclass

from overreach.model.terms import Verdict
from overreach.model.underload import UnderLoad
from overreach.report.load.crew import Crew, crew
from overreach.report.load.latency import FEW, HEAD, latencies
from overreach.report.load.ledger import Balance, balance
from overreach.report.load.telling import answer
from overreach.report.load.timeline import Timeline, timeline
from overreach.report.load.watching import Watching, watching
from overreach.report.reach.strips import Strips


@dataclass(frozen=True, slots=True)
class LoadPictures:
    """What the templates need, in the order in which it is shown."""

    load: UnderLoad
    answer: str
    verdicts: tuple[tuple[Verdict, int], ...]
    timeline: Timeline
    latencies: tuple[Strips, ...]
    latency_head: str
    few: int
    """Answers below which the percentiles are those of the slowest."""
    balance: Balance | None
    watching: Watching | None
    crew: Crew


def load_pictures(load: UnderLoad) -> LoadPictures:
    """Everything of one load."""
    return LoadPictures(
        load=load,
        answer=answer(load),
        verdicts=tuple((verdict, load.count(verdict)) for verdict in Verdict),
        timeline=timeline(load),
        latencies=latencies(load.latency),
        latency_head=HEAD,
        few=FEW,
        balance=None if load.log is None else balance(load.log),
        watching=None if load.watchers is None else watching(load.watchers),
        crew=crew(load.people),
    )
