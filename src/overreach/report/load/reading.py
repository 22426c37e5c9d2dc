"""A kept load, read again: `load.json` and the files beside it, as `overreach load --out` leaves them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

import orjson

from overreach.load.keep import WHOLE
from overreach.load.sightings import sightings
from overreach.model.errors import OverreachError
from overreach.model.underload import (
    Defect,
    Latency,
    Ledger,
    LoadRun,
    Second,
    Simulated,
    UnderLoad,
    Watched,
    Watchers,
)

_BOOKS = ("requests", "rows", "missing", "extra", "wrong_user", "incomplete", "repeated")
_UNKNOWN: Mapping[str, object] = {
    "command": "",
    "version": "",
    "recipe": "",
    "seed": 0,
    "children": 0,
    "members": 0,
    "started": "",
}


def read(folder: Path) -> UnderLoad:
    """The load kept in a folder; OverreachError where there is none, or one of another form."""
    try:
        document = orjson.loads((folder / WHOLE).read_bytes())
    except (OSError, orjson.JSONDecodeError) as error:
        message = f"`{folder}` holds no record of a load: {error}"
        raise OverreachError(message, "name a folder that `overreach load --out` has written") from error
    if isinstance(document, dict) and not document.get("whole", True):
        message = f"the load in `{folder}` was broken off before all of it was judged"
        raise OverreachError(message, "run it again with --out")
    return under_load(document, folder)


def under_load(document: Mapping[str, Any], folder: Path) -> UnderLoad:
    """What a document of the form of `load.json` says; `folder` holds the files of the processes.

    `run`, `log` and `watchers` may be missing. OverreachError for a document of another form.
    """
    try:
        return _under_load(document, folder)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        message = f"`{WHOLE}` in `{folder}` is not of the form that this version writes: {error!r}"
        raise OverreachError(message, "use the version of overreach that wrote it, or run the load again") from error


def _under_load(document: Mapping[str, Any], folder: Path) -> UnderLoad:
    seen, left_out = sightings(folder, float(document["began"]))
    log, watchers = document.get("log"), document.get("watchers")
    same = ("users", "wanted", "requests", "rate", "up_at", "processes", "bytes_per_user", "spawn_seconds", "late")
    counts = ("heartbeats_missed", "throttled", "refused")
    return UnderLoad(
        **{name: document[name] for name in (*same, *counts)},
        run=LoadRun(**cast("dict[str, Any]", {**_UNKNOWN, **document.get("run", {})})),
        verdicts=tuple(document["verdicts"].items()),
        latency=tuple(_latency(document)),
        seconds=tuple(Second(**second) for second in document["seconds"]),
        sightings=seen,
        sightings_left_out=left_out,
        people=tuple(Simulated(**each) for each in document["people"]),
        log=None if log is None else Ledger(**{name: log[name] for name in _BOOKS}, unproven=log.get("unproven", 0)),
        watchers=None if watchers is None else _watchers(watchers),
        not_examined=tuple((what, why, count) for what, why, count in document.get("not_examined", ())),
        findings=tuple(Defect(**each) for each in document.get("findings", ())),
        events=tuple(document.get("events", {}).items()),
    )


def _latency(document: Mapping[str, Any]) -> Iterator[Latency]:
    answered: Mapping[str, Mapping[str, int]] = document["answered"]
    for operation, shares in document["operations"].items():
        total = sum(of_role.get(operation, 0) for of_role in answered.values())
        yield Latency("", operation, total, *shares)
        for role, of_role in document["latency"].items():
            if operation in of_role:
                yield Latency(role, operation, answered[role][operation], *of_role[operation])


def _watchers(value: Mapping[str, Any]) -> Watchers:
    figures = {name: value[name] for name in Watchers.__slots__ if name != "habits"}
    return Watchers(**figures, habits=tuple(_watched(habit) for habit in value["habits"]))


def _watched(value: Mapping[str, Any]) -> Watched:
    least_median_most, alerts = value["seconds"], value["alerts"]
    return Watched(
        **{name: value[name] for name in ("habit", "misuse", "people", "began", "named")},
        accused=value.get("accused", 0 if value["misuse"] else value["named"]),
        watched=value.get("watched"),
        seconds=None if least_median_most is None else tuple(least_median_most),
        alerts=tuple(sorted(alerts.items())),
    )
