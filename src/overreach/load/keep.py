"""Keeping the record of a load: what a picture, a comparison with the log or with alerts is made from later."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

import orjson

from overreach.load import record
from overreach.load.conclude import LoadResult
from overreach.load.timeline import Moment
from overreach.model.errors import OverreachError

WHOLE = "load.json"
PAGE = "load.html"
"""The page beside it."""
KEPT = (
    record.ANSWERS,
    record.PEOPLE,
    record.NEIGHBOURS,
    record.OBSERVATIONS,
    record.CHANGES,
    record.LOST,
    record.SETTLED,
)


def keep(load: LoadResult, out: Path) -> None:
    """Copy the files of all processes into a folder, which is made, and write `load.json`, not marked as whole yet.

    OverreachError where that cannot be done; what an earlier load left there is gone then.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        # An earlier load may have had more processes, and its figures are not those of the files that come.
        for file in (out / WHOLE, out / PAGE, *(file for name in KEPT for file in record.files(out, name))):
            file.unlink(missing_ok=True)
        for file in (file for name in KEPT for file in record.files(load.folder, name)):
            shutil.copy2(file, out / file.name)
        record.replace_json(out / WHOLE, {**figures(load), "whole": False})
    except OSError as error:
        message = f"the record cannot be kept in `{out}`: {(error.strerror or str(error)).lower()}"
        raise OverreachError(message, "make room, or give another folder with --out") from error


def add(out: Path, more: Mapping[str, object]) -> dict[str, object]:
    """Add to the `load.json` of a record what was known only later; all that it says then."""
    whole: dict[str, object] = {**orjson.loads((out / WHOLE).read_bytes()), **more}
    record.replace_json(out / WHOLE, whole)
    return whole


def figures(load: LoadResult) -> dict[str, object]:
    """The figures of a load as plain values; latencies in seconds under which 50, 95 and 99 % of the answers came."""
    return {
        "users": load.users,
        "wanted": load.wanted,
        "requests": load.requests,
        "rate": load.rate,
        "processes": load.processes,
        "workers": load.workers,
        "reassigned": load.reassigned,
        "bytes_per_user": load.bytes_per_user,
        "spawn_seconds": load.spawn_seconds,
        "late": load.late,
        "heartbeats_missed": load.heartbeats_missed,
        "throttled": load.throttled,
        "refused": load.refused,
        "verdicts": dict(load.verdicts),
        "began": load.began,
        "up_at": load.up_at,
        "latency": _nested({place: list(shares) for place, shares in load.latency.items()}),
        "answered": _nested(load.answered),
        "operations": {operation: list(shares) for (_, operation), shares in load.by_operation.items()},
        "not_examined": [[gap.what, gap.reason, gap.count] for gap in load.not_examined if gap.blocking],
        "seconds": [_second(second, moment) for second, moment in load.moments],
        "people": [
            {"role": role, "habit": habit, "people": people, "requests": requests, "misusing": misusing}
            for (role, habit), (people, requests, misusing) in load.people.items()
        ],
    }


def _nested(counted: Mapping[tuple[str, str], object]) -> dict[str, dict[str, object]]:
    nested: dict[str, dict[str, object]] = {}
    for (role, operation), value in counted.items():
        nested.setdefault(role, {})[operation] = value
    return nested


def _second(second: int, moment: Moment) -> dict[str, float]:
    latency = moment.latency
    counts = {"answers": moment.answers, "overreach": moment.overreach, "unproven": moment.unproven}
    shares = {"p50": latency.under(0.5), "p95": latency.under(0.95), "p99": latency.under(0.99)}
    return {"second": second, **counts, "throttled": moment.throttled, **shares}
