"""Each overreach that a load met: what is noted of it, and how that is read again."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from overreach.load import record
from overreach.model.probe import Observation
from overreach.model.underload import Beside, Sighting

LISTED = 200
"""Told one by one; the files hold all of them."""
NAMED = 5
"""Requests named of those that were under way beside each."""


class Neighbour(NamedTuple):
    """A request that was under way at the same moment."""

    request_id: str
    operation: str
    user: int
    child: int | None
    time: float
    """When it was sent, in seconds since the epoch."""


def noted(observation: Observation, sent: float, neighbours: Iterable[Neighbour]) -> bytes:
    """A line of `record.NEIGHBOURS`: an overreach, when it was asked for, and what was under way beside it."""
    probe = observation.probe
    value = {
        "time": sent,
        "seconds": observation.seconds,
        "request": probe.request,
        "user": probe.user,
        "role": probe.role,
        "child": probe.child,
        "classes": sorted({violation.record_class for violation in observation.violations}),
        "causes": sorted({violation.cause for violation in observation.violations}),
        "neighbours": [each._asdict() for each in neighbours],
    }
    return orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE)


def sightings(folder: Path, began: float) -> tuple[tuple[Sighting, ...], int]:
    """The first of them in order of time, and how many more there are; `began` is in seconds since the epoch.

    What a killed process left half written is not read.
    """
    count = 0

    def counted() -> Iterator[tuple[float, str, dict[str, Any]]]:
        nonlocal count
        for file in record.files(folder, record.NEIGHBOURS):
            for line in _lines(file):
                count += 1
                yield line["time"] + line["seconds"], line["request"]["request_id"], line

    first = heapq.nsmallest(LISTED, counted(), key=lambda each: each[:2])
    return tuple(_sighting(line, ended - began) for ended, _, line in first), count - len(first)


def _lines(file: Path) -> Iterator[dict[str, Any]]:
    with file.open("rb") as lines:
        for line in lines:
            try:
                yield orjson.loads(line)
            except orjson.JSONDecodeError:
                return


def _sighting(line: dict[str, Any], at: float) -> Sighting:
    request = line["request"]
    # Whatever is about the same record or of the same user is the likelier other half.
    beside = sorted(
        line["neighbours"], key=lambda each: each["child"] != line["child"] and each["user"] != line["user"]
    )
    named = (Beside(each["request_id"], each["operation"], each["user"], each["child"]) for each in beside[:NAMED])
    return Sighting(
        at=at,
        request_id=request["request_id"],
        request=f"{request['method']} {request['path']}",
        user=line["user"],
        role=line.get("role", ""),
        child=line["child"],
        classes=tuple(line.get("classes", ())),
        causes=tuple(line["causes"]),
        under_way=len(beside),
        beside=tuple(named),
    )
