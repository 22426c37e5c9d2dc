"""Reading a manifest: strictly, since whoever changed a run may have changed this too."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from overreach.model.errors import EvidenceError
from overreach.report.seal import FORMAT, MANIFEST, FileHash, manifest_bytes, root_of

#: No manifest of ours is larger; a larger one is not parsed.
MOST_BYTES = 16 << 20
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
    if len(data) > MOST_BYTES:
        raise _broken("is larger than any that sealing writes")
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        raise _broken("is not JSON") from None
    if not isinstance(document, dict) or set(document) != {"format", "run_id", "files", "root"}:
        raise _broken("has not the members `format`, `run_id`, `files`, `root`")
    if document["format"] != FORMAT:
        raise _broken(f"has a format other than `{FORMAT}`")
    if not isinstance(document["run_id"], str) or not isinstance(document["files"], dict):
        raise _broken("has members of the wrong kind")
    files = {name: _file(name, value) for name, value in document["files"].items()}
    manifest = Manifest(document["run_id"], files, root_of(document["run_id"], files))
    if document["root"] != manifest.root:
        raise _broken("has a root that does not fit its files")
    # Repeated members, other spacing and other orders all mean the same to a parser, and none of them is ours.
    if data != manifest_bytes(manifest.run_id, files):
        raise _broken("was written anew: its bytes are not those that sealing writes")
    return manifest


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
    if not is_plain_name(name):
        raise _broken(f"names `{name!a}`, which is no file below the run")
    if not isinstance(value, dict) or set(value) != {"sha256", "bytes"}:
        raise _broken(f"does not give hash and size of `{name!a}`")
    digest, size = value["sha256"], value["bytes"]
    if not isinstance(digest, str) or not _HEX.fullmatch(digest) or type(size) is not int or size < 0:
        raise _broken(f"does not give a hash and a size of `{name!a}`")
    return FileHash(digest, size)


def _broken(why: str) -> EvidenceError:
    return EvidenceError(f"{MANIFEST}: {why}", "the run was changed or damaged after it was sealed")
