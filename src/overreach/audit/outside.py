"""Past the application: files of the target that hold readable canaries, as a part of an audit."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from overreach.audit.context import Context
from overreach.model.canary import LITERAL
from overreach.model.finding import BlastRadius, Finding, Hazard, NotExamined, Witness
from overreach.model.review import Control, PartOutcome, PartSummary
from overreach.model.terms import LOCATING, Facet, Kind, Part, Severity
from overreach.probe.outside import FileFinding, search_folder, self_test

HEAD = 4 * 1024 * 1024  # bytes of a live file looked at


def run_outside(context: Context) -> PartOutcome:
    """Search every file that the target keeps; a readable one beside the live database is a finding."""
    started = time.perf_counter()
    context.progress("outside: reading the target's files", 0, 1)
    population, workspace = context.bench.population, context.workspace
    live = context.bench.pack.target.live_files
    result = search_folder(population, workspace.running.folder, live)
    figures = (("files read", f"{result.files_read:,}"), ("bytes read", f"{result.bytes_read:,}"))
    return PartOutcome(
        PartSummary(Part.OUTSIDE, ran=True, seconds=time.perf_counter() - started, figures=figures),
        findings=tuple(_finding(context, file) for file in result.files),
        controls=(
            self_test(population),
            Control(
                "copies outside the application were looked at",
                result.files_read > 0,
                f"{result.files_read} beside the live database",
            ),
        ),
        not_examined=tuple(NotExamined(Part.OUTSIDE, path, reason, 1) for path, reason in result.unreadable),
        hazards=tuple(_hazards(context, result.ignored)),
    )


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


def _hazards(context: Context, live: tuple[str, ...]) -> Iterator[Hazard]:
    """The live database is no copy, but whoever holds it can read it: told once, if its first blocks are readable."""
    folder = context.workspace.running.folder
    shown = [name for name in live if _readable(folder / name)]
    if shown:
        yield Hazard(
            key="outside:live-database",
            title="whoever can read the files of the live database can read every record, past the rules for users",
            rule="R7",
            children=context.bench.population.children_count,
            users=0,
            example=f"records stand readable in {', '.join(shown)}",
        )


def _readable(file: Path) -> bool:
    with file.open("rb") as opened:
        return LITERAL.encode() in opened.read(HEAD).lower()


def _facets(context: Context, file: FileFinding) -> tuple[Facet, ...]:
    owners = context.bench.population.shape.token_owners
    found = {owners[kind].facet for kind, _ in file.tokens if kind in owners}
    return tuple(facet for facet in Facet if facet in found)


def _children(context: Context, file: FileFinding) -> int:
    """Children whose token of the rarest kind was found; every record has one of each kind that a file shows."""
    return min(context.bench.population.children_count, max(count for _, count in file.tokens))
