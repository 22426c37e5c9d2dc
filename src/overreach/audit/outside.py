"""Past the application: files of the target that hold readable canaries, as a part of an audit."""

from __future__ import annotations

import time
from fnmatch import fnmatch

from overreach.audit.context import Context
from overreach.model.finding import BlastRadius, Finding, Hazard, NotExamined, Witness
from overreach.model.review import Control, PartOutcome, PartSummary
from overreach.model.terms import LOCATING, Facet, Kind, Part, Severity
from overreach.probe.outside import FileFinding, search_folder, self_test


def run_outside(context: Context) -> PartOutcome:
    """Search every file that the target keeps; a readable one beside the live database is a finding."""
    started = time.perf_counter()
    context.progress("outside: reading the target's files", 0, 1)
    population, workspace = context.bench.population, context.workspace
    result = search_folder(population, workspace.running.folder)
    live = context.bench.pack.target.live_files
    copies = [file for file in result.files if not _is_live(file.path, live)]
    seen = result.files_read - sum(_is_live(path.name, live) for path in workspace.running.folder.iterdir())
    figures = (("files read", f"{result.files_read:,}"), ("bytes read", f"{result.bytes_read:,}"))
    return PartOutcome(
        PartSummary(Part.OUTSIDE, ran=True, seconds=time.perf_counter() - started, figures=figures),
        findings=tuple(_finding(context, file) for file in copies),
        controls=(
            self_test(population),
            Control("copies outside the application were looked at", seen > 0, f"{seen} beside the live database"),
        ),
        not_examined=tuple(NotExamined(Part.OUTSIDE, path, reason, 1) for path, reason in result.unreadable),
        hazards=tuple(_hazard(context, file) for file in result.files if _is_live(file.path, live)),
    )


def _is_live(path: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatch(path, pattern) for pattern in patterns)


def _finding(context: Context, file: FileFinding) -> Finding:
    population, owner = context.bench.population, file.example
    number = str(population.child_fields(owner.child)["number"])
    facets = _facets(context, file)
    return Finding(
        key=f"{Kind.ACCESS.value}:outside:{file.path}",
        kind=Kind.ACCESS,
        title=f"file {file.path} can be read without the application",
        rule="R7",
        severity=Severity.CRITICAL if set(facets) & LOCATING else Severity.HIGH,
        roles=("whoever holds the file",),
        facets=facets,
        subject=", ".join(facet.value.replace("_", " ") for facet in facets),
        parts=(Part.OUTSIDE,),
        witness=Witness(
            part=Part.OUTSIDE,
            summary=f"{owner.facet.value} of record {number} stands readable in {file.path}, {owner.where}",
            request=f"grep -a -i -o 'qxz[a-z0-9]*' {file.path} | head",
            answer=f"{sum(count for _, count in file.tokens):,} different canaries in {file.bytes_read:,} bytes",
            child=number,
        ),
        blast=BlastRadius(seen_children=_children(context, file), upto_children=population.children_count),
        remedy="encrypt copies with a key that is kept elsewhere, or do not make them",
    )


def _hazard(context: Context, file: FileFinding) -> Hazard:
    return Hazard(
        key=f"outside:{file.path}",
        title=f"the live database {file.path} holds whereabouts in clear: its operators can read them",
        rule="R7",
        children=_children(context, file),
        users=0,
        example=f"{sum(count for _, count in file.tokens):,} different canaries can be read in the file",
    )


def _facets(context: Context, file: FileFinding) -> tuple[Facet, ...]:
    owners = context.bench.population.shape.token_owners
    found = {owners[kind].facet for kind, _ in file.tokens if kind in owners}
    return tuple(facet for facet in Facet if facet in found)


def _children(context: Context, file: FileFinding) -> int:
    """Children whose token of the rarest kind was found; every record has one of each kind that a file shows."""
    return min(context.bench.population.children_count, max(count for _, count in file.tokens))
