"""The manifest of a run's folder: a hash for every file, and one root over all of them.

This side writes; `overreach.evidence` reads and judges. The root is the SHA-256 of the lines of `root_lines`:
one value, noted elsewhere, fixes the whole folder. A manifest is no signature: whoever can rewrite the folder
can rewrite it too, which is why `overreach verify` prints the root.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

MANIFEST = "manifest.json"
FORMAT = "overreach-run/1"
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class FileHash:
    """What the manifest says of one file."""

    sha256: str
    """Lower-case hex."""
    size: int
    """Bytes."""


def hash_file(path: Path) -> FileHash:
    """Hash and size of a regular file; a symbolic link is never followed (OSError)."""
    digest, size = hashlib.sha256(), 0
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
    return FileHash(digest.hexdigest(), size)


def walk(folder: Path) -> Iterator[os.DirEntry[str]]:
    """Everything below a folder that is not a plain sub-folder; links are yielded, never followed."""
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda one: os.fsencode(one.name)):
            if entry.is_dir(follow_symlinks=False):
                yield from walk(Path(entry.path))
            else:
                yield entry


def name_of(entry: os.DirEntry[str], folder: Path) -> str:
    """A file's name in the manifest: its path below the folder, with forward slashes."""
    return Path(entry.path).relative_to(folder).as_posix()


def root_lines(run_id: str, files: Mapping[str, FileHash]) -> list[str]:
    """The lines that the root is made over: format and run first, then one a file in order of name."""
    names = sorted(files, key=os.fsencode)
    return [
        f"format {FORMAT}",
        f"run {json.dumps(run_id)}",
        *(f"{files[name].sha256} {files[name].size} {json.dumps(name)}" for name in names),
    ]


def root_of(run_id: str, files: Mapping[str, FileHash]) -> str:
    """SHA-256 over the root lines, each ended by a line feed; lower-case hex."""
    text = "".join(f"{line}\n" for line in root_lines(run_id, files))
    return hashlib.sha256(text.encode()).hexdigest()


def manifest_bytes(run_id: str, files: Mapping[str, FileHash]) -> bytes:
    """The one form of a manifest: what was parsed must give the same bytes again, else it was changed."""
    names = sorted(files, key=os.fsencode)
    document = {
        "format": FORMAT,
        "run_id": run_id,
        "files": {name: {"sha256": files[name].sha256, "bytes": files[name].size} for name in names},
        "root": root_of(run_id, files),
    }
    return (json.dumps(document, indent=1) + "\n").encode()


def hash_folder(folder: Path) -> dict[str, FileHash]:
    """Hashes of every file below a folder but its manifest; OSError where something is no regular file."""
    hashes = {}
    for entry in walk(folder):
        name = name_of(entry, folder)
        if name == MANIFEST:
            continue
        if not entry.is_file(follow_symlinks=False):
            message = f"not a regular file: {name}"
            raise OSError(message)
        hashes[name] = hash_file(Path(entry.path))
    return hashes
