"""What all hosts of a fleet must have alike, or they would judge by different measures."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from importlib.metadata import version

import orjson

from overreach.model.errors import OverreachError
from overreach.pack.config import Pack
from overreach.population.store import Population

CLOCKS_APART = 0.05
"""Seconds that the clocks of two hosts may differ, beside what the measurement leaves open: less than a beat."""
_REMEDIES = {
    "version": "install the master's version of Overreach there",
    "pack": "copy the master's pack there: pyproject.toml, scenarios/ and load/",
    "population": "copy the master's population folder there, and name it with --population",
}


def marks(pack: Pack, population: Population) -> dict[str, str]:
    """What -> a value that is the same on every host: the version, and digests of pack and population."""
    return {"version": version("overreach"), "pack": digest_of(pack), "population": population.digest}


def digest_of(pack: Pack) -> str:
    """SHA-256 over what a pack says of a load: its configuration, its policy, and what people do."""
    table = tomllib.loads((pack.root / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["overreach"]
    digest = hashlib.sha256(orjson.dumps(table, option=orjson.OPT_SORT_KEYS))
    for file in sorted([*pack.scenarios.glob("*.cedar*"), *(pack.root / "load").rglob("*.py")]):
        text = file.read_bytes()
        digest.update(f"{file.relative_to(pack.root)} {len(text)}\n".encode())
        digest.update(text)
    return digest.hexdigest()


def refuse_unlike(host: str, own: Mapping[str, str], told: Mapping[str, str]) -> None:
    """OverreachError names the first thing that a worker's host has and the master has not."""
    for what, value in own.items():
        other = told.get(what, "")
        if other != value:
            message = f"worker `{host}` has {what} `{other[:12]}`, and the master `{value[:12]}`"
            raise OverreachError(message, _REMEDIES[what])


def refuse_other_time(host: str, ahead: float, round_trip: float) -> None:
    """OverreachError where a worker's clock is too far from the master's: `ahead` seconds, as far as can be told."""
    if abs(ahead) > CLOCKS_APART + round_trip / 2:
        way = "ahead of" if ahead > 0 else "behind"
        message = f"the clock of worker `{host}` is `{abs(ahead):.3f}` seconds {way} the master's"
        raise OverreachError(message, "let both hosts set their clocks from the same source, for example by NTP")
