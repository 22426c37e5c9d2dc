"""Reading a manifest: strictly, since whoever changed a run may have changed this too."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from overreach.model.errors import EvidenceError
from overreach.report.seal import FORMAT, MANIFEST, FileHash, manifest_bytes, root_of

#: No manifest of ours is larger; a larger one is not parsed.
MOST_BYTES = 16 << 20
_MEMBERS = {"format", "run_id", "files", "root"}
_HEX = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a sealed run says of itself."""

    run_id: str
    files: Mapping[str, FileHash]
    root: str
    """SHA-256 over the root lines: one value that fixes the whole run."""


def parse_manifest(data: bytes) -> Manifest:
    """The manifest in these bytes; EvidenceError where they are not exactly what sealing writes."""
    _require(len(data) <= MOST_BYTES, "is larger than any that sealing writes")
    document = _parsed(data)
    _require(isinstance(document, dict) and set(document) == _MEMBERS, "has other members than sealing writes")
    _require(document["format"] == FORMAT, f"has a format other than `{FORMAT}`")
    run_id, listed = document["run_id"], document["files"]
    _require(isinstance(run_id, str) and isinstance(listed, dict), "has members of the wrong kind")
    files = {name: _file(name, value) for name, value in listed.items()}
    root = root_of(run_id, files)
    _require(document["root"] == root, "has a root that does not fit its files")
    # Repeated members, other spacing and other orders mean the same to a parser, and none of them is ours.
    _require(data == manifest_bytes(run_id, files), "was written anew: its bytes are not those of sealing")
    return Manifest(run_id, files, root)


def _parsed(data: bytes) -> Any:  # noqa: ANN401 - whatever the JSON is
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        why = "is not JSON"
        raise _broken(why) from None


def is_plain_name(name: str) -> bool:
    """Whether a name stays below the folder it is joined to, wherever it is read."""
    parts = PurePosixPath(name).parts
    return (
        bool(name)
        and "\\" not in name
        and "\0" not in name
        and not name.startswith("/")
        and ".." not in parts
        and PurePosixPath(*parts).as_posix() == name
        and name not in {".", MANIFEST}
    )


def _file(name: str, value: object) -> FileHash:
    _require(is_plain_name(name), f"names `{name!a}`, which is no file below the run")
    digest, size = (value.get("sha256"), value.get("bytes")) if isinstance(value, dict) else (None, None)
    if isinstance(digest, str) and _HEX.fullmatch(digest) and type(size) is int and size >= 0:
        return FileHash(digest, size)
    why = f"does not give a hash and a size of `{name!a}`"
    raise _broken(why)


def _require(condition: bool, why: str) -> None:  # noqa: FBT001 - reads as a sentence where it is called
    if not condition:
        raise _broken(why)


def _broken(why: str) -> EvidenceError:
    return EvidenceError(f"{MANIFEST}: {why}", "the run was changed or damaged after it was sealed")
