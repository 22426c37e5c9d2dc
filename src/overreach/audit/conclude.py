"""From what the parts gave to the review: matrix, findings, controls, and everything that was not examined."""

from __future__ import annotations

import datetime as dt
import platform
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import version

from overreach.audit.listen import Listener
from overreach.audit.matrix import Asked, Matrix, build_matrix
from overreach.audit.options import OPTIONAL, Options
from overreach.audit.parts import PartResults
from overreach.audit.words import NOTES, sentence
from overreach.model.errors import PolicyError
from overreach.model.exact import ExactReach
from overreach.model.finding import Hazard, NotExamined
from overreach.model.review import Control, Exposure, PartSummary, Review, RunInfo
from overreach.model.terms import LOCATING, Facet, Part
from overreach.policy.grid import Grid
from overreach.policy.invariants import invariant_violations
from overreach.probe.demand import deciding_policies, denied_pairs, enterable
from overreach.probe.findings import Gatherer, merge
from overreach.probe.plan import GUARDED
from overreach.probe.session import Bench
from overreach.reach.count import SHIELDED, Reach, reach
from overreach.reach.exposure import ALL
from overreach.reach.hazards import hazards
from overreach.report.reach.alternatives import questions
from overreach.report.reach.counting import examine
from overreach.report.reach.roles import role_summaries

CHECKED = 2000  # decisions of the columns that cedarpy takes again in every run
LIBRARIES = ("cedarpy", "locust", "mitmproxy", "bandit", "hypothesis", "faker", "pytest", "starlette", "granian")


@dataclass(frozen=True, slots=True)
class Reckoning:
    """What follows from the policy alone."""

    reach: Reach
    exposure: tuple[Exposure, ...]
    hazards: tuple[Hazard, ...]
    exact: ExactReach | None
    agreed: int
    seconds: float

    @classmethod
    def make(cls, bench: Bench, seed: int, *, pictures: bool = True) -> Reckoning:
        """Check the two oracles against each other, and count; PolicyError where they differ.

        `pictures` are what only the report shows: steps, other policies, stolen accounts.
        """
        started = time.perf_counter()
        agreed = bench.grid.check(CHECKED, seed)
        counted = reach(bench.grid, bench.population)
        found = hazards(bench.grid, bench.population)
        locating = [facet for facet in Facet if facet in LOCATING]
        exposure = counted.exposures(locating, (ALL, *counted.child_classes))
        exact = None
        if pictures:
            asked = questions(bench.pack, bench.policy)
            exact = examine(bench.pack, bench.grid, counted, bench.population, asked)
        return cls(counted, exposure, found, exact, agreed, time.perf_counter() - started)


@dataclass(frozen=True, slots=True)
class Live:
    """What the parts gave that looked at the running target."""

    parts: PartResults
    listener: Listener
    gatherer: Gatherer
    url: str
    secrets: frozenset[str]


def refuse_contradictions(grid: Grid) -> None:
    """PolicyError where the policy permits what an invariant forbids."""
    for violation in invariant_violations(grid):
        policies = ", ".join(f"`{name}`" for name in violation.policies)
        message = f"invariant `{violation.invariant}` does not hold: {policies} permit {violation.what.value}"
        shown = ", ".join(f"{name} {value}" for name, value in {**violation.user, **violation.child}.items())
        raise PolicyError(message, f"mend the policy or the invariant; it shows at {shown}")


def conclude(options: Options, bench: Bench, alone: Reckoning, live: Live, info: RunInfo) -> Review:
    """Put everything together."""
    listener = live.listener
    asked = Asked(denied_pairs(bench.grid, bench.pack.rungs), deciding_policies(bench.grid, bench.pack.rungs))
    swept = Part.SWEEP in options.parts
    counts = listener.tally.counts()
    matrix = build_matrix(alone.reach, counts, asked, bench.pack.sweep, swept=swept)
    cells = enterable(bench.grid)
    unproven = len(cells - listener.tally.cells_asked)
    found = [*live.gatherer.findings(counts), *(each for outcome in live.parts.outcomes for each in outcome.findings)]
    controls = [
        Control("columns and cedarpy decide alike", alone.agreed > 0, f"{alone.agreed:,} decisions taken twice"),
        *(control for outcome in live.parts.outcomes for control in outcome.controls),
    ]
    findings = merge(found)
    return Review(
        run=info,
        sentence=sentence(matrix.entries, findings, listener.judged),
        roles=role_summaries(bench.population, bench.policy),
        classes=tuple(bench.policy.classes),
        entries=matrix.entries,
        exposure=alone.exposure,
        findings=tuple(findings),
        hazards=(*alone.hazards, *(hazard for outcome in live.parts.outcomes for hazard in outcome.hazards)),
        not_examined=tuple(_gaps(options, live, matrix.gaps, unproven, controls)),
        controls=tuple(controls),
        parts=(_reckoned(alone, bench), *(outcome.summary for outcome in live.parts.outcomes)),
        cells=len(cells),
        cells_unproven=unproven,
        underreach=listener.underreach,
        fail_on=options.fail_on,
        notes=(*_bounds(matrix), *NOTES),
        exact=alone.exact,
        load=live.parts.under_load,
    )


def _reckoned(alone: Reckoning, bench: Bench) -> PartSummary:
    pairs = bench.population.users_count * bench.population.children_count
    figures = (("pairs decided", f"{pairs:,}"), ("cells", f"{len(bench.grid.cells()):,}"))
    return PartSummary(Part.REACH, ran=True, seconds=alone.seconds, figures=figures)


def _gaps(
    options: Options, live: Live, matrix: Sequence[NotExamined], unproven: int, controls: Sequence[Control]
) -> Iterable[NotExamined]:
    yield from matrix
    for outcome in live.parts.outcomes:
        yield from outcome.not_examined
    for part in OPTIONAL:
        if part not in options.parts:
            yield NotExamined(part, f"the {part.value} part", "left out on the command line", 1, blocking=True)
    if unproven and Part.SWEEP in options.parts:
        yield NotExamined(Part.SWEEP, "cells", "no whole answer about any of their pairs", unproven)
    reasons: Counter[tuple[Part, str]] = live.listener.reasons
    for (part, why), count in sorted(reasons.items()):
        yield NotExamined(part, "answers", why, count)
    for control in controls:
        if not control.passed:
            yield NotExamined(Part.REACH, f"control: {control.name}", control.detail, 1, blocking=True)


def _bounds(matrix: Matrix) -> Iterable[str]:
    """How much could hide in what was not drawn, at worst, where it matters most."""
    bounds = [
        entry.bound
        for entry in matrix.entries
        if entry.bound is not None and entry.facet in LOCATING and entry.record_class in GUARDED and not entry.failures
    ]
    if bounds:
        yield (
            f"Of whereabouts and contacts of shielded or out-of-area children, no entry of the matrix could disclose"
            f" more than {max(bounds):.1%} of the pairs it denies (95 %, one entry at a time)."
        )


def run_info(  # noqa: PLR0913, PLR0917 - what it takes to see a run again is many things
    options: Options, bench: Bench, run_id: str, began: dt.datetime, seconds: float, url: str
) -> RunInfo:
    """What it takes to see the run again."""
    population = bench.population
    shape = population.shape
    shielded = f"SELECT count(*) FROM ({shape.children}) WHERE {shape.child_facts.get(SHIELDED, 'false')}"  # noqa: S608 - the recipe's own SQL
    areas = f"SELECT count(DISTINCT area) FROM ({shape.areas})"  # noqa: S608 - the recipe's own SQL
    counts = population.query(f"SELECT ({shielded}) AS shielded, ({areas}) AS authorities").to_pylist()[0]
    return RunInfo(
        run_id=run_id,
        started=f"{began:%Y-%m-%dT%H:%M:%SZ}",
        seconds=seconds,
        command=options.command,
        version=version("overreach"),
        versions=(("python", platform.python_version()), *((name, version(name)) for name in LIBRARIES)),
        seed=options.seed,
        recipe=population.meta.recipe,
        as_of=str(population.meta.as_of),
        children=population.children_count,
        users=population.users_count,
        shielded=int(counts["shielded"]),
        authorities=int(counts["authorities"]),
        policy_digest=bench.policy.digest,
        population_digest=population.digest,
        switches=tuple(sorted(bench.policy.switches.items())),
        target=url,
    )
