"""Bytes that are on the disk whole or not at all, under the name that a reader looks for."""

from __future__ import annotations

import os
import uuid
from pathlib import Path

SUFFIX = ".partial"
"""Ends the names under which files are written before they get their own."""


def place(data: bytes | memoryview, target: Path, work: Path) -> None:
    """Write a file in the folder `work` under a name that nobody else uses, then rename it to `target`.

    Both must be on one file system; OSError where the file cannot be written. Two processes may place the same file at
    once: the last one's stays. Nothing is flushed to the disk (`flush`).
    """
    temporary = work / f"{uuid.uuid4().hex}{SUFFIX}"
    try:
        with temporary.open("xb") as stream:
            stream.write(data)
        temporary.rename(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def flush(path: Path) -> None:
    """Return when a file's bytes, or a folder's names, are on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
