"""The files in which the watching process reports: observations, leaks, and at its end one summary."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import orjson

from overreach.model.terms import Facet, Severity

OBSERVATIONS = "observations.jsonl"
LEAKS = "leaks.jsonl"
SUMMARY = "summary.json"
READY = "ready.json"

#: Reason for a request whose answer never came whole: the target's or the client's doing, not the watcher's.
BROKEN = "connection broken"


def folder_of(results: str) -> Path:
    """Where the wire part reports, in the folder of a session."""
    return Path(results) / "wire"


@dataclass(frozen=True, slots=True)
class LeakRecord:
    """One exchange that broke a rule of the wire."""

    rule: str
    title: str
    breaks: str
    severity: Severity
    remedy: str
    place: str
    """Method and path template."""
    user: int | None
    role: str
    username: str
    children: tuple[int, ...]
    number: str
    """Record number of the first child; empty for none."""
    facets: tuple[Facet, ...]
    detail: str
    request: str
    """A command that repeats it."""


@dataclass(slots=True)
class Summary:
    """What the watching process did; without it the part is unproven."""

    flows: int = 0
    """Requests that came."""
    judged: int = 0
    failed: int = 0
    """Requests that were not judged: no whole answer, or an error of the watcher's own."""
    strangers: int = 0
    """Judged exchanges without a session of this run."""
    permitted: int = 0
    """Answers in which something was disclosed and all of it was permitted."""
    reasons: dict[str, int] = field(default_factory=dict)
    """Why requests were not judged -> how many."""
    stopped: str = ""
    """Why the run must stop; empty where it need not."""

    def fail(self, reason: str) -> None:
        """Count a request that was not judged."""
        self.failed += 1
        self.reasons[reason] = self.reasons.get(reason, 0) + 1


def to_line(value: LeakRecord) -> bytes:
    """One line of JSON."""
    return orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE)


def read_leaks(file: Path) -> Iterator[LeakRecord]:
    """The leaks in a file of lines; none where there is no file."""
    if file.exists():
        with file.open("rb") as lines:
            for line in lines:
                if line.endswith(b"\n"):
                    yield _leak(orjson.loads(line))


def _leak(value: Mapping[str, Any]) -> LeakRecord:
    return LeakRecord(
        **{
            **value,
            "severity": Severity(value["severity"]),
            "children": tuple(value["children"]),
            "facets": tuple(Facet(facet) for facet in value["facets"]),
        }
    )


def write_summary(folder: Path, summary: Summary) -> None:
    """Write the summary in one step: there is a whole one or none."""
    part = folder / f"{SUMMARY}.part"
    part.write_bytes(orjson.dumps(asdict(summary)))
    part.replace(folder / SUMMARY)


def read_summary(folder: Path) -> Summary | None:
    """The summary; None where the process did not come to its end."""
    try:
        return Summary(**orjson.loads((folder / SUMMARY).read_bytes()))
    except (OSError, orjson.JSONDecodeError, TypeError):
        return None
