"""A baseline: the findings that somebody has looked at and accepted, for now."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from overreach.model.errors import EvidenceError
from overreach.model.finding import Finding
from overreach.model.terms import Severity
from overreach.report.storage import write_whole

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MEMBERS = {"key", "note", "until", "severity"}


@dataclass(frozen=True, slots=True)
class Known:
    """One accepted finding."""

    key: str
    note: str = ""
    until: date | None = None
    """Last day on which it counts as known; None for no end."""
    severity: Severity | None = None
    """Severity when it was accepted: the finding counts as new where it has become worse."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """What a baseline file says, with what in it cannot be used."""

    known: tuple[Known, ...]
    refused: tuple[str, ...]
    """One line for each entry that is of no known form; such an entry accepts nothing."""


def read_baseline(path: Path) -> Baseline:
    """The baseline in a file; EvidenceError where there is none or it is not a JSON list."""
    try:
        entries = json.loads(path.read_bytes())
    except FileNotFoundError:
        message = f"no baseline `{path}`"
        raise EvidenceError(message, f"write one with --update, or an empty one: echo '[]' > {path}") from None
    except OSError as error:
        message = f"baseline `{path}` cannot be read: {(error.strerror or str(error)).lower()}"
        raise EvidenceError(message, "name a readable file with --baseline") from error
    except (ValueError, RecursionError) as error:
        message = f"baseline `{path}` is not JSON"
        raise EvidenceError(message, "mend it, or write it anew with --update under another name") from error
    if not isinstance(entries, list):
        message = f"baseline `{path}` is not a list"
        raise EvidenceError(message, 'it holds a JSON list: [{"key": "...", "note": "...", "until": "2030-01-31"}]')
    return _read(entries)


def _read(entries: Sequence[object]) -> Baseline:
    known: dict[str, Known] = {}
    refused = []
    for place, entry in enumerate(entries, 1):
        try:
            one = _entry(entry)
        except ValueError as error:
            refused.append(f"entry {place}: {error}")
            continue
        if one.key in known:
            refused.append(f"entry {place}: `{one.key}` stands twice; the first counts")
        else:
            known[one.key] = one
    return Baseline(tuple(known.values()), tuple(refused))


def _entry(entry: object) -> Known:
    """One entry; ValueError says why it cannot be used."""
    members = {"key": entry} if isinstance(entry, str) else _members(entry)
    key, note, until, severity = (members.get(name) for name in ("key", "note", "until", "severity"))
    if not isinstance(key, str) or not key:
        why = "has no `key`"
    elif note is not None and not isinstance(note, str):
        why = "its `note` is no text"
    elif severity is not None and severity not in list(Severity):
        why = f"its `severity` is none of {', '.join(Severity)}"
    else:
        return Known(key, note or "", _date(until), None if severity is None else Severity(str(severity)))
    raise ValueError(why)


def _members(entry: object) -> Mapping[str, object]:
    if not isinstance(entry, dict):
        why = "is neither a key nor an object"
        raise ValueError(why)  # noqa: TRY004 - one kind of error for all misfits
    unknown = set(entry) - _MEMBERS
    if unknown:
        # A misspelt `until` must not turn into "for ever".
        why = f"has unknown members: {', '.join(sorted(unknown))}"
        raise ValueError(why)
    return entry


def _date(until: object) -> date | None:
    if until is None:
        return None
    if isinstance(until, str) and _DATE.fullmatch(until):
        with suppress(ValueError):
            return date.fromisoformat(until)
    why = "its `until` is no date such as `2030-01-31`"
    raise ValueError(why)


def write_baseline(path: Path, findings: Sequence[Finding], old: Baseline) -> None:
    """Write the findings of a run as a baseline; notes and dates of `old` are kept, an end is never moved."""
    kept = {known.key: known for known in old.known}
    entries = []
    for finding in sorted(findings, key=lambda one: one.key):
        before = kept.get(finding.key, Known(finding.key))
        entry: dict[str, str] = {"key": finding.key, "severity": finding.severity.value}
        entry["note"] = before.note or finding.title
        if before.until is not None:
            entry["until"] = before.until.isoformat()
        entries.append(entry)
    write_whole(path, (json.dumps(entries, indent=2, ensure_ascii=False) + "\n").encode("utf-8", "replace"))
