"""Each overreach that a load met, read again from what its processes noted of it."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from overreach.load import record
from overreach.model.underload import Beside, Sighting

LISTED = 200
"""Told one by one; the files hold all of them."""
NAMED = 5
"""Requests named of those that were under way beside each."""


def sightings(folder: Path, began: float) -> tuple[tuple[Sighting, ...], int]:
    """The first of them in order of time, and how many more there are; `began` is in seconds since the epoch.

    What a killed process left half written is not read.
    """
    count = 0

    def counted() -> Iterator[tuple[float, str, dict[str, Any]]]:
        nonlocal count
        for file in record.files(folder, record.NEIGHBOURS):
            for noted in _lines(file):
                count += 1
                yield noted["time"] + noted["seconds"], noted["request"]["request_id"], noted

    first = heapq.nsmallest(LISTED, counted(), key=lambda each: each[:2])
    return tuple(_sighting(noted, ended - began) for ended, _, noted in first), count - len(first)


def _lines(file: Path) -> Iterator[dict[str, Any]]:
    with file.open("rb") as lines:
        for line in lines:
            try:
                yield orjson.loads(line)
            except orjson.JSONDecodeError:
                return


def _sighting(noted: dict[str, Any], at: float) -> Sighting:
    request, beside = noted["request"], noted["neighbours"]
    named = (Beside(each["request_id"], each["operation"], each["user"], each["child"]) for each in beside[:NAMED])
    return Sighting(
        at=at,
        request_id=request["request_id"],
        request=f"{request['method']} {request['path']}",
        user=noted["user"],
        role=noted.get("role", ""),
        child=noted["child"],
        classes=tuple(noted.get("classes", ())),
        causes=tuple(noted["causes"]),
        under_way=len(beside),
        beside=tuple(named),
    )
