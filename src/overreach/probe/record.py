"""Observations as JSON lines and back: how parts that are processes of their own report."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import orjson

from overreach.model.decision import Claims
from overreach.model.probe import Disclosure, Observation, Probe, Request, Violation
from overreach.model.terms import Facet, Grade, Kind, Part, Rung, Verdict


def to_json(observation: Observation) -> dict[str, Any]:
    """An observation as plain values."""
    return asdict(observation)


def from_json(value: dict[str, Any]) -> Observation:
    """The observation of `to_json`; KeyError, TypeError or ValueError for anything else."""
    probe = value["probe"]
    return Observation(
        probe=Probe(
            part=Part(probe["part"]),
            operation=probe["operation"],
            user=probe["user"],
            role=probe["role"],
            child=probe["child"],
            rung=Rung(probe["rung"]),
            claims=Claims(**probe["claims"]),
            request=Request(**probe["request"]),
            by=tuple(Facet(facet) for facet in probe["by"]),
        ),
        status=value["status"],
        seconds=value["seconds"],
        disclosures=tuple(
            Disclosure(
                child=found["child"],
                facet=Facet(found["facet"]),
                grade=Grade(found["grade"]),
                where=found["where"],
                others=tuple(found["others"]),
            )
            for found in value["disclosures"]
        ),
        verdict=Verdict(value["verdict"]),
        why=value["why"],
        policies=tuple(value["policies"]),
        violations=tuple(_violation(violation) for violation in value["violations"]),
        hazards=tuple((Facet(facet), child) for facet, child in value["hazards"]),
    )


def _violation(value: dict[str, Any]) -> Violation:
    return Violation(
        kind=Kind(value["kind"]),
        place=value["place"],
        subject=value["subject"],
        record_class=value["record_class"],
        child=value["child"],
        facet=None if value["facet"] is None else Facet(value["facet"]),
        policies=tuple(value["policies"]),
        detail=value["detail"],
    )


def to_line(observation: Observation) -> bytes:
    """One line of JSON."""
    return orjson.dumps(observation, option=orjson.OPT_APPEND_NEWLINE)


def read_lines(file: Path) -> Iterator[Observation]:
    """The observations in a file of lines; a last line without its end was cut off by a kill and is left out."""
    with file.open("rb") as lines:
        for line in lines:
            if line.endswith(b"\n"):
                yield from_json(orjson.loads(line))
