"""A kept load, small and made without chance: what `overreach load --out` leaves, no two figures alike."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

BEGAN = 1_242_600_000
ROLES = ("head_teacher", "general_practitioner", "police_employee")
OPERATIONS = ("search by name", "view")
UP_AT = 4.25


def document() -> dict[str, Any]:
    """What stands in `load.json`: 1,234 users, twelve seconds, three overreach, a log that lacks two rows."""
    latency = {role: _latencies(place) for place, role in enumerate(ROLES)}
    return {
        "users": 1234,
        "wanted": 1240,
        "requests": 5432,
        "rate": 497.3,
        "processes": 2,
        "bytes_per_user": 15_360.0,
        "spawn_seconds": 4.1,
        "late": 0.0173,
        "heartbeats_missed": 1,
        "throttled": 17,
        "refused": 6,
        "verdicts": {"held": 5377, "overreach": 3, "underreach": 41, "breach": 0, "unproven": 11},
        "began": BEGAN,
        "up_at": UP_AT,
        "latency": {role: dict(operations) for role, operations in latency.items()},
        "answered": {role: {name: 100 * place + len(name) for name in OPERATIONS} for place, role in enumerate(ROLES)},
        "operations": dict(_latencies(9)),
        "seconds": [second(at) for at in range(12) if at != 10],
        "people": [
            {"role": "head_teacher", "habit": "practitioner", "people": 611, "requests": 2701, "misusing": 0},
            {"role": "head_teacher", "habit": "curious_colleague", "people": 23, "requests": 99, "misusing": 19},
            {"role": "police_employee", "habit": "practitioner", "people": 600, "requests": 2632, "misusing": 0},
        ],
        "run": {
            "command": "overreach load --users 1240",
            "version": "0.1.0",
            "recipe": "small_england",
            "seed": 7,
            "children": 10_000,
            "members": 2_000,
            "started": "2009-05-18T00:00:00Z",
        },
        "log": {
            "requests": 5421, "rows": 5424, "missing": 2, "extra": 4, "wrong_user": 3, "incomplete": 7, "repeated": 1,
        },
        "watchers": {
            "people": 1234, "misusers": 19, "named": 13, "precision": 0.8125, "recall": 13 / 19, "honest_accused": 3,
            "habits": [
                watched("curious_colleague", "looks up the family", 23, 19, 13, [0.5, 8.25, 31.0], {"same_name": 15})
                | {"watched": 41.5},
                watched("practitioner", "", 1211, 0, 0, None, {"many_records": 3}) | {"accused": 3},
            ],
        },
    }  # fmt: skip


def second(at: int) -> dict[str, float]:
    """What happened in a second."""
    found = {"overreach": int(at in {6, 8}) + int(at == 8), "unproven": 11 * (at == 5), "throttled": 17 * (at == 3)}
    return {"second": at, "answers": 400 + 7 * at, **found, "p50": 0.011, "p95": 0.05 + at / 1000, "p99": 0.3}


def watched(  # noqa: PLR0913, PLR0917 - the columns of a table
    habit: str, misuse: str, people: int, began: int, named: int, seconds: list[float] | None, alerts: dict[str, int]
) -> dict[str, Any]:
    """One habit, as the watchers tell of it."""
    figures = {"people": people, "began": began, "named": named, "seconds": seconds, "alerts": alerts}
    return {"habit": habit, "misuse": misuse, "accused": 0, **figures}


def overreach(number: int, at: float, others: int = 2) -> dict[str, Any]:
    """An overreach as a process notes it, `at` seconds after the beginning."""
    return {
        "time": BEGAN + at - 0.02,
        "seconds": 0.02,
        "request": {"method": "POST", "path": "/children/view", "body": "{}", "request_id": f"load-{number}-1"},
        "user": number,
        "role": "head_teacher",
        "child": 77,
        "classes": ["shielded"],
        "causes": ["access:POST /children/view:shielded"],
        "neighbours": [
            {"request_id": f"load-{other}-1", "operation": "view", "user": other, "child": 5, "time": BEGAN + at}
            for other in range(900, 900 + others)
        ],
    }


FOUND = (overreach(11, 8.7, others=7), overreach(12, 6.25), overreach(13, 8.9))


def keep_in(folder: Path, value: dict[str, Any] | None = None, found: tuple[dict[str, Any], ...] = FOUND) -> Path:
    """Leave a record in a folder, the overreach in the files of two processes."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "load.json").write_text(json.dumps(document() if value is None else value))
    for part in (0, 1):
        lines = "".join(json.dumps(each) + "\n" for each in found[part::2])
        (folder / f"overreach-{part}.jsonl").write_text(lines)
    return folder


def _latencies(place: int) -> dict[str, list[float]]:
    return {
        name: [0.010 + place / 1000, 0.040 + place / 1000 + turn / 100, 0.200 + place / 1000]
        for turn, name in enumerate(OPERATIONS)
    }
