"""Verifying a run offline: every file is there, none was added, and every byte is as it was sealed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from overreach.evidence.manifest import MOST_BYTES, Manifest, parse_manifest
from overreach.model.errors import EvidenceError
from overreach.model.review import Review
from overreach.report.folder import OBSERVATIONS, PARTIAL
from overreach.report.json_form import load
from overreach.report.seal import MANIFEST, FileHash, hash_file, name_of, walk
from overreach.report.write import HTML, JSON, JUNIT

_OURS = (MANIFEST, OBSERVATIONS, HTML, JSON, JUNIT)


@dataclass(frozen=True, slots=True)
class Verification:
    """What verifying a run found."""

    problems: tuple[str, ...]
    """One line each, beginning with the name of the file concerned; empty for a run as it was sealed."""
    files: int
    """How many files the manifest lists; 0 where it cannot be read."""
    root: str = ""
    """The root over all files, to compare with one noted elsewhere; empty where there are problems."""


def verify(run: Path) -> Verification:
    """Compare a run's folder with its manifest; whatever cannot be read is a problem, never passed over."""
    try:
        found = {name_of(entry, run): entry for entry in walk(run)}
        data = _manifest_data(found.pop(MANIFEST, None))
        manifest = parse_manifest(data)
    except EvidenceError as error:
        return Verification((error.message,), 0)
    except OSError as error:
        return Verification((f"{_shown(run.name)}: cannot be read: {error.strerror or error}",), 0)
    problems = tuple(_differences(manifest, found))
    return Verification(problems, len(manifest.files), "" if problems else manifest.root)


def require_run(run: Path) -> None:
    """EvidenceError where a folder is no run, or one that was never sealed."""
    if not run.is_dir():
        message = f"`{run}` is not a run folder"
        raise EvidenceError(message, "name a folder below reports/runs")
    if run.resolve().name.endswith(PARTIAL):
        message = f"run `{run}` was never sealed"
        raise EvidenceError(message, "it was interrupted; run the audit again")
    if not any(os.path.lexists(run / name) for name in _OURS):
        message = f"`{run}` is not a run folder: it holds no manifest and no report"
        raise EvidenceError(message, "name a folder below reports/runs")


def read_verified(run: Path) -> Review:
    """The review of a sealed run whose every file is as it was sealed; EvidenceError for any other."""
    require_run(run)
    checked = verify(run)
    if checked.problems:
        more = f" and {len(checked.problems) - 1} more" if len(checked.problems) > 1 else ""
        message = f"run `{run}` does not verify: {checked.problems[0]}{more}"
        raise EvidenceError(message, "run the audit again; a changed run is no evidence")
    try:
        data = (run / JSON).read_bytes()
    except OSError as error:
        message = f"run `{run}` holds no `{JSON}`"
        raise EvidenceError(message, "run the audit again") from error
    return load(data)


def _manifest_data(entry: os.DirEntry[str] | None) -> bytes:
    if entry is None or not entry.is_file(follow_symlinks=False):
        message = f"{MANIFEST}: {'missing' if entry is None else 'not a regular file'}"
        raise EvidenceError(message, "the run was never sealed, or was changed")
    with Path(entry.path).open("rb") as stream:
        return stream.read(MOST_BYTES + 1)


def _differences(manifest: Manifest, found: dict[str, os.DirEntry[str]]) -> Iterator[str]:
    for name in sorted(set(manifest.files) | set(found), key=os.fsencode):
        if name not in found:
            yield f"{_shown(name)}: missing"
        elif name not in manifest.files:
            yield f"{_shown(name)}: not in the manifest"
        else:
            yield from _difference(name, found[name], manifest.files[name])


def _difference(name: str, entry: os.DirEntry[str], sealed: FileHash) -> Iterator[str]:
    if not entry.is_file(follow_symlinks=False):
        yield f"{_shown(name)}: not a regular file"
        return
    try:
        seen = hash_file(Path(entry.path))
    except OSError as error:
        yield f"{_shown(name)}: cannot be read: {error.strerror or error}"
        return
    if seen != sealed:
        size = "" if seen.size == sealed.size else f" ({sealed.size:,} bytes when sealed, {seen.size:,} now)"
        yield f"{_shown(name)}: changed{size}"


def _shown(name: str) -> str:
    """A file's name on one line, whatever it is made of."""
    return name if name.isprintable() else ascii(name)
